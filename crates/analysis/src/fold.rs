//! Text folded for matching: lower case, with each run of white space, `_` and `-` read as one blank.
//!
//! Folding never changes where words begin and end, so a search index that splits words at anything
//! that is not a letter or digit finds a superset of what a watch matches.

/// Folded text together with the way back to the original's characters.
pub(crate) struct Folded {
    pub text: String,
    /// Where bytes and characters do not run alongside: the original's character index of each byte of
    /// `text`.
    chars: Option<Vec<u32>>,
}

impl Folded {
    pub fn new(original: &str) -> Self {
        if let Some(text) = fold_plain(original) {
            return Self { text, chars: None };
        }
        let mut text = String::with_capacity(original.len());
        let mut chars = Vec::with_capacity(original.len() + 1);
        for (index, c) in original.chars().enumerate() {
            let before = text.len();
            if is_blank(c) {
                if !text.ends_with(' ') {
                    text.push(' ');
                }
            } else {
                push_folded(&mut text, c);
            }
            let index = u32::try_from(index).unwrap_or(u32::MAX);
            chars.resize(chars.len() + text.len() - before, index);
        }
        Self {
            text,
            chars: Some(chars),
        }
    }

    /// The original's character range, half open, of a non-empty byte range of the folded text.
    pub fn char_range(&self, start: usize, end: usize) -> (u32, u32) {
        match &self.chars {
            None => (
                u32::try_from(start).unwrap_or(u32::MAX),
                u32::try_from(end).unwrap_or(u32::MAX),
            ),
            Some(chars) => (chars[start], chars[end - 1] + 1),
        }
    }
}

/// A term folded like text, with runs of blanks made one and none at its ends.
pub(crate) fn fold_term(term: &str) -> String {
    Folded::new(term)
        .text
        .split(' ')
        .filter(|w| !w.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// The beginning of a text, of at most so many bytes and of whole characters.
pub(crate) fn cut(text: &str, most_bytes: usize) -> &str {
    let end = (0..=most_bytes.min(text.len()))
        .rev()
        .find(|at| text.is_char_boundary(*at));
    &text[..end.unwrap_or(0)]
}

/// A character as it is in folded text.
pub(crate) fn fold_char(c: char) -> String {
    let mut text = String::new();
    if is_blank(c) {
        text.push(' ');
    } else {
        push_folded(&mut text, c);
    }
    text
}

/// The long s is the one character that matches an ASCII letter without regard to case and is not made it.
fn push_folded(text: &mut String, c: char) {
    match c {
        '\u{17f}' => text.push('s'),
        _ => text.extend(c.to_lowercase()),
    }
}

/// ASCII without two blanks together, in which every character keeps its place.
fn fold_plain(original: &str) -> Option<String> {
    if !original.is_ascii() {
        return None;
    }
    let mut bytes = original.as_bytes().to_ascii_lowercase();
    let mut after_blank = false;
    for b in &mut bytes {
        let blank = matches!(b, b'\t'..=b'\r' | b' ' | b'_' | b'-');
        if blank && after_blank {
            return None;
        }
        if blank {
            *b = b' ';
        }
        after_blank = blank;
    }
    String::from_utf8(bytes).ok()
}

fn is_blank(c: char) -> bool {
    c.is_whitespace() || c == '_' || c == '-' || c == '\u{2010}' || c == '\u{2011}'
}

//! The text that the readers of indicators look at: bytes, with what lies around a place.

use super::refang::Whole;

/// A text without marks.
#[derive(Clone, Copy)]
pub(super) struct Text<'a> {
    pub text: &'a str,
    pub bytes: &'a [u8],
    whole: &'a Whole<'a>,
}

/// Something found: its bytes in the text without marks, and its value; without a value it is read but not kept.
pub(super) struct Hit {
    pub kind: super::IndicatorKind,
    pub start: usize,
    pub end: usize,
    pub value: String,
}

impl Hit {
    /// With the text as it stands for value.
    pub fn of(t: Text, kind: super::IndicatorKind, start: usize, end: usize) -> Self {
        Self {
            kind,
            start,
            end,
            value: t.text[start..end].to_string(),
        }
    }
}

impl<'a> Text<'a> {
    pub fn new(whole: &'a Whole<'a>) -> Self {
        Self {
            text: &whole.text,
            bytes: whole.text.as_bytes(),
            whole,
        }
    }

    /// Whether marks were taken out of a range.
    pub fn is_marked(self, start: usize, end: usize) -> bool {
        self.whole.is_marked(start, end)
    }

    pub fn len(self) -> usize {
        self.bytes.len()
    }

    /// The byte at a place; a line's end outside.
    pub fn get(self, i: usize) -> u8 {
        self.bytes.get(i).copied().unwrap_or(b'\n')
    }

    /// The byte before a place; a line's end outside.
    pub fn before(self, i: usize) -> u8 {
        if i == 0 { b'\n' } else { self.bytes[i - 1] }
    }

    pub fn is_alnum(self, i: usize) -> bool {
        self.get(i).is_ascii_alphanumeric()
    }

    pub fn starts(self, i: usize, with: &[u8]) -> bool {
        self.bytes
            .get(i..)
            .is_some_and(|rest| rest.starts_with(with))
    }

    /// Whether a word goes on at a place: letters of any script count.
    pub fn is_word(self, i: usize) -> bool {
        self.is_alnum(i) || self.get(i) == b'_' || letter_at(self, i).is_some()
    }

    /// The end of the run of bytes that a test holds for.
    pub fn run(self, from: usize, is_in: impl Fn(u8) -> bool) -> usize {
        let from = from.min(self.len());
        let rest = &self.bytes[from..];
        from + rest.iter().position(|b| !is_in(*b)).unwrap_or(rest.len())
    }

    /// The words before a place, nearest first, in lower case, within 48 bytes.
    pub fn words_before(self, end: usize) -> impl Iterator<Item = &'a str> {
        let mut least = end.saturating_sub(48);
        while !self.text.is_char_boundary(least) {
            least += 1;
        }
        self.text[least..end]
            .rsplit(|c: char| c.is_whitespace())
            .filter(|w| !w.is_empty())
    }

    /// What follows a place, up to 24 bytes.
    pub fn behind(self, from: usize) -> &'a str {
        let mut end = self.len().min(from + 24);
        while !self.text.is_char_boundary(end) {
            end -= 1;
        }
        &self.text[from..end]
    }
}

/// The letter at a place that is not ASCII but may stand in a name, and its length. Scripts that write no blanks between words
/// are left out: there a name ends where they begin.
pub(super) fn letter_at(t: Text, i: usize) -> Option<usize> {
    if t.get(i) < 0x80 {
        return None;
    }
    let c = t.text.get(i..)?.chars().next()?;
    is_name_letter(c).then(|| c.len_utf8())
}

/// Latin, Greek, Cyrillic, Armenian, Hebrew, Arabic and the scripts of India.
fn is_name_letter(c: char) -> bool {
    matches!(c, '\u{c0}'..='\u{24f}' | '\u{370}'..='\u{6ff}' | '\u{900}'..='\u{dff}' | '\u{1e00}'..='\u{1fff}')
        && c.is_alphanumeric()
}

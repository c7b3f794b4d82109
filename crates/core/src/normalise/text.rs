//! Plain text made safe and even: no control characters, nothing invisible that could hide or reorder
//! words (bidirectional overrides, zero-width characters, tag characters), white space collapsed.

/// Whether a character shows nothing and may only mislead.
fn is_hidden(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{180e}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
        | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{e0000}'..='\u{e007f}')
        || (c.is_control() && !c.is_whitespace())
}

fn is_line_end(c: char) -> bool {
    matches!(
        c,
        '\n' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}'
    )
}

/// Whether a text is one line that is even already: printable ASCII, one blank between words. Most
/// texts are, and need no copy.
pub(super) fn is_even(text: &str) -> bool {
    let mut blank = true;
    for b in text.bytes() {
        match b {
            b'!'..=b'~' => blank = false,
            b' ' if !blank => blank = true,
            _ => return false,
        }
    }
    !blank || text.is_empty()
}

/// [`line`] of a text that is even already in most cases.
pub(super) fn into_line(text: String) -> String {
    if is_even(&text) { text } else { line(&text) }
}

/// [`paragraphs`] of a text that is even already in most cases.
pub(super) fn into_paragraphs(text: String) -> String {
    if is_even(&text) {
        text
    } else {
        paragraphs(&text)
    }
}

/// One line: every run of white space is one blank, none at the ends.
pub(super) fn line(text: &str) -> String {
    if is_even(text) {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    let mut blank = false;
    for c in text.chars() {
        if c.is_whitespace() {
            blank = !out.is_empty();
        } else if !is_hidden(c) {
            if blank {
                out.push(' ');
                blank = false;
            }
            out.push(c);
        }
    }
    out
}

/// Lines and paragraphs: blanks collapse, line ends stay, one empty line parts paragraphs.
pub(super) fn paragraphs(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let (mut blank, mut ends) = (false, 0_u8);
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        // Plain words are taken whole.
        let plain = rest.bytes().take_while(u8::is_ascii_graphic).count();
        let (taken, after) = rest.split_at(plain.max(c.len_utf8()));
        rest = after;
        if c == '\r' && rest.starts_with('\n') {
            continue;
        }
        if is_line_end(c) || c == '\r' {
            ends = ends.saturating_add(1);
        } else if c.is_whitespace() {
            blank = true;
        } else if !is_hidden(c) {
            if !out.is_empty() {
                match ends {
                    0 if blank => out.push(' '),
                    0 => {}
                    1 => out.push('\n'),
                    _ => out.push_str("\n\n"),
                }
            }
            (blank, ends) = (false, 0);
            out.push_str(taken);
        }
    }
    out
}

/// At most `max` bytes, cut at a character and marked with `…`.
pub(super) fn cut_bytes(mut text: String, max: usize) -> String {
    if text.len() <= max {
        return text;
    }
    let end = (0..=max.saturating_sub('…'.len_utf8()))
        .rev()
        .find(|i| text.is_char_boundary(*i))
        .unwrap_or(0);
    text.truncate(end);
    text.push('…');
    text
}

/// At most `max` characters, cut between words where there is a blank in the second half, marked `…`.
pub(super) fn cut_chars(text: String, max: usize) -> String {
    let Some((end, _)) = text.char_indices().nth(max) else {
        return text;
    };
    let last = text
        .char_indices()
        .nth(max.saturating_sub(1))
        .map_or(end, |(i, _)| i);
    let kept = &text[..last];
    let word = match text[last..].starts_with(char::is_whitespace) {
        true => kept,
        false => match kept.rfind(char::is_whitespace) {
            Some(at) if at > kept.len() / 2 => &kept[..at],
            _ => kept,
        },
    };
    let word = word
        .trim_end_matches(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | ':' | '-' | '('));
    format!("{word}…")
}

/// The first line of a text, at most `max` characters.
pub(super) fn first_words(text: &str, max: usize) -> Option<String> {
    let first = text.lines().find(|l| !l.trim().is_empty())?;
    Some(cut_chars(line(first), max))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_space_collapses_and_hidden_characters_go() {
        for (text, expect) in [
            ("  a \t b\r\nc\n\n\n\nd  ", "a b\nc\n\nd"),
            ("pay\u{202e}load\u{200b} \u{0}x\u{7}", "payload x"),
            ("a\u{a0}b\u{2028}c", "a b\nc"),
            ("\u{feff}", ""),
            ("tag\u{e0041}s", "tags"),
        ] {
            assert_eq!(paragraphs(text), expect);
        }
        assert_eq!(line(" a\n\nb "), "a b");
        for (text, expect) in [
            ("", true),
            ("a b!", true),
            (" a", false),
            ("a ", false),
            ("a  b", false),
            ("a\nb", false),
            ("é", false),
            ("\u{7f}", false),
        ] {
            assert_eq!(is_even(text), expect, "{text:?}");
        }
    }

    #[test]
    fn long_text_is_cut_at_a_character_and_a_long_title_between_words() {
        assert_eq!(cut_bytes("ééé".into(), 5), "é…");
        assert_eq!(cut_bytes("ééé".into(), 6), "ééé");
        assert_eq!(cut_chars("one two three".into(), 10), "one two…");
        assert_eq!(cut_chars("one two".into(), 7), "one two");
        assert_eq!(cut_chars("x".repeat(20), 5), "xxxx…");
        assert_eq!(cut_chars("a".into(), 0), "…");
    }
}

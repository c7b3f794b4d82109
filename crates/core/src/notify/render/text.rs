//! Hostile text made harmless: one line where a line is meant, no control characters, no invisible marks
//! that turn the reading direction, cut at a character, escaped where it stands in markup. Pure.

/// Text as it may stand in HTML, in an element or in a quoted attribute.
#[must_use]
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c => escaped.push(c),
        }
    }
    escaped
}

/// Text as one clean line of at most `most` characters.
#[must_use]
pub fn line(text: &str, most: usize) -> String {
    // A bounded piece is enough: nothing in it can become longer.
    let piece = cut_bytes(text, most.saturating_mul(16).max(4096));
    let (mut clean, mut count, mut gap) = (String::new(), 0, false);
    for c in piece.chars() {
        if c.is_whitespace() || c.is_control() {
            gap = count > 0;
        } else if is_shown(c) {
            if std::mem::take(&mut gap) {
                clean.push(' ');
                count += 1;
            }
            clean.push(c);
            count += 1;
            // One more than fits tells that something is cut off.
            if count > most {
                break;
            }
        }
    }
    cut(&clean, most)
}

/// Whole sentences from the beginning, at most `most` characters; a first sentence that is longer is cut.
pub(super) fn first_sentences(text: &str, most: usize) -> String {
    let clean = line(text, most.saturating_mul(2));
    if clean.chars().count() <= most {
        return clean;
    }
    let mut end = None;
    let mut chars = clean.char_indices().enumerate().peekable();
    while let Some((count, (at, c))) = chars.next() {
        if count >= most {
            break;
        }
        let is_stop = matches!(c, '.' | '!' | '?') && chars.peek().is_some_and(|n| n.1.1 == ' ');
        let after = at + c.len_utf8();
        // `e.g. this` goes on; `versions. An attacker` does not.
        let goes_on = || clean[after..].trim_start().starts_with(char::is_lowercase);
        if matches!(c, '。' | '！' | '？') || (is_stop && !goes_on()) {
            end = Some(after);
        }
    }
    match end {
        Some(end) => clean[..end].to_owned(),
        None => cut(&clean, most),
    }
}

/// The paragraphs of a text, cleaned, at most `most` characters in all.
pub(super) fn paragraphs(text: &str, most: usize) -> Vec<String> {
    let text = cut_bytes(text, most.saturating_mul(16).max(4096));
    let mut left = most;
    let mut paragraphs = Vec::new();
    for paragraph in text.split("\n\n") {
        if left == 0 {
            break;
        }
        let clean = line(paragraph, left);
        left = left.saturating_sub(clean.chars().count());
        if !clean.is_empty() {
            paragraphs.push(clean);
        }
    }
    paragraphs
}

/// Where text lines break.
const WRAP_COLUMNS: usize = 76;

/// Breaks a line between words. A word longer than a line stands alone.
pub(super) fn wrap(text: &str) -> String {
    let mut lines = vec![String::new()];
    let mut width = 0;
    for word in text.split(' ') {
        let length = word.chars().count();
        if width > 0 && width + 1 + length > WRAP_COLUMNS {
            lines.push(String::new());
            width = 0;
        }
        if let Some(last) = lines.last_mut() {
            if width > 0 {
                last.push(' ');
                width += 1;
            }
            last.push_str(word);
            width += length;
        }
    }
    lines.join("\n")
}

/// Cuts to so many characters, if possible between words, and says so with an ellipsis.
pub(super) fn cut(text: &str, most: usize) -> String {
    cut_weighed(text, most, |_| 1)
}

/// Cuts to so many units, a character counting as `weigh` says.
pub(super) fn cut_weighed(text: &str, most: usize, weigh: impl Fn(char) -> usize) -> String {
    let mut total = 0;
    let mut end = 0;
    for (at, c) in text.char_indices() {
        let weight = weigh(c);
        // The ellipsis takes one.
        if total + weight < most {
            end = at + c.len_utf8();
        }
        total += weight;
        if total > most {
            break;
        }
    }
    if total <= most {
        return text.to_owned();
    }
    let head = &text[..end];
    let at_word = head.rfind(' ').filter(|at| *at > head.len() / 2);
    let head = &head[..at_word.unwrap_or(head.len())];
    // A joiner or variation mark at the end would change the ellipsis.
    let head = head.trim_end_matches(['\u{200d}', '\u{fe0f}', ' ']);
    format!("{head}…")
}

fn cut_bytes(text: &str, most: usize) -> &str {
    let mut end = most.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// UTF-16 units: what Telegram counts, and the strictest that Slack can mean.
pub(super) fn units(text: &str) -> usize {
    text.chars().map(char::len_utf16).sum()
}

/// Whether a character may be shown: not the invisible ones that turn the reading direction or hide.
fn is_shown(c: char) -> bool {
    !matches!(
        c,
        '\u{ad}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{061c}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{2064}' | '\u{2066}'..='\u{206f}' | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}'
    )
}

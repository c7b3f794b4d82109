//! Words that stand for `.` and `@`: dot, punkt, punto, at.

use super::marks::{Mark, Reader};

/// Words behind "dot" that no name ends with, though a top-level domain has some of their names.
const NO_NAME: &[&str] = &[
    "in", "is", "it", "at", "to", "so", "me", "my", "no", "be", "am", "us", "as", "do", "and",
    "or", "on", "of", "by", "for", "the", "notation", "product", "matrix",
];

/// Words before "at" that are no names of mailboxes.
const NO_MAILBOX: &[&str] = &[
    "hosted",
    "located",
    "available",
    "found",
    "look",
    "looks",
    "looking",
    "is",
    "are",
    "was",
    "were",
    "be",
    "server",
    "domain",
    "site",
    "website",
    "page",
    "reached",
    "us",
    "me",
    "them",
    "registered",
    "pointed",
    "pointing",
    "aimed",
    "live",
    "lives",
    "resides",
    "c2",
    "read",
    "more",
    "details",
    "out",
    "seen",
];

/// `[dot]`, ` dot `, `-dot-`, `fooDOTcom`, `/DOT/`
pub(super) fn dot_word(r: &Reader, i: usize) -> Option<Mark> {
    if !is_word(r, i, b"dot") {
        return None;
    }
    bracketed(r, i, 3).or_else(|| bare_dot(r, i))
}

/// `[punkt]`, `(punto)`
pub(super) fn punkt_word(r: &Reader, i: usize) -> Option<Mark> {
    if is_word(r, i, b"punkt") || is_word(r, i, b"punto") {
        return r.around(i, 5, ".");
    }
    None
}

/// `[at]`, `/AT/`, ` AT `, ` at ` before a name whose dots are words
pub(super) fn at_word(r: &Reader, i: usize) -> Option<Mark> {
    let word = if is_word(r, i, b"arroba") { 6 } else { 2 };
    if word == 2 && !is_word(r, i, b"at") {
        return None;
    }
    if let Some(mark) = r.around(i, word, "@") {
        return Some(mark);
    }
    if word == 6 {
        return None;
    }
    if is_between(r, i, 2, b'/') && r.bytes[i] == b'A' && !has_dot_around(r, i) {
        return flanked(r, i, 2, "@");
    }
    if !is_between(r, i, 2, b' ') || !r.is_word(i + 3) {
        return None;
    }
    let is_loud = &r.bytes[i..i + 2] == b"AT";
    let is_quiet_around =
        i > 1 && r.bytes[i - 2].is_ascii_lowercase() && r.get(i + 3).is_ascii_lowercase();
    let is_spelt = is_dot_behind(r, i + 3) && !NO_MAILBOX.contains(&word_before(r, i - 1).as_str());
    ((is_loud && is_quiet_around) || (is_spelt && i > 1 && r.is_word(i - 2)))
        .then(|| flanked(r, i, 2, "@"))
        .flatten()
}

/// Whether what follows a place in its line is defanged.
pub(super) fn is_defanged_behind(r: &Reader, from: usize) -> bool {
    let end = r.bytes.len().min(from + 64);
    let line = &r.bytes[from.min(end)..end];
    let line = line.split(|b| *b == b'\n').next().unwrap_or_default();
    // The name itself: up to a blank that no bracket holds.
    let mut until = line.len();
    for (i, b) in line.iter().enumerate() {
        let is_held = i > 0 && matches!(line[i - 1], b'[' | b'(' | b'{' | b'.' | b']')
            || line
                .get(i + 1)
                .is_some_and(|n| matches!(n, b'[' | b'{' | b'.' | b']'));
        if *b == b' ' && !is_held {
            until = i;
            break;
        }
    }
    line[..until]
        .windows(2)
        .any(|w| matches!(w, b"[." | b"(." | b"{." | b".]" | b"[d" | b"(d" | b"[ "))
}

/// Brackets on one side at least.
fn bracketed(r: &Reader, i: usize, len: usize) -> Option<Mark> {
    let (left, right) = (r.left(i), r.right(i + len));
    if !left.is_held || !right.is_held || left.slashes > 0 {
        return None;
    }
    let is_mark = match (left.brackets > 0, right.brackets > 0) {
        (true, true) => true,
        // `[dot com`; `foo[dotcom`; not `foo [dotnet core]`
        (true, false) => right.blanks > 0 || left.is_tight(),
        (false, true) => left.blanks > 0 || right.is_tight(),
        _ => false,
    };
    is_mark.then_some(Mark {
        start: left.to,
        end: right.to,
        with: ".",
    })
}

/// A word for a dot that nothing but blanks, hyphens or slashes surround.
fn bare_dot(r: &Reader, i: usize) -> Option<Mark> {
    let is_loud = &r.bytes[i..i + 3] == b"DOT";
    if is_between(r, i, 3, b'/') && is_loud && !has_dot_around(r, i) {
        return flanked(r, i, 3, ".");
    }
    if is_between(r, i, 3, b' ') {
        let behind = word_behind(r, i + 4);
        let is_name =
            i > 1 && r.is_word(i - 2) && behind.len() >= 2 && !NO_NAME.contains(&behind.as_str());
        return is_name.then(|| flanked(r, i, 3, ".")).flatten();
    }
    if is_between(r, i, 3, b'-') && !has_dot_around(r, i) {
        return flanked(r, i, 3, ".");
    }
    let is_inside = is_loud
        && i > 0
        && (r.bytes[i - 1].is_ascii_lowercase() || r.bytes[i - 1].is_ascii_digit())
        && r.get(i + 3).is_ascii_lowercase();
    (is_inside && !has_dot_around(r, i)).then_some(Mark {
        start: i,
        end: i + 3,
        with: ".",
    })
}

/// The word with the character on each of its sides.
fn flanked(r: &Reader, i: usize, len: usize, with: &'static str) -> Option<Mark> {
    r.is_free(i - 1).then_some(Mark {
        start: i - 1,
        end: i + len + 1,
        with,
    })
}

fn is_word(r: &Reader, i: usize, word: &[u8]) -> bool {
    r.bytes
        .get(i..i + word.len())
        .is_some_and(|w| w.eq_ignore_ascii_case(word))
}

fn is_between(r: &Reader, i: usize, len: usize, byte: u8) -> bool {
    i > 1
        && r.is_before(i, byte)
        && r.get(i + len) == byte
        && r.is_held(i - 1)
        && r.is_word(i + len + 1)
}

/// Whether the word in which a place lies has a dot of its own, or is a path.
fn has_dot_around(r: &Reader, i: usize) -> bool {
    let behind = r.bytes[i..].iter().take(64);
    let before = r.bytes[..i].iter().rev().take(64);
    let has = |b: &&u8| matches!(**b, b'.' | b'\\');
    behind
        .take_while(|b| !b.is_ascii_whitespace())
        .any(|b| has(&b))
        || before
            .take_while(|b| !b.is_ascii_whitespace())
            .any(|b| has(&b))
}

/// Whether the word at a place is followed by one for a dot.
fn is_dot_behind(r: &Reader, from: usize) -> bool {
    let mut i = from;
    while i < from + 64 && (r.is_word(i) || r.get(i) == b'-') {
        i += 1;
    }
    let end = i + 16;
    while i < end && matches!(r.get(i), b' ' | b'[' | b'(' | b'{') {
        i += 1;
    }
    is_word(r, i, b"dot") && !r.is_word(i + 3)
}

fn word_behind(r: &Reader, from: usize) -> String {
    let end = (from..from + 24).find(|i| !r.is_word(*i)).unwrap_or(from);
    low(&r.bytes[from.min(r.bytes.len())..end.min(r.bytes.len())])
}

fn word_before(r: &Reader, end: usize) -> String {
    let least = end.saturating_sub(24);
    let start = (least..end)
        .rev()
        .find(|i| !r.is_word(*i))
        .map_or(least, |i| i + 1);
    low(&r.bytes[start..end])
}

fn low(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).to_lowercase()
}

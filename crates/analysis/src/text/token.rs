//! What a token is, and where it ends.

use crate::Field;

/// One word of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    /// First byte in the field.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
    /// First character in the field (Unicode scalar values).
    pub char_start: u32,
    /// One past the last character.
    pub char_end: u32,
    /// [`super::hash_word`] of it.
    pub hash: u64,
    /// Where it stands.
    pub field: Field,
    /// What it looks like.
    pub shape: Shape,
}

impl Token {
    /// Whether `-` or `.` joins parts in it.
    #[must_use]
    #[inline]
    pub fn is_joined(&self) -> bool {
        self.shape.has(Shape::JOINED)
    }

    /// Whether [`parts`] finds more than the word itself: `-`, `.` or `_` is in it.
    #[must_use]
    #[inline]
    pub fn has_parts(&self) -> bool {
        self.shape.any(Shape::JOINED, Shape::UNDERSCORE)
    }
}

/// What a token looks like: a set of marks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Shape(u8);

impl Shape {
    /// Begins with a capital letter of ASCII.
    pub const CAPITAL: Shape = Shape(1);
    /// Has a capital letter of ASCII.
    pub const UPPER: Shape = Shape(2);
    /// Has a small letter of ASCII.
    pub const LOWER: Shape = Shape(4);
    /// Has a digit of ASCII.
    pub const DIGIT: Shape = Shape(8);
    /// `-` or `.` joins parts in it.
    pub const JOINED: Shape = Shape(16);
    /// Has a character beyond ASCII.
    pub const WIDE: Shape = Shape(32);
    /// Has a `_`.
    pub const UNDERSCORE: Shape = Shape(64);

    /// Whether all marks of `other` are set.
    #[must_use]
    #[inline]
    pub fn has(self, other: Shape) -> bool {
        self.0 & other.0 == other.0
    }

    /// Whether a letter is in it, and not digits alone.
    #[must_use]
    #[inline]
    pub fn is_word(self) -> bool {
        self.0 & (Self::UPPER.0 | Self::LOWER.0 | Self::WIDE.0) != 0
    }

    #[inline]
    fn any(self, a: Shape, b: Shape) -> bool {
        self.0 & (a.0 | b.0) != 0
    }

    #[inline]
    fn set(&mut self, bits: u8) {
        self.0 |= bits;
    }
}

/// A token's parts around `-`, `.` and `_`, with their first byte within the token.
pub fn parts(token: &str) -> impl Iterator<Item = (usize, &str)> {
    let base = token.as_ptr() as usize;
    token
        .split(['-', '.', '_'])
        .filter(|part| !part.is_empty())
        .map(move |part| (part.as_ptr() as usize - base, part))
}

/// A token's extent, as [`next`] found it.
pub(super) struct Extent {
    pub start: usize,
    pub end: usize,
    pub shape: Shape,
    /// Continuation bytes (no characters of their own) before the token, since `from`.
    pub skipped_before: u32,
    /// The same within it.
    pub skipped_within: u32,
}

const OTHER: u8 = 0;
const UPPER: u8 = 1;
const LOWER: u8 = 2;
const DIGIT: u8 = 3;
const UNDERSCORE: u8 = 4;
const JOINER: u8 = 5;
const WIDE: u8 = 6;

/// The class of each byte.
const CLASS: [u8; 256] = {
    let mut table = [OTHER; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = match byte as u8 {
            b'A'..=b'Z' => UPPER,
            b'a'..=b'z' => LOWER,
            b'0'..=b'9' => DIGIT,
            b'_' => UNDERSCORE,
            b'-' | b'.' => JOINER,
            0x80.. => WIDE,
            _ => OTHER,
        };
        byte += 1;
    }
    table
};

/// The marks that a byte of a class sets.
const MARKS: [u8; 7] = [0, 2, 4, 8, 64, 16, 32];

#[inline]
fn class(bytes: &[u8], at: usize) -> u8 {
    bytes.get(at).map_or(OTHER, |b| CLASS[*b as usize])
}

#[inline]
fn is_plain(class: u8) -> bool {
    matches!(class, UPPER | LOWER | DIGIT | UNDERSCORE)
}

/// The next token at or behind `from`, which is a character boundary.
#[inline]
pub(super) fn next(text: &str, from: usize) -> Option<Extent> {
    let bytes = text.as_bytes();
    let mut at = from;
    let mut skipped_before = 0;
    loop {
        let byte = *bytes.get(at)?;
        match CLASS[byte as usize] {
            OTHER => at += 1,
            JOINER => {
                if byte == b'.' && begins_with_dot(bytes, at) {
                    return Some(extent(text, at, skipped_before));
                }
                at += 1;
            }
            WIDE => {
                let c = text.get(at..)?.chars().next()?;
                if c.is_alphanumeric() {
                    return Some(extent(text, at, skipped_before));
                }
                at += c.len_utf8();
                skipped_before += continuation(c);
            }
            _ => return Some(extent(text, at, skipped_before)),
        }
    }
}

/// The token that starts at `start`.
#[inline]
fn extent(text: &str, start: usize, skipped_before: u32) -> Extent {
    let bytes = text.as_bytes();
    let mut at = start;
    let mut marks = 0_u8;
    let mut skipped_within = 0;
    if bytes[at] == b'.' {
        at += 1;
    }
    if class(bytes, at) == UPPER {
        marks |= 1;
    }
    loop {
        let class = class(bytes, at);
        if is_plain(class) {
            marks |= MARKS[class as usize];
            at += 1;
        } else if class == WIDE {
            let Some(c) = text.get(at..).and_then(|rest| rest.chars().next()) else {
                break;
            };
            let alone = stands_alone(c);
            if !c.is_alphanumeric() || alone && at > start {
                break;
            }
            marks |= MARKS[WIDE as usize];
            at += c.len_utf8();
            skipped_within += continuation(c);
            if alone {
                break;
            }
        } else if class == JOINER && joins(text, at) {
            marks |= MARKS[JOINER as usize];
            at += 1;
        } else {
            break;
        }
    }
    // `c++`, `c#`, `f#`: a letter or two, then its sign.
    if at - start <= 3 && marks & 6 != 0 && marks & 0x38 == 0 {
        if bytes[at..].starts_with(b"++") {
            at += 2;
        } else if at - start == 1 && class(bytes, at + 1) == OTHER && bytes[at..].starts_with(b"#")
        {
            at += 1;
        }
    }
    let mut shape = Shape::default();
    shape.set(marks);
    Extent {
        start,
        end: at,
        shape,
        skipped_before,
        skipped_within,
    }
}

/// Whether the `-` or `.` at `at`, within a token, goes on it: a letter or digit follows, and it is not
/// the end of a sentence whose blank was forgotten (`XSS.This issue`).
#[inline]
fn joins(text: &str, at: usize) -> bool {
    let bytes = text.as_bytes();
    match class(bytes, at + 1) {
        LOWER | DIGIT => true,
        UPPER => bytes[at] == b'-' || class(bytes, at + 2) != LOWER,
        WIDE => text
            .get(at + 1..)
            .and_then(|rest| rest.chars().next())
            .is_some_and(|c| c.is_alphanumeric() && !stands_alone(c)),
        _ => false,
    }
}

/// Whether the `.` at `at` begins a word such as `.net`: a letter follows and no word goes before.
#[inline]
fn begins_with_dot(bytes: &[u8], at: usize) -> bool {
    let before = at.checked_sub(1).map_or(OTHER, |b| class(bytes, b));
    before == OTHER
        && !matches!(
            at.checked_sub(1).map(|b| bytes[b]),
            Some(b')' | b']' | b'"' | b'\'')
        )
        && matches!(class(bytes, at + 1), UPPER | LOWER)
}

/// Scripts that set no blanks: each character is a word.
fn stands_alone(c: char) -> bool {
    matches!(c, '\u{0e00}'..='\u{0eff}' | '\u{2e80}'..='\u{a4cf}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

#[inline]
fn continuation(c: char) -> u32 {
    c.len_utf8() as u32 - 1
}

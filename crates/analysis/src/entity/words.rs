//! The words that names are read from: finer than the tokens that classifiers count, because a name
//! may end at any mark of punctuation.
//!
//! A word is a run of letters, digits and `_`, with single dots inside it (`2.17.1`, `node.js`); where
//! the reader asks for it a hyphen joins too. Each other character that is no blank is a word of its
//! own. Boundaries are always character boundaries.

/// One word: where it stands, in bytes, and what stands before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Word {
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
    /// What is between the word before and this one.
    pub gap: Gap,
}

impl Word {
    /// The word as written.
    #[must_use]
    pub fn of<'a>(&self, text: &'a str) -> &'a str {
        text.get(self.start as usize..self.end as usize)
            .unwrap_or("")
    }
}

/// What stands between two words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gap {
    /// Nothing: the words touch.
    None,
    /// Blanks.
    Blank,
    /// A new line, or the beginning of the text.
    Line,
}

/// How words are cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// A hyphen is a word of its own.
    Fine,
    /// A hyphen between letters or digits joins them.
    Hyphens,
}

/// Cuts a text into at most `most` words.
#[must_use]
pub fn words(text: &str, cut: Cut, most: usize) -> Vec<Word> {
    let bytes = text.as_bytes();
    let mut found = Vec::with_capacity((text.len() / 5).min(most));
    let mut at = 0;
    let mut gap = Gap::Line;
    while at < bytes.len() && found.len() < most {
        let (class, width) = class_at(text, at);
        match class {
            Class::Blank => {
                if gap == Gap::None {
                    gap = Gap::Blank;
                }
                at += width;
                continue;
            }
            Class::Line => {
                gap = Gap::Line;
                at += width;
                continue;
            }
            Class::Mark => {
                found.push(word(at, at + width, gap));
                at += width;
            }
            Class::Letter => {
                let end = end_of_run(text, at + width, cut);
                found.push(word(at, end, gap));
                at = end;
            }
        }
        gap = Gap::None;
    }
    found
}

fn word(start: usize, end: usize, gap: Gap) -> Word {
    Word {
        start: u32::try_from(start).unwrap_or(u32::MAX),
        end: u32::try_from(end).unwrap_or(u32::MAX),
        gap,
    }
}

/// The end of the run of letters that goes on at `at`.
fn end_of_run(text: &str, mut at: usize, cut: Cut) -> usize {
    let bytes = text.as_bytes();
    loop {
        let (class, width) = class_at(text, at);
        if class == Class::Letter {
            at += width;
            continue;
        }
        let joins = match bytes.get(at) {
            Some(b'.') => true,
            Some(b'-') => cut == Cut::Hyphens,
            _ => false,
        };
        if joins && class_at(text, at + 1).0 == Class::Letter {
            at += 1;
            continue;
        }
        return at;
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Letter,
    Mark,
    Blank,
    Line,
}

/// The class of the character at a byte, and its width; behind the end a blank.
fn class_at(text: &str, at: usize) -> (Class, usize) {
    match text.as_bytes().get(at) {
        None => (Class::Blank, 1),
        Some(b) if b.is_ascii() => (ASCII[*b as usize], 1),
        Some(_) => {
            let c = text[at..].chars().next().unwrap_or(' ');
            let class = if c.is_whitespace() {
                Class::Blank
            } else if c.is_alphanumeric() || ('\u{300}'..='\u{36f}').contains(&c) {
                Class::Letter
            } else {
                Class::Mark
            };
            (class, c.len_utf8())
        }
    }
}

static ASCII: [Class; 128] = ascii();

const fn ascii() -> [Class; 128] {
    let mut table = [Class::Mark; 128];
    let mut b = 0;
    while b < 128 {
        let c = b as u8;
        table[b] = if c.is_ascii_alphanumeric() || c == b'_' {
            Class::Letter
        } else if c == b'\n' || c == b'\r' {
            Class::Line
        } else if c <= b' ' || c == 127 {
            Class::Blank
        } else {
            Class::Mark
        };
        b += 1;
    }
    table
}

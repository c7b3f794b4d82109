//! What the taggers see of each word: its hashes, shape, affixes, lists that know it, and the run of
//! names in which it stands. Computed once a word; features only combine it.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::LazyLock;

use super::hash::{finish, hash_bytes, step};
use crate::entity::gazetteer::{Gazetteer, Hit};
use crate::entity::words::{Gap, Word};

/// How many lists of names there are.
pub const LISTS: usize = 5;

/// What is seen of one word.
#[derive(Clone, Copy, Debug, Default)]
pub struct Seen {
    /// Hash of the word as written.
    pub exact: u64,
    /// Hash of the word in lower case.
    pub lower: u64,
    /// Hash of the word in lower case with each run of digits made `0`.
    pub norm: u64,
    /// Hash of the shape: `Xx0` with marks kept.
    pub shape: u64,
    /// Hash of the shape with runs made one.
    pub brief: u64,
    /// Hashes of the first two, three and four characters, in lower case.
    pub prefix: [u64; 3],
    /// Hashes of the last two, three and four characters, in lower case.
    pub suffix: [u64; 3],
    /// Which kind of word it is, see the constants of this module.
    pub class: u16,
    /// How many characters, at most 255.
    pub length: u8,
    /// Whether blanks or a line stand before it.
    pub gap: u8,
    /// The class of words that it belongs to, learnt from text; 0: none.
    pub cluster: u16,
    /// Per list: 0, or 4 x place in the name (1 first, 2 inside, 3 last, 4 alone) + how known.
    pub lists: [u8; LISTS],
    /// First and last word of the run of names around it; itself where there is none.
    pub run: (u32, u32),
    /// The first place of the same word in the text.
    pub first: u32,
    /// How often the text has it, at most 255.
    pub count: u8,
    /// The last word that says what follows is a version, within eight words; 0: none.
    pub anchor: u8,
}

/// Begins with a capital.
pub const CAPITAL: u16 = 1;
/// All letters are capitals, and there are two.
pub const CAPITALS: u16 = 2;
/// Has a digit.
pub const DIGIT: u16 = 4;
/// Digits alone.
pub const NUMBER: u16 = 8;
/// A capital after a small letter.
pub const MIXED: u16 = 16;
/// A mark of punctuation.
pub const MARK: u16 = 32;
/// Has a dot inside.
pub const DOT: u16 = 64;
/// Has `_`.
pub const UNDER: u16 = 128;
/// Has characters beyond ASCII.
pub const WIDE: u16 = 256;

/// A map that takes its keys for hashes, as they are.
pub type HashedMap<V> = HashMap<u64, V, BuildHasherDefault<Same>>;

/// A hasher that returns the hash that it is given.
#[derive(Clone, Debug, Default)]
pub struct Same(u64);

impl Hasher for Same {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, bytes: &[u8]) {
        for &b in bytes {
            self.0 = step(self.0, b);
        }
    }
    fn write_u64(&mut self, value: u64) {
        self.0 = value;
    }
}

/// Sees a text's words, and which names of the lists stand there.
#[must_use]
pub fn observe(text: &str, words: &[Word], names: &Gazetteer) -> (Vec<Seen>, Vec<Hit>) {
    let mut seen: Vec<Seen> = words.iter().map(|w| word(w.of(text), w.gap)).collect();
    for s in &mut seen {
        s.cluster = names.class(s.norm);
    }
    let hits = names.mark(words, &mut seen);
    mark_runs(text, words, &mut seen);
    mark_repeats(&mut seen);
    mark_anchors(&mut seen);
    (seen, hits)
}

/// What is seen of a word by itself.
pub(crate) fn word(word: &str, gap: Gap) -> Seen {
    let mut seen = Seen {
        gap: gap as u8,
        ..Seen::default()
    };
    let mut hash = Hashes::default();
    let mut heads = [0u64; 3];
    let mut tail = [0u64; 4];
    let mut count = 0usize;
    let mut letters = 0;
    let mut capitals = 0;
    let mut was_small = false;
    for c in word.chars() {
        let low = if c.is_ascii() {
            c.to_ascii_lowercase()
        } else {
            c.to_lowercase().next().unwrap_or(c)
        };
        hash.take(c, low);
        if (2..=4).contains(&(count + 1)) {
            heads[count - 1] = finish(hash.lower);
        }
        tail[count % 4] = u64::from(u32::from(low));
        count += 1;
        if c.is_uppercase() {
            letters += 1;
            capitals += 1;
            if count == 1 {
                seen.class |= CAPITAL;
            } else if was_small {
                seen.class |= MIXED;
            }
            was_small = false;
        } else if c.is_alphabetic() {
            letters += 1;
            was_small = true;
        } else if c.is_ascii_digit() {
            seen.class |= DIGIT;
        } else if c == '.' {
            seen.class |= DOT;
        } else if c == '_' {
            seen.class |= UNDER;
        }
        if !c.is_ascii() {
            seen.class |= WIDE;
        }
    }
    if letters == 0 && seen.class & DIGIT == 0 {
        seen.class |= MARK;
    }
    if letters == 0 && seen.class & (DIGIT | DOT | UNDER) == DIGIT {
        seen.class |= NUMBER;
    }
    if capitals > 1 && capitals == letters {
        seen.class |= CAPITALS;
    }
    seen.length = u8::try_from(count).unwrap_or(u8::MAX);
    seen.exact = finish(hash.exact);
    seen.lower = finish(hash.lower);
    seen.norm = finish(hash.norm);
    seen.shape = finish(hash.shape);
    seen.brief = finish(hash.brief);
    for (slot, n) in [2usize, 3, 4].into_iter().enumerate() {
        if count >= n {
            seen.prefix[slot] = heads[slot];
            let mut h = 0x1234_5678_9abc_def1;
            for back in 0..n {
                h = super::hash::mix(h, tail[(count - 1 - back) % 4]);
            }
            seen.suffix[slot] = h;
        }
    }
    seen
}

/// The five hashes of a word while it is read.
struct Hashes {
    exact: u64,
    lower: u64,
    norm: u64,
    shape: u64,
    brief: u64,
    last: u8,
    last_norm_digit: bool,
}

impl Default for Hashes {
    fn default() -> Self {
        const START: u64 = 0xcbf2_9ce4_8422_2325;
        Self {
            exact: START,
            lower: START,
            norm: START,
            shape: START,
            brief: START,
            last: 0,
            last_norm_digit: false,
        }
    }
}

impl Hashes {
    fn take(&mut self, c: char, low: char) {
        if c.is_ascii() {
            self.exact = step(self.exact, c as u8);
            self.lower = step(self.lower, low as u8);
        } else {
            let mut buffer = [0; 4];
            for &b in c.encode_utf8(&mut buffer).as_bytes() {
                self.exact = step(self.exact, b);
            }
            for &b in low.encode_utf8(&mut buffer).as_bytes() {
                self.lower = step(self.lower, b);
            }
        }
        let kind = if c.is_ascii_digit() {
            b'0'
        } else if c.is_uppercase() {
            b'X'
        } else if c.is_alphabetic() {
            b'x'
        } else if c.is_ascii() {
            c as u8
        } else {
            b'?'
        };
        self.shape = step(self.shape, kind);
        if kind != self.last {
            self.brief = step(self.brief, kind);
        }
        self.last = kind;
        if kind == b'0' {
            if !self.last_norm_digit {
                self.norm = step(self.norm, b'0');
            }
            self.last_norm_digit = true;
        } else {
            self.last_norm_digit = false;
            let mut buffer = [0; 4];
            for &b in low.encode_utf8(&mut buffer).as_bytes() {
                self.norm = step(self.norm, b);
            }
        }
    }
}

/// Marks the runs of capitalised words, with what joins them (`D-Link`, `R&D`, `2.0`).
fn mark_runs(text: &str, words: &[Word], seen: &mut [Seen]) {
    let is_name = |s: &Seen| s.class & (CAPITAL | MIXED | DIGIT) != 0 && s.class & NUMBER == 0;
    let mut at = 0;
    while at < seen.len() {
        seen[at].run = (at as u32, at as u32);
        if !is_name(&seen[at]) {
            at += 1;
            continue;
        }
        let mut end = at + 1;
        while end < seen.len() && words[end].gap != Gap::Line {
            let joins = is_name(&seen[end])
                || (matches!(words[end].of(text), "-" | "&" | "/" | "+" | "'")
                    && end + 1 < seen.len()
                    && words[end + 1].gap == words[end].gap
                    && is_name(&seen[end + 1]));
            if !joins || end - at >= 12 {
                break;
            }
            end += 1;
        }
        for s in &mut seen[at..end] {
            s.run = (at as u32, (end - 1) as u32);
        }
        at = end;
    }
}

/// Finds where each word stood first, and how often it is there.
fn mark_repeats(seen: &mut [Seen]) {
    let mut places: HashedMap<(u32, u8)> =
        HashedMap::with_capacity_and_hasher(seen.len() / 2, BuildHasherDefault::default());
    for (at, s) in seen.iter_mut().enumerate() {
        s.first = at as u32;
        if s.class & MARK != 0 {
            continue;
        }
        let entry = places.entry(s.lower).or_insert((at as u32, 0));
        entry.1 = entry.1.saturating_add(1);
        s.first = entry.0;
    }
    for s in seen.iter_mut() {
        if s.class & MARK == 0 {
            s.count = places.get(&s.lower).map_or(0, |p| p.1);
        }
    }
}

/// The words behind which versions stand, or that say which versions are meant.
const ANCHORS: &[&str] = &[
    "before", "prior", "through", "from", "version", "versions", "fixed", "patched", "upgrade",
    "upgraded", "since", "until", "up", "including", "in", "and", "to", "commit", "build", "release",
    "releases", "firmware", "than", "earlier", "later", "addressed", "update", "via", "affects",
    "using", "with", "<", ">", "=", "(", "`", "when", "running",
];

fn mark_anchors(seen: &mut [Seen]) {
    static CODES: LazyLock<HashedMap<u8>> = LazyLock::new(|| {
        let words = ANCHORS.iter().zip(1u8..);
        words.map(|(w, code)| (hash_bytes(w.as_bytes()), code)).collect()
    });
    let stop = hash_bytes(b".");
    let mut last = (0u8, 0usize);
    for at in 0..seen.len() {
        if at - last.1 <= 8 {
            seen[at].anchor = last.0;
        }
        if let Some(code) = CODES.get(&seen[at].lower) {
            last = (*code, at);
        } else if seen[at].lower == stop {
            last = (0, at);
        }
    }
}

//! From tokens to features: words and pairs of words as 64-bit hashes. Training and answering use the same
//! code, so what a model learnt is what it sees.

use super::table::Table;
use crate::text::{Token, hash_pair, hash_word, mix, parts};

/// Tells features of single pieces of words apart from words.
const SUBWORD: u64 = 0x5851_f42d_4c95_7f2d;

/// One feature of a text, where it was found.
#[derive(Clone, Copy, Debug)]
pub struct Piece<'a> {
    /// What the table is asked for.
    pub hash: u64,
    /// The first token that it is made of.
    pub first: usize,
    /// The last one: the same, or for a pair its neighbour.
    pub last: usize,
    /// For a part of a joined word: the part.
    pub part: Option<&'a str>,
}

impl Piece<'_> {
    /// Whether it is a word or a part of one, and not a pair.
    #[must_use]
    #[inline]
    pub fn is_single(&self) -> bool {
        self.first == self.last
    }
}

/// The features of a row of tokens.
///
/// Single words and pairs of neighbours, in the order of the text, and the parts of words that `-`, `.` or
/// `_` join, but for bare numbers: `cross-site` is also `cross` and `site`. Repeated features come repeatedly.
#[inline]
pub fn pieces<'a>(
    tokens: &[Token],
    word: impl Fn(&Token) -> &'a str,
    mut each: impl FnMut(Piece<'a>),
) {
    let mut before: Option<u64> = None;
    for (at, token) in tokens.iter().enumerate() {
        let single = Piece {
            hash: token.hash,
            first: at,
            last: at,
            part: None,
        };
        each(single);
        if let Some(before) = before {
            each(Piece {
                hash: hash_pair(before, token.hash),
                first: at - 1,
                ..single
            });
        }
        before = Some(token.hash);
        if token.has_parts() {
            for (_, part) in parts(word(token)) {
                if !part.bytes().all(|b| b.is_ascii_digit()) {
                    each(Piece {
                        hash: hash_word(part),
                        part: Some(part),
                        ..single
                    });
                }
            }
        }
    }
}

/// No word of a language has more letters.
const LONGEST: usize = 40;
/// The most pieces that a word has: of each of three lengths not more than letters.
pub(super) const MOST_SUBWORDS: usize = 3 * LONGEST;

/// The hashes of a word's pieces of three to five letters, its borders marked.
#[inline]
pub fn subwords(word: &str, mut each: impl FnMut(u64)) {
    let mut letters = [u64::from(b' '); LONGEST + 2];
    let mut length = 1;
    if word.is_ascii() {
        for byte in word.bytes().take(LONGEST) {
            letters[length] = u64::from(byte.to_ascii_lowercase());
            length += 1;
        }
    } else {
        for c in word.chars().flat_map(char::to_lowercase).take(LONGEST) {
            letters[length] = u64::from(c);
            length += 1;
        }
    }
    let letters = &letters[..=length];
    for size in 3..=5 {
        for window in letters.windows(size) {
            each(window.iter().fold(SUBWORD, |h, c| mix(h ^ c, SUBWORD | 1)));
        }
    }
}

/// What a word's known pieces say of relevance: the weighted mean of their weights, in units of the column.
#[inline]
pub(super) fn subword_value(table: &Table, word: &str) -> f32 {
    let (mut sum, mut length) = (0.0_f32, 0.0_f32);
    subwords(word, |hash| {
        if let Some(id) = table.find(hash) {
            let row = table.row(id);
            let idf = row.idf();
            length += idf * idf;
            sum += idf * f32::from(row.weights()[0].cast_signed());
        }
    });
    if length > 0.0 {
        sum / length.sqrt()
    } else {
        0.0
    }
}

/// Features with their counts, made of what was looked up: sorted, each once.
#[derive(Clone, Debug, Default)]
pub struct FeatureList {
    ids: Vec<u32>,
}

impl FeatureList {
    /// An empty list with room for so many occurrences.
    #[must_use]
    pub fn with_capacity(occurrences: usize) -> Self {
        Self {
            ids: Vec::with_capacity(occurrences),
        }
    }

    /// Adds one occurrence.
    #[inline]
    pub fn push(&mut self, id: u32) {
        self.ids.push(id);
    }

    /// Forgets all, keeping the memory.
    pub fn clear(&mut self) {
        self.ids.clear();
    }

    /// How many occurrences there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// Each feature with how often it occurs, by id.
    #[inline]
    pub fn counted(&mut self, mut each: impl FnMut(u32, u32)) {
        self.ids.sort_unstable();
        let mut rest = self.ids.as_slice();
        while let Some(first) = rest.first() {
            let count = rest.iter().take_while(|id| *id == first).count();
            each(*first, count as u32);
            rest = &rest[count..];
        }
    }
}

/// `1 + ln(count)`, the sublinear frequency of a term.
#[must_use]
#[inline]
pub fn frequency(count: u32) -> f32 {
    const FEW: [f32; 8] = [
        0.0,
        1.0,
        1.693_147_2,
        2.098_612_3,
        2.386_294_4,
        2.609_438,
        2.791_759_5,
        2.945_910_1,
    ];
    match FEW.get(count as usize) {
        Some(known) => *known,
        None => 1.0 + (count as f32).ln(),
    }
}

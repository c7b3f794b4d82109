//! The features that models may know: those of at least a few texts, with their inverse document frequency.

use std::collections::HashMap;

use tocsin_analysis::classify::{FeatureList, Piece, frequency, pieces};
use tocsin_analysis::text::{Document, hash_word};

/// Features by hash, numbered in the order of their hashes.
pub struct Vocabulary {
    /// Each feature's hash, sorted.
    pub hashes: Vec<u64>,
    /// Each feature's inverse document frequency, as the file keeps it.
    pub idf: Vec<f32>,
    /// Each feature that is one word: the word, in small letters.
    pub words: Vec<Option<String>>,
    numbers: HashMap<u64, u32>,
}

/// Counts in how many texts features occur.
#[derive(Default)]
pub struct Counter {
    seen: HashMap<u64, Seen>,
    texts: u32,
}

#[derive(Default)]
struct Seen {
    texts: u32,
    last: u32,
    word: Option<Box<str>>,
}

/// Every piece of a document with the word that it is, if it is one.
pub fn walk<'a>(document: &Document<'a>, mut each: impl FnMut(u64, Option<&'a str>)) {
    let tokens = document.tokens();
    let tokens = &tokens[..tokens.len().min(tocsin_analysis::classify::Models::MOST_WORDS)];
    pieces(
        tokens,
        |token| document.word(token),
        |piece: Piece<'a>| {
            let token = &tokens[piece.last];
            let word = || piece.part.unwrap_or_else(|| document.word(token));
            each(piece.hash, piece.is_single().then(word));
        },
    );
}

impl Counter {
    /// Counts a text's features.
    pub fn add(&mut self, document: &Document<'_>) {
        self.texts += 1;
        walk(document, |hash, word| {
            let seen = self.seen.entry(hash).or_default();
            if seen.last != self.texts {
                seen.last = self.texts;
                seen.texts += 1;
            }
            if seen.word.is_none() {
                seen.word = word.map(|w| w.to_lowercase().into_boxed_str());
            }
        });
    }

    /// The words of at least `least` texts and the pairs of at least `least_pair`.
    pub fn finish(self, least: u32, least_pair: u32) -> Vocabulary {
        let texts = f64::from(self.texts);
        let mut kept: Vec<(u64, Seen)> = self
            .seen
            .into_iter()
            .filter(|(_, seen)| seen.texts >= if seen.word.is_some() { least } else { least_pair })
            .collect();
        kept.sort_by_key(|(hash, _)| *hash);
        let idf = |seen: &Seen| {
            let idf = ((1.0 + texts) / (1.0 + f64::from(seen.texts))).ln() + 1.0;
            // As it comes back from the file.
            ((idf * 4096.0).round() / 4096.0) as f32
        };
        Vocabulary {
            hashes: kept.iter().map(|(hash, _)| *hash).collect(),
            idf: kept.iter().map(|(_, seen)| idf(seen)).collect(),
            numbers: kept.iter().zip(0..).map(|((hash, _), at)| (*hash, at)).collect(),
            words: kept
                .into_iter()
                .map(|(hash, seen)| seen.word.map(String::from).filter(|w| hash_word(w) == hash))
                .collect(),
        }
    }
}

impl Vocabulary {
    /// How many features there are.
    pub fn len(&self) -> usize {
        self.hashes.len()
    }

    /// The number of a feature.
    pub fn number(&self, hash: u64) -> Option<u32> {
        self.numbers.get(&hash).copied()
    }

    /// A document's features, of length one together.
    pub fn row(&self, document: &Document<'_>) -> Vec<(u32, f32)> {
        let mut found = FeatureList::default();
        walk(document, |hash, _| {
            if let Some(number) = self.numbers.get(&hash) {
                found.push(*number);
            }
        });
        let mut row = Vec::new();
        found.counted(|number, count| {
            row.push((number, frequency(count) * self.idf[number as usize]));
        });
        let length: f32 = row.iter().map(|(_, v)| v * v).sum::<f32>().sqrt();
        for (_, value) in &mut row {
            *value /= length;
        }
        row
    }
}

//! Pieces of words as features: each word is the mean of its pieces, a text the sum of its words over the
//! root of their number. So what a word's pieces say can be known before any text is seen.

use std::collections::HashMap;

use tocsin_analysis::classify::subwords;
use tocsin_analysis::text::Document;

use crate::vocabulary::walk;

/// Pieces of words that some texts share, numbered in the order of their hashes.
pub struct PieceVocabulary {
    /// Each piece's hash, sorted.
    pub hashes: Vec<u64>,
    /// Each piece's inverse document frequency, as the file keeps it.
    pub idf: Vec<f32>,
    numbers: HashMap<u64, u32>,
}

impl PieceVocabulary {
    /// The pieces that occur in at least `least` texts.
    pub fn count<'a>(texts: impl Iterator<Item = &'a str>, least: u32) -> Self {
        let mut seen: HashMap<u64, (u32, u32)> = HashMap::new();
        let mut number = 0;
        for text in texts {
            number += 1;
            each_word(&Document::new("", text), |word| {
                subwords(word, |hash| {
                    let (texts, last) = seen.entry(hash).or_default();
                    if *last != number {
                        *last = number;
                        *texts += 1;
                    }
                });
            });
        }
        let mut kept: Vec<(u64, u32)> = seen
            .into_iter()
            .filter(|(_, (texts, _))| *texts >= least)
            .map(|(hash, (texts, _))| (hash, texts))
            .collect();
        kept.sort_unstable();
        let all = f64::from(number);
        let idf = |texts: u32| {
            let idf = ((1.0 + all) / (1.0 + f64::from(texts))).ln() + 1.0;
            ((idf * 4096.0).round() / 4096.0) as f32
        };
        Self {
            hashes: kept.iter().map(|(hash, _)| *hash).collect(),
            idf: kept.iter().map(|(_, texts)| idf(*texts)).collect(),
            numbers: kept
                .iter()
                .zip(0..)
                .map(|((hash, _), at)| (*hash, at))
                .collect(),
        }
    }

    /// How many pieces there are.
    pub fn len(&self) -> usize {
        self.hashes.len()
    }

    /// A word's pieces, of length one together.
    pub fn word(&self, word: &str) -> Vec<(u32, f32)> {
        let mut row = Vec::new();
        let mut length = 0.0_f32;
        subwords(word, |hash| {
            if let Some(number) = self.numbers.get(&hash) {
                let idf = self.idf[*number as usize];
                length += idf * idf;
                row.push((*number, idf));
            }
        });
        let length = length.sqrt();
        for (_, value) in &mut row {
            *value /= length;
        }
        row
    }

    /// A text's pieces; `share` says how much each word's count.
    pub fn row(&self, document: &Document<'_>, share: impl Fn(&str) -> f32) -> Vec<(u32, f32)> {
        let mut found: Vec<(u32, f32)> = Vec::new();
        let mut words = 0_u32;
        each_word(document, |word| {
            words += 1;
            let share = share(word);
            found.extend(self.word(word).into_iter().map(|(at, v)| (at, v * share)));
        });
        found.sort_by_key(|(piece, _)| *piece);
        let root = (words.max(1) as f32).sqrt().recip();
        let mut row: Vec<(u32, f32)> = Vec::new();
        for (piece, value) in found {
            match row.last_mut().filter(|(last, _)| *last == piece) {
                Some((_, sum)) => *sum += value * root,
                None => row.push((piece, value * root)),
            }
        }
        row
    }
}

/// Every word with a letter, and the parts of joined words.
pub fn each_word<'a>(document: &Document<'a>, mut each: impl FnMut(&'a str)) {
    walk(document, |_, word| {
        if let Some(word) =
            word.filter(|w| w.bytes().any(|b| b.is_ascii_alphabetic() || !b.is_ascii()))
        {
            each(word);
        }
    });
}

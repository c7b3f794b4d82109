//! ATT&CK techniques: what each sentence says that attackers do.
//!
//! The model learnt from single sentences, so a longer text is asked sentence by sentence. Its weights are
//! rows of their own beside the table of features, because few features say anything of techniques. A text is the
//! sum of its words over the root of their number; a word's row holds what its pieces say, too, and only
//! for words without a row these are looked up one by one.

use std::sync::LazyLock;

use pulp::{Arch, Simd, WithSimd};

use super::answer::{Guess, TechniqueGuess, Why};
use super::features::MOST_SUBWORDS;
use super::head::softmax;
use super::models::{Look, MOST_COLUMNS, Models, listed};
use super::section::TechniquePart;
use super::table::{LANES, Table};
use crate::entity::style::{ADVISORY_WORDS, HEAD, is_advisory};
use crate::model::ModelError;
use crate::text::{Document, Token, hash_word};

/// The class of sentences that describe no technique.
pub const NO_TECHNIQUE: &str = "none";
/// A text of at most so many words is asked as one sentence.
pub(super) const ONE_SENTENCE: usize = 80;
/// A sentence is cut into pieces of so many words.
const LONGEST_SENTENCE: usize = 60;
/// A sentence of fewer words says nothing.
const SHORTEST_SENTENCE: usize = 4;

/// Rows of weights, one byte for each class.
#[derive(Clone, Debug, Default)]
pub struct TechniqueTable {
    width: usize,
    rows: Vec<u8>,
}

impl TechniqueTable {
    /// Reads the section `technique.weights`: rows of `classes` bytes (i8).
    ///
    /// # Errors
    /// [`ModelError::Malformed`] where it is not made of whole rows, or has too many classes.
    pub fn read(bytes: &[u8], classes: usize) -> Result<Self, ModelError> {
        if classes == 0 || classes > MOST_COLUMNS || !bytes.len().is_multiple_of(classes) {
            return Err(ModelError::malformed(
                "technique.weights",
                "it is not made of whole rows",
            ));
        }
        // Whole lanes, so that a loop takes several classes at once.
        let width = classes.next_multiple_of(LANES);
        let mut rows = Vec::with_capacity(bytes.len() / classes * width);
        for row in bytes.chunks_exact(classes) {
            rows.extend_from_slice(row);
            rows.resize(rows.len() + width - classes, 0);
        }
        Ok(Self { width, rows })
    }

    #[inline]
    pub(super) fn row(&self, row: usize) -> &[u8] {
        let at = row * self.width;
        self.rows.get(at..at + self.width).unwrap_or_default()
    }

    /// Adds a row, each weight times `value`.
    #[allow(clippy::inline_always)]
    #[inline(always)]
    fn add(&self, row: usize, value: f32, sums: &mut [f32; MOST_COLUMNS]) {
        super::models::add(sums, self.row(row), value);
    }

    /// Adds what the pieces of a word say that has no row of its own.
    #[allow(clippy::inline_always)]
    #[inline(always)]
    fn add_pieces(&self, subwords: &Table, word: &str, sums: &mut [f32; MOST_COLUMNS]) {
        let mut known = [0_u32; MOST_SUBWORDS];
        let (mut count, mut length) = (0, 0.0_f32);
        super::subwords(word, |hash| {
            if let Some(id) = subwords.find(hash)
                && let Some(place) = known.get_mut(count)
            {
                *place = id;
                count += 1;
                let idf = subwords.row(id).idf();
                length += idf * idf;
            }
        });
        let share = length.sqrt().recip();
        for id in &known[..count] {
            let row = subwords.row(*id);
            if let Some(second) = row.second() {
                self.add(second, row.idf() * share, sums);
            }
        }
    }

    /// Adds what the pieces of a text say, first those that have a row: each is what [`Self::take`] takes.
    #[allow(clippy::inline_always)]
    #[inline(always)]
    pub(super) fn take_all(
        &self,
        models: &Models,
        pieces: &[(Option<u32>, Option<&str>)],
        sums: &mut [f32; MOST_COLUMNS],
    ) {
        let second = |id: &Option<u32>| id.and_then(|id| models.table.row(id).second());
        let rows: Vec<Option<usize>> = pieces.iter().map(|(id, _)| second(id)).collect();
        for row in rows.iter().flatten() {
            self.add(*row, 1.0, sums);
        }
        for ((_, word), row) in pieces.iter().zip(rows) {
            if let (None, Some(word)) = (row, word) {
                self.add_pieces(&models.subwords, word, sums);
            }
        }
    }

    /// Adds what one piece of a text says: `id` is its feature, `word` the word if it is one with a letter.
    #[allow(clippy::inline_always)]
    #[inline(always)]
    pub(super) fn take(
        &self,
        models: &Models,
        id: Option<u32>,
        word: Option<&str>,
        sums: &mut [f32; MOST_COLUMNS],
    ) {
        let row = id.and_then(|id| models.table.row(id).second());
        match (row, word) {
            (Some(row), _) => self.add(row, 1.0, sums),
            (None, Some(word)) => self.add_pieces(&models.subwords, word, sums),
            (None, None) => {}
        }
    }
}

/// The sentences of a document, as ranges of its tokens.
#[must_use]
pub fn sentences(document: &Document<'_>, tokens: &[Token]) -> Vec<std::ops::Range<usize>> {
    let mut found = Vec::new();
    let mut first = 0;
    for at in 1..=tokens.len() {
        let ends = match tokens.get(at) {
            None => true,
            Some(next) => {
                at - first >= LONGEST_SENTENCE || ends_between(document, &tokens[at - 1], next)
            }
        };
        if ends {
            if at - first >= SHORTEST_SENTENCE {
                found.push(first..at);
            }
            first = at;
        }
    }
    found
}

fn ends_between(document: &Document<'_>, before: &Token, next: &Token) -> bool {
    if before.field != next.field {
        return true;
    }
    let gap = document
        .field(before.field)
        .get(before.end as usize..next.start as usize)
        .unwrap_or_default();
    gap.contains('\n') || gap.starts_with(['.', '!', '?', '。']) && gap.len() > 1
}

/// Whether a document describes a flaw and not what attackers do: it is not asked for techniques, as the model has
/// learnt to say `none` of the first sentences of CVEs. By the words that tell the taggers' style, too.
pub(super) fn describes_flaw(document: &Document<'_>) -> bool {
    static CUES: LazyLock<Vec<u64>> = LazyLock::new(|| {
        let mut cues: Vec<u64> = ADVISORY_WORDS
            .split_ascii_whitespace()
            .map(hash_word)
            .collect();
        cues.sort_unstable();
        cues
    });
    let cues = CUES.as_slice();
    let tokens = document.tokens();
    let head = &tokens[..tokens.len().min(HEAD)];
    let count = head
        .iter()
        .filter(|t| cues.binary_search(&t.hash).is_ok())
        .count();
    is_advisory(count, head.len())
}

impl Models {
    /// The technique that a text of one sentence describes, every class with its probability.
    ///
    /// # Errors
    /// [`Why`] it abstains.
    pub fn technique_of_sentence(&self, document: &Document<'_>) -> Result<Guess, Why> {
        let (part, _) = self.technique.as_ref().ok_or(Why::NoModel)?;
        let tokens = document.tokens();
        let tokens = &tokens[..tokens.len().min(Self::MOST_WORDS)];
        let probabilities = self.sentence(part, document, tokens).ok_or(Why::TooShort)?;
        // What describes no technique is no answer to which technique it is.
        let named = part.classes.iter().zip(&probabilities);
        let named: Vec<_> = named.filter(|(class, _)| *class != NO_TECHNIQUE).collect();
        let sum: f32 = named.iter().map(|(_, p)| **p).sum();
        let all: Vec<(String, f64)> = named
            .into_iter()
            .map(|(class, p)| (class.clone(), f64::from(*p / sum.max(f32::MIN_POSITIVE))))
            .collect();
        super::models::most_likely(all).ok_or(Why::NoModel)
    }

    pub(super) fn techniques_of(
        &self,
        document: &Document<'_>,
        look: &Look,
    ) -> Result<Vec<TechniqueGuess>, Why> {
        let (part, _) = self.technique.as_ref().ok_or(Why::NoModel)?;
        look.reading.check()?;
        if describes_flaw(document) {
            return Ok(Vec::new());
        }
        let tokens = document.tokens();
        let tokens = &tokens[..tokens.len().min(Self::MOST_WORDS)];
        let mut best: Vec<Option<(f32, std::ops::Range<usize>)>> = vec![None; part.classes.len()];
        let mut take = |probabilities: &[f32], range: std::ops::Range<usize>| {
            for (best, p) in best.iter_mut().zip(probabilities) {
                if *p >= part.threshold && best.as_ref().is_none_or(|(most, _)| p > most) {
                    *best = Some((*p, range.clone()));
                }
            }
        };
        if tokens.len() <= ONE_SENTENCE {
            take(
                &part.probabilities(&look.technique, look.root, look.words),
                0..tokens.len(),
            );
        } else {
            for range in sentences(document, tokens) {
                if let Some(probabilities) = self.sentence(part, document, &tokens[range.clone()]) {
                    take(&probabilities, range);
                }
            }
        }
        let mut found: Vec<TechniqueGuess> = part
            .classes
            .iter()
            .zip(&part.names)
            .zip(best)
            .filter(|((class, _), _)| *class != NO_TECHNIQUE)
            .filter_map(|((class, name), best)| {
                let (probability, range) = best?;
                let tokens = tokens.get(range)?;
                // Title and text are two fields: the place is in the one where most of it stands.
                let last = tokens.last()?;
                let first = tokens.iter().find(|t| t.field == last.field)?;
                Some(TechniqueGuess {
                    id: class.clone(),
                    name: name.clone(),
                    probability: f64::from(probability),
                    span: Document::span(first, last),
                })
            })
            .collect();
        found.sort_by(|a, b| {
            b.probability
                .total_cmp(&a.probability)
                .then_with(|| a.id.cmp(&b.id))
        });
        Ok(found)
    }

    /// The probability of each class for some tokens; `None` where no feature is known.
    fn sentence(
        &self,
        part: &TechniquePart,
        document: &Document<'_>,
        tokens: &[Token],
    ) -> Option<Vec<f32>> {
        struct Widely<'a, 'd>(&'a Models, &'a TechniquePart, &'a Document<'d>, &'a [Token]);
        impl WithSimd for Widely<'_, '_> {
            type Output = Option<Vec<f32>>;
            #[allow(clippy::inline_always)]
            #[inline(always)]
            fn with_simd<S: Simd>(self, _: S) -> Self::Output {
                self.0.read_sentence(self.1, self.2, self.3)
            }
        }
        Arch::new().dispatch(Widely(self, part, document, tokens))
    }

    #[allow(clippy::inline_always)]
    #[inline(always)]
    fn read_sentence(
        &self,
        part: &TechniquePart,
        document: &Document<'_>,
        tokens: &[Token],
    ) -> Option<Vec<f32>> {
        let (_, weights) = self.technique.as_ref()?;
        let (mut sums, mut words, mut unknown) = ([0.0_f32; MOST_COLUMNS], 0_u32, 0_usize);
        let pieces = listed(document, tokens);
        let ids: Vec<Option<u32>> = pieces.iter().map(|p| self.table.find(p.hash)).collect();
        let mut asked = Vec::with_capacity(ids.len());
        for (piece, id) in pieces.into_iter().zip(ids) {
            let token = &tokens[piece.last];
            let is_word = piece.is_single() && token.shape.is_word();
            words += u32::from(is_word);
            unknown += usize::from(is_word && id.is_none());
            let is_read = is_word && unknown < Self::MOST_UNKNOWN;
            let word = is_read.then(|| piece.part.unwrap_or_else(|| document.word(token)));
            asked.push((id, word));
        }
        weights.take_all(self, &asked, &mut sums);
        (words > 0).then(|| part.probabilities(&sums, root_of(words), tokens.len()))
    }
}

/// One over the root of a number of words.
#[inline]
pub(super) fn root_of(words: u32) -> f32 {
    (words.max(1) as f32).sqrt().recip()
}

impl TechniquePart {
    pub(super) fn probabilities(
        &self,
        sums: &[f32; MOST_COLUMNS],
        norm: f32,
        words: usize,
    ) -> Vec<f32> {
        let of = |((sum, scale), bias): ((&f32, &f32), &f32)| sum * scale * norm + bias;
        let mut logits: Vec<f32> = sums
            .iter()
            .zip(&self.scale)
            .zip(&self.bias)
            .map(of)
            .collect();
        self.calibration.of(words).apply(&mut logits);
        softmax(&mut logits);
        logits
    }
}

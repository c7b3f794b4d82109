//! The linear-chain tagger: weights by feature and label, steps between labels, and the best way through.
//!
//! Weights are read from a section of the model file into one open table whose slots hold a feature's
//! mark beside its weights, so that a feature costs one look into memory. Tagging takes time linear in
//! the number of words and never fails; what it cannot know it calls `O`.

use std::ops::Range;

use super::features::features;
use super::observe::Seen;
use crate::entity::bytes::Reader;
use crate::model::ModelError;

/// The most labels that a tagger may have.
pub const MOST_LABELS: usize = 16;

/// A trained tagger.
#[derive(Debug)]
pub struct Tagger {
    labels: Vec<String>,
    scale: f32,
    /// `(labels + 1) x labels`: from the start (row 0) or a label to a label.
    steps: Vec<f32>,
    shift: u32,
    slots: Vec<Slot>,
    rows: usize,
}

/// A feature's mark, 0 where the slot is free, and its weights.
#[derive(Clone, Copy, Debug, Default)]
struct Slot {
    mark: u32,
    weights: [i8; MOST_LABELS],
}

impl Tagger {
    /// Reads a section: number of labels, labels, scale, steps, number of rows, rows of mark and weights.
    ///
    /// # Errors
    /// [`ModelError::Malformed`] where the bytes are not those of a tagger.
    pub fn read(name: &str, section: &[u8]) -> Result<Self, ModelError> {
        let mut bytes = Reader::new(name, section);
        let count = usize::from(bytes.byte()?);
        if count == 0 || count > MOST_LABELS {
            return Err(bytes.malformed("the number of labels is wrong"));
        }
        let mut labels = Vec::with_capacity(count);
        for _ in 0..count {
            labels.push(bytes.text()?.to_string());
        }
        let scale = bytes.float()?;
        let mut steps = Vec::with_capacity(count * (count + 1));
        for _ in 0..count * (count + 1) {
            steps.push(bytes.float()?);
        }
        let rows = bytes.count(4 + count)?;
        let bits = (rows * 3 / 2).next_power_of_two().trailing_zeros().max(4);
        let mut tagger = Self {
            labels,
            scale,
            steps,
            shift: 32 - bits,
            slots: vec![Slot::default(); 1 << bits],
            rows,
        };
        for _ in 0..rows {
            let mark = bytes.number()?.max(1);
            let mut weights = [0; MOST_LABELS];
            for (to, from) in weights.iter_mut().zip(bytes.take(count)?) {
                *to = i8::from_ne_bytes([*from]);
            }
            let mut at = tagger.place(mark);
            while tagger.slots[at].mark != 0 {
                at = (at + 1) & (tagger.slots.len() - 1);
            }
            tagger.slots[at] = Slot { mark, weights };
        }
        Ok(tagger)
    }

    /// The labels: `O`, `B-...` and `I-...`.
    #[must_use]
    pub fn labels(&self) -> &[String] {
        &self.labels
    }

    /// How many features it has weights for.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.rows
    }

    #[inline]
    fn place(&self, mark: u32) -> usize {
        (mark.wrapping_mul(0x9e37_79b1) >> self.shift) as usize
    }

    /// The most likely labels of a sequence of a text's words, as places in [`Self::labels`]. Features
    /// look beyond the sequence.
    #[must_use]
    pub fn tag(&self, seen: &[Seen], sequence: Range<usize>) -> Vec<u8> {
        let count = self.labels.len();
        let first = sequence.start;
        let mut best = [0f32; MOST_LABELS];
        let mut back: Vec<[u8; MOST_LABELS]> = Vec::with_capacity(sequence.len());
        for at in sequence {
            let here = self.scores(seen, at);
            let mut next = [f32::MIN; MOST_LABELS];
            let mut from = [0u8; MOST_LABELS];
            for to in 0..count {
                if at == first {
                    next[to] = self.steps[to] + here[to];
                    continue;
                }
                for before in 0..count {
                    let sum = best[before] + self.steps[(before + 1) * count + to];
                    if sum > next[to] {
                        next[to] = sum;
                        from[to] = before as u8;
                    }
                }
                next[to] += here[to];
            }
            best = next;
            back.push(from);
        }
        let mut label = 0u8;
        for k in 1..count {
            if best[k] > best[label as usize] {
                label = k as u8;
            }
        }
        let mut out = vec![0; back.len()];
        for at in (0..back.len()).rev() {
            out[at] = label;
            label = back[at][label as usize];
        }
        out
    }

    /// The weights of the features at a word, summed by label.
    #[inline]
    fn scores(&self, seen: &[Seen], at: usize) -> [f32; MOST_LABELS] {
        let mut sums = [0i32; MOST_LABELS];
        features(seen, at, |hash| {
            let mark = mark_of(hash);
            let mut at = self.place(mark);
            loop {
                let slot = &self.slots[at];
                if slot.mark == mark {
                    for (sum, w) in sums.iter_mut().zip(slot.weights) {
                        *sum += i32::from(w);
                    }
                    return;
                }
                if slot.mark == 0 {
                    return;
                }
                at = (at + 1) & (self.slots.len() - 1);
            }
        });
        sums.map(|s| s as f32 * self.scale)
    }
}

/// A feature's mark in the table: 32 bits of its hash, never 0.
#[inline]
#[must_use]
pub fn mark_of(hash: u64) -> u32 {
    ((hash >> 32) as u32).max(1)
}

/// Whether a label may follow another (`None`: the start): nothing goes on that has not begun.
#[must_use]
pub fn may_follow(before: Option<&str>, label: &str) -> bool {
    match label.strip_prefix("I-") {
        None => true,
        Some(kind) => before.is_some_and(|b| b.get(2..) == Some(kind)),
    }
}

//! From sums of weights to calibrated probabilities.

use serde::{Deserialize, Serialize};

/// Where a model's weights stand in the table, and what belongs to no feature.
///
/// The first class has no column: its sum is nought, and the others' weights are relative to its.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Head {
    /// The classes, in order.
    pub classes: Vec<String>,
    /// The first column of the table; the second class stands there.
    pub first: usize,
    /// What one unit of each column's weights is worth.
    pub scale: Vec<f32>,
    /// What each class but the first starts with.
    pub bias: Vec<f32>,
}

impl Head {
    /// Whether its columns are in a table of so many and all its lists are as long as they must be.
    #[must_use]
    pub fn fits(&self, columns: usize) -> bool {
        let rows = self.classes.len().saturating_sub(1);
        rows > 0
            && self.scale.len() == rows
            && self.bias.len() == rows
            && self
                .first
                .checked_add(rows)
                .is_some_and(|end| end <= columns)
    }

    /// Log-odds of each class, from a document's sums of `frequency x weight` and one over its length.
    #[inline]
    pub(super) fn logits(&self, sums: &[f32], norm: f32) -> Vec<f32> {
        let columns = &sums[self.first..self.first + self.bias.len()];
        let of = |((sum, scale), bias): ((&f32, &f32), &f32)| sum * scale * norm + bias;
        std::iter::once(0.0)
            .chain(columns.iter().zip(&self.scale).zip(&self.bias).map(of))
            .collect()
    }
}

/// How raw log-odds become probabilities that hold: apart for short and for longer texts.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Calibration {
    /// Texts of at most so many words are short.
    pub short_words: u32,
    /// For short texts.
    pub short: Scaling,
    /// For longer texts.
    pub long: Scaling,
}

/// A temperature, and what is added to each class: `logit x slope + shift`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Scaling {
    /// One over the temperature.
    pub slope: f32,
    /// Added to each class, in order.
    pub shift: Vec<f32>,
}

impl Scaling {
    /// Leaves everything as it is.
    #[must_use]
    pub fn none(classes: usize) -> Self {
        Self {
            slope: 1.0,
            shift: vec![0.0; classes],
        }
    }

    /// Scales log-odds in place.
    #[inline]
    pub fn apply(&self, logits: &mut [f32]) {
        for (logit, shift) in logits.iter_mut().zip(&self.shift) {
            *logit = *logit * self.slope + shift;
        }
    }
}

impl Calibration {
    /// The scaling for a text of so many words.
    #[must_use]
    pub fn of(&self, words: usize) -> &Scaling {
        if words <= self.short_words as usize {
            &self.short
        } else {
            &self.long
        }
    }

    /// Whether its lists are as long as they must be.
    #[must_use]
    pub fn fits(&self, classes: usize) -> bool {
        self.short.shift.len() == classes && self.long.shift.len() == classes
    }
}

/// Log-odds to probabilities, in place.
#[inline]
pub fn softmax(logits: &mut [f32]) {
    let most = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let mut sum = 0.0;
    for logit in logits.iter_mut() {
        *logit = (*logit - most).exp();
        sum += *logit;
    }
    for logit in logits.iter_mut() {
        *logit /= sum;
    }
}

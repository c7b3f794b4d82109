//! How good answers are against labels that were held back, and how labels are parted for that.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::traits::{Example, LabelFrom};

/// An answer and the truth.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Answer {
    /// The probability that was said.
    pub probability: f64,
    /// The label.
    pub is_relevant: bool,
}

/// How good answers are.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Measured {
    /// Of what was called relevant, the part that is; 1.0 where nothing was called so.
    pub precision: f64,
    /// Of what is relevant, the part that was called so.
    pub recall: f64,
    /// Their harmonic mean.
    pub f1: f64,
    /// Expected calibration error in ten bins.
    pub ece: f64,
    /// The mean squared distance from the truth.
    pub brier: f64,
}

/// Measures answers at a threshold.
#[must_use]
pub fn measure(answers: &[Answer], threshold: f64) -> Measured {
    let (mut hits, mut called, mut relevant, mut brier) = (0.0, 0.0, 0.0, 0.0);
    let mut bins = [(0.0_f64, 0.0_f64, 0.0_f64); 10];
    for answer in answers {
        let truth = f64::from(u8::from(answer.is_relevant));
        let is_called = answer.probability >= threshold;
        hits += truth * f64::from(u8::from(is_called));
        called += f64::from(u8::from(is_called));
        relevant += truth;
        brier += (answer.probability - truth).powi(2);
        // Probabilities are from 0 to 1, so this is 0 to 10.
        let bin = &mut bins[((answer.probability * 10.0) as usize).min(9)];
        bin.0 += answer.probability;
        bin.1 += truth;
        bin.2 += 1.0;
    }
    let count = answers.len().max(1) as f64;
    let part = |a: f64, b: f64| if b > 0.0 { a / b } else { 1.0 };
    let (precision, recall) = (part(hits, called), part(hits, relevant));
    let gaps: f64 = bins.iter().map(|(said, was, _)| (said - was).abs()).sum();
    Measured {
        precision,
        recall,
        f1: part(2.0 * hits, called + relevant),
        ece: gaps / count,
        brier: brier / count,
    }
}

/// How the user's model does on labels that it was not made from.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct CrossValidated {
    /// Of what it called relevant, the part that is.
    pub precision: f64,
    /// Of what is relevant, the part that it called so.
    pub recall: f64,
    /// Their harmonic mean.
    pub f1: f64,
    /// The same without it: watches, and the base model for articles.
    pub base_f1: f64,
    /// Expected calibration error.
    pub ece: f64,
    /// Parts that each were held back once.
    pub folds: u32,
}

/// The part in which each example is held back: both labels spread evenly, by key, so that the same labels
/// are always parted the same way.
pub(super) fn folds(examples: &[Example], count: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..examples.len()).collect();
    order.sort_by_key(|i| {
        let e = &examples[*i];
        (
            e.is_relevant,
            e.from == LabelFrom::Watched,
            mixed(e.key),
            e.key,
        )
    });
    let mut folds = vec![0; examples.len()];
    for (place, example) in order.into_iter().enumerate() {
        folds[example] = place % count;
    }
    folds
}

/// A number that looks like a dice's, always the same.
pub(super) fn mixed(key: u64) -> u64 {
    let mut z = key.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(probability: f64, is_relevant: bool) -> Answer {
        Answer {
            probability,
            is_relevant,
        }
    }

    #[test]
    fn answers_are_measured() {
        let answers = [
            answer(0.9, true),
            answer(0.8, false),
            answer(0.2, true),
            answer(0.1, false),
        ];
        let m = measure(&answers, 0.5);
        assert_eq!((m.precision, m.recall, m.f1), (0.5, 0.5, 0.5));
        assert!((m.brier - (0.01 + 0.64 + 0.64 + 0.01) / 4.0).abs() < 1e-12);
        assert!((m.ece - (0.1 + 0.8 + 0.8 + 0.1) / 4.0).abs() < 1e-12);
        assert_eq!(measure(&[answer(0.1, false)], 0.5).f1, 1.0);
        assert_eq!(measure(&[answer(0.1, true)], 0.5).f1, 0.0);
    }
}

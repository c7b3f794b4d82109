//! Figures from answers and truths, defined as scikit-learn defines them.

use super::report::ClassScore;
use crate::model::Metric;

/// One answer beside the truth.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// The right class, by its number.
    pub truth: usize,
    /// The probability of each class.
    pub probabilities: Vec<f32>,
}

impl Answer {
    /// The most likely class; the first of equals.
    #[must_use]
    pub fn class(&self) -> usize {
        let mut best = 0;
        for (class, p) in self.probabilities.iter().enumerate() {
            if *p > self.probabilities[best] {
                best = class;
            }
        }
        best
    }

    /// The probability of the most likely class.
    #[must_use]
    pub fn confidence(&self) -> f64 {
        self.probabilities
            .get(self.class())
            .map_or(0.0, |p| f64::from(*p))
    }
}

/// Macro-F1 (over the classes that occur as truth or answer), accuracy, log loss, the expected calibration
/// error in 15 and 10 bins; and each class's own figures.
#[must_use]
pub fn score(classes: &[String], answers: &[Answer]) -> (Vec<Metric>, Vec<ClassScore>) {
    let n = classes.len();
    let mut table = vec![vec![0_u32; n]; n];
    let mut loss = 0.0;
    for answer in answers {
        table[answer.truth][answer.class()] += 1;
        let p = answer
            .probabilities
            .get(answer.truth)
            .copied()
            .unwrap_or_default();
        loss -= f64::from(p.max(1e-7)).ln();
    }
    let mut scores = Vec::new();
    for (class, name) in classes.iter().enumerate() {
        let hits = table[class][class];
        let texts: u32 = table[class].iter().sum();
        let answered: u32 = table.iter().map(|row| row[class]).sum();
        if texts + answered == 0 {
            continue;
        }
        scores.push(ClassScore {
            class: name.clone(),
            texts,
            precision: ratio(hits, answered),
            recall: ratio(hits, texts),
            f1: ratio(2 * hits, texts + answered),
        });
    }
    let hits: u32 = (0..n).map(|class| table[class][class]).sum();
    let total = answers.len().max(1) as f64;
    let macro_f1 = scores.iter().map(|s| s.f1).sum::<f64>() / scores.len().max(1) as f64;
    let metrics = vec![
        metric("macro_f1", macro_f1),
        metric("accuracy", f64::from(hits) / total),
        metric("log_loss", loss / total),
        metric("ece", calibration_error(answers, 15)),
        metric("ece_10", calibration_error(answers, 10)),
    ];
    (metrics, scores)
}

/// A metric by name.
#[must_use]
pub(super) fn metric(name: &str, value: f64) -> Metric {
    Metric {
        name: name.to_string(),
        value,
    }
}

fn ratio(part: u32, whole: u32) -> f64 {
    if whole == 0 {
        0.0
    } else {
        f64::from(part) / f64::from(whole)
    }
}

/// The expected calibration error: how far the confidence of answers lies from their share of hits, in bins of
/// equal width, each counted by its answers.
#[must_use]
pub fn calibration_error(answers: &[Answer], bins: usize) -> f64 {
    let mut sums = vec![(0_u32, 0.0_f64, 0_u32); bins];
    for answer in answers {
        let confidence = answer.confidence();
        let bin = ((confidence * bins as f64) as usize).min(bins - 1);
        sums[bin].0 += 1;
        sums[bin].1 += confidence;
        sums[bin].2 += u32::from(answer.class() == answer.truth);
    }
    let distance: f64 = sums
        .iter()
        .map(|(_, confidence, hits)| (confidence - f64::from(*hits)).abs())
        .sum();
    distance / answers.len().max(1) as f64
}

/// The area under the curve of precision over recall, as the mean of precisions at each recall.
#[must_use]
pub fn average_precision(scored: &[(f32, bool)]) -> f64 {
    let mut sorted = scored.to_vec();
    sorted.sort_by(|a, b| b.0.total_cmp(&a.0));
    let positives = sorted.iter().filter(|(_, truth)| *truth).count();
    let (mut hits, mut area) = (0_u32, 0.0);
    let mut at = 0;
    while at < sorted.len() {
        // What has the same score is one step.
        let same = sorted[at..]
            .iter()
            .take_while(|s| s.0.total_cmp(&sorted[at].0).is_eq())
            .count();
        let new = sorted[at..at + same]
            .iter()
            .filter(|(_, truth)| *truth)
            .count();
        hits += new as u32;
        at += same;
        area += f64::from(hits) / at as f64 * new as f64;
    }
    area / positives.max(1) as f64
}

//! From one reading of a document to each model's answer.

use super::answer::{Guess, Why};
use super::cvss::PARTS;
use super::head::softmax;
use super::models::{Look, Models};
use super::section::{CategoryPart, RelevancePart, SeverityPart};

/// What is less probable is as if it were this probable.
const LEAST: f32 = 1e-6;

impl Models {
    pub(super) fn category_of(&self, look: &Look) -> Result<Guess, Why> {
        let part = self.category.as_ref().ok_or(Why::NoModel)?;
        look.reading.check()?;
        Ok(self.named(
            &part.classes,
            &self.category_odds(look).ok_or(Why::NoModel)?,
        ))
    }

    pub(super) fn severity_of(&self, look: &Look) -> Result<Guess, Why> {
        let part = self.severity.as_ref().ok_or(Why::NoModel)?;
        look.reading.check()?;
        Ok(self.named(
            &part.level.classes,
            &self.severity_odds(look).ok_or(Why::NoModel)?,
        ))
    }

    pub(super) fn relevance_of(&self, look: &Look) -> Result<Guess, Why> {
        let part = self.relevance.as_ref().ok_or(Why::NoModel)?;
        look.reading.check()?;
        Ok(self.named(
            &part.head.classes,
            &self.relevance_odds(look).ok_or(Why::NoModel)?,
        ))
    }

    /// Calibrated log-odds of the categories, whatever the language; `None` without a model.
    #[must_use]
    pub fn category_odds(&self, look: &Look) -> Option<Vec<f32>> {
        let mut odds = self.category_raw(look)?;
        let part = self.category.as_ref()?;
        part.calibration.of(look.words).apply(&mut odds);
        Some(odds)
    }

    /// The same before calibration.
    #[must_use]
    pub fn category_raw(&self, look: &Look) -> Option<Vec<f32>> {
        let part = self.category.as_ref()?;
        let mut odds = part.sums(&part.kinds_of(look));
        for odds in &mut odds {
            *odds = odds.max(LEAST).ln();
        }
        Some(odds)
    }

    /// Calibrated log-odds of Low, Medium and High, whatever the language; `None` without a model.
    #[must_use]
    pub fn severity_odds(&self, look: &Look) -> Option<Vec<f32>> {
        let mut odds = self.severity_raw(look)?;
        let part = self.severity.as_ref()?;
        part.calibration.of(look.words).apply(&mut odds);
        Some(odds)
    }

    /// The same before calibration.
    #[must_use]
    pub fn severity_raw(&self, look: &Look) -> Option<Vec<f32>> {
        let part = self.severity.as_ref()?;
        let mut odds = part.level.logits(&look.sums, look.norm);
        softmax(&mut odds);
        let vector = self.bands.levels(&part.vector_parts(look));
        for (odds, by_vector) in odds.iter_mut().zip(vector) {
            *odds = part.mean(*odds, by_vector);
        }
        Some(odds)
    }

    /// Calibrated log-odds of `other` and `security`, whatever the language; `None` without a model.
    #[must_use]
    pub fn relevance_odds(&self, look: &Look) -> Option<Vec<f32>> {
        let mut odds = self.relevance_raw(look)?;
        let part = self.relevance.as_ref()?;
        part.calibration.of(look.words).apply(&mut odds);
        Some(odds)
    }

    /// The same before calibration.
    #[must_use]
    pub fn relevance_raw(&self, look: &Look) -> Option<Vec<f32>> {
        let part = self.relevance.as_ref()?;
        Some(part.odds(look))
    }

    #[allow(clippy::unused_self)]
    fn named(&self, classes: &[String], odds: &[f32]) -> Guess {
        let mut odds = odds.to_vec();
        softmax(&mut odds);
        let all: Vec<(String, f64)> = classes
            .iter()
            .zip(odds)
            .map(|(class, p)| (class.clone(), f64::from(p)))
            .collect();
        super::models::most_likely(all).unwrap_or_else(|| Guess {
            label: String::new(),
            probability: 0.0,
            all: Vec::new(),
        })
    }
}

impl CategoryPart {
    /// The probability of each kind.
    pub(super) fn kinds_of(&self, look: &Look) -> Vec<f32> {
        let mut kinds = self.kinds.logits(&look.sums, look.norm);
        softmax(&mut kinds);
        kinds
    }

    /// The probability of each category, from those of its kinds.
    pub(super) fn sums(&self, kinds: &[f32]) -> Vec<f32> {
        let mut sums = vec![0.0; self.classes.len()];
        for (kind, category) in kinds.iter().zip(&self.category_of) {
            sums[*category] += kind;
        }
        sums
    }
}

impl SeverityPart {
    /// The probabilities of each part's values, one part after the other.
    pub(super) fn vector_parts(&self, look: &Look) -> [f32; 22] {
        let mut parts = [0.0; 22];
        let mut at = 0;
        for (head, (_, values)) in self.vector.iter().zip(PARTS) {
            let mut odds = head.logits(&look.sums, look.norm);
            softmax(&mut odds);
            parts[at..at + values.len()].copy_from_slice(&odds);
            at += values.len();
        }
        parts
    }

    /// The weighted mean of two opinions' logarithms.
    pub(super) fn mean(&self, level: f32, by_vector: f32) -> f32 {
        (1.0 - self.share) * level.max(LEAST).ln() + self.share * by_vector.max(LEAST).ln()
    }
}

impl RelevancePart {
    pub(super) fn odds(&self, look: &Look) -> Vec<f32> {
        let mut odds = self.head.logits(&look.sums, look.norm);
        if let Some(security) = odds.get_mut(1) {
            *security += look.pieces * self.pieces_scale;
        }
        odds
    }
}

impl Models {
    /// The classes of a task, in the model's order; empty without a model.
    #[must_use]
    pub fn classes(&self, task: crate::eval::Task) -> Vec<String> {
        use crate::eval::Task;
        match task {
            Task::Severity => self
                .severity
                .as_ref()
                .map(|part| part.level.classes.clone()),
            Task::Category => self.category.as_ref().map(|part| part.classes.clone()),
            Task::Relevance => self
                .relevance
                .as_ref()
                .map(|part| part.head.classes.clone()),
            Task::Technique => self.technique.as_ref().map(|(part, _)| {
                let named = part
                    .classes
                    .iter()
                    .filter(|class| *class != super::NO_TECHNIQUE);
                named.cloned().collect()
            }),
            Task::Entities | Task::Indicators => None,
        }
        .unwrap_or_default()
    }
}

//! What was measured, for people and as JSON.

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

use crate::model::Metric;

/// What was measured on one file.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// The task, and how: `relevance (title only)`.
    pub task: String,
    /// Texts with a label.
    pub texts: u32,
    /// The figures: macro_f1, accuracy, ece, texts_per_second ...
    pub metrics: Vec<Metric>,
    /// Each class's own.
    pub classes: Vec<ClassScore>,
    /// The surest wrong answers, if they were asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub worst: Vec<Mistake>,
}

/// One wrong answer.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Mistake {
    /// The beginning of the text.
    pub text: String,
    /// The right class.
    pub truth: String,
    /// The answer.
    pub answer: String,
    /// How sure the model was of it.
    pub probability: f64,
}

/// One class's figures.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ClassScore {
    /// The class.
    pub class: String,
    /// Texts of this class.
    pub texts: u32,
    /// Of the answers with this class, the share that is right.
    pub precision: f64,
    /// Of the texts of this class, the share that was found.
    pub recall: f64,
    /// Their harmonic mean.
    pub f1: f64,
}

impl Report {
    /// A figure by name.
    #[must_use]
    pub fn metric(&self, name: &str) -> Option<f64> {
        self.metrics
            .iter()
            .find(|m| m.name == name)
            .map(|m| m.value)
    }

    /// As lines for people.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut out = format!("{}: {} texts\n", self.task, self.texts);
        for Metric { name, value } in &self.metrics {
            let shown = if value.abs() >= 100.0 {
                format!("{value:.0}")
            } else {
                format!("{value:.4}")
            };
            let _ = writeln!(out, "  {name:<28} {shown:>10}");
        }
        if !self.classes.is_empty() {
            let _ = writeln!(
                out,
                "  {:<28} {:>7} {:>9} {:>9} {:>9}",
                "class", "texts", "precision", "recall", "f1"
            );
        }
        for class in &self.classes {
            let ClassScore {
                class,
                texts,
                precision,
                recall,
                f1,
            } = class;
            let _ = writeln!(
                out,
                "  {class:<28} {texts:>7} {precision:>9.4} {recall:>9.4} {f1:>9.4}"
            );
        }
        for mistake in &self.worst {
            let Mistake {
                text,
                truth,
                answer,
                probability,
            } = mistake;
            let _ = writeln!(out, "  {answer} ({probability:.2}), not {truth}: {text}");
        }
        out
    }
}

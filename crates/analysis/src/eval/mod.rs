//! How good the models are on texts with known answers: `cargo xtask eval`, `tocsind eval` and training ask here.
//!
//! Pure like the rest: the caller reads (and unpacks) the file and brings a stopwatch.

mod classes;
mod indicators;
mod metrics;
mod records;
mod report;

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests;

use std::fmt;
use std::str::FromStr;

pub use metrics::{Answer, average_precision, calibration_error, score};
pub use records::{RelText, TramText, VulnText, read_lines};
pub use report::{ClassScore, Mistake, Report};

use crate::classify::Models;

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Task {
    /// Low, Medium, High from the text of a vulnerability.
    Severity,
    /// One of 13 categories from the text of a vulnerability.
    Category,
    /// Security or not.
    Relevance,
    /// One of 50 techniques of ATT&CK from a sentence.
    Technique,
    /// Names in texts.
    Entities,
    /// Indicators of compromise in texts.
    Indicators,
}

impl Task {
    /// All tasks.
    pub const ALL: [Task; 6] = [
        Task::Severity,
        Task::Category,
        Task::Relevance,
        Task::Technique,
        Task::Entities,
        Task::Indicators,
    ];

    /// As it is written on the command line.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Task::Severity => "severity",
            Task::Category => "category",
            Task::Relevance => "relevance",
            Task::Technique => "technique",
            Task::Entities => "entities",
            Task::Indicators => "indicators",
        }
    }

    /// The task that a file is for, by its first record: `severity` for vulnerabilities (which also have
    /// categories), `relevance`, `technique`; `None` where the record does not say.
    #[must_use]
    pub fn of(lines: &str) -> Option<Task> {
        if lines.trim_start().starts_with('{') && lines.contains("\"cases\"") {
            return Some(Task::Indicators);
        }
        let first = lines.lines().find(|line| !line.trim().is_empty())?;
        if first
            .split_once('\t')
            .is_some_and(|(_, label)| label == "O" || label.starts_with("B-"))
        {
            return Some(Task::Entities);
        }
        let record: serde_json::Value = serde_json::from_str(first).ok()?;
        let has = |key: &str| record.get(key).is_some();
        match () {
            () if has("expect") || has("valid") || has("invalid") => Some(Task::Indicators),
            () if has("desc") && has("severity") => Some(Task::Severity),
            () if has("text") && has("y") => Some(Task::Relevance),
            () if has("text") && has("label") => Some(Task::Technique),
            () if has("entities") => Some(Task::Entities),
            () => None,
        }
    }
}

impl fmt::Display for Task {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Task {
    type Err = EvalError;

    fn from_str(word: &str) -> Result<Self, EvalError> {
        Self::ALL
            .into_iter()
            .find(|task| task.as_str() == word)
            .ok_or_else(|| EvalError::UnknownTask(word.to_string()))
    }
}

/// How a task is measured.
#[derive(Clone, Copy)]
pub struct Options<'a> {
    /// Relevance: of each text only what its title would be ([`RelText::title`]).
    pub is_title_only: bool,
    /// Entities: the label scheme of the file.
    pub scheme: Option<&'a str>,
    /// So many of the surest wrong answers are listed.
    pub worst: usize,
    /// Seconds on a monotonic clock.
    pub stopwatch: &'a dyn Fn() -> f64,
}

/// Why nothing was measured.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EvalError {
    /// There is no such task.
    #[error(
        "there is no task `{0}`: severity, category, relevance, technique, entities, indicators"
    )]
    UnknownTask(String),
    /// A line is not in the format of the task.
    #[error("line {line} is no record of the task: {what}")]
    Malformed {
        /// From 1.
        line: usize,
        /// What is wrong.
        what: String,
    },
    /// No line has an answer to compare with.
    #[error("no record of the file has a label for this task")]
    Empty,
    /// There is no model for the task.
    #[error("the model file has no model for {0}")]
    NoModel(Task),
}

/// Measures a task on the text of a file in the task's documented format (`docs/analysis.md`).
///
/// # Errors
/// [`EvalError`] where the file cannot be read or has nothing to compare with.
pub fn run(
    task: Task,
    models: &Models,
    lines: &str,
    options: &Options<'_>,
) -> Result<Report, EvalError> {
    match task {
        Task::Severity => classes::severity(models, &read_lines(lines)?, options),
        Task::Category => classes::category(models, &read_lines(lines)?, options),
        Task::Relevance => classes::relevance(models, &read_lines(lines)?, options),
        Task::Technique => classes::technique(models, &read_lines(lines)?, options),
        Task::Indicators => indicators::indicators(lines, options),
        Task::Entities => Err(EvalError::NoModel(task)),
    }
}

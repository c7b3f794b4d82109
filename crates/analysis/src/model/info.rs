//! What a model file says of itself.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What a model file says of itself: shown in the settings, printed by `eval`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, TS)]
pub struct ModelInfo {
    /// The container's format.
    pub format: u32,
    /// The date of the newest text that it learnt from, and the checksum of its sections:
    /// `2025-11-28-1a2b3c4d`. Made by the writer.
    pub version: String,
    /// What it was made from.
    pub made_from: Vec<Origin>,
    /// What it can do.
    pub tasks: Vec<TaskInfo>,
}

/// One source of text or of names, and its licence.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Origin {
    /// The source.
    pub name: String,
    /// Its licence, as an SPDX expression where there is one.
    pub licence: String,
    /// How many texts or names of it were used.
    pub texts: u32,
    /// The tasks that learnt from it.
    pub tasks: Vec<String>,
}

/// One task that the file's models do.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, TS)]
pub struct TaskInfo {
    /// `severity`, `category`, `relevance`, `technique`, `entities` ...
    pub task: String,
    /// Its classes, in the order of the model's rows.
    pub classes: Vec<String>,
    /// How many features it looks at.
    pub features: u32,
    /// Bytes of its sections.
    pub bytes: u32,
    /// How good it was on texts that it did not learn from.
    pub metrics: Vec<Metric>,
}

/// One measured number.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, TS)]
pub struct Metric {
    /// What was measured, on what: `dev.macro_f1`.
    pub name: String,
    /// The number.
    pub value: f64,
}

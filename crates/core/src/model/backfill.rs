//! Reading all years of a source.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::Time;
use crate::error::Fault;

/// How a backfill stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum BackfillState {
    /// It reads.
    Running,
    /// It goes on by itself: after a refusal, when the machine is online again, after the present run.
    Waiting,
    /// Somebody paused it.
    Paused,
    /// Everything was read.
    Done,
    /// It stopped at something that a person has to mend; it can be resumed.
    Failed,
    /// Somebody ended it; what was read stays.
    Cancelled,
}

impl BackfillState {
    /// The stored word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Waiting => "waiting",
            Self::Paused => "paused",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    /// Reads the stored word.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [
            Self::Running,
            Self::Waiting,
            Self::Paused,
            Self::Done,
            Self::Failed,
            Self::Cancelled,
        ]
        .into_iter()
        .find(|s| s.as_str() == text)
    }

    /// Whether it goes on by itself.
    #[must_use]
    pub fn goes_on(self) -> bool {
        matches!(self, Self::Running | Self::Waiting)
    }
}

/// A backfill as its screen shows it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct Backfill {
    /// How it stands.
    pub state: BackfillState,
    /// Records read.
    pub done: u32,
    /// Records in all, where known.
    pub total: Option<u32>,
    /// The first publication that it covers.
    pub from: Time,
    /// The last publication that it covers.
    pub to: Time,
    /// Up to which publication everything is read.
    pub at: Time,
    /// When it was started.
    pub started: Time,
    /// Seconds left, as far as can be told.
    pub eta_s: Option<u32>,
    /// Records a minute of late.
    pub per_min: Option<u32>,
    /// Why it waits or stopped.
    pub fault: Option<Fault>,
}

//! Sources, their runs and their health.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{Problem, Time};
use crate::error::Fault;

/// A source's name in settings and links: `nvd`, `owasp`, `thehackernews`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
pub struct SourceId(pub String);

impl SourceId {
    /// From its text.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// As text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for SourceId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum RunOutcome {
    /// It goes on.
    Running,
    /// Everything was read.
    Succeeded,
    /// It stopped at an error; the pages before it are stored.
    Failed,
    /// The user or the end of the app stopped it; the pages before are stored.
    Cancelled,
    /// The app ended in the middle of it.
    Interrupted,
}

impl RunOutcome {
    /// The stored word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::Interrupted => "interrupted",
        }
    }

    /// Reads the stored word.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [
            Self::Running,
            Self::Succeeded,
            Self::Failed,
            Self::Cancelled,
            Self::Interrupted,
        ]
        .into_iter()
        .find(|o| o.as_str() == text)
    }
}

/// What a run brought.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct RunCounts {
    /// Records read.
    pub read: u32,
    /// Alerts stored for the first time.
    pub new: u32,
    /// Alerts whose meaning changed.
    pub changed: u32,
    /// Records that said nothing new.
    pub unchanged: u32,
    /// Records that could not be used.
    pub problems: u32,
}

/// What a person should know of a run besides its counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum RunNote {
    /// The source says that nothing is new since the last run.
    NotModified,
    /// It was read from another address, because its own refused.
    Mirror {
        /// Which.
        url: String,
    },
    /// Fewer entries came than there must be: what is missing was not taken back.
    FewEntries {
        /// How many came.
        found: u32,
        /// How many there should be.
        expected: u32,
    },
}

/// One run of a source.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct Run {
    /// Its number in the database.
    #[ts(type = "number")]
    pub id: i64,
    /// Whose.
    pub source: SourceId,
    /// When it began.
    pub started: Time,
    /// When it ended.
    pub finished: Option<Time>,
    /// How it ended.
    pub outcome: RunOutcome,
    /// What it brought.
    pub counts: RunCounts,
    /// Why it failed.
    pub fault: Option<Fault>,
    /// The first records that could not be used, at most 20.
    pub problems: Vec<Problem>,
}

/// How far a run is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Progress {
    /// Records done.
    pub done: u32,
    /// Records in all, where the source knows.
    pub total: Option<u32>,
}

/// A source's state as it is stored and shown.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, TS)]
pub struct Health {
    /// When a run last ended well.
    pub last_success: Option<Time>,
    /// When a run last began.
    pub last_attempt: Option<Time>,
    /// Why the last run failed; `None` after a good one.
    pub fault: Option<Fault>,
    /// Failed runs since the last good one.
    pub failures: u32,
    /// When it is due next.
    pub next_attempt: Option<Time>,
    /// Whether a run has ever ended well; until then what it brings is not news.
    pub first_done: bool,
}

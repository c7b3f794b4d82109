//! Runs of sources: how each began, ended, and what a person should know of it.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{Problem, SourceId, Time};
use crate::error::Fault;

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
    /// It was due and not made; its note says why.
    Skipped,
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
            Self::Skipped => "skipped",
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
            Self::Skipped,
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
    /// Why it was made.
    pub trigger: RunTrigger,
    /// What a person should know of it.
    pub note: Option<RunNote>,
}

/// Why a run was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum RunTrigger {
    /// It was due.
    #[default]
    Schedule,
    /// Somebody asked for it.
    Asked,
    /// It was due when the app started.
    Start,
    /// It was missed while the machine slept or could do nothing.
    CaughtUp,
}

impl RunTrigger {
    /// The stored word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Schedule => "schedule",
            Self::Asked => "asked",
            Self::Start => "start",
            Self::CaughtUp => "caught_up",
        }
    }

    /// Reads the stored word.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Schedule, Self::Asked, Self::Start, Self::CaughtUp]
            .into_iter()
            .find(|t| t.as_str() == text)
    }
}

/// What a person should know of a run, or why it was not made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum RunNote {
    /// The server said that nothing changed (304).
    NotModified,
    /// The document was read and has no entries.
    Empty,
    /// The document moved for good; it is read there from now on.
    Moved {
        /// Where to, without what could be a secret.
        to: String,
    },
    /// Not made: this machine has no connection.
    Offline,
    /// Not made: the settings cannot be read.
    Paused,
    /// Not made: another source is reading from the same host.
    HostBusy,
    /// Not made: the server asked to be left alone.
    Waiting {
        /// Until then.
        until: Time,
    },
    /// Not made: it failed before and is tried less often for a while.
    BackOff {
        /// Until then.
        until: Time,
    },
    /// The source refused; its mirror was read.
    Mirror {
        /// The mirror, without what could be a secret.
        url: String,
    },
    /// The document is malformed; what could be read of it was.
    Salvaged,
    /// The document has fewer entries than it should.
    FewEntries,
}

impl RunNote {
    /// Of several notes of one run the highest is kept.
    #[must_use]
    pub fn rank(&self) -> u8 {
        match self {
            Self::NotModified => 0,
            Self::Empty => 1,
            Self::Salvaged => 2,
            Self::Mirror { .. } => 3,
            Self::Moved { .. } => 4,
            Self::FewEntries => 5,
            Self::Offline
            | Self::Paused
            | Self::HostBusy
            | Self::Waiting { .. }
            | Self::BackOff { .. } => 6,
        }
    }

    /// Whether it says the same of another run, whatever the times in it.
    #[must_use]
    pub fn is_same_kind(&self, other: &Self) -> bool {
        std::mem::discriminant(self) == std::mem::discriminant(other)
    }
}

/// How far a run is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Progress {
    /// Records done.
    pub done: u32,
    /// Records in all, where the source knows.
    pub total: Option<u32>,
}

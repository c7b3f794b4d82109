//! Sources and their health. Their runs are in `run`.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::Time;
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
        f.pad(&self.0)
    }
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
    /// When the present row of failures began.
    pub first_failure: Option<Time>,
    /// When the newest item was published.
    pub newest_item: Option<Time>,
    /// Minutes between two runs as the feed's own rhythm has them, where that is in force.
    pub rhythm_min: Option<u32>,
    /// New items a day over the last 14 days.
    pub per_day: Option<f32>,
    /// Since when its document has no entries.
    #[serde(skip)]
    #[ts(skip)]
    pub empty_since: Option<Time>,
}

/// How a source does, as one word that a sentence is made of.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Condition {
    /// It is switched off.
    Off,
    /// The settings cannot be read: nothing is collected.
    Paused,
    /// It was never collected.
    Never,
    /// It is being collected.
    Collecting,
    /// Its last run ended well.
    Fine,
    /// It answers, with a document that has no entries.
    Empty {
        /// Since then.
        since: Time,
    },
    /// This machine has no connection: no fault of the source's.
    Offline {
        /// Since then.
        since: Time,
    },
    /// Its server asked to be left alone.
    Waiting {
        /// Until then.
        until: Time,
        /// What it said.
        fault: Fault,
    },
    /// Its last runs failed.
    Failing {
        /// When that began.
        since: Time,
        /// How many.
        failures: u32,
    },
    /// It has been failing for unusually long.
    Down {
        /// When that began.
        since: Time,
    },
    /// It answers, but brings nothing new for unusually long by its own rhythm.
    Silent {
        /// When its newest item was published.
        since: Time,
        /// Days that usually lie between two items at most.
        usual_days: f64,
    },
}

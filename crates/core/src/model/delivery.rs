//! Deliveries: one message in the outbox each.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{AlertId, ChangeKind, Kind, Score, Severity, Time};
use crate::error::Fault;

/// A channel's name in settings: `desktop`, `email`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
pub struct ChannelId(pub String);

impl std::fmt::Display for ChannelId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// A delivery's number in the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[ts(type = "number")]
pub struct DeliveryId(pub i64);

/// Where a delivery stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryState {
    /// It waits for its turn or its next attempt.
    Waiting,
    /// It is being handed over right now.
    Sending,
    /// The service took it.
    Sent,
    /// The service refused it for good, or every attempt failed.
    Failed,
    /// The app ended between handing over and hearing the answer, so nobody knows. Never sent again
    /// by itself, never dropped silently.
    Unknown,
    /// The user gave it up.
    Dropped,
}

impl DeliveryState {
    /// The stored word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Sending => "sending",
            Self::Sent => "sent",
            Self::Failed => "failed",
            Self::Unknown => "unknown",
            Self::Dropped => "dropped",
        }
    }

    /// Reads the stored word.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [
            Self::Waiting,
            Self::Sending,
            Self::Sent,
            Self::Failed,
            Self::Unknown,
            Self::Dropped,
        ]
        .into_iter()
        .find(|s| s.as_str() == text)
    }
}

/// One message in the outbox.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct Delivery {
    /// Its number.
    pub id: DeliveryId,
    /// Where it goes.
    pub channel: ChannelId,
    /// Where it stands.
    pub state: DeliveryState,
    /// When it was routed.
    pub created: Time,
    /// Attempts made.
    pub attempts: u32,
    /// When it is tried next, while it waits.
    pub next_attempt: Option<Time>,
    /// When it ended.
    pub finished: Option<Time>,
    /// What went wrong last.
    pub fault: Option<Fault>,
}

/// What a delivery speaks of: one entry of one alert's history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Subject {
    /// The alert.
    pub alert: AlertId,
    /// What happened to it.
    pub change: ChangeKind,
    /// When: with the change it names one entry of the alert's history.
    pub at: Time,
}

/// What a message says of one alert: enough to render it, nothing more.
#[derive(Clone, Debug, PartialEq)]
pub struct MessageAlert {
    /// Which.
    pub id: AlertId,
    /// Its stable name: threads and replacements hang on it.
    pub uid: String,
    /// What it is.
    pub kind: Kind,
    /// Who brought it, for people: `NVD`, `The Hacker News`.
    pub source_name: String,
    /// Plain text, hostile, one line.
    pub title: String,
    /// Plain text, hostile, any length.
    pub text: String,
    /// http(s) address.
    pub url: Option<String>,
    /// The level.
    pub severity: Option<Severity>,
    /// The score that is shown.
    pub score: Option<Score>,
    /// Whether it is exploited.
    pub exploited: bool,
    /// The terms that matched: why the user gets it.
    pub matched: Vec<String>,
    /// What happened that made it fresh.
    pub change: ChangeKind,
    /// When it was published or first seen.
    pub published: Time,
}

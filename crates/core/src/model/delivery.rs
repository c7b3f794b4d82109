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
    /// It waits for its turn.
    Waiting,
    /// An attempt failed for a passing reason; it is tried again at its next attempt.
    Retrying,
    /// It is being handed over right now.
    Sending,
    /// The service took it.
    Sent,
    /// The service refused it for good, or every attempt failed.
    Failed,
    /// The app ended between handing over and hearing the answer, so nobody knows. Never sent again
    /// by itself, never dropped silently.
    Unknown,
    /// It waited so long (for a channel that is off or stopped) that nobody wants it as a message any more.
    Expired,
    /// The user gave it up.
    Dropped,
}

impl DeliveryState {
    /// The stored word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Retrying => "retrying",
            Self::Sending => "sending",
            Self::Sent => "sent",
            Self::Failed => "failed",
            Self::Unknown => "unknown",
            Self::Expired => "expired",
            Self::Dropped => "dropped",
        }
    }

    /// Reads the stored word.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.as_str() == text)
    }

    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Waiting,
        Self::Sending,
        Self::Sent,
        Self::Retrying,
        Self::Failed,
        Self::Unknown,
        Self::Expired,
        Self::Dropped,
    ];
}

/// What kind of message a delivery is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryForm {
    /// Alerts, as soon as they came.
    Alerts,
    /// A digest at its time, or of what a cap held back.
    Digest,
    /// What waited for the end of the quiet hours.
    Quiet,
    /// That another channel stopped.
    Notice,
    /// The weekly test of the channel.
    SelfTest,
}

impl DeliveryForm {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Alerts,
        Self::Digest,
        Self::Quiet,
        Self::Notice,
        Self::SelfTest,
    ];

    /// The stored word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Alerts => "alerts",
            Self::Digest => "digest",
            Self::Quiet => "quiet",
            Self::Notice => "notice",
            Self::SelfTest => "self_test",
        }
    }

    /// Reads the stored word.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|f| f.as_str() == text)
    }

    /// Whether it is laid out as a digest.
    #[must_use]
    pub fn is_digest(self) -> bool {
        matches!(self, Self::Digest | Self::Quiet)
    }
}

/// One message in the outbox.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct Delivery {
    /// Its number.
    pub id: DeliveryId,
    /// Where it goes.
    pub channel: ChannelId,
    /// What kind of message it is.
    pub form: DeliveryForm,
    /// Where it stands.
    pub state: DeliveryState,
    /// When it was routed.
    pub created: Time,
    /// When it is to go out: the end of its grouping, of the quiet hours, or the digest's time.
    pub due: Time,
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

/// A product and which of its versions are affected, as people write it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MessageProduct {
    /// `Apache HTTP Server`.
    pub name: String,
    /// `2.4.0 to before 2.4.59`; empty where nobody says.
    pub versions: String,
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
    /// Whether the level is an estimate from the text.
    pub is_estimate: bool,
    /// Whether it is exploited.
    pub exploited: bool,
    /// The probability of exploitation within 30 days, 0 to 1, and its percentile, 0 to 1.
    pub epss: Option<(f64, f64)>,
    /// What is affected, at most ten, and how many more there are.
    pub products: Vec<MessageProduct>,
    /// How many products there are besides.
    pub more_products: u32,
    /// The terms that matched: why the user gets it.
    pub matched: Vec<String>,
    /// The names of the rules that asked for it.
    pub rules: Vec<String>,
    /// What happened that made it fresh.
    pub change: ChangeKind,
    /// What happened in a sentence, where the kind alone does not say it: `Medium to High`, `7.5 to 9.8`.
    pub detail: Option<String>,
    /// When it was published or first seen.
    pub published: Time,
}

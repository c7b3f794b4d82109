//! Rules: which alerts and changes go to which channel, and when.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{ChangeKind, ChannelId, Severity};

/// A rule's name in settings: `desktop`, `default`, `night-shift`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
pub struct RuleId(pub String);

impl std::fmt::Display for RuleId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a rule waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Trigger {
    /// First stored.
    New,
    /// Scored for the first time, or otherwise than before.
    Scored,
    /// Its severity rose, to whatever level.
    SeverityRaised,
    /// Its severity rose to High.
    RaisedToHigh,
    /// Its severity fell.
    SeverityLowered,
    /// It became known to be exploited.
    Exploited,
    /// The probability of exploitation moved far.
    EpssJump,
    /// Other products are affected.
    ProductsChanged,
    /// Its title or text changed.
    TextChanged,
    /// Its source rejected it.
    Rejected,
    /// It was rejected or closed and is open again.
    Reopened,
}

impl Trigger {
    /// All of them, in the order of a form.
    pub const ALL: [Self; 11] = [
        Self::New,
        Self::Exploited,
        Self::RaisedToHigh,
        Self::SeverityRaised,
        Self::Scored,
        Self::EpssJump,
        Self::ProductsChanged,
        Self::Reopened,
        Self::SeverityLowered,
        Self::TextChanged,
        Self::Rejected,
    ];

    /// The word in the settings.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Scored => "scored",
            Self::SeverityRaised => "severity_raised",
            Self::RaisedToHigh => "raised_to_high",
            Self::SeverityLowered => "severity_lowered",
            Self::Exploited => "exploited",
            Self::EpssJump => "epss_jump",
            Self::ProductsChanged => "products_changed",
            Self::TextChanged => "text_changed",
            Self::Rejected => "rejected",
            Self::Reopened => "reopened",
        }
    }

    /// Reads the word.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|t| t.as_str() == text)
    }

    /// Whether a change is what it waits for. `severity` is the level after it.
    #[must_use]
    pub fn hears(self, change: ChangeKind, severity: Option<Severity>) -> bool {
        match self {
            Self::RaisedToHigh => {
                change == ChangeKind::SeverityRaised && severity == Some(Severity::High)
            }
            Self::New => change == ChangeKind::New,
            Self::Scored => change == ChangeKind::Scored,
            Self::SeverityRaised => change == ChangeKind::SeverityRaised,
            Self::SeverityLowered => change == ChangeKind::SeverityLowered,
            Self::Exploited => change == ChangeKind::Exploited,
            Self::EpssJump => change == ChangeKind::EpssJump,
            Self::ProductsChanged => change == ChangeKind::ProductsChanged,
            Self::TextChanged => change == ChangeKind::TextChanged,
            Self::Rejected => change == ChangeKind::Rejected,
            Self::Reopened => change == ChangeKind::Reopened,
        }
    }
}

/// A day of the week.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs)] // Each is what it is called.
pub enum Weekday {
    Mon,
    Tue,
    Wed,
    Thu,
    Fri,
    Sat,
    Sun,
}

/// When digests go out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DigestTimes {
    /// Times of day, `08:00`, in order, each once, at least one.
    pub at: Vec<String>,
    /// On which days; empty = every day.
    pub days: Vec<Weekday>,
    /// IANA name of the time zone; `None` = that of this machine.
    pub zone: Option<String>,
}

impl Default for DigestTimes {
    fn default() -> Self {
        Self {
            at: vec!["08:00".to_owned()],
            days: Vec::new(),
            zone: None,
        }
    }
}

/// When what a rule found goes out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum When {
    /// At once, grouped as the channel says.
    #[default]
    Now,
    /// As a digest.
    Digest {
        /// When.
        #[serde(flatten)]
        times: DigestTimes,
    },
}

/// A rule: which alerts and changes go to which channels, and when. All conditions hold together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Rule {
    /// For people.
    pub name: String,
    /// Whether it is asked.
    pub enabled: bool,
    /// Which alerts, in the query language; empty = all.
    pub query: String,
    /// Terms of watches, one of which must have matched; `*` is any watch; empty = none needs to.
    pub watches: Vec<String>,
    /// The lowest level; what has none does not pass then, unless it is exploited.
    pub min_severity: Option<Severity>,
    /// What must have happened.
    pub changes: Vec<Trigger>,
    /// Where to; `*` is every channel but those of the desktop.
    pub channels: Vec<ChannelId>,
    /// When.
    pub when: When,
    /// Alerts an hour and channel that go out at once; the rest joins the channel's next digest. 0 = no cap.
    pub per_hour: u32,
    /// The same a day.
    pub per_day: u32,
}

impl Default for Rule {
    fn default() -> Self {
        Self {
            name: String::new(),
            enabled: true,
            query: String::new(),
            watches: Vec::new(),
            min_severity: None,
            changes: vec![Trigger::New, Trigger::RaisedToHigh, Trigger::Exploited],
            channels: Vec::new(),
            when: When::Now,
            per_hour: 0,
            per_day: 0,
        }
    }
}

/// When a channel is not to ring.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct QuietHours {
    /// From this time of day, `22:00`.
    pub from: String,
    /// To this time of day; over midnight where it is earlier than `from`; where it is the same, for a whole day.
    pub to: String,
    /// On which days they begin; empty = every day.
    pub days: Vec<Weekday>,
    /// IANA name of the time zone; `None` = that of this machine.
    pub zone: Option<String>,
    /// Whether what is High rings all the same.
    pub pass_high: bool,
    /// Whether what is exploited rings all the same.
    pub pass_exploited: bool,
}

impl Default for QuietHours {
    fn default() -> Self {
        Self {
            from: "22:00".to_owned(),
            to: "07:00".to_owned(),
            days: Vec::new(),
            zone: None,
            pass_high: true,
            pass_exploited: true,
        }
    }
}

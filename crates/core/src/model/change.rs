//! An alert's history: what happened to it, with what it was before and after.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{CvssVersion, ExploitedBy, Product, Score, Severity, State, Time};

/// What happened to an alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ChangeKind {
    /// First stored.
    New,
    /// Scored for the first time, or otherwise than before.
    Scored,
    /// Its severity rose.
    SeverityRaised,
    /// Its severity fell.
    SeverityLowered,
    /// It became known to be exploited, or is no longer said to be.
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

impl ChangeKind {
    /// All kinds.
    pub const ALL: [Self; 10] = [
        Self::New,
        Self::Scored,
        Self::SeverityRaised,
        Self::SeverityLowered,
        Self::Exploited,
        Self::EpssJump,
        Self::ProductsChanged,
        Self::TextChanged,
        Self::Rejected,
        Self::Reopened,
    ];

    /// The stored and sent word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Scored => "scored",
            Self::SeverityRaised => "severity_raised",
            Self::SeverityLowered => "severity_lowered",
            Self::Exploited => "exploited",
            Self::EpssJump => "epss_jump",
            Self::ProductsChanged => "products_changed",
            Self::TextChanged => "text_changed",
            Self::Rejected => "rejected",
            Self::Reopened => "reopened",
        }
    }

    /// Reads the stored word.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|k| k.as_str() == text)
    }
}

/// One entry in an alert's history.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct Change {
    /// When Tocsin learnt of it.
    pub at: Time,
    /// What happened.
    #[serde(flatten)]
    pub what: Happened,
}

/// What happened, with what it was and what it became.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Happened {
    /// First stored.
    New,
    /// The score that is shown came, changed or went.
    Scored {
        /// The score before.
        before: Option<Rating>,
        /// The score after.
        after: Option<Rating>,
    },
    /// The level that is shown rose; none is below Low.
    SeverityRaised {
        /// The level before.
        before: Option<Severity>,
        /// The level after.
        after: Option<Severity>,
    },
    /// The level that is shown fell.
    SeverityLowered {
        /// The level before.
        before: Option<Severity>,
        /// The level after.
        after: Option<Severity>,
    },
    /// Who says that it is exploited.
    Exploited {
        /// Who said so before.
        before: Option<ExploitedBy>,
        /// Who says so now.
        after: Option<ExploitedBy>,
    },
    /// The probability of exploitation moved far at once.
    EpssJump {
        /// 0.0 to 1.0.
        before: Option<f64>,
        /// 0.0 to 1.0.
        after: Option<f64>,
    },
    /// The list of affected products.
    ProductsChanged {
        /// What is in the list now and was not.
        added: Vec<Product>,
        /// What was in the list and is not now.
        removed: Vec<Product>,
    },
    /// Title or text.
    TextChanged {
        /// What they were.
        before: Wording,
        /// What they became.
        after: Wording,
    },
    /// Its source withdrew it.
    Rejected {
        /// The source's status before.
        before: Option<String>,
        /// The source's status now.
        after: Option<String>,
        /// The state in which that closed it; `None` where it was closed already.
        #[serde(default)]
        #[ts(optional = nullable)]
        closed: Option<State>,
        /// Why, in the source's own words where it gave any: the reason with which it was closed.
        #[serde(default)]
        #[ts(optional = nullable)]
        reason: Option<String>,
    },
    /// It is open again.
    Reopened {
        /// The state in which it was closed or asleep; `None`: its source took the rejection back.
        before: Option<State>,
    },
}

impl Happened {
    /// Whether anybody may want to be told: not that a score went, or that somebody else says now, or
    /// nobody any more, that it is exploited. All of it is in the history.
    #[must_use]
    pub fn is_news(&self) -> bool {
        match self {
            Self::Scored { after, .. } => after.is_some(),
            Self::Exploited { before, after } => before.is_none() && after.is_some(),
            _ => true,
        }
    }

    /// Its kind.
    #[must_use]
    pub fn kind(&self) -> ChangeKind {
        match self {
            Self::New => ChangeKind::New,
            Self::Scored { .. } => ChangeKind::Scored,
            Self::SeverityRaised { .. } => ChangeKind::SeverityRaised,
            Self::SeverityLowered { .. } => ChangeKind::SeverityLowered,
            Self::Exploited { .. } => ChangeKind::Exploited,
            Self::EpssJump { .. } => ChangeKind::EpssJump,
            Self::ProductsChanged { .. } => ChangeKind::ProductsChanged,
            Self::TextChanged { .. } => ChangeKind::TextChanged,
            Self::Rejected { .. } => ChangeKind::Rejected,
            Self::Reopened { .. } => ChangeKind::Reopened,
        }
    }
}

/// A score as a history tells it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct Rating {
    /// 0.0 to 10.0.
    pub score: f64,
    /// The version of CVSS.
    #[ts(type = "string")]
    pub version: CvssVersion,
}

impl From<&Score> for Rating {
    fn from(score: &Score) -> Self {
        Self {
            score: score.score,
            version: score.version,
        }
    }
}

/// Title and text; `None` where that part did not change.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Wording {
    /// The title.
    pub title: Option<String>,
    /// The text.
    pub text: Option<String>,
}

//! Views of the inbox: a saved query with its order.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A built-in view of the inbox. Each is a query; [`View::query`] says which.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum View {
    /// State New and relevant.
    New,
    /// Everything that is stored.
    All,
    /// Not closed or asleep, relevant, High. (While nothing is watched, relevance is not asked for in
    /// High, Exploited and Unscored.)
    High,
    /// Not closed or asleep, relevant, exploited.
    Exploited,
    /// Not closed or asleep, relevant, a vulnerability that nobody scored.
    Unscored,
    /// Not closed or asleep, matched by a watch.
    Watching,
    /// Reviewing or Action needed.
    InProgress,
    /// Asleep until a moment.
    Snoozed,
    /// Done, Not applicable or Accepted risk.
    Closed,
    /// Not closed, silenced by a mute.
    Muted,
}

impl View {
    /// All views, in the order of the rail.
    pub const ALL: [Self; 10] = [
        Self::New,
        Self::All,
        Self::High,
        Self::Exploited,
        Self::Unscored,
        Self::Watching,
        Self::InProgress,
        Self::Snoozed,
        Self::Closed,
        Self::Muted,
    ];

    /// Its id.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::All => "all",
            Self::High => "high",
            Self::Exploited => "exploited",
            Self::Unscored => "unscored",
            Self::Watching => "watching",
            Self::InProgress => "in_progress",
            Self::Snoozed => "snoozed",
            Self::Closed => "closed",
            Self::Muted => "muted",
        }
    }

    /// Reads an id.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|v| v.as_str() == text)
    }

    /// What it shows, in the query language. Until the first watch exists (`has_watches`), nothing is
    /// relevant: High, Exploited and Unscored then ask for everything.
    #[must_use]
    pub fn query(self, has_watches: bool) -> &'static str {
        match (self, has_watches) {
            (Self::New, _) => "state:new relevant:true",
            (Self::All, _) => "",
            (Self::High, true) => "state:new,reviewing,action_needed relevant:true severity:high",
            (Self::High, false) => "state:new,reviewing,action_needed muted:false severity:high",
            (Self::Exploited, true) => {
                "state:new,reviewing,action_needed relevant:true exploited:true"
            }
            (Self::Exploited, false) => {
                "state:new,reviewing,action_needed muted:false exploited:true"
            }
            (Self::Unscored, true) => {
                "state:new,reviewing,action_needed relevant:true unscored:true"
            }
            (Self::Unscored, false) => {
                "state:new,reviewing,action_needed muted:false unscored:true"
            }
            (Self::Watching, _) => "state:new,reviewing,action_needed muted:false watch:*",
            (Self::InProgress, _) => "state:reviewing,action_needed",
            (Self::Snoozed, _) => "state:snoozed",
            (Self::Closed, _) => "state:closed",
            (Self::Muted, _) => "-state:closed muted:true",
        }
    }
}

/// The order of a list. What is first is highest or newest; ties are newest first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Sort {
    /// Publication.
    #[default]
    Newest,
    /// The level.
    Severity,
    /// The CVSS score that is shown.
    Score,
    /// The probability of exploitation.
    Epss,
    /// What matters first, then by probability.
    Relevance,
    /// How well the words of the query match: bm25, a hit in the title counts most.
    TextMatch,
}

impl Sort {
    /// All orders.
    pub const ALL: [Self; 6] = [
        Self::Newest,
        Self::Severity,
        Self::Score,
        Self::Epss,
        Self::Relevance,
        Self::TextMatch,
    ];

    /// The word in the settings.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Newest => "newest",
            Self::Severity => "severity",
            Self::Score => "score",
            Self::Epss => "epss",
            Self::Relevance => "relevance",
            Self::TextMatch => "text_match",
        }
    }

    /// Reads the word.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.as_str() == text)
    }
}

/// A column of the compact list that can be shown or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)] // Each is what the list calls it.
pub enum Column {
    Severity,
    Score,
    Epss,
    Category,
    Matched,
    Source,
    Published,
    Added,
    Changed,
    State,
    Tags,
}

impl Column {
    /// All columns, in their usual order.
    pub const ALL: [Self; 11] = [
        Self::Severity,
        Self::Score,
        Self::Epss,
        Self::Category,
        Self::Matched,
        Self::Source,
        Self::Published,
        Self::Added,
        Self::Changed,
        Self::State,
        Self::Tags,
    ];

    /// The word in the settings.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Severity => "severity",
            Self::Score => "score",
            Self::Epss => "epss",
            Self::Category => "category",
            Self::Matched => "matched",
            Self::Source => "source",
            Self::Published => "published",
            Self::Added => "added",
            Self::Changed => "changed",
            Self::State => "state",
            Self::Tags => "tags",
        }
    }

    /// Reads the word.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|c| c.as_str() == text)
    }
}

/// A view of the user's, as it is kept in `settings.toml`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ViewSettings {
    /// For people; unique, letter case aside.
    pub name: String,
    /// What it shows, in the query language.
    pub query: String,
    /// Its order.
    pub sort: Sort,
    /// Columns of the compact list; empty = the usual ones.
    pub columns: Vec<Column>,
}

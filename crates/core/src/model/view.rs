//! The built-in views of the inbox.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A built-in view of the inbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum View {
    /// State New and relevant.
    New,
    /// Everything that is stored.
    All,
    /// Not closed, relevant, High. (While nothing is watched, relevance is not asked for in High,
    /// Exploited and Unscored.)
    High,
    /// Not closed, relevant, exploited.
    Exploited,
    /// Not closed, relevant, a vulnerability that nobody scored.
    Unscored,
    /// Not closed, matched by a watch.
    Watching,
    /// Reviewing or Action needed.
    InProgress,
    /// Done or Not applicable.
    Closed,
}

impl View {
    /// All views.
    pub const ALL: [Self; 8] = [
        Self::New,
        Self::All,
        Self::High,
        Self::Exploited,
        Self::Unscored,
        Self::Watching,
        Self::InProgress,
        Self::Closed,
    ];
}

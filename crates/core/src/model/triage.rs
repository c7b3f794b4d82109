//! What people do with alerts.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// An alert's state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Nobody decided yet.
    New,
    /// Somebody looks at it.
    Reviewing,
    /// Something must be done.
    ActionNeeded,
    /// It was dealt with.
    Done,
    /// It does not concern this team.
    NotApplicable,
}

impl State {
    /// All states, in the order in which they are shown.
    pub const ALL: [Self; 5] = [
        Self::New,
        Self::Reviewing,
        Self::ActionNeeded,
        Self::Done,
        Self::NotApplicable,
    ];

    /// The stored and sent word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Reviewing => "reviewing",
            Self::ActionNeeded => "action_needed",
            Self::Done => "done",
            Self::NotApplicable => "not_applicable",
        }
    }

    /// Reads the stored word.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.as_str() == text)
    }

    /// Whether nothing more is to be done.
    #[must_use]
    pub fn is_closed(self) -> bool {
        matches!(self, Self::Done | Self::NotApplicable)
    }
}

/// One recorded act of triage, over one or many alerts: the unit of undo.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[ts(type = "number")]
pub struct TriageId(pub i64);

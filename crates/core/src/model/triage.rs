//! What people do with alerts.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::Time;

/// The longest tag, in characters.
pub const MOST_TAG: usize = 50;
/// The longest note, in characters.
pub const MOST_NOTE: usize = 10_000;

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
    /// The team lives with it.
    AcceptedRisk,
    /// It comes back as New at a moment.
    Snoozed,
}

impl State {
    /// All states, in the order in which they are shown.
    pub const ALL: [Self; 7] = [
        Self::New,
        Self::Reviewing,
        Self::ActionNeeded,
        Self::Done,
        Self::NotApplicable,
        Self::AcceptedRisk,
        Self::Snoozed,
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
            Self::AcceptedRisk => "accepted_risk",
            Self::Snoozed => "snoozed",
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
        matches!(self, Self::Done | Self::NotApplicable | Self::AcceptedRisk)
    }
}

/// One recorded act of triage, over one or many alerts: the unit of undo.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[ts(type = "number")]
pub struct TriageId(pub i64);

/// What can be done to one or many alerts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Act {
    /// Sets the state; marks as read.
    SetState {
        /// To this.
        state: State,
        /// Why, where it is closed.
        reason: Option<String>,
        /// Until when, where it is snoozed.
        until: Option<Time>,
    },
    /// Marks as read or unread.
    SetRead {
        /// Read or not.
        read: bool,
    },
    /// Says whether it matters to this team.
    Feedback {
        /// It does, it does not; `None` takes back what was said.
        relevant: Option<bool>,
    },
    /// Adds a tag.
    AddTag {
        /// The tag.
        tag: String,
    },
    /// Removes a tag.
    RemoveTag {
        /// The tag.
        tag: String,
    },
    /// Adds a note.
    AddNote {
        /// Plain text.
        text: String,
    },
    /// Rewrites a note.
    EditNote {
        /// Which.
        note: NoteId,
        /// Plain text.
        text: String,
    },
    /// Removes a note.
    RemoveNote {
        /// Which.
        note: NoteId,
    },
}

/// A note's number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[ts(type = "number")]
pub struct NoteId(pub i64);

/// What somebody wrote about an alert.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Note {
    /// Which.
    pub id: NoteId,
    /// When it was written.
    pub at: Time,
    /// When it was last rewritten.
    pub edited: Option<Time>,
    /// Plain text.
    pub text: String,
}

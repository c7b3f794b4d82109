//! Triage: states, read marks, undo.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::model::{AlertId, State, TriageId};

/// Sets the state of alerts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SetState {
    /// Which; at most 10,000.
    pub ids: Vec<AlertId>,
    /// The state they get.
    pub state: State,
}

/// A recorded act, which can be undone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Triaged {
    /// Its number; `None` where nothing changed.
    pub undo: Option<TriageId>,
    /// Alerts whose state changed.
    pub changed: u32,
}

/// Takes an act back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Undo {
    /// Which; `None` for the last one that was not undone yet, also from before a restart.
    #[serde(default)]
    #[ts(optional)]
    pub id: Option<TriageId>,
}

/// What an undo did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Undone {
    /// The alerts that have their earlier state again; empty where there was nothing to undo.
    pub ids: Vec<AlertId>,
    /// The state that was taken back.
    pub state: Option<State>,
}

/// Marks alerts as read or unread.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SetRead {
    /// Which.
    pub ids: Vec<AlertId>,
    /// Read or not.
    pub read: bool,
}

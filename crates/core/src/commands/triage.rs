//! Triage: states, read marks, undo.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::status::Nothing;
use crate::app::App;
use crate::error::Fault;
use crate::events::Event;
use crate::model::{AlertId, State, TriageId};
use crate::store::triage as store;

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

/// The most alerts of one request.
const MOST_IDS: usize = 10_000;

pub(super) async fn alert_set_state(app: &App, request: SetState) -> Result<Triaged, Fault> {
    check_count(&request.ids)?;
    let now = app.now();
    let done = app
        .db()
        .write(move |w| store::set_state(w, &request.ids, request.state, now))
        .await?;
    if done.is_some() {
        app.events().send(Event::TriageChanged);
    }
    Ok(Triaged {
        undo: done.map(|(id, _)| id),
        changed: done.map_or(0, |(_, changed)| changed),
    })
}

pub(super) async fn alert_set_read(app: &App, request: SetRead) -> Result<Nothing, Fault> {
    check_count(&request.ids)?;
    app.db()
        .write(move |w| store::set_read(w, &request.ids, request.read))
        .await?;
    app.events().send(Event::TriageChanged);
    Ok(Nothing {})
}

pub(super) async fn triage_undo(app: &App, request: Undo) -> Result<Undone, Fault> {
    let now = app.now();
    let undone = app
        .db()
        .write(move |w| store::undo(w, request.id, now))
        .await?;
    if undone.is_some() {
        app.events().send(Event::TriageChanged);
    }
    let (state, ids) = undone.map_or((None, Vec::new()), |(state, ids)| (Some(state), ids));
    Ok(Undone { ids, state })
}

fn check_count(ids: &[AlertId]) -> Result<(), Fault> {
    if ids.len() <= MOST_IDS {
        return Ok(());
    }
    Err(Fault::new(
        "too_many_alerts",
        format!("At most {MOST_IDS} alerts can be changed at once."),
    )
    .with("most", MOST_IDS))
}

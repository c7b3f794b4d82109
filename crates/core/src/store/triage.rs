//! The tables `triage` and `triage_entries`: acts of people, each with what undo needs. What an act
//! changes is kept for every alert of it, before and after, as JSON; undo compares and puts back.
//!
//! An act is one transaction however many alerts it is over: statements over a batch of ids.

mod feedback;
mod noting;
mod states;
mod tagging;
mod waking;

use rusqlite::params;

use super::row::{Columns, to_json};
use super::{Read, StoreError, Write};
use crate::model::{Act, AlertId, State, Time, TriageId};

pub use waking::{close, next_wake, open, wake};

/// Alerts of one statement.
const BATCH: usize = 2_000;

/// One alert's part in an act.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// When.
    pub at: Time,
    /// What was done.
    pub act: Act,
    /// The state before, where the act set the state.
    pub before: Option<State>,
    /// Whether it was taken back.
    pub undone: bool,
    /// The alerts of the act.
    pub alerts: u32,
}

/// An act as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Last {
    /// Its number.
    pub id: TriageId,
    /// What was done.
    pub act: Act,
    /// To how many alerts.
    pub alerts: u32,
    /// The name of one of them.
    pub label: String,
}

/// An act that was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Done {
    /// Its number.
    pub id: TriageId,
    /// Alerts that it changed.
    pub changed: u32,
}

/// An act that was taken back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Undone {
    /// What was done.
    pub act: Act,
    /// The alerts that are again as they were.
    pub ids: Vec<AlertId>,
}

/// Hears how many alerts were gone through; an error ends the work and nothing is changed.
pub type Step<'a> = &'a dyn Fn(u32) -> Result<(), StoreError>;

/// A [`Step`] for nobody.
///
/// # Errors
/// Never.
pub fn unheard(_: u32) -> Result<(), StoreError> {
    Ok(())
}

/// Does an act to alerts. Alerts that it does not change are no part of it, nor are ids that are gone;
/// `None` where it changed none.
///
/// # Errors
/// Where the database fails, or `step` does.
pub fn apply(
    w: &Write<'_>,
    act: &Act,
    mut ids: Vec<AlertId>,
    at: Time,
    step: Step<'_>,
) -> Result<Option<Done>, StoreError> {
    ids.sort_unstable();
    ids.dedup();
    let id = TriageId(w.insert(
        "INSERT INTO triage (at, act) VALUES (?1, ?2)",
        params![at.ms(), to_json("act", act)?],
    )?);
    let (mut seen, mut changed) = (0, 0);
    for ids in ids.chunks(BATCH) {
        let Some(batch) = Batch::of(id, ids) else {
            continue;
        };
        changed += match act {
            Act::SetState {
                state,
                reason,
                until,
            } => {
                let changed = states::set_state(w, &batch, *state, reason.as_deref(), *until)?;
                feedback::closed(w, &batch, *state, at)?;
                changed
            }
            Act::SetRead { read } => states::set_read(w, &batch, read.then_some(at))?,
            Act::Feedback { relevant } => feedback::say(w, &batch, *relevant, at)?,
            Act::AddTag { tag } => tagging::add(w, &batch, tag)?,
            Act::RemoveTag { tag } => tagging::remove(w, &batch, tag)?,
            Act::AddNote { .. } | Act::EditNote { .. } | Act::RemoveNote { .. } => {
                noting::apply(w, id, ids, act, at)?
            }
        };
        seen += count(ids.len());
        step(seen)?;
    }
    if changed == 0 {
        w.execute("DELETE FROM triage WHERE id = ?1", [id.0])?;
        return Ok(None);
    }
    w.execute(
        "UPDATE triage SET alerts = ?2 WHERE id = ?1",
        params![id.0, changed],
    )?;
    Ok(Some(Done { id, changed }))
}

/// Takes an act back: every alert of it that still is as the act left it becomes what it was before, so a
/// later act on it is not trampled. Without an id it is the newest that was not undone. `None` where
/// there is no such act or it was undone.
///
/// # Errors
/// Where the database fails, or `step` does.
pub fn undo(
    w: &Write<'_>,
    id: Option<TriageId>,
    at: Time,
    step: Step<'_>,
) -> Result<Option<Undone>, StoreError> {
    let wanted = match id {
        Some(id) => Some(id),
        None => newest(w)?,
    };
    let Some((id, act)) = wanted.map(|id| not_undone(w, id)).transpose()?.flatten() else {
        return Ok(None);
    };
    let (mut seen, mut back) = (0, Vec::new());
    let mut above = AlertId(i64::MIN);
    loop {
        let ids = entered(w, id, above)?;
        let Some(batch) = Batch::of(id, &ids) else {
            break;
        };
        back.extend(match &act {
            Act::SetState { .. } => {
                let ids = states::unset_state(w, &batch)?;
                feedback::unclosed(w, &batch, &ids)?;
                ids
            }
            Act::Feedback { .. } => feedback::unsay(w, &batch)?,
            Act::SetRead { .. } => states::unset_read(w, &batch)?,
            Act::AddTag { tag } | Act::RemoveTag { tag } => tagging::put_back(w, &batch, tag)?,
            Act::AddNote { .. } | Act::EditNote { .. } | Act::RemoveNote { .. } => {
                noting::put_back(w, id, &ids)?
            }
        });
        above = batch.last;
        seen += count(ids.len());
        step(seen)?;
    }
    w.execute(
        "UPDATE triage SET undone = ?2 WHERE id = ?1",
        params![id.0, at.ms()],
    )?;
    Ok(Some(Undone { act, ids: back }))
}

/// The alerts of an act that was not undone; 0 where there is none. Without an id, of the newest.
///
/// # Errors
/// Where the database fails.
pub fn alerts_of(r: &Read<'_>, id: Option<TriageId>) -> Result<u32, StoreError> {
    let wanted = match id {
        Some(id) => Some(id),
        None => newest(r)?,
    };
    let Some(id) = wanted else { return Ok(0) };
    let alerts = r.first("SELECT alerts FROM triage WHERE id = ?1", [id.0], |row| {
        row.count("alerts")
    })?;
    Ok(alerts.unwrap_or(0))
}

/// The last act that was not undone.
///
/// # Errors
/// Where the database fails.
pub fn last(r: &Read<'_>) -> Result<Option<Last>, StoreError> {
    let Some(id) = newest(r)? else {
        return Ok(None);
    };
    r.first(
        "SELECT t.act, t.alerts, (SELECT CASE a.kind WHEN 'vulnerability' THEN a.uid ELSE c.title END FROM triage_entries e JOIN alerts a ON a.id = e.alert JOIN contents c ON c.id = a.id WHERE e.triage = t.id LIMIT 1) AS label FROM triage t WHERE t.id = ?1",
        [id.0],
        |row| {
            Ok(Last {
                id,
                act: row.json("act")?,
                alerts: row.count("alerts")?,
                label: row.col::<Option<String>>("label")?.unwrap_or_default(),
            })
        },
    )
}

/// What people did with an alert, newest first.
///
/// # Errors
/// Where the database fails.
pub fn of(r: &Read<'_>, alert: AlertId) -> Result<Vec<Entry>, StoreError> {
    r.rows(
        "SELECT t.at, t.act, t.undone, t.alerts, json_extract(e.before, '$.state') AS before FROM triage_entries e JOIN triage t ON t.id = e.triage WHERE e.alert = ?1 ORDER BY t.id DESC",
        [alert.0],
        |row| {
            let before: Option<String> = row.col("before")?;
            Ok(Entry {
                at: row.time("at")?,
                act: row.json("act")?,
                before: before.as_deref().and_then(State::parse),
                undone: row.col::<Option<i64>>("undone")?.is_some(),
                alerts: row.count("alerts")?,
            })
        },
    )
}

/// The newest act that was not undone. One whose alerts are all gone is none.
/// The newest act that can be undone without naming it. Reading one alert is none: the window marks what
/// is opened as read by itself, and undo is asked for what was decided. (The condition is that of the index
/// `triage_open`.)
fn newest(r: &Read<'_>) -> Result<Option<TriageId>, StoreError> {
    r.first(
        "SELECT id FROM triage WHERE undone IS NULL AND (act <> '{\"kind\":\"set_read\",\"read\":true}' OR alerts > 1) AND EXISTS (SELECT 1 FROM triage_entries e WHERE e.triage = triage.id) ORDER BY id DESC LIMIT 1",
        [],
        |row| row.col("id").map(TriageId),
    )
}

fn not_undone(r: &Read<'_>, id: TriageId) -> Result<Option<(TriageId, Act)>, StoreError> {
    r.first(
        "SELECT act FROM triage WHERE id = ?1 AND undone IS NULL",
        [id.0],
        |row| Ok((id, row.json("act")?)),
    )
}

/// The next batch of an act's alerts.
fn entered(r: &Read<'_>, id: TriageId, above: AlertId) -> Result<Vec<AlertId>, StoreError> {
    r.rows(
        "SELECT alert FROM triage_entries WHERE triage = ?1 AND alert > ?2 ORDER BY alert LIMIT ?3",
        params![id.0, above.0, count(BATCH)],
        |row| row.col("alert").map(AlertId),
    )
}

/// Some alerts of an act, ascending.
struct Batch {
    triage: TriageId,
    first: AlertId,
    last: AlertId,
    /// As a JSON array, for `json_each`.
    ids: String,
}

impl Batch {
    /// `None` where there are none.
    fn of(triage: TriageId, ids: &[AlertId]) -> Option<Self> {
        let (first, last) = (*ids.first()?, *ids.last()?);
        let words: Vec<String> = ids.iter().map(|id| id.0.to_string()).collect();
        Some(Self {
            triage,
            first,
            last,
            ids: format!("[{}]", words.join(",")),
        })
    }
}

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

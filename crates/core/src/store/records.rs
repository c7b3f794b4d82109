//! Whole alerts for export, a batch at a time, and alerts that an import brings back. A record is
//! everything that is kept of an alert but its deliveries and acts of triage.

use rusqlite::params;

use super::alerts::{self, Stored};
use super::row::{Columns, severity};
use super::{Read, StoreError, Write, changes, notes, tags};
use crate::model::{Alert, AlertId, Change, Finding, Happened, Note, Severity, State, Time};

/// An alert with its history and its notes.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// What is stored of it, the user's tags among it.
    pub stored: Stored,
    /// Its history, newest first, without its being new.
    pub changes: Vec<Change>,
    /// Its notes, oldest first.
    pub notes: Vec<Note>,
}

/// The records of these alerts, in this order; ids that are gone are left out.
///
/// # Errors
/// Where the database fails.
pub fn read(r: &Read<'_>, ids: &[AlertId]) -> Result<Vec<Record>, StoreError> {
    let mut all = Vec::with_capacity(ids.len());
    for id in ids {
        let Some(stored) = alerts::get(r, *id)? else {
            continue;
        };
        let mut changes = changes::of(r, *id)?;
        changes.retain(|change| change.what != Happened::New);
        all.push(Record {
            stored,
            changes,
            // Oldest first, as they were written.
            notes: notes::of(r, *id)?.into_iter().rev().collect(),
        });
    }
    Ok(all)
}

/// The records of the alerts with these uids; ones that are not stored are left out.
///
/// # Errors
/// Where the database fails.
pub fn named(r: &Read<'_>, uids: &[String]) -> Result<Vec<Record>, StoreError> {
    let mut ids = Vec::with_capacity(uids.len());
    for uid in uids {
        ids.extend(alerts::id_of(r, uid)?);
    }
    read(r, &ids)
}

/// What a report counts and sorts by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    /// Which.
    pub id: AlertId,
    /// The level that is shown.
    pub severity: Option<Severity>,
    /// Its state.
    pub state: State,
    /// Publication, or first seen where that was earlier.
    pub published: Time,
}

/// The marks of these alerts, in this order; ids that are gone are left out.
///
/// # Errors
/// Where the database fails.
pub fn marks(r: &Read<'_>, ids: &[AlertId]) -> Result<Vec<Mark>, StoreError> {
    let mut all = Vec::with_capacity(ids.len());
    for id in ids {
        all.extend(r.first(
            "SELECT severity, state, published FROM alerts WHERE id = ?1",
            [id.0],
            |row| {
                Ok(Mark {
                    id: *id,
                    severity: severity(row.col("severity")?),
                    state: row.word("state", State::parse)?,
                    published: row.time("published")?,
                })
            },
        )?);
    }
    Ok(all)
}

/// What an export carries of an alert besides what its source says.
#[derive(Clone, Debug, PartialEq)]
pub struct Carried {
    /// First stored, where it was exported.
    pub added: Time,
    /// The last change of meaning.
    pub changed: Option<Time>,
    /// When somebody last looked.
    pub looked: Option<Time>,
    /// The probability of exploitation.
    pub epss: Option<f64>,
    /// Its state.
    pub state: State,
    /// Why it was closed.
    pub reason: Option<String>,
    /// Until when it sleeps.
    pub until: Option<Time>,
    /// The user's tags.
    pub tags: Vec<String>,
    /// When, last rewritten, text.
    pub notes: Vec<(Time, Option<Time>, String)>,
    /// Its history, newest first.
    pub changes: Vec<Change>,
}

/// Stores an alert as an export carried it: as seen, first stored when it was, with what people did. It
/// is no longer counted among what retention removed: somebody wants it back.
///
/// # Errors
/// Where the database fails.
pub fn insert(
    w: &Write<'_>,
    alert: &Alert,
    finding: &Finding,
    carried: &Carried,
) -> Result<AlertId, StoreError> {
    let id = alerts::insert(w, alert, finding, carried.added, false)?;
    w.execute(
        "UPDATE alerts SET state = ?2, reason = ?3, until = ?4, changed = ?5, looked = ?6, epss = coalesce(epss, ?7) WHERE id = ?1",
        params![
            id.0,
            carried.state.as_str(),
            carried.reason,
            carried.until.map(Time::ms),
            carried.changed.map(Time::ms),
            carried.looked.map(Time::ms),
            carried.epss,
        ],
    )?;
    tags::replace(w, id, &carried.tags)?;
    for (at, edited, text) in &carried.notes {
        w.insert(
            "INSERT INTO notes (alert, at, edited, text) VALUES (?1, ?2, ?3, ?4)",
            params![id.0, at.ms(), edited.map(Time::ms), text],
        )?;
    }
    for change in carried.changes.iter().rev() {
        changes::insert_quiet(w, id, change)?;
    }
    w.execute("DELETE FROM tombstones WHERE uid = ?1", [&alert.uid])?;
    if !carried.tags.is_empty() {
        alerts::put_facets(w, id)?;
    }
    Ok(id)
}

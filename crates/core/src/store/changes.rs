//! The table `changes`: each alert's history. That an alert is new is kept once, in `alerts.added`.

use rusqlite::params;

use super::row::{Columns, to_json};
use super::{Read, StoreError, Write};
use crate::model::{AlertId, Change, ChangeKind, Happened, Time};

/// Adds an entry that is news. [`Happened::New`] is no entry: storing the alert says it.
///
/// # Errors
/// Where the database fails.
pub fn insert(w: &Write<'_>, alert: AlertId, change: &Change) -> Result<(), StoreError> {
    w.insert(
        "INSERT INTO changes (alert, at, kind, what) VALUES (?1, ?2, ?3, ?4)",
        params![
            alert.0,
            change.at.ms(),
            change.what.kind().as_str(),
            to_json("change", &change.what)?,
        ],
    )?;
    Ok(())
}

/// Adds an entry that is no news: nobody was to be notified of it.
///
/// # Errors
/// Where the database fails.
pub fn insert_quiet(w: &Write<'_>, alert: AlertId, change: &Change) -> Result<(), StoreError> {
    w.insert(
        "INSERT INTO changes (alert, at, kind, what, quiet) VALUES (?1, ?2, ?3, ?4, 1)",
        params![
            alert.0,
            change.at.ms(),
            change.what.kind().as_str(),
            to_json("change", &change.what)?,
        ],
    )?;
    Ok(())
}

/// The history of an alert, newest first; it ends with its being new.
///
/// # Errors
/// Where the database fails.
pub fn of(r: &Read<'_>, alert: AlertId) -> Result<Vec<Change>, StoreError> {
    let mut all = r.rows(
        "SELECT at, what FROM changes WHERE alert = ?1 ORDER BY id DESC",
        [alert.0],
        |row| {
            Ok(Change {
                at: row.time("at")?,
                what: row.json("what")?,
            })
        },
    )?;
    let added = r.first("SELECT added FROM alerts WHERE id = ?1", [alert.0], |row| {
        row.time("added")
    })?;
    all.extend(added.map(|at| Change {
        at,
        what: Happened::New,
    }));
    Ok(all)
}

/// One entry of the history of an alert. That it is new is none.
///
/// # Errors
/// Where the database fails.
pub fn entry(
    r: &Read<'_>,
    alert: AlertId,
    kind: ChangeKind,
    at: Time,
) -> Result<Option<Happened>, StoreError> {
    r.first(
        "SELECT what FROM changes WHERE alert = ?1 AND kind = ?2 AND at = ?3 ORDER BY id DESC LIMIT 1",
        params![alert.0, kind.as_str(), at.ms()],
        |row| row.json("what"),
    )
}

/// The reason with which the last rejection closed an alert; `None` where none did.
///
/// # Errors
/// Where the database fails.
pub fn closed_with(r: &Read<'_>, alert: AlertId) -> Result<Option<String>, StoreError> {
    let last = r.first(
        "SELECT what FROM changes WHERE alert = ?1 AND kind = 'rejected' ORDER BY id DESC LIMIT 1",
        [alert.0],
        |row| row.json::<Happened>("what"),
    )?;
    Ok(match last {
        Some(Happened::Rejected {
            closed: Some(_),
            reason,
            ..
        }) => reason,
        _ => None,
    })
}

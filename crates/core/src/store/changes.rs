//! The table `changes`: each alert's history.

use rusqlite::params;

use super::row::Columns;
use super::{Read, StoreError, Write};
use crate::model::{AlertId, Change, ChangeKind};

/// Adds an entry.
///
/// # Errors
/// Where the database fails.
pub fn insert(w: &Write<'_>, alert: AlertId, change: &Change) -> Result<(), StoreError> {
    w.insert(
        "INSERT INTO changes (alert, at, kind, before, after) VALUES (?1, ?2, ?3, ?4, ?5)",
        params![
            alert.0,
            change.at.ms(),
            change.kind.as_str(),
            change.before,
            change.after
        ],
    )?;
    Ok(())
}

/// The history of an alert, newest first.
///
/// # Errors
/// Where the database fails.
pub fn of(r: &Read<'_>, alert: AlertId) -> Result<Vec<Change>, StoreError> {
    r.rows(
        "SELECT at, kind, before, after FROM changes WHERE alert = ?1 ORDER BY id DESC",
        [alert.0],
        |row| {
            Ok(Change {
                kind: row.word("kind", ChangeKind::parse)?,
                at: row.time("at")?,
                before: row.col("before")?,
                after: row.col("after")?,
            })
        },
    )
}

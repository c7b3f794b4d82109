//! The table `notes`: what people wrote about an alert.

use rusqlite::{Row, params};

use super::row::Columns;
use super::{Read, StoreError, Write};
use crate::model::{AlertId, Note, NoteId, Time};

/// The notes of an alert, newest first.
///
/// # Errors
/// Where the database fails.
pub fn of(r: &Read<'_>, alert: AlertId) -> Result<Vec<Note>, StoreError> {
    r.rows(
        "SELECT id, at, edited, text FROM notes WHERE alert = ?1 ORDER BY id DESC",
        [alert.0],
        from_row,
    )
}

/// One note of an alert.
///
/// # Errors
/// Where the database fails.
pub fn get(r: &Read<'_>, alert: AlertId, id: NoteId) -> Result<Option<Note>, StoreError> {
    r.first(
        "SELECT id, at, edited, text FROM notes WHERE id = ?1 AND alert = ?2",
        params![id.0, alert.0],
        from_row,
    )
}

/// Adds a note.
pub(super) fn add(w: &Write<'_>, alert: AlertId, text: &str, at: Time) -> Result<Note, StoreError> {
    let id = w.insert(
        "INSERT INTO notes (alert, at, text) VALUES (?1, ?2, ?3)",
        params![alert.0, at.ms(), text],
    )?;
    Ok(Note {
        id: NoteId(id),
        at,
        edited: None,
        text: text.to_owned(),
    })
}

/// Stores a note under its own number, over what is there.
pub(super) fn put(w: &Write<'_>, alert: AlertId, note: &Note) -> Result<(), StoreError> {
    w.execute(
        "INSERT INTO notes (id, alert, at, edited, text) VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (id) DO UPDATE SET edited = ?4, text = ?5",
        params![note.id.0, alert.0, note.at.ms(), note.edited.map(Time::ms), note.text],
    )?;
    Ok(())
}

/// Removes a note.
pub(super) fn remove(w: &Write<'_>, id: NoteId) -> Result<(), StoreError> {
    w.execute("DELETE FROM notes WHERE id = ?1", [id.0])?;
    Ok(())
}

fn from_row(row: &Row<'_>) -> Result<Note, StoreError> {
    Ok(Note {
        id: NoteId(row.col("id")?),
        at: row.time("at")?,
        edited: row.opt_time("edited")?,
        text: row.col("text")?,
    })
}

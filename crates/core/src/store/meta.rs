//! The table `meta`: facts about the database itself.

use rusqlite::{Connection, OptionalExtension, params};

use super::row::Columns;
use super::{Read, StoreError, Write};
use crate::model::{AlertId, Time};

/// Set while the database is open for writing: found at a start, the last session did not end well.
const IN_USE: &str = "in_use";
/// When it was last optimised.
const OPTIMISED: &str = "optimised";
/// When retention last ran.
const CLEANED: &str = "cleaned";
/// Up to which alert the keys follow OWASP's map in force; absent: all do.
const REKEYED: &str = "rekeyed";
/// Up to when somebody saw what the bell lists.
const SEEN: &str = "bell_seen";
/// What a probe writes to see whether the disk takes anything again.
const PROBED: &str = "probed";

fn number(r: &Read<'_>, key: &str) -> Result<Option<i64>, StoreError> {
    let found = r.first("SELECT value FROM meta WHERE key = ?1", [key], |row| {
        row.col::<String>("value")
    })?;
    Ok(found.and_then(|text| text.parse().ok()))
}

fn time(r: &Read<'_>, key: &str) -> Result<Option<Time>, StoreError> {
    Ok(number(r, key)?.map(Time))
}

fn set_time(w: &Write<'_>, key: &str, at: Time) -> Result<(), StoreError> {
    set_number(w, key, at.ms())
}

fn set_number(w: &Write<'_>, key: &str, number: i64) -> Result<(), StoreError> {
    w.execute(
        "INSERT INTO meta (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = ?2",
        params![key, number.to_string()],
    )?;
    Ok(())
}

/// When the database was last optimised.
///
/// # Errors
/// Where the database fails.
pub fn last_optimised(r: &Read<'_>) -> Result<Option<Time>, StoreError> {
    time(r, OPTIMISED)
}

/// Notes that it was optimised.
///
/// # Errors
/// Where the database fails.
pub fn set_optimised(w: &Write<'_>, at: Time) -> Result<(), StoreError> {
    set_time(w, OPTIMISED, at)
}

/// When retention last ran.
///
/// # Errors
/// Where the database fails.
pub fn last_cleaned(r: &Read<'_>) -> Result<Option<Time>, StoreError> {
    time(r, CLEANED)
}

/// Notes that retention ran.
///
/// # Errors
/// Where the database fails.
pub fn set_cleaned(w: &Write<'_>, at: Time) -> Result<(), StoreError> {
    set_time(w, CLEANED, at)
}

/// Up to which alert the keys follow OWASP's map in force; `None`: all do.
///
/// # Errors
/// Where the database fails.
pub(super) fn rekeyed(r: &Read<'_>) -> Result<Option<AlertId>, StoreError> {
    Ok(number(r, REKEYED)?.map(AlertId))
}

/// Notes how far that is.
///
/// # Errors
/// Where the database fails.
pub(super) fn set_rekeyed(w: &Write<'_>, up_to: Option<AlertId>) -> Result<(), StoreError> {
    match up_to {
        Some(id) => set_number(w, REKEYED, id.0),
        None => w
            .execute("DELETE FROM meta WHERE key = ?1", [REKEYED])
            .map(drop),
    }
}

/// Up to when somebody saw what the bell lists.
///
/// # Errors
/// Where the database fails.
pub fn bell_seen(r: &Read<'_>) -> Result<Option<Time>, StoreError> {
    time(r, SEEN)
}

/// Notes that somebody saw it.
///
/// # Errors
/// Where the database fails.
pub fn set_bell_seen(w: &Write<'_>, at: Time) -> Result<(), StoreError> {
    set_time(w, SEEN, at)
}

/// Writes something small, to see whether the disk takes anything again.
///
/// # Errors
/// Where it does not.
pub fn probe(w: &Write<'_>, at: Time) -> Result<(), StoreError> {
    set_time(w, PROBED, at)
}

/// Whether a session began and did not end. A file of the first format does not know.
pub(super) fn is_in_use(conn: &Connection) -> rusqlite::Result<bool> {
    let has_meta: bool = conn.query_row(
        "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = 'meta'",
        [],
        |row| row.get(0),
    )?;
    if !has_meta {
        return Ok(false);
    }
    let found = conn
        .query_row("SELECT 1 FROM meta WHERE key = ?1", [IN_USE], |_| Ok(()))
        .optional()?;
    Ok(found.is_some())
}

/// Notes in the file itself (and not only in its log) that a session began.
pub(super) fn begin_use(conn: &Connection) -> rusqlite::Result<()> {
    conn.execute(
        "INSERT OR IGNORE INTO meta (key, value) VALUES (?1, '1')",
        [IN_USE],
    )?;
    conn.execute_batch("PRAGMA wal_checkpoint(PASSIVE)")
}

/// Notes that a session ended well.
pub(super) fn end_use(conn: &Connection) -> rusqlite::Result<()> {
    conn.execute("DELETE FROM meta WHERE key = ?1", [IN_USE])
        .map(drop)
}

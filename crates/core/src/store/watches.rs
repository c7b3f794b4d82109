//! The tables `watch_hits` and `watches`: which watch matched what, and for which watches the stored
//! alerts were all looked through.

use rusqlite::params;

use super::row::Columns;
use super::{Read, StoreError, Write};
use crate::model::AlertId;

/// Stored alerts that a watch matches.
///
/// # Errors
/// Where the database fails.
pub fn hits(r: &Read<'_>, term: &str) -> Result<u32, StoreError> {
    let count = r.number("SELECT count(*) FROM watch_hits WHERE watch = ?1", [term])?;
    Ok(u32::try_from(count).unwrap_or(u32::MAX))
}

/// The watches that were looked for in all stored alerts: term and definition.
///
/// # Errors
/// Where the database fails.
pub fn complete(r: &Read<'_>) -> Result<Vec<(String, String)>, StoreError> {
    r.rows("SELECT term, definition FROM watches", [], |row| {
        Ok((row.col("term")?, row.col("definition")?))
    })
}

/// Notes that all stored alerts were looked through for a watch.
///
/// # Errors
/// Where the database fails.
pub fn set_complete(w: &Write<'_>, term: &str, definition: &str) -> Result<(), StoreError> {
    w.execute(
        "INSERT INTO watches (term, definition) VALUES (?1, ?2) ON CONFLICT (term) DO UPDATE SET definition = ?2",
        params![term, definition],
    )?;
    Ok(())
}

/// Forgets that a watch was looked for.
///
/// # Errors
/// Where the database fails.
pub fn forget(w: &Write<'_>, term: &str) -> Result<(), StoreError> {
    w.execute("DELETE FROM watches WHERE term = ?1", [term])?;
    Ok(())
}

/// Alerts that a watch matched until now, above an id, in order.
///
/// # Errors
/// Where the database fails.
pub fn alerts_of(
    r: &Read<'_>,
    term: &str,
    above: AlertId,
    limit: u32,
) -> Result<Vec<AlertId>, StoreError> {
    r.rows(
        "SELECT alert FROM watch_hits WHERE watch = ?1 AND alert > ?2 ORDER BY alert LIMIT ?3",
        params![term, above.0, limit],
        |row| row.col("alert").map(AlertId),
    )
}

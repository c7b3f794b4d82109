//! The tables `kev` and `kev_own`: CISA's catalogue, and what an alert's own source says where the
//! catalogue's word is shown instead.

use rusqlite::params;

use crate::model::{AlertId, Kev};
use crate::store::row::{Columns, to_json};
use crate::store::{Read, StoreError, Write};

/// What the catalogue says of a CVE.
///
/// # Errors
/// Where the database fails.
pub fn entry(r: &Read<'_>, cve: &str) -> Result<Option<Kev>, StoreError> {
    r.first("SELECT entry FROM kev WHERE cve = ?1", [cve], |row| {
        row.json("entry")
    })
}

/// The CVEs of the catalogue, in order.
///
/// # Errors
/// Where the database fails.
pub fn listed(r: &Read<'_>) -> Result<Vec<String>, StoreError> {
    r.rows("SELECT cve FROM kev ORDER BY cve", [], |row| row.col("cve"))
}

/// Keeps what the catalogue says of a CVE; `None`: it is no longer in it.
///
/// # Errors
/// Where the database fails.
pub fn put(w: &Write<'_>, cve: &str, kev: Option<&Kev>) -> Result<(), StoreError> {
    match kev {
        Some(kev) => w.execute(
            "INSERT INTO kev (cve, entry) VALUES (?1, ?2) ON CONFLICT (cve) DO UPDATE SET entry = ?2 WHERE entry <> ?2",
            params![cve, to_json("kev", kev)?],
        )?,
        None => w.execute("DELETE FROM kev WHERE cve = ?1", [cve])?,
    };
    Ok(())
}

/// The KEV fields of an alert's own source, where the catalogue's are shown.
///
/// # Errors
/// Where the database fails.
pub fn own(r: &Read<'_>, id: AlertId) -> Result<Option<Kev>, StoreError> {
    r.first(
        "SELECT entry FROM kev_own WHERE alert = ?1",
        [id.0],
        |row| row.json("entry"),
    )
}

/// Keeps the KEV fields of an alert's own source; `None`: it has none, or they are shown.
///
/// # Errors
/// Where the database fails.
pub fn set_own(w: &Write<'_>, id: AlertId, own: Option<&Kev>) -> Result<(), StoreError> {
    match own {
        Some(kev) => w.execute(
            "INSERT INTO kev_own (alert, entry) VALUES (?1, ?2) ON CONFLICT (alert) DO UPDATE SET entry = ?2",
            params![id.0, to_json("kev", kev)?],
        )?,
        None => w.execute("DELETE FROM kev_own WHERE alert = ?1", [id.0])?,
    };
    Ok(())
}

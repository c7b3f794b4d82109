//! Which analysis the stored alerts have, and alerts for analysing them again.
//!
//! Nothing is kept per alert: what is stored is always stored by the analysis in force, so one place in the
//! order of alerts says it all. Everything before that place (newer) has the analysis of `meta`'s
//! `analysing`, everything behind it that of `analysed`.

use rusqlite::params;
use serde::{Deserialize, Serialize};

use super::alerts::{self, Stored};
use super::row::{Columns, from_json, to_json};
use super::{Read, StoreError, Write};
use crate::model::{AlertId, Time};

const ANALYSED: &str = "analysed";
const ANALYSING: &str = "analysing";

/// What analysis depends on besides the alert and the watches.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Version {
    /// The model file, and the rules of this version of Tocsin.
    pub model: String,
    /// The user's model and the threshold.
    pub relevance: String,
}

/// How far analysing again is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// What is put in force.
    pub version: Version,
    /// All alerts from here on, newer ones, have it.
    pub below: i64,
}

/// What all stored alerts were analysed with; `None` before the first time.
///
/// # Errors
/// Where the database fails.
pub fn version(r: &Read<'_>) -> Result<Option<Version>, StoreError> {
    get(r, ANALYSED)
}

/// How far analysing again is, where it was begun.
///
/// # Errors
/// Where the database fails.
pub fn place(r: &Read<'_>) -> Result<Option<Place>, StoreError> {
    get(r, ANALYSING)
}

/// Notes how far it is.
///
/// # Errors
/// Where the database fails.
pub fn set_place(w: &Write<'_>, place: &Place) -> Result<(), StoreError> {
    put(w, ANALYSING, &to_json("place", place)?)
}

/// Notes that all stored alerts have an analysis.
///
/// # Errors
/// Where the database fails.
pub fn set_version(w: &Write<'_>, version: &Version) -> Result<(), StoreError> {
    put(w, ANALYSED, &to_json("version", version)?)?;
    w.execute("DELETE FROM meta WHERE key = ?1", [ANALYSING])?;
    Ok(())
}

/// Forgets which analysis the alerts have: all are analysed again.
///
/// # Errors
/// Where the database fails.
pub fn forget(w: &Write<'_>) -> Result<(), StoreError> {
    w.execute(
        "DELETE FROM meta WHERE key IN (?1, ?2)",
        [ANALYSED, ANALYSING],
    )?;
    Ok(())
}

/// Alerts older than a place, and their number.
///
/// # Errors
/// Where the database fails.
pub fn left(r: &Read<'_>, below: AlertId) -> Result<u32, StoreError> {
    let left = r.number("SELECT count(*) FROM alerts WHERE id < ?1", [below.0])?;
    Ok(u32::try_from(left).unwrap_or(u32::MAX))
}

/// The next alerts older than a place, newest first, each with the hash of what it says.
///
/// # Errors
/// Where the database fails.
pub fn next(
    r: &Read<'_>,
    below: AlertId,
    limit: u32,
) -> Result<Vec<(Stored, [u8; 32])>, StoreError> {
    let ids = r.rows(
        "SELECT id, hash FROM alerts WHERE id < ?1 ORDER BY id DESC LIMIT ?2",
        params![below.0, limit],
        |row| Ok((AlertId(row.col("id")?), row.col::<[u8; 32]>("hash")?)),
    )?;
    let mut all = Vec::with_capacity(ids.len());
    for (id, hash) in ids {
        all.extend(alerts::get(r, id)?.map(|stored| (stored, hash)));
    }
    Ok(all)
}

/// Whether an alert still says what it said.
///
/// # Errors
/// Where the database fails.
pub fn is_unchanged(r: &Read<'_>, id: AlertId, hash: &[u8; 32]) -> Result<bool, StoreError> {
    let found = r.first("SELECT hash FROM alerts WHERE id = ?1", [id.0], |row| {
        row.col::<[u8; 32]>("hash")
    })?;
    Ok(found.as_ref() == Some(hash))
}

fn get<T: serde::de::DeserializeOwned>(
    r: &Read<'_>,
    key: &'static str,
) -> Result<Option<T>, StoreError> {
    let found = r.first("SELECT value FROM meta WHERE key = ?1", [key], |row| {
        row.col::<String>("value")
    })?;
    // What cannot be read is not known: everything is analysed again.
    Ok(found.and_then(|text| from_json(key, &text).ok()))
}

fn put(w: &Write<'_>, key: &str, value: &str) -> Result<(), StoreError> {
    w.execute(
        "INSERT INTO meta (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = ?2",
        [key, value],
    )?;
    Ok(())
}

/// An article as the preview of a threshold sees it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scored {
    /// Which.
    pub id: AlertId,
    /// Whether it matters now.
    pub is_relevant: bool,
    /// The probability of that, where a model was asked.
    pub score: Option<f64>,
    /// Whether a watch or a mute decides.
    pub is_decided: bool,
}

/// The articles published since a moment.
///
/// # Errors
/// Where the database fails.
pub fn scored(r: &Read<'_>, since: Time) -> Result<Vec<Scored>, StoreError> {
    // Ids are in the order of publication.
    let first = since.ms().div_euclid(1000).max(0) << 20;
    r.rows(
        "SELECT a.id, a.relevant, a.relevance, coalesce(json_extract(f.finding, '$.relevance.reason'), '') IN ('watch', 'mute') AS decided FROM alerts a JOIN findings f ON f.id = a.id WHERE a.id >= ?1 AND a.kind = 'article'",
        [first],
        |row| {
            Ok(Scored {
                id: AlertId(row.col("id")?),
                is_relevant: row.col("relevant")?,
                score: row.col("relevance")?,
                is_decided: row.col("decided")?,
            })
        },
    )
}

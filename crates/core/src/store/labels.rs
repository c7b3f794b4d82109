//! The tables `labels` and `learnt`: what people said of alerts, and what was learnt from it.
//!
//! An alert has one label, the strongest: what somebody said, else how somebody closed it. (Labels change with
//! acts of triage, see `triage/feedback.rs`.) An alert without one that a watch matches counts as a weak one.

use crate::model::LabelFrom;
use rusqlite::params;

use super::row::{Columns, to_json};
use super::{Read, StoreError, Write};
use crate::model::{AlertId, Time};

/// Alerts of watches that are learnt from at most: the newest. They say what a team wishes to see, and all of
/// them would drown what it says of single alerts.
pub const MOST_WATCHED: u32 = 200;

/// A label.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Label {
    /// Of which alert.
    pub alert: AlertId,
    /// What it says.
    pub is_relevant: bool,
    /// Who says it.
    pub from: LabelFrom,
    /// Since when.
    pub at: Time,
}

/// How many labels there are, of those that people gave.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// That say it matters.
    pub relevant: u32,
    /// That say it does not.
    pub not_relevant: u32,
}

/// The labels that people gave, the newest first.
///
/// # Errors
/// Where the database fails.
pub fn given(r: &Read<'_>, offset: u32, limit: u32) -> Result<Vec<Label>, StoreError> {
    r.rows(
        "SELECT alert, said, closed, coalesce(said_at, closed_at) AS at FROM labels ORDER BY at DESC, alert DESC LIMIT ?2 OFFSET ?1",
        [offset, limit],
        |row| {
            let said: Option<bool> = row.col("said")?;
            let closed: Option<String> = row.col("closed")?;
            let is_done = closed.as_deref() == Some("done");
            let (is_relevant, from) = match said {
                Some(said) => (said, LabelFrom::Said),
                None if is_done => (true, LabelFrom::Done),
                None => (false, LabelFrom::NotApplicable),
            };
            Ok(Label {
                alert: AlertId(row.col("alert")?),
                is_relevant,
                from,
                at: row.time("at")?,
            })
        },
    )
}

/// The newest alerts that a watch matches and nobody said anything of.
///
/// # Errors
/// Where the database fails.
pub fn watched(r: &Read<'_>) -> Result<Vec<Label>, StoreError> {
    r.rows(
        "SELECT DISTINCT h.alert, a.added FROM watch_hits h JOIN alerts a ON a.id = h.alert LEFT JOIN labels l ON l.alert = h.alert WHERE l.alert IS NULL ORDER BY h.alert DESC LIMIT ?1",
        [MOST_WATCHED],
        |row| {
            Ok(Label {
                alert: AlertId(row.col("alert")?),
                is_relevant: true,
                from: LabelFrom::Watched,
                at: row.time("added")?,
            })
        },
    )
}

/// How many there are of those that people gave.
///
/// # Errors
/// Where the database fails.
pub fn counts(r: &Read<'_>) -> Result<Counts, StoreError> {
    let found = r.first(
        "SELECT count(*) AS labels, coalesce(sum(coalesce(said, closed = 'done')), 0) AS relevant FROM labels",
        [],
        |row| Ok((row.count("labels")?, row.count("relevant")?)),
    )?;
    let (all, relevant) = found.unwrap_or_default();
    Ok(Counts {
        relevant,
        not_relevant: all - relevant,
    })
}

/// What was said in words of these alerts.
///
/// # Errors
/// Where the database fails.
pub fn said(r: &Read<'_>, ids: &[AlertId]) -> Result<Vec<(AlertId, bool)>, StoreError> {
    r.rows(
        "SELECT alert, said FROM json_each(?1) wanted JOIN labels ON alert = wanted.value WHERE said IS NOT NULL",
        [to_json("ids", &ids)?],
        |row| Ok((AlertId(row.col("alert")?), row.col("said")?)),
    )
}

/// Says of an alert what somebody else said of it, unless it has been said here: whether it was taken over.
///
/// # Errors
/// Where the database fails.
pub fn take_over(
    w: &Write<'_>,
    uid: &str,
    is_relevant: bool,
    at: Time,
) -> Result<bool, StoreError> {
    let changed = w.execute(
        "INSERT INTO labels (alert, said, said_at) SELECT id, ?2, ?3 FROM alerts WHERE uid = ?1
         ON CONFLICT (alert) DO UPDATE SET said = excluded.said, said_at = excluded.said_at WHERE said IS NULL",
        params![uid, is_relevant, at.ms()],
    )?;
    Ok(changed > 0)
}

/// Forgets all labels and what was learnt from them.
///
/// # Errors
/// Where the database fails.
pub fn forget(w: &Write<'_>) -> Result<(), StoreError> {
    w.execute("DELETE FROM labels", [])?;
    w.execute("DELETE FROM learnt", [])?;
    Ok(())
}

/// Something that was learnt: `model`, `report`.
///
/// # Errors
/// Where the database fails.
pub fn learnt(r: &Read<'_>, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
    r.first("SELECT value FROM learnt WHERE key = ?1", [key], |row| {
        row.col("value")
    })
}

/// Keeps something that was learnt; `None` forgets it.
///
/// # Errors
/// Where the database fails.
pub fn set_learnt(w: &Write<'_>, key: &str, value: Option<&[u8]>) -> Result<(), StoreError> {
    match value {
        Some(value) => w.execute(
            "INSERT INTO learnt (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = ?2",
            params![key, value],
        )?,
        None => w.execute("DELETE FROM learnt WHERE key = ?1", [key])?,
    };
    Ok(())
}

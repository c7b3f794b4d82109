//! The table `backfills`: the reading of all years of a source. How far it is changes in the transaction that
//! stores a page; how it stands, when somebody asks for it.

use rusqlite::params;

use super::row::{Columns, to_json};
use super::{Read, StoreError, Write};
use crate::error::Fault;
use crate::model::{BackfillState, BackfillStep, SourceId, Time};

/// A backfill as it is kept.
#[derive(Clone, Debug, PartialEq)]
pub struct Kept {
    /// How it stands; never [`BackfillState::Waiting`], which is of the moment.
    pub state: BackfillState,
    /// The first publication.
    pub from: Time,
    /// The last publication.
    pub to: Time,
    /// Records in all, where known.
    pub total: Option<u32>,
    /// How far it is.
    pub step: BackfillStep,
    /// Why it stopped.
    pub fault: Option<Fault>,
}

/// The backfill of a source, if there ever was one.
///
/// # Errors
/// Where the database fails.
pub fn get(r: &Read<'_>, source: &SourceId) -> Result<Option<Kept>, StoreError> {
    r.first(
        "SELECT state, since, until, started, total, done, at, cursor, fault FROM backfills WHERE source = ?1",
        [source.as_str()],
        |row| {
            let state = row.word("state", BackfillState::parse)?;
            let total: Option<u32> = row.col("total")?;
            Ok(Kept {
                state,
                from: row.time("since")?,
                to: row.time("until")?,
                total,
                step: BackfillStep {
                    started: row.time("started")?,
                    done: row.count("done")?,
                    at: row.time("at")?,
                    cursor: row.json("cursor")?,
                    is_done: state == BackfillState::Done,
                },
                fault: row.opt_json("fault")?,
            })
        },
    )
}

/// Begins one; the one before is forgotten.
///
/// # Errors
/// Where the database fails.
pub fn begin(
    w: &Write<'_>,
    source: &SourceId,
    (from, to): (Time, Time),
    at: Time,
) -> Result<(), StoreError> {
    w.execute("DELETE FROM backfills WHERE source = ?1", [source.as_str()])?;
    w.execute(
        "INSERT INTO backfills (source, state, since, until, started, at) VALUES (?1, ?2, ?3, ?4, ?5, ?3)",
        params![
            source.as_str(),
            BackfillState::Running.as_str(),
            from.ms(),
            to.ms(),
            at.ms()
        ],
    )?;
    Ok(())
}

/// Changes how one stands, if it stands as one of these; whether it did.
///
/// # Errors
/// Where the database fails.
pub fn set_state(
    w: &Write<'_>,
    source: &SourceId,
    from: &[BackfillState],
    to: BackfillState,
    fault: Option<&Fault>,
) -> Result<bool, StoreError> {
    let words: Vec<&str> = from.iter().map(|state| state.as_str()).collect();
    let fault = fault.map(|f| to_json("fault", f)).transpose()?;
    let changed = w.execute(
        "UPDATE backfills SET state = ?3, fault = ?4 WHERE source = ?1 AND state IN (SELECT value FROM json_each(?2))",
        params![
            source.as_str(),
            to_json("states", &words)?,
            to.as_str(),
            fault
        ],
    )?;
    Ok(changed > 0)
}

/// Notes how many records there are in all.
///
/// # Errors
/// Where the database fails.
pub fn set_total(w: &Write<'_>, source: &SourceId, total: u32) -> Result<(), StoreError> {
    w.execute(
        "UPDATE backfills SET total = ?2 WHERE source = ?1",
        params![source.as_str(), total],
    )?;
    Ok(())
}

/// Notes how far it is. One that was ended meanwhile stays ended.
///
/// # Errors
/// Where the database fails.
pub fn set_step(w: &Write<'_>, source: &SourceId, step: &BackfillStep) -> Result<(), StoreError> {
    w.execute(
        "UPDATE backfills SET done = ?2, at = ?3, cursor = ?4, fault = NULL, state = iif(?5 AND state <> 'cancelled', 'done', state) WHERE source = ?1 AND started = ?6",
        params![
            source.as_str(),
            step.done,
            step.at.ms(),
            to_json("cursor", &step.cursor)?,
            step.is_done,
            step.started.ms()
        ],
    )?;
    Ok(())
}

/// The CVEs of a source that are watched or in somebody's hands, after a uid in their order.
///
/// # Errors
/// Where the database fails.
pub fn tracked(
    r: &Read<'_>,
    source: &SourceId,
    after: &str,
    most: u32,
) -> Result<Vec<String>, StoreError> {
    r.rows(
        "SELECT uid FROM alerts WHERE uid > ?2 AND source = ?1 AND kind = 'vulnerability' AND (relevant <> 0 OR state IN ('reviewing', 'action_needed', 'snoozed')) ORDER BY uid LIMIT ?3",
        params![source.as_str(), after, most],
        |row| row.col("uid"),
    )
}

/// The last uid that was read again, so that the next ones follow it.
const REREAD: &str = "reread";

/// Where reading again goes on.
///
/// # Errors
/// Where the database fails.
pub fn reread_after(r: &Read<'_>) -> Result<String, StoreError> {
    let found = r.first("SELECT value FROM meta WHERE key = ?1", [REREAD], |row| {
        row.col::<String>("value")
    })?;
    Ok(found.unwrap_or_default())
}

/// Notes where reading again goes on.
///
/// # Errors
/// Where the database fails.
pub fn set_reread_after(w: &Write<'_>, uid: &str) -> Result<(), StoreError> {
    w.execute(
        "INSERT INTO meta (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = ?2",
        params![REREAD, uid],
    )?;
    Ok(())
}

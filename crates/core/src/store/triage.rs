//! The tables `triage` and `triage_entries`: acts of people, each with what undo needs.

use rusqlite::params;

use super::row::Columns;
use super::{Read, StoreError, Write};
use crate::model::{AlertId, State, Time, TriageId};

/// One alert's part in an act.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// When.
    pub at: Time,
    /// The state before.
    pub before: State,
    /// The state after.
    pub after: State,
    /// Whether it was taken back.
    pub undone: bool,
}

/// An act as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Act {
    /// Its number.
    pub id: TriageId,
    /// What alerts became.
    pub state: State,
    /// How many.
    pub alerts: u32,
    /// The name of one of them.
    pub label: String,
}

/// Sets the state of alerts and marks them read, as one act. Alerts that have it already are no part of
/// the act; `None` where none changed.
///
/// # Errors
/// Where the database fails.
pub fn set_state(
    w: &Write<'_>,
    ids: &[AlertId],
    state: State,
    at: Time,
) -> Result<Option<(TriageId, u32)>, StoreError> {
    let id = TriageId(w.insert(
        "INSERT INTO triage (at, act) VALUES (?1, json_object('kind', 'set_state', 'state', ?2, 'reason', NULL, 'until', NULL))",
        params![at.ms(), state.as_str()],
    )?);
    let mut changed = 0;
    for alert in ids {
        let entered = w.execute(
            "INSERT INTO triage_entries (triage, alert, before, after) SELECT ?1, id, json_object('state', state, 'unread', json(iif(unread, 'true', 'false'))), json_object('state', ?3, 'unread', json('false')) FROM alerts WHERE id = ?2 AND state <> ?3",
            params![id.0, alert.0, state.as_str()],
        )?;
        if entered > 0 {
            w.execute(
                "UPDATE alerts SET state = ?2, unread = 0 WHERE id = ?1",
                params![alert.0, state.as_str()],
            )?;
            changed += 1;
        }
    }
    if changed == 0 {
        w.execute("DELETE FROM triage WHERE id = ?1", [id.0])?;
        return Ok(None);
    }
    Ok(Some((id, changed)))
}

/// Takes an act back: every alert of it that still has the act's state gets the one before. `None` where
/// there is no such act or it was undone.
///
/// # Errors
/// Where the database fails.
pub fn undo(
    w: &Write<'_>,
    id: Option<TriageId>,
    at: Time,
) -> Result<Option<(State, Vec<AlertId>)>, StoreError> {
    let wanted = match id {
        Some(id) => Some(id),
        None => last(w)?.map(|act| act.id),
    };
    let Some(id) = wanted else { return Ok(None) };
    let Some(state) = w.first(
        "SELECT json_extract(act, '$.state') AS state FROM triage WHERE id = ?1 AND undone IS NULL",
        [id.0],
        |row| row.word("state", State::parse),
    )?
    else {
        return Ok(None);
    };
    let entries = w.rows(
        "SELECT e.alert, json_extract(e.before, '$.state') AS before, json_extract(e.before, '$.unread') AS unread FROM triage_entries e JOIN alerts a ON a.id = e.alert WHERE e.triage = ?1 AND a.state = ?2",
        params![id.0, state.as_str()],
        |row| {
            Ok((
                AlertId(row.col("alert")?),
                row.col::<String>("before")?,
                row.col::<bool>("unread")?,
            ))
        },
    )?;
    for (alert, before, unread) in &entries {
        w.execute(
            "UPDATE alerts SET state = ?2, unread = ?3 WHERE id = ?1",
            params![alert.0, before, unread],
        )?;
    }
    w.execute(
        "UPDATE triage SET undone = ?2 WHERE id = ?1",
        params![id.0, at.ms()],
    )?;
    Ok(Some((state, entries.into_iter().map(|e| e.0).collect())))
}

/// The last act that was not undone.
///
/// # Errors
/// Where the database fails.
pub fn last(r: &Read<'_>) -> Result<Option<Act>, StoreError> {
    r.first(
        "SELECT t.id, json_extract(t.act, '$.state') AS state, (SELECT count(*) FROM triage_entries e WHERE e.triage = t.id) AS alerts, (SELECT CASE a.kind WHEN 'vulnerability' THEN a.uid ELSE c.title END FROM triage_entries e JOIN alerts a ON a.id = e.alert JOIN contents c ON c.id = a.id WHERE e.triage = t.id LIMIT 1) AS label FROM triage t WHERE t.undone IS NULL ORDER BY t.id DESC LIMIT 1",
        [],
        |row| {
            Ok(Act {
                id: TriageId(row.col("id")?),
                state: row.word("state", State::parse)?,
                alerts: row.count("alerts")?,
                label: row.col::<Option<String>>("label")?.unwrap_or_default(),
            })
        },
    )
}

/// What people did with an alert, newest first.
///
/// # Errors
/// Where the database fails.
pub fn of(r: &Read<'_>, alert: AlertId) -> Result<Vec<Entry>, StoreError> {
    r.rows(
        "SELECT t.at, json_extract(t.act, '$.state') AS state, t.undone, json_extract(e.before, '$.state') AS before FROM triage_entries e JOIN triage t ON t.id = e.triage WHERE e.alert = ?1 ORDER BY t.id DESC",
        [alert.0],
        |row| {
            Ok(Entry {
                at: row.time("at")?,
                before: row.word("before", State::parse)?,
                after: row.word("state", State::parse)?,
                undone: row.col::<Option<i64>>("undone")?.is_some(),
            })
        },
    )
}

/// Marks alerts read or unread.
///
/// # Errors
/// Where the database fails.
pub fn set_read(w: &Write<'_>, ids: &[AlertId], read: bool) -> Result<(), StoreError> {
    for id in ids {
        w.execute(
            "UPDATE alerts SET unread = ?2 WHERE id = ?1 AND unread <> ?2",
            params![id.0, !read],
        )?;
    }
    Ok(())
}

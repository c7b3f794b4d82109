//! Alerts that are open again or closed without a person's act: a snooze that is over, a closed alert that
//! got worse, one that its source withdrew. No entry of triage is made; the alert's history says it.

use rusqlite::params;

use crate::model::{AlertId, Change, Happened, State, Time};
use crate::store::row::Columns;
use crate::store::{Read, StoreError, Write, changes};

/// When the next snooze is over.
///
/// # Errors
/// Where the database fails.
pub fn next_wake(r: &Read<'_>) -> Result<Option<Time>, StoreError> {
    let next = r.first(
        "SELECT min(until) AS until FROM alerts WHERE until IS NOT NULL AND state = 'snoozed'",
        [],
        |row| row.opt_time("until"),
    )?;
    Ok(next.flatten())
}

/// Opens the alerts again whose snooze is over: which, with the entry of their history. What else happened to one in the meantime is in
/// this transaction's view, so an alert that was snoozed anew sleeps on.
///
/// # Errors
/// Where the database fails.
pub fn wake(w: &Write<'_>, now: Time) -> Result<Vec<(AlertId, Change)>, StoreError> {
    let due = w.rows(
        "SELECT id FROM alerts WHERE until IS NOT NULL AND until <= ?1 AND state = 'snoozed' ORDER BY id",
        [now.ms()],
        |row| row.col("id").map(AlertId),
    )?;
    let mut woken = Vec::with_capacity(due.len());
    for id in due {
        let what = Happened::Reopened {
            before: Some(State::Snoozed),
        };
        let change = Change { at: now, what };
        open(w, id)?;
        changes::insert(w, id, &change)?;
        woken.push((id, change));
    }
    Ok(woken)
}

/// Makes an alert New and unread.
///
/// # Errors
/// Where the database fails.
pub fn open(w: &Write<'_>, id: AlertId) -> Result<(), StoreError> {
    w.execute(
        "UPDATE alerts SET state = 'new', reason = NULL, until = NULL, unread = 1 WHERE id = ?1",
        params![id.0],
    )?;
    Ok(())
}

/// Closes an alert that its source withdrew.
///
/// # Errors
/// Where the database fails.
pub fn close(w: &Write<'_>, id: AlertId, reason: &str) -> Result<(), StoreError> {
    w.execute(
        "UPDATE alerts SET state = 'not_applicable', reason = ?2, until = NULL, unread = 0 WHERE id = ?1",
        params![id.0, reason],
    )?;
    Ok(())
}

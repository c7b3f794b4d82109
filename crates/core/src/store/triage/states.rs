//! State, reason, until, the read mark and when somebody looked.

use rusqlite::params;

use super::{Batch, count};
use crate::model::{AlertId, State, Time};
use crate::store::row::Columns;
use crate::store::{StoreError, Write};

/// Sets the state and marks as read: how many alerts it changed.
pub(super) fn set_state(
    w: &Write<'_>,
    batch: &Batch,
    state: State,
    reason: Option<&str>,
    until: Option<Time>,
) -> Result<u32, StoreError> {
    let (state, until) = (state.as_str(), until.map(Time::ms));
    let entered = w.execute(
        "INSERT INTO triage_entries (triage, alert, before, after)
         SELECT ?1, a.id,
                json_object('state', a.state, 'reason', a.reason, 'until', a.until, 'unread', json(iif(a.unread, 'true', 'false'))),
                json_object('state', ?3, 'reason', CASE WHEN a.state = ?3 AND ?4 IS NULL THEN a.reason ELSE ?4 END, 'until', ?5, 'unread', json('false'))
         FROM json_each(?2) p CROSS JOIN alerts a ON a.id = p.value
         WHERE a.state <> ?3 OR a.reason IS NOT CASE WHEN a.state = ?3 AND ?4 IS NULL THEN a.reason ELSE ?4 END OR a.until IS NOT ?5 OR a.unread <> 0",
        params![batch.triage.0, batch.ids, state, reason, until],
    )?;
    if entered > 0 {
        w.execute(
            "UPDATE alerts SET state = ?4, reason = CASE WHEN state = ?4 AND ?5 IS NULL THEN reason ELSE ?5 END, until = ?6, unread = 0
             WHERE id IN (SELECT alert FROM triage_entries WHERE triage = ?1 AND alert BETWEEN ?2 AND ?3)",
            params![batch.triage.0, batch.first.0, batch.last.0, state, reason, until],
        )?;
    }
    Ok(count(entered))
}

/// Marks as read by somebody who looks at `looked`, or as unread: how many alerts it changed.
pub(super) fn set_read(
    w: &Write<'_>,
    batch: &Batch,
    looked: Option<Time>,
) -> Result<u32, StoreError> {
    let Some(looked) = looked else {
        return set_unread(w, batch);
    };
    let entered = w.execute(
        "INSERT INTO triage_entries (triage, alert, before, after)
         SELECT ?1, a.id,
                json_object('unread', json(iif(a.unread, 'true', 'false')), 'looked', a.looked),
                json_object('unread', json('false'), 'looked', ?3)
         FROM json_each(?2) p CROSS JOIN alerts a ON a.id = p.value
         WHERE a.unread <> 0 OR a.looked IS NOT ?3",
        params![batch.triage.0, batch.ids, looked.ms()],
    )?;
    if entered > 0 {
        w.execute(
            "UPDATE alerts SET unread = 0, looked = ?4
             WHERE id IN (SELECT alert FROM triage_entries WHERE triage = ?1 AND alert BETWEEN ?2 AND ?3)",
            params![batch.triage.0, batch.first.0, batch.last.0, looked.ms()],
        )?;
    }
    Ok(count(entered))
}

fn set_unread(w: &Write<'_>, batch: &Batch) -> Result<u32, StoreError> {
    let entered = w.execute(
        "INSERT INTO triage_entries (triage, alert, before, after)
         SELECT ?1, a.id, json_object('unread', json('false')), json_object('unread', json('true'))
         FROM json_each(?2) p CROSS JOIN alerts a ON a.id = p.value
         WHERE a.unread = 0",
        params![batch.triage.0, batch.ids],
    )?;
    if entered > 0 {
        w.execute(
            "UPDATE alerts SET unread = 1
             WHERE id IN (SELECT alert FROM triage_entries WHERE triage = ?1 AND alert BETWEEN ?2 AND ?3)",
            params![batch.triage.0, batch.first.0, batch.last.0],
        )?;
    }
    Ok(count(entered))
}

/// Brings states back where they are as the act left them: which alerts.
pub(super) fn unset_state(w: &Write<'_>, batch: &Batch) -> Result<Vec<AlertId>, StoreError> {
    w.rows(
        "UPDATE alerts SET
             state = json_extract(e.before, '$.state'), reason = json_extract(e.before, '$.reason'),
             until = json_extract(e.before, '$.until'), unread = json_extract(e.before, '$.unread')
         FROM triage_entries e
         WHERE e.triage = ?1 AND e.alert BETWEEN ?2 AND ?3 AND alerts.id = e.alert
             AND alerts.state = json_extract(e.after, '$.state')
             AND alerts.reason IS json_extract(e.after, '$.reason')
             AND alerts.until IS json_extract(e.after, '$.until')
             AND alerts.unread = json_extract(e.after, '$.unread')
         RETURNING id",
        params![batch.triage.0, batch.first.0, batch.last.0],
        |row| row.col("id").map(AlertId),
    )
}

/// Brings read marks back where they are as the act left them: which alerts. Marking as unread did not
/// touch `looked` and did not keep it.
pub(super) fn unset_read(w: &Write<'_>, batch: &Batch) -> Result<Vec<AlertId>, StoreError> {
    w.rows(
        "UPDATE alerts SET
             unread = json_extract(e.before, '$.unread'),
             looked = iif(json_type(e.before, '$.looked') IS NULL, alerts.looked, json_extract(e.before, '$.looked'))
         FROM triage_entries e
         WHERE e.triage = ?1 AND e.alert BETWEEN ?2 AND ?3 AND alerts.id = e.alert
             AND alerts.unread = json_extract(e.after, '$.unread')
             AND (json_type(e.after, '$.looked') IS NULL OR alerts.looked IS json_extract(e.after, '$.looked'))
         RETURNING id",
        params![batch.triage.0, batch.first.0, batch.last.0],
        |row| row.col("id").map(AlertId),
    )
}

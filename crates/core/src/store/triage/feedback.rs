//! What acts say of relevance: said in words, or by closing. An entry of feedback keeps what was said before
//! and after.

use rusqlite::params;

use super::{Batch, count};
use crate::model::{AlertId, State, Time};
use crate::store::row::{Columns, to_json};
use crate::store::{StoreError, Write};

/// Says whether alerts matter, or takes back what was said: how many alerts it changed.
pub(super) fn say(
    w: &Write<'_>,
    batch: &Batch,
    relevant: Option<bool>,
    at: Time,
) -> Result<u32, StoreError> {
    let entered = w.execute(
        "INSERT INTO triage_entries (triage, alert, before, after)
         SELECT ?1, a.id, json_object('said', l.said, 'at', l.said_at), json_object('said', ?3, 'at', iif(?3 IS NULL, NULL, ?4))
         FROM json_each(?2) p CROSS JOIN alerts a ON a.id = p.value LEFT JOIN labels l ON l.alert = a.id
         WHERE l.said IS NOT ?3",
        params![batch.triage.0, batch.ids, relevant, at.ms()],
    )?;
    if entered > 0 {
        put(w, batch, relevant, at)?;
    }
    Ok(count(entered))
}

fn put(w: &Write<'_>, batch: &Batch, relevant: Option<bool>, at: Time) -> Result<(), StoreError> {
    let (triage, first, last) = (batch.triage.0, batch.first.0, batch.last.0);
    if relevant.is_some() {
        w.execute(
            "INSERT INTO labels (alert, said, said_at)
             SELECT alert, ?4, ?5 FROM triage_entries WHERE triage = ?1 AND alert BETWEEN ?2 AND ?3
             ON CONFLICT (alert) DO UPDATE SET said = excluded.said, said_at = excluded.said_at",
            params![triage, first, last, relevant, at.ms()],
        )?;
        return Ok(());
    }
    let of_act =
        "alert IN (SELECT alert FROM triage_entries WHERE triage = ?1 AND alert BETWEEN ?2 AND ?3)";
    w.execute(
        &format!("DELETE FROM labels WHERE closed IS NULL AND {of_act}"),
        params![triage, first, last],
    )?;
    w.execute(
        &format!("UPDATE labels SET said = NULL, said_at = NULL WHERE {of_act}"),
        params![triage, first, last],
    )?;
    Ok(())
}

/// Brings back what was said where it still is as the act left it: which alerts.
pub(super) fn unsay(w: &Write<'_>, batch: &Batch) -> Result<Vec<AlertId>, StoreError> {
    let back = w.rows(
        "SELECT e.alert, json_extract(e.before, '$.said') AS said, json_extract(e.before, '$.at') AS at
         FROM triage_entries e LEFT JOIN labels l ON l.alert = e.alert
         WHERE e.triage = ?1 AND e.alert BETWEEN ?2 AND ?3
             AND l.said IS json_extract(e.after, '$.said') AND l.said_at IS json_extract(e.after, '$.at')",
        params![batch.triage.0, batch.first.0, batch.last.0],
        |row| {
            let said: Option<bool> = row.col("said")?;
            Ok((AlertId(row.col("alert")?), said, row.opt_time("at")?))
        },
    )?;
    for (alert, said, at) in &back {
        match said {
            Some(said) => w.execute(
                "INSERT INTO labels (alert, said, said_at) VALUES (?1, ?2, ?3)
                 ON CONFLICT (alert) DO UPDATE SET said = excluded.said, said_at = excluded.said_at",
                params![alert.0, said, at.map(Time::ms)],
            )?,
            None => {
                w.execute(
                    "DELETE FROM labels WHERE alert = ?1 AND closed IS NULL",
                    [alert.0],
                )?;
                w.execute(
                    "UPDATE labels SET said = NULL, said_at = NULL WHERE alert = ?1",
                    [alert.0],
                )?
            }
        };
    }
    Ok(back.into_iter().map(|(alert, ..)| alert).collect())
}

/// Whether a state says something of relevance.
fn tells(state: State) -> bool {
    matches!(state, State::Done | State::NotApplicable)
}

/// What a batch was set to says whether it matters: Done, it did; Not applicable, it does not; any other
/// state takes that back.
pub(super) fn closed(
    w: &Write<'_>,
    batch: &Batch,
    state: State,
    at: Time,
) -> Result<(), StoreError> {
    let (triage, first, last) = (batch.triage.0, batch.first.0, batch.last.0);
    if tells(state) {
        w.execute(
            "INSERT INTO labels (alert, closed, closed_at)
             SELECT alert, ?4, ?5 FROM triage_entries WHERE triage = ?1 AND alert BETWEEN ?2 AND ?3
             ON CONFLICT (alert) DO UPDATE SET closed = excluded.closed, closed_at = excluded.closed_at",
            params![triage, first, last, state.as_str(), at.ms()],
        )?;
        return Ok(());
    }
    let ids = w.rows(
        "SELECT alert FROM triage_entries WHERE triage = ?1 AND alert BETWEEN ?2 AND ?3",
        params![triage, first, last],
        |row| row.col("alert").map(AlertId),
    )?;
    unclose(w, &to_json("ids", &ids)?)
}

/// Alerts have their state from before an act again: so has what closing them says. What closed one is the
/// newest act that set this state; a source's own rejection says nothing.
pub(super) fn unclosed(w: &Write<'_>, batch: &Batch, ids: &[AlertId]) -> Result<(), StoreError> {
    let ids = to_json("ids", &ids)?;
    unclose(w, &ids)?;
    w.execute(
        "INSERT INTO labels (alert, closed, closed_at)
         SELECT a.id, a.state, max(t.at)
         FROM json_each(?1) p CROSS JOIN alerts a ON a.id = p.value
             JOIN triage_entries e ON e.alert = a.id JOIN triage t ON t.id = e.triage
         WHERE a.state IN ('done', 'not_applicable') AND t.undone IS NULL AND t.id <> ?2
             AND json_extract(e.after, '$.state') = a.state
         GROUP BY a.id
         ON CONFLICT (alert) DO UPDATE SET closed = excluded.closed, closed_at = excluded.closed_at",
        params![ids, batch.triage.0],
    )?;
    Ok(())
}

fn unclose(w: &Write<'_>, ids: &str) -> Result<(), StoreError> {
    w.execute(
        "DELETE FROM labels WHERE said IS NULL AND alert IN (SELECT value FROM json_each(?1))",
        [ids],
    )?;
    w.execute(
        "UPDATE labels SET closed = NULL, closed_at = NULL WHERE alert IN (SELECT value FROM json_each(?1))",
        [ids],
    )?;
    Ok(())
}

//! The tables `deliveries` and `delivery_alerts`: the outbox. A delivery is stored in the transaction
//! that stored what it speaks of, so a routed alert survives any crash.

mod enqueue;

use rusqlite::{Row, params};

use super::row::{Columns, to_json};
use super::{Read, StoreError, Write};
use crate::error::Fault;
use crate::model::{
    AlertId, ChangeKind, ChannelId, Delivery, DeliveryForm, DeliveryId, DeliveryState, Subject,
    Time,
};

pub use enqueue::{Entry, enqueue, slots_that_are_over};

const COLUMNS: &str = "d.id, d.channel, d.form, d.state, d.created, d.due, d.attempts, d.next_attempt, d.finished, d.fault";

fn from_row(row: &Row<'_>) -> Result<Delivery, StoreError> {
    Ok(Delivery {
        id: DeliveryId(row.col("id")?),
        channel: ChannelId(row.col("channel")?),
        form: row.word("form", DeliveryForm::parse)?,
        state: row.word("state", DeliveryState::parse)?,
        created: row.time("created")?,
        due: row.time("due")?,
        attempts: row.count("attempts")?,
        next_attempt: row.opt_time("next_attempt")?,
        finished: row.opt_time("finished")?,
        fault: row.opt_json("fault")?,
    })
}

/// What a delivery speaks of, most severe and newest first.
///
/// # Errors
/// Where the database fails.
pub fn subjects(r: &Read<'_>, id: DeliveryId) -> Result<Vec<Subject>, StoreError> {
    r.rows(
        "SELECT s.alert, s.change, s.at FROM delivery_alerts s JOIN alerts a ON a.id = s.alert WHERE s.delivery = ?1 ORDER BY a.exploited DESC, a.severity DESC, a.score DESC, a.id DESC",
        [id.0],
        |row| {
            Ok(Subject {
                alert: AlertId(row.col("alert")?),
                change: row.word("change", ChangeKind::parse)?,
                at: row.time("at")?,
            })
        },
    )
}

/// Takes the oldest due message of a channel for sending: from here on a crash leaves it "unknown".
///
/// # Errors
/// Where the database fails.
pub fn claim(
    w: &Write<'_>,
    channel: &ChannelId,
    now: Time,
) -> Result<Option<Delivery>, StoreError> {
    let found = w.first(
        &format!("SELECT {COLUMNS} FROM deliveries d WHERE d.channel = ?1 AND d.state IN ('waiting', 'retrying') AND d.next_attempt <= ?2 ORDER BY d.id LIMIT 1"),
        params![channel.0, now.ms()],
        from_row,
    )?;
    let Some(mut delivery) = found else {
        return Ok(None);
    };
    delivery.attempts += 1;
    delivery.state = DeliveryState::Sending;
    w.execute(
        "UPDATE deliveries SET state = ?2, attempts = ?3, next_attempt = NULL WHERE id = ?1",
        params![delivery.id.0, delivery.state.as_str(), delivery.attempts],
    )?;
    Ok(Some(delivery))
}

/// Stores how an attempt ended.
///
/// # Errors
/// Where the database fails.
pub fn record(
    w: &Write<'_>,
    id: DeliveryId,
    state: DeliveryState,
    fault: Option<&Fault>,
    next_attempt: Option<Time>,
    now: Time,
) -> Result<(), StoreError> {
    let finished =
        (!matches!(state, DeliveryState::Waiting | DeliveryState::Retrying)).then(|| now.ms());
    let fault = fault.map(|f| to_json("fault", f)).transpose()?;
    w.execute(
        "UPDATE deliveries SET state = ?2, fault = ?3, next_attempt = ?4, finished = ?5 WHERE id = ?1",
        params![
            id.0,
            state.as_str(),
            fault,
            next_attempt.map(Time::ms),
            finished
        ],
    )?;
    Ok(())
}

/// After a start: what was being sent when the app ended is unknown.
///
/// # Errors
/// Where the database fails.
pub fn mark_unknown(w: &Write<'_>, fault: &Fault, now: Time) -> Result<usize, StoreError> {
    w.execute(
        "UPDATE deliveries SET state = ?1, fault = ?2, finished = ?3 WHERE state = ?4",
        params![
            DeliveryState::Unknown.as_str(),
            to_json("fault", fault)?,
            now.ms(),
            DeliveryState::Sending.as_str()
        ],
    )
}

/// Puts a failed or unknown message back into the outbox. `false` where it is neither.
///
/// # Errors
/// Where the database fails.
pub fn resend(w: &Write<'_>, id: DeliveryId, now: Time) -> Result<bool, StoreError> {
    let changed = w.execute(
        "UPDATE deliveries SET state = 'waiting', attempts = 0, next_attempt = ?2, finished = NULL WHERE id = ?1 AND state IN ('failed', 'unknown')",
        params![id.0, now.ms()],
    )?;
    Ok(changed > 0)
}

/// Gives a failed or unknown message up. `false` where it is neither.
///
/// # Errors
/// Where the database fails.
pub fn give_up(w: &Write<'_>, id: DeliveryId) -> Result<bool, StoreError> {
    let changed = w.execute(
        "UPDATE deliveries SET state = 'dropped' WHERE id = ?1 AND state IN ('failed', 'unknown')",
        [id.0],
    )?;
    Ok(changed > 0)
}

/// When the next message of a channel is due.
///
/// # Errors
/// Where the database fails.
pub fn next_due(r: &Read<'_>, channel: &ChannelId) -> Result<Option<Time>, StoreError> {
    r.first(
        "SELECT next_attempt FROM deliveries WHERE channel = ?1 AND state IN ('waiting', 'retrying') ORDER BY next_attempt LIMIT 1",
        [&channel.0],
        |row| row.time("next_attempt"),
    )
}

/// The channels that have messages waiting.
///
/// # Errors
/// Where the database fails.
pub fn waiting_channels(r: &Read<'_>) -> Result<Vec<ChannelId>, StoreError> {
    r.rows(
        "SELECT DISTINCT channel FROM deliveries WHERE state IN ('waiting', 'retrying')",
        [],
        |row| row.col("channel").map(ChannelId),
    )
}

/// Messages that failed or whose fate is unknown.
///
/// # Errors
/// Where the database fails.
pub fn undelivered(r: &Read<'_>) -> Result<u32, StoreError> {
    let count = r.number(
        "SELECT count(*) FROM deliveries WHERE state IN ('sending', 'failed', 'unknown') AND state <> 'sending'",
        [],
    )?;
    Ok(u32::try_from(count).unwrap_or(u32::MAX))
}

/// Messages that spoke of an alert, newest first.
///
/// # Errors
/// Where the database fails.
pub fn of(r: &Read<'_>, alert: AlertId) -> Result<Vec<Delivery>, StoreError> {
    r.rows(
        &format!("SELECT DISTINCT {COLUMNS} FROM deliveries d JOIN delivery_alerts s ON s.delivery = d.id WHERE s.alert = ?1 ORDER BY d.id DESC"),
        [alert.0],
        from_row,
    )
}

/// The newest deliveries, each with the title of its first alert and how many it has.
///
/// # Errors
/// Where the database fails.
pub fn newest(r: &Read<'_>, limit: u32) -> Result<Vec<(Delivery, String, u32)>, StoreError> {
    r.rows(
        &format!("SELECT {COLUMNS}, (SELECT c.title FROM delivery_alerts s JOIN contents c ON c.id = s.alert WHERE s.delivery = d.id ORDER BY c.id DESC LIMIT 1) AS title, (SELECT count(*) FROM delivery_alerts s WHERE s.delivery = d.id) AS alerts FROM deliveries d ORDER BY d.id DESC LIMIT ?1"),
        [limit],
        |row| {
            Ok((
                from_row(row)?,
                row.col::<Option<String>>("title")?.unwrap_or_default(),
                row.count("alerts")?,
            ))
        },
    )
}

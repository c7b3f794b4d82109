//! The tables `deliveries` and `delivery_alerts`: the outbox. A delivery is stored in the transaction
//! that stored what it speaks of, so a routed alert survives any crash.

mod enqueue;
mod listing;
mod settling;
mod speaking;

use rusqlite::{Row, params};

use super::row::{Columns, to_json};
use super::{Read, StoreError, Write, attempts};
use crate::error::Fault;
use crate::model::{AlertId, ChannelId, Delivery, DeliveryForm, DeliveryId, DeliveryState, Time};

pub use enqueue::{Entry, enqueue, slots_that_are_over};
pub use listing::{Folder, Listed, Rung, Wanted, bell, counts, list, listed, next_digest, unseen};
pub use settling::{
    Ahead, ahead, expire, expired_before, fail_all, failed, forget_messages, has_old_messages,
    merge_waiting, move_to_slot, placed_ahead, put_notice, put_self_test, set_due_now,
    waiting_channels, was_ahead,
};
pub use speaking::{About, Spoken, about, reference_of, spoken};

const COLUMNS: &str = "d.id, d.channel, d.form, d.state, d.created, d.due, d.attempts, d.next_attempt, d.finished, d.fault";

/// Waiting and retrying, as the indexes of what waits say it.
const WAITS: &str = "state IN ('waiting', 'retrying')";

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

/// A delivery.
///
/// # Errors
/// Where the database fails.
pub fn get(r: &Read<'_>, id: DeliveryId) -> Result<Option<Delivery>, StoreError> {
    r.first(
        &format!("SELECT {COLUMNS} FROM deliveries d WHERE d.id = ?1"),
        [id.0],
        from_row,
    )
}

/// The message of a channel that is next: what is due first, a first attempt or another one.
///
/// # Errors
/// Where the database fails.
pub fn next(r: &Read<'_>, channel: &ChannelId, now: Time) -> Result<Option<Delivery>, StoreError> {
    r.first(
        &format!("SELECT {COLUMNS} FROM deliveries d WHERE d.channel = ?1 AND {WAITS} AND d.next_attempt <= ?2 ORDER BY d.next_attempt, d.id LIMIT 1"),
        params![channel.0, now.ms()],
        from_row,
    )
}

/// A message that is being sent.
#[derive(Clone, Debug, PartialEq)]
pub struct Claimed {
    /// It.
    pub delivery: Delivery,
    /// The number of the attempt.
    pub attempt: i64,
}

/// Takes the next message of a channel for sending: from here on a crash leaves it "unknown".
///
/// # Errors
/// Where the database fails.
pub fn claim(w: &Write<'_>, channel: &ChannelId, now: Time) -> Result<Option<Claimed>, StoreError> {
    let Some(mut delivery) = next(w, channel, now)? else {
        return Ok(None);
    };
    delivery.attempts += 1;
    delivery.state = DeliveryState::Sending;
    delivery.next_attempt = None;
    w.execute(
        "UPDATE deliveries SET state = ?2, attempts = ?3, next_attempt = NULL WHERE id = ?1",
        params![delivery.id.0, delivery.state.as_str(), delivery.attempts],
    )?;
    let attempt = attempts::begin(w, delivery.id, channel, now)?;
    Ok(Some(Claimed { delivery, attempt }))
}

/// Keeps what goes out, as JSON.
///
/// # Errors
/// Where the database fails.
pub fn set_message(w: &Write<'_>, id: DeliveryId, message: &str) -> Result<(), StoreError> {
    w.execute(
        "UPDATE deliveries SET message = ?2 WHERE id = ?1",
        params![id.0, message],
    )?;
    Ok(())
}

/// What went out, as JSON; `None` where it is no longer kept.
///
/// # Errors
/// Where the database fails.
pub fn message(r: &Read<'_>, id: DeliveryId) -> Result<Option<String>, StoreError> {
    let found = r.first(
        "SELECT message FROM deliveries WHERE id = ?1",
        [id.0],
        |row| row.col::<Option<String>>("message"),
    )?;
    Ok(found.flatten())
}

/// How an attempt ended.
#[derive(Clone, Debug, PartialEq)]
pub struct End {
    /// What the message is now.
    pub state: DeliveryState,
    /// What went wrong.
    pub fault: Option<Fault>,
    /// When it is tried again.
    pub next_attempt: Option<Time>,
    /// What the service calls it.
    pub reference: Option<String>,
}

/// Stores how an attempt ended.
///
/// # Errors
/// Where the database fails.
pub fn record(w: &Write<'_>, claimed: &Claimed, end: &End, now: Time) -> Result<(), StoreError> {
    let is_open = matches!(end.state, DeliveryState::Waiting | DeliveryState::Retrying);
    let fault = end.fault.as_ref();
    let fault = fault.map(|f| to_json("fault", f)).transpose()?;
    w.execute(
        "UPDATE deliveries SET state = ?2, fault = ?3, next_attempt = ?4, finished = ?5, reference = coalesce(?6, reference) WHERE id = ?1",
        params![
            claimed.delivery.id.0,
            end.state.as_str(),
            fault,
            end.next_attempt.map(Time::ms),
            (!is_open).then(|| now.ms()),
            end.reference,
        ],
    )?;
    attempts::end(w, claimed.attempt, end.fault.as_ref(), now)
}

/// Takes a message out that has nothing to say any more.
///
/// # Errors
/// Where the database fails.
pub fn drop_empty(w: &Write<'_>, id: DeliveryId, now: Time) -> Result<(), StoreError> {
    w.execute(
        "UPDATE deliveries SET state = 'dropped', next_attempt = NULL, finished = ?2 WHERE id = ?1",
        params![id.0, now.ms()],
    )?;
    Ok(())
}

/// After a start: what was being sent when the app ended is unknown, and its attempt is over.
///
/// # Errors
/// Where the database fails.
pub fn mark_unknown(w: &Write<'_>, fault: &Fault, now: Time) -> Result<usize, StoreError> {
    attempts::end_interrupted(w, fault, now)?;
    w.execute(
        "UPDATE deliveries SET state = ?1, fault = ?2, finished = ?3 WHERE state IN ('sending', 'failed', 'unknown') AND state = 'sending'",
        params![
            DeliveryState::Unknown.as_str(),
            to_json("fault", fault)?,
            now.ms(),
        ],
    )
}

/// Puts a failed, unknown or expired message back into the outbox. `false` where it is none of these.
///
/// # Errors
/// Where the database fails.
pub fn resend(w: &Write<'_>, id: DeliveryId, now: Time) -> Result<bool, StoreError> {
    let changed = w.execute(
        "UPDATE deliveries SET state = 'waiting', attempts = 0, due = ?2, next_attempt = ?2, finished = NULL, fault = NULL WHERE id = ?1 AND state IN ('failed', 'unknown', 'expired')",
        params![id.0, now.ms()],
    )?;
    Ok(changed > 0)
}

/// Gives a message up that failed, expired, waits, or whose fate is unknown. `false` where it is none of these.
///
/// # Errors
/// Where the database fails.
pub fn give_up(w: &Write<'_>, id: DeliveryId, now: Time) -> Result<bool, StoreError> {
    let changed = w.execute(
        "UPDATE deliveries SET state = 'dropped', next_attempt = NULL, finished = ?2 WHERE id = ?1 AND state IN ('failed', 'unknown', 'expired', 'waiting', 'retrying')",
        params![id.0, now.ms()],
    )?;
    Ok(changed > 0)
}

/// When the next message of a channel is due.
///
/// # Errors
/// Where the database fails.
pub fn next_due(r: &Read<'_>, channel: &ChannelId) -> Result<Option<Time>, StoreError> {
    r.first(
        &format!("SELECT next_attempt FROM deliveries WHERE channel = ?1 AND {WAITS} ORDER BY next_attempt LIMIT 1"),
        [&channel.0],
        |row| row.time("next_attempt"),
    )
}

/// How many messages of a channel are due, up to a thousand, and since when the oldest of them is.
///
/// # Errors
/// Where the database fails.
pub fn waiting(
    r: &Read<'_>,
    channel: &ChannelId,
    now: Time,
) -> Result<(u32, Option<Time>), StoreError> {
    let (mut count, mut oldest) = (0, None);
    for form in DeliveryForm::ALL {
        let waits =
            format!("FROM deliveries WHERE channel = ?1 AND form = ?2 AND {WAITS} AND due <= ?3");
        let of_form = params![channel.0, form.as_str(), now.ms()];
        count += listing::some(r, &format!("SELECT 1 {waits}"), of_form)?;
        let first = r.first(
            &format!("SELECT due {waits} ORDER BY due LIMIT 1"),
            of_form,
            |row| row.time("due"),
        )?;
        oldest = [oldest, first].into_iter().flatten().min();
    }
    Ok((count.min(listing::MOST_COUNTED), oldest))
}

/// Gives a message up that failed or expired, or whose fate is unknown.
///
/// # Errors
/// Where the database fails.
pub fn give_up_failed(w: &Write<'_>, id: DeliveryId, now: Time) -> Result<bool, StoreError> {
    let changed = w.execute(
        "UPDATE deliveries SET state = 'dropped', finished = ?2 WHERE id = ?1 AND state IN ('failed', 'unknown', 'expired')",
        params![id.0, now.ms()],
    )?;
    Ok(changed > 0)
}

/// Whether a channel has or had a message of a slot.
///
/// # Errors
/// Where the database fails.
pub fn has_slot(r: &Read<'_>, channel: &ChannelId, slot: &str) -> Result<bool, StoreError> {
    let found = r.first(
        "SELECT 1 FROM deliveries WHERE channel = ?1 AND slot = ?2",
        params![channel.0, slot],
        |_| Ok(()),
    )?;
    Ok(found.is_some())
}

/// Messages that failed or whose fate is unknown, up to a thousand.
///
/// # Errors
/// Where the database fails.
pub fn undelivered(r: &Read<'_>) -> Result<u32, StoreError> {
    listing::some(
        r,
        "SELECT 1 FROM deliveries WHERE state IN ('sending', 'failed', 'unknown') AND state <> 'sending'",
        [],
    )
}

/// The same of one channel.
///
/// # Errors
/// Where the database fails.
pub fn undelivered_of(r: &Read<'_>, channel: &ChannelId) -> Result<u32, StoreError> {
    let mut all = 0;
    for state in [DeliveryState::Failed, DeliveryState::Unknown] {
        all += listing::some(
            r,
            "SELECT 1 FROM deliveries WHERE channel = ?1 AND state = ?2",
            params![channel.0, state.as_str()],
        )?;
    }
    Ok(all.min(listing::MOST_COUNTED))
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

//! The table `attempts`: each try to hand a message over, when it began and how it ended.

use rusqlite::params;

use super::row::{Columns, to_json};
use super::{Read, StoreError, Write};
use crate::error::Fault;
use crate::model::{ChannelId, DeliveryId, Time};

/// One attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// When it began.
    pub began: Time,
    /// When it ended; `None` while it runs.
    pub ended: Option<Time>,
    /// Why it failed.
    pub fault: Option<Fault>,
}

/// Notes that one begins. Gives its number.
///
/// # Errors
/// Where the database fails.
pub fn begin(
    w: &Write<'_>,
    delivery: DeliveryId,
    channel: &ChannelId,
    now: Time,
) -> Result<i64, StoreError> {
    w.insert(
        "INSERT INTO attempts (delivery, channel, began) VALUES (?1, ?2, ?3)",
        params![delivery.0, channel.0, now.ms()],
    )
}

/// Notes how it ended.
///
/// # Errors
/// Where the database fails.
pub fn end(
    w: &Write<'_>,
    attempt: i64,
    fault: Option<&Fault>,
    now: Time,
) -> Result<(), StoreError> {
    let fault = fault.map(|f| to_json("fault", f)).transpose()?;
    w.execute(
        "UPDATE attempts SET ended = ?2, fault = ?3 WHERE id = ?1",
        params![attempt, now.ms(), fault],
    )?;
    Ok(())
}

/// After a start: what still ran when the app ended ended then, as far as anybody knows. For the limits it counts
/// from now.
///
/// # Errors
/// Where the database fails.
pub fn end_interrupted(w: &Write<'_>, fault: &Fault, now: Time) -> Result<(), StoreError> {
    w.execute(
        "UPDATE attempts SET ended = ?1, fault = ?2 WHERE ended IS NULL",
        params![now.ms(), to_json("fault", fault)?],
    )?;
    Ok(())
}

/// The attempts of a message, the newest first.
///
/// # Errors
/// Where the database fails.
pub fn of(r: &Read<'_>, delivery: DeliveryId) -> Result<Vec<Attempt>, StoreError> {
    r.rows(
        "SELECT began, ended, fault FROM attempts WHERE delivery = ?1 ORDER BY id DESC",
        [delivery.0],
        |row| {
            Ok(Attempt {
                began: row.time("began")?,
                ended: row.opt_time("ended")?,
                fault: row.opt_json("fault")?,
            })
        },
    )
}

/// When the attempts of a channel ended that ended after a moment.
///
/// # Errors
/// Where the database fails.
pub fn ended_after(
    r: &Read<'_>,
    channel: &ChannelId,
    after: Time,
) -> Result<Vec<Time>, StoreError> {
    r.rows(
        "SELECT ended FROM attempts WHERE channel = ?1 AND ended > ?2 ORDER BY ended",
        params![channel.0, after.ms()],
        |row| row.time("ended"),
    )
}

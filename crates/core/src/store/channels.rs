//! The table `channels`: how each channel does. One of which nothing is stored works, as far as is known.

use std::collections::BTreeMap;

use rusqlite::{Row, params};

use super::row::{Columns, to_json};
use super::{Read, StoreError, Write};
use crate::error::Fault;
use crate::model::{ChannelId, Time};

/// How a channel does.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChannelHealth {
    /// When its service took a message last.
    pub last_success: Option<Time>,
    /// When an attempt failed last.
    pub last_failure: Option<Time>,
    /// Failed attempts since the last success.
    pub failures: u32,
    /// Why the last one failed.
    pub fault: Option<Fault>,
    /// Since when it is stopped and waits for somebody.
    pub stopped: Option<Time>,
    /// Of which stop (the code of its fault) the other channels were told, until it works again.
    pub told: Option<String>,
    /// Until when its service asked us to wait.
    pub held_until: Option<Time>,
    /// When a test of it was sent last.
    pub last_test: Option<Time>,
}

const COLUMNS: &str =
    "channel, last_success, last_failure, failures, fault, stopped, told, held_until, last_test";

fn from_row(row: &Row<'_>) -> Result<ChannelHealth, StoreError> {
    Ok(ChannelHealth {
        last_success: row.opt_time("last_success")?,
        last_failure: row.opt_time("last_failure")?,
        failures: row.count("failures")?,
        fault: row.opt_json("fault")?,
        stopped: row.opt_time("stopped")?,
        told: row.col("told")?,
        held_until: row.opt_time("held_until")?,
        last_test: row.opt_time("last_test")?,
    })
}

/// How a channel does.
///
/// # Errors
/// Where the database fails.
pub fn get(r: &Read<'_>, channel: &ChannelId) -> Result<ChannelHealth, StoreError> {
    let found = r.first(
        &format!("SELECT {COLUMNS} FROM channels WHERE channel = ?1"),
        [&channel.0],
        from_row,
    )?;
    Ok(found.unwrap_or_default())
}

/// How all channels do of which something is stored.
///
/// # Errors
/// Where the database fails.
pub fn all(r: &Read<'_>) -> Result<BTreeMap<ChannelId, ChannelHealth>, StoreError> {
    let found = r.rows(&format!("SELECT {COLUMNS} FROM channels"), [], |row| {
        Ok((ChannelId(row.col("channel")?), from_row(row)?))
    })?;
    Ok(found.into_iter().collect())
}

/// Stores how a channel does.
///
/// # Errors
/// Where the database fails.
pub fn set(w: &Write<'_>, channel: &ChannelId, health: &ChannelHealth) -> Result<(), StoreError> {
    let fault = health.fault.as_ref();
    let fault = fault.map(|f| to_json("fault", f)).transpose()?;
    w.execute(
        "INSERT OR REPLACE INTO channels (channel, last_success, last_failure, failures, fault, stopped, told, held_until, last_test) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        params![
            channel.0,
            health.last_success.map(Time::ms),
            health.last_failure.map(Time::ms),
            health.failures,
            fault,
            health.stopped.map(Time::ms),
            health.told,
            health.held_until.map(Time::ms),
            health.last_test.map(Time::ms),
        ],
    )?;
    Ok(())
}

/// Changes how a channel does.
///
/// # Errors
/// Where the database fails.
pub fn change(
    w: &Write<'_>,
    channel: &ChannelId,
    work: impl FnOnce(&mut ChannelHealth),
) -> Result<ChannelHealth, StoreError> {
    let mut health = get(w, channel)?;
    work(&mut health);
    set(w, channel, &health)?;
    Ok(health)
}

/// Forgets how a channel did that is no more: one that is added later under its id begins anew.
///
/// # Errors
/// Where the database fails.
pub fn forget(w: &Write<'_>, channel: &ChannelId) -> Result<(), StoreError> {
    w.execute("DELETE FROM channels WHERE channel = ?1", [&channel.0])?;
    Ok(())
}

//! What happens to messages that wait, besides being sent: they expire, fail with their channel, are put
//! together after a stop; and messages that speak of no alert.

use rusqlite::params;

use super::super::row::{Columns, to_json};
use super::super::{Read, StoreError, Write};
use super::WAITS;
use super::speaking::{About, RESUMED};
use crate::error::Fault;
use crate::model::{ChannelId, DeliveryForm, DeliveryId, Time};

/// A clock that is corrected by less was not set back.
const CORRECTED_MS: i64 = 60_000;
/// No message is gathered for longer (`group_s`), and no digest is placed further ahead.
const LONGEST_GATHERING_MS: i64 = 3_600_000;
const FURTHEST_SLOT_MS: i64 = 40 * 86_400_000;
/// Messages whose text is forgotten in one transaction.
const FORGOTTEN: u32 = 500;

/// Whether a message of a form waits that was due before a moment.
///
/// # Errors
/// Where the database fails.
pub fn expired_before(
    r: &Read<'_>,
    channel: &ChannelId,
    form: DeliveryForm,
    before: Time,
) -> Result<bool, StoreError> {
    let found = r.first(
        &format!("SELECT 1 FROM deliveries WHERE channel = ?1 AND form = ?2 AND {WAITS} AND due < ?3 LIMIT 1"),
        params![channel.0, form.as_str(), before.ms()],
        |_| Ok(()),
    )?;
    Ok(found.is_some())
}

/// Lets messages expire that were due before a moment. Says how many.
///
/// # Errors
/// Where the database fails.
pub fn expire(
    w: &Write<'_>,
    channel: &ChannelId,
    form: DeliveryForm,
    before: Time,
    fault: &Fault,
    now: Time,
) -> Result<usize, StoreError> {
    w.execute(
        &format!("UPDATE deliveries SET state = 'expired', fault = ?4, next_attempt = NULL, finished = ?5 WHERE channel = ?1 AND form = ?2 AND {WAITS} AND due < ?3"),
        params![channel.0, form.as_str(), before.ms(), to_json("fault", fault)?, now.ms()],
    )
}

/// Lets all messages fail that wait for channels other than these, each with the fault that is made for it.
/// Says how many.
///
/// # Errors
/// Where the database fails.
pub fn fail_all(
    w: &Write<'_>,
    but: &[&ChannelId],
    fault: impl Fn(&ChannelId) -> Fault,
    now: Time,
) -> Result<usize, StoreError> {
    let mut failed = 0;
    for channel in waiting_channels(w)? {
        if but.contains(&&channel) {
            continue;
        }
        failed += w.execute(
            &format!("UPDATE deliveries SET state = 'failed', fault = ?2, next_attempt = NULL, finished = ?3 WHERE channel = ?1 AND {WAITS}"),
            params![channel.0, to_json("fault", &fault(&channel))?, now.ms()],
        )?;
    }
    Ok(failed)
}

/// The channels for which something waits. Each is looked up behind the one before.
///
/// # Errors
/// Where the database fails.
pub fn waiting_channels(r: &Read<'_>) -> Result<Vec<ChannelId>, StoreError> {
    let mut all: Vec<ChannelId> = Vec::new();
    loop {
        let last = all.last().map_or("", |c| c.0.as_str());
        let next = r.first(
            &format!("SELECT channel FROM deliveries INDEXED BY deliveries_due WHERE {WAITS} AND channel > ?1 ORDER BY channel LIMIT 1"),
            [last],
            |row| row.col("channel").map(ChannelId),
        )?;
        match next {
            Some(channel) => all.push(channel),
            None => return Ok(all),
        }
    }
}

/// Puts all messages of alerts that are due and wait into one digest, where they are more than `most`. Says how
/// many they were.
///
/// # Errors
/// Where the database fails.
pub fn merge_waiting(
    w: &Write<'_>,
    channel: &ChannelId,
    most: usize,
    now: Time,
) -> Result<usize, StoreError> {
    let mut waiting = Vec::new();
    for form in [
        DeliveryForm::Alerts,
        DeliveryForm::Digest,
        DeliveryForm::Quiet,
    ] {
        waiting.extend(w.rows(
            &format!("SELECT id FROM deliveries WHERE channel = ?1 AND form = ?2 AND {WAITS} AND due <= ?3"),
            params![channel.0, form.as_str(), now.ms()],
            |row| row.col::<i64>("id"),
        )?);
    }
    if waiting.len() <= most {
        return Ok(0);
    }
    let slot = format!("{RESUMED} {now}");
    let digest = w.insert(
        "INSERT INTO deliveries (channel, form, state, created, due, next_attempt, slot) VALUES (?1, 'digest', 'waiting', ?2, ?2, ?2, ?3)",
        params![channel.0, now.ms(), slot],
    )?;
    for id in &waiting {
        w.execute(
            "UPDATE delivery_alerts SET delivery = ?2 WHERE delivery = ?1",
            [*id, digest],
        )?;
        // They count for the limits, after a start too.
        w.execute(
            "UPDATE attempts SET delivery = ?2 WHERE delivery = ?1",
            [*id, digest],
        )?;
        w.execute("DELETE FROM deliveries WHERE id = ?1", [id])?;
    }
    Ok(waiting.len())
}

/// Puts a message about another channel into the outbox.
///
/// # Errors
/// Where the database fails.
pub fn put_notice(
    w: &Write<'_>,
    channel: &ChannelId,
    about: &About,
    now: Time,
) -> Result<(), StoreError> {
    w.insert(
        "INSERT INTO deliveries (channel, form, state, created, due, next_attempt, about) VALUES (?1, 'notice', 'waiting', ?2, ?2, ?2, ?3)",
        params![channel.0, now.ms(), to_json("about", about)?],
    )
    .map(drop)
}

/// Puts a channel's test of a week into the outbox, once. `false` where it was there.
///
/// # Errors
/// Where the database fails.
pub fn put_self_test(
    w: &Write<'_>,
    channel: &ChannelId,
    slot: &str,
    now: Time,
) -> Result<bool, StoreError> {
    let added = w.execute(
        "INSERT OR IGNORE INTO deliveries (channel, form, state, created, due, next_attempt, slot) VALUES (?1, 'self_test', 'waiting', ?2, ?2, ?2, ?3)",
        params![channel.0, now.ms(), slot],
    )?;
    Ok(added > 0)
}

/// A clock that went back left messages whose time is now far ahead: those that were to go out at once, were
/// tried already or are tried again are due now. (Digests take another place: [`placed_ahead`].) Says how many.
///
/// # Errors
/// Where the database fails.
pub fn was_ahead(
    w: &Write<'_>,
    channel: &ChannelId,
    longest_delay_ms: i64,
    now: Time,
) -> Result<usize, StoreError> {
    // What expired by that clock did not.
    let mut changed = w.execute(
        "UPDATE deliveries SET state = CASE attempts WHEN 0 THEN 'waiting' ELSE 'retrying' END, next_attempt = due, finished = NULL, fault = NULL WHERE channel = ?1 AND state = 'expired' AND finished > ?2",
        params![channel.0, ahead(now)],
    )?;
    for form in [
        DeliveryForm::Alerts,
        DeliveryForm::Notice,
        DeliveryForm::SelfTest,
    ] {
        changed += w.execute(
            &format!("UPDATE deliveries SET due = ?4, next_attempt = ?4 WHERE channel = ?1 AND form = ?2 AND {WAITS} AND due > ?3 AND (created > ?3 OR due > ?3 + ?5)"),
            params![channel.0, form.as_str(), ahead(now), now.ms(), LONGEST_GATHERING_MS],
        )?;
    }
    for form in DeliveryForm::ALL {
        changed += w.execute(
            &format!("UPDATE deliveries SET due = ?4, next_attempt = ?4 WHERE channel = ?1 AND form = ?2 AND {WAITS} AND due > ?3 AND (attempts > 0 OR slot GLOB ?5)"),
            params![channel.0, form.as_str(), ahead(now), now.ms(), format!("{RESUMED} *")],
        )?;
    }
    changed += w.execute(
        &format!("UPDATE deliveries SET next_attempt = ?3 WHERE channel = ?1 AND {WAITS} AND next_attempt > ?3 AND state = 'retrying' AND (next_attempt > ?2 OR EXISTS (SELECT 1 FROM attempts t WHERE t.delivery = deliveries.id AND t.ended > ?4))"),
        params![
            channel.0,
            now.ms().saturating_add(longest_delay_ms),
            now.ms(),
            ahead(now),
        ],
    )?;
    Ok(changed)
}

/// What was noted as later than this was noted by a clock that went back since.
#[must_use]
pub fn ahead(now: Time) -> i64 {
    now.ms().saturating_add(CORRECTED_MS)
}

/// A digest, or what waits for the end of quiet hours, whose time a clock said that went back since.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ahead {
    /// It.
    pub id: DeliveryId,
    /// Which of the two.
    pub form: DeliveryForm,
    /// Its slot.
    pub slot: String,
}

/// The digests of a channel that were placed by a clock that went back since.
///
/// # Errors
/// Where the database fails.
pub fn placed_ahead(
    r: &Read<'_>,
    channel: &ChannelId,
    now: Time,
) -> Result<Vec<Ahead>, StoreError> {
    let mut all = Vec::new();
    for form in [DeliveryForm::Digest, DeliveryForm::Quiet] {
        all.extend(r.rows(
            &format!("SELECT id, slot FROM deliveries WHERE channel = ?1 AND form = ?2 AND {WAITS} AND due > ?3 AND slot IS NOT NULL AND (created > ?4 OR due > ?5) ORDER BY due, id"),
            params![
                channel.0,
                form.as_str(),
                now.ms(),
                ahead(now),
                now.ms().saturating_add(FURTHEST_SLOT_MS),
            ],
            |row| {
                Ok(Ahead {
                    id: DeliveryId(row.col("id")?),
                    form,
                    slot: row.col("slot")?,
                })
            },
        )?);
    }
    Ok(all)
}

/// Moves a digest to a slot of its channel: it joins what waits there.
///
/// # Errors
/// Where the database fails.
pub fn move_to_slot(
    w: &Write<'_>,
    channel: &ChannelId,
    id: DeliveryId,
    slot: &str,
    due: Time,
    now: Time,
) -> Result<(), StoreError> {
    match super::enqueue::place_of(w, channel, slot)? {
        Ok(waiting) if waiting == id => {}
        Ok(waiting) => {
            w.execute(
                "UPDATE delivery_alerts SET delivery = ?2 WHERE delivery = ?1",
                params![id.0, waiting.0],
            )?;
            w.execute("DELETE FROM deliveries WHERE id = ?1", [id.0])?;
        }
        Err(name) => {
            w.execute(
                "UPDATE deliveries SET slot = ?2, due = ?3, next_attempt = ?3, created = min(created, ?4) WHERE id = ?1",
                params![id.0, name, due.ms(), now.ms()],
            )?;
        }
    }
    Ok(())
}

/// Lets a digest go out now.
///
/// # Errors
/// Where the database fails.
pub fn set_due_now(w: &Write<'_>, id: DeliveryId, now: Time) -> Result<(), StoreError> {
    w.execute(
        "UPDATE deliveries SET due = ?2, next_attempt = ?2 WHERE id = ?1",
        params![id.0, now.ms()],
    )?;
    Ok(())
}

/// Forgets what messages said that ended before a moment: at most some hundreds. Says how many.
///
/// # Errors
/// Where the database fails.
pub fn forget_messages(w: &Write<'_>, before: Time) -> Result<usize, StoreError> {
    w.execute(
        "UPDATE deliveries SET message = NULL WHERE id IN (SELECT id FROM deliveries WHERE message IS NOT NULL AND finished < ?1 ORDER BY finished LIMIT ?2)",
        params![before.ms(), FORGOTTEN],
    )
}

/// Whether a message's text is to be forgotten.
///
/// # Errors
/// Where the database fails.
pub fn has_old_messages(r: &Read<'_>, before: Time) -> Result<bool, StoreError> {
    let found = r.first(
        "SELECT 1 FROM deliveries WHERE message IS NOT NULL AND finished < ?1 LIMIT 1",
        [before.ms()],
        |_| Ok(()),
    )?;
    Ok(found.is_some())
}

/// The messages of a folder of failures, to act on all of them.
///
/// # Errors
/// Where the database fails.
pub fn failed(r: &Read<'_>, channel: Option<&ChannelId>) -> Result<Vec<DeliveryId>, StoreError> {
    let mut all = Vec::new();
    for channel in super::listing::channels_of(r, channel)? {
        for state in ["failed", "unknown", "expired"] {
            all.extend(r.rows(
                "SELECT id FROM deliveries WHERE channel = ?1 AND state = ?2",
                params![channel.0, state],
                |row| row.col("id").map(DeliveryId),
            )?);
        }
    }
    all.sort_unstable();
    Ok(all)
}

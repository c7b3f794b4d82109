//! What rules routed becomes rows of the outbox, in the transaction that stored what they speak of.

use std::collections::HashMap;

use rusqlite::params;

use super::super::row::{Columns, to_json};
use super::super::{Read, StoreError, Write};
use crate::model::{ChannelId, DeliveryForm, DeliveryId, DeliveryState, Subject, Time};

/// Alerts that one message of the form [`DeliveryForm::Alerts`] gathers.
const MOST_GATHERED: u32 = 200;

/// One alert on its way to one channel.
#[derive(Clone, Copy, Debug)]
pub struct Entry<'a> {
    /// Where it goes.
    pub channel: &'a ChannelId,
    /// What it speaks of.
    pub subject: Subject,
    /// The names of the rules that asked for it.
    pub rules: &'a [String],
    /// As what: [`DeliveryForm::Alerts`] is what goes out at once and counts for caps.
    pub form: DeliveryForm,
    /// When: now and the time of grouping, the digest's time, the end of the quiet hours. What is due now
    /// is a message of its own.
    pub due: Time,
    /// Which digest, or which quiet hours.
    pub slot: Option<&'a str>,
}

/// A message that more alerts may join.
#[derive(Clone, Copy)]
struct Open {
    id: DeliveryId,
    alerts: u32,
}

/// Puts alerts into the outbox: each joins the message that is gathered for its channel, or begins one. What
/// went to a channel before, whoever asked, does not go there again; while it waits it learns who asks,
/// too. Says how many are new.
///
/// # Errors
/// Where the database fails.
pub fn enqueue(w: &Write<'_>, entries: &[Entry<'_>], now: Time) -> Result<u32, StoreError> {
    let mut gathering: HashMap<(&ChannelId, DeliveryForm, Option<&str>), Open> = HashMap::new();
    let mut new = 0;
    for entry in entries {
        if is_known(w, entry)? {
            continue;
        }
        new += 1;
        let key = (entry.channel, entry.form, entry.slot);
        let mut message = if is_alone(entry, now) {
            begin(w, entry, None, now)?
        } else {
            match gathering.get(&key) {
                Some(open) if !is_full(entry, *open) => *open,
                Some(_) => begin(w, entry, entry.slot, now)?,
                None => gather(w, entry, now)?,
            }
        };
        put(w, entry, message.id, now)?;
        message.alerts += 1;
        gathering.insert(key, message);
    }
    Ok(new)
}

fn is_alone(entry: &Entry<'_>, now: Time) -> bool {
    entry.form == DeliveryForm::Alerts && entry.due <= now
}

fn is_full(entry: &Entry<'_>, open: Open) -> bool {
    entry.form == DeliveryForm::Alerts && open.alerts >= MOST_GATHERED
}

/// Whether it went to the channel before, or waits already.
fn is_known(w: &Write<'_>, entry: &Entry<'_>) -> Result<bool, StoreError> {
    let (channel, subject) = (&entry.channel.0, entry.subject);
    let key = (
        channel,
        subject.alert.0,
        subject.change.as_str(),
        subject.at.ms(),
    );
    let found = w.first(
        "SELECT delivery, rules FROM delivery_alerts WHERE channel = ?1 AND alert = ?2 AND change = ?3 AND at = ?4",
        key,
        |row| {
            let rules: Option<Vec<String>> = row.opt_json("rules")?;
            Ok((row.col::<i64>("delivery")?, rules.unwrap_or_default()))
        },
    )?;
    let Some((delivery, mut rules)) = found else {
        return Ok(false);
    };
    let before = rules.len();
    for rule in entry.rules {
        if !rules.contains(rule) {
            rules.push(rule.clone());
        }
    }
    if rules.len() > before {
        w.execute(
            "UPDATE delivery_alerts SET rules = ?5 WHERE channel = ?1 AND alert = ?2 AND change = ?3 AND at = ?4 AND EXISTS (SELECT 1 FROM deliveries d WHERE d.id = ?6 AND d.state IN ('waiting', 'retrying'))",
            params![key.0, key.1, key.2, key.3, to_json("rules", &rules)?, delivery],
        )?;
    }
    Ok(true)
}

/// The message that gathers such entries now, or a new one.
fn gather(w: &Write<'_>, entry: &Entry<'_>, now: Time) -> Result<Open, StoreError> {
    let Some(slot) = entry.slot else {
        // What is due later than this entry was begun by a clock that went back since.
        let found = w.first(
            "SELECT id FROM deliveries WHERE channel = ?1 AND form = ?2 AND slot IS NULL AND state IN ('waiting', 'retrying') AND state = 'waiting' AND attempts = 0 AND due > ?3 AND due <= ?4 ORDER BY due DESC LIMIT 1",
            params![entry.channel.0, entry.form.as_str(), now.ms(), entry.due.ms()],
            |row| row.col("id").map(DeliveryId),
        )?;
        let open = found.map(|id| open(w, id)).transpose()?;
        return match open.filter(|open| !is_full(entry, *open)) {
            Some(open) => Ok(open),
            None => begin(w, entry, None, now),
        };
    };
    match place_of(w, entry.channel, slot)? {
        Ok(id) => open(w, id),
        Err(name) => begin(w, entry, Some(&name), now),
    }
}

/// What waits in a slot of a channel, or the name of the slot that is to be begun. Routing passes over a slot that
/// is over. Where one ended since, nothing may be lost: it gets a second.
pub(super) fn place_of(
    r: &Read<'_>,
    channel: &ChannelId,
    slot: &str,
) -> Result<Result<DeliveryId, String>, StoreError> {
    let mut name = slot.to_owned();
    let mut again = 1;
    loop {
        let found = r.first(
            "SELECT id, state = 'waiting' AND attempts = 0 AS joins FROM deliveries WHERE channel = ?1 AND slot = ?2",
            params![channel.0, name],
            |row| Ok((DeliveryId(row.col("id")?), row.col::<bool>("joins")?)),
        )?;
        match found {
            None => return Ok(Err(name)),
            Some((id, true)) => return Ok(Ok(id)),
            Some((_, false)) => {
                again += 1;
                name = format!("{slot} #{again}");
            }
        }
    }
}

fn open(r: &Read<'_>, id: DeliveryId) -> Result<Open, StoreError> {
    let alerts = r.number(
        "SELECT count(*) FROM delivery_alerts WHERE delivery = ?1",
        [id.0],
    )?;
    let alerts = u32::try_from(alerts).unwrap_or(u32::MAX);
    Ok(Open { id, alerts })
}

fn begin(
    w: &Write<'_>,
    entry: &Entry<'_>,
    slot: Option<&str>,
    now: Time,
) -> Result<Open, StoreError> {
    let id = w.insert(
        "INSERT INTO deliveries (channel, form, state, created, due, next_attempt, slot) VALUES (?1, ?2, ?3, ?4, ?5, ?5, ?6)",
        params![
            entry.channel.0,
            entry.form.as_str(),
            DeliveryState::Waiting.as_str(),
            now.ms(),
            entry.due.ms(),
            slot
        ],
    )?;
    let id = DeliveryId(id);
    Ok(Open { id, alerts: 0 })
}

fn put(w: &Write<'_>, entry: &Entry<'_>, message: DeliveryId, now: Time) -> Result<(), StoreError> {
    let routed = if entry.form == DeliveryForm::Alerts {
        now.ms()
    } else {
        0
    };
    w.execute(
        "INSERT INTO delivery_alerts (delivery, alert, channel, change, at, rules, routed) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        params![
            message.0,
            entry.subject.alert.0,
            entry.channel.0,
            entry.subject.change.as_str(),
            entry.subject.at.ms(),
            to_json("rules", &entry.rules)?,
            routed
        ],
    )?;
    Ok(())
}

/// The digests and quiet hours of channels that are over although their time lies ahead (a clock went back):
/// routing passes over them.
///
/// # Errors
/// Where the database fails.
pub fn slots_that_are_over(
    r: &Read<'_>,
    now: Time,
) -> Result<Vec<(ChannelId, String)>, StoreError> {
    r.rows(
        "SELECT channel, slot FROM deliveries WHERE slot IS NOT NULL AND due > ?1 AND (state <> 'waiting' OR attempts > 0)",
        [now.ms()],
        |row| Ok((ChannelId(row.col("channel")?), row.col("slot")?)),
    )
}

//! What is done to messages that wait besides sending them: they expire, fail with their channel, start again
//! after a stop; and the weekly tests.

use std::sync::Arc;

use chrono::Datelike;

use super::{LONGEST_HOLD_MS, Setup};
use crate::error::Fault;
use crate::model::{ChannelId, DeliveryForm, Time};
use crate::store::channels::{self, ChannelHealth};
use crate::store::deliveries;
use crate::store::{Db, Read, StoreError, Write, meta};

const HOUR_MS: i64 = 60 * 60 * 1000;
/// How long a message waits at most. The window shows all that a desktop notification would say.
const DESKTOP_MS: i64 = 12 * HOUR_MS;
const MESSAGE_MS: i64 = 3 * 24 * HOUR_MS;
const DIGEST_MS: i64 = 7 * 24 * HOUR_MS;
/// How long it is kept what a message said.
const KEPT_MS: i64 = 90 * 24 * HOUR_MS;
/// The weekly test goes out on Monday from this hour on (UTC).
const TEST_AT_MS: i64 = 9 * HOUR_MS;
/// From more waiting messages than this, a channel that starts again sends one digest.
const MOST_SINGLE: usize = 5;

/// What is known of a channel besides how to send on it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Known {
    /// Its name for people.
    pub name: String,
    /// Whether it is one of the desktop.
    pub is_desktop: bool,
    /// Whether it is tested once a week.
    pub weekly_test: bool,
}

/// How long a message of a form waits at most on a channel.
fn longest_wait_ms(form: DeliveryForm, channel: &Known) -> i64 {
    match form {
        _ if channel.is_desktop => DESKTOP_MS,
        DeliveryForm::Digest => DIGEST_MS,
        _ => MESSAGE_MS,
    }
}

/// Which week a test is of: `test 2026-W48`. Weeks begin on Monday, some hours into it.
fn week(now: Time) -> String {
    let week = Time(now.ms() - TEST_AT_MS).to_chrono().iso_week();
    format!("test {}-W{:02}", week.year(), week.week())
}

/// What there is to do.
#[derive(Default)]
struct Todo {
    expired: Vec<(ChannelId, DeliveryForm, Time)>,
    tests: Vec<ChannelId>,
    has_gone: bool,
    forgotten: Vec<ChannelId>,
    forgets: bool,
}

impl Todo {
    fn read(r: &Read<'_>, setup: &Setup, now: Time) -> Result<Self, StoreError> {
        let mut todo = Self::default();
        for (id, channel) in &setup.known {
            for form in DeliveryForm::ALL {
                let before = Time(now.ms() - longest_wait_ms(form, channel));
                if deliveries::expired_before(r, id, form, before)? {
                    todo.expired.push((id.clone(), form, before));
                }
            }
            let is_on = matches!(setup.channels.get(id), Some(Ok(_)));
            if is_on
                && channel.weekly_test
                && channels::get(r, id)?.stopped.is_none()
                && !deliveries::has_slot(r, id, &week(now))?
            {
                todo.tests.push(id.clone());
            }
        }
        let waiting = deliveries::waiting_channels(r)?;
        todo.has_gone = waiting.iter().any(|id| !setup.known.contains_key(id));
        let health = channels::all(r)?.into_keys();
        todo.forgotten = health.filter(|id| !setup.known.contains_key(id)).collect();
        todo.forgets = deliveries::has_old_messages(r, Time(now.ms() - KEPT_MS))?;
        Ok(todo)
    }

    fn is_nothing(&self) -> bool {
        self.expired.is_empty()
            && self.tests.is_empty()
            && !self.has_gone
            && self.forgotten.is_empty()
            && !self.forgets
    }

    fn apply(&self, w: &Write<'_>, setup: &Setup, now: Time) -> Result<(), StoreError> {
        for (channel, form, before) in &self.expired {
            let fault = expired(setup.name_of(channel));
            deliveries::expire(w, channel, *form, *before, &fault, now)?;
        }
        for channel in &self.tests {
            deliveries::put_self_test(w, channel, &week(now), now)?;
        }
        if self.has_gone {
            let known: Vec<&ChannelId> = setup.known.keys().collect();
            deliveries::fail_all(w, &known, gone, now)?;
        }
        for channel in &self.forgotten {
            channels::forget(w, channel)?;
        }
        if self.forgets {
            deliveries::forget_messages(w, Time(now.ms() - KEPT_MS))?;
        }
        Ok(())
    }
}

fn expired(name: &str) -> Fault {
    Fault::new(
        "delivery_expired",
        format!("This message waited for {name} until it was no longer news. The alerts are in the inbox; resend it if somebody still wants it."),
    )
    .with("channel", name)
}

fn gone(channel: &ChannelId) -> Fault {
    Fault::new(
        "channel_gone",
        format!(
            "The channel {channel} was removed from the settings while this message waited for it."
        ),
    )
    .with("channel", channel)
}

/// Does what is to be done once in a while: messages expire, those of channels that are gone fail, weekly tests
/// are put in, old texts are forgotten. Says whether anything was.
///
/// # Errors
/// Where the database fails.
pub async fn keep(db: &Db, setup: &Arc<Setup>, now: Time) -> Result<bool, StoreError> {
    let of_setup = Arc::clone(setup);
    let todo = db.read(move |r| Todo::read(r, &of_setup, now)).await?;
    if todo.is_nothing() {
        return Ok(false);
    }
    let of_setup = Arc::clone(setup);
    db.write(move |w| todo.apply(w, &of_setup, now)).await?;
    Ok(true)
}

/// A clock went back: what was to go out at once, or is tried again, is not kept waiting for the old time, and
/// nothing is said to have been in the future.
///
/// # Errors
/// Where the database fails.
pub fn clock_went_back(w: &Write<'_>, setup: &Setup, now: Time) -> Result<(), StoreError> {
    for id in setup.known.keys() {
        deliveries::was_ahead(w, id, LONGEST_HOLD_MS, now)?;
    }
    for (id, mut health) in channels::all(w)? {
        let before = health.clone();
        was_ahead(&mut health, now);
        if health != before {
            channels::set(w, &id, &health)?;
        }
    }
    if meta::bell_seen(w)?.is_some_and(|seen| seen > now) {
        meta::set_bell_seen(w, now)?;
    }
    Ok(())
}

fn was_ahead(health: &mut ChannelHealth, now: Time) {
    let is_ahead = |at: Time| at.ms() > deliveries::ahead(now);
    if let (Some(asked), Some(until)) = (health.last_failure, health.held_until)
        && is_ahead(asked)
    {
        // As long as the service asked for, from now on.
        let asked_ms = until.ms().saturating_sub(asked.ms()).max(0);
        health.held_until = Some(Time(now.ms().saturating_add(asked_ms)));
    }
    for at in [
        &mut health.last_success,
        &mut health.last_failure,
        &mut health.stopped,
        &mut health.last_test,
    ] {
        *at = at.map(|at| if is_ahead(at) { now } else { at });
    }
}

/// A start: channels that are stopped are tried once more, because what stopped them may have been put right
/// meanwhile. Where it was not they stop again, and nobody is told twice. Says whether there were any.
///
/// # Errors
/// Where the database fails.
pub fn start_again(w: &Write<'_>, now: Time) -> Result<bool, StoreError> {
    let mut changed = false;
    for (id, health) in channels::all(w)? {
        if health.stopped.is_some() {
            changed = true;
            channels::change(w, &id, |health| health.stopped = None)?;
            deliveries::merge_waiting(w, &id, MOST_SINGLE, now)?;
        }
    }
    Ok(changed)
}

/// Starts channels again that are stopped. Where more than a few messages waited they become one digest.
///
/// # Errors
/// Where the database fails.
pub fn resume(w: &Write<'_>, which: &[ChannelId], now: Time) -> Result<bool, StoreError> {
    let mut changed = false;
    for channel in which {
        let before = channels::get(w, channel)?;
        if before.stopped.is_none() {
            continue;
        }
        changed = true;
        channels::change(w, channel, |health| {
            health.stopped = None;
            health.told = None;
            health.fault = None;
            health.failures = 0;
        })?;
        deliveries::merge_waiting(w, channel, MOST_SINGLE, now)?;
    }
    Ok(changed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_week_begins_on_monday_morning() {
        let at = |text: &str| week(Time::parse_rfc3339(text).unwrap());
        assert_eq!(at("2026-11-23T08:59:59Z"), "test 2026-W47");
        assert_eq!(at("2026-11-23T09:00:00Z"), "test 2026-W48");
        assert_eq!(at("2026-11-29T23:00:00Z"), "test 2026-W48");
        assert_eq!(at("2027-01-01T12:00:00Z"), "test 2026-W53");
    }

    #[test]
    fn digests_wait_longest_and_the_desktop_shortest() {
        let mail = Known::default();
        let desktop = Known {
            is_desktop: true,
            ..Known::default()
        };
        let hours = |form, channel| longest_wait_ms(form, channel) / HOUR_MS;
        assert_eq!(hours(DeliveryForm::Alerts, &mail), 72);
        assert_eq!(hours(DeliveryForm::Quiet, &mail), 72);
        assert_eq!(hours(DeliveryForm::Digest, &mail), 168);
        assert_eq!(hours(DeliveryForm::Digest, &desktop), 12);
    }
}

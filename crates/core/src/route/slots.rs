//! When digests go out: each civil time of digest is one slot with a name (`2026-11-23T08:00 Europe/Berlin`),
//! whatever clocks and zones do. A channel gets each slot once: one that is over is passed over.

use jiff::civil::{DateTime, Time as TimeOfDay};

use super::zone::{Zone, days_after, is_on, time_of_day};
use crate::model::{DigestTimes, Time, Weekday};

/// How far ahead slots are looked for at once, days: every day of the week is in it.
const STRETCH_DAYS: i64 = 8;
/// Stretches that are gone through before a slot is taken although it is over: three years, further than a
/// clock goes back that anybody trusts again.
const MOST_STRETCHES: i64 = 137;
const DAY_MS: i64 = 86_400_000;

/// A digest, or the end of quiet hours: a moment with a name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Slot {
    /// When.
    pub due: Time,
    /// Its name.
    pub name: String,
}

/// Times of digests as they are set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Times {
    /// In order, each once, at least one.
    at: Vec<TimeOfDay>,
    days: Vec<Weekday>,
    zone: Zone,
}

impl Times {
    /// Of what is set; a zone that is not set is `here`. What cannot be read of it gives way to the default:
    /// `false` beside it.
    #[must_use]
    pub fn new(set: &DigestTimes, here: &Zone) -> (Self, bool) {
        let mut at: Vec<TimeOfDay> = set.at.iter().filter_map(|at| time_of_day(at)).collect();
        let zone = set.zone.as_deref().map(Zone::named);
        let is_read = at.len() == set.at.len() && !at.is_empty() && zone != Some(None);
        if at.is_empty() {
            at.push(TimeOfDay::constant(8, 0, 0, 0));
        }
        at.sort_unstable();
        at.dedup();
        let times = Self {
            at,
            days: set.days.clone(),
            zone: zone.flatten().unwrap_or_else(|| here.clone()),
        };
        (times, is_read)
    }

    /// The first slot after a moment that is not over.
    #[must_use]
    pub fn next(&self, now: Time, is_over: impl Fn(&str) -> bool) -> Option<Slot> {
        let mut last = None;
        for stretch in 0..MOST_STRETCHES {
            let from = Time(now.ms() + stretch * STRETCH_DAYS * DAY_MS);
            let to = Time(from.ms() + STRETCH_DAYS * DAY_MS);
            for slot in self.between(from, to) {
                if !is_over(&slot.name) {
                    return Some(slot);
                }
                last = Some(slot);
            }
        }
        last
    }

    /// The slots after one moment up to another, in order.
    #[must_use]
    pub fn between(&self, after: Time, to: Time) -> Vec<Slot> {
        let mut all = Vec::new();
        let (Some(first), Some(last)) = (self.zone.date(after), self.zone.date(to)) else {
            return all;
        };
        // A gap moves a time by a day at most: Samoa's was one.
        let Some(mut date) = days_after(first, -2) else {
            return all;
        };
        while date <= last {
            if is_on(date, &self.days) {
                let times = self.at.iter().map(|at| date.to_datetime(*at));
                all.extend(times.filter_map(|at| slot(&self.zone, at, "")));
            }
            match days_after(date, 1) {
                Some(next) => date = next,
                None => break,
            }
        }
        all.retain(|slot| after < slot.due && slot.due <= to);
        all.sort_unstable();
        all
    }
}

/// The slot of a civil time.
pub(super) fn slot(zone: &Zone, at: DateTime, what: &str) -> Option<Slot> {
    Some(Slot {
        due: zone.moment(at)?,
        name: format!("{what}{} {}", at.strftime("%Y-%m-%dT%H:%M"), zone.name()),
    })
}

#[cfg(test)]
#[path = "slots_tests.rs"]
mod tests;

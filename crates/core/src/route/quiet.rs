//! When a channel does not ring: from a time of day to another, over midnight where that is earlier, for a whole
//! day where it is the same, on the days on which it begins. Quiet hours that follow one another without a break
//! are one. Where they never break what waits comes at the end of each day.

use jiff::civil::{Date, Time as TimeOfDay};

use super::slots::{Slot, slot};
use super::zone::{Zone, days_after, is_on, time_of_day};
use crate::model::{QuietHours, Severity, Time, Weekday};

/// Quiet hours that follow one another: more than a week's are all the time, and then each ends alone.
const MOST_LINKS: usize = 8;
/// Days ahead in which the end of other quiet hours is looked for.
const MOST_DAYS: i64 = 400;

/// Quiet hours as they are set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quiet {
    from: TimeOfDay,
    to: TimeOfDay,
    days: Vec<Weekday>,
    zone: Zone,
    pass_high: bool,
    pass_exploited: bool,
}

impl Quiet {
    /// Of what is set; a zone that is not set is `here`. `None` where a time cannot be read: nothing is held
    /// back then. `false` beside it where anything of it could not be read.
    #[must_use]
    pub fn new(set: &QuietHours, here: &Zone) -> (Option<Self>, bool) {
        let zone = set.zone.as_deref().map(Zone::named);
        let is_read = zone != Some(None);
        let (Some(from), Some(to)) = (time_of_day(&set.from), time_of_day(&set.to)) else {
            return (None, false);
        };
        let quiet = Self {
            from,
            to,
            days: set.days.clone(),
            zone: zone.flatten().unwrap_or_else(|| here.clone()),
            pass_high: set.pass_high,
            pass_exploited: set.pass_exploited,
        };
        (Some(quiet), is_read)
    }

    /// Whether an alert rings all the same.
    #[must_use]
    pub fn passes(&self, severity: Option<Severity>, exploited: bool) -> bool {
        (self.pass_high && severity == Some(Severity::High)) || (self.pass_exploited && exploited)
    }

    /// The end of the quiet hours that a moment is in, as the slot of what waits for it; where that is over, of
    /// later ones. `None` where it is not quiet.
    #[must_use]
    pub fn until(&self, now: Time, is_over: impl Fn(&str) -> bool) -> Option<Slot> {
        let first = self.end_at(now)?;
        let mut end = first.clone();
        for link in 0.. {
            match self.end_at(end.due) {
                Some(next) if link < MOST_LINKS => end = next,
                Some(_) => {
                    end = first;
                    break;
                }
                None => break,
            }
        }
        if !is_over(&end.name) {
            return Some(end);
        }
        let today = self.zone.date(now)?;
        let later = (0..MOST_DAYS).filter_map(|days| self.on(days_after(today, days)?));
        let mut later = later.map(|(_, other)| other);
        later
            .find(|other| other.due > end.due && !is_over(&other.name))
            .or(Some(end))
    }

    /// The latest end of the quiet hours that a moment is in.
    fn end_at(&self, at: Time) -> Option<Slot> {
        let today = self.zone.date(at)?;
        let around = (-2..=1).filter_map(|days| self.on(days_after(today, days)?));
        let around = around.filter(|(start, end)| *start <= at && at < end.due);
        around.map(|(_, end)| end).max()
    }

    /// The quiet hours that begin on a date.
    fn on(&self, date: Date) -> Option<(Time, Slot)> {
        if !is_on(date, &self.days) {
            return None;
        }
        let last = if self.to <= self.from {
            days_after(date, 1)?
        } else {
            date
        };
        let start = self.zone.moment(date.to_datetime(self.from))?;
        Some((
            start,
            slot(&self.zone, last.to_datetime(self.to), "quiet ")?,
        ))
    }
}

#[cfg(test)]
#[path = "quiet_tests.rs"]
mod tests;

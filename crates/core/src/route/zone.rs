//! Civil time: a time zone by name or this machine's, and what a time of day there means as a moment. A time
//! that the clock jumps over is the one after the gap, as late; one that comes twice is the first of the two
//! (RFC 5545's rule, which jiff calls compatible).

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time as TimeOfDay};
use jiff::tz::TimeZone;

use crate::model::{Time, Weekday};

/// What a zone is called whose name nobody knows.
const NAMELESS: &str = "local";

/// A time zone with the name that slots call it by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Zone {
    zone: TimeZone,
    name: String,
}

impl Default for Zone {
    fn default() -> Self {
        Self::of(TimeZone::UTC)
    }
}

impl Zone {
    /// That of this machine; UTC where it says none.
    #[must_use]
    pub fn here() -> Self {
        Self::of(TimeZone::try_system().unwrap_or(TimeZone::UTC))
    }

    /// By its IANA name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        TimeZone::get(name).ok().map(Self::of)
    }

    fn of(zone: TimeZone) -> Self {
        let name = zone.iana_name().unwrap_or(NAMELESS).to_owned();
        Self { zone, name }
    }

    /// Its IANA name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The moment of a civil time; `None` outside the years that can be reckoned with.
    pub(super) fn moment(&self, at: DateTime) -> Option<Time> {
        let moment = self.zone.to_timestamp(at).ok()?;
        Some(Time(moment.as_millisecond()))
    }

    /// The date at a moment.
    pub(super) fn date(&self, at: Time) -> Option<Date> {
        let moment = Timestamp::from_millisecond(at.ms()).ok()?;
        Some(self.zone.to_datetime(moment).date())
    }
}

/// Reads `08:00`.
pub(super) fn time_of_day(text: &str) -> Option<TimeOfDay> {
    let (hour, minute) = text.trim().split_once(':')?;
    let is_short = |part: &str| {
        (1..=2).contains(&part.len()) && part.bytes().all(|digit| digit.is_ascii_digit())
    };
    if !is_short(hour) || !is_short(minute) {
        return None;
    }
    TimeOfDay::new(hour.parse().ok()?, minute.parse().ok()?, 0, 0).ok()
}

/// Whether a date is on one of these days; no days = every day.
pub(super) fn is_on(date: Date, days: &[Weekday]) -> bool {
    let day = match date.weekday() {
        jiff::civil::Weekday::Monday => Weekday::Mon,
        jiff::civil::Weekday::Tuesday => Weekday::Tue,
        jiff::civil::Weekday::Wednesday => Weekday::Wed,
        jiff::civil::Weekday::Thursday => Weekday::Thu,
        jiff::civil::Weekday::Friday => Weekday::Fri,
        jiff::civil::Weekday::Saturday => Weekday::Sat,
        jiff::civil::Weekday::Sunday => Weekday::Sun,
    };
    days.is_empty() || days.contains(&day)
}

/// The date so many days later or earlier.
pub(super) fn days_after(date: Date, days: i64) -> Option<Date> {
    date.checked_add(jiff::Span::new().try_days(days).ok()?)
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_of_day_is_hours_and_minutes() {
        for (text, expect) in [
            ("08:00", Some((8, 0))),
            ("8:05", Some((8, 5))),
            ("23:59", Some((23, 59))),
            ("00:00", Some((0, 0))),
            ("24:00", None),
            ("08:60", None),
            ("0800", None),
            ("08:00:00", None),
            ("-8:00", None),
            ("+8:00", None),
            ("", None),
        ] {
            let read = time_of_day(text).map(|t| (t.hour(), t.minute()));
            assert_eq!(read, expect, "{text:?}");
        }
    }

    #[test]
    fn zones_are_known_by_their_iana_names_whatever_the_case() {
        assert_eq!(
            Zone::named("europe/berlin").unwrap().name(),
            "Europe/Berlin"
        );
        assert_eq!(Zone::named("UTC").unwrap().name(), "UTC");
        assert_eq!(Zone::named("Mars/Olympus"), None);
        assert!(!Zone::here().name().is_empty());
    }

    #[test]
    fn what_a_clock_jumps_over_comes_after_the_gap_and_what_comes_twice_at_first() {
        let berlin = Zone::named("Europe/Berlin").unwrap();
        for (civil, expect) in [
            ("2026-03-29T01:59", "2026-03-29T00:59:00.000Z"),
            ("2026-03-29T02:30", "2026-03-29T01:30:00.000Z"),
            ("2026-03-29T03:00", "2026-03-29T01:00:00.000Z"),
            ("2026-10-25T02:30", "2026-10-25T00:30:00.000Z"),
            ("2026-10-25T03:00", "2026-10-25T02:00:00.000Z"),
        ] {
            let at: DateTime = civil.parse().unwrap();
            assert_eq!(berlin.moment(at).unwrap().to_rfc3339(), expect, "{civil}");
        }
    }
}

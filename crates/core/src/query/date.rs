//! Dates as people type them: `7d`, `today`, `2026-11`, `2026-11-01`, RFC 3339, and ranges of them. UTC.

use std::fmt;
use std::ops::Range;

use chrono::{DateTime, Datelike, Days, Months, NaiveDate, TimeDelta, Utc};

use super::error::{QueryError, Reason};
use super::field::Operator;
use crate::model::Time;

/// A date of some precision, or a distance from now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Date {
    /// So long ago: a point in time.
    Ago {
        /// How many, at most 99,999.
        count: u32,
        /// Of what.
        unit: Unit,
    },
    /// The day that is now.
    Today,
    /// The day before.
    Yesterday,
    /// A whole year, 1 to 9999.
    Year(i32),
    /// A whole month, by its first day.
    Month(NaiveDate),
    /// A whole day.
    Day(NaiveDate),
    /// A moment in the years 1 to 9999.
    At(Time),
}

/// What relative dates count. Months and years are those of the calendar: a month before 31 March is the
/// end of February.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Unit {
    /// `h`
    Hours,
    /// `d`
    Days,
    /// `w`
    Weeks,
    /// `m`
    Months,
    /// `y`
    Years,
}

/// Where a moment lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Span {
    /// There is one.
    Any,
    /// Within a date; within the time since a distance from now.
    In(Date),
    /// `<`, `<=`, `>`, `>=`. With a distance from now they compare the age: `<7d` is younger.
    Compare(Operator, Date),
    /// From the beginning of one to the end of the other; one may be open.
    Between(Option<Date>, Option<Date>),
}

/// Dates to show what can be typed.
pub const SAMPLES: [&str; 7] = [
    "today",
    "yesterday",
    "<24h",
    "<7d",
    "<30d",
    "2026",
    "2026-11-01",
];

impl Span {
    /// The moments at or after the first and before the second.
    #[must_use]
    pub fn bounds(self, now: Time) -> (Option<Time>, Option<Time>) {
        use Operator::{AtLeast, AtMost, Less, More};
        match self {
            Self::Any => (None, None),
            // Open to the future, so that a query made plain once also takes what comes in later.
            Self::In(date @ Date::Ago { .. }) => (Some(date.ends(now).0), None),
            Self::In(date) => {
                let (start, end) = date.ends(now);
                (Some(start), Some(end))
            }
            Self::Compare(operator, date) => {
                let (start, end) = date.ends(now);
                match (operator, matches!(date, Date::Ago { .. })) {
                    (Less, true) | (More, false) => (Some(end), None),
                    (AtMost, true) | (AtLeast, false) => (Some(start), None),
                    (AtLeast, true) | (AtMost, false) => (None, Some(end)),
                    _ => (None, Some(start)),
                }
            }
            Self::Between(low, high) => (
                low.map(|date| date.ends(now).0),
                high.map(|date| date.ends(now).1),
            ),
        }
    }

    /// Reads a value behind an operator; `at` is the character where it begins.
    pub(super) fn parse(text: &str, operator: Operator, at: usize) -> Result<Self, QueryError> {
        let place = at..at + text.chars().count();
        if operator.compares() {
            return Date::parse(text, &place).map(|date| Self::Compare(operator, date));
        }
        let Some((low, high)) = text.split_once("..") else {
            return Date::parse(text, &place).map(Self::In);
        };
        let middle = at + low.chars().count();
        let low = Self::end(low, at..middle)?;
        let high = Self::end(high, middle + 2..place.end)?;
        if low.is_none() && high.is_none() {
            let message =
                "a range needs a date on one side: 2026-11-01.. or ..2026-11-01".to_owned();
            return Err(QueryError::new(place, Reason::BadRange, message));
        }
        if let (Some(low), Some(high)) = (low, high)
            && low.is_after(high)
        {
            let message = format!("the range ends before it begins; did you mean {high}..{low}?");
            return Err(QueryError::new(place, Reason::BadRange, message)
                .expecting([format!("{high}..{low}")]));
        }
        Ok(Self::Between(low, high))
    }

    fn end(text: &str, place: Range<usize>) -> Result<Option<Date>, QueryError> {
        if text.is_empty() {
            return Ok(None);
        }
        Date::parse(text, &place).map(Some)
    }
}

impl Date {
    fn parse(text: &str, place: &Range<usize>) -> Result<Self, QueryError> {
        Self::read(text.trim()).ok_or_else(|| {
            let message = format!(
                "\"{}\" is no date; write today, 7d (h, d, w, m or y), 2026, 2026-11, 2026-11-01 or 2026-11-01T06:00:00Z",
                super::parse::excerpt(text)
            );
            QueryError::new(place.clone(), Reason::BadDate, message).expecting(SAMPLES)
        })
    }

    fn read(text: &str) -> Option<Self> {
        match text.to_ascii_lowercase().as_str() {
            "today" => return Some(Self::Today),
            "yesterday" => return Some(Self::Yesterday),
            _ => {}
        }
        if let Some(date) = Self::read_ago(text) {
            return Some(date);
        }
        if text.contains(':') {
            let time = DateTime::parse_from_rfc3339(text).ok()?.with_timezone(&Utc);
            return (1..=9999)
                .contains(&time.year())
                .then(|| Self::At(time.into()));
        }
        let mut parts = text.split('-');
        let year = i32::try_from(digits(parts.next()?, 4..=4)?).ok()?;
        let month = parts.next().map(|part| digits(part, 1..=2));
        let day = parts.next().map(|part| digits(part, 1..=2));
        if parts.next().is_some() || year == 0 {
            return None;
        }
        match (month, day) {
            (None, _) => Some(Self::Year(year)),
            (Some(month), None) => NaiveDate::from_ymd_opt(year, month?, 1).map(Self::Month),
            (Some(month), Some(day)) => NaiveDate::from_ymd_opt(year, month?, day?).map(Self::Day),
        }
    }

    fn read_ago(text: &str) -> Option<Self> {
        let unit = match text.chars().last()?.to_ascii_lowercase() {
            'h' => Unit::Hours,
            'd' => Unit::Days,
            'w' => Unit::Weeks,
            'm' => Unit::Months,
            'y' => Unit::Years,
            _ => return None,
        };
        let count = digits(&text[..text.len() - 1], 1..=5)?;
        Some(Self::Ago { count, unit })
    }

    /// Its first moment and the first after it.
    fn ends(self, now: Time) -> (Time, Time) {
        let today = now.to_chrono().date_naive();
        let days = |start: Option<NaiveDate>, end: Option<NaiveDate>| {
            (
                start.map_or(Time(i64::MIN), midnight),
                end.map_or(Time(i64::MAX), midnight),
            )
        };
        match self {
            Self::Ago { count, unit } => {
                let time = ago(now, count, unit);
                (time, Time(time.0.saturating_add(1)))
            }
            Self::At(time) => (time, Time(time.0.saturating_add(1))),
            Self::Today => days(Some(today), today.succ_opt()),
            Self::Yesterday => days(today.pred_opt(), Some(today)),
            Self::Year(year) => days(
                NaiveDate::from_ymd_opt(year, 1, 1),
                NaiveDate::from_ymd_opt(year + 1, 1, 1),
            ),
            Self::Month(first) => days(Some(first), first.checked_add_months(Months::new(1))),
            Self::Day(day) => days(Some(day), day.checked_add_days(Days::new(1))),
        }
    }

    /// Whether it surely begins after another ends. Not known where one is relative and the other is not.
    fn is_after(self, other: Self) -> bool {
        let relative = |date| matches!(date, Self::Ago { .. } | Self::Today | Self::Yesterday);
        // Any moment will do, for both hang on it or neither; noon, so that `12h` is of today.
        let now = Time(1_700_049_600_000);
        relative(self) == relative(other) && self.ends(now).0 >= other.ends(now).1
    }
}

fn ago(now: Time, count: u32, unit: Unit) -> Time {
    let now = now.to_chrono();
    let many = i64::from(count);
    let then = match unit {
        Unit::Hours => now.checked_sub_signed(TimeDelta::hours(many)),
        Unit::Days => now.checked_sub_signed(TimeDelta::days(many)),
        Unit::Weeks => now.checked_sub_signed(TimeDelta::days(many * 7)),
        Unit::Months => now.checked_sub_months(Months::new(count)),
        Unit::Years => now.checked_sub_months(Months::new(count.saturating_mul(12))),
    };
    then.map_or(Time(i64::MIN), Time::from)
}

fn midnight(day: NaiveDate) -> Time {
    day.and_time(chrono::NaiveTime::MIN).and_utc().into()
}

fn digits(text: &str, length: std::ops::RangeInclusive<usize>) -> Option<u32> {
    let good = length.contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    good.then(|| text.parse().ok()).flatten()
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ago { count, unit } => {
                let unit = match unit {
                    Unit::Hours => 'h',
                    Unit::Days => 'd',
                    Unit::Weeks => 'w',
                    Unit::Months => 'm',
                    Unit::Years => 'y',
                };
                write!(f, "{count}{unit}")
            }
            Self::Today => f.write_str("today"),
            Self::Yesterday => f.write_str("yesterday"),
            Self::Year(year) => write!(f, "{year:04}"),
            Self::Month(first) => write!(f, "{:04}-{:02}", first.year(), first.month()),
            Self::Day(day) => write!(f, "{:04}-{:02}-{:02}", day.year(), day.month(), day.day()),
            Self::At(time) => f.write_str(&time.to_rfc3339()),
        }
    }
}

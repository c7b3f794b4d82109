//! Dates as feeds write them: RFC 2822 with all its accidents (wrong weekday, missing seconds,
//! two-digit years, US zone names, no zone), and RFC 3339. What cannot be read is no date; a feed's
//! date is never guessed.

use chrono::{FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, TimeZone};

use crate::model::Time;

/// Reads a date.
pub(super) fn read(text: &str) -> Option<Time> {
    let text = text.trim();
    if text.is_empty() || text.len() > 100 {
        return None;
    }
    Time::parse_rfc3339(text)
        .ok()
        .or_else(|| iso(text))
        .or_else(|| wordy(text))
}

/// `2026-11-22`, `2026-11-22 06:00`, `2026-11-22T06:00:00+0100`.
fn iso(text: &str) -> Option<Time> {
    let date = NaiveDate::parse_from_str(text.get(..10)?, "%Y-%m-%d").ok()?;
    let rest = text.get(10..)?.trim_start_matches(['T', 't', ' ']);
    if rest.is_empty() {
        return at(date.and_time(NaiveTime::MIN), 0);
    }
    let split = rest
        .find(|c: char| !(c.is_ascii_digit() || c == ':' || c == '.'))
        .unwrap_or(rest.len());
    let (clock, named) = rest.split_at(split);
    at(date.and_time(time(clock)?), zone(named.trim())?)
}

/// `Sun, 22 Nov 26 06:00 EST` and the like: a day, a month's name and a year, in either order of the
/// first two, then a time and a zone.
fn wordy(text: &str) -> Option<Time> {
    // A hyphen parts the words of a date (`22-Nov-2026`), and is the sign of an offset (` -0500`).
    let text = text
        .replace(',', " ")
        .replace(" -", " \0")
        .replace('-', " ");
    let text = text.replace('\0', "-");
    let mut words = text.split_whitespace().peekable();
    if words.peek().is_some_and(|w| {
        w.bytes().all(|b| b.is_ascii_alphabetic() || b == b'.') && month(w).is_none()
    }) {
        words.next();
    }
    let (first, second) = (words.next()?, words.next()?);
    let (day, month) = match month(first) {
        Some(m) => (second, m),
        None => (first, month(second)?),
    };
    let day: u32 = day
        .trim_end_matches(|c: char| c.is_ascii_alphabetic())
        .parse()
        .ok()?;
    let year = year(words.next()?)?;
    let clock = match words.next() {
        Some(word) => time(word)?,
        None => NaiveTime::MIN,
    };
    let date = NaiveDate::from_ymd_opt(year, month, day)?;
    let named: Vec<&str> = words.collect();
    let offset = match named.as_slice() {
        [] => 0,
        [one, ..] => zone(one)?,
    };
    at(date.and_time(clock), offset)
}

fn at(local: NaiveDateTime, offset_s: i32) -> Option<Time> {
    let zone = FixedOffset::east_opt(offset_s)?;
    let moment = zone.from_local_datetime(&local).single()?;
    Some(Time(moment.timestamp_millis()))
}

fn time(text: &str) -> Option<NaiveTime> {
    let mut parts = text.split(':');
    let hour: u32 = parts.next()?.parse().ok()?;
    let minute: u32 = parts.next()?.parse().ok()?;
    let second: u32 = match parts.next() {
        Some(s) => s.split('.').next()?.parse().ok()?,
        None => 0,
    };
    // A leap second and hour 24 are read as what they mean on an ordinary clock.
    NaiveTime::from_hms_opt(hour % 24, minute, second.min(59))
}

fn year(text: &str) -> Option<i32> {
    let year: i32 = text.parse().ok()?;
    match text.len() {
        2 if year < 50 => Some(2000 + year),
        2 => Some(1900 + year),
        4 => Some(year),
        _ => None,
    }
}

fn month(text: &str) -> Option<u32> {
    let start = text.get(..3)?.to_ascii_lowercase();
    [
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ]
    .iter()
    .position(|m| *m == start)
    .and_then(|i| u32::try_from(i + 1).ok())
}

/// Seconds east of UTC. Single letters other than Z mean nothing certain (RFC 2822, section 4.3): UTC.
fn zone(text: &str) -> Option<i32> {
    let text = text.trim_matches(['(', ')']);
    let upper = text.to_ascii_uppercase();
    let numeric = upper.trim_start_matches("GMT").trim_start_matches("UTC");
    if let Some(sign) = numeric.chars().next().filter(|c| matches!(c, '+' | '-')) {
        let digits: String = numeric.chars().filter(char::is_ascii_digit).collect();
        let number: i32 = digits.parse().ok()?;
        let seconds = match digits.len() {
            1 | 2 => number * 3600,
            4 => (number / 100) * 3600 + (number % 100) * 60,
            _ => return None,
        };
        return Some(if sign == '-' { -seconds } else { seconds });
    }
    let hours = match upper.as_str() {
        "" | "Z" | "UT" | "UTC" | "GMT" | "WET" => 0,
        "EST" | "CDT" => -5,
        "EDT" | "AST" => -4,
        "CST" | "MDT" => -6,
        "MST" | "PDT" => -7,
        "PST" | "AKDT" => -8,
        "AKST" => -9,
        "HST" => -10,
        "BST" | "CET" | "WEST" => 1,
        "CEST" | "EET" | "SAST" => 2,
        "EEST" | "MSK" => 3,
        "IST" => return Some(19_800),
        "SGT" | "AWST" => 8,
        "JST" | "KST" => 9,
        "AEST" => 10,
        "AEDT" => 11,
        _ if upper.len() == 1 => 0,
        _ => return None,
    };
    Some(hours * 3600)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wild_dates_are_read_and_nonsense_is_none() {
        for (text, expect) in [
            (
                "Sun, 22 Nov 2026 06:00:00 +0000",
                Some("2026-11-22T06:00:00.000Z"),
            ),
            (
                "Mon, 22 Nov 2026 06:00:00 GMT",
                Some("2026-11-22T06:00:00.000Z"),
            ),
            (
                "Sun, 22 Nov 2026 06:00 +0530",
                Some("2026-11-22T00:30:00.000Z"),
            ),
            (
                "Sun, 22 Nov 2026 01:00:00 EST",
                Some("2026-11-22T06:00:00.000Z"),
            ),
            (
                "Sun, 22 Nov 2026 01:00:00 -0500",
                Some("2026-11-22T06:00:00.000Z"),
            ),
            ("22 Nov 26 06:00:00 Z", Some("2026-11-22T06:00:00.000Z")),
            ("22-Nov-2026 06:00:00", Some("2026-11-22T06:00:00.000Z")),
            ("November 22, 2026", Some("2026-11-22T00:00:00.000Z")),
            (
                "Sunday, November 22nd, 2026 06:00:00 UTC",
                Some("2026-11-22T06:00:00.000Z"),
            ),
            ("2026-11-22T06:00:00Z", Some("2026-11-22T06:00:00.000Z")),
            (
                "2026-11-22T07:00:00.5+01:00",
                Some("2026-11-22T06:00:00.500Z"),
            ),
            ("2026-11-22 07:00 +0100", Some("2026-11-22T06:00:00.000Z")),
            ("2026-11-22", Some("2026-11-22T00:00:00.000Z")),
            ("Sun, 31 Feb 2026 06:00:00 GMT", None),
            ("yesterday", None),
            ("", None),
            ("é, ü ö ä", None),
            ("Sun, 22 Nov 2026 06:00:00 +99999999999", None),
        ] {
            assert_eq!(
                read(text).map(Time::to_rfc3339).as_deref(),
                expect,
                "{text}"
            );
        }
    }
}

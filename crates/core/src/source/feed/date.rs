//! Dates as feeds write them: RFC 2822 with all its accidents (wrong weekday, missing seconds, two-digit
//! years, swapped day and month, zone names, no zone), RFC 3339 and ISO 8601 with theirs, `asctime`, seconds since
//! 1970, and months in a few other languages. What can be read in two ways is no date; a feed's date is
//! never guessed.

use chrono::{Days, NaiveDate, NaiveTime};

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
        .or_else(|| number(text))
        .or_else(|| wordy(text))
}

/// Seconds or milliseconds since 1970.
fn number(text: &str) -> Option<Time> {
    let value: i64 = text.parse().ok()?;
    match text.len() {
        9 | 10 if value > 0 => Some(Time(value * 1000)),
        13 if value > 0 => Some(Time(value)),
        _ => None,
    }
}

/// `2026-11-22`, `2026/11/22 06:00`, `2026-11-22T06:00:00+0100`, `20261122`, `2026-11`, `2026`, `2026-326`.
fn iso(text: &str) -> Option<Time> {
    let digits = |t: &str| t.bytes().take_while(u8::is_ascii_digit).count();
    let first = digits(text);
    let (date, rest) = match first {
        8 => {
            let date = NaiveDate::parse_from_str(text.get(..8)?, "%Y%m%d").ok()?;
            (date, text.get(8..)?)
        }
        4 => {
            let year: i32 = text.get(..4)?.parse().ok()?;
            let rest = text.get(4..)?;
            let Some(after) = rest.strip_prefix(['-', '/', '.']) else {
                return rest
                    .is_empty()
                    .then(|| NaiveDate::from_ymd_opt(year, 1, 1))
                    .flatten()
                    .map(|d| at(d, NaiveTime::MIN, 0));
            };
            let length = digits(after);
            let (second, rest) = (after.get(..length)?, after.get(length..)?);
            if length == 3 {
                (NaiveDate::from_yo_opt(year, second.parse().ok()?)?, rest)
            } else {
                let month = second.parse().ok()?;
                match rest.strip_prefix(['-', '/', '.']) {
                    Some(after) => {
                        let length = digits(after);
                        let day = after.get(..length)?.parse().ok()?;
                        (
                            NaiveDate::from_ymd_opt(year, month, day)?,
                            after.get(length..)?,
                        )
                    }
                    None => (NaiveDate::from_ymd_opt(year, month, 1)?, rest),
                }
            }
        }
        _ => return None,
    };
    let rest = rest.trim_start_matches(['T', 't', ' ', ',']);
    let mut clock = Clock::default();
    for word in rest.split_whitespace() {
        clock.word(word)?;
    }
    clock.at(date)
}

/// `Sun, 22 Nov 26 06:00 EST` and the like, its words in any order that leaves no doubt.
fn wordy(text: &str) -> Option<Time> {
    let (mut day, mut month_, mut year_) = (None, None, None);
    let mut clock = Clock::default();
    for word in text.split(|c: char| c.is_whitespace() || c == ',') {
        if word.is_empty() {
            continue;
        }
        if let Some((d, m, y)) = joined(word) {
            (day, month_, year_) = (Some(d), Some(m), Some(y));
        } else if word.contains(':') && word.starts_with(|c: char| c.is_ascii_digit()) {
            clock.word(word)?;
        } else if let (None, Some(m)) = (month_, month(word)) {
            month_ = Some(m);
        } else if let Some(d) = ordinal(word).filter(|_| day.is_none()) {
            day = Some(d);
        } else if let Some(y) = year(word).filter(|_| year_.is_none()) {
            // `0000` after a year is a zone.
            year_ = Some(y);
        } else if clock.time.is_some() {
            clock.word(word)?;
        }
    }
    let date = NaiveDate::from_ymd_opt(year_?, month_?, day?)?;
    clock.at(date)
}

/// A time of day and its zone, word by word.
#[derive(Debug, Default)]
struct Clock {
    /// Hours, minutes, seconds, milliseconds.
    time: Option<[u32; 4]>,
    offset_s: Option<i64>,
    half: Option<u32>,
}

impl Clock {
    fn word(&mut self, word: &str) -> Option<()> {
        let word = word.trim_matches(['(', ')', ',']);
        if self.time.is_none() {
            let end = word
                .find(|c: char| !(c.is_ascii_digit() || matches!(c, ':' | '.')))
                .unwrap_or(word.len());
            self.time = Some(time(word.get(..end)?)?);
            let rest = word.get(end..)?;
            return if rest.is_empty() {
                Some(())
            } else {
                self.word(rest)
            };
        }
        match word.to_ascii_lowercase().trim_end_matches('.') {
            "" => {}
            "am" | "a.m" => self.half = Some(0),
            "pm" | "p.m" => self.half = Some(12),
            _ if self.offset_s.is_some() => {}
            _ => self.offset_s = Some(zone(word)?),
        }
        Some(())
    }

    fn at(&self, date: NaiveDate) -> Option<Time> {
        let [hour, minute, second, milli] = self.time.unwrap_or_default();
        let hour = match self.half {
            Some(half) if (1..=12).contains(&hour) => hour % 12 + half,
            _ => hour,
        };
        // The end of a day is the beginning of the next one; a leap second is read as the one before.
        let (date, hour) = match hour {
            24 => (date.checked_add_days(Days::new(1))?, 0),
            hour => (date, hour),
        };
        let time = NaiveTime::from_hms_milli_opt(hour, minute, second.min(59), milli)?;
        Some(at(date, time, self.offset_s.unwrap_or_default()))
    }
}

fn at(date: NaiveDate, time: NaiveTime, offset_s: i64) -> Time {
    Time(date.and_time(time).and_utc().timestamp_millis() - offset_s * 1000)
}

fn time(text: &str) -> Option<[u32; 4]> {
    let mut parts = text.split(':');
    let hour: u32 = parts.next()?.parse().ok()?;
    let minute: u32 = parts.next()?.parse().ok()?;
    let (second, milli) = match parts.next() {
        Some(s) => {
            let (whole, part) = s.split_once('.').unwrap_or((s, ""));
            let thousandths: String = part.chars().chain("000".chars()).take(3).collect();
            (whole.parse().ok()?, thousandths.parse().ok()?)
        }
        None => (0, 0),
    };
    (hour <= 24 && minute < 60 && second < 62).then_some([hour, minute, second, milli])
}

/// `22-Nov-2026`, `22.11.2026`; `22/11/2026` and `11/22/2026` where it can only be the one.
fn joined(word: &str) -> Option<(u32, u32, i32)> {
    let separator = ['-', '.', '/'].into_iter().find(|s| {
        let mut parts = word.split(*s);
        parts.clone().count() == 3 && parts.all(|p| !p.is_empty())
    })?;
    let parts: Vec<&str> = word.split(separator).collect();
    let [a, b, c] = parts.as_slice() else {
        return None;
    };
    if a.len() == 4 {
        let month_ = month(b).or_else(|| b.parse().ok())?;
        return Some((c.parse().ok()?, month_, a.parse().ok()?));
    }
    let year = year(c)?;
    if let Some(month) = month(b) {
        return Some((a.parse().ok()?, month, year));
    }
    let (a, b): (u32, u32) = (a.parse().ok()?, b.parse().ok()?);
    match separator {
        '.' => Some((a, b, year)),
        '/' if a > 12 => Some((a, b, year)),
        '/' if b > 12 => Some((b, a, year)),
        _ => None,
    }
}

/// `22`, `22nd`.
fn ordinal(word: &str) -> Option<u32> {
    let digits = word.trim_end_matches(|c: char| c.is_ascii_alphabetic() || c == '.');
    let day: u32 = digits.parse().ok()?;
    (digits.len() <= 2 && day <= 31).then_some(day)
}

fn year(text: &str) -> Option<i32> {
    let year: i32 = text.parse().ok()?;
    match text.len() {
        2 if year < 70 => Some(2000 + year),
        2 => Some(1900 + year),
        4 if year > 0 => Some(year),
        _ => None,
    }
}

/// A month by the first letters of its name: English, and where they differ German, French, Spanish,
/// Portuguese, Italian and Dutch.
fn month(text: &str) -> Option<u32> {
    const MONTHS: &[&[&str]] = &[
        &["jan", "jän", "ene", "gen"],
        &["feb", "fév", "fev"],
        &["mar", "mär", "mrz", "maa", "mrt"],
        &["apr", "avr", "abr"],
        &["may", "mai", "mei", "mag", "maj"],
        &["jun", "juin", "giu"],
        &["jul", "juil", "lug"],
        &["aug", "aoû", "aou", "ago"],
        &["sep", "set"],
        &["oct", "okt", "out", "ott"],
        &["nov"],
        &["dec", "dez", "déc", "dic"],
    ];
    // `mar` is a Tuesday in French, Spanish and Italian, and then a day and a month follow: the next
    // word that is a month would be lost. Such dates put a comma or a stop behind it.
    let word = text.trim_end_matches('.').to_lowercase();
    if word.chars().count() < 3 || word.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let found = MONTHS
        .iter()
        .position(|names| names.iter().any(|n| word.starts_with(n)))?;
    u32::try_from(found + 1).ok()
}

/// Seconds east of UTC. A name that nobody knows, and any single letter but Z, says nothing certain
/// (RFC 2822, section 4.3): UTC.
fn zone(text: &str) -> Option<i64> {
    let upper = text.to_ascii_uppercase();
    let upper = upper.strip_prefix("ETC/").unwrap_or(&upper);
    let numeric = upper.trim_start_matches("GMT").trim_start_matches("UTC");
    if let Some(sign) = numeric.chars().next().filter(|c| matches!(c, '+' | '-')) {
        let rest = &numeric[1..];
        let (hours, minutes) = match rest.split_once([':', '-']) {
            Some(parts) => parts,
            None if rest.len() <= 2 => (rest, "0"),
            None if rest.len() == 4 => rest.split_at_checked(2)?,
            None => return None,
        };
        if hours.len() > 2 || minutes.len() > 2 {
            return None;
        }
        let (hours, minutes): (i64, i64) = (hours.parse().ok()?, minutes.parse().ok()?);
        let seconds = hours * 3600 + minutes * 60;
        return Some(if sign == '-' { -seconds } else { seconds });
    }
    let hours = match upper {
        "EST" | "CDT" | "ET" => -5,
        "EDT" | "AST" | "AT" => -4,
        "ADT" | "BRT" | "ART" => -3,
        "CST" | "MDT" | "CT" => -6,
        "MST" | "PDT" | "MT" => -7,
        "PST" | "AKDT" | "PT" => -8,
        "AKST" => -9,
        "HST" => -10,
        "BST" | "CET" | "WEST" | "MET" | "MEZ" => 1,
        "CEST" | "EET" | "SAST" | "MEST" | "MESZ" => 2,
        "EEST" | "MSK" => 3,
        "IST" => return Some(19_800),
        "SGT" | "AWST" | "HKT" => 8,
        "JST" | "KST" => 9,
        "AEST" => 10,
        "AEDT" => 11,
        "NZST" => 12,
        "NZDT" => 13,
        _ => 0,
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
            ("2026-11", Some("2026-11-01T00:00:00.000Z")),
            ("2026", Some("2026-01-01T00:00:00.000Z")),
            ("20261122", Some("2026-11-22T00:00:00.000Z")),
            ("2026-326", Some("2026-11-22T00:00:00.000Z")),
            ("2026/1/9 14:33:00", Some("2026-01-09T14:33:00.000Z")),
            ("2026-11-22 06:00:00 UTC", Some("2026-11-22T06:00:00.000Z")),
            ("2026-11-22T6:00:00 +00:0", Some("2026-11-22T06:00:00.000Z")),
            ("2026-11-22T24:00:00Z", Some("2026-11-23T00:00:00.000Z")),
            (
                "2026-11-22T06:00:00.1234567Z",
                Some("2026-11-22T06:00:00.123Z"),
            ),
            ("1795327200", Some("2026-11-22T06:00:00.000Z")),
            ("1795327200000", Some("2026-11-22T06:00:00.000Z")),
            (
                "Sat, Nov 22 2026 06:00:33 PM",
                Some("2026-11-22T18:00:33.000Z"),
            ),
            ("22 Nov 2026 12:30AM", Some("2026-11-22T00:30:00.000Z")),
            (
                "Sun Nov 22 06:00:00 EST 2026",
                Some("2026-11-22T11:00:00.000Z"),
            ),
            ("Sun Nov 22 06:00:00 2026", Some("2026-11-22T06:00:00.000Z")),
            (
                "Sun, 22 Nov 2026 06:00:00-0500",
                Some("2026-11-22T11:00:00.000Z"),
            ),
            (
                "Sun,22 Nov 2026 06:00:00 GMT+0200 (CEST)",
                Some("2026-11-22T04:00:00.000Z"),
            ),
            (
                "Fri, 11 Mar 2016 01:15:00 +3000",
                Some("2016-03-09T19:15:00.000Z"),
            ),
            (
                "Sunday, 22-Nov-26 06:00:00 GMT",
                Some("2026-11-22T06:00:00.000Z"),
            ),
            ("22.11.2026 06:00", Some("2026-11-22T06:00:00.000Z")),
            ("11/22/2026 06:00", Some("2026-11-22T06:00:00.000Z")),
            (
                "Fri, 2006/09/15 08:19:53 EDT",
                Some("2006-09-15T12:19:53.000Z"),
            ),
            (
                "mer, 16 nov 2022 00:38:15 +0100",
                Some("2022-11-15T23:38:15.000Z"),
            ),
            ("22 déc. 2026 06:00", Some("2026-12-22T06:00:00.000Z")),
            ("22 Nov 2026 06:00:00 XYZ", Some("2026-11-22T06:00:00.000Z")),
            ("05/06/2026", None),
            ("12345", None),
            ("2026-13-01", None),
            ("2026-11-22Tx", None),
            ("22 Nov 2026 06:99", None),
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

//! The time notations of the services that are replayed: NVD's (no zone, UTC), RFC 3339, HTTP's, and the stamps in
//! the corpus' file names.

use chrono::{DateTime, NaiveDate, NaiveDateTime, TimeDelta, Utc};

/// A time as NVD writes and accepts it: `2026-03-11T10:15:12.293`, also with `Z` or an offset; without one it is UTC.
pub(crate) fn parse_nvd(text: &str) -> Option<DateTime<Utc>> {
    if let Some(time) = parse_plain(text.as_bytes()) {
        return Some(time);
    }
    if let Ok(time) = DateTime::parse_from_rfc3339(text) {
        return Some(time.to_utc());
    }
    NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f")
        .ok()
        .map(|time| time.and_utc())
}

/// `YYYY-MM-DDTHH:MM:SS.mmm`, the form of every time in NVD's records, read without chrono's formatter: a corpus has
/// hundreds of thousands of them.
fn parse_plain(text: &[u8]) -> Option<DateTime<Utc>> {
    if text.len() != 23 || text[4] != b'-' || text[7] != b'-' || text[10] != b'T' {
        return None;
    }
    if text[13] != b':' || text[16] != b':' || text[19] != b'.' {
        return None;
    }
    let number = |from: usize, to: usize| -> Option<u32> {
        text[from..to].iter().try_fold(0, |sum: u32, digit| {
            digit
                .is_ascii_digit()
                .then(|| sum * 10 + u32::from(digit - b'0'))
        })
    };
    let year = i32::try_from(number(0, 4)?).ok()?;
    let date = NaiveDate::from_ymd_opt(year, number(5, 7)?, number(8, 10)?)?;
    let time = date.and_hms_milli_opt(
        number(11, 13)?,
        number(14, 16)?,
        number(17, 19)?,
        number(20, 23)?,
    )?;
    Some(time.and_utc())
}

/// As in NVD's envelopes: `2026-03-13T10:00:01.396`.
pub(crate) fn format_nvd(time: DateTime<Utc>) -> String {
    time.format("%Y-%m-%dT%H:%M:%S%.3f").to_string()
}

/// RFC 3339 with `Z` and milliseconds.
pub(crate) fn format_rfc3339(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(chrono::SecondsFormat::Millis, true)
}

/// An HTTP date (RFC 9110, 5.6.7).
pub(crate) fn format_http(time: DateTime<Utc>) -> String {
    time.format("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

/// Reads an HTTP date; `None` for what is none, which the caller ignores as RFC 9110 asks.
pub(crate) fn parse_http(text: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc2822(text)
        .ok()
        .map(|time| time.to_utc())
}

/// The stamp `20260418T150118` in a file's name, wherever it stands.
pub(crate) fn stamp_in(name: &str) -> Option<DateTime<Utc>> {
    name.as_bytes().windows(15).find_map(|window| {
        let text = std::str::from_utf8(window).ok()?;
        let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if !digits(text.get(..8)?) || !digits(text.get(9..)?) {
            return None;
        }
        NaiveDateTime::parse_from_str(text, "%Y%m%dT%H%M%S")
            .ok()
            .map(|time| time.and_utc())
    })
}

/// The whole seconds of a time, all that an HTTP date can carry.
pub(crate) fn whole_seconds(time: DateTime<Utc>) -> DateTime<Utc> {
    time - TimeDelta::nanoseconds(i64::from(time.timestamp_subsec_nanos()))
}

/// Spans as whole milliseconds, for what is said over HTTP.
pub(crate) mod millis {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(crate) fn serialize<S: Serializer>(span: &Duration, to: S) -> Result<S::Ok, S::Error> {
        span.as_millis().serialize(to)
    }

    pub(crate) fn deserialize<'a, D: Deserializer<'a>>(from: D) -> Result<Duration, D::Error> {
        u64::deserialize(from).map(Duration::from_millis)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_every_notation_that_nvd_uses() {
        let check = |text: &str, expect: Option<&str>| {
            assert_eq!(
                parse_nvd(text).map(format_rfc3339).as_deref(),
                expect,
                "{text}"
            );
        };
        check("2026-03-11T10:15:12.293", Some("2026-03-11T10:15:12.293Z"));
        check("2026-03-11T10:15:12.293Z", Some("2026-03-11T10:15:12.293Z"));
        check(
            "2026-03-11T10:15:12.6216801",
            Some("2026-03-11T10:15:12.621Z"),
        );
        check("2026-03-11T10:15:12", Some("2026-03-11T10:15:12.000Z"));
        check(
            "2026-03-11T10:15:12.293+01:00",
            Some("2026-03-11T09:15:12.293Z"),
        );
        check("2026-03-11T10:15:12.293 01:00", None);
        check("2026-13-11T10:15:12.293", None);
        check("2026-03-11", None);
        check("", None);
    }

    #[test]
    fn finds_the_stamp_in_a_file_name() {
        assert_eq!(
            stamp_in("feed_20260418T150118.xml.gz").map(format_rfc3339),
            Some("2026-04-18T15:01:18.000Z".to_owned())
        );
        assert_eq!(stamp_in("feed_2026.xml"), None);
        assert_eq!(stamp_in("é20269918T150118é"), None);
    }

    #[test]
    fn an_http_date_survives_the_round_trip() {
        let time = parse_nvd("2026-03-11T10:15:12.293").unwrap();
        assert_eq!(format_http(time), "Wed, 11 Mar 2026 10:15:12 GMT");
        assert_eq!(parse_http(&format_http(time)), Some(whole_seconds(time)));
    }
}

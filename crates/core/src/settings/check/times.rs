//! What times of day, days and zones must be like: digests and quiet hours.

use crate::error::Fault;
use crate::model::{DigestTimes, QuietHours, Weekday};
use crate::settings::zone;

/// The most times of day that digests go out at.
const MOST_TIMES: usize = 24;

const WEEKDAYS: [(&str, Weekday); 7] = [
    ("mon", Weekday::Mon),
    ("tue", Weekday::Tue),
    ("wed", Weekday::Wed),
    ("thu", Weekday::Thu),
    ("fri", Weekday::Fri),
    ("sat", Weekday::Sat),
    ("sun", Weekday::Sun),
];

/// Reads the word of a day.
pub(in crate::settings) fn weekday(text: &str) -> Option<Weekday> {
    let text = text.trim().to_ascii_lowercase();
    let found = WEEKDAYS.iter().find(|(word, _)| *word == text);
    found.map(|(_, day)| *day)
}

/// The word of a day.
pub(in crate::settings) fn weekday_word(day: Weekday) -> &'static str {
    let found = WEEKDAYS.iter().find(|(_, known)| *known == day);
    found.map_or("mon", |(word, _)| word)
}

/// A day's word.
pub(in crate::settings) fn day(text: &str) -> Result<(), Fault> {
    match weekday(text) {
        Some(_) => Ok(()),
        None => Err(Fault::new(
            "day_invalid",
            format!("{text:?} is none of mon, tue, wed, thu, fri, sat or sun."),
        )
        .with("day", text)),
    }
}

/// A time of day: `08:00`, 24 hours, two digits each.
pub(in crate::settings) fn time_of_day(text: &str) -> Result<(), Fault> {
    let number = |part: &str, most: u32| {
        let is_two = part.len() == 2 && part.bytes().all(|b| b.is_ascii_digit());
        is_two && part.parse().is_ok_and(|n: u32| n <= most)
    };
    let is_time = text
        .split_once(':')
        .is_some_and(|(hour, minute)| number(hour, 23) && number(minute, 59));
    if is_time {
        return Ok(());
    }
    Err(Fault::new(
        "time_invalid",
        format!("{text:?} is not a time of day such as 08:00, from 00:00 to 23:59."),
    )
    .with("time", text))
}

/// The name of a time zone.
pub(in crate::settings) fn time_zone(text: &str) -> Result<(), Fault> {
    if zone::canonical(text).is_some() {
        return Ok(());
    }
    Err(Fault::new(
        "zone_unknown",
        format!("{text:?} is not a time zone such as Europe/Berlin."),
    )
    .with("zone", text))
}

/// When digests go out, as the window gives it.
pub(in crate::settings) fn digest(times: &DigestTimes) -> Result<(), Fault> {
    if times.at.is_empty() || times.at.len() > MOST_TIMES {
        return Err(Fault::new(
            "digest_without_time",
            format!("A digest goes out at 1 to {MOST_TIMES} times of day."),
        )
        .with("most", MOST_TIMES));
    }
    times.at.iter().try_for_each(|at| time_of_day(at))?;
    times.zone.as_deref().map_or(Ok(()), time_zone)
}

/// When a channel is not to ring, as the window gives it.
pub(in crate::settings) fn quiet(quiet: &QuietHours) -> Result<(), Fault> {
    time_of_day(&quiet.from)?;
    time_of_day(&quiet.to)?;
    quiet.zone.as_deref().map_or(Ok(()), time_zone)
}

/// Times of day in order, each once.
pub(in crate::settings) fn in_order(mut times: Vec<String>) -> Vec<String> {
    times.sort_unstable();
    times.dedup();
    times.truncate(MOST_TIMES);
    times
}

/// Days in order, each once; all seven are none: every day.
pub(in crate::settings) fn days_in_order(days: &[Weekday]) -> Vec<Weekday> {
    let mut days = days.to_vec();
    days.sort_unstable();
    days.dedup();
    if days.len() == WEEKDAYS.len() {
        days.clear();
    }
    days
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_of_day_has_two_digits_and_two_digits() {
        for good in ["00:00", "08:05", "23:59"] {
            assert!(time_of_day(good).is_ok(), "{good}");
        }
        for bad in [
            "", "8:00", "08:0", "24:00", "08:60", "0800", "08:00:00", " 08:00", "+8:00", "０8:00",
        ] {
            let fault = time_of_day(bad).unwrap_err();
            assert_eq!(fault.code, "time_invalid", "{bad}");
        }
    }

    #[test]
    fn a_day_is_its_first_three_letters() {
        for (word, known) in WEEKDAYS {
            assert_eq!(weekday(word), Some(known));
            assert_eq!(weekday_word(known), word);
        }
        assert_eq!(weekday("Mon"), Some(Weekday::Mon));
        assert_eq!(day("monday").unwrap_err().code, "day_invalid");
    }

    #[test]
    fn quiet_hours_may_be_whole_days() {
        let hours = |from: &str, to: &str| QuietHours {
            from: from.into(),
            to: to.into(),
            ..QuietHours::default()
        };
        assert!(quiet(&hours("22:00", "07:00")).is_ok());
        assert!(quiet(&hours("00:00", "00:00")).is_ok());
        assert_eq!(
            quiet(&hours("22:00", "7")).unwrap_err().code,
            "time_invalid"
        );
        let mut far = hours("22:00", "07:00");
        far.zone = Some("Mars/Olympus".into());
        assert_eq!(quiet(&far).unwrap_err().code, "zone_unknown");
    }
}

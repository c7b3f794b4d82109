//! Quiet hours over midnight, on chosen days, over changes of the clock.

use super::*;

fn time(text: &str) -> Time {
    Time::parse_rfc3339(text).unwrap()
}

fn quiet(from: &str, to: &str, days: &[Weekday], zone: &str) -> Quiet {
    let set = QuietHours {
        from: from.into(),
        to: to.into(),
        days: days.to_vec(),
        zone: Some(zone.into()),
        ..QuietHours::default()
    };
    let (quiet, is_read) = Quiet::new(&set, &Zone::default());
    assert!(is_read);
    quiet.unwrap()
}

fn never(_: &str) -> bool {
    false
}

#[test]
fn the_end_of_the_quiet_hours_is_known_whenever_one_asks() {
    use Weekday::{Fri, Mon, Sat, Sun, Thu, Tue, Wed};
    let berlin = "Europe/Berlin";
    for (from, to, days, now, expect) in [
        // Over midnight: before, at its beginning, after midnight, at its end.
        ("22:00", "07:00", &[][..], "2026-11-23T20:59:59Z", None),
        (
            "22:00",
            "07:00",
            &[],
            "2026-11-23T21:00:00Z",
            Some("quiet 2026-11-24T07:00 Europe/Berlin"),
        ),
        (
            "22:00",
            "07:00",
            &[],
            "2026-11-24T02:00:00Z",
            Some("quiet 2026-11-24T07:00 Europe/Berlin"),
        ),
        ("22:00", "07:00", &[], "2026-11-24T06:00:00Z", None),
        // Within a day.
        (
            "12:00",
            "13:00",
            &[],
            "2026-11-23T11:30:00Z",
            Some("quiet 2026-11-23T13:00 Europe/Berlin"),
        ),
        ("12:00", "13:00", &[], "2026-11-23T12:00:00Z", None),
        // They begin on Fridays: Saturday's morning belongs to them, Friday's does not.
        (
            "22:00",
            "07:00",
            &[Fri],
            "2026-11-28T03:00:00Z",
            Some("quiet 2026-11-28T07:00 Europe/Berlin"),
        ),
        ("22:00", "07:00", &[Fri], "2026-11-27T03:00:00Z", None),
        // Whole days that follow one another end once.
        (
            "00:00",
            "00:00",
            &[Sat, Sun],
            "2026-11-28T03:00:00Z",
            Some("quiet 2026-11-30T00:00 Europe/Berlin"),
        ),
        ("00:00", "00:00", &[Sat, Sun], "2026-11-29T23:00:00Z", None),
        // For ever: each day ends, so that what waits comes.
        (
            "00:00",
            "00:00",
            &[],
            "2026-11-28T03:00:00Z",
            Some("quiet 2026-11-29T00:00 Europe/Berlin"),
        ),
        (
            "00:00",
            "00:00",
            &[Mon, Tue, Wed, Thu, Fri, Sat, Sun],
            "2026-11-28T03:00:00Z",
            Some("quiet 2026-11-29T00:00 Europe/Berlin"),
        ),
    ] {
        let until = quiet(from, to, days, berlin).until(time(now), never);
        let name = until.map(|slot| slot.name);
        assert_eq!(name.as_deref(), expect, "{from} to {to} {days:?} at {now}");
    }
}

#[test]
fn a_changed_clock_moves_the_end_with_it() {
    for (from, to, now, due) in [
        // The night of 23 hours, and the one of 25.
        (
            "22:00",
            "07:00",
            "2026-03-29T00:30:00Z",
            "2026-03-29T05:00:00.000Z",
        ),
        (
            "22:00",
            "07:00",
            "2026-10-25T00:30:00Z",
            "2026-10-25T06:00:00.000Z",
        ),
        // An end that is jumped over, and one that comes twice.
        (
            "22:00",
            "02:30",
            "2026-03-29T00:30:00Z",
            "2026-03-29T01:30:00.000Z",
        ),
        (
            "22:00",
            "02:30",
            "2026-10-25T00:00:00Z",
            "2026-10-25T00:30:00.000Z",
        ),
    ] {
        let slot = quiet(from, to, &[], "Europe/Berlin").until(time(now), never);
        assert_eq!(slot.unwrap().due, time(due), "{from} to {to} at {now}");
    }
    // Once the hour comes again it is no longer quiet.
    let short = quiet("22:00", "02:30", &[], "Europe/Berlin");
    assert_eq!(short.until(time("2026-10-25T00:45:00Z"), never), None);
}

#[test]
fn an_end_that_is_over_is_passed_over() {
    let night = quiet("22:00", "07:00", &[], "UTC");
    let now = time("2026-11-24T03:00:00Z");
    let over = |name: &str| name == "quiet 2026-11-24T07:00 UTC";
    let slot = night.until(now, over).unwrap();
    assert_eq!(slot.name, "quiet 2026-11-25T07:00 UTC");
    assert!(night.until(now, |_| true).is_some());
}

#[test]
fn high_and_exploited_pass_where_they_may() {
    let set = |pass_high, pass_exploited| QuietHours {
        pass_high,
        pass_exploited,
        ..QuietHours::default()
    };
    let high = Some(Severity::High);
    for (pass_high, pass_exploited, severity, exploited, expect) in [
        (true, true, high, false, true),
        (true, true, Some(Severity::Medium), false, false),
        (true, true, None, true, true),
        (false, true, high, false, false),
        (false, true, high, true, true),
        (true, false, None, true, false),
        (false, false, high, true, false),
    ] {
        let (quiet, _) = Quiet::new(&set(pass_high, pass_exploited), &Zone::default());
        assert_eq!(quiet.unwrap().passes(severity, exploited), expect);
    }
}

#[test]
fn hours_that_cannot_be_read_hold_nothing_back() {
    let mut set = QuietHours {
        from: "late".into(),
        ..QuietHours::default()
    };
    assert_eq!(Quiet::new(&set, &Zone::default()), (None, false));
    set.from = "22:00".into();
    set.zone = Some("Mars/Olympus".into());
    let (quiet, is_read) = Quiet::new(&set, &Zone::default());
    assert!(quiet.is_some() && !is_read);
}

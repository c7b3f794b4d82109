//! Each civil time is one slot, in order, over every change of a clock.

use std::collections::BTreeSet;

use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};

use super::*;
use crate::route::zone::days_after;

const DAY_MS: i64 = 86_400_000;
/// Zones with summer times, with none, with odd offsets, with half an hour of summer, with a gap at midnight.
const ZONES: [&str; 9] = [
    "Europe/Berlin",
    "America/New_York",
    "Asia/Kolkata",
    "Australia/Lord_Howe",
    "America/Santiago",
    "Africa/Cairo",
    "Asia/Kathmandu",
    "Pacific/Auckland",
    "UTC",
];

fn times(at: &[&str], days: &[Weekday], zone: &str) -> Times {
    let set = DigestTimes {
        at: at.iter().map(|at| (*at).to_owned()).collect(),
        days: days.to_vec(),
        zone: Some(zone.to_owned()),
    };
    let (times, is_read) = Times::new(&set, &Zone::default());
    assert!(is_read, "{set:?}");
    times
}

fn time(text: &str) -> Time {
    Time::parse_rfc3339(text).unwrap()
}

fn never(_: &str) -> bool {
    false
}

fn any_times(rng: &mut StdRng) -> Times {
    let mut at: Vec<String> = (0..rng.random_range(1..4))
        .map(|_| {
            // The hours in which clocks are changed come often.
            let hour = rng.random_range(0..24) % [24, 4][usize::from(rng.random::<bool>())];
            format!("{hour:02}:{:02}", rng.random_range(0..60))
        })
        .collect();
    at.sort();
    at.dedup();
    let all = [
        Weekday::Mon,
        Weekday::Tue,
        Weekday::Wed,
        Weekday::Thu,
        Weekday::Fri,
        Weekday::Sat,
        Weekday::Sun,
    ];
    let days: Vec<Weekday> = all.into_iter().filter(|_| rng.random()).collect();
    let at: Vec<&str> = at.iter().map(String::as_str).collect();
    times(&at, &days, ZONES.choose(rng).unwrap())
}

#[test]
fn the_next_slot_is_the_next_civil_time() {
    for (at, days, zone, now, name, due) in [
        (
            &["08:00"][..],
            &[][..],
            "Europe/Berlin",
            "2026-11-22T12:00:00Z",
            "2026-11-23T08:00 Europe/Berlin",
            "2026-11-23T07:00:00.000Z",
        ),
        (
            // At its very moment it is over.
            &["08:00", "17:30"],
            &[],
            "Europe/Berlin",
            "2026-11-23T07:00:00Z",
            "2026-11-23T17:30 Europe/Berlin",
            "2026-11-23T16:30:00.000Z",
        ),
        (
            &["09:00"],
            &[Weekday::Mon],
            "America/New_York",
            "2026-11-24T00:00:00Z",
            "2026-11-30T09:00 America/New_York",
            "2026-11-30T14:00:00.000Z",
        ),
        (
            // The hour that is jumped over.
            &["02:30"],
            &[],
            "Europe/Berlin",
            "2026-03-28T12:00:00Z",
            "2026-03-29T02:30 Europe/Berlin",
            "2026-03-29T01:30:00.000Z",
        ),
        (
            // The hour that comes twice: the first of them.
            &["02:30"],
            &[],
            "Europe/Berlin",
            "2026-10-24T12:00:00Z",
            "2026-10-25T02:30 Europe/Berlin",
            "2026-10-25T00:30:00.000Z",
        ),
        (
            // And not again when it comes again.
            &["02:30"],
            &[],
            "Europe/Berlin",
            "2026-10-25T00:30:01Z",
            "2026-10-26T02:30 Europe/Berlin",
            "2026-10-26T01:30:00.000Z",
        ),
        (
            // A day that Samoa did not have.
            &["08:00"],
            &[],
            "Pacific/Apia",
            "2011-12-30T09:00:00Z",
            "2011-12-30T08:00 Pacific/Apia",
            "2011-12-30T18:00:00.000Z",
        ),
    ] {
        let slot = times(at, days, zone).next(time(now), never).unwrap();
        assert_eq!((slot.name.as_str(), slot.due), (name, time(due)), "{now}");
    }
}

#[test]
fn every_civil_time_is_one_slot_and_they_are_in_order() {
    let mut rng = StdRng::seed_from_u64(6);
    for round in 0..150 {
        let times = any_times(&mut rng);
        let from = Time(time("2026-01-01T00:00:00Z").ms() + rng.random_range(0..3_000) * DAY_MS);
        let to = Time(from.ms() + 400 * DAY_MS);
        let all = times.between(from, to);
        assert!(all.is_sorted(), "round {round}: {times:?}");
        let names: BTreeSet<&str> = all.iter().map(|slot| slot.name.as_str()).collect();
        assert_eq!(names.len(), all.len(), "round {round}: {times:?}");
        // What the calendar says, without its first and last days.
        let first = times.zone.date(from).unwrap();
        let mut expect = 0;
        for day in 2..398 {
            let date = days_after(first, day).unwrap();
            if !is_on(date, &times.days) {
                continue;
            }
            for at in &times.at {
                let name = date.to_datetime(*at).strftime("%Y-%m-%dT%H:%M").to_string();
                let name = format!("{name} {}", times.zone.name());
                assert!(names.contains(name.as_str()), "round {round}: {name}");
                expect += 1;
            }
        }
        assert!(all.len() >= expect && all.len() <= expect + 4 * times.at.len());
        // Asked one after another, each comes once.
        let mut over = BTreeSet::new();
        let mut now = from;
        for slot in &all {
            let next = times.next(now, |name| over.contains(name)).unwrap();
            assert_eq!(&next, slot, "round {round}: {times:?}");
            now = Time(next.due.ms() - 1);
            over.insert(next.name);
        }
    }
}

/// A channel's digests under a clock that jumps: something is routed at each step, what is due goes out.
#[test]
fn whatever_the_clock_does_each_digest_goes_out_once_and_nothing_is_left() {
    let mut rng = StdRng::seed_from_u64(7);
    for round in 0..60 {
        let times = any_times(&mut rng);
        let mut now = Time(time("2026-03-20T00:00:00Z").ms() + rng.random_range(0..300) * DAY_MS);
        let mut waiting: BTreeSet<Slot> = BTreeSet::new();
        let mut over: BTreeSet<String> = BTreeSet::new();
        for _ in 0..400 {
            let jump = match rng.random_range(0..20) {
                0 => rng.random_range(-40..40) * DAY_MS,
                1..4 => rng.random_range(-180..180) * 60_000,
                _ => rng.random_range(0..300) * 60_000,
            };
            now = Time(now.ms() + jump);
            let due: Vec<Slot> = waiting.iter().filter(|s| s.due <= now).cloned().collect();
            for slot in due {
                waiting.remove(&slot);
                assert!(
                    over.insert(slot.name.clone()),
                    "round {round}: twice {slot:?}"
                );
            }
            let slot = times.next(now, |name| over.contains(name)).unwrap();
            assert!(
                slot.due > now && !over.contains(&slot.name),
                "round {round}"
            );
            waiting.insert(slot);
        }
        let last = waiting.iter().map(|slot| slot.due).max().unwrap();
        assert!(waiting.iter().all(|slot| slot.due <= last));
        for slot in waiting {
            assert!(over.insert(slot.name), "round {round}");
        }
    }
}

#[test]
fn a_slot_that_is_over_is_passed_over_for_the_next_one() {
    let times = times(&["08:00"], &[], "UTC");
    let now = time("2026-11-23T07:00:00Z");
    let over = BTreeSet::from(["2026-11-23T08:00 UTC", "2026-11-24T08:00 UTC"]);
    let slot = times.next(now, |name| over.contains(name)).unwrap();
    assert_eq!(slot.name, "2026-11-25T08:00 UTC");
    // A clock that went back by a year and a half.
    let slot = times.next(now, |name| name < "2028-05-01").unwrap();
    assert_eq!(slot.name, "2028-05-01T08:00 UTC");
    // There is always one, so that nothing is lost.
    assert!(times.next(now, |_| true).is_some());
}

#[test]
fn another_zone_makes_other_slots_of_the_same_times() {
    let now = time("2026-11-23T12:00:00Z");
    let name = |zone| times(&["08:00"], &[], zone).next(now, never).unwrap().name;
    assert_eq!(name("Europe/Berlin"), "2026-11-24T08:00 Europe/Berlin");
    assert_eq!(
        name("America/New_York"),
        "2026-11-23T08:00 America/New_York"
    );
}

#[test]
fn what_cannot_be_read_gives_way_to_the_default() {
    for (at, zone, expect) in [
        (&["noon"][..], None, "2026-11-23T08:00 UTC"),
        (&[], None, "2026-11-23T08:00 UTC"),
        (&["noon", "13:00"], None, "2026-11-23T13:00 UTC"),
        (&["13:00"], Some("Mars/Olympus"), "2026-11-23T13:00 UTC"),
    ] {
        let set = DigestTimes {
            at: at.iter().map(|at| (*at).to_owned()).collect(),
            days: Vec::new(),
            zone: zone.map(str::to_owned),
        };
        let (times, is_read) = Times::new(&set, &Zone::default());
        assert!(!is_read, "{set:?}");
        let slot = times.next(time("2026-11-23T00:00:00Z"), never).unwrap();
        assert_eq!(slot.name, expect);
    }
}

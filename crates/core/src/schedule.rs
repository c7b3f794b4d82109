//! What is due when. Pure: the clock and the dice are passed in.

pub mod condition;
pub mod rhythm;

use std::time::Duration;

use crate::model::{Health, Time};

/// The first delay after a failure, seconds; it doubles.
const FIRST_BACKOFF_S: i64 = 60;
/// The longest pause that a source may ask for, minutes.
const MOST_ASKED_MIN: u32 = 24 * 60;
/// The delay while the machine is offline, seconds: that is no fault of the source's.
const OFFLINE_S: i64 = 60;

/// The longest sleep: whoever waits looks again after the machine slept or the clock was moved.
pub const LONGEST_SLEEP: Duration = Duration::from_secs(60);

/// How long to sleep until a moment, at most [`LONGEST_SLEEP`]; that long where there is none.
#[must_use]
pub fn sleep_until(next: Option<Time>, now: Time) -> Duration {
    next.map_or(LONGEST_SLEEP, |next| {
        let wait_ms = next.ms().saturating_sub(now.ms());
        Duration::from_millis(u64::try_from(wait_ms).unwrap_or(0)).min(LONGEST_SLEEP)
    })
}

/// The rhythm of a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rhythm {
    /// Minutes between two good runs.
    pub interval_min: u32,
    /// The longest delay after failures, minutes.
    pub longest_backoff_min: u32,
}

/// When a source is due after a good run: its interval, up to a twentieth later by `dice` (0.0 to 1.0).
#[must_use]
pub fn after_success(rhythm: Rhythm, now: Time, dice: f64) -> Time {
    let interval_s = i64::from(rhythm.interval_min.max(1)) * 60;
    now.plus_s(interval_s + scaled(interval_s / 20, dice))
}

/// When a source is due after `failures` failed runs in a row: doubling, between half and the whole of
/// the step by `dice`.
#[must_use]
pub fn after_failure(
    rhythm: Rhythm,
    failures: u32,
    is_offline: bool,
    now: Time,
    dice: f64,
) -> Time {
    if is_offline {
        return now.plus_s(OFFLINE_S);
    }
    let cap = i64::from(rhythm.longest_backoff_min.max(1)) * 60;
    let step = FIRST_BACKOFF_S
        .saturating_mul(1 << failures.saturating_sub(1).min(20))
        .min(cap);
    now.plus_s(step / 2 + scaled(step - step / 2, dice))
}

/// When a source is due. One that never ran is due now; so is one whose time lies further ahead than any
/// delay could put it, because then the clock was set back.
#[must_use]
pub fn due(health: &Health, rhythm: Rhythm, now: Time) -> Time {
    let longest_min = rhythm
        .interval_min
        .max(rhythm.longest_backoff_min)
        .max(MOST_ASKED_MIN);
    let furthest = now.plus_s(i64::from(longest_min) * 66);
    match health.next_attempt {
        Some(at) if at <= furthest => at,
        _ => now,
    }
}

/// When a source is due that asked for a pause: what it asked for, at most a day, if that is later.
#[must_use]
pub fn asked_for(next: Time, retry_after_s: i64, now: Time) -> Time {
    next.max(now.plus_s(retry_after_s.clamp(0, i64::from(MOST_ASKED_MIN) * 60)))
}

#[allow(clippy::cast_possible_truncation, clippy::cast_precision_loss)]
fn scaled(seconds: i64, dice: f64) -> i64 {
    (seconds as f64 * dice.clamp(0.0, 1.0)) as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    const RHYTHM: Rhythm = Rhythm {
        interval_min: 120,
        longest_backoff_min: 15,
    };

    #[test]
    fn a_good_run_is_followed_by_the_interval_with_a_little_jitter() {
        assert_eq!(after_success(RHYTHM, Time(0), 0.0), Time(7_200_000));
        assert_eq!(after_success(RHYTHM, Time(0), 1.0), Time(7_560_000));
    }

    #[test]
    fn failures_double_the_delay_up_to_the_cap() {
        for (failures, expect_s) in [(1, 60), (2, 120), (3, 240), (5, 900), (60, 900)] {
            let due = after_failure(RHYTHM, failures, false, Time(0), 1.0);
            assert_eq!(due, Time(expect_s * 1000), "{failures}");
        }
        assert_eq!(after_failure(RHYTHM, 1, false, Time(0), 0.0), Time(30_000));
    }

    #[test]
    fn a_time_that_no_delay_could_give_is_due_now() {
        let health = |at| Health {
            next_attempt: Some(at),
            ..Health::default()
        };
        let soon = Time(7_200_000);
        assert_eq!(due(&health(soon), RHYTHM, Time(0)), soon);
        let years = Time(0).plus_s(5 * 365 * 86_400);
        assert_eq!(due(&health(years), RHYTHM, Time(0)), Time(0));
    }

    #[test]
    fn a_sleep_ends_in_time_and_after_a_minute() {
        for (next, expect_ms) in [
            (Some(30_000), 20_000),
            (Some(5_000), 0),
            (Some(i64::MAX), 60_000),
            (None, 60_000),
        ] {
            let sleep = sleep_until(next.map(Time), Time(10_000));
            assert_eq!(sleep, Duration::from_millis(expect_ms), "{next:?}");
        }
    }

    #[test]
    fn a_pause_that_was_asked_for_is_kept_up_to_a_day() {
        assert_eq!(asked_for(Time(5_000), 3, Time(0)), Time(5_000));
        assert_eq!(asked_for(Time(5_000), 60, Time(0)), Time(60_000));
        assert_eq!(asked_for(Time(0), i64::MAX, Time(0)), Time(86_400_000));
    }

    #[test]
    fn being_offline_is_not_held_against_a_source() {
        assert_eq!(after_failure(RHYTHM, 9, true, Time(0), 1.0), Time(60_000));
    }
}

//! What is due when. Pure: the clock and the dice are passed in.

use crate::model::{Health, Time};

/// The first delay after a failure, seconds; it doubles.
const FIRST_BACKOFF_S: i64 = 60;
/// The delay while the machine is offline, seconds: that is no fault of the source's.
const OFFLINE_S: i64 = 60;

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

/// When a source is due. One that never ran is due now.
#[must_use]
pub fn due(health: &Health, now: Time) -> Time {
    health.next_attempt.unwrap_or(now)
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
    fn being_offline_is_not_held_against_a_source() {
        assert_eq!(after_failure(RHYTHM, 9, true, Time(0), 1.0), Time(60_000));
    }
}

//! What the end of an attempt means: sent, again and when, never, or not before somebody acts. Pure: time and
//! dice are given.

use std::time::Duration;

use crate::error::Fault;
use crate::model::Time;
use crate::notify::{Receipt, SendError};

/// Attempts before a message counts as failed.
pub const MOST_ATTEMPTS: u32 = 10;
/// The longest delay after the first failed attempt, ms; it doubles.
const FIRST_DELAY_MS: i64 = 30_000;
/// The longest delay of all, ms.
const LONGEST_DELAY_MS: i64 = 2 * 60 * 60 * 1000;
/// The shortest, ms.
const SHORTEST_DELAY_MS: i64 = 1000;
/// A service that asks for more is asked again after so much, ms.
pub const LONGEST_HOLD_MS: i64 = 24 * 60 * 60 * 1000;

/// What follows from the end of an attempt.
#[derive(Clone, Debug, PartialEq)]
pub enum Decision {
    /// The service took it. Recipients that it refused are shown and not tried again: others got it.
    Sent {
        /// What it said.
        receipt: Receipt,
    },
    /// It is tried again.
    Retry {
        /// What happened.
        fault: Fault,
        /// When.
        at: Time,
        /// Until when nothing goes to this destination.
        hold: Option<Time>,
    },
    /// It failed for good.
    Failed {
        /// What happened.
        fault: Fault,
        /// Until when nothing goes to this destination.
        hold: Option<Time>,
        /// Whether the channel is to blame, and not this message.
        is_channel: bool,
    },
    /// The channel stops; the message waits for somebody to act.
    Stopped {
        /// What happened and what to do.
        fault: Fault,
    },
    /// Nobody knows whether it arrived.
    Unknown {
        /// What happened.
        fault: Fault,
    },
}

/// Decides. `attempts` are those made, this one among them; `dice` is from 0 to 1.
#[must_use]
pub fn decide(attempts: u32, result: Result<Receipt, SendError>, now: Time, dice: f64) -> Decision {
    match result {
        Ok(receipt) => Decision::Sent { receipt },
        Err(SendError::Unknown { fault }) => Decision::Unknown { fault },
        Err(SendError::Stop { fault }) => Decision::Stopped { fault },
        Err(SendError::Refused { fault }) => Decision::Failed {
            fault,
            hold: None,
            is_channel: false,
        },
        Err(SendError::Retry { fault, after }) => {
            let hold = after.map(|after| Time(now.ms() + asked_ms(after)));
            if attempts >= MOST_ATTEMPTS {
                return Decision::Failed {
                    fault,
                    hold,
                    is_channel: true,
                };
            }
            let at = Time(now.ms() + delay_ms(attempts, dice));
            Decision::Retry {
                fault,
                at: hold.map_or(at, |hold| hold.max(at)),
                hold,
            }
        }
    }
}

/// What a service asked for, in whole milliseconds and one more.
fn asked_ms(after: Duration) -> i64 {
    i64::try_from(after.as_millis())
        .unwrap_or(i64::MAX)
        .saturating_add(1)
        .min(LONGEST_HOLD_MS)
}

/// Full jitter: anything up to a bound that doubles.
#[allow(clippy::cast_possible_truncation, clippy::cast_precision_loss)]
fn delay_ms(attempts: u32, dice: f64) -> i64 {
    let bound = FIRST_DELAY_MS
        .saturating_mul(1 << attempts.saturating_sub(1).min(20))
        .min(LONGEST_DELAY_MS);
    let delay = (bound as f64 * dice.clamp(0.0, 1.0)) as i64;
    delay.max(SHORTEST_DELAY_MS)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn retry(after: Option<Duration>) -> Result<Receipt, SendError> {
        Err(SendError::Retry {
            fault: Fault::new("smtp_unreachable", "It cannot be reached."),
            after,
        })
    }

    fn delay(attempts: u32, dice: f64) -> i64 {
        match decide(attempts, retry(None), Time(0), dice) {
            Decision::Retry { at, hold: None, .. } => at.ms(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_passing_fault_is_tried_again_up_to_ten_times_ever_later_and_never_all_at_once() {
        assert_eq!(delay(1, 1.0), 30_000);
        assert_eq!(delay(2, 1.0), 60_000);
        assert_eq!(delay(5, 0.5), 240_000);
        assert_eq!(delay(9, 1.0), LONGEST_DELAY_MS);
        assert_eq!(delay(9, 0.0), SHORTEST_DELAY_MS);
        let last = decide(10, retry(None), Time(0), 1.0);
        assert!(matches!(
            last,
            Decision::Failed {
                is_channel: true,
                hold: None,
                ..
            }
        ));
    }

    #[test]
    fn what_the_service_asks_for_is_kept_and_holds_the_destination() {
        let asked = Some(Duration::from_secs(300));
        let Decision::Retry { at, hold, .. } = decide(1, retry(asked), Time(0), 1.0) else {
            panic!("not tried again");
        };
        assert_eq!((at, hold), (Time(300_001), Some(Time(300_001))));
        let short = Some(Duration::from_millis(10));
        let Decision::Retry { at, hold, .. } = decide(1, retry(short), Time(0), 1.0) else {
            panic!("not tried again");
        };
        assert_eq!((at, hold), (Time(30_000), Some(Time(11))));
        // Nonsense is asked again after a day, and also the last attempt's is obeyed.
        let Decision::Failed { hold, .. } = decide(10, retry(Some(Duration::MAX)), Time(0), 1.0)
        else {
            panic!("tried again");
        };
        assert_eq!(hold, Some(Time(LONGEST_HOLD_MS)));
    }

    #[test]
    fn what_cannot_pass_is_not_tried_again() {
        let fault = || Fault::new("x", "x");
        let stop = decide(1, Err(SendError::Stop { fault: fault() }), Time(0), 1.0);
        assert!(matches!(stop, Decision::Stopped { .. }));
        let never = decide(1, Err(SendError::Refused { fault: fault() }), Time(0), 1.0);
        assert!(matches!(
            never,
            Decision::Failed {
                is_channel: false,
                ..
            }
        ));
        let lost = decide(1, Err(SendError::Unknown { fault: fault() }), Time(0), 1.0);
        assert!(matches!(lost, Decision::Unknown { .. }));
    }
}

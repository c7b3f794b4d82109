//! Counts what arrives within rolling windows, by the replay's clock, and how often a limit was exceeded: what a test
//! asks whether a client kept to the limits.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};

use crate::RateLimit;

/// What was counted, by key.
#[derive(Debug, Default)]
pub(crate) struct Counts(Mutex<Counted>);

#[derive(Debug, Default)]
struct Counted {
    seen: HashMap<String, VecDeque<DateTime<Utc>>>,
    exceeded: usize,
}

impl Counts {
    /// Counts one arrival under each key, if it is within all their limits. Else it says how long it takes until it
    /// would be, and counts it as beyond the limit alone.
    pub(crate) fn admit(
        &self,
        limits: &[(String, RateLimit)],
        now: DateTime<Utc>,
    ) -> Result<(), TimeDelta> {
        let mut counted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut wait = None;
        for (key, limit) in limits {
            let window = TimeDelta::from_std(limit.window).unwrap_or(TimeDelta::MAX);
            let times = counted.seen.entry(key.clone()).or_default();
            while times.front().is_some_and(|first| now - *first >= window) {
                times.pop_front();
            }
            if times.len() >= limit.requests {
                let free = times.front().map_or(window, |first| *first + window - now);
                wait = wait.max(Some(free));
            }
        }
        if let Some(wait) = wait {
            counted.exceeded += 1;
            return Err(wait);
        }
        for (key, _) in limits {
            counted.seen.entry(key.clone()).or_default().push_back(now);
        }
        Ok(())
    }

    /// How often something arrived beyond a limit.
    pub(crate) fn exceeded(&self) -> usize {
        let counted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        counted.exceeded
    }

    pub(crate) fn clear(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Counted::default();
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn all_limits_hold_together_and_what_is_beyond_takes_no_place() {
        let counts = Counts::default();
        let limit = |requests, seconds| RateLimit {
            requests,
            window: Duration::from_secs(seconds),
        };
        let both = [
            ("chat".to_owned(), limit(1, 1)),
            ("group".to_owned(), limit(3, 60)),
        ];
        let begun = DateTime::from_timestamp(1_780_000_000, 0).unwrap();
        let at = |ms: i64| counts.admit(&both, begun + TimeDelta::milliseconds(ms));
        assert_eq!(at(0), Ok(()));
        assert_eq!(at(400), Err(TimeDelta::milliseconds(600)));
        assert_eq!(at(1_000), Ok(()));
        assert_eq!(at(2_000), Ok(()));
        assert_eq!(at(10_000), Err(TimeDelta::seconds(50)));
        assert_eq!(at(60_000), Ok(()));
        assert_eq!(counts.exceeded(), 2);
        counts.clear();
        assert_eq!(counts.exceeded(), 0);
    }
}

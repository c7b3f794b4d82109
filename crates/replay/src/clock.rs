//! The replay's own clock: it starts at the newest time in the corpus and runs on at the pace of real time.
//! Nothing in this crate that decides what is served reads the system's time.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};

/// A running clock; clones show the same time.
#[derive(Debug, Clone)]
pub(crate) struct Clock {
    start: DateTime<Utc>,
    begun: Instant,
    advanced: Arc<Mutex<TimeDelta>>,
}

impl Clock {
    pub(crate) fn starting_at(start: DateTime<Utc>) -> Self {
        Self {
            start,
            begun: Instant::now(),
            advanced: Arc::default(),
        }
    }

    pub(crate) fn now(&self) -> DateTime<Utc> {
        let advanced = *self.advanced.lock().unwrap_or_else(PoisonError::into_inner);
        let run = TimeDelta::from_std(self.begun.elapsed()).unwrap_or(TimeDelta::zero());
        self.start + run + advanced
    }

    /// Moves the clock forward; a span that chrono cannot hold leaves it alone.
    pub(crate) fn advance(&self, by: Duration) {
        let Ok(by) = TimeDelta::from_std(by) else {
            return;
        };
        let mut advanced = self.advanced.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(total) = advanced.checked_add(&by) else {
            return;
        };
        if self.start.checked_add_signed(total).is_some() {
            *advanced = total;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_on_from_its_start_and_can_be_advanced() {
        let start = DateTime::from_timestamp(1_780_000_000, 0).unwrap();
        let clock = Clock::starting_at(start);
        assert!(clock.now() >= start);
        clock.clone().advance(Duration::from_secs(3600));
        let moved = clock.now() - start;
        assert!(moved >= TimeDelta::hours(1) && moved < TimeDelta::hours(2));
    }

    #[test]
    fn ignores_a_span_beyond_the_calendar() {
        let start = DateTime::from_timestamp(1_780_000_000, 0).unwrap();
        let clock = Clock::starting_at(start);
        clock.advance(Duration::MAX);
        clock.advance(Duration::from_secs(i64::MAX as u64 / 1000));
        assert!(clock.now() - start < TimeDelta::hours(1));
    }
}

//! The pace of requests to NVD: one at a time, a pause between two, and at most so many in any 30 seconds.
//! Kept for as long as the app runs, so that one run cannot use up what the next one needs.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// NVD's window, and a little more: its clock is not ours.
const ROLLING: Duration = Duration::from_millis(30_500);

/// What NVD allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Limits {
    /// Between two requests.
    pub pause: Duration,
    /// Requests in any 30 seconds; `None` where the user set a pause of their own.
    pub most: Option<usize>,
}

/// When requests were made. Cheap to clone; clones share it.
#[derive(Clone, Debug, Default)]
pub struct Pace(Arc<Mutex<VecDeque<Instant>>>);

impl Pace {
    /// How long to wait before the next request, which is then noted as made at the end of that wait.
    pub(super) fn next(&self, limits: Limits) -> Duration {
        self.next_after(Instant::now(), limits)
    }

    fn next_after(&self, now: Instant, limits: Limits) -> Duration {
        let mut made = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        while made.len() > 1 && made.front().is_some_and(|at| *at + ROLLING <= now) {
            made.pop_front();
        }
        let mut at = now;
        if let Some(last) = made.back() {
            at = at.max(*last + limits.pause);
        }
        if let Some(most) = limits.most
            && let Some(index) = made.len().checked_sub(most.max(1))
        {
            at = at.max(made[index] + ROLLING);
        }
        made.push_back(at);
        at - now
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn never_more_than_the_limit_in_any_30_seconds_nor_without_the_pause() {
        for (most, pause_ms) in [(5, 0), (5, 6_000), (50, 2_000), (50, 0), (5, 700)] {
            let (pace, mut now) = (Pace::default(), Instant::now());
            let limits = Limits {
                pause: Duration::from_millis(pause_ms),
                most: Some(most),
            };
            let mut made = Vec::new();
            for n in 0..400_u64 {
                // Sometimes somebody else was slow in between.
                now += Duration::from_millis(n * 7_919 % 4_000);
                now += pace.next_after(now, limits);
                made.push(now);
            }
            for pair in made.windows(2) {
                assert!(pair[1] - pair[0] >= limits.pause);
            }
            for span in made.windows(most + 1) {
                assert!(span[most] - span[0] > Duration::from_secs(30), "{most}");
            }
        }
    }

    #[test]
    fn the_first_request_waits_for_nothing_and_clones_share_the_pace() {
        let (pace, now) = (Pace::default(), Instant::now());
        let limits = Limits {
            pause: Duration::from_secs(6),
            most: Some(5),
        };
        assert_eq!(pace.next_after(now, limits), Duration::ZERO);
        assert_eq!(pace.clone().next_after(now, limits), Duration::from_secs(6));
    }
}

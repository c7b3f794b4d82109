//! A rate limit, and NVD's: so many requests in a rolling window, counted in real time and not by the replay's clock.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use crate::times::millis;

/// So many requests within a rolling window. NVD's own are 5 in 30 s, with a key 50 in 30 s.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RateLimit {
    /// Requests that are answered within the window.
    pub requests: usize,
    /// The window's length.
    #[serde(rename = "window_ms", with = "millis")]
    pub window: Duration,
}

/// How a request beyond the limit is answered.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum TooMany {
    /// 403 with an HTML body, as NVD's firewall does.
    #[default]
    Forbidden,
    /// 429 as `text/plain` with `retry-after: 0`, as the proxy before it does.
    TooManyRequests,
}

/// Counts requests for each key, and for those without one together.
#[derive(Debug, Default)]
pub(crate) struct Limiter {
    seen: Mutex<HashMap<Option<String>, VecDeque<Instant>>>,
}

impl Limiter {
    /// Whether one more request is within the limit at `now`; it counts if it is.
    pub(crate) fn admits(&self, key: Option<&str>, limit: RateLimit, now: Instant) -> bool {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let times = seen.entry(key.map(str::to_owned)).or_default();
        while times
            .front()
            .is_some_and(|first| now.duration_since(*first) >= limit.window)
        {
            times.pop_front();
        }
        if times.len() >= limit.requests {
            return false;
        }
        times.push_back(now);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_rolls_and_keys_are_counted_apart() {
        let limiter = Limiter::default();
        let limit = RateLimit {
            requests: 2,
            window: Duration::from_secs(30),
        };
        let begun = Instant::now();
        let at = |key, seconds| limiter.admits(key, limit, begun + Duration::from_secs(seconds));
        assert!(at(None, 0) && at(None, 10) && !at(None, 20));
        assert!(at(Some("key"), 20));
        assert!(at(None, 30) && !at(None, 31) && at(None, 40));
    }
}

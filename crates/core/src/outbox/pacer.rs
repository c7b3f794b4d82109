//! How fast messages may follow each other. Pure: the time is given.
//!
//! Counted is from the end of an attempt to the beginning of the next, and what runs counts too, so that a
//! service, which counts when messages arrive, never counts more than we do.

use std::collections::{BTreeSet, HashMap, VecDeque};

use crate::model::Time;
use crate::notify::Pace;

/// Counts attempts, by the keys of [`Pace`].
#[derive(Debug, Default)]
pub struct Pacer {
    counts: HashMap<String, Count>,
}

#[derive(Debug, Default)]
struct Count {
    running: u32,
    /// When the others ended, in order, ms.
    ended: VecDeque<i64>,
    /// The longest window that anybody asked for, ms.
    longest: i64,
}

/// Why an attempt may not begin yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wait {
    /// Not before this.
    Until(Time),
    /// Not before another one ended.
    ForOthers,
}

impl Pacer {
    /// Lets an attempt begin, or says what to wait for. What began must be ended or taken back.
    ///
    /// # Errors
    /// [`Wait`].
    pub fn begin(&mut self, paces: &[Pace], now: Time) -> Result<(), Wait> {
        self.forget(now);
        let mut until = None;
        for pace in paces.iter().filter(|p| p.most > 0) {
            match self.wait(pace, now) {
                None => {}
                Some(Wait::ForOthers) => return Err(Wait::ForOthers),
                Some(Wait::Until(at)) => until = until.max(Some(at)),
            }
        }
        if let Some(at) = until {
            return Err(Wait::Until(at));
        }
        for key in keys(paces) {
            let count = self.counts.entry(key.to_owned()).or_default();
            count.running += 1;
        }
        Ok(())
    }

    /// An attempt ended, however.
    pub fn end(&mut self, paces: &[Pace], now: Time) {
        self.take_back(paces);
        self.seed(paces, now);
    }

    /// An attempt that was let begin was not made.
    pub fn take_back(&mut self, paces: &[Pace]) {
        for key in keys(paces) {
            if let Some(count) = self.counts.get_mut(key) {
                count.running = count.running.saturating_sub(1);
            }
        }
    }

    /// An attempt ended then, before this session too.
    pub fn seed(&mut self, paces: &[Pace], ended: Time) {
        for pace in paces {
            let count = self.counts.entry(pace.key.clone()).or_default();
            count.longest = count.longest.max(window(pace));
        }
        for key in keys(paces) {
            let count = self.counts.entry(key.to_owned()).or_default();
            let place = count.ended.partition_point(|at| *at <= ended.ms());
            count.ended.insert(place, ended.ms());
        }
    }

    fn wait(&self, pace: &Pace, now: Time) -> Option<Wait> {
        let count = self.counts.get(&pace.key)?;
        let window = window(pace);
        let most = pace.most as usize;
        let running = count.running as usize;
        if running >= most {
            return Some(Wait::ForOthers);
        }
        // The oldest first of those that the window still holds.
        let first = count
            .ended
            .partition_point(|at| at.saturating_add(window) <= now.ms());
        let held = count.ended.len() - first;
        let over = (held + running + 1).checked_sub(most + 1)?;
        let last = count.ended.get(first + over)?;
        Some(Wait::Until(Time(last.saturating_add(window))))
    }

    /// Forgets what no window holds any more. What ended in the future ended now: the clock went back.
    fn forget(&mut self, now: Time) {
        self.counts.retain(|_, count| {
            for at in &mut count.ended {
                *at = (*at).min(now.ms());
            }
            while let Some(at) = count.ended.front()
                && at.saturating_add(count.longest) <= now.ms()
            {
                count.ended.pop_front();
            }
            count.running > 0 || !count.ended.is_empty()
        });
    }
}

/// How long an attempt counts after its end. Both ends are cut to milliseconds: one more makes up for that.
fn window(pace: &Pace) -> i64 {
    i64::try_from(pace.within_ms)
        .unwrap_or(i64::MAX)
        .saturating_add(1)
}

/// Each key once: a destination may have several limits.
fn keys(paces: &[Pace]) -> BTreeSet<&str> {
    paces.iter().map(|pace| pace.key.as_str()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pace(key: &str, most: u32, within_ms: u64) -> Pace {
        Pace {
            key: key.to_owned(),
            most,
            within_ms,
        }
    }

    #[test]
    fn one_a_second_is_counted_from_the_end() {
        let paces = [pace("a", 1, 1000)];
        let mut pacer = Pacer::default();
        assert_eq!(pacer.begin(&paces, Time(0)), Ok(()));
        assert_eq!(pacer.begin(&paces, Time(0)), Err(Wait::ForOthers));
        pacer.end(&paces, Time(5_000));
        assert_eq!(
            pacer.begin(&paces, Time(5_500)),
            Err(Wait::Until(Time(6_001)))
        );
        assert_eq!(
            pacer.begin(&paces, Time(6_000)),
            Err(Wait::Until(Time(6_001)))
        );
        assert_eq!(pacer.begin(&paces, Time(6_001)), Ok(()));
    }

    #[test]
    fn several_limits_of_one_destination_hold_together_and_count_once() {
        let paces = [pace("group", 1, 1000), pace("group", 3, 60_000)];
        let mut pacer = Pacer::default();
        let mut now = 0;
        for _ in 0..3 {
            assert_eq!(pacer.begin(&paces, Time(now)), Ok(()));
            pacer.end(&paces, Time(now));
            now += 1001;
        }
        assert_eq!(
            pacer.begin(&paces, Time(now)),
            Err(Wait::Until(Time(60_001)))
        );
        assert_eq!(pacer.begin(&paces, Time(60_001)), Ok(()));
    }

    #[test]
    fn channels_that_share_a_key_share_the_count() {
        let one = [pace("chat 1", 1, 1000), pace("bot", 2, 1000)];
        let two = [pace("chat 2", 1, 1000), pace("bot", 2, 1000)];
        let three = [pace("chat 3", 1, 1000), pace("bot", 2, 1000)];
        let mut pacer = Pacer::default();
        assert_eq!(pacer.begin(&one, Time(0)), Ok(()));
        assert_eq!(pacer.begin(&two, Time(0)), Ok(()));
        assert_eq!(pacer.begin(&three, Time(0)), Err(Wait::ForOthers));
        pacer.end(&one, Time(100));
        // One runs still, one ended a moment ago.
        assert_eq!(
            pacer.begin(&three, Time(100)),
            Err(Wait::Until(Time(1_101)))
        );
        pacer.take_back(&two);
        assert_eq!(pacer.begin(&three, Time(100)), Ok(()));
    }

    #[test]
    fn no_limit_is_no_wait() {
        let mut pacer = Pacer::default();
        for _ in 0..100 {
            assert_eq!(pacer.begin(&[pace("a", 0, 1000)], Time(0)), Ok(()));
            assert_eq!(pacer.begin(&[], Time(0)), Ok(()));
        }
    }

    #[test]
    fn what_was_sent_before_a_restart_counts() {
        let paces = [pace("a", 2, 60_000)];
        let mut pacer = Pacer::default();
        pacer.seed(&paces, Time(20_000));
        pacer.seed(&paces, Time(10_000));
        assert_eq!(
            pacer.begin(&paces, Time(30_000)),
            Err(Wait::Until(Time(70_001)))
        );
    }

    #[test]
    fn a_clock_that_went_back_waits_for_one_window_and_no_longer() {
        let paces = [pace("a", 1, 1000)];
        let mut pacer = Pacer::default();
        pacer.seed(&paces, Time(9_000_000));
        assert_eq!(
            pacer.begin(&paces, Time(50_000)),
            Err(Wait::Until(Time(51_001)))
        );
        assert_eq!(pacer.begin(&paces, Time(51_001)), Ok(()));
    }

    #[test]
    fn what_no_window_holds_is_forgotten() {
        let mut pacer = Pacer::default();
        for key in 0..100 {
            pacer.seed(&[pace(&key.to_string(), 1, 1000)], Time(key));
        }
        let _ = pacer.begin(&[], Time(100_000));
        assert!(pacer.counts.is_empty());
    }

    #[test]
    fn a_service_never_counts_more_than_the_limit() {
        // Arrivals anywhere within attempts of random length, counted over each window that begins with one.
        let paces = [pace("a", 5, 1000)];
        let mut pacer = Pacer::default();
        let (mut now, mut seed) = (0_i64, 12_345_u64);
        let mut dice = |most: u64| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            i64::try_from((seed >> 33) % most).unwrap()
        };
        let mut arrivals = Vec::new();
        while arrivals.len() < 2_000 {
            match pacer.begin(&paces, Time(now)) {
                Ok(()) => {
                    let lasts = dice(700);
                    arrivals.push(now + dice(u64::try_from(lasts).unwrap() + 1));
                    now += lasts;
                    pacer.end(&paces, Time(now));
                }
                Err(Wait::Until(at)) => now = at.ms(),
                Err(Wait::ForOthers) => unreachable!("one at a time"),
            }
        }
        for (n, first) in arrivals.iter().enumerate() {
            let within = arrivals[n..].iter().take_while(|at| **at <= first + 1000);
            assert!(within.count() <= 5);
        }
    }
}

//! A feed's own rhythm: how often it is worth asking, and when it has been quiet for too long.

use crate::model::{RhythmHint, Time};

const WEEK_S: i64 = 7 * 86_400;
/// Within these, minutes.
const LEAST_MIN: i64 = 5;
const MOST_MIN: i64 = 24 * 60;
/// What a document asks for counts up to this, minutes: a wrong `ttl` must not silence a feed.
const MOST_ASKED_MIN: u32 = 5 * 60;
/// Entries that are remembered.
const MOST_TIMES: usize = 64;
/// Entries from which a rate is told where they do not fill the week.
const LEAST_FOR_RATE: i64 = 3;
/// Gaps between entries from which it is told what is usual.
const LEAST_GAPS: usize = 5;
/// A publication may lie so far ahead of our clock, seconds.
const AHEAD_S: i64 = 3600;

/// What the newest document says, with the entries of the ones before it. A document without entries,
/// or none at all (304), takes nothing away.
#[must_use]
pub fn remember(before: RhythmHint, new: RhythmHint, now: Time) -> RhythmHint {
    let is_whole = !new.entry_times.is_empty();
    let ttl_min = new.ttl_min.or(before.ttl_min.filter(|_| !is_whole));
    let max_age = before.cache_max_age_s.filter(|_| !is_whole);
    let cache_max_age_s = new.cache_max_age_s.or(max_age);
    let mut times = before.entry_times;
    times.extend(new.entry_times);
    times.retain(|at| *at <= now.plus_s(AHEAD_S));
    times.sort_unstable_by(|a, b| b.cmp(a));
    times.dedup();
    times.truncate(MOST_TIMES);
    RhythmHint {
        ttl_min,
        cache_max_age_s,
        entry_times: times,
    }
}

/// Minutes between two runs by the feed's rhythm of the last 7 days: half of what lies between two
/// entries on average, from 5 minutes to a day, and not oftener than the document asks for. `None`
/// where no entry has a date.
#[must_use]
pub fn adaptive_min(hint: &RhythmHint, now: Time) -> Option<u32> {
    let oldest = hint.entry_times.iter().min()?;
    let week_ago = now.plus_s(-WEEK_S);
    let recent = hint.entry_times.iter().filter(|at| **at > week_ago);
    let recent = i64::try_from(recent.count()).unwrap_or(i64::MAX);
    // A document of a busy feed covers only hours; what lies before is not known.
    let span_s = if *oldest > week_ago && recent >= LEAST_FOR_RATE {
        now.ms().saturating_sub(oldest.ms()) / 1000
    } else {
        WEEK_S
    };
    let minutes = match recent {
        0 => MOST_MIN,
        n => (span_s / 60 / n / 2).clamp(LEAST_MIN, MOST_MIN),
    };
    let asked = |minutes: u32| i64::from(minutes.min(MOST_ASKED_MIN));
    let minutes = minutes
        .max(hint.ttl_min.map_or(0, asked))
        .max(hint.cache_max_age_s.map_or(0, |s| asked(s / 60)));
    u32::try_from(minutes).ok()
}

/// Days that lie between two entries at most, nine times of ten. `None` where too few are known.
#[must_use]
#[allow(clippy::cast_precision_loss)]
pub fn usual_days(hint: &RhythmHint) -> Option<f64> {
    let mut times = hint.entry_times.clone();
    times.sort_unstable();
    let mut gaps: Vec<i64> = times.windows(2).map(|w| w[1].ms() - w[0].ms()).collect();
    if gaps.len() < LEAST_GAPS {
        return None;
    }
    gaps.sort_unstable();
    let gap = gaps[(gaps.len() * 9).div_ceil(10) - 1];
    Some(gap as f64 / 86_400_000.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Time = Time(1_790_000_000_000);

    fn every(hours: i64, count: i64) -> RhythmHint {
        RhythmHint {
            entry_times: (1..=count).map(|n| NOW.plus_s(-n * hours * 3600)).collect(),
            ..RhythmHint::default()
        }
    }

    #[test]
    fn the_interval_is_half_of_the_mean_gap_of_the_week() {
        for (hint, expect) in [
            (every(4, 42), Some(122)),
            (every(24, 10), Some(840)),
            // 20 entries in 20 hours: the week before is not in the document.
            (every(1, 20), Some(30)),
            (every(24 * 30, 10), Some(1440)),
            (every(0, 30), Some(5)),
            // A single fresh entry is no rate.
            (every(1, 1), Some(1440)),
            (RhythmHint::default(), None),
        ] {
            assert_eq!(
                adaptive_min(&hint, NOW),
                expect,
                "{:?}",
                hint.entry_times.len()
            );
        }
    }

    #[test]
    fn a_document_may_ask_for_less_up_to_five_hours() {
        let asks = |ttl_min, cache_max_age_s| RhythmHint {
            ttl_min,
            cache_max_age_s,
            ..every(1, 20)
        };
        for (hint, expect) in [
            (asks(Some(60), None), 60),
            (asks(Some(10), None), 30),
            (asks(Some(100_000), None), 300),
            (asks(None, Some(7200)), 120),
            (asks(Some(90), Some(u32::MAX)), 300),
        ] {
            assert_eq!(adaptive_min(&hint, NOW), Some(expect));
        }
    }

    #[test]
    fn nothing_new_keeps_what_was_known_and_slows_down() {
        let kept = remember(every(1, 20), RhythmHint::default(), NOW);
        assert_eq!(kept.entry_times.len(), 20);
        let later = NOW.plus_s(6 * 86_400);
        assert!(adaptive_min(&kept, later) > adaptive_min(&kept, NOW));
        let both = remember(every(1, 60), every(2, 60), NOW);
        assert_eq!(both.entry_times.len(), MOST_TIMES);
        let ahead = RhythmHint {
            entry_times: vec![NOW.plus_s(86_400)],
            ..RhythmHint::default()
        };
        assert_eq!(remember(RhythmHint::default(), ahead, NOW).entry_times, []);
    }

    #[test]
    fn one_long_gap_of_many_is_not_what_is_usual() {
        let mut hint = every(24, 20);
        hint.entry_times.push(NOW.plus_s(-400 * 86_400));
        assert_eq!(usual_days(&hint), Some(1.0));
        assert_eq!(usual_days(&every(24, 5)), None);
    }
}

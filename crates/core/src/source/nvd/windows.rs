//! Which spans to ask for. Pure arithmetic: the clock comes in as `now`. Windows touch
//! (both ends are inclusive at NVD), none is longer than 119 days (NVD refuses more than 120), and the
//! last one ends now.

use serde::{Deserialize, Serialize};

use crate::model::Time;

const MAX_DAYS: i64 = 119;
const DAY_S: i64 = 86_400;

/// A span of `lastModified` or of publication, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Window {
    pub start: Time,
    pub end: Time,
}

/// Where a run starts reading: an overlap before what is done, or some days back where nothing is.
/// A clock that was set back never moves the start into the future.
pub(super) fn start(now: Time, done_to: Option<Time>, overlap_hours: u32, first_days: u32) -> Time {
    match done_to {
        Some(done) => done.min(now).plus_s(-3600 * i64::from(overlap_hours)),
        None => now.plus_s(-DAY_S * i64::from(first_days)),
    }
}

/// The windows from `start` to `now`, oldest first; at least one.
pub(super) fn windows(start: Time, now: Time) -> Vec<Window> {
    let mut all = Vec::new();
    let mut from = start.min(now);
    loop {
        let end = from.plus_s(MAX_DAYS * DAY_S).min(now);
        all.push(Window { start: from, end });
        if end >= now {
            return all;
        }
        from = end;
    }
}

/// The window that follows `at` in a span that ends at `to`; `None` at its end.
pub(super) fn next_window(at: Time, to: Time) -> Option<Window> {
    (at < to).then(|| Window {
        start: at,
        end: at.plus_s(MAX_DAYS * DAY_S).min(to),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A small generator, so that the cases are the same in every run (Numerical Recipes' constants).
    fn cases(n: u32) -> impl Iterator<Item = u64> {
        let mut x = 0x1234_5678_u64;
        (0..n).map(move |_| {
            x = x
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            x >> 16
        })
    }

    #[test]
    fn windows_leave_no_gap_and_none_is_over_120_days() {
        for r in cases(20_000) {
            let now = Time(1_700_000_000_000 + i64::try_from(r % 500_000_000_000).unwrap());
            let ago = i64::try_from((r >> 7) % (3000 * 86_400)).unwrap();
            let done = (r % 5 != 0).then(|| now.plus_s(if r % 7 == 0 { ago } else { -ago }));
            let overlap = u32::try_from(r % 49).unwrap();
            let first = u32::try_from(r % 400).unwrap();

            let from = start(now, done, overlap, first);
            let all = windows(from, now);

            assert_eq!(all[0].start, from);
            if let Some(done) = done {
                assert!(from <= done, "a gap after {done}");
            }
            assert_eq!(all[all.len() - 1].end, now);
            for pair in all.windows(2) {
                assert_eq!(pair[0].end, pair[1].start);
            }
            for w in all {
                assert!(w.start <= w.end && w.end.ms() - w.start.ms() <= 120 * DAY_S * 1000);
            }
        }
    }

    #[test]
    fn the_first_run_reads_the_last_days_and_later_ones_overlap() {
        let now = Time::parse_rfc3339("2026-11-22T06:00:00Z").unwrap();
        assert_eq!(
            start(now, None, 6, 7).to_rfc3339(),
            "2026-11-15T06:00:00.000Z"
        );
        let done = now.plus_s(-7200);
        assert_eq!(
            start(now, Some(done), 6, 7).to_rfc3339(),
            "2026-11-21T22:00:00.000Z"
        );
    }
}

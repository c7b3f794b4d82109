//! Several sources that are due at once begin one after the other, those of one host as far apart as
//! possible. Pure.

use std::collections::{BTreeMap, VecDeque};

use crate::model::{SourceId, Time};

/// Between two beginnings, and for all of them together at most, milliseconds.
const STEP_MS: i64 = 3_000;
const ALL_WITHIN_MS: i64 = 120_000;

/// A source that is due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Due {
    /// Which.
    pub source: SourceId,
    /// Where it is read.
    pub host: String,
    /// Since when it is due.
    pub at: Time,
}

/// When each of them begins, from `from` on: hosts take turns, the one that waits longest first.
#[must_use]
pub fn spread(mut due: Vec<Due>, from: Time) -> Vec<(Due, Time)> {
    due.sort_by(|a, b| (a.at, &a.source).cmp(&(b.at, &b.source)));
    let count = i64::try_from(due.len()).unwrap_or(i64::MAX).max(1);
    let step_ms = STEP_MS.min(ALL_WITHIN_MS / count).max(1);
    // The hosts in the order of their longest waiting source.
    let mut order: Vec<String> = Vec::new();
    let mut by_host: BTreeMap<String, VecDeque<Due>> = BTreeMap::new();
    for one in due {
        if !by_host.contains_key(&one.host) {
            order.push(one.host.clone());
        }
        by_host.entry(one.host.clone()).or_default().push_back(one);
    }
    let mut turns = Vec::new();
    while !by_host.is_empty() {
        order.retain(|host| match by_host.get_mut(host) {
            Some(waiting) => {
                turns.extend(waiting.pop_front());
                let is_done = waiting.is_empty();
                if is_done {
                    by_host.remove(host);
                }
                !is_done
            }
            None => false,
        });
    }
    (0..)
        .zip(turns)
        .map(|(turn, due)| (due, Time(from.ms().saturating_add(turn * step_ms))))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn due(name: &str, host: &str, at: i64) -> Due {
        Due {
            source: SourceId::new(name),
            host: host.to_owned(),
            at: Time(at),
        }
    }

    #[test]
    fn hosts_take_turns_and_nobody_begins_together() {
        let all = vec![
            due("a1", "a", 5),
            due("a2", "a", 1),
            due("a3", "a", 2),
            due("b1", "b", 3),
            due("c1", "c", 4),
        ];
        let order: Vec<(String, i64)> = spread(all, Time(1_000))
            .into_iter()
            .map(|(due, at)| (due.source.0, at.ms()))
            .collect();
        let expect = [
            ("a2", 1_000),
            ("b1", 4_000),
            ("c1", 7_000),
            ("a3", 10_000),
            ("a1", 13_000),
        ];
        assert_eq!(order, expect.map(|(name, at)| (name.to_owned(), at)));
    }

    #[test]
    fn many_begin_within_two_minutes_and_still_apart() {
        let all = (0..400)
            .map(|n| due(&format!("{n:03}"), &format!("h{n}"), 0))
            .collect();
        let starts: Vec<i64> = spread(all, Time(0)).iter().map(|(_, at)| at.ms()).collect();
        assert!(starts.windows(2).all(|w| w[1] > w[0]));
        assert!(*starts.last().unwrap() < ALL_WITHIN_MS);
        assert_eq!(spread(Vec::new(), Time(0)), []);
    }
}

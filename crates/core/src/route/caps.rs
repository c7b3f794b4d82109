//! How many alerts may still go out at once: per rule and channel, within a rolling hour and day.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{AlertId, ChannelId};

/// What the outbox knows of what went before.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Alerts that went out at once, by the rule that asked (its name) and the channel: of the last hour, and of
    /// the last day.
    pub at_once: BTreeMap<(String, ChannelId), (u32, u32)>,
    /// Slots of channels that lie ahead and are over all the same: a clock went back.
    pub over: BTreeSet<(ChannelId, String)>,
}

impl Counts {
    /// Whether a slot of a channel is over.
    pub(super) fn is_over(&self, channel: &ChannelId, slot: &str) -> bool {
        // The set is empty nearly always.
        !self.over.is_empty() && self.over.contains(&(channel.clone(), slot.to_owned()))
    }
}

/// A rule's cap; 0 = none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Cap {
    pub per_hour: u32,
    pub per_day: u32,
}

impl Cap {
    pub fn is_none(self) -> bool {
        self == Self::default()
    }

    fn has_room(self, (hour, day): (u32, u32)) -> bool {
        let fits = |used: u32, most: u32| most == 0 || used < most;
        fits(hour, self.per_hour) && fits(day, self.per_day)
    }
}

/// What one routing uses up of the caps. Rules by their place.
#[derive(Debug, Default)]
pub(super) struct Room {
    used: BTreeMap<(usize, ChannelId), (u32, u32)>,
    taken: BTreeSet<(usize, ChannelId, AlertId)>,
}

impl Room {
    /// What is used up already.
    pub fn set(&mut self, rule: usize, channel: &ChannelId, used: (u32, u32)) {
        self.used.insert((rule, channel.clone()), used);
    }

    /// Whether another alert may go out at once. An alert of which more than one thing is told takes one
    /// place.
    pub fn has(&self, rule: usize, cap: Cap, channel: &ChannelId, alert: AlertId) -> bool {
        if cap.is_none() || self.taken.contains(&(rule, channel.clone(), alert)) {
            return true;
        }
        let used = self.used.get(&(rule, channel.clone()));
        cap.has_room(used.copied().unwrap_or_default())
    }

    /// That one goes out at once.
    pub fn take(&mut self, rule: usize, channel: &ChannelId, alert: AlertId) {
        if self.taken.insert((rule, channel.clone(), alert)) {
            let used = self.used.entry((rule, channel.clone())).or_default();
            *used = (used.0.saturating_add(1), used.1.saturating_add(1));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn channel() -> ChannelId {
        ChannelId("slack".into())
    }

    #[test]
    fn the_hour_and_the_day_are_both_kept() {
        for (per_hour, per_day, used, expect) in [
            (0, 0, (1_000, 1_000), 5),
            (3, 0, (0, 1_000), 3),
            (3, 0, (2, 2), 1),
            (0, 10, (0, 8), 2),
            (3, 10, (0, 9), 1),
            (3, 10, (3, 3), 0),
        ] {
            let cap = Cap { per_hour, per_day };
            let mut room = Room::default();
            room.set(0, &channel(), used);
            let mut passed = 0;
            for id in 0..5 {
                if room.has(0, cap, &channel(), AlertId(id)) {
                    room.take(0, &channel(), AlertId(id));
                    passed += 1;
                }
            }
            assert_eq!(passed, expect, "{per_hour} {per_day} {used:?}");
        }
    }

    #[test]
    fn an_alert_of_which_two_things_are_told_takes_one_place() {
        let cap = Cap {
            per_hour: 1,
            per_day: 0,
        };
        let mut room = Room::default();
        for _ in 0..2 {
            assert!(room.has(0, cap, &channel(), AlertId(1)));
            room.take(0, &channel(), AlertId(1));
        }
        assert!(!room.has(0, cap, &channel(), AlertId(2)));
        assert!(room.has(1, cap, &channel(), AlertId(2)));
        assert!(room.has(0, cap, &ChannelId("other".into()), AlertId(2)));
    }
}

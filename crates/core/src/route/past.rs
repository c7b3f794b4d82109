//! What one rule would have sent: a stored history, played again from its beginning through the same routing,
//! with the outbox's part of it (gathering, what went before) imitated.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::{Counts, Fresh, Place, Routed, Routing, heard, route};
use crate::model::{AlertId, ChannelId, Subject, Time};

/// Alerts that one message gathers, as in the outbox.
const MOST_GATHERED: u32 = 200;
const HOUR_S: i64 = 3_600;
const DAY_S: i64 = 24 * HOUR_S;

/// What would have gone to a channel.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InChannel {
    /// Messages at once.
    pub messages: u32,
    /// Digests, those at the end of quiet hours too.
    pub digests: u32,
    /// Alerts that a cap would have held back for a digest.
    pub capped: u32,
    /// Alerts that would have waited for the end of the quiet hours.
    pub quiet: u32,
}

/// A history that is played again, one page after another, in the order of time.
#[derive(Debug)]
pub struct Past {
    routing: Routing,
    channels: BTreeMap<ChannelId, Seen>,
}

/// What a channel saw so far.
#[derive(Debug, Default)]
struct Seen {
    messages: u32,
    /// The message that is gathered: when it is due, how many alerts it has.
    open: Option<(Time, u32)>,
    slots: BTreeSet<String>,
    capped: BTreeSet<AlertId>,
    quiet: BTreeSet<AlertId>,
    /// What went out at once within a day.
    at_once: VecDeque<(Time, AlertId)>,
}

impl Past {
    /// Of one rule ([`Routing::of_rule`]).
    #[must_use]
    pub fn new(routing: Routing) -> Self {
        let channels = routing.doors.keys();
        let channels = channels.map(|id| (id.clone(), Seen::default())).collect();
        Self { routing, channels }
    }

    /// The rule.
    #[must_use]
    pub fn routing(&self) -> &Routing {
        &self.routing
    }

    /// What one page stored, no earlier than the last one. Says what was routed.
    pub fn hear(&mut self, fresh: &[Fresh], at: Time) -> Vec<Routed> {
        let counts = self.counts(at);
        let routed = route(fresh, &self.routing, at, &counts);
        for one in &routed {
            let group_s = self
                .routing
                .doors
                .get(&one.channel)
                .map_or(0, |d| d.group_s);
            let is_at_once = self.routing.rules.iter().any(|rule| rule.is_at_once);
            let seen = self.channels.entry(one.channel.clone()).or_default();
            seen.take(one, group_s, is_at_once, at);
        }
        routed
    }

    /// All of it, by channel.
    #[must_use]
    pub fn end(self) -> BTreeMap<ChannelId, InChannel> {
        let small = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        let told = |seen: Seen| InChannel {
            messages: seen.messages,
            digests: small(seen.slots.len()),
            capped: small(seen.capped.len()),
            quiet: small(seen.quiet.len()),
        };
        let all = self.channels.into_iter();
        all.map(|(id, seen)| (id, told(seen))).collect()
    }

    fn counts(&mut self, at: Time) -> Counts {
        let mut counts = Counts::default();
        let capped: Vec<(String, ChannelId)> = self
            .routing
            .capped()
            .map(|(rule, channel)| (rule.to_owned(), channel.clone()))
            .collect();
        for (rule, channel) in capped {
            let seen = self.channels.entry(channel.clone()).or_default();
            let used = seen.used(at);
            counts.at_once.insert((rule, channel), used);
        }
        counts
    }
}

impl Seen {
    fn take(&mut self, routed: &Routed, group_s: u32, is_at_once: bool, at: Time) {
        let alert = routed.subject.alert;
        match &routed.place {
            Place::Now { due } => {
                self.at_once.push_back((at, alert));
                let open = self.open.filter(|(end, many)| {
                    group_s > 0 && *end > at && end <= due && *many < MOST_GATHERED
                });
                self.messages += u32::from(open.is_none());
                let (due, many) = open.unwrap_or((*due, 0));
                self.open = Some((due, many + 1));
            }
            Place::Digest(slot) => {
                self.slots.insert(slot.name.clone());
                if is_at_once {
                    self.capped.insert(alert);
                }
            }
            Place::Quiet(slot) => {
                self.slots.insert(slot.name.clone());
                self.quiet.insert(alert);
            }
        }
    }

    /// Alerts that went out at once within the last hour, and the last day.
    fn used(&mut self, now: Time) -> (u32, u32) {
        while let Some((at, _)) = self.at_once.front()
            && *at <= now.plus_s(-DAY_S)
        {
            self.at_once.pop_front();
        }
        let since = |from: Time| {
            let recent = self.at_once.iter().filter(|(at, _)| *at > from);
            let alerts: BTreeSet<AlertId> = recent.map(|(_, alert)| *alert).collect();
            u32::try_from(alerts.len()).unwrap_or(u32::MAX)
        };
        (since(now.plus_s(-HOUR_S)), since(now.plus_s(-DAY_S)))
    }
}

impl Routing {
    /// To which channels each of these goes, whenever: those that go nowhere are left out.
    #[must_use]
    pub fn channels_of(&self, fresh: &[Fresh], now: Time) -> Vec<(Subject, Vec<ChannelId>)> {
        let all = heard(fresh, self, now).into_iter();
        let told = all.map(|heard| {
            let channels = heard.channels(self).into_keys().cloned().collect();
            (heard.fresh.subject, channels)
        });
        told.collect()
    }
}

//! Rules + fresh alerts -> deliveries. Pure: the time, what went before and the settings are passed in.
//!
//! Each rule says which alerts and changes go to which channels, and when. What several rules ask of one
//! channel goes there once, at the earliest that any of them asks for; the delivery lists them all. What would
//! ring in a channel's quiet hours waits for their end; what a cap has no room for joins the channel's next
//! digest, the best-ranked being the last to do so.

mod again;
mod caps;
mod past;
mod quiet;
mod rules;
mod slots;
mod zone;

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::Arc;

pub use again::Again;
pub use caps::Counts;
pub use past::{InChannel, Past};
pub use quiet::Quiet;
pub use rules::Routing;
pub use slots::Slot;
pub use zone::Zone;

use crate::model::{AlertId, ChannelId, Flag, Keys, Severity, Subject, Time};
use crate::query::{self, Asked, Node};
use caps::Room;

/// One stored change that is news.
#[derive(Clone, Debug)]
pub struct Fresh {
    /// The alert, what happened to it, and when.
    pub subject: Subject,
    /// The level after it.
    pub severity: Option<Severity>,
    /// The alert after it. Several changes of one alert share it.
    pub alert: Arc<Told>,
}

/// What rules can ask of an alert.
#[derive(Clone, Debug, PartialEq)]
pub struct Told {
    /// Its own id.
    pub uid: String,
    /// The CVEs that it is or names.
    pub cves: Vec<String>,
    /// Its title.
    pub title: String,
    /// Its text.
    pub text: String,
    /// Its products, as the search index has them.
    pub products: String,
    /// Everything else that a query can ask for.
    pub keys: Keys,
    /// The level that is shown.
    pub severity: Option<Severity>,
    /// The terms of the watches that matched.
    pub matched: Vec<String>,
    /// Whether its source withdrew it.
    pub is_rejected: bool,
}

impl Told {
    fn subject(&self) -> query::Subject<'_> {
        query::Subject {
            uid: &self.uid,
            cves: &self.cves,
            title: &self.title,
            body: &self.text,
            products: &self.products,
            keys: &self.keys,
        }
    }
}

/// One change on its way to one channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Routed {
    /// Where it goes.
    pub channel: ChannelId,
    /// What it is about.
    pub subject: Subject,
    /// The names of all rules that asked for it.
    pub rules: Vec<String>,
    /// As part of what.
    pub place: Place,
}

/// What a change goes out in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// A message that is gathered until `due`.
    Now {
        /// The end of the gathering.
        due: Time,
    },
    /// A digest.
    Digest(Slot),
    /// What waits for the end of the quiet hours.
    Quiet(Slot),
}

/// Which channel gets what, the best-ranked first.
#[must_use]
pub fn route(fresh: &[Fresh], routing: &Routing, now: Time, counts: &Counts) -> Vec<Routed> {
    let mut placing = Placing::new(routing, now, counts);
    let mut routed = Vec::new();
    for heard in heard(fresh, routing, now) {
        for (channel, rules) in heard.channels(routing) {
            if let Some(place) = placing.place(heard.fresh, channel, &rules) {
                let names = rules.iter().map(|rule| routing.rules[*rule].name.clone());
                routed.push(Routed {
                    channel: channel.clone(),
                    subject: heard.fresh.subject,
                    rules: names.collect(),
                    place,
                });
            }
        }
    }
    routed
}

/// A change that some rules ask for, by their places.
struct Heard<'a> {
    fresh: &'a Fresh,
    rules: Vec<usize>,
}

impl Heard<'_> {
    /// The channels that it goes to, each with the rules that say so.
    fn channels<'r>(&self, routing: &'r Routing) -> BTreeMap<&'r ChannelId, Vec<usize>> {
        let mut channels: BTreeMap<_, Vec<usize>> = BTreeMap::new();
        for rule in &self.rules {
            for channel in &routing.rules[*rule].channels {
                channels.entry(channel).or_default().push(*rule);
            }
        }
        channels
    }
}

/// What any rule asks for, the best-ranked first: exploited, level, score, EPSS, newest.
fn heard<'a>(fresh: &'a [Fresh], routing: &Routing, now: Time) -> Vec<Heard<'a>> {
    let nodes: Vec<Node> = routing.rules.iter().map(|rule| rule.node(now)).collect();
    let mut by_alert: BTreeMap<AlertId, Vec<&Fresh>> = BTreeMap::new();
    for one in fresh {
        by_alert.entry(one.subject.alert).or_default().push(one);
    }
    let mut all = Vec::new();
    for changes in by_alert.values() {
        // As it is when everything is stored: of a new one that changed at once, what it became.
        let Some(told) = changes.last().map(|last| &last.alert) else {
            continue;
        };
        let subject = told.subject();
        // The words of its texts are made once, for all rules.
        let asked = Asked::of(&subject);
        let mut wants: Vec<Option<bool>> = vec![None; nodes.len()];
        for one in changes {
            let mut rules = Vec::new();
            for (place, (rule, node)) in routing.rules.iter().zip(&nodes).enumerate() {
                let is_wanted = rule.waits_for(one)
                    && *wants[place].get_or_insert_with(|| rule.wants(told, node, &asked));
                if is_wanted {
                    rules.push(place);
                }
            }
            if !rules.is_empty() {
                all.push(Heard { fresh: one, rules });
            }
        }
    }
    all.sort_by(|a, b| {
        rank(b.fresh)
            .partial_cmp(&rank(a.fresh))
            .unwrap_or(std::cmp::Ordering::Equal)
    });
    all
}

fn rank(fresh: &Fresh) -> (bool, Option<Severity>, f64, f64, AlertId, Reverse<Time>) {
    let keys = &fresh.alert.keys;
    (
        keys.flags.has(Flag::Exploited),
        fresh.severity,
        keys.cvss.unwrap_or(-1.0),
        keys.epss.unwrap_or(-1.0),
        fresh.subject.alert,
        Reverse(fresh.subject.at),
    )
}

/// Gives changes their places; remembers what caps and slots it looked up.
struct Placing<'a> {
    routing: &'a Routing,
    now: Time,
    counts: &'a Counts,
    room: Room,
    /// The next digest by channel and rule; no rule: the channel's own.
    digests: BTreeMap<(&'a ChannelId, Option<usize>), Option<Slot>>,
    quiet: BTreeMap<&'a ChannelId, Option<Slot>>,
}

impl<'a> Placing<'a> {
    fn new(routing: &'a Routing, now: Time, counts: &'a Counts) -> Self {
        let mut room = Room::default();
        for (place, rule) in routing.rules.iter().enumerate() {
            for channel in rule.channels.iter().filter(|_| !rule.cap.is_none()) {
                let key = (rule.name.clone(), channel.clone());
                let used = counts.at_once.get(&key).copied();
                room.set(place, channel, used.unwrap_or_default());
            }
        }
        Self {
            routing,
            now,
            counts,
            room,
            digests: BTreeMap::new(),
            quiet: BTreeMap::new(),
        }
    }

    /// The place of a change in a channel that these rules ask for.
    fn place(&mut self, fresh: &Fresh, channel: &'a ChannelId, rules: &[usize]) -> Option<Place> {
        let routing = self.routing;
        let door = routing.doors.get(channel)?;
        let alert = fresh.subject.alert;
        let exploited = fresh.alert.keys.flags.has(Flag::Exploited);
        let is_at_once = |rule: &&usize| routing.rules[**rule].is_at_once;
        let at_once: Vec<usize> = rules.iter().filter(is_at_once).copied().collect();
        if !at_once.is_empty() {
            if let Some(quiet) = &door.quiet
                && !quiet.passes(fresh.severity, exploited)
                && let Some(slot) = self.quiet_until(channel)
            {
                return Some(Place::Quiet(slot));
            }
            let room = &mut self.room;
            let has_room = |rule: &usize| room.has(*rule, routing.rules[*rule].cap, channel, alert);
            if at_once.iter().any(has_room) {
                for rule in &at_once {
                    if !routing.rules[*rule].cap.is_none() {
                        room.take(*rule, channel, alert);
                    }
                }
                return Some(Place::Now {
                    due: self.now.plus_s(door.group_s.into()),
                });
            }
        }
        // The first of the digests of those that want one, and of the channel's where a cap holds it back.
        let mut slots = Vec::new();
        if !at_once.is_empty() {
            slots.extend(self.digest(channel, None));
        }
        for rule in rules.iter().filter(|rule| !at_once.contains(rule)) {
            slots.extend(self.digest(channel, Some(*rule)));
        }
        slots.into_iter().min().map(Place::Digest)
    }

    fn digest(&mut self, channel: &'a ChannelId, rule: Option<usize>) -> Option<Slot> {
        let (routing, now, counts) = (self.routing, self.now, self.counts);
        let known = self.digests.entry((channel, rule)).or_insert_with(|| {
            let own = rule.and_then(|rule| routing.rules[rule].digest.as_ref());
            let times = own.or_else(|| routing.doors.get(channel).map(|door| &door.digest))?;
            times.next(now, |slot| counts.is_over(channel, slot))
        });
        known.clone()
    }

    fn quiet_until(&mut self, channel: &'a ChannelId) -> Option<Slot> {
        let (routing, now, counts) = (self.routing, self.now, self.counts);
        let known = self.quiet.entry(channel).or_insert_with(|| {
            let quiet = routing.doors.get(channel)?.quiet.as_ref()?;
            quiet.until(now, |slot| counts.is_over(channel, slot))
        });
        known.clone()
    }
}

#[cfg(test)]
#[path = "route/route_tests.rs"]
mod tests;

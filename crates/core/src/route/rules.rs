//! The settings' rules and channels, made ready for asking: queries parsed, channels resolved, times read.
//! Made once for each change of the settings.

use std::collections::{BTreeMap, BTreeSet};

use super::caps::Cap;
use super::quiet::Quiet;
use super::slots::Times;
use super::zone::Zone;
use super::{Fresh, Told};
use crate::error::Fault;
use crate::model::{
    ChangeKind, ChannelId, DigestTimes, Flag, QuietHours, Rule, RuleId, Severity, Time, Trigger,
    When,
};
use crate::query::{self, Asked, Node, Query};
use crate::settings::{ChannelKind, ChannelSettings, Settings};

const YEAR_MS: i64 = 366 * 86_400_000;
/// Every channel but those of the desktop; any watch.
const ALL: &str = "*";

/// The rules and channels in force. The default routes nothing.
#[derive(Clone, Debug, Default)]
pub struct Routing {
    pub(super) rules: Vec<Ready>,
    pub(super) doors: BTreeMap<ChannelId, Door>,
    notices: Vec<Fault>,
}

/// A channel, as routing sees it.
#[derive(Clone, Debug)]
pub(super) struct Door {
    pub group_s: u32,
    pub quiet: Option<Quiet>,
    pub digest: Times,
}

/// A rule, ready to be asked.
#[derive(Clone, Debug)]
pub(super) struct Ready {
    pub name: String,
    query: Query,
    watches: Watches,
    min_severity: Option<Severity>,
    changes: Vec<Trigger>,
    /// Those that are on.
    pub channels: Vec<ChannelId>,
    /// Whether it wants no digest.
    pub is_at_once: bool,
    /// The times of its digests; `None`: the channel's.
    pub digest: Option<Times>,
    pub cap: Cap,
}

#[derive(Clone, Debug)]
enum Watches {
    /// None needs to match.
    Unasked,
    Any,
    /// In lower case.
    OneOf(BTreeSet<String>),
}

impl Routing {
    /// What the settings say, on a machine with a desktop.
    #[must_use]
    pub fn new(settings: &Settings) -> Self {
        Self::on_host(settings, true)
    }

    /// What the settings say. A server has no desktop to ring on.
    #[must_use]
    pub fn on_host(settings: &Settings, is_desktop: bool) -> Self {
        let here = Zone::here();
        let is_here = |set: &ChannelSettings| is_desktop || set.kind != ChannelKind::Desktop;
        let channels = settings.channels.iter();
        let on = channels.filter(|(_, set)| set.enabled && is_here(set));
        let mut routing = Self::default();
        for (id, set) in on {
            routing.open(id, set, &here);
        }
        for (id, rule) in settings.rules.iter().filter(|(_, rule)| rule.enabled) {
            let channels = resolve(rule, settings, |id| routing.doors.contains_key(id));
            routing.add(id, rule, channels, &here);
        }
        routing
    }

    /// One rule alone, whether it is on or not, with all of its channels, those that are off too.
    #[must_use]
    pub fn of_rule(settings: &Settings, id: &RuleId, rule: &Rule, is_desktop: bool) -> Self {
        let here = Zone::here();
        let mut routing = Self::default();
        let all = resolve(rule, settings, |id| {
            let asked = rule.channels.contains(id);
            settings.channels.get(id).is_some_and(|set| {
                (asked || set.enabled) && (is_desktop || set.kind != ChannelKind::Desktop)
            })
        });
        for id in &all {
            if let Some(set) = settings.channels.get(id) {
                routing.open(id, set, &here);
            }
        }
        routing.add(id, rule, all, &here);
        routing
    }

    /// What of the settings could not be used, to be shown.
    #[must_use]
    pub fn notices(&self) -> &[Fault] {
        &self.notices
    }

    /// The channels that anything may go to.
    pub fn channels(&self) -> impl Iterator<Item = &ChannelId> {
        self.doors.keys()
    }

    /// Whether any rule waits for such a change. `severity` is the level after it.
    #[must_use]
    pub fn hears(&self, change: ChangeKind, severity: Option<Severity>) -> bool {
        let waits = |trigger: &Trigger| trigger.hears(change, severity);
        let mut rules = self.rules.iter();
        rules.any(|rule| !rule.channels.is_empty() && rule.changes.iter().any(waits))
    }

    /// What all alerts fulfil that any rule wants, whatever happened to them and whenever it is asked. `None`: that
    /// cannot be said, or it is all of them.
    #[must_use]
    pub fn narrowed(&self) -> Option<Node> {
        let mut all = Vec::new();
        for rule in &self.rules {
            let node = rule.query.lower(Time(0));
            // What is asked of days before now is another question each day.
            if rule.query.is_empty() || node != rule.query.lower(Time(YEAR_MS)) {
                return None;
            }
            all.push(node);
        }
        Some(Node::Or(all))
    }

    /// The rules with a cap, by name, and their channels: what [`super::Counts`] is to know.
    pub fn capped(&self) -> impl Iterator<Item = (&str, &ChannelId)> {
        let capped = self.rules.iter().filter(|rule| !rule.cap.is_none());
        capped.flat_map(|rule| rule.channels.iter().map(|id| (rule.name.as_str(), id)))
    }

    fn open(&mut self, id: &ChannelId, set: &ChannelSettings, here: &Zone) {
        let what = format!("The digest times of the channel {}", set.name);
        let digest = self.times(&set.digest, &what, here);
        let quiet = set.quiet.as_ref();
        let quiet = quiet.and_then(|quiet| self.quiet(quiet, &set.name, here));
        let door = Door {
            group_s: set.group_s,
            quiet,
            digest,
        };
        self.doors.insert(id.clone(), door);
    }

    fn add(&mut self, id: &RuleId, rule: &Rule, channels: Vec<ChannelId>, here: &Zone) {
        let query = match query::parse(&rule.query) {
            Ok(query) => query,
            Err(error) => {
                let message = format!(
                    "The rule {} is left out, because its query cannot be read: {}",
                    rule.name, error.message
                );
                let fault = Fault::new("rule_query_invalid", message);
                self.notices
                    .push(fault.with("rule", id).with("name", &rule.name));
                return;
            }
        };
        let digest = match &rule.when {
            When::Now => None,
            When::Digest { times } if times.at.is_empty() => None,
            When::Digest { times } => {
                let what = format!("The digest times of the rule {}", rule.name);
                Some(self.times(times, &what, here))
            }
        };
        self.rules.push(Ready {
            name: rule.name.clone(),
            query,
            watches: Watches::of(&rule.watches),
            min_severity: rule.min_severity,
            changes: rule.changes.clone(),
            channels,
            is_at_once: rule.when == When::Now,
            digest,
            cap: Cap {
                per_hour: rule.per_hour,
                per_day: rule.per_day,
            },
        });
    }

    fn times(&mut self, set: &DigestTimes, what: &str, here: &Zone) -> Times {
        let (times, is_read) = Times::new(set, here);
        if !is_read {
            self.notice_times(what);
        }
        times
    }

    fn quiet(&mut self, set: &QuietHours, channel: &str, here: &Zone) -> Option<Quiet> {
        let (quiet, is_read) = Quiet::new(set, here);
        if !is_read {
            self.notice_times(&format!("The quiet hours of the channel {channel}"));
        }
        quiet
    }

    fn notice_times(&mut self, what: &str) {
        let message = format!(
            "{what} cannot be read; what could not is left out. Times are written 08:00, zones Europe/Berlin."
        );
        self.notices
            .push(Fault::new("routing_times_invalid", message).with("what", what));
    }
}

/// The channels that a rule names, each once, in their order.
fn resolve(
    rule: &Rule,
    settings: &Settings,
    is_open: impl Fn(&ChannelId) -> bool,
) -> Vec<ChannelId> {
    let is_for_all = rule.channels.iter().any(|id| id.0 == ALL);
    let channels = settings.channels.iter();
    let named = channels.filter(|(id, set)| {
        let is_meant = is_for_all && set.kind != ChannelKind::Desktop;
        is_meant || rule.channels.contains(id)
    });
    named
        .filter(|(id, _)| is_open(id))
        .map(|(id, _)| id.clone())
        .collect()
}

impl Watches {
    fn of(terms: &[String]) -> Self {
        if terms.is_empty() {
            Self::Unasked
        } else if terms.iter().any(|term| term == ALL) {
            Self::Any
        } else {
            Self::OneOf(terms.iter().map(|term| term.to_lowercase()).collect())
        }
    }

    fn pass(&self, told: &Told) -> bool {
        match self {
            Self::Unasked => true,
            Self::Any => !told.matched.is_empty(),
            Self::OneOf(terms) => {
                let mut matched = told.matched.iter();
                matched.any(|term| terms.contains(&term.to_lowercase()))
            }
        }
    }
}

impl Ready {
    /// Its query at a moment.
    pub fn node(&self, now: Time) -> Node {
        self.query.lower(now)
    }

    /// Whether it asks for such an alert, whatever happened to it. What a mute silences nobody is told of.
    pub fn wants(&self, told: &Told, node: &Node, asked: &Asked<'_>) -> bool {
        let is_muted = told.keys.flags.has(Flag::Muted);
        !is_muted && self.watches.pass(told) && asked.matches(node)
    }

    /// Whether it waits for what happened. Of what its source withdrew only that is news.
    pub fn waits_for(&self, fresh: &Fresh) -> bool {
        let exploited = fresh.alert.keys.flags.has(Flag::Exploited);
        let is_high_enough = self
            .min_severity
            .is_none_or(|min| exploited || fresh.severity.is_some_and(|level| level >= min));
        let change = fresh.subject.change;
        let is_news = !fresh.alert.is_rejected || change == ChangeKind::Rejected;
        let mut triggers = self.changes.iter();
        is_high_enough && is_news && triggers.any(|t| t.hears(change, fresh.severity))
    }
}

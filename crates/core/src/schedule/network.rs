//! Whether this machine is offline, or a source at fault. One host that cannot be reached while others
//! answer is that source's fault; where nobody answers, the machine is offline. Nobody but the sources'
//! own hosts is ever asked. Pure: it is told what happened.

use std::collections::BTreeMap;

use crate::error::Fault;
use crate::model::Time;

/// An answer of another host proves a connection for so long, seconds: a network goes quickly.
const ANSWER_PROVES_S: i64 = 60;
/// A failure of another host counts for so long, seconds.
const FAILURE_COUNTS_S: i64 = 300;
/// Hosts of other sources that are asked whether they answer.
const MOST_ASKED: usize = 3;
/// Between two tries while offline: doubling, seconds.
const TRY_S: (i64, i64) = (60, 300);

/// Who is at fault for a connection that failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Another host answers, or there is none to compare with.
    TheHost,
    /// No host answers.
    Offline,
    /// It depends on whether these hosts of other sources answer.
    Ask(Vec<String>),
}

/// What is known of the connection.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Network {
    /// By host: when it was tried last, and whether it answered.
    hosts: BTreeMap<String, (Time, bool)>,
    /// Since when no host answers, how often it was tried since, and when it is tried next.
    offline: Option<Offline>,
}

/// That no host answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Offline {
    /// Since when.
    pub since: Time,
    /// When a source is tried again.
    pub next_try: Time,
    tries: u32,
}

impl Network {
    /// A host answered, whatever it said. Whether that ends being offline.
    pub fn answered(&mut self, host: &str, now: Time) -> bool {
        self.hosts.insert(host.to_owned(), (now, true));
        self.offline.take().is_some()
    }

    /// A host could not be reached; `others` are the hosts of the other sources.
    pub fn failed(&mut self, host: &str, others: &[String], now: Time) -> Verdict {
        self.hosts.insert(host.to_owned(), (now, false));
        if self.offline.is_some() {
            return Verdict::Offline;
        }
        let lately = |name: &String, answered: bool, seconds: i64| {
            self.hosts.get(name).is_some_and(|(at, did)| {
                *did == answered && at.plus_s(seconds) >= now && *at <= now
            })
        };
        let others = || others.iter().filter(|name| *name != host);
        if others().next().is_none() || others().any(|name| lately(name, true, ANSWER_PROVES_S)) {
            return Verdict::TheHost;
        }
        let unknown: Vec<String> = others()
            .filter(|name| !lately(name, false, FAILURE_COUNTS_S))
            .take(MOST_ASKED)
            .cloned()
            .collect();
        if unknown.is_empty() {
            Verdict::Offline
        } else {
            Verdict::Ask(unknown)
        }
    }

    /// No host answers: keeps since when, and puts the next try off.
    pub fn go_offline(&mut self, now: Time) -> Offline {
        let (least, most) = TRY_S;
        let before = self.offline.filter(|o| o.since <= now);
        let tries = before.map_or(0, |o| o.tries.saturating_add(1));
        let wait = least.saturating_mul(1 << tries.min(10)).min(most);
        let offline = Offline {
            since: before.map_or(now, |o| o.since),
            next_try: now.plus_s(wait),
            tries,
        };
        self.offline = Some(offline);
        offline
    }

    /// Tries again at once: somebody moved the clock, or the machine woke.
    pub fn try_again(&mut self, now: Time) {
        if let Some(offline) = &mut self.offline {
            offline.next_try = now;
            offline.tries = 0;
        }
    }

    /// Whether no host answers.
    #[must_use]
    pub fn offline(&self) -> Option<Offline> {
        self.offline
    }
}

/// Whether a fault says that a host was not reached at all.
#[must_use]
pub fn is_unreached(fault: &Fault) -> bool {
    matches!(
        fault.code.as_str(),
        "offline" | "dns_failed" | "connect_failed"
    )
}

/// The fault of a source that was not reached because nothing is.
#[must_use]
pub fn offline_fault(since: Time) -> Fault {
    Fault::new(
        "offline",
        "This machine has no network connection, or its DNS or proxy does not work. Tocsin goes on by itself when it is back.",
    )
    .with("since", since)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(s: i64) -> Time {
        Time(1_790_000_000_000).plus_s(s)
    }

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn one_host_that_fails_while_others_answer_is_at_fault() {
        let mut network = Network::default();
        let all = names(&["a", "b", "c"]);
        network.answered("a", at(0));
        assert_eq!(network.failed("b", &all, at(10)), Verdict::TheHost);
        // What answered long ago proves nothing now; what failed lately is not asked.
        let verdict = network.failed("c", &all, at(200));
        assert_eq!(verdict, Verdict::Ask(names(&["a"])));
        assert_eq!(network.failed("a", &all, at(210)), Verdict::Offline);
    }

    #[test]
    fn who_has_nobody_to_compare_with_is_at_fault() {
        let mut network = Network::default();
        assert_eq!(network.failed("a", &names(&["a"]), at(0)), Verdict::TheHost);
        assert_eq!(network.failed("a", &[], at(60)), Verdict::TheHost);
        // The clock was set back: what lies ahead proves nothing.
        network.answered("b", at(1000));
        let verdict = network.failed("a", &names(&["b"]), at(0));
        assert_eq!(verdict, Verdict::Ask(names(&["b"])));
    }

    #[test]
    fn few_are_asked() {
        let many: Vec<String> = (0..20).map(|n| format!("h{n}")).collect();
        let verdict = Network::default().failed("h7", &many, at(0));
        assert_eq!(verdict, Verdict::Ask(names(&["h0", "h1", "h2"])));
    }

    #[test]
    fn offline_lasts_until_a_host_answers_and_is_tried_less_and_less_often() {
        let mut network = Network::default();
        let waits: Vec<i64> = [0, 60, 180, 420, 720]
            .map(|s| (network.go_offline(at(s)).next_try.ms() - at(s).ms()) / 1000)
            .to_vec();
        assert_eq!(waits, [60, 120, 240, 300, 300]);
        assert_eq!(network.offline().unwrap().since, at(0));
        assert_eq!(
            network.failed("z", &names(&["a"]), at(800)),
            Verdict::Offline
        );
        network.try_again(at(900));
        assert_eq!(network.offline().unwrap().next_try, at(900));
        assert!(network.answered("a", at(901)));
        assert!(!network.answered("a", at(902)));
        assert_eq!(
            network.failed("z", &names(&["a"]), at(903)),
            Verdict::TheHost
        );
    }
}

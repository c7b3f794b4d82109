//! What a run's end says of its source: how it does, when it is due next, and whether it is at fault or
//! the network.

use futures_util::future::join_all;

use super::{App, Configured, InForce};
use crate::error::Fault;
use crate::http::{host_of, is_loopback_url};
use crate::model::{Health, RunNote, RunOutcome, RunTrigger, SourceId, Time};
use crate::pipeline::Ended;
use crate::schedule::network::{Network, Verdict, is_unreached, offline_fault};
use crate::schedule::{self, Rhythm, rhythm};
use crate::settings::SourceSettings;
use crate::store::{StoreError, Write, sources};

impl App {
    pub(super) fn with_network<T>(&self, work: impl FnOnce(&mut Network) -> T) -> T {
        let network = self.0.network.lock();
        work(&mut network.unwrap_or_else(std::sync::PoisonError::into_inner))
    }

    /// Tells a source that cannot be reached from a machine that is offline. Only the sources' own hosts
    /// are asked, and only where it is not known from them already.
    pub(super) async fn judge(
        &self,
        source: &SourceId,
        in_force: &InForce,
        mut ended: Ended,
    ) -> Ended {
        let sources = &in_force.settings.sources;
        let host = sources.get(source).and_then(far_host);
        let (Some(host), now) = (host, self.now()) else {
            // What this machine serves itself says nothing of the network.
            return ended;
        };
        let Some(fault) = ended.fault.clone().filter(is_unreached) else {
            if has_answered(&ended) && self.with_network(|n| n.answered(&host, now)) {
                tracing::info!("the network is back");
                self.0.wake_schedule.notify_one();
            }
            return ended;
        };
        let mut others: Vec<String> = sources
            .values()
            .filter(|set| set.enabled)
            .filter_map(far_host)
            .filter(|other| *other != host)
            .collect();
        others.sort_unstable();
        others.dedup();
        let is_offline = match self.with_network(|n| n.failed(&host, &others, now)) {
            Verdict::TheHost => others.is_empty() && fault.code == "offline",
            Verdict::Offline => true,
            Verdict::Ask(hosts) => !self.any_answers(&hosts, in_force).await,
        };
        if is_offline {
            let offline = self.with_network(|n| n.go_offline(now));
            ended.fault = Some(offline_fault(offline.since));
        } else if fault.code == "offline" {
            let message =
                format!("{host} cannot be reached, though other sites can. Check its address.");
            let fault = Fault::new("connect_failed", message);
            ended.fault = Some(fault.with("host", host));
        }
        ended
    }

    /// Asks hosts of other sources whether they answer, all at once.
    async fn any_answers(&self, hosts: &[String], in_force: &InForce) -> bool {
        let asked = hosts.iter().map(|host| async move {
            let mut all = in_force.settings.sources.values();
            let of_host = |set: &&SourceSettings| far_host(set).as_ref() == Some(host);
            let Some(set) = all.find(of_host) else {
                return false;
            };
            let http = &self.0.pipeline.http;
            let answers = http
                .reaches(&set.url, set.allow_private, self.token())
                .await;
            let now = self.now();
            self.with_network(|network| {
                if answers {
                    network.answered(host, now);
                } else {
                    network.failed(host, &[], now);
                }
            });
            answers
        });
        join_all(asked).await.contains(&true)
    }

    pub(super) async fn note_health(
        &self,
        source: &SourceId,
        configured: &Configured,
        trigger: RunTrigger,
        ended: &Ended,
    ) -> Result<(), StoreError> {
        let end = End {
            source: source.clone(),
            rhythm: configured.rhythm,
            is_adaptive: configured.is_adaptive,
            trigger,
            ended: ended.clone(),
            next_try: self.with_network(|n| n.offline()).map(|o| o.next_try),
            is_exit: self.0.cancel.is_cancelled(),
            now: self.now(),
            dice: rand::random(),
        };
        self.db().write(move |w| end.note(w)).await
    }
}

/// The host of a source that is not on this machine itself.
pub(super) fn far_host(set: &SourceSettings) -> Option<String> {
    host_of(&set.url).filter(|_| !is_loopback_url(&set.url))
}

/// Whether the end of a run proves that its host was reached.
fn has_answered(ended: &Ended) -> bool {
    const BEFORE: [&str; 6] = [
        "timed_out",
        "address_refused",
        "bad_url",
        "bad_header",
        "tls_setup_failed",
        "disk_full",
    ];
    match &ended.fault {
        Some(fault) => !BEFORE.contains(&fault.code.as_str()),
        None => ended.outcome == RunOutcome::Succeeded,
    }
}

/// The end of a run, with everything that follows from it.
struct End {
    source: SourceId,
    rhythm: Rhythm,
    is_adaptive: bool,
    trigger: RunTrigger,
    ended: Ended,
    /// When a source is tried again, while offline.
    next_try: Option<Time>,
    is_exit: bool,
    now: Time,
    dice: f64,
}

impl End {
    fn note(mut self, w: &Write<'_>) -> Result<(), StoreError> {
        let mut health = sources::health(w, &self.source)?;
        match self.ended.outcome {
            RunOutcome::Succeeded => self.succeeded(w, &mut health)?,
            RunOutcome::Failed => self.failed(w, &mut health)?,
            // What the end of the app stopped goes on at the next start.
            RunOutcome::Cancelled if self.is_exit => return Ok(()),
            RunOutcome::Running
            | RunOutcome::Cancelled
            | RunOutcome::Interrupted
            | RunOutcome::Skipped => {
                self.rhythm_of(&health);
                health.next_attempt =
                    Some(schedule::after_success(self.rhythm, self.now, self.dice));
            }
        }
        sources::set_health(w, &self.source, &health)
    }

    /// The interval that is in force.
    fn rhythm_of(&mut self, health: &Health) {
        if let (true, Some(minutes)) = (self.is_adaptive, health.rhythm_min) {
            self.rhythm.interval_min = minutes;
        }
    }

    fn succeeded(&mut self, w: &Write<'_>, health: &mut Health) -> Result<(), StoreError> {
        let before = sources::rhythm(w, &self.source)?;
        let hint = rhythm::remember(before, self.ended.rhythm.clone(), self.now);
        sources::set_rhythm(w, &self.source, &hint)?;
        health.last_success = Some(self.now);
        health.fault = None;
        health.failures = 0;
        health.first_failure = None;
        health.first_done = true;
        health.newest_item = hint
            .entry_times
            .iter()
            .copied()
            .max()
            .max(health.newest_item);
        health.empty_since = match self.ended.note {
            Some(RunNote::Empty) => health.empty_since.or(Some(self.now)),
            Some(RunNote::NotModified) => health.empty_since,
            _ => None,
        };
        health.rhythm_min = rhythm::adaptive_min(&hint, self.now).filter(|_| self.is_adaptive);
        self.rhythm_of(health);
        health.next_attempt = Some(schedule::after_success(self.rhythm, self.now, self.dice));
        Ok(())
    }

    fn failed(&mut self, w: &Write<'_>, health: &mut Health) -> Result<(), StoreError> {
        let fault = self.ended.fault.take();
        if fault.as_ref().is_some_and(|f| f.code == "offline") {
            health.next_attempt = Some(self.next_try.unwrap_or(self.now));
            health.fault = fault;
            // A try that found the machine offline is no run. Who asked for one sees what came of it.
            if self.trigger != RunTrigger::Asked && self.ended.counts.read == 0 {
                sources::drop_run(w, self.ended.run)?;
                sources::skip_run(w, &self.source, self.now, self.trigger, &RunNote::Offline)?;
            }
            return Ok(());
        }
        health.failures = health.failures.saturating_add(1);
        health.first_failure = health.first_failure.or(Some(self.now));
        self.rhythm_of(health);
        let again = schedule::after_failure(self.rhythm, health.failures, self.now, self.dice);
        let asked = fault.as_ref().and_then(|f| f.params.get("retry_after_s"));
        let asked = asked.and_then(|s| s.parse().ok()).unwrap_or(0);
        let until = match &fault {
            Some(fault) if fault.code == "feed_gone" => self
                .now
                .plus_s(i64::from(self.rhythm.longest_backoff_min) * 60),
            _ => schedule::asked_for(again, asked, self.now),
        };
        health.next_attempt = Some(until);
        health.fault = fault;
        // The run that would have been due before that is not made; the log says why.
        if until > self.now.plus_s(i64::from(self.rhythm.interval_min) * 60) {
            let note = if until > again && asked > 0 {
                RunNote::Waiting { until }
            } else {
                RunNote::BackOff { until }
            };
            sources::skip_run(w, &self.source, self.now, RunTrigger::Schedule, &note)?;
        }
        Ok(())
    }
}

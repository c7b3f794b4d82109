//! The schedule at work: it sleeps until a source is due, and has those that are due at once begin one
//! after the other. A machine that slept, or a clock that was moved, shows within a minute.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use tokio::time::Instant;

use super::App;
use super::health::far_host;
use crate::http::host_of;
use crate::model::{RunNote, RunTrigger, SourceId, Time};
use crate::schedule::spread::{Due, spread};
use crate::schedule::{self, LONGEST_SLEEP, Rhythm};
use crate::store::{StoreError, sources};

/// After a sleep the network needs a moment, seconds.
const AFTER_SLEEP_S: i64 = 5;
/// Between two beginnings that were not planned together, seconds.
const STEP_S: i64 = 3;
/// A run whose host is busy for longer is noted as skipped; it is made when the host is free, seconds.
const BUSY_NOTED_AFTER_S: i64 = 60;
/// When the schedule is looked at again after an error, seconds.
const AFTER_ERROR_S: i64 = 60;

/// What is planned.
#[derive(Default)]
struct Plan {
    /// Whether the schedule was looked at since the start.
    has_looked: bool,
    /// Nothing begins before this.
    not_before: Option<Time>,
    starts: BTreeMap<SourceId, Start>,
    /// Sources of which the log says that they were not made.
    skipped: BTreeSet<SourceId>,
}

/// The clock, compared with the time that passed.
struct Watched {
    before: Time,
    begun: Instant,
    /// No wait since then was meant to be longer.
    longest: Duration,
}

impl Watched {
    fn new(now: Time) -> Self {
        Self {
            before: now,
            begun: Instant::now(),
            longest: LONGEST_SLEEP,
        }
    }

    /// Whether the clock moved since the last call by other than what passed.
    fn has_jumped(&mut self, now: Time) -> bool {
        let waited = self.begun.elapsed().min(self.longest);
        let has_jumped = schedule::jumped(now.ms() - self.before.ms(), waited);
        *self = Self::new(now);
        has_jumped
    }
}

/// A run that will begin.
struct Start {
    at: Time,
    trigger: RunTrigger,
    host: String,
    busy_since: Option<Time>,
    is_noted: bool,
}

/// A source that is collected on schedule.
struct Wanted {
    id: SourceId,
    rhythm: Rhythm,
    host: String,
    is_far: bool,
}

impl App {
    /// Collects on schedule from now on, in an app that was started without: a test sets something first.
    pub fn run_schedule(&self) {
        let app = self.clone();
        let cancel = self.token();
        let mut moved = self.clock().watch();
        self.track(async move {
            let mut plan = Plan::default();
            let mut watched = Watched::new(app.now());
            loop {
                app.reload_if_changed().await;
                // The machine may have slept just now, between being woken and looking.
                let now = app.now();
                if watched.has_jumped(now) {
                    app.after_jump(&mut plan, now);
                }
                let next = match app.look(&mut plan, now).await {
                    Ok(next) => next,
                    Err(error) => {
                        tracing::error!("the schedule could not be read: {error}");
                        Some(app.now().plus_s(AFTER_ERROR_S))
                    }
                };
                app.0.looked.send_replace(Some(now));
                // Each minute the clock is compared, and the settings' files; nothing else is touched
                // until something is due. What was looked at counts too: the clock may move meanwhile.
                watched.longest = watched.begun.elapsed() + LONGEST_SLEEP;
                loop {
                    let sleep = schedule::sleep_until(next, app.now());
                    let is_woken = tokio::select! {
                        () = cancel.cancelled() => return,
                        () = app.0.wake_schedule.notified() => true,
                        _ = moved.changed() => true,
                        () = tokio::time::sleep(sleep) => false,
                    };
                    let now = app.now();
                    if watched.has_jumped(now) {
                        app.after_jump(&mut plan, now);
                        break;
                    }
                    if is_woken || next.is_some_and(|next| next <= now) {
                        break;
                    }
                    app.reload_if_changed().await;
                }
            }
        });
    }

    /// Waits until the schedule was looked at as of a moment, where there is one: for a test that moves the clock
    /// and must not run ahead of a busy machine.
    pub async fn schedule_has_looked(&self, moment: Time) {
        let mut looked = self.0.looked.subscribe();
        // The sender is the app's own, so it is there.
        let _ = looked.wait_for(|at| at.is_none_or(|at| at >= moment)).await;
    }

    /// The machine slept, or somebody moved the clock: what was planned is planned anew.
    fn after_jump(&self, plan: &mut Plan, now: Time) {
        tracing::info!("the clock jumped: the machine slept, or it was set");
        plan.starts.clear();
        plan.not_before = Some(now.plus_s(AFTER_SLEEP_S));
        self.with_network(|network| network.try_again(now));
    }

    /// Begins what is to begin and says when to look again.
    async fn look(&self, plan: &mut Plan, now: Time) -> Result<Option<Time>, StoreError> {
        let wanted = self.wanted();
        let running = self.0.runs.hosts();
        let is_wanted = |id: &SourceId| wanted.iter().any(|w| w.id == *id);
        plan.starts
            .retain(|id, _| is_wanted(id) && !running.contains_key(id));
        plan.skipped.retain(|id| is_wanted(id));
        let offline = self.with_network(|network| network.offline());
        if offline.is_some() {
            let far = |id: &SourceId| wanted.iter().any(|w| w.id == *id && w.is_far);
            plan.starts.retain(|id, _| !far(id));
        }

        let mut due = Vec::new();
        let mut blocked = Vec::new();
        let mut next: Option<Time> = None;
        for (one, at) in self.due_times(wanted, now).await? {
            if running.contains_key(&one.id) {
            } else if at > now {
                // What was planned was made meanwhile: somebody asked for it.
                plan.starts.remove(&one.id);
                sooner(&mut next, at);
            } else if plan.starts.contains_key(&one.id) {
            } else if offline.is_some() && one.is_far {
                blocked.push((at, one));
            } else {
                due.push((at, one));
            }
        }
        if self.in_force().is_paused {
            let due = due.into_iter().map(|(_, one)| one.id).collect();
            self.note_skips(plan, due, &RunNote::Paused, now).await?;
            return Ok(None);
        }
        if let Some(offline) = offline {
            // One source is tried, where it lives; the others wait for what comes of it.
            blocked.sort_by_key(|(at, _)| *at);
            let is_trying = self.is_far_running(&running);
            if now >= offline.next_try && !is_trying && !blocked.is_empty() {
                due.push(blocked.remove(0));
            } else if !is_trying {
                sooner(&mut next, offline.next_try);
            }
            let ids = blocked.into_iter().map(|(_, one)| one.id).collect();
            self.note_skips(plan, ids, &RunNote::Offline, now).await?;
        }
        plan.add(due, now);
        plan.has_looked = true;
        if let Some(at) = self.begin_planned(plan, now).await? {
            sooner(&mut next, at);
        }
        Ok(next)
    }

    fn wanted(&self) -> Vec<Wanted> {
        let in_force = self.in_force();
        let all = in_force.sources.iter().filter(|(_, source)| source.enabled);
        all.filter_map(|(id, source)| {
            let set = in_force.settings.sources.get(id)?;
            Some(Wanted {
                id: id.clone(),
                rhythm: source.rhythm,
                host: host_of(&set.url).unwrap_or_default(),
                is_far: far_host(set).is_some(),
            })
        })
        .collect()
    }

    async fn due_times(
        &self,
        wanted: Vec<Wanted>,
        now: Time,
    ) -> Result<Vec<(Wanted, Time)>, StoreError> {
        let read = self.db().read(move |r| {
            wanted
                .into_iter()
                .map(|one| {
                    let at = schedule::due(&sources::health(r, &one.id)?, one.rhythm, now);
                    Ok((one, at))
                })
                .collect()
        });
        read.await
    }

    fn is_far_running(&self, running: &BTreeMap<SourceId, Option<String>>) -> bool {
        let in_force = self.in_force();
        let is_far = |id| {
            in_force
                .settings
                .sources
                .get(id)
                .and_then(far_host)
                .is_some()
        };
        running.keys().any(is_far)
    }

    /// Says in the log of each source, once, why its run is not made.
    async fn note_skips(
        &self,
        plan: &mut Plan,
        ids: Vec<SourceId>,
        note: &RunNote,
        now: Time,
    ) -> Result<(), StoreError> {
        let new: Vec<SourceId> = ids
            .into_iter()
            .filter(|id| plan.skipped.insert(id.clone()))
            .collect();
        if new.is_empty() {
            return Ok(());
        }
        let note = note.clone();
        self.db()
            .write(move |w| {
                new.iter()
                    .try_for_each(|id| sources::skip_run(w, id, now, RunTrigger::Schedule, &note))
            })
            .await
    }

    /// Begins what is planned for now, and says when something else is.
    async fn begin_planned(&self, plan: &mut Plan, now: Time) -> Result<Option<Time>, StoreError> {
        let mut next = None;
        let ids: Vec<SourceId> = plan.starts.keys().cloned().collect();
        for id in ids {
            let Some(start) = plan.starts.get_mut(&id) else {
                continue;
            };
            if start.at > now {
                sooner(&mut next, start.at);
                continue;
            }
            let mut hosts = self.0.runs.hosts().into_values().flatten();
            if !hosts.any(|host| host == start.host) {
                let trigger = start.trigger;
                plan.starts.remove(&id);
                plan.skipped.remove(&id);
                self.collect_in_background(&id, false, trigger);
                continue;
            }
            // The end of the run that is in the way wakes the schedule.
            let since = *start.busy_since.get_or_insert(now);
            let noted_at = since.plus_s(BUSY_NOTED_AFTER_S);
            if start.is_noted {
            } else if now < noted_at {
                sooner(&mut next, noted_at);
            } else {
                start.is_noted = true;
                self.note_skips(plan, vec![id], &RunNote::HostBusy, now)
                    .await?;
            }
        }
        Ok(next)
    }
}

impl Plan {
    /// Plans sources that are due, each at its own moment.
    fn add(&mut self, due: Vec<(Time, Wanted)>, now: Time) {
        let last = self.starts.values().map(|start| start.at).max();
        let from = now
            .max(self.not_before.take().unwrap_or(now))
            .max(last.map_or(now, |last| last.plus_s(STEP_S)));
        let due = due
            .into_iter()
            .map(|(at, one)| Due {
                source: one.id,
                host: one.host,
                at,
            })
            .collect();
        for (due, at) in spread(due, from) {
            let trigger = if self.skipped.contains(&due.source) {
                RunTrigger::CaughtUp
            } else {
                schedule::trigger(due.at, now, !self.has_looked)
            };
            let start = Start {
                at,
                trigger,
                host: due.host,
                busy_since: None,
                is_noted: false,
            };
            self.starts.insert(due.source, start);
        }
    }
}

fn sooner(next: &mut Option<Time>, at: Time) {
    *next = Some(next.map_or(at, |next| next.min(at)));
}

//! Keeps the outbox moving: each channel one message at a time, all channels at once. It sleeps until something
//! is due and is woken by what was put in.

mod channels;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::broadcast;

use super::App;
use crate::events::Event;
use crate::model::{ChannelId, Time};
use crate::outbox::{self, Next, Wait};
use crate::pipeline::news::place_again;
use crate::schedule;
use crate::store::StoreError;

/// The longest that the outbox sleeps: what expires, weekly tests and gone channels are looked after so often.
const LONGEST_SLEEP: Duration = schedule::LONGEST_SLEEP;
const MINUTE_MS: i64 = 60_000;

/// What goes on.
#[derive(Default)]
pub(super) struct Delivering {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// The channels that a task of theirs is sending on.
    busy: BTreeSet<ChannelId>,
    /// The channels whose settings changed.
    changed: BTreeSet<ChannelId>,
    /// Whether what was stopped before this session was tried again.
    has_started: bool,
    /// When what waits was looked after; `None`: it is to be at once.
    kept: Option<Time>,
}

impl Delivering {
    fn with<T>(&self, work: impl FnOnce(&mut State) -> T) -> T {
        work(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Another file took the place of the database, or the settings are others: nothing is known of it.
    pub(super) fn look_again(&self) {
        self.with(|state| {
            state.kept = None;
            state.has_started = false;
        });
    }
}

/// A channel that a task is sending on, until this is dropped.
struct Busy {
    app: App,
    channel: ChannelId,
}

impl Busy {
    fn begin(app: &App, channel: &ChannelId) -> Option<Self> {
        let is_free = |state: &mut State| state.busy.insert(channel.clone());
        app.0.delivering.with(is_free).then(|| Self {
            app: app.clone(),
            channel: channel.clone(),
        })
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        let end = |state: &mut State| state.busy.remove(&self.channel);
        self.app.0.delivering.with(end);
    }
}

/// Waits until something was put into the outbox, or changed in it.
async fn deliveries_changed(events: &mut broadcast::Receiver<Event>) {
    loop {
        match events.recv().await {
            Ok(Event::DeliveriesChanged) | Err(broadcast::error::RecvError::Lagged(_)) => return,
            Ok(_) => {}
            Err(broadcast::error::RecvError::Closed) => std::future::pending().await,
        }
    }
}

impl App {
    pub(super) fn start_outbox(&self) {
        let app = self.clone();
        let cancel = self.token();
        let mut events = self.events().subscribe();
        let mut moved = self.clock().watch();
        self.track(async move {
            loop {
                let sleep = app.start_sending().await.unwrap_or_else(|error| {
                    tracing::error!("the outbox could not be read: {error}");
                    LONGEST_SLEEP
                });
                tokio::select! {
                    () = cancel.cancelled() => return,
                    () = app.0.wake_outbox.notified() => {}
                    // What a page was routed to need not wait for the end of the run.
                    () = deliveries_changed(&mut events) => {}
                    _ = moved.changed() => {}
                    () = tokio::time::sleep(sleep) => {}
                }
            }
        });
    }

    /// Starts a task for every channel that has something due and none yet, so that a slow channel holds
    /// up no other, and says how long until something else is due.
    async fn start_sending(&self) -> Result<Duration, StoreError> {
        if self.in_force().is_paused {
            return Ok(LONGEST_SLEEP);
        }
        self.look_after_outbox().await?;
        let setup = self.in_force().setup();
        let now = self.now();
        let mut next = None;
        for (channel, due) in outbox::due(self.db(), &setup, now).await? {
            if due > now {
                next = [next, Some(due)].into_iter().flatten().min();
            } else if let Some(busy) = Busy::begin(self, &channel) {
                self.send_in_background(busy);
            }
        }
        Ok(schedule::sleep_until(next, now))
    }

    /// What is in the middle of being sent when the app stops is finished; nothing more is begun.
    fn send_in_background(&self, busy: Busy) {
        let app = self.clone();
        self.track(async move {
            let drained = app.drain_channel(&busy.channel).await;
            drop(busy);
            match drained {
                Ok(()) => app.0.wake_outbox.notify_one(),
                // Not at once again: a full disk stays full for a while.
                Err(error) => tracing::error!("the outbox could not be written: {error}"),
            }
        });
    }

    /// Sends everything that is due, as fast as the limits let it, and returns when it was tried.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn drain_outbox(&self) -> Result<(), StoreError> {
        if self.in_force().is_paused {
            return Ok(());
        }
        self.look_after_outbox().await?;
        // A channel that stops is told of on the others, which may be through by then.
        loop {
            let (setup, now) = (self.in_force().setup(), self.now());
            let mut due = outbox::due(self.db(), &setup, now).await?;
            due.retain(|(_, at)| *at <= now);
            let begun: Vec<Busy> = due
                .iter()
                .filter_map(|(channel, _)| Busy::begin(self, channel))
                .collect();
            if begun.is_empty() {
                return Ok(());
            }
            let drained = begun.iter().map(|busy| self.drain_channel(&busy.channel));
            for result in futures_util::future::join_all(drained).await {
                result?;
            }
            if self.0.cancel.is_cancelled() {
                return Ok(());
            }
        }
    }

    async fn drain_channel(&self, channel: &ChannelId) -> Result<(), StoreError> {
        let outbox = &self.0.outbox;
        let mut moved = self.clock().watch();
        loop {
            if self.0.cancel.is_cancelled() {
                return Ok(());
            }
            let hold = self.hold().await;
            self.recover().await?;
            let begun_with = self.in_force();
            let setup = begun_with.setup();
            let another_ended = outbox.another_ended();
            let next = outbox
                .send_next(self.db(), self.clock(), channel, &setup, rand::random())
                .await?;
            let wait = match next {
                Next::Tried(tried) => {
                    if let Some(to) = &tried.moved_to {
                        self.destination_moved(channel, to).await;
                    }
                    if tried.has_stopped {
                        self.resume_if_changed(channel, &begun_with).await?;
                        self.say_stopped().await?;
                    }
                    self.events().send(Event::DeliveriesChanged);
                    continue;
                }
                Next::Stopped => {
                    self.resume_if_changed(channel, &begun_with).await?;
                    self.say_stopped().await?;
                    self.events().send(Event::DeliveriesChanged);
                    return Ok(());
                }
                Next::Idle(_) => return Ok(()),
                Next::Paced(wait) => wait,
            };
            // Nobody waits for what waits.
            drop(hold);
            let now = self.now();
            let ended = async {
                match wait {
                    Wait::ForOthers => another_ended.await,
                    Wait::Until(at) => {
                        tokio::time::sleep(schedule::sleep_until(Some(at), now)).await;
                    }
                }
            };
            tokio::select! {
                () = self.0.cancel.cancelled() => return Ok(()),
                _ = moved.changed() => {}
                () = ended => {}
            }
        }
    }

    /// Does what is to be done once a minute, and what changed settings ask for.
    async fn look_after_outbox(&self) -> Result<(), StoreError> {
        let now = self.now();
        let (kept, changed) = self.0.delivering.with(|state| {
            let passed = state.kept.map(|kept| now.ms() - kept.ms());
            let is_due = passed.is_none_or(|ms| !(0..MINUTE_MS).contains(&ms));
            if !is_due && state.changed.is_empty() {
                return (None, BTreeSet::new());
            }
            state.kept = Some(now);
            (Some(passed), std::mem::take(&mut state.changed))
        });
        let Some(passed) = kept else {
            return Ok(());
        };
        let _hold = self.hold().await;
        let looked = self.put_right(passed, &changed, now).await;
        if looked.is_err() {
            // They start again with the next look.
            self.0
                .delivering
                .with(|state| state.changed.extend(changed));
        }
        let is_changed = looked?;
        if is_changed {
            self.events().send(Event::DeliveriesChanged);
        }
        if is_changed || passed.is_none() {
            self.say_stopped().await?;
        }
        Ok(())
    }

    /// The same; `passed` is since when nobody looked. Says whether anything changed.
    async fn put_right(
        &self,
        passed: Option<i64>,
        changed: &BTreeSet<ChannelId>,
        now: Time,
    ) -> Result<bool, StoreError> {
        self.recover().await?;
        let (setup, routing) = {
            let in_force = self.in_force();
            (in_force.setup(), Arc::clone(&in_force.routing))
        };
        // At a start nobody knows what the clock said before.
        if passed.is_none_or(|ms| ms < -MINUTE_MS) {
            let setup = Arc::clone(&setup);
            let corrected = self.db().write(move |w| {
                outbox::clock_went_back(w, &setup, now)?;
                place_again(w, &routing, now)
            });
            corrected.await?;
        }
        // What is no news any more does not join what starts again.
        let mut is_changed = outbox::keep(self.db(), &setup, now).await?;
        if self.0.delivering.with(|state| !state.has_started) {
            let started = self.db().write(move |w| outbox::start_again(w, now));
            is_changed |= started.await?;
            self.0.delivering.with(|state| state.has_started = true);
        }
        is_changed |= self.resume_working(changed.clone()).await?;
        Ok(is_changed)
    }
}

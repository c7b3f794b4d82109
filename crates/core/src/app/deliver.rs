//! Keeps the outbox moving: each channel one message at a time, all channels at once.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::broadcast;

use super::App;
use crate::events::Event;
use crate::model::ChannelId;
use crate::outbox;
use crate::store::{StoreError, deliveries};

/// The longest that the outbox sleeps while something waits.
const LONGEST_SLEEP: Duration = Duration::from_secs(60);

/// The channels that a task of theirs is sending on.
#[derive(Default)]
pub(super) struct Busy(Mutex<BTreeSet<ChannelId>>);

impl Busy {
    fn with<T>(&self, work: impl FnOnce(&mut BTreeSet<ChannelId>) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
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
        let channels = self.db().read(deliveries::waiting_channels).await?;
        let mut next = LONGEST_SLEEP;
        for channel in channels {
            let (now, wanted) = (self.now(), channel.clone());
            let due = self.db().read(move |r| deliveries::next_due(r, &wanted));
            let wait = due.await?.map_or(0, |at| at.ms() - now.ms());
            if let Ok(wait @ 1..) = u64::try_from(wait) {
                next = next.min(Duration::from_millis(wait));
            } else if self.0.sending.with(|busy| busy.insert(channel.clone())) {
                self.send_in_background(channel);
            }
        }
        Ok(next)
    }

    /// What is in the middle of being sent when the app stops is finished; nothing more is begun.
    fn send_in_background(&self, channel: ChannelId) {
        let app = self.clone();
        self.track(async move {
            let drained = app.drain_channel(&channel).await;
            app.0.sending.with(|busy| busy.remove(&channel));
            match drained {
                Ok(()) => app.0.wake_outbox.notify_one(),
                // Not at once again: a full disk stays full for a while.
                Err(error) => tracing::error!("the outbox could not be written: {error}"),
            }
        });
    }

    /// Sends everything that is due, and returns when it was tried.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn drain_outbox(&self) -> Result<(), StoreError> {
        if self.in_force().is_paused {
            return Ok(());
        }
        let channels = self.db().read(deliveries::waiting_channels).await?;
        let drained = channels.iter().map(|channel| self.drain_channel(channel));
        for result in futures_util::future::join_all(drained).await {
            result?;
        }
        Ok(())
    }

    async fn drain_channel(&self, channel: &ChannelId) -> Result<(), StoreError> {
        loop {
            if self.0.cancel.is_cancelled() {
                return Ok(());
            }
            let _hold = self.hold().await;
            self.recover().await?;
            let in_force = self.in_force();
            let sent = outbox::send_next(
                self.db(),
                channel,
                &in_force.channels,
                &in_force.source_names(),
                self.now(),
                rand::random(),
            )
            .await?;
            if !sent {
                return Ok(());
            }
            self.events().send(Event::DeliveriesChanged);
        }
    }
}

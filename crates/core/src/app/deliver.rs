//! Keeps the outbox moving: a channel at a time each, all channels at once.

use std::time::Duration;

use super::App;
use crate::events::Event;
use crate::model::ChannelId;
use crate::outbox;
use crate::store::{StoreError, deliveries};

/// The longest that the outbox sleeps while something waits.
const LONGEST_SLEEP: Duration = Duration::from_secs(60);

impl App {
    pub(super) fn start_outbox(&self) {
        let app = self.clone();
        let cancel = self.token();
        self.track(async move {
            loop {
                let sleep = tokio::select! {
                    () = cancel.cancelled() => return,
                    drained = app.drain_outbox() => drained,
                };
                let sleep = sleep.unwrap_or_else(|error| {
                    tracing::error!("the outbox could not be read: {error}");
                    LONGEST_SLEEP
                });
                tokio::select! {
                    () = cancel.cancelled() => return,
                    () = app.0.wake_outbox.notified() => {}
                    () = tokio::time::sleep(sleep) => {}
                }
            }
        });
    }

    /// Sends everything that is due and says how long until something else is.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn drain_outbox(&self) -> Result<Duration, StoreError> {
        let channels = self.db().read(deliveries::waiting_channels).await?;
        let drained = channels.iter().map(|channel| self.drain_channel(channel));
        for result in futures_util::future::join_all(drained).await {
            result?;
        }
        let now = self.now();
        let next = self.db().read(move |r| outbox::next_due(r, now)).await?;
        Ok(next.map_or(LONGEST_SLEEP, |d| d.min(LONGEST_SLEEP)))
    }

    async fn drain_channel(&self, channel: &ChannelId) -> Result<(), StoreError> {
        loop {
            if self.0.cancel.is_cancelled() {
                return Ok(());
            }
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

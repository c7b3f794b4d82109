//! Brings snoozed alerts back when their time has come, also what passed while Tocsin was not running.
//! It is decided and written in one transaction of the one writer, so nobody else's act is overwritten.

use std::sync::Arc;
use std::time::Duration;

use super::App;
use crate::events::Event;
use crate::pipeline::news::News;
use crate::schedule;
use crate::store::{StoreError, triage};

impl App {
    pub(super) fn start_waking(&self) {
        let app = self.clone();
        let cancel = self.token();
        self.track(async move {
            loop {
                let sleep = match app.wake_snoozed().await {
                    Ok(sleep) => sleep,
                    Err(error) => {
                        tracing::error!("snoozed alerts could not be woken: {error}");
                        schedule::LONGEST_SLEEP
                    }
                };
                tokio::select! {
                    () = cancel.cancelled() => return,
                    () = app.0.wake_snoozes.notified() => {}
                    () = tokio::time::sleep(sleep) => {}
                }
            }
        });
    }

    /// Somebody triaged: another snooze may be the next that is over.
    pub(crate) fn snoozes_changed(&self) {
        self.0.wake_snoozes.notify_one();
    }

    /// Opens the alerts again whose snooze is over and says how long until another is.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn wake_snoozed(&self) -> Result<Duration, StoreError> {
        let now = self.now();
        let next = self.db().read(triage::next_wake).await?;
        if next.is_none_or(|next| next > now) {
            return Ok(schedule::sleep_until(next, now));
        }
        let routing = Arc::clone(&self.in_force().routing);
        let (woken, routed, next) = self
            .db()
            .write(move |w| {
                let woken = triage::wake(w, now)?;
                let mut news = News::new(&routing, false, now);
                for (alert, change) in &woken {
                    news.heard(*alert, change);
                }
                Ok((woken, news.send(w)?, triage::next_wake(w)?))
            })
            .await?;
        if routed {
            self.events().send(Event::DeliveriesChanged);
        }
        if !woken.is_empty() {
            tracing::info!(alerts = woken.len(), "snoozed alerts are open again");
            self.events().send(Event::TriageChanged);
        }
        Ok(schedule::sleep_until(next, now))
    }
}

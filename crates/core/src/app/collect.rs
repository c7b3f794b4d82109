//! Runs of sources: by schedule, or because somebody asked. Each run is a task of its own, so one that
//! fails or hangs holds up no other.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::{App, InForce};
use crate::error::Fault;
use crate::events::Event;
use crate::model::{Progress, RunOutcome, SourceId, Time};
use crate::pipeline::{Ended, Job};
use crate::schedule::{self, LONGEST_SLEEP};
use crate::secrets::SecretName;
use crate::settings::SourceKind;
use crate::store::{StoreError, sources};

/// A run that goes on.
#[derive(Clone, Debug)]
pub struct Running {
    /// How far it is.
    pub progress: Progress,
    cancel: CancellationToken,
}

#[derive(Default)]
pub(super) struct Runs(Mutex<BTreeMap<SourceId, Running>>);

impl Runs {
    fn with<T>(&self, work: impl FnOnce(&mut BTreeMap<SourceId, Running>) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl App {
    /// Collects one source now and waits for the end. A source that is being collected already is the
    /// fault `already_collecting`.
    ///
    /// # Errors
    /// Where there is no such source, or the database fails. That the source failed is in the answer.
    pub async fn collect(&self, source: &SourceId, fresh: bool) -> Result<Ended, Fault> {
        let in_force = self.in_force();
        let Some(configured) = in_force.sources.get(source) else {
            return Err(Fault::new(
                "unknown_source",
                format!(
                    "There is no source {source}. Known are: {}.",
                    in_force
                        .sources
                        .keys()
                        .map(SourceId::as_str)
                        .collect::<Vec<_>>()
                        .join(", ")
                ),
            )
            .with("source", source));
        };
        in_force.refuse_if_paused()?;
        let cancel = self.token();
        let begun = self.0.runs.with(|runs| {
            if runs.contains_key(source) {
                return false;
            }
            let running = Running {
                progress: Progress {
                    done: 0,
                    total: None,
                },
                cancel: cancel.clone(),
            };
            runs.insert(source.clone(), running);
            true
        });
        if !begun {
            return Err(Fault::new(
                "already_collecting",
                format!("{source} is being collected already."),
            ));
        }
        let guard = Done { app: self, source };
        let line = self.line(source).await;
        let hold = self.hold().await;
        self.recover().await?;
        let result = self
            .0
            .pipeline
            .run(Job {
                source: source.clone(),
                reader: &*configured.reader,
                fresh,
                channels: in_force.channels_on(),
                cancel,
                progress: &|progress| {
                    self.0.runs.with(|runs| {
                        if let Some(run) = runs.get_mut(source) {
                            run.progress = progress;
                        }
                    });
                },
            })
            .await;
        let ended = result?;
        self.note_health(source, configured.rhythm, &ended).await?;
        drop(hold);
        if let Some(nvd) = &configured.nvd
            && ended.outcome == RunOutcome::Succeeded
        {
            self.reread(source, nvd).await?;
        }
        drop(line);
        drop(guard);
        self.0.wake_schedule.notify_one();
        Ok(ended)
    }

    async fn note_health(
        &self,
        source: &SourceId,
        rhythm: schedule::Rhythm,
        ended: &Ended,
    ) -> Result<(), StoreError> {
        let (now, dice) = (self.now(), rand::random::<f64>());
        let is_exit = self.0.cancel.is_cancelled();
        let (source, ended) = (source.clone(), ended.clone());
        self.db()
            .write(move |w| {
                let mut health = sources::health(w, &source)?;
                match ended.outcome {
                    RunOutcome::Succeeded => {
                        health.last_success = Some(now);
                        health.fault = None;
                        health.failures = 0;
                        health.first_done = true;
                        health.next_attempt = Some(schedule::after_success(rhythm, now, dice));
                    }
                    RunOutcome::Failed => {
                        let offline = ended.fault.as_ref().is_some_and(|f| f.code == "offline");
                        if !offline {
                            health.failures += 1;
                        }
                        health.next_attempt = Some(schedule::after_failure(
                            rhythm,
                            health.failures,
                            offline,
                            now,
                            dice,
                        ));
                        if let Some(fault) = &ended.fault {
                            let next = health.next_attempt.unwrap_or(now);
                            let asked = fault.params.get("retry_after_s");
                            let asked = asked.and_then(|s| s.parse().ok()).unwrap_or(0);
                            health.next_attempt = Some(match fault.code.as_str() {
                                "feed_gone" => {
                                    now.plus_s(i64::from(rhythm.longest_backoff_min) * 60)
                                }
                                _ => schedule::asked_for(next, asked, now),
                            });
                        }
                        health.fault = ended.fault;
                    }
                    // What the end of the app stopped goes on at the next start.
                    RunOutcome::Cancelled if is_exit => {}
                    RunOutcome::Running | RunOutcome::Cancelled | RunOutcome::Interrupted => {
                        health.next_attempt = Some(schedule::after_success(rhythm, now, dice));
                    }
                }
                sources::set_health(w, &source, &health)
            })
            .await
    }

    /// Starts collecting in the background; sources that are being collected already go on.
    ///
    /// # Errors
    /// Where there is no such source, or the settings cannot be read.
    pub fn start_collecting(&self, source: Option<&SourceId>, fresh: bool) -> Result<(), Fault> {
        let in_force = self.in_force();
        in_force.refuse_if_paused()?;
        let wanted: Vec<SourceId> = match source {
            Some(source) if in_force.sources.contains_key(source) => vec![source.clone()],
            Some(source) => {
                return Err(
                    Fault::new("unknown_source", format!("There is no source {source}."))
                        .with("source", source),
                );
            }
            None => in_force
                .sources
                .iter()
                .filter(|(_, s)| s.enabled)
                .map(|(id, _)| id.clone())
                .collect(),
        };
        for source in wanted {
            self.collect_in_background(source, fresh);
        }
        Ok(())
    }

    /// Stops one run, or all.
    pub fn cancel_collecting(&self, source: Option<&SourceId>) {
        self.0.runs.with(|runs| {
            for (id, run) in runs.iter() {
                if source.is_none_or(|s| s == id) {
                    run.cancel.cancel();
                }
            }
        });
    }

    /// The runs that go on.
    #[must_use]
    pub fn running(&self) -> BTreeMap<SourceId, Progress> {
        self.0.runs.with(|runs| {
            runs.iter()
                .map(|(id, run)| (id.clone(), run.progress.clone()))
                .collect()
        })
    }

    fn collect_in_background(&self, source: SourceId, fresh: bool) {
        let app = self.clone();
        self.track(async move {
            match app.collect(&source, fresh).await {
                Ok(ended) => {
                    if let Some(fault) = ended.fault {
                        tracing::warn!(source = %source, code = %fault.code, "collecting failed: {fault}");
                    }
                }
                Err(fault) if fault.code == "already_collecting" => {}
                Err(fault) => {
                    tracing::error!(source = %source, code = %fault.code, "collecting failed: {fault}");
                }
            }
        });
    }

    /// Sources whose address, rhythm or key was changed are due at once: what failed until now may work.
    pub(super) fn due_again(&self, before: &InForce, now: &InForce) {
        let key = SecretName::NvdApiKey;
        let key_changed = before.secrets.get(key).map(|k| k.expose().clone())
            != now.secrets.get(key).map(|k| k.expose().clone());
        let changed: Vec<SourceId> = now
            .settings
            .sources
            .iter()
            .filter(|(id, set)| {
                before.settings.sources.get(id) != Some(set)
                    || (key_changed && matches!(set.kind, SourceKind::Nvd(_)))
            })
            .map(|(id, _)| id.clone())
            .collect();
        if changed.is_empty() {
            return;
        }
        let app = self.clone();
        self.track(async move {
            let written = app.db().write(move |w| {
                for id in &changed {
                    let mut health = sources::health(w, id)?;
                    health.next_attempt = None;
                    health.failures = 0;
                    sources::set_health(w, id, &health)?;
                }
                Ok(())
            });
            if let Err(error) = written.await {
                tracing::error!("changed sources could not be made due: {error}");
            }
            app.0.wake_schedule.notify_one();
        });
    }

    pub(super) fn start_schedule(&self) {
        let app = self.clone();
        let cancel = self.token();
        self.track(async move {
            loop {
                app.reload_if_changed().await;
                let sleep = match app.start_due().await {
                    Ok(sleep) => sleep,
                    Err(error) => {
                        tracing::error!("the schedule could not be read: {error}");
                        LONGEST_SLEEP
                    }
                };
                tokio::select! {
                    () = cancel.cancelled() => return,
                    () = app.0.wake_schedule.notified() => {}
                    () = tokio::time::sleep(sleep) => {}
                }
            }
        });
    }

    /// Starts what is due and says how long until something else is.
    async fn start_due(&self) -> Result<Duration, StoreError> {
        let in_force = self.in_force();
        if in_force.is_paused {
            return Ok(LONGEST_SLEEP);
        }
        let wanted: Vec<(SourceId, schedule::Rhythm)> = in_force
            .sources
            .iter()
            .filter(|(_, s)| s.enabled)
            .map(|(id, s)| (id.clone(), s.rhythm))
            .collect();
        let now = self.now();
        let due: Vec<(SourceId, Time)> = self
            .db()
            .read(move |r| {
                wanted
                    .into_iter()
                    .map(|(id, rhythm)| {
                        let at = schedule::due(&sources::health(r, &id)?, rhythm, now);
                        Ok((id, at))
                    })
                    .collect()
            })
            .await?;
        let running = self.running();
        let mut next = LONGEST_SLEEP;
        for (source, at) in due {
            if running.contains_key(&source) {
                continue;
            }
            match u64::try_from(at.ms() - now.ms()) {
                Ok(wait) if wait > 0 => next = next.min(Duration::from_millis(wait)),
                _ => self.collect_in_background(source, false),
            }
        }
        Ok(next)
    }
}

/// Takes a run off the list when it ends, however it ends.
struct Done<'a> {
    app: &'a App,
    source: &'a SourceId,
}

impl Drop for Done<'_> {
    fn drop(&mut self) {
        self.app.0.runs.with(|runs| runs.remove(self.source));
        self.app.events().send(Event::SourceChanged {
            source: self.source.clone(),
        });
    }
}

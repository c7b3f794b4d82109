//! Runs of sources: by schedule, or because somebody asked. Each run is a task of its own, so one that
//! fails or hangs holds up no other; a few at a time, so that the machine and its network stay usable.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use super::{App, InForce};
use crate::error::Fault;
use crate::events::Event;
use crate::http::host_of;
use crate::model::{Progress, RhythmHint, RunCounts, RunOutcome, RunTrigger, SourceId};
use crate::pipeline::{Ended, Job};
use crate::secrets::SecretName;
use crate::settings::SourceKind;
use crate::store::sources;

/// Runs at a time.
const MOST_AT_ONCE: usize = 4;

/// A run that goes on.
#[derive(Clone, Debug)]
pub struct Running {
    /// How far it is.
    pub progress: Progress,
    /// The host that it began at.
    host: Option<String>,
    cancel: CancellationToken,
}

pub(super) struct Runs {
    all: Mutex<BTreeMap<SourceId, Running>>,
    places: Semaphore,
}

impl Default for Runs {
    fn default() -> Self {
        Self {
            all: Mutex::default(),
            places: Semaphore::new(MOST_AT_ONCE),
        }
    }
}

impl Runs {
    fn with<T>(&self, work: impl FnOnce(&mut BTreeMap<SourceId, Running>) -> T) -> T {
        work(&mut self.all.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The hosts that are being read from, by source.
    pub fn hosts(&self) -> BTreeMap<SourceId, Option<String>> {
        self.with(|runs| {
            runs.iter()
                .map(|(id, run)| (id.clone(), run.host.clone()))
                .collect()
        })
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
        if !in_force.sources.contains_key(source) {
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
        }
        in_force.refuse_if_paused()?;
        let Some(listed) = self.list_run(&in_force, source) else {
            return Err(Fault::new(
                "already_collecting",
                format!("{source} is being collected already."),
            ));
        };
        self.run_listed(listed, &in_force, fresh, RunTrigger::Asked)
            .await
    }

    /// Puts a source on the list of runs, unless it is there.
    fn list_run(&self, in_force: &InForce, source: &SourceId) -> Option<Listed> {
        let cancel = self.token();
        let set = in_force.settings.sources.get(source);
        let running = Running {
            progress: Progress {
                done: 0,
                total: None,
            },
            host: set.and_then(|set| host_of(&set.url)),
            cancel: cancel.clone(),
        };
        self.0.runs.with(|runs| {
            if runs.contains_key(source) {
                return None;
            }
            runs.insert(source.clone(), running);
            Some(Listed {
                app: self.clone(),
                source: source.clone(),
                cancel,
            })
        })
    }

    async fn run_listed(
        &self,
        listed: Listed,
        in_force: &InForce,
        fresh: bool,
        trigger: RunTrigger,
    ) -> Result<Ended, Fault> {
        let (source, cancel) = (&listed.source, listed.cancel.clone());
        let Some(configured) = in_force.sources.get(source) else {
            return Ok(not_begun());
        };
        let place = tokio::select! {
            biased;
            () = cancel.cancelled() => None,
            place = self.0.runs.places.acquire() => place.ok(),
        };
        if place.is_none() {
            return Ok(not_begun());
        }
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
                trigger,
                routing: Arc::clone(&in_force.routing),
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
        let ended = self.judge(source, in_force, result?).await;
        self.note_health(source, configured, trigger, &ended)
            .await?;
        drop(hold);
        if let Some(nvd) = &configured.nvd
            && ended.outcome == RunOutcome::Succeeded
        {
            self.reread(source, nvd).await?;
        }
        drop(line);
        drop(place);
        drop(listed);
        self.0.wake_schedule.notify_one();
        Ok(ended)
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
            self.collect_in_background(&source, fresh, RunTrigger::Asked);
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

    /// Begins a run and returns; one that goes on stays as it is.
    pub(super) fn collect_in_background(
        &self,
        source: &SourceId,
        fresh: bool,
        trigger: RunTrigger,
    ) {
        let in_force = self.in_force();
        let Some(listed) = self.list_run(&in_force, source) else {
            return;
        };
        let (app, source) = (self.clone(), source.clone());
        self.track(async move {
            match app.run_listed(listed, &in_force, fresh, trigger).await {
                Ok(ended) => {
                    if let Some(fault) = ended.fault {
                        tracing::warn!(source = %source, code = %fault.code, "collecting failed: {fault}");
                    }
                }
                Err(fault) => {
                    tracing::error!(source = %source, code = %fault.code, "collecting failed: {fault}");
                }
            }
        });
    }

    /// Sources whose address, rhythm or key was changed are due at once: what failed until now may work.
    pub(super) fn due_again(&self, before: &InForce, now: &InForce) {
        let key = SecretName::NvdApiKey;
        let key_changed = before.secrets.get(key, None).map(|k| k.expose().clone())
            != now.secrets.get(key, None).map(|k| k.expose().clone());
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
                    health.first_failure = None;
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
}

/// A run that was stopped before its turn came.
fn not_begun() -> Ended {
    Ended {
        run: 0,
        outcome: RunOutcome::Cancelled,
        counts: RunCounts::default(),
        fault: None,
        note: None,
        rhythm: RhythmHint::default(),
    }
}

/// A run that is on the list; it is taken off when this is dropped, however the run ends.
struct Listed {
    app: App,
    source: SourceId,
    cancel: CancellationToken,
}

impl Drop for Listed {
    fn drop(&mut self) {
        self.app.0.runs.with(|runs| runs.remove(&self.source));
        self.app.events().send(Event::SourceChanged {
            source: self.source.clone(),
        });
    }
}

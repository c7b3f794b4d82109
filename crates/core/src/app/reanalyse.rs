//! Analysing what is stored again, after the model file, the user's model or the threshold changed: in the
//! background, newest first, a batch at a time. It goes on where it was after a restart, touches nothing that
//! people did, marks nothing as unread or changed, and notifies nobody.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rayon::iter::{IntoParallelIterator, ParallelIterator};
use tokio::sync::Notify;

use super::{App, WorkKind};
use crate::analyse::{self, Analyser, Current};
use crate::error::Fault;
use crate::events::Event;
use crate::model::{AlertId, Finding};
use crate::pipeline::named;
use crate::store::alerts::Stored;
use crate::store::analysed::{self, Place, Version};
use crate::store::{StoreError, Write, alerts};

/// Alerts of one transaction.
const BATCH: u32 = 250;
/// The version of the rules by which analysis speaks. Raise it where the same text and the same model give
/// another finding: everything is analysed again then.
const RULES: u32 = 1;

#[derive(Default)]
pub(super) struct Reanalysis {
    wake: Notify,
    /// What somebody stopped: it is not begun again by itself.
    stopped: Mutex<Option<Version>>,
    /// The work that is shown, while it runs.
    work: Mutex<Option<u32>>,
}

/// What became of a batch.
enum Batch {
    /// It is stored: how many changed, and from where on it is done.
    Stored { changed: bool, below: AlertId },
    /// Another analyser came into force meanwhile.
    Outdated,
    /// There are no more alerts.
    End,
}

impl App {
    /// Asks whether the stored alerts have the analysis in force.
    pub(super) fn reanalyse_soon(&self) {
        self.0.reanalysis.wake.notify_one();
    }

    /// Forgets that somebody stopped it.
    pub(super) fn forget_stop(&self) {
        *lock(&self.0.reanalysis.stopped) = None;
    }

    /// Analyses everything again, whatever it has.
    ///
    /// # Errors
    /// Where the database fails.
    pub(crate) async fn reanalyse_all(&self) -> Result<(), Fault> {
        self.db().write(analysed::forget).await?;
        self.forget_stop();
        self.reanalyse_soon();
        Ok(())
    }

    /// The work that is shown of it, while it runs.
    pub(crate) fn reanalysis(&self) -> Option<u32> {
        *lock(&self.0.reanalysis.work)
    }

    /// Whether all stored alerts have the analysis in force.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn is_analysed(&self) -> Result<bool, StoreError> {
        let version = self.version(&self.0.pipeline.analyser.get());
        let stored = self.db().read(analysed::version).await?;
        Ok(stored == Some(version))
    }

    pub(super) fn start_reanalysing(&self) {
        let app = self.clone();
        let cancel = self.token();
        self.track(async move {
            loop {
                tokio::select! {
                    () = cancel.cancelled() => return,
                    () = app.0.reanalysis.wake.notified() => {}
                }
                let result = app.reanalyse().await;
                *lock(&app.0.reanalysis.work) = None;
                if let Err(fault) = result
                    && !cancel.is_cancelled()
                {
                    tracing::error!("alerts could not be analysed again: {fault}");
                }
                app.events().send(Event::WorkChanged);
            }
        });
    }

    /// What the analysis in force depends on.
    fn version(&self, analyser: &Analyser) -> Version {
        let user = analyser.user().map(|user| user.fingerprint());
        let user = user.map_or_else(|| "none".to_owned(), |f| format!("{f:08x}"));
        Version {
            model: format!("{};rules {RULES}", self.model_version()),
            relevance: format!("{user};threshold {}", analyser.threshold()),
        }
    }

    async fn reanalyse(&self) -> Result<(), Fault> {
        // A settings file that cannot be read must not make everything irrelevant.
        if self.in_force().is_paused {
            return Ok(());
        }
        let analyser = self.0.pipeline.analyser.get();
        let version = self.version(&analyser);
        let (stored, place) = self
            .db()
            .read(|r| Ok((analysed::version(r)?, analysed::place(r)?)))
            .await?;
        let is_stopped = lock(&self.0.reanalysis.stopped).as_ref() == Some(&version);
        if is_stopped || (stored.as_ref() == Some(&version) && place.is_none()) {
            return Ok(());
        }
        let place = place.filter(|place| place.version == version);
        let mut below = AlertId(place.map_or(i64::MAX, |place| place.below));
        let left = self.db().read(move |r| analysed::left(r, below)).await?;
        if left == 0 {
            self.db()
                .write(move |w| analysed::set_version(w, &version))
                .await?;
            return Ok(());
        }
        // The model stands as analysed when its pass has ended, so one that broke off is made whole.
        let is_whole = stored.as_ref().is_none_or(|s| s.model != version.model);
        let work = self.begin_work(WorkKind::Reanalyse, true)?;
        *lock(&self.0.reanalysis.work) = Some(work.id());
        tracing::info!(alerts = left, is_whole, "alerts are analysed again");
        let mut done = 0;
        loop {
            work.progress(done, Some(left));
            if work.token().is_cancelled() {
                *lock(&self.0.reanalysis.stopped) = Some(version);
                return Ok(());
            }
            match self
                .analyse_batch(below, &analyser, &version, is_whole)
                .await?
            {
                Batch::Stored { changed, below: b } => {
                    below = b;
                    done = (done + BATCH).min(left);
                    if changed {
                        self.events().send(Event::AlertsChanged { added: 0 });
                    }
                }
                // Whoever changed it asked for this to be begun anew.
                Batch::Outdated => {
                    self.0.reanalysis.wake.notify_one();
                    return Ok(());
                }
                Batch::End => break,
            }
        }
        self.db()
            .write(move |w| analysed::set_version(w, &version))
            .await?;
        Ok(())
    }

    async fn analyse_batch(
        &self,
        below: AlertId,
        analyser: &Arc<Analyser>,
        version: &Version,
        is_whole: bool,
    ) -> Result<Batch, Fault> {
        let found = self
            .db()
            .read(move |r| analysed::next(r, below, BATCH))
            .await?;
        let Some(last) = found.last().map(|(stored, _)| stored.summary.id) else {
            return Ok(Batch::End);
        };
        let used = Arc::clone(analyser);
        let made = tokio::task::spawn_blocking(move || {
            // All cores, in the order of the batch.
            let made: Vec<(Finding, Stored, [u8; 32])> = found
                .into_par_iter()
                .map(|(stored, hash)| (anew(&used, &stored, is_whole), stored, hash))
                .collect();
            made
        })
        .await
        .map_err(|_| Fault::new("reanalysis_failed", "Alerts could not be analysed again."))?;
        let current = Arc::clone(&self.0.pipeline.analyser);
        let (used, version) = (Arc::clone(analyser), version.clone());
        let stored = self
            .db()
            .write(move |w| store(w, made, &current, &used, last, version))
            .await?;
        Ok(stored)
    }
}

fn lock<T>(what: &Mutex<T>) -> MutexGuard<'_, T> {
    what.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What analysis says now; of an article without the CVEs that it names.
fn anew(analyser: &Analyser, stored: &Stored, is_whole: bool) -> Finding {
    let parts = stored.parts();
    if is_whole {
        return analyser.analyse(&parts.subject());
    }
    Finding {
        relevance: analyser.relevance(&parts.subject()),
        ..stored.finding.clone()
    }
}

fn store(
    w: &Write<'_>,
    made: Vec<(Finding, Stored, [u8; 32])>,
    current: &Current,
    used: &Arc<Analyser>,
    last: AlertId,
    version: Version,
) -> Result<Batch, StoreError> {
    if !Arc::ptr_eq(&current.get(), used) {
        return Ok(Batch::Outdated);
    }
    let mut changed = false;
    for (mut finding, stored, hash) in made {
        let id = stored.summary.id;
        // What its source changed meanwhile was analysed by the analysis in force.
        if !analysed::is_unchanged(w, id, &hash)? {
            continue;
        }
        if analyse::takes_named_severity(stored.summary.kind) && !stored.facts.cves.is_empty() {
            finding.take_named(alerts::highest_named(w, &stored.facts.cves)?);
        }
        if finding.is_kept_as(&stored.finding) {
            continue;
        }
        let level_moved = finding.stated_severity() != stored.finding.stated_severity();
        alerts::set_finding(w, id, &finding, None)?;
        changed = true;
        if level_moved {
            named::pass_severity_on_silently(w, stored.summary.kind, &stored.summary.uid)?;
        }
    }
    let place = Place {
        version,
        below: last.0,
    };
    analysed::set_place(w, &place)?;
    Ok(Batch::Stored {
        changed,
        below: last,
    })
}

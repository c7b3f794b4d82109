//! THE ORDER, on one screen: source -> normalise -> analyse -> store -> route. What follows, notify, is
//! the outbox's: it reads what [`store_page`] committed.
//!
//! A page of a run is one transaction: its alerts, their changes, the deliveries that they are routed to
//! and what the source wants to remember. A crash before the commit fetches the page again; a crash
//! after it loses nothing.

pub mod compare;
pub mod enrich;
mod heard;
pub mod named;
pub mod news;
mod noting;
mod said;
mod storing;

use std::sync::Arc;

use async_trait::async_trait;
use rayon::iter::{IntoParallelIterator, ParallelIterator};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::analyse::{self, Current};
use crate::clock::Clock;
use crate::error::Fault;
use crate::events::{Event, Events};
use crate::http::Http;
use crate::model::{
    Page, Problem, Progress, RhythmHint, RunCounts, RunNote, RunOutcome, RunTrigger, SourceId,
};
use crate::normalise::normalise;
use crate::route::Routing;
use crate::source::{Fetch, Pages, Source};
use crate::store::alerts::Form;
use crate::store::{Db, StoreError, sources};
use heard::Heard;
use storing::{Analysed, Batch, StoredPage, store_page};

/// What every run shares.
#[derive(Clone, Debug)]
pub struct Pipeline {
    /// Where it is kept.
    pub db: Db,
    /// What time it is.
    pub clock: Clock,
    /// How the network is reached.
    pub http: Arc<Http>,
    /// Who is told.
    pub events: Events,
    /// The analyser in force.
    pub analyser: Arc<Current>,
}

/// One run to be made.
pub struct Job<'a> {
    /// Whose.
    pub source: SourceId,
    /// What reads it.
    pub reader: &'a dyn Source,
    /// Whether its validators are to be ignored.
    pub fresh: bool,
    /// Why it is made.
    pub trigger: RunTrigger,
    /// The rules and channels in force.
    pub routing: Arc<Routing>,
    /// Stops it.
    pub cancel: CancellationToken,
    /// Hears how far it is.
    pub progress: &'a (dyn Fn(Progress) + Send + Sync),
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq)]
pub struct Ended {
    /// Its number in the database.
    pub run: i64,
    /// How.
    pub outcome: RunOutcome,
    /// What it brought.
    pub counts: RunCounts,
    /// Why it failed.
    pub fault: Option<Fault>,
    /// What a person should know of it.
    pub note: Option<RunNote>,
    /// What its documents said about how often to come, and when what it brought was published.
    pub rhythm: RhythmHint,
}

impl Pipeline {
    /// Makes one run. Its failure is its own: it is stored as the run's fault and returned, and nothing
    /// else hears of it.
    ///
    /// # Errors
    /// Only where the database fails.
    pub async fn run(&self, job: Job<'_>) -> Result<Ended, StoreError> {
        let now = self.clock.now();
        let source = job.source.clone();
        let trigger = job.trigger;
        let (run, memory, first) = self
            .db
            .write(move |w| {
                let memory = sources::memory(w, &source)?;
                let mut health = sources::health(w, &source)?;
                health.last_attempt = Some(now);
                sources::set_health(w, &source, &health)?;
                Ok((
                    sources::begin_run(w, &source, now, trigger)?,
                    memory,
                    !health.first_done,
                ))
            })
            .await?;
        self.tell(&job.source);
        let mut pages = Committer {
            pipeline: self,
            job: &job,
            run: Some(run),
            first,
            counts: RunCounts::default(),
            problems: Vec::new(),
            heard: Heard::default(),
            storing: JoinSet::new(),
        };
        let fetch = Fetch {
            http: &self.http,
            now,
            memory,
            fresh: job.fresh,
            cancel: job.cancel.clone(),
        };
        let result = job.reader.collect(fetch, &mut pages).await;
        let stored = pages.settle().await;
        let result = result.and(stored);
        let (counts, problems) = (pages.counts, pages.problems);
        let Heard { note, rhythm } = pages.heard;
        let (outcome, fault) = match result {
            Ok(()) => (RunOutcome::Succeeded, None),
            Err(_) if job.cancel.is_cancelled() => (RunOutcome::Cancelled, None),
            Err(fault) => (RunOutcome::Failed, Some(fault)),
        };
        let ended = Ended {
            run,
            outcome,
            counts,
            fault,
            note,
            rhythm,
        };
        let (at, stored) = (self.clock.now(), ended.clone());
        self.db
            .write(move |w| {
                let end = Some((stored.outcome, at, stored.fault.as_ref()));
                sources::update_run(w, run, counts, &problems, end)?;
                match &stored.note {
                    Some(note) => sources::set_note(w, run, note),
                    None => Ok(()),
                }
            })
            .await?;
        Ok(ended)
    }

    /// Stores a page that belongs to no run: of a backfill, an import, a reading again.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn take(&self, job: Job<'_>, page: Page) -> Result<(RunCounts, Vec<Problem>), Fault> {
        let mut pages = Committer {
            pipeline: self,
            job: &job,
            run: None,
            first: false,
            counts: RunCounts::default(),
            problems: Vec::new(),
            heard: Heard::default(),
            storing: JoinSet::new(),
        };
        pages.page(page).await?;
        pages.settle().await?;
        Ok((pages.counts, pages.problems))
    }

    fn tell(&self, source: &SourceId) {
        self.events.send(Event::SourceChanged {
            source: source.clone(),
        });
    }
}

/// Takes a run's pages and commits them.
struct Committer<'a> {
    pipeline: &'a Pipeline,
    job: &'a Job<'a>,
    /// `None` where the page belongs to no run.
    run: Option<i64>,
    first: bool,
    counts: RunCounts,
    problems: Vec<Problem>,
    heard: Heard,
    /// The page that is being stored, while the source reads the next one: one at most.
    storing: JoinSet<Result<StoredPage, StoreError>>,
}

impl Committer<'_> {
    /// Waits until every page that came is stored.
    async fn settle(&mut self) -> Result<(), Fault> {
        while let Some(ended) = self.storing.join_next().await {
            let stored = ended.map_err(|_| page_failed())??;
            self.counts = stored.counts;
        }
        Ok(())
    }
}

fn page_failed() -> Fault {
    Fault::new("page_failed", "A page could not be read; the run stopped.")
}

#[async_trait]
impl Pages for Committer<'_> {
    async fn page(&mut self, page: Page) -> Result<(), Fault> {
        let Page {
            drafts,
            problems,
            memory,
            progress,
            enrichments,
            notes,
            rhythm,
            as_of,
            is_quiet,
            backfill,
        } = page;
        self.heard.hear(notes, rhythm, &drafts);
        let read = count(drafts.len() + problems.len()) + enrich::read(&enrichments);
        self.problems.extend(problems);
        let analyser = self.pipeline.analyser.get();
        let used = Arc::clone(&analyser);
        let now = self.pipeline.clock.now();
        let (analysed, refused) = tokio::task::spawn_blocking(move || {
            // All cores, in the order of the page.
            let made: Vec<Result<Analysed, Problem>> = drafts
                .into_par_iter()
                .map(|draft| {
                    let alert = normalise(draft)?;
                    let finding = analyse::analyse(&analyser, &alert);
                    let form = Form::of(&alert, &finding).map_err(|error| Problem {
                        subject: alert.uid.clone(),
                        fault: error.into(),
                    })?;
                    Ok(Analysed {
                        alert,
                        finding,
                        form,
                    })
                })
                .collect();
            let mut refused = Vec::new();
            let mut analysed = Vec::with_capacity(made.len());
            for result in made {
                match result {
                    Ok(one) => analysed.push(one),
                    Err(problem) => refused.push(problem),
                }
            }
            // Oldest first, as the ids will be: the search index takes what comes in order all at once.
            analysed.sort_by_key(|one| one.alert.published.unwrap_or(now));
            (analysed, refused)
        })
        .await
        .map_err(|_| page_failed())?;
        self.settle().await?;
        self.problems.extend(refused);
        self.counts.read += read;
        self.counts.problems = count(self.problems.len());

        let mut batch = Batch {
            source: self.job.source.clone(),
            run: self.run,
            now,
            quiet: self.first || is_quiet,
            routing: Arc::clone(&self.job.routing),
            counts: self.counts,
            problems: self.problems.clone(),
            memory,
            as_of,
            backfill,
            used,
            current: Arc::clone(&self.pipeline.analyser),
        };
        (self.job.progress)(Progress {
            done: progress.map_or(self.counts.read, |(done, _)| done),
            total: progress.map(|(_, total)| total),
        });
        let pipeline = self.pipeline.clone();
        self.storing.spawn(async move {
            let source = batch.source.clone();
            let enriched =
                enrich::apply(&pipeline, enrichments, &batch.routing, batch.quiet, now).await?;
            batch.counts.changed += enriched.changed;
            batch.counts.unchanged += enriched.unchanged;
            let mut stored = pipeline
                .db
                .write(move |w| store_page(w, analysed, &batch))
                .await?;
            pipeline.tell(&source);
            stored.touched |= enriched.changed > 0;
            if stored.touched {
                pipeline.events.send(Event::AlertsChanged {
                    added: stored.announced,
                });
            }
            if stored.routed || enriched.routed {
                pipeline.events.send(Event::DeliveriesChanged);
            }
            Ok(stored)
        });
        Ok(())
    }
}

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

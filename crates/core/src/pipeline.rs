//! THE ORDER, on one screen: source -> normalise -> analyse -> store -> route. What follows, notify, is
//! the outbox's: it reads what [`store_page`] committed.
//!
//! A page of a run is one transaction: its alerts, their changes, the deliveries that they are routed to
//! and what the source wants to remember. A crash before the commit fetches the page again; a crash
//! after it loses nothing.

pub mod compare;
mod noting;

use std::sync::Arc;

use async_trait::async_trait;
use rayon::iter::{IntoParallelIterator, ParallelIterator};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use noting::{is_older, note_change};

use crate::analyse::{self, Analyser, Current};
use crate::clock::Clock;
use crate::error::Fault;
use crate::events::{Event, Events};
use crate::http::Http;
use crate::model::{
    Alert, AlertId, BackfillStep, Change, ChangeKind, ChannelId, Finding, Kind, Memory, Page,
    Problem, Progress, RunCounts, RunOutcome, SourceId, State, Subject, Time,
};
use crate::normalise::normalise;
use crate::route::{Fresh, route};
use crate::source::{Fetch, Pages, Source};
use crate::store::alerts::{Stored, Summary};
use crate::store::{
    Db, StoreError, Write, alerts, backfills, deliveries, retention, sources, triage,
};

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
    /// The channels that are on.
    pub channels: Vec<ChannelId>,
    /// Stops it.
    pub cancel: CancellationToken,
    /// Hears how far it is.
    pub progress: &'a (dyn Fn(Progress) + Send + Sync),
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq)]
pub struct Ended {
    /// How.
    pub outcome: RunOutcome,
    /// What it brought.
    pub counts: RunCounts,
    /// Why it failed.
    pub fault: Option<Fault>,
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
        let (run, memory, first) = self
            .db
            .write(move |w| {
                let memory = sources::memory(w, &source)?;
                let mut health = sources::health(w, &source)?;
                health.last_attempt = Some(now);
                sources::set_health(w, &source, &health)?;
                Ok((
                    sources::begin_run(w, &source, now)?,
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
        let (outcome, fault) = match result {
            Ok(()) => (RunOutcome::Succeeded, None),
            Err(_) if job.cancel.is_cancelled() => (RunOutcome::Cancelled, None),
            Err(fault) => (RunOutcome::Failed, Some(fault)),
        };
        let ended = Ended {
            outcome,
            counts,
            fault,
        };
        let (at, stored) = (self.clock.now(), ended.clone());
        self.db
            .write(move |w| {
                let end = Some((stored.outcome, at, stored.fault.as_ref()));
                sources::update_run(w, run, counts, &problems, end)
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
            as_of,
            is_quiet,
            backfill,
        } = page;
        let read = count(drafts.len() + problems.len());
        self.problems.extend(problems);
        let analyser = self.pipeline.analyser.get();
        let used = Arc::clone(&analyser);
        let now = self.pipeline.clock.now();
        let (analysed, refused) = tokio::task::spawn_blocking(move || {
            // All cores, in the order of the page.
            let made: Vec<Result<(Alert, Finding), Problem>> = drafts
                .into_par_iter()
                .map(|draft| {
                    let alert = normalise(draft)?;
                    let finding = analyse::analyse(&analyser, &alert);
                    Ok((alert, finding))
                })
                .collect();
            let mut refused = Vec::new();
            let mut analysed = Vec::with_capacity(made.len());
            for result in made {
                match result {
                    Ok(pair) => analysed.push(pair),
                    Err(problem) => refused.push(problem),
                }
            }
            // Oldest first, as the ids will be: the search index takes what comes in order all at once.
            analysed.sort_by_key(|(alert, _)| alert.published.unwrap_or(now));
            (analysed, refused)
        })
        .await
        .map_err(|_| page_failed())?;
        self.settle().await?;
        self.problems.extend(refused);
        self.counts.read += read;
        self.counts.problems = count(self.problems.len());

        let batch = Batch {
            source: self.job.source.clone(),
            run: self.run,
            now,
            quiet: self.first || is_quiet,
            channels: self.job.channels.clone(),
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
            let stored = pipeline
                .db
                .write(move |w| store_page(w, analysed, &batch))
                .await?;
            pipeline.tell(&source);
            if stored.touched {
                pipeline.events.send(Event::AlertsChanged {
                    added: stored.announced,
                });
            }
            if stored.routed {
                pipeline.events.send(Event::DeliveriesChanged);
            }
            Ok(stored)
        });
        Ok(())
    }
}

/// What a page is stored with.
struct Batch {
    source: SourceId,
    run: Option<i64>,
    now: Time,
    /// A first collection, a backfill, an import: stored as seen, nobody is told.
    quiet: bool,
    channels: Vec<ChannelId>,
    counts: RunCounts,
    problems: Vec<Problem>,
    memory: Memory,
    /// When the source made this answer.
    as_of: Option<Time>,
    backfill: Option<BackfillStep>,
    used: Arc<Analyser>,
    current: Arc<Current>,
}

struct StoredPage {
    counts: RunCounts,
    /// Alerts that are new to the user.
    announced: u32,
    touched: bool,
    routed: bool,
}

/// The one transaction of a page.
fn store_page(
    w: &Write<'_>,
    analysed: Vec<(Alert, Finding)>,
    batch: &Batch,
) -> Result<StoredPage, StoreError> {
    let current = batch.current.get();
    let watches_changed = !Arc::ptr_eq(&current, &batch.used);
    let mut counts = batch.counts;
    let mut fresh = Vec::new();
    let before = (counts.new, counts.changed);
    for (alert, mut finding) in analysed {
        if watches_changed {
            let products = alert.facts.product_lines();
            finding.relevance = analyse::relevance(&current, &alert.title, &alert.text, &products);
        }
        match store_alert(w, &alert, finding, batch)? {
            Outcome::New(new) => {
                counts.new += 1;
                fresh.push(new);
            }
            Outcome::Changed => counts.changed += 1,
            Outcome::Unchanged => counts.unchanged += 1,
        }
    }
    let mut routed = false;
    if !batch.quiet {
        for message in route(&fresh, &batch.channels) {
            let queued = deliveries::enqueue(w, &message.channel, &message.subjects, batch.now)?;
            routed |= queued.is_some();
        }
    }
    if let Some(run) = batch.run {
        sources::set_memory(w, &batch.source, &batch.memory)?;
        sources::update_run(w, run, counts, &batch.problems, None)?;
    }
    if let Some(step) = &batch.backfill {
        backfills::set_step(w, &batch.source, step)?;
    }
    Ok(StoredPage {
        counts,
        announced: if batch.quiet { 0 } else { count(fresh.len()) },
        touched: (counts.new, counts.changed) != before,
        routed,
    })
}

enum Outcome {
    New(Fresh),
    Changed,
    Unchanged,
}

fn store_alert(
    w: &Write<'_>,
    alert: &Alert,
    mut finding: Finding,
    batch: &Batch,
) -> Result<Outcome, StoreError> {
    if analyse::takes_named_severity(alert.kind) && !alert.facts.cves.is_empty() {
        finding.take_named(alerts::highest_named(w, &alert.facts.cves)?);
    }
    let Some(known) = alerts::known(w, &alert.uid)? else {
        if let Some(was_exploited) = retention::removed(w, &alert.uid)? {
            // What retention removed stays away, unless it matters now and did not then. (What a watch
            // matches is never removed, so a match is new.)
            let is_newly_exploited = alert.facts.exploited().is_some() && !was_exploited;
            if !finding.relevance.is_relevant && !is_newly_exploited {
                return Ok(Outcome::Unchanged);
            }
            retention::forget(w, &alert.uid)?;
        }
        let id = alerts::insert(w, alert, &finding, batch.now, !batch.quiet)?;
        alerts::set_as_of(w, id, batch.as_of)?;
        if alert.facts.is_rejected() {
            let what = compare::rejected(alert, None, State::New);
            let at = batch.now;
            note_change(w, id, State::New, None, &Change { at, what })?;
        }
        pass_severity_on(w, alert, batch.now)?;
        return Ok(Outcome::New(Fresh {
            subject: Subject {
                alert: id,
                change: ChangeKind::New,
                at: batch.now,
            },
            // What its source withdrew is no news.
            is_relevant: finding.relevance.is_relevant && !alert.facts.is_rejected(),
        }));
    };
    if is_older(alert, batch.as_of, &known) {
        return Ok(Outcome::Unchanged);
    }
    let id = known.id;
    if known.hash == alert.hash {
        alerts::touch(w, id, alert.updated, batch.as_of)?;
        return Ok(Outcome::Unchanged);
    }
    let Some(before) = alerts::get(w, id)? else {
        return Ok(Outcome::Unchanged);
    };
    let found = compare::compare(&before, alert, &finding, batch.now);
    let changed = (!found.is_empty()).then_some(batch.now);
    alerts::update(w, id, &before, alert, &finding, changed)?;
    alerts::set_as_of(w, id, batch.as_of)?;
    note_changes(w, &before, &found, batch.now)?;
    if before.finding.severity != finding.severity {
        pass_severity_on(w, alert, batch.now)?;
    }
    Ok(if found.is_empty() {
        Outcome::Unchanged
    } else {
        Outcome::Changed
    })
}

/// Adds to an alert's history; one that was put away and got worse is open again.
fn note_changes(
    w: &Write<'_>,
    before: &Stored,
    found: &[Change],
    at: Time,
) -> Result<(), StoreError> {
    let Summary { id, state, .. } = before.summary;
    for change in found {
        note_change(w, id, state, before.summary.reason.as_deref(), change)?;
    }
    if let Some(what) = compare::reopened(state, found) {
        triage::reopen(w, id, &Change { at, what })?;
    }
    Ok(())
}

/// Gives a CVE's severity to the stored articles that name it.
fn pass_severity_on(w: &Write<'_>, alert: &Alert, at: Time) -> Result<(), StoreError> {
    if alert.kind != Kind::Vulnerability {
        return Ok(());
    }
    for id in alerts::naming(w, &alert.uid)? {
        take_severity_of_named(w, id, at)?;
    }
    Ok(())
}

/// Gives an article the highest severity of the stored CVEs that it names, as a change where it differs.
fn take_severity_of_named(w: &Write<'_>, id: AlertId, at: Time) -> Result<(), StoreError> {
    let Some(stored) = alerts::get(w, id)? else {
        return Ok(());
    };
    if !analyse::takes_named_severity(stored.summary.kind) {
        return Ok(());
    }
    let mut finding = stored.finding.clone();
    finding.take_named(alerts::highest_named(w, &stored.facts.cves)?);
    if finding == stored.finding {
        return Ok(());
    }
    let changed = compare::severity(stored.finding.severity, finding.severity)
        .map(|what| Change { at, what });
    alerts::set_finding(w, id, &finding, changed.as_ref().map(|c| c.at))?;
    note_changes(w, &stored, changed.as_slice(), at)
}

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

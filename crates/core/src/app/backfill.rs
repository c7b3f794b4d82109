//! All years of NVD, in the background: a page at a time, so that a run that is due comes between two pages.
//! What was asked for and how far it is are in the database; a start goes on where the last session was.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use chrono::{Datelike, TimeZone, Utc};

use super::{App, Configured};
use crate::error::Fault;
use crate::events::Event;
use crate::model::{Backfill, BackfillState, Progress, RunTrigger, SourceId, Time};
use crate::pipeline::Job;
use crate::route::Routing;
use crate::source::nvd::{Ask, FIRST_YEAR, Nvd, Reading, Refusal};
use crate::store::StoreError;
use crate::store::backfills::{self, Kept};

/// How long nothing is looked at while there is nothing to do.
const IDLE: Duration = Duration::from_secs(60);
/// The shortest wait after a refusal, whatever is set.
const SHORTEST: Duration = Duration::from_millis(50);
/// Pages over which the speed is told.
const PAGES: usize = 12;
/// The longest pause that stays part of the speed.
const LONGEST_PAGE: Duration = Duration::from_secs(300);

/// What is of this session only.
#[derive(Default)]
pub(super) struct Filling {
    now: Mutex<Now>,
    wake: tokio::sync::Notify,
    /// One connection to NVD: whoever holds this asks. Fair, so that a run comes after the present page.
    line: Arc<tokio::sync::Mutex<()>>,
}

#[derive(Default)]
struct Now {
    /// Why it waits, and how often NVD refused in a row.
    waits: Option<Fault>,
    refusals: u32,
    /// When pages were stored, with how many records and up to which publication it was then.
    pages: VecDeque<(Instant, u32, Time)>,
}

impl Filling {
    fn now(&self) -> std::sync::MutexGuard<'_, Now> {
        self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What one step of a backfill came to.
enum Step {
    /// A page was stored, or it is to be looked at again at once.
    On,
    /// Nothing can be done for so long.
    Wait(Duration),
}

impl App {
    /// The one connection to a source that wants requests one after another.
    pub(super) async fn line(&self, source: &SourceId) -> Option<tokio::sync::OwnedMutexGuard<()>> {
        let is_nvd = self
            .in_force()
            .sources
            .get(source)
            .is_some_and(|s| s.nvd.is_some());
        match is_nvd {
            true => Some(Arc::clone(&self.0.filling.line).lock_owned().await),
            false => None,
        }
    }

    /// Starts reading all years, or those from one on.
    ///
    /// # Errors
    /// `no_nvd`, `source_off`, `bad_year`, `backfill_running`, or that the database fails.
    pub async fn backfill_start(&self, from_year: Option<u16>) -> Result<(), Fault> {
        let (source, _) = self.nvd()?;
        let now = self.now();
        let this_year = now.to_chrono().year();
        let year = from_year.map_or(i32::from(FIRST_YEAR), i32::from);
        if !(i32::from(FIRST_YEAR)..=this_year).contains(&year) {
            return Err(Fault::new(
                "bad_year",
                format!(
                    "NVD's records begin in {FIRST_YEAR}; choose a year from then to {this_year}."
                ),
            )
            .with("first", FIRST_YEAR)
            .with("last", this_year));
        }
        let from = Utc.with_ymd_and_hms(year, 1, 1, 0, 0, 0).single();
        let from = from.map_or(now, Time::from).min(now);
        self.refuse_if_running(&source).await?;
        self.db()
            .write(move |w| backfills::begin(w, &source, (from, now), now))
            .await?;
        *self.0.filling.now() = Now::default();
        self.backfill_changed();
        Ok(())
    }

    async fn refuse_if_running(&self, source: &SourceId) -> Result<(), Fault> {
        let running = self.kept(source).await?;
        match running {
            Some(kept) if kept.state.goes_on() => Err(Fault::new(
                "backfill_running",
                "All years are being read already. Cancel that first to read others.",
            )),
            _ => Ok(()),
        }
    }

    /// Pauses it; `backfill_resume` goes on where it stopped.
    ///
    /// # Errors
    /// `no_backfill` where none is running, or that the database fails.
    pub async fn backfill_pause(&self) -> Result<(), Fault> {
        self.backfill_set(&[BackfillState::Running], BackfillState::Paused)
            .await
    }

    /// Goes on where it stopped.
    ///
    /// # Errors
    /// `no_backfill` where none was stopped, or that the database fails.
    pub async fn backfill_resume(&self) -> Result<(), Fault> {
        self.nvd()?;
        let stopped = [BackfillState::Paused, BackfillState::Failed];
        self.backfill_set(&stopped, BackfillState::Running).await
    }

    /// Ends it; what was read stays.
    ///
    /// # Errors
    /// `no_backfill` where there is none to end, or that the database fails.
    pub async fn backfill_cancel(&self) -> Result<(), Fault> {
        let open = [
            BackfillState::Running,
            BackfillState::Paused,
            BackfillState::Failed,
        ];
        self.backfill_set(&open, BackfillState::Cancelled).await
    }

    async fn backfill_set(&self, from: &[BackfillState], to: BackfillState) -> Result<(), Fault> {
        let (source, from) = (nvd_id(), from.to_vec());
        let changed = self
            .db()
            .write(move |w| backfills::set_state(w, &source, &from, to, None))
            .await?;
        if !changed {
            return Err(Fault::new(
                "no_backfill",
                "There is no reading of all years that this could be done to.",
            ));
        }
        *self.0.filling.now() = Now::default();
        self.backfill_changed();
        Ok(())
    }

    /// How the backfill of a source stands; `None` where there never was one.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn backfill(&self, source: &SourceId) -> Result<Option<Backfill>, StoreError> {
        Ok(self.kept(source).await?.map(|kept| self.shown(kept)))
    }

    async fn kept(&self, source: &SourceId) -> Result<Option<Kept>, StoreError> {
        let source = source.clone();
        self.db().read(move |r| backfills::get(r, &source)).await
    }

    fn shown(&self, kept: Kept) -> Backfill {
        let now = self.0.filling.now();
        let is_waiting = kept.state == BackfillState::Running && now.waits.is_some();
        let (per_min, eta_s) = match kept.state {
            BackfillState::Running => speed(&now.pages, &kept),
            _ => (None, None),
        };
        Backfill {
            state: if is_waiting {
                BackfillState::Waiting
            } else {
                kept.state
            },
            done: kept.step.done,
            total: kept.total.map(|total| total.max(kept.step.done)),
            from: kept.from,
            to: kept.to,
            at: kept.step.at,
            started: kept.step.started,
            eta_s,
            per_min,
            fault: now.waits.clone().filter(|_| is_waiting).or(kept.fault),
        }
    }

    /// Reads on in the background whenever a backfill is running.
    pub(super) fn start_backfilling(&self) {
        let app = self.clone();
        let cancel = self.token();
        self.track(async move {
            loop {
                let wait = match app.backfill_step().await {
                    Step::On => Duration::ZERO,
                    Step::Wait(wait) => wait,
                };
                tokio::select! {
                    () = cancel.cancelled() => return,
                    () = app.0.filling.wake.notified() => {}
                    () = tokio::time::sleep(wait) => {}
                }
            }
        });
    }

    /// Reads on until it is done or stops, and says after each page how far it is: for the command line.
    ///
    /// # Errors
    /// Where there is none, or the database fails.
    pub async fn backfill_to_the_end(&self, tell: impl Fn(&Backfill)) -> Result<Backfill, Fault> {
        let cancel = self.token();
        loop {
            let step = self.backfill_step().await;
            let found = self.backfill(&nvd_id()).await?;
            let found = found
                .ok_or_else(|| Fault::new("no_backfill", "There is no reading of all years."))?;
            tell(&found);
            if !found.state.goes_on() || cancel.is_cancelled() {
                return Ok(found);
            }
            if let Step::Wait(wait) = step {
                tokio::select! {
                    () = cancel.cancelled() => return Ok(found),
                    () = self.0.filling.wake.notified() => {}
                    () = tokio::time::sleep(wait) => {}
                }
            }
        }
    }

    /// Reads a page, if one is to be read.
    async fn backfill_step(&self) -> Step {
        if self.in_force().is_paused || self.damage().is_some() {
            return Step::Wait(IDLE);
        }
        let Ok((source, nvd)) = self.nvd() else {
            return Step::Wait(IDLE);
        };
        match self.backfill_one(&source, &nvd).await {
            Ok(step) => step,
            Err(fault) => {
                tracing::warn!(code = %fault.code, "reading all years stopped for now: {fault}");
                self.waits(Some(fault));
                Step::Wait(IDLE)
            }
        }
    }

    async fn backfill_one(&self, source: &SourceId, nvd: &Nvd) -> Result<Step, Fault> {
        let _line = self.line(source).await;
        let hold = self.hold().await;
        // Only now: somebody may have paused it while this waited.
        let Some(kept) = self.kept(source).await? else {
            return Ok(Step::Wait(IDLE));
        };
        if kept.state != BackfillState::Running {
            return Ok(Step::Wait(IDLE));
        }
        let cancel = hold.leave.child_token();
        let stopped = self.token();
        let ask = || Ask {
            http: &self.0.pipeline.http,
            now: self.now(),
            cancel: cancel.clone(),
        };
        let reading = Reading {
            from: kept.from,
            to: kept.to,
            step: kept.step.clone(),
        };
        let all_years = kept.from.to_chrono().year() <= i32::from(FIRST_YEAR);
        let asked = async {
            let total = match kept.total {
                None if all_years && kept.step.done == 0 => nvd.count_all(ask()).await?,
                _ => None,
            };
            Ok((total, nvd.backfill_page(ask(), &reading).await?))
        };
        let answer = tokio::select! {
            biased;
            () = stopped.cancelled() => return Ok(Step::Wait(IDLE)),
            answer = asked => answer,
        };
        let (total, page) = match answer {
            Ok(answer) => answer,
            Err(refusal) => return self.refused(source, nvd, refusal).await,
        };
        let Some(page) = page else {
            // A span without a window: nothing is left.
            self.backfill_set(&[BackfillState::Running], BackfillState::Done)
                .await?;
            return Ok(Step::On);
        };
        let step = page.backfill.clone();
        if let Some(total) = total {
            let source = source.clone();
            self.db()
                .write(move |w| backfills::set_total(w, &source, total))
                .await?;
        }
        let quiet = job(source, &NoReader, Arc::default());
        self.0.pipeline.take(quiet, page).await?;
        let mut now = self.0.filling.now();
        now.waits = None;
        now.refusals = 0;
        if let Some(step) = step {
            let at = (Instant::now(), step.done, step.at);
            now.pages.push_back(at);
            if now.pages.len() > PAGES {
                now.pages.pop_front();
            }
        }
        drop(now);
        self.events().send(Event::SourceChanged {
            source: source.clone(),
        });
        Ok(Step::On)
    }

    async fn refused(&self, source: &SourceId, nvd: &Nvd, refusal: Refusal) -> Result<Step, Fault> {
        if refusal.fault.code == "cancelled" {
            return Ok(Step::Wait(IDLE));
        }
        if refusal.again {
            let refusals = {
                let mut now = self.0.filling.now();
                now.refusals += 1;
                now.refusals
            };
            let wait = nvd
                .backoff(refusals - 1, &refusal, self.now())
                .max(SHORTEST);
            tracing::info!(code = %refusal.fault.code, wait_s = wait.as_secs(), "reading all years waits");
            self.waits(Some(refusal.fault));
            return Ok(Step::Wait(wait));
        }
        let (source, fault) = (source.clone(), refusal.fault);
        self.db()
            .write(move |w| {
                let running = [BackfillState::Running];
                backfills::set_state(w, &source, &running, BackfillState::Failed, Some(&fault))
            })
            .await?;
        self.backfill_changed();
        Ok(Step::Wait(IDLE))
    }

    fn waits(&self, fault: Option<Fault>) {
        self.0.filling.now().waits = fault;
        self.events()
            .send(Event::SourceChanged { source: nvd_id() });
    }

    fn backfill_changed(&self) {
        self.0.filling.wake.notify_one();
        self.events()
            .send(Event::SourceChanged { source: nvd_id() });
    }

    /// NVD as it is set.
    pub(super) fn nvd(&self) -> Result<(SourceId, Arc<Nvd>), Fault> {
        let in_force = self.in_force();
        in_force.refuse_if_paused()?;
        let found = in_force.sources.iter().find_map(|(id, set)| {
            let Configured { enabled, nvd, .. } = set;
            nvd.as_ref()
                .map(|nvd| (id.clone(), *enabled, Arc::clone(nvd)))
        });
        match found {
            Some((id, true, nvd)) => Ok((id, nvd)),
            Some((_, false, _)) => Err(Fault::new(
                "source_off",
                "NVD is switched off. Switch it on in Sources first.",
            )),
            None => Err(Fault::new("no_nvd", "There is no source NVD.")),
        }
    }
}

/// The one NVD.
fn nvd_id() -> SourceId {
    SourceId::new("nvd")
}

/// A job for pages that are at hand already.
pub(super) fn job<'a>(source: &SourceId, reader: &'a NoReader, routing: Arc<Routing>) -> Job<'a> {
    Job {
        source: source.clone(),
        reader,
        fresh: false,
        trigger: RunTrigger::Asked,
        routing,
        cancel: tokio_util::sync::CancellationToken::new(),
        progress: &unheard,
    }
}

fn unheard(_: Progress) {}

/// Reads nothing: its pages are handed over one by one.
#[derive(Debug)]
pub(super) struct NoReader;

#[async_trait::async_trait]
impl crate::source::Source for NoReader {
    async fn collect(
        &self,
        _: crate::source::Fetch<'_>,
        _: &mut dyn crate::source::Pages,
    ) -> Result<(), Fault> {
        Ok(())
    }
}

/// Records a minute and seconds left, from the last pages: by records where their number is known, else by
/// the span of publication that is left.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss
)]
fn speed(pages: &VecDeque<(Instant, u32, Time)>, kept: &Kept) -> (Option<u32>, Option<u32>) {
    let mut took = Duration::ZERO;
    for pair in pages.iter().zip(pages.iter().skip(1)) {
        took += (pair.1.0 - pair.0.0).min(LONGEST_PAGE);
    }
    let (Some(first), Some(last)) = (pages.front(), pages.back()) else {
        return (None, None);
    };
    let took_s = took.as_secs_f64();
    if took_s <= 0.0 {
        return (None, None);
    }
    let per_s = f64::from(last.1.saturating_sub(first.1)) / took_s;
    let eta_s = match kept.total {
        Some(total) if per_s > 0.0 => Some(f64::from(total.saturating_sub(kept.step.done)) / per_s),
        _ => {
            let read_ms = (last.2.ms() - first.2.ms()) as f64;
            let left_ms = (kept.to.ms() - kept.step.at.ms()) as f64;
            (read_ms > 0.0).then(|| left_ms / read_ms * took_s)
        }
    };
    (
        Some((per_s * 60.0).round() as u32),
        eta_s.map(|s| s.ceil() as u32),
    )
}

//! Keeping the database: cleaning and optimising it while nobody needs it, backing it up, putting a
//! backup in its place; and saying so when the disk is full or the file is damaged.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedRwLockReadGuard, OwnedRwLockWriteGuard, RwLock};
use tokio_util::sync::CancellationToken;

use super::{App, WorkKind};
use crate::error::Fault;
use crate::events::{Event, catch_up};
use crate::model::{AlertId, Time};
use crate::store::backup::{self, Backup};
use crate::store::restore::Replaced;
use crate::store::retention::{self, Limits};
use crate::store::{StoreError, Trouble, meta, optimise};

/// Between two looks at whether there is something to do.
const LOOK: Duration = Duration::from_secs(60);
/// Nobody triaged for so long, seconds: then the machine is free.
const QUIET_S: i64 = 5 * 60;
/// Between two cleanings and two optimisings, seconds.
const DAY_S: i64 = 24 * 60 * 60;
/// Alerts that one transaction removes.
const BATCH: u32 = 50;
/// How long a restore waits for what is going on.
const MOST_WAIT: Duration = Duration::from_secs(20);

/// Who uses the database over more than one transaction, and who wants it alone: another file must not
/// take its place in the middle of a run, a message or a count.
#[derive(Debug, Default)]
pub(super) struct Whole {
    lock: Arc<RwLock<()>>,
    leave: Mutex<CancellationToken>,
}

/// The database stays the same file while this is held.
#[derive(Debug)]
pub(crate) struct Hold {
    _guard: OwnedRwLockReadGuard<()>,
    /// Tells the holder that somebody waits.
    pub(crate) leave: CancellationToken,
}

impl Whole {
    pub(super) async fn hold(&self) -> Hold {
        let guard = Arc::clone(&self.lock).read_owned().await;
        self.held(guard)
    }

    /// `None` where another file is taking its place.
    pub(super) fn try_hold(&self) -> Option<Hold> {
        let guard = Arc::clone(&self.lock).try_read_owned().ok()?;
        Some(self.held(guard))
    }

    fn held(&self, guard: OwnedRwLockReadGuard<()>) -> Hold {
        Hold {
            _guard: guard,
            leave: self.token().clone(),
        }
    }

    /// Asks everybody to leave and waits for it.
    async fn alone(&self) -> Result<OwnedRwLockWriteGuard<()>, Fault> {
        self.token().cancel();
        let waited = tokio::time::timeout(MOST_WAIT, Arc::clone(&self.lock).write_owned()).await;
        *self.token() = CancellationToken::new();
        waited.map_err(|_| {
            Fault::new(
                "database_busy",
                "Something is still being collected or sent. Nothing was changed; try again in a moment.",
            )
        })
    }

    fn token(&self) -> std::sync::MutexGuard<'_, CancellationToken> {
        self.leave.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl App {
    /// Holds the database as the file that it is, for work of more than one transaction.
    pub(crate) async fn hold(&self) -> Hold {
        self.0.whole.hold().await
    }

    pub(super) fn start_keeping(&self) {
        let app = self.clone();
        let cancel = self.token();
        self.track(async move {
            let mut trouble = app.db().trouble();
            loop {
                let now = trouble.borrow_and_update().clone();
                app.say(now.as_ref());
                tokio::select! {
                    () = cancel.cancelled() => return,
                    changed = trouble.changed() => if changed.is_err() { return },
                    () = tokio::time::sleep(LOOK) => app.look_after(now.as_ref()).await,
                }
            }
        });
    }

    /// Tells the user what the database suffers from, and takes it back when it is over.
    fn say(&self, trouble: Option<&Trouble>) {
        match trouble {
            Some(Trouble::DiskFull) => self.tell(StoreError::DiskFull.into()),
            Some(Trouble::Damaged { reason }) => {
                let path = self.db().path().display().to_string();
                let sentence = format!(
                    "The database {path} is damaged: {reason}. Close Tocsin and start it again: the file is checked then, and you choose between a backup and what can still be read. Nothing is deleted."
                );
                let fault = Fault::new("database_damaged", sentence);
                self.tell(fault.with("path", path).with("reason", reason));
            }
            None => {
                self.take_back("disk_full");
                self.take_back("database_damaged");
            }
        }
    }

    /// What is done once a minute.
    async fn look_after(&self, trouble: Option<&Trouble>) {
        let now = self.now();
        let done = match trouble {
            // Whether there is room again shows when something is written.
            Some(Trouble::DiskFull) => match self.recover().await {
                Ok(()) => self.db().write(move |w| meta::probe(w, now)).await,
                Err(fault) => Err(fault.into()),
            },
            Some(Trouble::Damaged { .. }) => return,
            None => return self.keep_when_idle().await,
        };
        if let Err(error) = done {
            tracing::debug!("the disk is still full: {error}");
        }
    }

    /// Cleans and optimises, each once a day at most, where nobody needs the machine. The app asks once a
    /// minute.
    pub async fn keep_when_idle(&self) {
        if self.in_force().is_paused || !self.is_idle().await {
            return;
        }
        let last = self
            .db()
            .read(|r| Ok((meta::last_cleaned(r)?, meta::last_optimised(r)?)))
            .await;
        let Ok((cleaned, optimised)) = last else {
            return;
        };
        let now = self.now();
        let is_due = |last: Option<Time>| last.is_none_or(|at| at.plus_s(DAY_S) <= now);
        if is_due(cleaned)
            && let Err(fault) = self.clean().await
        {
            tracing::warn!(code = %fault.code, "retention failed: {fault}");
        }
        if is_due(optimised)
            && let Err(fault) = self.optimise(false).await
        {
            tracing::warn!(code = %fault.code, "optimising failed: {fault}");
        }
    }

    async fn is_idle(&self) -> bool {
        if !self.running().is_empty() || !self.work().is_empty() {
            return false;
        }
        let now = self.now();
        let last = self.db().read(optimise::last_triage).await;
        last.is_ok_and(|at| at.is_none_or(|at| at.plus_s(QUIET_S) <= now))
    }

    /// What retention removes now.
    pub(crate) fn limits(&self) -> Limits {
        let set = self.in_force().settings.retention;
        Limits::before(
            self.now(),
            set.closed_days,
            set.articles_days,
            set.irrelevant_days,
        )
    }

    /// Removes what the settings no longer keep. Says how much; where it is told to stop, what was
    /// removed until then.
    ///
    /// # Errors
    /// Where the database fails, or the settings say something about retention that cannot be used:
    /// then nothing is removed by a default that the user did not want.
    pub(crate) async fn clean(&self) -> Result<u32, Fault> {
        let in_force = self.in_force();
        in_force.refuse_if_paused()?;
        let doubtful = |n: &&Fault| {
            n.code == "settings_bad_value"
                && n.params
                    .get("key")
                    .is_some_and(|k| k.starts_with("retention"))
        };
        if let Some(fault) = in_force.notices.iter().find(doubtful) {
            return Err(fault.clone());
        }
        let work = self.begin_work(WorkKind::Retention, true)?;
        let (limits, now) = (self.limits(), self.now());
        let total = self
            .db()
            .read(move |r| retention::removable(r, &limits))
            .await?;
        let (mut above, mut removed) = (AlertId(-1), 0);
        while total > 0 && !work.token().is_cancelled() {
            let ids = self
                .db()
                .read(move |r| retention::oldest(r, &limits, above, BATCH))
                .await?;
            let Some(last) = ids.last() else { break };
            above = *last;
            removed += self
                .db()
                .write(move |w| retention::remove(w, &ids, &limits, now))
                .await?;
            work.progress(removed, Some(total.max(removed)));
        }
        if !work.token().is_cancelled() {
            self.db().write(move |w| meta::set_cleaned(w, now)).await?;
        }
        if removed > 0 {
            tracing::info!(removed, "retention removed alerts");
            self.events().send(Event::AlertsChanged { added: 0 });
        }
        Ok(removed)
    }

    /// Makes the database small and quick. `thorough` also rewrites it where that is worth it. Says its
    /// bytes before and after.
    ///
    /// # Errors
    /// Where the database fails.
    pub(crate) async fn optimise(&self, thorough: bool) -> Result<(u64, u64), Fault> {
        let work = self.begin_work(WorkKind::Optimise, true)?;
        let db = self.db();
        let before = optimise::size_bytes(db.path());
        let token = work.token().clone();
        // In idle time it stops as soon as somebody begins something.
        let go_on = || !token.is_cancelled() && (thorough || self.running().is_empty());
        let steps = Some(5);
        work.progress(0, steps);
        db.update_statistics().await?;
        work.progress(1, steps);
        let longest = db.merge_search(thorough, &go_on).await?;
        work.progress(2, steps);
        if go_on() {
            db.prune_terms().await?;
        }
        if go_on() {
            db.read_index().await?;
        }
        work.progress(3, steps);
        if thorough && go_on() {
            db.rewrite_if_worth_it().await?;
        }
        work.progress(4, steps);
        if let Err(error) = db.take_log_in().await {
            tracing::debug!("the log was left for the next time: {error}");
        }
        let now = self.now();
        db.write(move |w| meta::set_optimised(w, now)).await?;
        let after = optimise::size_bytes(db.path());
        tracing::info!(before, after, ?longest, "the database was optimised");
        Ok((before, after))
    }

    /// Makes a verified backup, while everything goes on.
    ///
    /// # Errors
    /// `file_exists`, `file_not_written`, `copy_damaged`, `work_cancelled`.
    pub async fn back_up(&self, target: Option<PathBuf>) -> Result<Backup, Fault> {
        let work = self.begin_work(WorkKind::Backup, true)?;
        let (database, now) = (self.db().path().to_owned(), self.now());
        let made = tokio::task::spawn_blocking(move || {
            backup::make(&database, target.as_deref(), now, &|done, total| {
                work.progress(done, Some(total));
                !work.token().is_cancelled()
            })
        });
        let made = made.await.map_err(|_| StoreError::Closed)?;
        if let Some(reason) = made.as_ref().err().and_then(backup::found_damage) {
            let path = self.db().path().to_owned();
            // Whoever reads hears of it, so the notice is shown and the next start checks the file.
            let _: Result<(), _> = self
                .db()
                .read(move |_| Err(StoreError::Damaged { path, reason }))
                .await;
        }
        Ok(made?)
    }

    /// Puts a backup in the place of the database and goes on with it.
    ///
    /// # Errors
    /// `backup_damaged`, `backup_newer`, `backup_foreign`, `file_unreadable`, `database_busy`,
    /// `work_cancelled`; the database from before is in place then.
    pub async fn restore(&self, from: PathBuf) -> Result<Replaced, Fault> {
        let app = self.clone();
        self.replace(async move {
            let work = app.begin_work(WorkKind::Restore, true)?;
            let step = move |done, total| {
                work.progress(done, Some(total));
                !work.token().is_cancelled()
            };
            app.db().restore(from, app.now(), step).await
        })
        .await
    }

    /// Ends what uses the database, lets `exchange` put another file in its place, and goes on with that:
    /// to the end, even if nobody waits for it.
    pub(super) async fn replace(
        &self,
        exchange: impl Future<Output = Result<Replaced, StoreError>> + Send + 'static,
    ) -> Result<Replaced, Fault> {
        let app = self.clone();
        let done = self.0.tracker.spawn(async move {
            app.cancel_collecting(None);
            app.cancel_all_work();
            let alone = app.0.whole.alone().await?;
            let replaced = exchange.await?;
            app.lists().close_all();
            *app.0.recovered.lock().await = false;
            drop(alone);
            tracing::info!(alerts = replaced.alerts, kept = %replaced.kept.display(), "another database is in place");
            app.begin().await?;
            for event in catch_up() {
                app.events().send(event);
            }
            Ok(replaced)
        });
        done.await.map_err(|_| Fault::from(StoreError::Closed))?
    }
}

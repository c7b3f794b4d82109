//! The running app: what the window, the server and the command line share. It owns every task; each
//! belongs to its tracker and stops on its token.

mod acts;
mod backfill;
mod backtest;
mod collect;
mod deliver;
mod export;
mod health;
mod import;
mod keep;
mod learn;
mod lists;
mod models;
mod reanalyse;
mod recount;
mod recovery;
mod reread;
mod state;
mod target;
mod timetable;
mod views;
mod wake;
mod work;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::analyse::{Analyser, Current};
use crate::clock::Clock;
use crate::error::Fault;
use crate::events::{Event, Events};
use crate::http::{Http, HttpOptions};
use crate::model::Time;
use crate::outbox::{self, Outbox};
use crate::pipeline::Pipeline;
use crate::schedule::network::Network;
use crate::secrets::Vault;
use crate::settings::{Environment, Paths};
use crate::store::{Db, Open, deliveries, sources};

pub use collect::Running;
pub use export::{Destination, save_file};
pub(crate) use export::{Export, suggest};
pub use learn::UserModelState;
pub(crate) use learn::{report, stored_model};
pub(crate) use lists::Snapshot;
pub use models::{ModelOrigin, ModelState};
pub(crate) use recount::told_subject;
pub(crate) use state::is_adaptive;
pub use state::{Configured, InForce};
pub use target::Target;
pub(crate) use target::resolve;
pub(crate) use views::read_query;
pub use work::{Work, WorkKind, Working};

/// How long an exit waits for what is in flight.
const EXIT_DEADLINE: Duration = Duration::from_secs(3);

/// The version of Tocsin.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// What the program around the core does for it.
pub trait Host: Send + Sync {
    /// Whether the interface is a window or a browser.
    fn is_desktop(&self) -> bool;

    /// Opens an http(s) address in the system's browser.
    ///
    /// # Errors
    /// Where there is no browser to open it.
    fn open_url(&self, url: &str) -> Result<(), Fault>;
}

/// Reads the variables in effect; asked again after a secret was set.
pub type ReadEnvironment = Arc<dyn Fn(&Paths) -> Environment + Send + Sync>;

/// How the app is started.
#[derive(Clone)]
pub struct Options {
    /// Where its files are.
    pub paths: Paths,
    /// The variables in effect.
    pub environment: ReadEnvironment,
    /// What the program around the core does for it.
    pub host: Arc<dyn Host>,
    /// Whether to collect on schedule and to send what waits; otherwise only when asked.
    pub background: bool,
    /// Whether to only read, beside another process.
    pub read_only: bool,
}

/// The running app. Cheap to clone.
#[derive(Clone)]
pub struct App(Arc<Inner>);

struct Inner {
    paths: Paths,
    host: Arc<dyn Host>,
    pipeline: Pipeline,
    state: state::State,
    lists: lists::Lists,
    works: work::Works,
    runs: collect::Runs,
    network: Mutex<Network>,
    filling: backfill::Filling,
    recount: recount::Recount,
    models: models::Loaded,
    learning: learn::Learning,
    /// Held while the user's model is made or forgotten.
    training: tokio::sync::Mutex<()>,
    reanalysis: reanalyse::Reanalysis,
    outbox: Outbox,
    delivering: deliver::Delivering,
    /// The number of the newest backtest: an older one that still runs gives way.
    backtests: Arc<AtomicU64>,
    whole: keep::Whole,
    background: bool,
    begun: AtomicBool,
    /// Whether what a crash left in the middle of this database was put right.
    recovered: tokio::sync::Mutex<bool>,
    notices: Mutex<BTreeMap<String, Fault>>,
    wake_schedule: Notify,
    /// The moment at which the schedule was looked at last; `None` while there is none.
    looked: watch::Sender<Option<Time>>,
    wake_outbox: Notify,
    wake_snoozes: Notify,
    tracker: TaskTracker,
    cancel: CancellationToken,
}

impl App {
    /// Opens the data folder and starts the work in the background.
    ///
    /// A damaged database is no error: the app runs and waits for a choice, see [`App::damage`].
    ///
    /// # Errors
    /// Where the folder cannot be made or the database cannot be opened; nothing was changed then.
    pub async fn start(mut options: Options) -> Result<Self, Fault> {
        if options.read_only {
            // Who only reads needs no secret, and nobody is asked for the keyring's password for it.
            let whole = Arc::clone(&options.environment);
            options.environment = Arc::new(move |paths| whole(paths).with_vault(Vault::off()));
        }
        let environment = (options.environment)(&options.paths);
        let paths = options.paths.with_environment(&environment);
        let clock = match environment.clock_start()? {
            Some(start) => Clock::starting_at(start),
            None => Clock::system(),
        };
        if !options.read_only {
            paths.create()?;
        }
        let db_path = paths.database.clone();
        let db = tokio::task::spawn_blocking(move || {
            if options.read_only {
                Db::open(&db_path, Open::ReadOnly)
            } else {
                Db::open_or_hold(&db_path)
            }
        })
        .await
        .map_err(|_| Fault::new("start_failed", "The database could not be opened."))??;
        let http = Http::new(HttpOptions::default())?;
        let events = Events::default();
        let pipeline = Pipeline {
            db,
            clock,
            http: Arc::new(http),
            events: events.clone(),
            analyser: Arc::new(Current::default()),
        };
        let state = {
            let (paths, events) = (paths.clone(), events.clone());
            let http = Arc::clone(&pipeline.http);
            let is_desktop = options.host.is_desktop();
            // Files and the keyring are asked where that holds nobody up.
            tokio::task::spawn_blocking(move || {
                state::State::load(&paths, options.environment, &events, &http, is_desktop)
            })
            .await
            .map_err(|_| Fault::new("start_failed", "The settings could not be read."))?
        };
        let settings = &state.get().settings;
        pipeline.analyser.set(
            settings.watch_list(),
            settings.mutes_in_force(pipeline.clock.now()),
        );
        let app = Self(Arc::new(Inner {
            paths,
            host: options.host,
            pipeline,
            state,
            lists: lists::Lists::default(),
            works: work::Works::default(),
            runs: collect::Runs::default(),
            network: Mutex::default(),
            filling: backfill::Filling::default(),
            recount: recount::Recount::default(),
            models: models::Loaded::default(),
            learning: learn::Learning::default(),
            training: tokio::sync::Mutex::default(),
            reanalysis: reanalyse::Reanalysis::default(),
            outbox: Outbox::default(),
            backtests: Arc::default(),
            delivering: deliver::Delivering::default(),
            whole: keep::Whole::default(),
            background: options.background,
            begun: AtomicBool::new(false),
            recovered: tokio::sync::Mutex::default(),
            notices: Mutex::default(),
            wake_schedule: Notify::new(),
            looked: watch::Sender::default(),
            wake_outbox: Notify::new(),
            wake_snoozes: Notify::new(),
            tracker: TaskTracker::new(),
            cancel: CancellationToken::new(),
        }));
        app.load_analysis().await;
        if let Some(damage) = app.damage() {
            tracing::error!(code = %damage.code, "{damage}");
        } else if options.read_only {
            app.load_user_model().await?;
        } else {
            app.begin().await?;
        }
        Ok(app)
    }

    /// Puts the model file in force. One that cannot be used is a notice.
    async fn load_analysis(&self) {
        let app = self.clone();
        let _ = tokio::task::spawn_blocking(move || app.load_models()).await;
    }

    /// Begins, or begins anew, with the database that is open now.
    async fn begin(&self) -> Result<(), Fault> {
        match self.recover().await {
            // What is stored is shown; it is put right before anything is collected or sent.
            Err(fault) if fault.code == "disk_full" => {
                tracing::warn!("not begun properly: {fault}")
            }
            done => done?,
        }
        self.load_user_model().await?;
        if !self.0.begun.swap(true, Ordering::Relaxed) {
            self.start_recount();
            self.start_learning();
            self.start_reanalysing();
            self.start_keeping();
            self.start_waking();
            self.start_acting();
            if self.0.background {
                self.run_schedule();
                self.start_backfilling();
                self.start_outbox();
            }
        }
        self.0.delivering.look_again();
        self.0.recount.ask();
        self.0.wake_schedule.notify_one();
        self.0.wake_outbox.notify_one();
        Ok(())
    }

    /// Puts right what a crash left in the middle, unless that is done. Nothing of this session is in the
    /// middle of anything yet.
    pub(crate) async fn recover(&self) -> Result<(), Fault> {
        let mut recovered = self.0.recovered.lock().await;
        if *recovered {
            return Ok(());
        }
        let now = self.now();
        let (runs, unknown) = self
            .db()
            .write(move |w| {
                Ok((
                    sources::close_interrupted(w, now)?,
                    deliveries::mark_unknown(w, &outbox::interrupted(), now)?,
                ))
            })
            .await?;
        self.count_recent_attempts().await?;
        *recovered = true;
        drop(recovered);
        if runs + unknown > 0 {
            tracing::warn!(
                runs,
                unknown,
                "the last session ended in the middle of its work"
            );
        }
        Ok(())
    }

    /// Stops collecting and sending and waits up to three seconds for what is in flight.
    pub async fn stop(&self) {
        self.0.cancel.cancel();
        self.0.tracker.close();
        if tokio::time::timeout(EXIT_DEADLINE, self.0.tracker.wait())
            .await
            .is_err()
        {
            tracing::warn!("some work did not end in time and was left");
        }
        if tokio::time::timeout(EXIT_DEADLINE, self.db().close())
            .await
            .is_err()
        {
            tracing::warn!("the database did not close in time");
        }
    }

    /// Answers one command of the list in [`crate::commands`].
    ///
    /// # Errors
    /// A fault whose code the interface acts on.
    pub async fn call(
        &self,
        name: &str,
        request: serde_json::Value,
    ) -> Result<serde_json::Value, Fault> {
        crate::commands::dispatch(self, name, request).await
    }

    /// What happens.
    #[must_use]
    pub fn events(&self) -> &Events {
        &self.0.pipeline.events
    }

    /// What time it is here.
    #[must_use]
    pub fn now(&self) -> Time {
        self.0.pipeline.clock.now()
    }

    /// The clock, which a test or a replay moves.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.0.pipeline.clock
    }

    /// How the network is reached.
    #[must_use]
    pub fn http(&self) -> &Http {
        &self.0.pipeline.http
    }

    pub(crate) fn shared_http(&self) -> &Arc<Http> {
        &self.0.pipeline.http
    }

    /// Shows the user a notice until it is taken back; a newer one with its code replaces it.
    pub fn tell(&self, notice: Fault) {
        self.with_notices(|notices| notices.insert(notice.code.clone(), notice));
        self.events().send(Event::WorkChanged);
    }

    /// Takes a notice back.
    pub fn take_back(&self, code: &str) {
        if self.with_notices(|notices| notices.remove(code)).is_some() {
            self.events().send(Event::WorkChanged);
        }
    }

    /// What the user must know: what the settings said, and what happened since.
    #[must_use]
    pub fn notices(&self) -> Vec<Fault> {
        let mut all = self.in_force().notices.clone();
        all.extend(self.with_notices(|notices| notices.values().cloned().collect::<Vec<_>>()));
        all
    }

    fn with_notices<T>(&self, work: impl FnOnce(&mut BTreeMap<String, Fault>) -> T) -> T {
        work(
            &mut self
                .0
                .notices
                .lock()
                .unwrap_or_else(PoisonError::into_inner),
        )
    }

    /// The settings in force.
    #[must_use]
    pub fn in_force(&self) -> Arc<InForce> {
        self.0.state.get()
    }

    /// Where its files are.
    #[must_use]
    pub fn paths(&self) -> &Paths {
        &self.0.paths
    }

    /// What is told to stop when the app does; a child token for each piece of work.
    #[must_use]
    pub fn token(&self) -> CancellationToken {
        self.0.cancel.child_token()
    }

    /// Starts work that the app waits for when it stops.
    pub fn track<F>(&self, work: F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        self.0.tracker.spawn(work);
    }

    pub(crate) fn db(&self) -> &Db {
        &self.0.pipeline.db
    }

    /// The analyser in force now.
    #[must_use]
    pub fn analyser(&self) -> Arc<Analyser> {
        self.0.pipeline.analyser.get()
    }

    pub(crate) fn host(&self) -> &dyn Host {
        &*self.0.host
    }

    pub(crate) fn lists(&self) -> &lists::Lists {
        &self.0.lists
    }

    /// The variables in effect, read anew.
    pub(crate) fn environment(&self) -> Environment {
        self.0.state.environment(&self.0.paths)
    }

    /// Reads settings and secrets again and puts them in force.
    pub(crate) fn reload(&self) {
        self.0
            .state
            .reload(&self.0.paths, self.events(), |before, now| {
                let mutes = now.settings.mutes_in_force(self.now());
                let analyser = &self.0.pipeline.analyser;
                analyser.set(now.settings.watch_list(), mutes);
                self.due_again(before, now);
                self.channels_changed(before, now);
            });
        self.load_models();
        let threshold = self.in_force().settings.analysis.threshold;
        self.0
            .pipeline
            .analyser
            .change(|analyser| analyser.with_threshold(threshold));
        self.reanalyse_soon();
        self.0.recount.ask();
        self.0.wake_schedule.notify_one();
        self.0.wake_outbox.notify_one();
        self.events().send(Event::SettingsChanged);
    }

    /// Reads settings and secrets again where somebody changed the files by hand.
    pub(crate) async fn reload_if_changed(&self) {
        let app = self.clone();
        let looked = tokio::task::spawn_blocking(move || {
            if app.0.state.is_stale(&app.0.paths) {
                tracing::info!("settings were changed by hand; they are read again");
                app.reload();
            }
        });
        let _ = looked.await;
    }

    pub(crate) fn wake_outbox(&self) {
        self.0.wake_outbox.notify_one();
    }
}

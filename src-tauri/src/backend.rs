//! The running core: started beside the window, asked through [`Backend::call`], stopped at exit.

use std::time::Duration;

use serde_json::Value;
use tauri::{AppHandle, Manager};
use tocsin_core::app::{App, Options};
use tocsin_core::error::Fault;
use tokio::sync::watch;

/// How long the exit waits for the core, which has a deadline of its own (3 s).
const STOP_TIMEOUT: Duration = Duration::from_secs(5);

/// Holds the core once it runs. Questions that come earlier wait for it.
pub struct Backend(watch::Sender<Stage>);

#[derive(Clone, Default)]
enum Stage {
    #[default]
    Starting,
    Running(App),
    Ended,
}

impl Default for Backend {
    fn default() -> Self {
        Self(watch::Sender::new(Stage::Starting))
    }
}

impl Backend {
    /// Starts the core. With a damaged database it runs and waits for a choice in the window.
    ///
    /// # Errors
    /// Why it cannot run: a newer or locked database, among others.
    pub async fn start(app: &AppHandle, options: Options) -> Result<App, Fault> {
        let backend = app.state::<Backend>();
        let started = App::start(options).await;
        let stage = match &started {
            Ok(core) => Stage::Running(core.clone()),
            Err(_) => Stage::Ended,
        };
        backend.0.send_replace(stage);
        started
    }

    /// Asks the core.
    ///
    /// # Errors
    /// What the core says; `app_stopping` once it has ended.
    pub async fn call(&self, name: &str, request: Value) -> Result<Value, Fault> {
        match self.running().await {
            Some(core) => core.call(name, request).await,
            None => Err(Fault::new("app_stopping", "Tocsin is closing.")),
        }
    }

    /// The core as soon as it runs; `None` once it has ended.
    async fn running(&self) -> Option<App> {
        let mut stages = self.0.subscribe();
        let is_decided = |stage: &Stage| !matches!(stage, Stage::Starting);
        let stage = stages.wait_for(is_decided).await.ok()?;
        match &*stage {
            Stage::Running(core) => Some(core.clone()),
            Stage::Starting | Stage::Ended => None,
        }
    }

    /// Whether there is no core any more, or never was.
    pub fn has_ended(&self) -> bool {
        matches!(*self.0.borrow(), Stage::Ended)
    }

    /// Stops the core and waits until it has put everything away.
    pub fn stop(app: &AppHandle) {
        let Some(backend) = app.try_state::<Backend>() else {
            return;
        };
        if let Stage::Running(core) = backend.0.send_replace(Stage::Ended) {
            let stopped = tauri::async_runtime::block_on(async {
                tokio::time::timeout(STOP_TIMEOUT, core.stop()).await
            });
            if stopped.is_err() {
                tracing::warn!("the core did not stop in time");
            }
        }
    }
}

//! The running core: started beside the window, asked through [`Backend::call`], stopped at exit.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tauri::{AppHandle, Manager};
use tocsin_core::app::{App, Options};
use tocsin_core::error::Fault;
use tocsin_core::events::Event;
use tokio::sync::{broadcast, watch};

/// How long the exit waits for the core, which has a deadline of its own (3 s).
const STOP_TIMEOUT: Duration = Duration::from_secs(5);

/// Holds the core once it runs. Questions that come earlier wait for it.
pub struct Backend(watch::Sender<Stage>);

#[derive(Clone, Default)]
enum Stage {
    #[default]
    Starting,
    Running(Arc<App>),
    Ended,
}

impl Default for Backend {
    fn default() -> Self {
        Self(watch::Sender::new(Stage::Starting))
    }
}

impl Backend {
    /// Starts the core and returns its events, heard from the first on.
    ///
    /// # Errors
    /// Why it cannot run: a newer, locked or damaged database, among others.
    pub async fn start(
        app: &AppHandle,
        options: Options,
    ) -> Result<broadcast::Receiver<Event>, Fault> {
        let backend = app.state::<Backend>();
        match App::start(options).await {
            Ok(core) => {
                let events = core.events().subscribe();
                backend.0.send_replace(Stage::Running(Arc::new(core)));
                Ok(events)
            }
            Err(fault) => {
                backend.0.send_replace(Stage::Ended);
                Err(fault)
            }
        }
    }

    /// Asks the core.
    ///
    /// # Errors
    /// What the core says; `app_stopping` once it has ended.
    pub async fn call(&self, name: &str, request: Value) -> Result<Value, Fault> {
        let mut stages = self.0.subscribe();
        let stage = stages
            .wait_for(|stage| !matches!(stage, Stage::Starting))
            .await;
        let core = match stage.as_deref() {
            Ok(Stage::Running(core)) => Arc::clone(core),
            _ => return Err(Fault::new("app_stopping", "Tocsin is closing.")),
        };
        drop(stage);
        core.call(name, request).await
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

//! The model file in force: the built-in one, or the one that the settings name. One that cannot be used is a
//! notice; watches go on without it.

use std::path::Path;
use std::sync::{Mutex, PoisonError};

use crate::analyse::Shipped;
use crate::model::{ModelError, ModelFile, ModelInfo};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::App;
use crate::error::Fault;

/// The code of the notice.
const UNUSABLE: &str = "model_unusable";

/// Where the model file in force comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ModelOrigin {
    /// It is part of Tocsin.
    Embedded,
    /// The settings name it.
    File {
        /// Where it is.
        path: String,
    },
    /// There is none: only watches decide.
    #[default]
    None,
}

/// The model file in force.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, TS)]
pub struct ModelState {
    /// What it says of itself.
    pub info: Option<ModelInfo>,
    /// Where it comes from.
    pub origin: ModelOrigin,
    /// Why the one that was wanted is not used.
    pub fault: Option<Fault>,
}

/// What was loaded last, for which setting.
#[derive(Default)]
pub(super) struct Loaded(Mutex<(Option<Option<String>>, ModelState)>);

impl App {
    /// The model file in force.
    #[must_use]
    pub fn model_state(&self) -> ModelState {
        self.lock_models().1.clone()
    }

    /// Puts the model file of the settings in force, unless it is. Blocks: call it off the async threads.
    pub(super) fn load_models(&self) {
        let wanted = self.in_force().settings.analysis.model_file.clone();
        let mut loaded = self.lock_models();
        if loaded.0.as_ref() == Some(&wanted) {
            return;
        }
        let read = match &wanted {
            Some(path) => {
                let origin = ModelOrigin::File { path: path.clone() };
                read(Path::new(path)).map(|shipped| (shipped, origin))
            }
            None => Shipped::embedded()
                .map(|shipped| (shipped, ModelOrigin::Embedded))
                .map_err(|error| unusable(&error)),
        };
        let (shipped, state) = match read {
            Ok((shipped, origin)) => {
                let state = ModelState {
                    info: shipped.models.info().cloned(),
                    origin,
                    fault: None,
                };
                (shipped, state)
            }
            Err(fault) => {
                let state = ModelState {
                    fault: Some(fault),
                    ..ModelState::default()
                };
                (Shipped::default(), state)
            }
        };
        match &state.fault {
            Some(fault) => {
                tracing::error!("{fault}");
                self.tell(fault.clone());
            }
            None => self.take_back(UNUSABLE),
        }
        self.0
            .pipeline
            .analyser
            .change(|analyser| shipped.given_to(analyser));
        *loaded = (Some(wanted), state);
    }

    /// What names the model file in force.
    pub(super) fn model_version(&self) -> String {
        let state = self.lock_models();
        let info = state.1.info.as_ref();
        info.map_or_else(|| "none".to_owned(), |info| info.version.clone())
    }

    fn lock_models(&self) -> std::sync::MutexGuard<'_, (Option<Option<String>>, ModelState)> {
        let models = &self.0.models;
        models.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Reads a model file, which is never larger than a container may be.
fn read(path: &Path) -> Result<Shipped, Fault> {
    let name = path.display().to_string();
    let refuse = |reason: String| {
        Fault::new(
            UNUSABLE,
            format!("The model file {name} is not used: {reason}. Watches work without it; choose another file or the built-in model in Settings, Analysis."),
        )
        .with("file", &name)
        .with("reason", reason)
    };
    let size = std::fs::metadata(path).map_err(|e| refuse(e.to_string()))?;
    if size.len() > ModelFile::MOST_BYTES as u64 {
        return Err(refuse("it is too large".to_owned()));
    }
    let bytes = std::fs::read(path).map_err(|e| refuse(e.to_string()))?;
    Shipped::read(bytes).map_err(|e| refuse(e.to_string()))
}

fn unusable(error: &ModelError) -> Fault {
    Fault::new(
        UNUSABLE,
        format!("The built-in model is not used: {error}. Watches work without it; install Tocsin anew or choose a model file in Settings, Analysis."),
    )
    .with("file", "")
    .with("reason", error)
}

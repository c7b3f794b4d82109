//! Everything that a model file holds, read at once: the classifiers and the names.

use std::sync::{Arc, OnceLock};

use crate::Analyser;
use crate::classify::{Models, embedded_file};
use crate::entity::Names;
use crate::model::{ModelError, ModelFile};

/// What a model file holds. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Shipped {
    /// The classifiers.
    pub models: Arc<Models>,
    /// Lists of names and what finds others.
    pub names: Arc<Names>,
}

impl Shipped {
    /// What is within the program, read once.
    ///
    /// # Errors
    /// [`ModelError`] where it cannot be read.
    pub fn embedded() -> Result<Self, ModelError> {
        static SHIPPED: OnceLock<Result<Shipped, ModelError>> = OnceLock::new();
        SHIPPED
            .get_or_init(|| {
                Ok(Self {
                    models: Models::embedded()?,
                    names: Arc::new(Names::read(&embedded_file()?)?),
                })
            })
            .clone()
    }

    /// From the bytes of a model file.
    ///
    /// # Errors
    /// [`ModelError`] where it cannot be read.
    pub fn read(bytes: Vec<u8>) -> Result<Self, ModelError> {
        let file = ModelFile::read(bytes)?;
        Ok(Self {
            models: Arc::new(Models::from_file(&file)?),
            names: Arc::new(Names::read(&file)?),
        })
    }

    /// An analyser with it.
    #[must_use]
    pub fn given_to(self, analyser: Analyser) -> Analyser {
        analyser.with_models(self.models).with_names(self.names)
    }
}

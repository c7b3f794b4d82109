//! Takes over a JSON export of Tocsin's: what is not stored yet is stored as seen, with its state, tags,
//! notes and history. Nothing that is stored is changed, and nobody is notified.
//!
//! The file may come from anybody. It is read a record at a time, each of which is held to a size and
//! parsed alone: one that is no alert is a problem and fails nothing. What a source said is cleaned and
//! checked ([`crate::normalise::restore`]); what analysis said is not believed, it is asked again.

mod read;
mod record;
mod split;
mod store;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::model::Problem;

pub use read::{Batch, Reader};
pub use store::{Stored, store};

/// What an import brought.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, TS)]
pub struct Imported {
    /// Alerts that were stored.
    pub added: u32,
    /// Alerts that were stored already; they stay as they are.
    pub known: u32,
    /// Records that could not be used.
    pub refused: u32,
    /// What was wrong with the first 20 of them.
    pub problems: Vec<Problem>,
}

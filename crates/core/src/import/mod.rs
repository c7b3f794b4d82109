//! Takes over files: NVD's JSON (2.0 and 1.1), as a start without a network, and a JSON export of Tocsin's;
//! plain or packed. Nobody is notified.
//!
//! Of an export, what is not stored yet is stored as seen, with its state, tags, notes and history; nothing
//! that is stored is changed. Of NVD's files, what is not stored yet is stored as seen, and a newer record
//! changes an older one as if it had been collected; never the other way round.
//!
//! The file may come from anybody. It is read a record at a time, each of which is held to a size and
//! parsed alone: one that is no alert is a problem and fails nothing. What a source said is cleaned and
//! checked ([`crate::normalise::restore`]); what analysis said is not believed, it is asked again.

mod read;
mod record;
mod split;
mod store;
mod unpack;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::model::Problem;

pub use read::{Batch, NvdBatch, Reader, Taken};
pub use store::{Stored, store};

/// What an import brought.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, TS)]
pub struct Imported {
    /// Alerts that were stored.
    pub added: u32,
    /// Alerts that a newer record of NVD's changed.
    pub changed: u32,
    /// Alerts that were stored already; they stay as they are.
    pub known: u32,
    /// Records that could not be used.
    pub refused: u32,
    /// What was wrong with the first 20 of them.
    pub problems: Vec<Problem>,
}

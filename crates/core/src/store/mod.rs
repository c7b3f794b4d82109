//! What is kept: one SQLite database. The only room that knows SQL.
//!
//! One writer thread, a few read-only readers ([`Db`]); a file per table; values are always bound. A
//! closure that gets a [`Read`] cannot write, by type.

pub mod alerts;
pub mod analysed;
pub mod attempts;
pub mod backfills;
pub mod backup;
pub mod changes;
pub mod channels;
mod connect;
pub mod db;
pub mod deliveries;
pub mod enrich;
pub mod error;
mod files;
mod header;
pub mod health;
mod image;
mod index;
pub mod labels;
pub mod list;
mod lock;
pub mod meta;
mod migrate;
pub mod news;
pub mod notes;
mod open;
pub mod optimise;
pub mod records;
mod replace;
pub mod restore;
pub mod retention;
mod row;
mod salvage;
pub mod search;
pub mod sources;
pub mod tags;
mod terms;
pub mod triage;
pub mod watches;
mod words;
mod writer;

pub use db::{Db, Open, Read, Write};
pub use error::StoreError;
pub use health::Trouble;

#[cfg(test)]
mod plan_tests;

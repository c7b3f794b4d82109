//! Tocsin's backend. The modules stand in the order in which data flows:
//!
//! ```text
//! source -> normalise -> analyse -> store -> route -> notify
//! ```
//!
//! [`pipeline`] is that order on one screen. ARCHITECTURE.md has the table of who may see whom;
//! `cargo xtask tidy` checks it.

pub mod clock;
pub mod error;
pub mod events;
pub mod logs;
pub mod model;
pub mod secrets;
pub mod settings;

pub mod analyse;
pub mod http;
pub mod normalise;
pub mod notify;
pub mod query;
pub mod route;
pub mod source;
pub mod store;

pub mod export;
pub mod import;
pub mod outbox;
pub mod pipeline;
pub mod schedule;

pub mod app;
pub mod commands;
pub mod server;

#[cfg(all(test, target_os = "linux"))]
#[allow(clippy::unwrap_used)]
mod testing;

/// The allocator of every program that has this backend in it. A page of NVD's is read into a million small
/// pieces on all cores. (SQLite, in C, keeps the system's.)
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

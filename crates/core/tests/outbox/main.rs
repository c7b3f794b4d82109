//! The outbox over channels that do what a test says: what waits, goes out, is tried again, stops, starts again
//! and ends.

#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "../common/mod.rs"]
mod common;

mod commands;
mod gathering;
mod stopping;
mod trying;
mod waiting;
mod world;

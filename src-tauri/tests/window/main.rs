//! End-to-end tests: what a user sees and does in the real window, against a replay server on loopback.
//! One program for all of them, because linking one is slow; each test runs alone and beside the others.
//! Without a display, WebKitGTK's driver or a built UI they say `skipped: why`.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod accessibility;
mod analysis;
mod channels;
#[allow(dead_code, reason = "shared with the other test program")]
mod common;
mod notifications;
mod recorded_week;
mod records;
mod restart;
mod safety;
mod searching;
mod settings_file;
mod sources;
mod starting;
mod undelivered;
mod watches;
mod whole_path;

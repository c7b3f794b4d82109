//! Keeping: backups, restoring, retention, full disks, damaged files.

#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "../common/mod.rs"]
mod common;

#[cfg(target_os = "linux")]
mod disk_full;
mod recovery;
mod retention;
mod salvage;

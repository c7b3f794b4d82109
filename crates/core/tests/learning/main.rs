//! Learning from triage, in a whole app: what is said, taken back, learnt in the background, compared, kept
//! and forgotten; and analysing again what is stored.

#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "../common/mod.rs"]
mod common;

mod analysing_again;
mod feedback;
mod models;
mod teaching;

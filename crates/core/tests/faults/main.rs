//! What sources meet in the world, against the replay: each fault stops one source, says in a sentence what
//! happened and what to do, and leaves the others working.

#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "../common/mod.rs"]
mod common;

mod answers;
mod asleep;
mod places;
mod world;

//! Feeds: the corpus under the reference parser's expectations, and what no document may do.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

#[path = "../common/mod.rs"]
mod common;

mod commands;
mod compare;
mod corpus;
mod mutation;
mod proof;

//! Feeds: the corpus under the reference parser's expectations, and what no document may do.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod compare;
mod corpus;
mod mutation;
mod proof;

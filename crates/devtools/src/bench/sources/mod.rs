//! What reading a source costs, beside what others need for the same bytes.

pub mod feeds;

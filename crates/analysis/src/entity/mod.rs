//! Names in text.
pub mod tag;
pub mod words;

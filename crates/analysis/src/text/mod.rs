//! One pass over an alert's text: the words that every reader of analysis shares.
//!
//! Classifiers and taggers look at the same tokens, so that a text is taken apart once. A token is what
//! the field calls one word: `log4j2`, `c++`, `.net`, `cve-2024-3094`, `2.17.1` and `cross-site` stay whole;
//! their parts are found again by [`Token::is_joined`] and [`parts`]. Nothing is lost of the original: tokens
//! carry byte and character positions, and both are always on character boundaries.

mod document;
mod hash;
mod token;

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests;

pub use document::{Document, Span};
pub use hash::{hash_pair, hash_word, mix};
pub use token::{Shape, Token, parts};

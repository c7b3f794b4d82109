//! The query language: what a person types into the search box, a view, a rule or the command line.
//! Pure; the store compiles it, `matches` asks it of one alert in memory.

pub mod ast;
mod complete;
pub mod date;
mod error;
pub mod field;
mod lex;
mod lower;
mod matches;
pub mod node;
mod number;
pub mod old;
mod parse;
mod print;
pub mod tokens;
mod value;

pub use ast::Query;
pub use complete::{Suggestion, SuggestionKind, Want, Wanted, complete};
pub use error::{QueryError, Reason};
pub use matches::{Subject, hits, matches};
pub use node::Node;
pub use parse::{MAX_CHARS, MAX_DEPTH, MAX_TERMS, parse, parse_typing};
pub use print::{and, quoted_value};

#[cfg(test)]
mod tests;

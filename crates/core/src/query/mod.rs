//! The query language: what a person types into the search box, a view, a rule, the API or the command
//! line. Pure; the store compiles it, [`matches`] asks it of one alert in memory. Never panics, whatever
//! was typed.
//!
//! ```text
//! query   = [ or ]                                nothing = everything
//! or      = and { "OR" and }
//! and     = unary { [ "AND" ] unary }             binds tighter than OR; only capitals are operators
//! unary   = ( "NOT" | "-" ) unary | "(" or ")" | term
//! term    = word [ "*" ] | quote [ "*" ] | field operator value { "," value }
//! quote   = '"' anything but '"' '"'              also typographic ones
//! field   = see field::Field                      letter case aside
//! operator = ":" | "=" | "!=" | "<" | "<=" | ">" | ">=" | ":" and one of these
//! value   = quote [ "*" ] | word [ "*" ] | "*"    no white space around it; "*" alone = has any
//! number  = digits [ "." digits ] [ "%" ], or a range: 7..9 7.. ..9
//! date    = 7d (h d w m y) | today | yesterday | 2026 | 2026-11 | 2026-11-01 | RFC 3339, or a range
//! ```
//!
//! - `field:a,b` is one of; `!=` is a negated `=`; a negation is the logical one: what has no score fulfils
//!   `-cvss>7`.
//! - `-` negates directly before something; in a word it is a hyphen, and `--x` is a word.
//! - A bare CVE id is that record and what names it; with fewer than four digits of number it is the ids
//!   that begin so.
//! - Words are those of the index ([`tokens`]): `log4j-core` is two in a row, `C++` is `c`.
//! - What looks like a field and is none is an error; [`lex`] says what is text all the same.
//! - `7d` behind a comparison is an age (`<7d` is younger); a calendar date is a stretch of time (`<=` goes
//!   to its end, `>` begins after it). All in UTC.
//!
//! The way: text -> [`lex`] -> [`parse`](parse::parse) (with [`value`], [`number`], [`date`]) -> [`ast`] ->
//! [`lower`] (with now) -> [`node`]. [`print`] goes back from [`ast`] to text: one canonical form, which is
//! read as the same query. [`complete`](complete::complete) uses the lexer alone.

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
mod parse;
mod print;
pub mod tokens;
mod value;

pub use ast::Query;
pub use complete::{Suggestion, SuggestionKind, Want, Wanted, complete};
pub use error::{QueryError, Reason};
pub use matches::{Asked, Subject, hits, matches};
pub use node::Node;
pub use parse::{MAX_CHARS, MAX_DEPTH, MAX_TERMS, parse, parse_typing};
pub use print::{and, quoted_value};

#[cfg(test)]
mod tests;

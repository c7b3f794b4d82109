//! The query language: what a person types into the search box, a view, a rule or the command line.
//! Pure; the store compiles it, `matches` asks it of one alert in memory.

pub mod node;
pub mod old;
pub mod tokens;

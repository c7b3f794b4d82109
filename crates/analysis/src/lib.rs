//! Text and structured fields in, findings out.
//!
//! Pure by rule: no input or output, no clock, no async. The same [`Subject`] and the same watches
//! always give the same [`Finding`], whatever the thread or the batch. What the pipeline knows of an
//! item from its source (scores, exploitation, products) comes in as fields; text is only read where
//! no field says it.

mod analyser;
pub mod classify;
pub mod entity;
pub mod eval;
mod finding;
mod fold;
pub mod indicator;
pub mod model;
mod ranges;
mod severity;
pub mod text;
mod watch;

pub use analyser::{Analyser, Subject};
pub use finding::{Category, Entity, Estimate, Finding, Reason, Relevance};
pub use ranges::{ProductRanges, VersionRange, compare_versions};
pub use severity::{
    CvssVersion, ExploitedBy, Issuer, Score, Severity, SeverityBasis, band, best_score,
};
pub use watch::{
    Field, Scope, Watch, WatchKind, WatchMatch, WatchPart, WatchProblem, WatchSet, WatchedProduct,
    check_term, check_watch,
};

//! The user's model: what a team's own decisions say about which alerts matter to it.
//!
//! A small dense logistic regression (linfa-logistic over ndarray) on what the base model says, where an
//! alert comes from and the words of the labelled alerts. It is made anew from all labels each time,
//! compared with the base on labels that it has not seen ([`train`]), and speaks only where it is no
//! worse. It must never be the reason for a guess: below [`SPEAKS_FROM`] labels of each kind, and for a
//! kind of alert that it was not taught, it says nothing.

mod cross;
mod file;
mod fit;
mod model;
mod terms;
mod traits;

pub use cross::{Answer, CrossValidated, Measured, measure};
pub use file::{FORMAT, ReadError};
pub use model::{LearntTerm, UserModel};
pub use train::{ReadAgain, See, Teach, Trained, Verdict, train};
pub use traits::{Example, LabelFrom, Traits};

mod train;

/// Labels from which the user's model speaks.
pub const SPEAKS_FROM: u32 = 25;
/// Of these, labels that there must be of each kind.
pub const LEAST_OF_EACH: u32 = 8;
/// Labels of each kind that must be of a kind of alert before the model judges alerts of that kind: what
/// articles taught says little of vulnerabilities.
pub const SPEAKS_OF_A_KIND_FROM: u32 = 8;
/// The most labels that a model is made from: the newest.
pub const MOST_LABELS: usize = 4_000;

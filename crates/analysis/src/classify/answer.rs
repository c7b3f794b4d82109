//! What models answer.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::text::Span;

/// One model's answer about one document.
#[derive(Clone, Debug, PartialEq)]
pub struct Guess {
    /// The most likely class.
    pub label: String,
    /// Its calibrated probability, 0.0 to 1.0.
    pub probability: f64,
    /// Every class with its probability, in the model's order.
    pub all: Vec<(String, f64)>,
}

/// A technique that a text seems to describe.
#[derive(Clone, Debug, PartialEq)]
pub struct TechniqueGuess {
    /// ATT&CK's id, `T1059.001`.
    pub id: String,
    /// ATT&CK's name, `PowerShell`.
    pub name: String,
    /// The calibrated probability for the sentence that speaks of it most clearly, 0.0 to 1.0.
    pub probability: f64,
    /// That sentence.
    pub span: Span,
}

/// Why no model answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// The text is in a language that the models do not know.
    NotEnglish,
    /// There is too little text to tell.
    TooShort,
    /// There is no model: none was loaded, or it could not be read.
    NoModel,
}

/// All answers about one document, from one reading of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Judgement {
    /// What kind of weakness it is about.
    pub category: Result<Guess, Why>,
    /// How bad it is.
    pub severity: Result<Guess, Why>,
    /// Whether it is about security at all: label `security` or `other`; the probability is the label's.
    pub relevance: Result<Guess, Why>,
    /// What attackers do in it; most likely first.
    pub techniques: Result<Vec<TechniqueGuess>, Why>,
}

/// A term that spoke for or against an answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct WeightedTerm {
    /// As it was first written in the document.
    pub term: String,
    /// How much it moved the answer's log-odds: for it where positive, against it where negative.
    pub weight: f64,
    /// Where it stands; a few places at most.
    pub spans: Vec<Span>,
}

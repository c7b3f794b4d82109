//! What the user's model may know of an alert, and a labelled one.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::terms;
use crate::text::Document;

/// What the user's model may know of an alert.
#[derive(Clone, Copy, Debug)]
pub struct Traits<'a> {
    /// Title and text.
    pub document: &'a Document<'a>,
    /// Affected products, one a line.
    pub products: &'a str,
    /// The source that brought it.
    pub source: &'a str,
    /// What it is: `article`, `vulnerability` ...
    pub kind: &'a str,
    /// The threat category.
    pub category: Option<&'a str>,
    /// The score that is shown, 0.0 to 10.0.
    pub score: Option<f64>,
    /// Watches that match.
    pub watch_hits: u32,
    /// The base model's probability that it matters, where it speaks.
    pub base: Option<f64>,
}

impl<'a> Traits<'a> {
    /// Of a text alone.
    #[must_use]
    pub fn of(document: &'a Document<'a>) -> Self {
        Self {
            document,
            products: "",
            source: "",
            kind: "",
            category: None,
            score: None,
            watch_hits: 0,
            base: None,
        }
    }
}

/// Where a label comes from. The later ones of the list are stronger: an alert has one label, and a
/// stronger one takes the place of a weaker one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum LabelFrom {
    /// A watch matches it: it matters.
    Watched,
    /// It was closed as not applicable: it does not matter.
    NotApplicable,
    /// It was closed as done: it mattered.
    Done,
    /// Somebody said so.
    Said,
}

impl LabelFrom {
    /// All, the weakest first.
    pub const ALL: [Self; 4] = [Self::Watched, Self::NotApplicable, Self::Done, Self::Said];

    /// How much a label counts: what somebody said is certain. Closing is done for other reasons too (a
    /// duplicate, a lack of time), so it counts half. A watch is a wish, not a judgement of this alert, and
    /// its alerts are relevant anyway: a quarter.
    #[must_use]
    pub fn weight(self) -> f64 {
        f64::from(self.quarters()) / 4.0
    }

    pub(super) fn quarters(self) -> u32 {
        match self {
            Self::Said => 4,
            Self::Done | Self::NotApplicable => 2,
            Self::Watched => 1,
        }
    }

    /// The stored and sent word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Watched => "watched",
            Self::NotApplicable => "not_applicable",
            Self::Done => "done",
            Self::Said => "said",
        }
    }

    /// Reads the word.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|f| f.as_str() == text)
    }
}

/// A labelled alert, reduced to what is learnt from: some kilobytes, however long its text is.
#[derive(Clone, Debug)]
pub struct Example {
    /// A number that stays the same: it decides in which part of the cross-validation it is.
    pub key: u64,
    /// The label.
    pub is_relevant: bool,
    /// Where the label comes from.
    pub from: LabelFrom,
    /// What is said of it without the user's model, as a probability.
    pub without: f64,
    pub(super) terms: Vec<(u64, f32)>,
    pub(super) source: String,
    pub(super) kind: String,
    pub(super) category: Option<String>,
    pub(super) score: Option<f64>,
    pub(super) watch_hits: u32,
    pub(super) base: Option<f64>,
}

impl Example {
    /// Of an alert and its label.
    #[must_use]
    pub fn new(key: u64, traits: &Traits<'_>, is_relevant: bool, from: LabelFrom) -> Self {
        Self {
            key,
            is_relevant,
            from,
            without: without(traits),
            terms: terms::weigh(traits),
            source: traits.source.to_owned(),
            kind: traits.kind.to_owned(),
            category: traits.category.map(str::to_owned),
            score: traits.score,
            watch_hits: traits.watch_hits,
            base: traits.base,
        }
    }
}

/// What is said of an alert without the user's model: a watch makes it relevant; of an article the base
/// model speaks; nothing else is.
fn without(traits: &Traits<'_>) -> f64 {
    match traits.base {
        _ if traits.watch_hits > 0 => 0.99,
        Some(base) if traits.kind == "article" => base,
        _ => 0.01,
    }
}

//! An alert's texts and fields as analysis reads them, stored or not.

use tocsin_analysis::Subject;

use super::{Facts, Kind, SourceId};

/// An alert's texts and fields as analysis reads them.
#[derive(Clone, Copy, Debug)]
pub struct Parts<'a> {
    /// The title.
    pub title: &'a str,
    /// The text.
    pub text: &'a str,
    /// Affected products, one a line.
    pub products: &'a str,
    /// What it is.
    pub kind: Kind,
    /// Who brought it.
    pub source: &'a SourceId,
    /// Structured fields.
    pub facts: &'a Facts,
}

impl<'a> Parts<'a> {
    /// As analysis takes it.
    #[must_use]
    pub fn subject(self) -> Subject<'a> {
        Subject {
            title: self.title,
            text: self.text,
            products: self.products,
            kind: self.kind.as_str(),
            source: self.source.as_str(),
            ranges: &self.facts.ranges,
            cwes: &self.facts.cwes,
            is_withdrawn: self.facts.is_rejected(),
            scores: &self.facts.scores,
            exploited: self.facts.exploited(),
            named: None,
        }
    }
}

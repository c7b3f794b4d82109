//! One alert in, one finding out: the order in which the parts of analysis speak.

use crate::severity::from_fields;
use crate::{ExploitedBy, Finding, Reason, Relevance, Score, Severity, WatchSet};

/// What analysis may know of an alert.
#[derive(Clone, Copy, Debug, Default)]
pub struct Subject<'a> {
    /// The title.
    pub title: &'a str,
    /// The description or article as plain text.
    pub text: &'a str,
    /// Affected products, one a line, as `vendor product`.
    pub products: &'a str,
    /// Every score that a source gave.
    pub scores: &'a [Score],
    /// Who says that it is exploited.
    pub exploited: Option<ExploitedBy>,
    /// For an article: the highest severity of the stored CVEs that it names, and which one.
    pub named: Option<(Severity, &'a str)>,
}

/// Everything that analysis needs, built once and used for many alerts.
#[derive(Debug, Default)]
pub struct Analyser {
    watches: WatchSet,
}

impl Analyser {
    /// An analyser for these watches.
    #[must_use]
    pub fn new(watches: WatchSet) -> Self {
        Self { watches }
    }

    /// The watches that it looks for.
    #[must_use]
    pub fn watches(&self) -> &WatchSet {
        &self.watches
    }

    /// Analyses one alert.
    #[must_use]
    pub fn analyse(&self, subject: &Subject<'_>) -> Finding {
        let (severity, severity_basis) =
            from_fields(subject.scores, subject.exploited, subject.named);
        Finding {
            severity,
            severity_basis,
            relevance: self.relevance(subject),
            category: None,
            entities: Vec::new(),
            estimate: None,
        }
    }

    /// The relevance part alone: what changes when a watch changes.
    #[must_use]
    pub fn relevance(&self, subject: &Subject<'_>) -> Relevance {
        let matches = self
            .watches
            .find(subject.title, subject.text, subject.products);
        let is_relevant = !matches.is_empty();
        Relevance {
            is_relevant,
            reason: if is_relevant {
                Reason::Watch
            } else {
                Reason::NoWatch
            },
            matches,
        }
    }
}

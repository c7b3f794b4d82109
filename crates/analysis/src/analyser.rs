//! One alert in, one finding out: the order in which the parts of analysis speak.

use crate::severity::from_fields;
use crate::{
    ExploitedBy, Field, Finding, ProductRanges, Reason, Relevance, Score, Severity, WatchSet,
};

/// What analysis may know of an alert.
#[derive(Clone, Copy, Debug, Default)]
pub struct Subject<'a> {
    /// The title.
    pub title: &'a str,
    /// The description or article as plain text.
    pub text: &'a str,
    /// Affected products, one a line, as `vendor product`.
    pub products: &'a str,
    /// Affected products with their versions, as sources state them.
    pub ranges: &'a [ProductRanges],
    /// What kind of alert it is: `vulnerability`, `article`, `guidance`.
    pub kind: &'a str,
    /// The id of the source that brought it.
    pub source: &'a str,
    /// Every score that a source gave.
    pub scores: &'a [Score],
    /// Who says that it is exploited.
    pub exploited: Option<ExploitedBy>,
    /// For an article: the highest severity of the stored CVEs that it names, and which one.
    pub named: Option<(Severity, &'a str)>,
}

impl<'a> Subject<'a> {
    /// One of the texts that watches are looked for in.
    #[must_use]
    pub fn field(&self, field: Field) -> &'a str {
        match field {
            Field::Title => self.title,
            Field::Text => self.text,
            Field::Products => self.products,
        }
    }
}

/// Everything that analysis needs, built once and used for many alerts.
#[derive(Debug, Default)]
pub struct Analyser {
    watches: WatchSet,
    mutes: WatchSet,
}

impl Analyser {
    /// An analyser for these watches.
    #[must_use]
    pub fn new(watches: WatchSet) -> Self {
        Self {
            watches,
            mutes: WatchSet::default(),
        }
    }

    /// The same with these mutes in force. Which have ended is the caller's to know: there is no clock here.
    #[must_use]
    pub fn with_mutes(self, mutes: WatchSet) -> Self {
        Self { mutes, ..self }
    }

    /// The watches that it looks for.
    #[must_use]
    pub fn watches(&self) -> &WatchSet {
        &self.watches
    }

    /// The mutes that are in force.
    #[must_use]
    pub fn mutes(&self) -> &WatchSet {
        &self.mutes
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

    /// The relevance part alone: what changes when a watch changes. A mute wins over everything; then a
    /// watch decides.
    #[must_use]
    pub fn relevance(&self, subject: &Subject<'_>) -> Relevance {
        let matches = self.watches.find(subject);
        let muted_by = self.mutes.find(subject);
        let (is_relevant, reason) = if !muted_by.is_empty() {
            (false, Reason::Mute)
        } else if !matches.is_empty() {
            (true, Reason::Watch)
        } else {
            (false, Reason::NoWatch)
        };
        Relevance {
            is_relevant,
            reason,
            matches,
            muted_by,
        }
    }
}

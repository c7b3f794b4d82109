//! Calls tocsin-analysis where it does not hold up anybody: on a blocking thread, a page at a time.

use std::sync::{Arc, PoisonError, RwLock};

pub use tocsin_analysis::Analyser;
use tocsin_analysis::{Subject, WatchSet};

use crate::model::{Alert, Facts, Finding, Kind, Relevance, SourceId, Watch};

/// The analyser in force. Replaced as a whole when a watch, a model or the threshold changes.
#[derive(Debug, Default)]
pub struct Current(RwLock<Arc<Analyser>>);

impl Current {
    /// The analyser in force now.
    #[must_use]
    pub fn get(&self) -> Arc<Analyser> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Puts a changed one in force.
    pub fn change(&self, change: impl FnOnce(Analyser) -> Analyser) {
        let mut current = self.0.write().unwrap_or_else(PoisonError::into_inner);
        *current = Arc::new(change(Analyser::clone(&current)));
    }

    /// Watches for these from now on.
    pub fn set(&self, watches: Vec<Watch>) {
        let watches = WatchSet::new(watches);
        self.change(|analyser| analyser.with_watches(watches));
    }
}

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
            cwes: &self.facts.cwes,
            is_withdrawn: self.facts.is_rejected(),
            scores: &self.facts.scores,
            exploited: self.facts.exploited(),
            named: None,
        }
    }
}

/// What analysis says of an alert, before the store is asked about the CVEs that it names.
#[must_use]
pub fn analyse(analyser: &Analyser, alert: &Alert) -> Finding {
    with_subject(alert, |subject| analyser.analyse(subject))
}

/// The relevance part alone, of an alert that is not stored yet.
#[must_use]
pub fn relevance(analyser: &Analyser, alert: &Alert) -> Relevance {
    with_subject(alert, |subject| analyser.relevance(subject))
}

fn with_subject<T>(alert: &Alert, then: impl FnOnce(&Subject<'_>) -> T) -> T {
    let products = alert.facts.product_lines();
    let parts = Parts {
        title: &alert.title,
        text: &alert.text,
        products: &products,
        kind: alert.kind,
        source: &alert.source,
        facts: &alert.facts,
    };
    then(&parts.subject())
}

/// Whether an alert takes the severity of the CVEs that it names.
#[must_use]
pub fn takes_named_severity(kind: Kind) -> bool {
    kind == Kind::Article
}

/// An analyser that looks for one watch alone.
#[must_use]
pub fn for_one_watch(watch: &Watch) -> Analyser {
    Analyser::new(WatchSet::new(vec![watch.clone()]))
}

//! Calls tocsin-analysis where it does not hold up anybody: on a blocking thread, a page at a time.

use std::sync::{Arc, PoisonError, RwLock};

pub use tocsin_analysis::{Analyser, Subject};

use crate::model::{Alert, Finding, Kind, ProductRanges, Relevance, SourceId, Watch, WatchSet};

/// The analyser in force. Replaced as a whole when a watch changes, or a mute does.
#[derive(Debug, Default)]
pub struct Current(RwLock<Arc<Analyser>>);

impl Current {
    /// The analyser in force now.
    #[must_use]
    pub fn get(&self) -> Arc<Analyser> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Watches for these and is silent about those from now on.
    pub fn set(&self, watches: Vec<Watch>, mutes: Vec<Watch>) {
        let analyser = Analyser::new(WatchSet::new(watches)).with_mutes(WatchSet::new(mutes));
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(analyser);
    }
}

/// What analysis says of an alert, before the store is asked about the CVEs that it names.
#[must_use]
pub fn analyse(analyser: &Analyser, alert: &Alert) -> Finding {
    analyser.analyse(&of_alert(alert, &alert.facts.product_lines()))
}

/// The relevance part alone.
#[must_use]
pub fn relevance(analyser: &Analyser, alert: &Alert) -> Relevance {
    analyser.relevance(&of_alert(alert, &alert.facts.product_lines()))
}

fn of_alert<'a>(alert: &'a Alert, products: &'a str) -> Subject<'a> {
    let texts = (&*alert.title, &*alert.text, products);
    Subject {
        scores: &alert.facts.scores,
        exploited: alert.facts.exploited(),
        ..of_texts(alert.kind, &alert.source, texts, &alert.facts.ranges)
    }
}

/// What analysis reads of stored texts (title, text, products) and of what is stated about products.
#[must_use]
pub fn of_texts<'a>(
    kind: Kind,
    source: &'a SourceId,
    texts: (&'a str, &'a str, &'a str),
    ranges: &'a [ProductRanges],
) -> Subject<'a> {
    let (title, text, products) = texts;
    Subject {
        title,
        text,
        products,
        ranges,
        kind: kind.as_str(),
        source: source.as_str(),
        ..Subject::default()
    }
}

/// Whether an alert takes the severity of the CVEs that it names.
#[must_use]
pub fn takes_named_severity(kind: Kind) -> bool {
    kind == Kind::Article
}

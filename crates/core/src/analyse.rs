//! Calls tocsin-analysis where it does not hold up anybody: on a blocking thread, a page at a time.

use std::sync::{Arc, PoisonError, RwLock};

use serde::Serialize;
use tocsin_analysis::WatchSet;
pub use tocsin_analysis::learn;
pub use tocsin_analysis::text::Document;
pub use tocsin_analysis::{Analyser, Shipped, Subject};

use crate::error::Fault;
use crate::model::{Alert, Explanation, Finding, Kind, ProductRanges, Relevance, SourceId, Watch};

/// The analyser in force. Replaced as a whole when a watch, a mute, a model or the threshold changes.
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

    /// Watches for these and is silent about those from now on.
    pub fn set(&self, watches: Vec<Watch>, mutes: Vec<Watch>) {
        let (watches, mutes) = (WatchSet::new(watches), WatchSet::new(mutes));
        self.change(|analyser| analyser.with_watches(watches).with_mutes(mutes));
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
    let parts = crate::model::Parts {
        title: &alert.title,
        text: &alert.text,
        products: &products,
        kind: alert.kind,
        source: &alert.source,
        facts: &alert.facts,
    };
    then(&parts.subject())
}

/// What analysis says of any text, and why.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TextFindings {
    /// Everything that it says, with places in title and text.
    pub finding: Finding,
    /// Why.
    pub explanation: Explanation,
}

/// Analyses a text that is no alert.
#[must_use]
pub fn analyse_text(analyser: &Analyser, kind: Kind, title: &str, text: &str) -> TextFindings {
    let subject = Subject {
        title,
        text,
        kind: kind.as_str(),
        ..Subject::default()
    };
    let finding = analyser.analyse(&subject);
    let finding = analyser.with_places(&subject, finding);
    TextFindings {
        explanation: analyser.explain(&subject, &finding),
        finding,
    }
}

/// The analyser with the built-in models alone.
///
/// # Errors
/// `model_unusable` where they cannot be read.
pub fn built_in() -> Result<Analyser, Fault> {
    let shipped = Shipped::embedded().map_err(|error| {
        let message = format!("The built-in model cannot be used: {error}. Install Tocsin anew.");
        Fault::new("model_unusable", message).with("reason", error)
    })?;
    Ok(shipped.given_to(Analyser::default()))
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

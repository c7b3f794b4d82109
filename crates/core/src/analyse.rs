//! Calls tocsin-analysis where it does not hold up anybody: on a blocking thread, a page at a time.

use std::sync::{Arc, PoisonError, RwLock};

pub use tocsin_analysis::Analyser;
use tocsin_analysis::{Subject, WatchSet};

use crate::model::{Alert, Finding, Kind, Relevance, Watch};

/// The analyser in force. Replaced as a whole when a watch changes.
#[derive(Debug, Default)]
pub struct Current(RwLock<Arc<Analyser>>);

impl Current {
    /// The analyser in force now.
    #[must_use]
    pub fn get(&self) -> Arc<Analyser> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Watches for these from now on.
    pub fn set(&self, watches: Vec<Watch>) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) =
            Arc::new(Analyser::new(WatchSet::new(watches)));
    }
}

/// What analysis says of an alert, before the store is asked about the CVEs that it names.
#[must_use]
pub fn analyse(analyser: &Analyser, alert: &Alert) -> Finding {
    let products = alert.facts.product_lines();
    analyser.analyse(&Subject {
        title: &alert.title,
        text: &alert.text,
        products: &products,
        scores: &alert.facts.scores,
        exploited: alert.facts.exploited(),
        named: None,
    })
}

/// The relevance part alone, of stored text.
#[must_use]
pub fn relevance(analyser: &Analyser, title: &str, text: &str, products: &str) -> Relevance {
    analyser.relevance(&Subject {
        title,
        text,
        products,
        ..Subject::default()
    })
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

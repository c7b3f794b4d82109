//! What analysis says of an alert.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::severity::from_fields;
use crate::{ExploitedBy, Score, Severity, SeverityBasis, WatchMatch};

/// Everything that analysis says of one alert. Each part says why.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct Finding {
    /// The level that is shown; `None` where nobody scored it and nothing was estimated.
    pub severity: Option<Severity>,
    /// Where the level comes from.
    pub severity_basis: SeverityBasis,
    /// Whether it matters to this team, and why.
    pub relevance: Relevance,
    /// The threat category, where one is known.
    pub category: Option<Category>,
    /// What the text names.
    pub entities: Vec<Entity>,
    /// What the severity model says of the text, where one has spoken.
    pub estimate: Option<Estimate>,
}

impl Finding {
    /// Takes the highest severity of the stored CVEs that an article names. A level of the article's
    /// own stays; without a named CVE the article is unscored again.
    pub fn take_named(&mut self, named: Option<(Severity, String)>) {
        let is_own = !matches!(
            self.severity_basis,
            SeverityBasis::Unscored
                | SeverityBasis::NamedCve { .. }
                | SeverityBasis::Estimated { .. }
        );
        match named {
            _ if is_own => {}
            Some((severity, cve)) => {
                self.severity = Some(severity);
                self.severity_basis = SeverityBasis::NamedCve { cve };
            }
            None => self.take_estimate(),
        }
    }

    /// Takes a vulnerability's level anew from its scores and from who says that it is exploited.
    pub fn take_exploited(&mut self, scores: &[Score], exploited: Option<ExploitedBy>) {
        (self.severity, self.severity_basis) = from_fields(scores, exploited, None);
        if self.severity.is_none() {
            self.take_estimate();
        }
    }

    /// The level of the text alone, where a model has spoken.
    fn take_estimate(&mut self) {
        match &self.estimate {
            Some(estimate) => {
                self.severity = Some(estimate.severity);
                self.severity_basis = SeverityBasis::Estimated {
                    probability: estimate.probability,
                };
            }
            None => {
                self.severity = None;
                self.severity_basis = SeverityBasis::Unscored;
            }
        }
    }
}

/// Whether an alert matters to this team.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct Relevance {
    /// The answer.
    pub is_relevant: bool,
    /// What decided.
    pub reason: Reason,
    /// Where watches matched: title first, then text, then products; at most
    /// [`crate::WatchSet::MOST_MATCHES`].
    pub matches: Vec<WatchMatch>,
    /// Where mutes matched, in the same order; while any does, the alert does not matter.
    #[serde(default)]
    pub muted_by: Vec<WatchMatch>,
}

/// What decided about relevance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// A watch matched.
    Watch,
    /// No watch matched.
    NoWatch,
    /// A mute matched.
    Mute,
}

/// A threat category with its probability.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct Category {
    /// The category's name.
    pub name: String,
    /// 0.0 to 1.0.
    pub probability: f64,
}

/// Something that a text names.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct Entity {
    /// What it is: `product`, `malware`, `actor` ...
    pub kind: String,
    /// The name as written.
    pub name: String,
    /// First character in the text, counted in Unicode scalar values.
    pub start: u32,
    /// One past the last character.
    pub end: u32,
}

/// A severity that was estimated from text.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct Estimate {
    /// The most likely level.
    pub severity: Severity,
    /// Its probability, 0.0 to 1.0.
    pub probability: f64,
}

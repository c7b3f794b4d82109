//! What analysis says of an alert.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::classify::Why;
use crate::severity::from_fields;
use crate::{Entity, Indicator};
use crate::{ExploitedBy, Score, Severity, SeverityBasis, WatchMatch};

/// Everything that analysis says of one alert. Each part says why. By default nothing.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, TS)]
pub struct Finding {
    /// The level that is shown; `None` where nobody scored it and nothing was estimated.
    pub severity: Option<Severity>,
    /// Where the level comes from.
    pub severity_basis: SeverityBasis,
    /// Whether it matters to this team, and why.
    pub relevance: Relevance,
    /// The threat category, where one is known.
    pub category: Option<Category>,
    /// What the severity model says of the text, where one has spoken.
    pub estimate: Option<Estimate>,
    /// What the text names, with places. Not stored: made again when somebody looks.
    #[serde(default)]
    pub entities: Vec<Entity>,
    /// Addresses, hashes and the like, with places. Not stored.
    #[serde(default)]
    pub indicators: Vec<Indicator>,
    /// What attackers do in it, the likeliest first. Not stored.
    #[serde(default)]
    pub techniques: Vec<Technique>,
    /// What it names, each once and without its place: what facets list.
    #[serde(default)]
    pub named: Vec<Named>,
    /// Why the models say nothing of the text, where they do not.
    #[serde(default)]
    pub abstained: Option<Why>,
}

/// Something that a text names: the word of its kind (`actor`), and its canonical name or the name as written.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
pub struct Named(pub String, pub String);

/// Something that attackers do, as ATT&CK names it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct Technique {
    /// ATT&CK's id: `T1059.001`.
    pub id: String,
    /// ATT&CK's name: `PowerShell`.
    pub name: String,
    /// 0.0 to 1.0.
    pub probability: f64,
}

impl Finding {
    /// The level without what is only estimated: what a history tells, and what other alerts go by.
    #[must_use]
    pub fn stated_severity(&self) -> Option<Severity> {
        match self.severity_basis {
            SeverityBasis::Estimated { .. } => None,
            _ => self.severity,
        }
    }

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

    /// Whether it is the same as far as findings are stored: places and techniques are not.
    #[must_use]
    pub fn is_kept_as(&self, other: &Self) -> bool {
        (&self.severity, &self.severity_basis, &self.relevance)
            == (&other.severity, &other.severity_basis, &other.relevance)
            && (&self.category, &self.estimate, &self.named, &self.abstained)
                == (
                    &other.category,
                    &other.estimate,
                    &other.named,
                    &other.abstained,
                )
    }

    /// Takes the estimate where nothing else gives a level.
    pub(crate) fn estimate_where_unscored(&mut self) {
        if self.severity_basis == SeverityBasis::Unscored {
            self.take_estimate();
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
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, TS)]
pub struct Relevance {
    /// The answer.
    pub is_relevant: bool,
    /// What decided.
    pub reason: Reason,
    /// The probability that it matters, where a model was asked.
    #[serde(default)]
    pub score: Option<f64>,
    /// Where watches matched: title first, then text, then products; at most
    /// [`crate::WatchSet::MOST_MATCHES`].
    pub matches: Vec<WatchMatch>,
    /// Where mutes matched, in the same order; while any does, the alert does not matter.
    #[serde(default)]
    pub muted_by: Vec<WatchMatch>,
}

/// What decided about relevance.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// A watch matched.
    Watch,
    /// No watch matched, and no model speaks of such alerts.
    #[default]
    NoWatch,
    /// The model made from the team's own decisions.
    UserModel,
    /// The built-in model, of an article.
    BaseModel,
    /// The built-in model was asked and could not tell.
    Abstained,
    /// A mute matched.
    Mute,
}

/// A threat category with its probability.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct Category {
    /// The category's name.
    pub name: String,
    /// 0.0 to 1.0, where a model said so.
    pub probability: Option<f64>,
    /// Who says so.
    pub by: CategoryBy,
}

/// Who says which category it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum CategoryBy {
    /// Its weaknesses.
    Cwe {
        /// The first that does.
        cwe: String,
    },
    /// The model, from its text.
    Model,
}

/// A severity that was estimated from text.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct Estimate {
    /// The most likely level.
    pub severity: Severity,
    /// Its probability, 0.0 to 1.0.
    pub probability: f64,
}

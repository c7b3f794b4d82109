//! Why analysis says what it says of one alert: made when somebody looks, never stored.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::analyser::{category, security, traits};
use crate::classify::{TaskName, WeightedTerm};
use crate::text::{Document, Span};
use crate::{Analyser, CategoryBy, Finding, Reason, Severity, SeverityBasis, Subject, WatchMatch};

/// Why analysis says what it says. A part that says nothing is `None`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, TS)]
pub struct Explanation {
    /// Whether it matters: label `relevant` or `not_relevant`.
    pub relevance: Option<Explained>,
    /// The category.
    pub category: Option<Explained>,
    /// The level that is shown.
    pub severity: Option<Explained>,
    /// What attackers do in it, the likeliest first.
    pub techniques: Vec<Explained>,
}

/// One answer and its reasons.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct Explained {
    /// The answer.
    pub label: String,
    /// Its probability; 1.0 where it is no guess.
    pub probability: f64,
    /// Who gave it.
    pub by: ExplainedBy,
    /// What spoke for it, the strongest first, then what spoke against it.
    pub terms: Vec<WeightedTerm>,
}

/// Who gave an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ExplainedBy {
    /// The built-in model.
    BaseModel,
    /// The model made from the team's own decisions.
    UserModel,
    /// Its weaknesses.
    Cwe,
    /// A score, known exploitation, or the CVEs that it names.
    Score,
    /// A watch, or a mute.
    Watch,
}

impl Analyser {
    /// Why analysis says what it says of an alert. `finding` is what it said, with the level that the alert
    /// shows.
    #[must_use]
    pub fn explain(&self, subject: &Subject<'_>, finding: &Finding) -> Explanation {
        let document = Document::new(subject.title, subject.text);
        Explanation {
            relevance: self.explain_relevance(subject, &document, finding),
            category: self.explain_category(&document, finding),
            severity: self.explain_severity(&document, finding),
            techniques: self.explain_techniques(&document),
        }
    }

    fn explain_relevance(
        &self,
        subject: &Subject<'_>,
        document: &Document<'_>,
        finding: &Finding,
    ) -> Option<Explained> {
        let relevance = &finding.relevance;
        let label = if relevance.is_relevant {
            "relevant"
        } else {
            "not_relevant"
        };
        let of_the_label = |p: f64| if relevance.is_relevant { p } else { 1.0 - p };
        let probability = relevance.score.map_or(1.0, of_the_label);
        let explained = |probability, by, terms| {
            Some(Explained {
                label: label.to_owned(),
                probability,
                by,
                terms,
            })
        };
        match relevance.reason {
            Reason::Mute => explained(1.0, ExplainedBy::Watch, terms(&relevance.muted_by)),
            Reason::Watch => explained(1.0, ExplainedBy::Watch, terms(&relevance.matches)),
            Reason::UserModel => {
                let judgement = self.models().judge_but_techniques(document);
                let category = category(subject, &judgement);
                let base = security(&judgement).ok();
                let watch_hits = u32::try_from(relevance.matches.len()).unwrap_or(u32::MAX);
                let traits = traits(subject, document, category.as_ref(), base, watch_hits);
                let terms = self.user()?.explain(&traits, relevance.is_relevant);
                explained(probability, ExplainedBy::UserModel, terms)
            }
            Reason::BaseModel => {
                let mut terms = self.models().explain(TaskName::Relevance, document);
                // The model explains its own likelier class; the threshold may call it otherwise.
                let says_so = relevance.score.is_some_and(|score| score >= 0.5);
                if says_so != relevance.is_relevant {
                    terms.iter_mut().for_each(|term| term.weight = -term.weight);
                    terms.sort_by_key(|term| term.weight < 0.0);
                }
                explained(probability, ExplainedBy::BaseModel, terms)
            }
            Reason::NoWatch | Reason::Abstained => None,
        }
    }

    fn explain_category(&self, document: &Document<'_>, finding: &Finding) -> Option<Explained> {
        let category = finding.category.as_ref()?;
        let (by, terms) = match &category.by {
            CategoryBy::Cwe { .. } => (ExplainedBy::Cwe, Vec::new()),
            CategoryBy::Model => (
                ExplainedBy::BaseModel,
                self.models().explain(TaskName::Category, document),
            ),
        };
        Some(Explained {
            label: category.name.clone(),
            probability: category.probability.unwrap_or(1.0),
            by,
            terms,
        })
    }

    fn explain_severity(&self, document: &Document<'_>, finding: &Finding) -> Option<Explained> {
        let label = match finding.severity? {
            Severity::Low => "low",
            Severity::Medium => "medium",
            Severity::High => "high",
        };
        let (probability, by, terms) = match finding.severity_basis {
            SeverityBasis::Estimated { probability } => (
                probability,
                ExplainedBy::BaseModel,
                self.models().explain(TaskName::Severity, document),
            ),
            _ => (1.0, ExplainedBy::Score, Vec::new()),
        };
        Some(Explained {
            label: label.to_owned(),
            probability,
            by,
            terms,
        })
    }

    /// Each technique with the sentence that speaks of it most clearly, the first with its terms too.
    fn explain_techniques(&self, document: &Document<'_>) -> Vec<Explained> {
        let techniques = self.models().techniques(document).unwrap_or_default();
        let mut all: Vec<Explained> = techniques
            .into_iter()
            .map(|found| Explained {
                label: found.id,
                probability: found.probability,
                by: ExplainedBy::BaseModel,
                terms: vec![WeightedTerm {
                    term: slice(document, found.span),
                    weight: 1.0,
                    spans: vec![found.span],
                }],
            })
            .collect();
        if let Some(first) = all.first_mut() {
            first
                .terms
                .extend(self.models().explain(TaskName::Technique, document));
        }
        all
    }
}

/// Matches as terms: each term once, with all its places in title and text.
fn terms(matches: &[WatchMatch]) -> Vec<WeightedTerm> {
    let mut all: Vec<WeightedTerm> = Vec::new();
    for found in matches {
        let span = Span {
            field: found.field,
            start: found.start,
            end: found.end,
        };
        match all.iter_mut().find(|term| term.term == found.term) {
            Some(term) => term.spans.push(span),
            None => all.push(WeightedTerm {
                term: found.term.clone(),
                weight: 1.0,
                spans: vec![span],
            }),
        }
    }
    all
}

fn slice(document: &Document<'_>, span: Span) -> String {
    let field = document.field(span.field).chars();
    let length = (span.end - span.start) as usize;
    field.skip(span.start as usize).take(length).collect()
}

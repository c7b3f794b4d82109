//! One alert in, one finding out: the order in which the parts of analysis speak.

use std::sync::Arc;

use crate::category::category_of_cwes;
use crate::classify::{Guess, Judgement, Models, Why};
use crate::entity::Names;
use crate::indicator::indicators;
use crate::learn::{Traits, UserModel};
use crate::severity::from_fields;
use crate::text::{Document, Span};
use crate::{
    Category, CategoryBy, Entity, EntityKind, Estimate, ExploitedBy, Field, Finding, FoundBy,
    Indicator, Named, ProductRanges, Reason, Relevance, Score, Severity, Technique, WatchSet,
    best_score,
};

/// The kind of alerts of which the built-in relevance model speaks: everything that a CVE says is about
/// security.
const ARTICLE: &str = "article";
const VULNERABILITY: &str = "vulnerability";
/// Names of one alert that facets list.
const MOST_NAMED: usize = 50;
/// The base model's class of texts that are about security.
const SECURITY: &str = "security";

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
    /// Its weaknesses: `CWE-79`.
    pub cwes: &'a [String],
    /// Whether its source withdrew it: then its text says nothing of a flaw.
    pub is_withdrawn: bool,
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

/// Everything that analysis needs, built once and used for many alerts. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Analyser {
    watches: Arc<WatchSet>,
    mutes: Arc<WatchSet>,
    models: Arc<Models>,
    names: Arc<Names>,
    user: Option<Arc<UserModel>>,
    threshold: Option<f64>,
}

/// From which calibrated probability on an alert is called relevant where nothing else is set.
pub const USUAL_THRESHOLD: f64 = 0.5;

impl Analyser {
    /// An analyser for these watches, without models.
    #[must_use]
    pub fn new(watches: WatchSet) -> Self {
        Self::default().with_watches(watches)
    }

    /// The same for these watches.
    #[must_use]
    pub fn with_watches(self, watches: WatchSet) -> Self {
        Self {
            watches: Arc::new(watches),
            ..self
        }
    }

    /// The same with these mutes in force. Which have ended is the caller's to know: there is no clock here.
    #[must_use]
    pub fn with_mutes(self, mutes: WatchSet) -> Self {
        Self {
            mutes: Arc::new(mutes),
            ..self
        }
    }

    /// The same with these models.
    #[must_use]
    pub fn with_models(self, models: Arc<Models>) -> Self {
        Self { models, ..self }
    }

    /// The same with these names.
    #[must_use]
    pub fn with_names(self, names: Arc<Names>) -> Self {
        Self { names, ..self }
    }

    /// The same with this user's model, or none.
    #[must_use]
    pub fn with_user(self, user: Option<Arc<UserModel>>) -> Self {
        Self { user, ..self }
    }

    /// The same with a threshold of relevance; `None` for the usual one.
    #[must_use]
    pub fn with_threshold(self, threshold: Option<f64>) -> Self {
        Self { threshold, ..self }
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

    /// The models that are shipped.
    #[must_use]
    pub fn models(&self) -> &Arc<Models> {
        &self.models
    }

    /// The user's model, where it speaks.
    #[must_use]
    pub fn user(&self) -> Option<&Arc<UserModel>> {
        self.user.as_ref()
    }

    /// From which probability on an alert is called relevant.
    #[must_use]
    pub fn threshold(&self) -> f64 {
        self.threshold.unwrap_or(USUAL_THRESHOLD)
    }

    /// Analyses one alert.
    #[must_use]
    pub fn analyse(&self, subject: &Subject<'_>) -> Finding {
        let document = Document::new(subject.title, subject.text);
        let judgement = self.models.judge_but_techniques(&document);
        let category = category(subject, &judgement);
        let relevance = self.relevance_of(subject, &document, &judgement, category.as_ref());
        let tells_of_a_flaw = tells_of_a_flaw(subject, &judgement);
        let (severity, severity_basis) =
            from_fields(subject.scores, subject.exploited, subject.named);
        let abstained = judgement.category.as_ref().err().copied();
        let mut finding = Finding {
            severity,
            severity_basis,
            relevance,
            category,
            estimate: judgement
                .severity
                .ok()
                .filter(|_| tells_of_a_flaw)
                .and_then(estimate),
            entities: Vec::new(),
            indicators: Vec::new(),
            techniques: Vec::new(),
            named: named(&self.entities(subject, &document), subject.products),
            abstained,
        };
        finding.estimate_where_unscored();
        finding
    }

    /// A stored finding with what is not stored: what the text names, its indicators and techniques, each with
    /// its place.
    #[must_use]
    pub fn with_places(&self, subject: &Subject<'_>, finding: Finding) -> Finding {
        let document = Document::new(subject.title, subject.text);
        let techniques = self.models.techniques(&document).unwrap_or_default();
        let indicators = indicators(subject.title, subject.text);
        Finding {
            entities: self.names.find(&document, subject, &taken(&indicators)),
            indicators,
            techniques: techniques
                .into_iter()
                .map(|t| Technique {
                    id: t.id,
                    name: t.name,
                    probability: t.probability,
                })
                .collect(),
            ..finding
        }
    }

    /// What the text names.
    fn entities(&self, subject: &Subject<'_>, document: &Document<'_>) -> Vec<Entity> {
        let indicators = indicators(subject.title, subject.text);
        self.names.find(document, subject, &taken(&indicators))
    }

    /// The relevance part alone: what changes when a watch, the user's model or the threshold changes.
    #[must_use]
    pub fn relevance(&self, subject: &Subject<'_>) -> Relevance {
        let document = Document::new(subject.title, subject.text);
        let judgement = self.models.judge_but_techniques(&document);
        let category = category(subject, &judgement);
        self.relevance_of(subject, &document, &judgement, category.as_ref())
    }

    /// A mute wins; then a watch; then the user's model where it speaks of such alerts; then, of articles, the base model.
    fn relevance_of(
        &self,
        subject: &Subject<'_>,
        document: &Document<'_>,
        judgement: &Judgement,
        category: Option<&Category>,
    ) -> Relevance {
        let matches = self.watches.find(subject);
        let muted_by = self.mutes.find(subject);
        let base = security(judgement);
        let user = self.user.as_ref().filter(|u| u.speaks_of(subject.kind));
        let is_article = subject.kind == ARTICLE;
        let (reason, score) = match user {
            Some(user) => {
                let watch_hits = u32::try_from(matches.len()).unwrap_or(u32::MAX);
                let traits = traits(subject, document, category, base.ok(), watch_hits);
                (Reason::UserModel, Some(user.probability(&traits)))
            }
            None if is_article => match base {
                Ok(score) => (Reason::BaseModel, Some(score)),
                Err(Why::NoModel) => (Reason::NoWatch, None),
                Err(_) => (Reason::Abstained, None),
            },
            None => (Reason::NoWatch, None),
        };
        let is_called = score.is_some_and(|score| score >= self.threshold());
        let (is_relevant, reason) = match (muted_by.is_empty(), matches.is_empty()) {
            (false, _) => (false, Reason::Mute),
            (true, false) => (true, Reason::Watch),
            (true, true) => (is_called, reason),
        };
        Relevance {
            is_relevant,
            reason,
            score,
            matches,
            muted_by,
        }
    }

    /// What the user's model may know of an alert, for learning from it.
    pub fn learn_from<T>(&self, subject: &Subject<'_>, then: impl FnOnce(&Traits<'_>) -> T) -> T {
        let document = Document::new(subject.title, subject.text);
        let judgement = self.models.judge_but_techniques(&document);
        let category = category(subject, &judgement);
        let matches = self.watches.find(subject);
        let watch_hits = u32::try_from(matches.len()).unwrap_or(u32::MAX);
        let base = security(&judgement).ok();
        then(&traits(
            subject,
            &document,
            category.as_ref(),
            base,
            watch_hits,
        ))
    }
}

pub(crate) fn traits<'a>(
    subject: &Subject<'a>,
    document: &'a Document<'a>,
    category: Option<&'a Category>,
    base: Option<f64>,
    watch_hits: u32,
) -> Traits<'a> {
    Traits {
        document,
        products: subject.products,
        source: subject.source,
        kind: subject.kind,
        category: category.map(|c| c.name.as_str()),
        score: best_score(subject.scores).map(|s| s.score),
        watch_hits,
        base,
    }
}

/// What indicators hold: no name lies in one.
fn taken(indicators: &[Indicator]) -> Vec<Span> {
    let span = |i: &Indicator| Span {
        field: i.field,
        start: i.start,
        end: i.end,
    };
    indicators.iter().map(span).collect()
}

/// What facets list of the names: each once, by its canonical name. Versions are none of it, nor what the
/// structured fields list already: ids of CVEs and weaknesses, and where products are stated, products.
fn named(entities: &[Entity], products: &str) -> Vec<Named> {
    let mut all: Vec<Named> = entities
        .iter()
        .filter(|entity| match entity.kind {
            EntityKind::Version | EntityKind::Cve | EntityKind::Cwe => false,
            EntityKind::Vendor | EntityKind::Product => {
                products.is_empty() && entity.by != FoundBy::Field
            }
            _ => true,
        })
        .map(|entity| {
            let name = entity.id.as_ref().unwrap_or(&entity.name);
            Named(entity.kind.as_str().to_owned(), name.clone())
        })
        .collect();
    all.sort_unstable();
    all.dedup();
    all.truncate(MOST_NAMED);
    all
}

/// The base model's probability that a text is about security.
pub(crate) fn security(judgement: &Judgement) -> Result<f64, Why> {
    let guess = judgement.relevance.as_ref().map_err(|why| *why)?;
    let found = guess.all.iter().find(|(label, _)| label == SECURITY);
    found.map(|(_, p)| *p).ok_or(Why::NoModel)
}

/// Whether the models of flaws may speak: of a CVE that stands, and of an article that is about security.
fn tells_of_a_flaw(subject: &Subject<'_>, judgement: &Judgement) -> bool {
    match subject.kind {
        VULNERABILITY => !subject.is_withdrawn,
        ARTICLE => security(judgement).is_ok_and(|p| p >= USUAL_THRESHOLD),
        _ => false,
    }
}

/// Structured facts first.
pub(crate) fn category(subject: &Subject<'_>, judgement: &Judgement) -> Option<Category> {
    if let Some((name, cwe)) = category_of_cwes(subject.cwes) {
        return Some(Category {
            name: name.to_owned(),
            probability: None,
            by: CategoryBy::Cwe {
                cwe: cwe.to_owned(),
            },
        });
    }
    let guess = judgement.category.as_ref().ok();
    let guess = guess.filter(|_| tells_of_a_flaw(subject, judgement))?;
    Some(Category {
        name: guess.label.clone(),
        probability: Some(guess.probability),
        by: CategoryBy::Model,
    })
}

fn estimate(guess: Guess) -> Option<Estimate> {
    let severity = match guess.label.to_ascii_lowercase().as_str() {
        "low" => Severity::Low,
        "medium" => Severity::Medium,
        "high" => Severity::High,
        _ => return None,
    };
    Some(Estimate {
        severity,
        probability: guess.probability,
    })
}

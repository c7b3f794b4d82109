//! An alert that was just stored, without reading it again: thousands come at once.

use super::shown::{is_estimate, is_muted};
use super::{Form, Stored, Summary};
use crate::model::{Alert, AlertId, Finding, State, Time, best_score};
use crate::store::{Read, StoreError, enrich};

/// What [`super::get`] gives of an alert that [`super::insert_as`] stored as news at `now`.
///
/// # Errors
/// Where the database fails.
pub fn as_new(
    r: &Read<'_>,
    id: AlertId,
    alert: &Alert,
    finding: &Finding,
    form: &Form,
    now: Time,
) -> Result<Stored, StoreError> {
    let score = best_score(&alert.facts.scores);
    let mut matched: Vec<String> = finding
        .relevance
        .matches
        .iter()
        .map(|found| found.watch.clone())
        .collect();
    matched.sort_unstable();
    matched.dedup();
    Ok(Stored {
        summary: Summary {
            id,
            uid: alert.uid.clone(),
            source: alert.source.clone(),
            kind: alert.kind,
            title: alert.title.clone(),
            url: alert.url.clone(),
            published: alert.published.map_or(now, |published| published.min(now)),
            updated: alert.updated,
            added: now,
            changed: None,
            looked: None,
            severity: finding.severity,
            estimated: is_estimate(finding),
            score: score.map(|best| (best.score, best.version, best.issuer)),
            epss: enrich::epss::of(r, &alert.uid)?.map(|epss| epss.probability),
            exploited: alert.facts.exploited().is_some(),
            kev: alert.facts.kev.is_some(),
            ransomware: alert.facts.kev.as_ref().is_some_and(|kev| kev.ransomware),
            is_relevant: finding.relevance.is_relevant,
            is_muted: is_muted(finding),
            relevance: finding.relevance.score,
            category: finding.category.as_ref().map(|c| c.name.clone()),
            state: State::New,
            reason: None,
            until: None,
            unread: true,
            matched,
            tags: Vec::new(),
            feedback: None,
        },
        text: alert.text.clone(),
        products: form.products.clone(),
        facts: alert.facts.clone(),
        finding: finding.clone(),
        risks: form.risks.clone(),
    })
}

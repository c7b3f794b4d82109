//! What changed about an alert, by meaning: a record whose `lastModified` moved but that says the same
//! has no change. Pure.

use crate::model::{Alert, Change, ChangeKind, Finding, Kind, Score, Severity, Time, best_score};
use crate::store::alerts::Stored;

/// The changes from what is stored to what the source says now.
#[must_use]
pub fn compare(before: &Stored, after: &Alert, finding: &Finding, at: Time) -> Vec<Change> {
    let mut changes = Vec::new();
    let mut add = |kind, before: Option<String>, after: Option<String>| {
        changes.push(Change {
            kind,
            at,
            before,
            after,
        });
    };
    if after.facts.is_rejected() && !before.facts.is_rejected() {
        add(
            ChangeKind::Rejected,
            before.facts.status.clone(),
            after.facts.status.clone(),
        );
    }
    if after.facts.exploited().is_some() && before.facts.exploited().is_none() {
        add(ChangeKind::Exploited, None, None);
    }
    let (old, new) = (
        best_score(&before.facts.scores),
        best_score(&after.facts.scores),
    );
    if let (None, Some(score)) = (old, new) {
        add(ChangeKind::Scored, None, Some(words(score)));
    }
    if let Some(change) = severity_change(before, finding, old.zip(new), at) {
        changes.push(change);
    }
    if before.facts.products != after.facts.products {
        let names = |facts: &crate::model::Facts| {
            (!facts.products.is_empty()).then(|| facts.product_lines())
        };
        changes.push(Change {
            kind: ChangeKind::ProductsChanged,
            at,
            before: names(&before.facts),
            after: names(&after.facts),
        });
    }
    let title_changed = after.kind != Kind::Vulnerability && before.summary.title != after.title;
    if title_changed || before.text != after.text {
        changes.push(Change {
            kind: ChangeKind::TextChanged,
            at,
            before: title_changed.then(|| before.summary.title.clone()),
            after: title_changed.then(|| after.title.clone()),
        });
    }
    changes
}

/// A change of the level that is shown, where there was one before and after.
#[must_use]
pub fn severity_change(
    before: &Stored,
    finding: &Finding,
    scores: Option<(&Score, &Score)>,
    at: Time,
) -> Option<Change> {
    let (old, new) = before.finding.severity.zip(finding.severity)?;
    let kind = match new.cmp(&old) {
        std::cmp::Ordering::Greater => ChangeKind::SeverityRaised,
        std::cmp::Ordering::Less => ChangeKind::SeverityLowered,
        std::cmp::Ordering::Equal => return None,
    };
    let (before, after) = match scores {
        Some((old, new)) if old != new => (words(old), words(new)),
        _ => (level(old).to_owned(), level(new).to_owned()),
    };
    Some(Change {
        kind,
        at,
        before: Some(before),
        after: Some(after),
    })
}

/// `9.8 v3.1`.
fn words(score: &Score) -> String {
    format!("{:.1} v{}", score.score, score.version.as_str())
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Low => "low",
        Severity::Medium => "medium",
        Severity::High => "high",
    }
}

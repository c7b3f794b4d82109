//! What a message says of one alert, read from the store.

use std::collections::BTreeMap;

use crate::model::{
    ChangeKind, ExploitedBy, Happened, MessageAlert, MessageProduct, Product, Rating, Severity,
    SourceId, best_score,
};
use crate::store::deliveries::Spoken;
use crate::store::{Read, StoreError, alerts, changes, enrich};

/// Products that a message names.
const MOST_PRODUCTS: usize = 10;
/// Products that the change of a list names.
const MOST_CHANGED: usize = 3;

/// One alert as a message tells it; `None` where it is gone.
///
/// # Errors
/// Where the database fails.
pub fn message_alert(
    r: &Read<'_>,
    spoken: &Spoken,
    sources: &BTreeMap<SourceId, String>,
) -> Result<Option<MessageAlert>, StoreError> {
    let subject = spoken.subject;
    let Some(stored) = alerts::get(r, subject.alert)? else {
        return Ok(None);
    };
    let happened = match subject.change {
        ChangeKind::New => None,
        kind => changes::entry(r, subject.alert, kind, subject.at)?,
    };
    let epss = enrich::epss::of(r, &stored.summary.uid)?;
    let mut products = products(&stored.facts.products);
    let more_products = products.len().saturating_sub(MOST_PRODUCTS);
    products.truncate(MOST_PRODUCTS);
    let summary = stored.summary;
    Ok(Some(MessageAlert {
        id: summary.id,
        uid: summary.uid,
        kind: summary.kind,
        source_name: sources
            .get(&summary.source)
            .cloned()
            .unwrap_or_else(|| summary.source.to_string()),
        title: summary.title,
        text: stored.text,
        url: summary.url,
        severity: summary.severity,
        score: best_score(&stored.facts.scores).cloned(),
        is_estimate: summary.estimated,
        exploited: summary.exploited,
        epss: epss.map(|score| (score.probability, score.percentile)),
        products,
        more_products: u32::try_from(more_products).unwrap_or(u32::MAX),
        matched: summary.matched,
        rules: spoken.rules.clone(),
        change: subject.change,
        detail: happened.as_ref().and_then(detail),
        published: summary.published,
    }))
}

/// Products as people write them, each once, with all its versions.
fn products(all: &[Product]) -> Vec<MessageProduct> {
    let mut named: Vec<MessageProduct> = Vec::new();
    for product in all {
        let name = product_name(product);
        match named.iter_mut().find(|known| known.name == name) {
            Some(known) if product.versions.is_empty() || known.versions.is_empty() => {
                // That nobody says which is said of all of them.
                known.versions.clear();
            }
            Some(known) => {
                known.versions.push_str(", ");
                known.versions.push_str(&product.versions);
            }
            None => named.push(MessageProduct {
                name,
                versions: product.versions.clone(),
            }),
        }
    }
    named
}

/// `apache http server`; a product that begins with its vendor is not told twice.
fn product_name(product: &Product) -> String {
    let words = |text: &str| text.replace('_', " ").trim().to_owned();
    let (vendor, name) = (words(&product.vendor), words(&product.product));
    if vendor.is_empty() || name.to_lowercase().starts_with(&vendor.to_lowercase()) {
        name
    } else if name.is_empty() {
        vendor
    } else {
        format!("{vendor} {name}")
    }
}

/// What happened, where its kind alone does not say it.
fn detail(happened: &Happened) -> Option<String> {
    match happened {
        Happened::SeverityRaised { before, after }
        | Happened::SeverityLowered { before, after } => {
            Some(format!("{} to {}", level(*before), level(*after)))
        }
        Happened::Scored { before, after } => match (before, after) {
            (None, Some(after)) => Some(rating(after)),
            (Some(before), Some(after)) => Some(format!("{} to {}", rating(before), rating(after))),
            (Some(before), None) => Some(format!("{} to unscored", rating(before))),
            (None, None) => None,
        },
        Happened::EpssJump { before, after } => {
            let share = |share: &Option<f64>| {
                share.map_or_else(
                    || "none".to_owned(),
                    |share| format!("{:.1} %", share * 100.0),
                )
            };
            Some(format!("{} to {}", share(before), share(after)))
        }
        Happened::Exploited { after, .. } => Some(match after {
            Some(ExploitedBy::Kev) => {
                "in CISA's catalogue of known exploited vulnerabilities".into()
            }
            Some(ExploitedBy::Ssvc) => "active exploitation, says CISA's SSVC".into(),
            None => "no longer said to be exploited".into(),
        }),
        Happened::ProductsChanged { added, removed } => {
            let parts = [named("added", added), named("removed", removed)];
            let parts: Vec<String> = parts.into_iter().flatten().collect();
            (!parts.is_empty()).then(|| parts.join("; "))
        }
        Happened::Rejected { reason, .. } => reason.clone(),
        Happened::New | Happened::TextChanged { .. } | Happened::Reopened { .. } => None,
    }
}

fn level(level: Option<Severity>) -> &'static str {
    match level {
        Some(Severity::High) => "High",
        Some(Severity::Medium) => "Medium",
        Some(Severity::Low) => "Low",
        None => "Unscored",
    }
}

fn rating(rating: &Rating) -> String {
    format!("{:.1}", rating.score)
}

fn named(what: &str, all: &[Product]) -> Option<String> {
    let all = products(all);
    if all.is_empty() {
        return None;
    }
    let names: Vec<&str> = all
        .iter()
        .take(MOST_CHANGED)
        .map(|p| p.name.as_str())
        .collect();
    let more = match all.len().saturating_sub(MOST_CHANGED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    Some(format!("{what} {}{more}", names.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn product(vendor: &str, product: &str, versions: &str) -> Product {
        Product {
            vendor: vendor.into(),
            product: product.into(),
            versions: versions.into(),
        }
    }

    #[test]
    fn products_are_told_once_with_all_their_versions() {
        let told = products(&[
            product("apache", "http_server", "2.4.0 to 2.4.58"),
            product("apache", "http_server", "2.2"),
            product("acme", "acme_router", ""),
            product("", "thing", "1"),
        ]);
        let told: Vec<(&str, &str)> = told
            .iter()
            .map(|p| (p.name.as_str(), p.versions.as_str()))
            .collect();
        assert_eq!(
            told,
            [
                ("apache http server", "2.4.0 to 2.4.58, 2.2"),
                ("acme router", ""),
                ("thing", "1")
            ]
        );
    }

    #[test]
    fn what_happened_is_told_with_before_and_after() {
        let raised = Happened::SeverityRaised {
            before: Some(Severity::Medium),
            after: Some(Severity::High),
        };
        assert_eq!(detail(&raised).as_deref(), Some("Medium to High"));
        let jump = Happened::EpssJump {
            before: Some(0.02),
            after: Some(0.351),
        };
        assert_eq!(detail(&jump).as_deref(), Some("2.0 % to 35.1 %"));
        let more = Happened::ProductsChanged {
            added: (0..5).map(|n| product("v", &n.to_string(), "")).collect(),
            removed: vec![product("v", "x", "")],
        };
        assert_eq!(
            detail(&more).as_deref(),
            Some("added v 0, v 1, v 2 and 2 more; removed v x")
        );
        assert_eq!(detail(&Happened::New), None);
    }
}

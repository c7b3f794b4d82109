//! What 0002_search.sql cannot say in SQL: the facets of every alert, and the typed history.

use std::sync::RwLock;

use rusqlite::Connection;

use super::StoreError;
use crate::model::{
    AlertId, Change, CvssVersion, ExploitedBy, Facts, Happened, Product, Rating, Severity, Time,
    Wording, band,
};
use crate::store::alerts::put_facets_with;
use crate::store::changes::insert;
use crate::store::db::Write;
use crate::store::row::Columns;

/// One bad record does not stop the migration: an alert whose facts or finding cannot be read keeps
/// empty facets, and an entry of a history that cannot be read is left out.
pub(super) fn fill(conn: &Connection) -> Result<(), StoreError> {
    let index = RwLock::default();
    let w = Write::within(conn, &index);
    let ids = w.rows("SELECT id FROM alerts", [], |row| {
        row.col("id").map(AlertId)
    })?;
    for id in ids {
        match put_facets_with(&w, id, |facts| Ok(own_risk(facts))) {
            Err(StoreError::Unreadable { what, reason }) => {
                tracing::warn!(
                    alert = id.0,
                    what,
                    "a stored alert cannot be read: {reason}"
                );
            }
            result => result?,
        }
    }
    w.execute(
        "UPDATE alerts SET kev = 1 WHERE id IN (SELECT id FROM contents WHERE CASE WHEN json_valid(facts) THEN json_extract(facts, '$.kev') END IS NOT NULL)",
        [],
    )?;
    changes(&w)
}

/// What an entry of an OWASP list is: format 2 knows no map. The newest edition then was the only one.
fn own_risk(facts: &Facts) -> Vec<String> {
    let entry = facts.owasp.iter();
    entry
        .flat_map(|e| [format!("{}:{}", e.code, e.edition), e.code.clone()])
        .collect()
}

/// An entry as format 1 kept it: what it was and became in words.
struct Worded {
    alert: AlertId,
    at: Time,
    kind: String,
    before: Option<String>,
    after: Option<String>,
}

fn changes(w: &Write<'_>) -> Result<(), StoreError> {
    let old = w.rows(
        "SELECT alert, at, kind, before, after FROM changes_old ORDER BY id",
        [],
        |row| {
            Ok(Worded {
                alert: AlertId(row.col("alert")?),
                at: row.time("at")?,
                kind: row.col("kind")?,
                before: row.col("before")?,
                after: row.col("after")?,
            })
        },
    )?;
    for entry in old {
        for what in typed(&entry, exploited(w, &entry)?) {
            insert(w, entry.alert, &Change { at: entry.at, what })?;
        }
    }
    w.execute("DROP TABLE changes_old", [])?;
    Ok(())
}

/// Who says today that an alert is exploited: format 1 did not keep who said it first.
fn exploited(w: &Write<'_>, entry: &Worded) -> Result<Option<ExploitedBy>, StoreError> {
    if entry.kind != "exploited" {
        return Ok(None);
    }
    let facts = w.first(
        "SELECT facts FROM contents WHERE id = ?1",
        [entry.alert.0],
        |row| row.col::<String>("facts"),
    )?;
    Ok(facts
        .and_then(|facts| serde_json::from_str::<Facts>(&facts).ok())
        .and_then(|facts| facts.exploited())
        .or(Some(ExploitedBy::Ssvc)))
}

/// What an entry says in format 2. That an alert is new is kept in `alerts.added` alone.
fn typed(entry: &Worded, exploited: Option<ExploitedBy>) -> Vec<Happened> {
    let (before, after) = (entry.before.as_deref(), entry.after.as_deref());
    let what = match entry.kind.as_str() {
        "scored" => scored(before, after),
        "severity_raised" => Some(Happened::SeverityRaised {
            before: before.and_then(level),
            after: after.and_then(level),
        }),
        "severity_lowered" => Some(Happened::SeverityLowered {
            before: before.and_then(level),
            after: after.and_then(level),
        }),
        "exploited" => Some(Happened::Exploited {
            before: None,
            after: exploited,
        }),
        "products_changed" => {
            let (before, after) = (products(before), products(after));
            Some(Happened::ProductsChanged {
                added: only_in(&after, &before),
                removed: only_in(&before, &after),
            })
        }
        "text_changed" => Some(Happened::TextChanged {
            before: titled(before),
            after: titled(after),
        }),
        "rejected" => Some(Happened::Rejected {
            before: before.map(str::to_owned),
            after: after.map(str::to_owned),
        }),
        _ => None,
    };
    // Where the score moved the level, format 1 kept the scores in the level's place.
    let moved = match what {
        Some(Happened::SeverityRaised { .. } | Happened::SeverityLowered { .. }) => {
            scored(before, after)
        }
        _ => None,
    };
    moved.into_iter().chain(what).collect()
}

fn scored(before: Option<&str>, after: Option<&str>) -> Option<Happened> {
    let (before, after) = (before.and_then(rating), after.and_then(rating));
    (before != after).then_some(Happened::Scored { before, after })
}

/// `9.8 v3.1`.
fn rating(words: &str) -> Option<Rating> {
    let (score, version) = words.split_once(" v")?;
    Some(Rating {
        score: score.parse().ok()?,
        version: CvssVersion::parse(version)?,
    })
}

/// A level's word, or the level of a score.
fn level(words: &str) -> Option<Severity> {
    match words {
        "low" => Some(Severity::Low),
        "medium" => Some(Severity::Medium),
        "high" => Some(Severity::High),
        _ => rating(words).map(|rating| band(rating.score)),
    }
}

/// Lines of `vendor product`; format 1 did not keep where one ends and the other begins.
fn products(lines: Option<&str>) -> Vec<Product> {
    let product = |line: &str| Product {
        vendor: String::new(),
        product: line.to_owned(),
        versions: String::new(),
    };
    lines.unwrap_or_default().lines().map(product).collect()
}

fn only_in(these: &[Product], others: &[Product]) -> Vec<Product> {
    let is_new = |p: &&Product| !others.contains(p);
    these.iter().filter(is_new).cloned().collect()
}

fn titled(title: Option<&str>) -> Wording {
    Wording {
        title: title.map(str::to_owned),
        text: None,
    }
}

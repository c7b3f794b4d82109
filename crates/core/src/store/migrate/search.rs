//! What 0002_search.sql cannot say in SQL: the facets of every alert, and the typed history.

use std::sync::RwLock;

use rusqlite::{Connection, params};

use super::StoreError;
use crate::model::{
    AlertId, CvssVersion, ExploitedBy, Facts, Happened, Product, Rating, Severity, Wording, band,
};
use crate::store::alerts::put_facets;
use crate::store::db::Write;
use crate::store::row::{Columns, to_json};

pub(super) fn fill(conn: &Connection) -> Result<(), StoreError> {
    let index = RwLock::default();
    let w = Write::within(conn, &index);
    let ids = w.rows("SELECT id FROM alerts", [], |row| {
        row.col("id").map(AlertId)
    })?;
    for id in ids {
        put_facets(&w, id)?;
    }
    w.execute(
        "UPDATE alerts SET kev = 1 WHERE id IN (SELECT id FROM contents WHERE json_extract(facts, '$.kev') IS NOT NULL)",
        [],
    )?;
    changes(&w)
}

/// An entry as format 1 kept it: what it was and became in words.
struct Worded {
    id: i64,
    alert: i64,
    kind: String,
    before: Option<String>,
    after: Option<String>,
}

fn changes(w: &Write<'_>) -> Result<(), StoreError> {
    let old = w.rows(
        "SELECT id, alert, kind, before, after FROM changes",
        [],
        |row| {
            Ok(Worded {
                id: row.col("id")?,
                alert: row.col("alert")?,
                kind: row.col("kind")?,
                before: row.col("before")?,
                after: row.col("after")?,
            })
        },
    )?;
    for entry in old {
        let facts = w.first(
            "SELECT facts FROM contents WHERE id = ?1",
            [entry.alert],
            |row| row.json::<Facts>("facts"),
        )?;
        match typed(&entry, &facts.unwrap_or_default()) {
            Some(what) => w.execute(
                "UPDATE changes SET what = ?2 WHERE id = ?1",
                params![entry.id, to_json("change", &what)?],
            )?,
            None => w.execute("DELETE FROM changes WHERE id = ?1", [entry.id])?,
        };
    }
    w.execute("ALTER TABLE changes DROP COLUMN before", [])?;
    w.execute("ALTER TABLE changes DROP COLUMN after", [])?;
    Ok(())
}

fn typed(entry: &Worded, facts: &Facts) -> Option<Happened> {
    let (before, after) = (entry.before.as_deref(), entry.after.as_deref());
    Some(match entry.kind.as_str() {
        "scored" => Happened::Scored {
            before: before.and_then(rating),
            after: after.and_then(rating),
        },
        "severity_raised" => Happened::SeverityRaised {
            before: before.and_then(level),
            after: after.and_then(level),
        },
        "severity_lowered" => Happened::SeverityLowered {
            before: before.and_then(level),
            after: after.and_then(level),
        },
        "exploited" => Happened::Exploited {
            before: None,
            after: facts.exploited().or(Some(ExploitedBy::Ssvc)),
        },
        "products_changed" => {
            let (before, after) = (products(before), products(after));
            Happened::ProductsChanged {
                added: only_in(&after, &before),
                removed: only_in(&before, &after),
            }
        }
        "text_changed" => Happened::TextChanged {
            before: titled(before),
            after: titled(after),
        },
        "rejected" => Happened::Rejected {
            before: before.map(str::to_owned),
            after: after.map(str::to_owned),
        },
        _ => return None,
    })
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

//! The tables `watch_hits` and `watches`, `mute_hits` and `mutes`: which watch or mute matched what, and for
//! which of them the stored alerts were all looked through.

use std::collections::HashMap;

use rusqlite::{Row, params};
use serde::Deserialize;

use super::row::{Columns, to_json};
use super::{Read, StoreError, Write, search};
use crate::model::{AlertId, Kind, Product, ProductRanges, SourceId};

/// Watches, or mutes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Which {
    /// What a team cares about.
    Watches,
    /// What is to be silent.
    Mutes,
}

impl Which {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Watches, Self::Mutes];

    fn pick(self, watches: &'static str, mutes: &'static str) -> &'static str {
        match self {
            Self::Watches => watches,
            Self::Mutes => mutes,
        }
    }
}

/// Stored alerts that a watch or a mute matches, from an id on.
///
/// # Errors
/// Where the database fails.
pub fn hits(r: &Read<'_>, which: Which, term: &str, from: AlertId) -> Result<u32, StoreError> {
    let sql = which.pick(
        "SELECT count(*) FROM watch_hits WHERE watch = ?1 AND alert >= ?2",
        "SELECT count(*) FROM mute_hits WHERE mute = ?1 AND alert >= ?2",
    );
    let count = r.number(sql, params![term, from.0])?;
    Ok(u32::try_from(count).unwrap_or(u32::MAX))
}

/// What was looked for in all stored alerts: term and definition.
///
/// # Errors
/// Where the database fails.
pub fn complete(r: &Read<'_>, which: Which) -> Result<Vec<(String, String)>, StoreError> {
    let sql = which.pick(
        "SELECT term, definition FROM watches",
        "SELECT term, definition FROM mutes",
    );
    r.rows(sql, [], |row| {
        Ok((row.col("term")?, row.col("definition")?))
    })
}

/// Notes that all stored alerts were looked through for a watch or a mute.
///
/// # Errors
/// Where the database fails.
pub fn set_complete(
    w: &Write<'_>,
    which: Which,
    term: &str,
    definition: &str,
) -> Result<(), StoreError> {
    let sql = which.pick(
        "INSERT INTO watches (term, definition) VALUES (?1, ?2) ON CONFLICT (term) DO UPDATE SET definition = ?2",
        "INSERT INTO mutes (term, definition) VALUES (?1, ?2) ON CONFLICT (term) DO UPDATE SET definition = ?2",
    );
    w.execute(sql, params![term, definition])?;
    Ok(())
}

/// Forgets that a watch or a mute was looked for.
///
/// # Errors
/// Where the database fails.
pub fn forget(w: &Write<'_>, which: Which, term: &str) -> Result<(), StoreError> {
    let sql = which.pick(
        "DELETE FROM watches WHERE term = ?1",
        "DELETE FROM mutes WHERE term = ?1",
    );
    w.execute(sql, [term])?;
    Ok(())
}

/// Alerts that a watch or a mute matched until now.
///
/// # Errors
/// Where the database fails.
pub fn alerts_of(r: &Read<'_>, which: Which, term: &str) -> Result<Vec<AlertId>, StoreError> {
    let sql = which.pick(
        "SELECT alert FROM watch_hits WHERE watch = ?1",
        "SELECT alert FROM mute_hits WHERE mute = ?1",
    );
    r.rows(sql, [term], |row| row.col("alert").map(AlertId))
}

/// What watches are looked for in.
#[derive(Clone, Debug, PartialEq)]
pub struct Told {
    /// Which alert.
    pub id: AlertId,
    /// What it is.
    pub kind: Kind,
    /// The source that brought it.
    pub source: SourceId,
    /// Title, text, products.
    pub texts: (String, String, String),
    /// What sources state about versions of products.
    pub ranges: Vec<ProductRanges>,
}

const TOLD: &str = "SELECT a.id, a.kind, a.source, c.title, c.body, c.products, c.facts";

impl Told {
    fn from_row(row: &Row<'_>) -> Result<Self, StoreError> {
        /// The one of an alert's facts that watches read.
        #[derive(Deserialize)]
        struct Stated {
            #[serde(default)]
            ranges: Vec<ProductRanges>,
        }
        Ok(Self {
            id: AlertId(row.col("id")?),
            kind: row.word("kind", Kind::parse)?,
            source: SourceId(row.col("source")?),
            texts: (row.col("title")?, row.col("body")?, row.col("products")?),
            ranges: row.json::<Stated>("facts")?.ranges,
        })
    }
}

/// What watches are looked for in, of these alerts, newest first; ids that are gone are left out.
///
/// # Errors
/// Where the database fails.
pub fn told(r: &Read<'_>, ids: &[AlertId]) -> Result<Vec<Told>, StoreError> {
    r.rows(
        &format!(
            "{TOLD} FROM json_each(?1) wanted JOIN alerts a ON a.id = wanted.value JOIN contents c ON c.id = a.id ORDER BY a.id DESC"
        ),
        [to_json("ids", &ids)?],
        Told::from_row,
    )
}

/// The same of the newest alerts from an id on and below another.
///
/// # Errors
/// Where the database fails.
pub fn told_between(
    r: &Read<'_>,
    from: AlertId,
    below: AlertId,
    limit: u32,
) -> Result<Vec<Told>, StoreError> {
    r.rows(
        &format!(
            "{TOLD} FROM alerts a JOIN contents c ON c.id = a.id WHERE a.id >= ?1 AND a.id < ?2 ORDER BY a.id DESC LIMIT ?3"
        ),
        params![from.0, below.0, limit],
        Told::from_row,
    )
}

/// Alerts among which products are looked for.
const MOST_LOOKED_AT: u32 = 1_000;
/// Products that are offered.
const MOST_PRODUCTS: usize = 20;

/// Vendors and products of the newest alerts with words that begin so, the most frequent first.
///
/// # Errors
/// Where the database fails.
pub fn products(r: &Read<'_>, typed: &str) -> Result<Vec<(String, String)>, StoreError> {
    let beginnings: Vec<String> = words(typed).collect();
    if beginnings.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<i64> = r.rows(
        "SELECT rowid AS id FROM search WHERE search MATCH ?1 ORDER BY rowid DESC LIMIT ?2",
        params![search::beginnings_in_products(&beginnings), MOST_LOOKED_AT],
        |row| row.col("id"),
    )?;
    /// The one of an alert's facts that is looked at.
    #[derive(Deserialize)]
    struct Affected {
        #[serde(default)]
        products: Vec<Product>,
    }
    let all: Vec<Affected> = r.rows(
        "SELECT c.facts FROM json_each(?1) wanted JOIN contents c ON c.id = wanted.value",
        [to_json("ids", &ids)?],
        |row| row.json("facts"),
    )?;
    let mut counts: HashMap<(String, String), u32> = HashMap::new();
    for product in all.into_iter().flat_map(|affected| affected.products) {
        let names = (product.vendor, product.product);
        let all: Vec<String> = words(&names.0).chain(words(&names.1)).collect();
        let is_there = |beginning: &String| all.iter().any(|word| word.starts_with(beginning));
        if beginnings.iter().all(is_there) {
            *counts.entry(names).or_default() += 1;
        }
    }
    let mut found: Vec<_> = counts.into_iter().collect();
    found.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    found.truncate(MOST_PRODUCTS);
    Ok(found.into_iter().map(|(names, _)| names).collect())
}

fn words(text: &str) -> impl Iterator<Item = String> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
}

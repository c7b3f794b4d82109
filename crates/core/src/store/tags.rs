//! The table `tags`: the user's own, as they were written. An alert has one spelling of each tag, the
//! first. (`terms` has their normal form, to search.)

use rusqlite::params;
use serde::Deserialize;

use super::row::Columns;
use super::{Read, StoreError, Write, alerts, terms};
use crate::model::{AlertId, Facet, normal_value};

/// The tags of an alert, in order.
///
/// # Errors
/// Where the database fails.
pub fn of(r: &Read<'_>, alert: AlertId) -> Result<Vec<String>, StoreError> {
    r.rows(
        "SELECT tag FROM tags WHERE alert = ?1 ORDER BY folded",
        [alert.0],
        |row| row.col("tag"),
    )
}

/// Every tag in its commonest spelling, with the number of alerts that have it in any; in order.
///
/// # Errors
/// Where the database fails.
pub fn counts(r: &Read<'_>) -> Result<Vec<(String, u32)>, StoreError> {
    // Of the columns beside one max(), SQLite takes the values of the row that has it.
    r.rows(
        "SELECT tag, max(alerts), sum(alerts) AS alerts FROM (SELECT folded, tag, count(*) AS alerts FROM tags GROUP BY folded, tag) GROUP BY folded ORDER BY folded",
        [],
        |row| Ok((row.col("tag")?, row.count("alerts")?)),
    )
}

/// The form in which two spellings of a tag are the same: lower case.
pub(super) fn folded(tag: &str) -> String {
    tag.to_lowercase()
}

/// Gives an alert these tags instead of those that it has; of two spellings the first. Facets are put right by [`TagFacet`].
pub(super) fn replace(w: &Write<'_>, alert: AlertId, tags: &[String]) -> Result<(), StoreError> {
    w.execute("DELETE FROM tags WHERE alert = ?1", [alert.0])?;
    for tag in tags {
        w.execute(
            "INSERT OR IGNORE INTO tags (alert, folded, tag) VALUES (?1, ?2, ?3)",
            params![alert.0, folded(tag), tag],
        )?;
    }
    Ok(())
}

/// Puts one tag into the facets of many alerts or takes it out, without making all their facets anew.
pub(super) struct TagFacet {
    value: String,
    term: u32,
}

impl TagFacet {
    pub(super) fn of(w: &Write<'_>, tag: &str) -> Result<Self, StoreError> {
        let value = normal_value(tag);
        let term = terms::number_of(w, Facet::Tag, &value)?;
        Ok(Self { value, term })
    }

    /// After this tag was given to an alert or taken from it.
    pub(super) fn put(&self, w: &Write<'_>, alert: AlertId) -> Result<(), StoreError> {
        let is_tagged = self.is_among(&of(w, alert)?) || self.is_among(&source_tags(w, alert)?);
        alerts::put_term(w, alert, self.term, is_tagged)
    }

    fn is_among(&self, tags: &[String]) -> bool {
        tags.iter().any(|tag| normal_value(tag) == self.value)
    }
}

/// The tags that a source gave; none where its record cannot be read.
fn source_tags(r: &Read<'_>, alert: AlertId) -> Result<Vec<String>, StoreError> {
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Tags {
        tags: Vec<String>,
    }
    let facts = r.first(
        "SELECT facts FROM contents WHERE id = ?1",
        [alert.0],
        |row| row.col::<String>("facts"),
    )?;
    Ok(facts
        .and_then(|facts| serde_json::from_str::<Tags>(&facts).ok())
        .unwrap_or_default()
        .tags)
}

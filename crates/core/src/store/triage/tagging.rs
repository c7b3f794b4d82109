//! Tags: an entry keeps all tags of the alert before and after.

use rusqlite::params;

use super::{Batch, count};
use crate::model::AlertId;
use crate::store::row::{Columns, from_json};
use crate::store::tags::{self, TagFacet, folded};
use crate::store::{StoreError, Write};

/// Gives a tag to the alerts that have it in no spelling: how many.
pub(super) fn add(w: &Write<'_>, batch: &Batch, tag: &str) -> Result<u32, StoreError> {
    w.execute(
        "INSERT INTO triage_entries (triage, alert, before, after)
         SELECT ?1, a.id,
                (SELECT json_object('tags', json_group_array(tag)) FROM (SELECT tag FROM tags WHERE alert = a.id ORDER BY folded)),
                '{}'
         FROM json_each(?2) p CROSS JOIN alerts a ON a.id = p.value
         WHERE NOT EXISTS (SELECT 1 FROM tags WHERE alert = a.id AND folded = ?3)",
        params![batch.triage.0, batch.ids, folded(tag)],
    )?;
    w.execute(
        "INSERT INTO tags (alert, folded, tag)
         SELECT alert, ?4, ?5 FROM triage_entries WHERE triage = ?1 AND alert BETWEEN ?2 AND ?3",
        params![
            batch.triage.0,
            batch.first.0,
            batch.last.0,
            folded(tag),
            tag
        ],
    )?;
    close(w, batch, tag)
}

/// Takes a tag, in whatever spelling, from the alerts that have it: how many.
pub(super) fn remove(w: &Write<'_>, batch: &Batch, tag: &str) -> Result<u32, StoreError> {
    w.execute(
        "INSERT INTO triage_entries (triage, alert, before, after)
         SELECT ?1, a.id,
                (SELECT json_object('tags', json_group_array(tag)) FROM (SELECT tag FROM tags WHERE alert = a.id ORDER BY folded)),
                '{}'
         FROM json_each(?2) p CROSS JOIN alerts a ON a.id = p.value
         WHERE EXISTS (SELECT 1 FROM tags WHERE alert = a.id AND folded = ?3)",
        params![batch.triage.0, batch.ids, folded(tag)],
    )?;
    w.execute(
        "DELETE FROM tags WHERE folded = ?4
             AND alert IN (SELECT alert FROM triage_entries WHERE triage = ?1 AND alert BETWEEN ?2 AND ?3)",
        params![batch.triage.0, batch.first.0, batch.last.0, folded(tag)],
    )?;
    close(w, batch, tag)
}

/// Notes what the alerts of a batch have now, and puts their facets right.
fn close(w: &Write<'_>, batch: &Batch, tag: &str) -> Result<u32, StoreError> {
    let entered = w.rows(
        "UPDATE triage_entries SET after =
             (SELECT json_object('tags', json_group_array(tag)) FROM (SELECT tag FROM tags WHERE alert = triage_entries.alert ORDER BY folded))
         WHERE triage = ?1 AND alert BETWEEN ?2 AND ?3 RETURNING alert",
        params![batch.triage.0, batch.first.0, batch.last.0],
        |row| row.col("alert").map(AlertId),
    )?;
    if !entered.is_empty() {
        let facet = TagFacet::of(w, tag)?;
        for alert in &entered {
            facet.put(w, *alert)?;
        }
    }
    Ok(count(entered.len()))
}

/// Brings tags back where they are as the act left them: which alerts.
pub(super) fn put_back(
    w: &Write<'_>,
    batch: &Batch,
    tag: &str,
) -> Result<Vec<AlertId>, StoreError> {
    let entries = w.rows(
        "SELECT e.alert, json_extract(e.before, '$.tags') AS before FROM triage_entries e
         WHERE e.triage = ?1 AND e.alert BETWEEN ?2 AND ?3
             AND json_extract(e.after, '$.tags') = (SELECT json_group_array(tag) FROM (SELECT tag FROM tags WHERE alert = e.alert ORDER BY folded))",
        params![batch.triage.0, batch.first.0, batch.last.0],
        |row| Ok((AlertId(row.col("alert")?), row.col::<String>("before")?)),
    )?;
    let facet = TagFacet::of(w, tag)?;
    for (alert, before) in &entries {
        let before: Vec<String> = from_json("tags", before)?;
        tags::replace(w, *alert, &before)?;
        facet.put(w, *alert)?;
    }
    Ok(entries.into_iter().map(|(alert, _)| alert).collect())
}

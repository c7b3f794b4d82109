//! The tables `alerts`, `contents`, `findings` and `mentions`: one alert each, with what analysis says
//! of it, its search index entry and the watches that matched.

mod epss;
mod facets;
mod fresh;
mod id;
mod kept;
mod keys;
mod shown;
mod summary;
mod together;

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};

use rusqlite::params;

use super::row::{Columns, from_json, level, severity, to_json};
use super::{Read, StoreError, Write, enrich, labels, terms};
use crate::model::{
    Alert, AlertId, Facet, Finding, Kind, Severity, Time, listed_facets, normal_value,
};

pub use epss::{EpssSet, set_epss};
pub(super) use facets::{put_facets, put_facets_with, put_term};
pub use fresh::as_new;
use id::free_id;
use kept::to_stored;
use shown::{Shown, is_estimate, is_muted};
use summary::{COLUMNS, Listed};
pub use summary::{Stored, Summary};
pub use together::all;

/// The summary of an alert.
///
/// # Errors
/// Where the database fails.
pub fn summary(r: &Read<'_>, id: AlertId) -> Result<Option<Summary>, StoreError> {
    Ok(summaries(r, &[id])?.pop())
}

/// The summaries of these alerts, in this order; ids that are gone are left out.
///
/// # Errors
/// Where the database fails.
pub fn summaries(r: &Read<'_>, ids: &[AlertId]) -> Result<Vec<Summary>, StoreError> {
    let wanted = to_json("ids", &ids)?;
    let found = r.rows(
        &format!(
            "SELECT {} FROM json_each(?1) wanted JOIN alerts a ON a.id = wanted.value JOIN contents c ON c.id = a.id",
            COLUMNS.join(", ")
        ),
        [&wanted],
        |row| Summary::from_row(&Listed(row)),
    )?;
    let mut by_id: HashMap<AlertId, Summary> =
        found.into_iter().map(|found| (found.id, found)).collect();
    for (id, watch) in named(
        r,
        "SELECT alert AS id, watch AS name FROM json_each(?1) wanted JOIN watch_hits ON alert = wanted.value ORDER BY watch",
        &wanted,
    )? {
        by_id
            .entry(id)
            .and_modify(|found| found.matched.push(watch));
    }
    for (id, tag) in named(
        r,
        "SELECT alert AS id, tag AS name FROM json_each(?1) wanted JOIN tags ON alert = wanted.value ORDER BY folded",
        &wanted,
    )? {
        by_id.entry(id).and_modify(|found| found.tags.push(tag));
    }
    for (id, said) in labels::said(r, ids)? {
        by_id
            .entry(id)
            .and_modify(|found| found.feedback = Some(said));
    }
    Ok(ids.iter().filter_map(|id| by_id.remove(id)).collect())
}

fn named(r: &Read<'_>, sql: &str, wanted: &str) -> Result<Vec<(AlertId, String)>, StoreError> {
    r.rows(sql, [wanted], |row| Ok((AlertId(row.get(0)?), row.get(1)?)))
}

/// One alert in full.
///
/// # Errors
/// Where the database fails.
pub fn get(r: &Read<'_>, id: AlertId) -> Result<Option<Stored>, StoreError> {
    let Some(summary) = summary(r, id)? else {
        return Ok(None);
    };
    let found = r.first(
        "SELECT c.body, c.products, c.facts, f.finding FROM contents c JOIN findings f ON f.id = c.id WHERE c.id = ?1",
        [id.0],
        |row| {
            Ok(Stored {
                summary: summary.clone(),
                text: row.col("body")?,
                products: row.col("products")?,
                facts: row.json("facts")?,
                finding: row.json("finding")?,
                risks: Vec::new(),
            })
        },
    )?;
    let Some(mut stored) = found else {
        return Ok(None);
    };
    stored.risks = enrich::owasp::values(r, &stored.facts)?;
    Ok(Some(stored))
}

/// The text of an alert.
///
/// # Errors
/// Where the database fails.
pub(super) fn body(r: &Read<'_>, id: AlertId) -> Result<Option<String>, StoreError> {
    r.first("SELECT body FROM contents WHERE id = ?1", [id.0], |row| {
        Ok(row.get(0)?)
    })
}

/// The id of a uid.
///
/// # Errors
/// Where the database fails.
pub fn id_of(r: &Read<'_>, uid: &str) -> Result<Option<AlertId>, StoreError> {
    r.first("SELECT id FROM alerts WHERE uid = ?1", [uid], |row| {
        row.col("id").map(AlertId)
    })
}

/// What a record that comes again is compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Known {
    /// Its id.
    pub id: AlertId,
    /// What it says.
    pub hash: [u8; 32],
    /// When its source changed it.
    pub updated: Option<Time>,
    /// When its source last said so.
    pub as_of: Option<Time>,
}

/// What is known of a uid.
///
/// # Errors
/// Where the database fails.
pub fn known(r: &Read<'_>, uid: &str) -> Result<Option<Known>, StoreError> {
    r.first(
        "SELECT id, hash, updated, as_of FROM alerts WHERE uid = ?1",
        [uid],
        |row| {
            Ok(Known {
                id: AlertId(row.col("id")?),
                hash: row.col("hash")?,
                updated: row.opt_time("updated")?,
                as_of: row.opt_time("as_of")?,
            })
        },
    )
}

/// Alerts from an id on.
///
/// # Errors
/// Where the database fails.
pub fn count_from(r: &Read<'_>, from: AlertId) -> Result<u32, StoreError> {
    let count = r.number("SELECT count(*) FROM alerts WHERE id >= ?1", [from.0])?;
    Ok(u32::try_from(count).unwrap_or(u32::MAX))
}

/// Alerts stored, by kind.
///
/// # Errors
/// Where the database fails.
pub fn by_kind(r: &Read<'_>) -> Result<Vec<(Kind, u32)>, StoreError> {
    r.rows(
        "SELECT kind, count(*) AS alerts FROM alerts GROUP BY kind ORDER BY kind",
        [],
        |row| Ok((row.word("kind", Kind::parse)?, row.count("alerts")?)),
    )
}

/// The earliest publication of a stored alert.
///
/// # Errors
/// Where the database fails.
pub fn oldest(r: &Read<'_>) -> Result<Option<Time>, StoreError> {
    // Ids are in the order of publication.
    r.first(
        "SELECT published FROM alerts ORDER BY id LIMIT 1",
        [],
        |row| row.time("published"),
    )
}

/// The highest severity of the stored CVEs among these, and which one has it. Estimates do not count.
///
/// # Errors
/// Where the database fails.
pub fn highest_named(
    r: &Read<'_>,
    cves: &[String],
) -> Result<Option<(Severity, String)>, StoreError> {
    let mut best = None;
    for cve in cves {
        let level = r.first(
            "SELECT severity FROM alerts WHERE uid = ?1 AND severity IS NOT NULL AND NOT estimated",
            [cve],
            |row| Ok(severity(row.col("severity")?)),
        )?;
        if let Some(found) = level.flatten()
            && best.as_ref().is_none_or(|(s, _)| found > *s)
        {
            best = Some((found, cve.clone()));
        }
    }
    Ok(best)
}

/// The alerts that name a CVE.
///
/// # Errors
/// Where the database fails.
pub fn naming(r: &Read<'_>, cve: &str) -> Result<Vec<AlertId>, StoreError> {
    r.rows("SELECT alert FROM mentions WHERE cve = ?1", [cve], |row| {
        row.col("alert").map(AlertId)
    })
}

/// Stores an alert for the first time; its id is made from its publication and `now`. What is not new to the
/// user (`unread`) is no news.
///
/// # Errors
/// Where the database fails.
pub fn insert(
    w: &Write<'_>,
    alert: &Alert,
    finding: &Finding,
    now: Time,
    unread: bool,
) -> Result<AlertId, StoreError> {
    let mut form = Form::of(alert, finding)?;
    form.risks = enrich::owasp::values(w, &alert.facts)?;
    insert_as(w, alert, finding, &form, now, unread)
}

/// Like [`insert`], with its stored form made before.
///
/// # Errors
/// Where the database fails.
pub fn insert_as(
    w: &Write<'_>,
    alert: &Alert,
    finding: &Finding,
    form: &Form,
    now: Time,
    unread: bool,
) -> Result<AlertId, StoreError> {
    let published = alert.published.map_or(now, |p| p.min(now));
    let id = free_id(w, published)?;
    let shown = Shown::of(alert, finding);
    let mut listed = Cow::Borrowed(&form.facets);
    for risk in &form.risks {
        listed.to_mut().push((Facet::Owasp, normal_value(risk)));
    }
    let facets = terms::number(w, &listed)?;
    w.insert(
        "INSERT INTO alerts (id, uid, source, kind, published, updated, added, hash, severity, estimated, score, score_version, score_issuer, exploited, kev, ransomware, relevant, category, unread, facets, as_of, epss, relevance, muted, quiet) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, (SELECT probability FROM epss WHERE cve = ?22), ?23, ?24, NOT ?19)",
        params![
            id.0, alert.uid, alert.source.as_str(), alert.kind.as_str(), published.ms(),
            alert.updated.map(Time::ms), now.ms(), alert.hash, shown.severity, shown.estimated,
            shown.score, shown.version, shown.issuer, shown.exploited, shown.kev, shown.ransomware,
            finding.relevance.is_relevant, shown.category, unread, facets,
            form.as_of.map(Time::ms), enrich::epss::key(&alert.uid),
            finding.relevance.score, is_muted(finding),
        ],
    )?;
    w.insert(
        "INSERT INTO contents (id, title, url, products, body, facts) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        params![id.0, alert.title, alert.url, form.products, alert.text, form.facts],
    )?;
    w.insert(
        "INSERT INTO findings (id, finding) VALUES (?1, ?2)",
        params![id.0, form.finding],
    )?;
    w.insert(
        "INSERT INTO search (rowid, title, body, products) VALUES (?1, ?2, ?3, ?4)",
        params![id.0, alert.title, alert.text, form.products],
    )?;
    put_mentions(w, id, &alert.facts.cves)?;
    add_hits(w, id, finding)?;
    Ok(id)
}

/// What an alert is stored as, besides its plain values. Made off the writer's thread, which every run
/// waits for.
#[derive(Clone, Debug, PartialEq)]
pub struct Form {
    products: String,
    facts: String,
    finding: String,
    /// Without those of the map of weaknesses, which is in the database.
    facets: Vec<(Facet, String)>,
    /// Those of the map ([`enrich::owasp::values`]).
    pub risks: Vec<String>,
    /// When its source made the answer that it comes from.
    pub as_of: Option<Time>,
}

impl Form {
    /// Of an alert and what analysis says of it.
    ///
    /// # Errors
    /// Where something cannot be written as JSON.
    pub fn of(alert: &Alert, finding: &Finding) -> Result<Self, StoreError> {
        Ok(Self {
            products: alert.facts.product_lines(),
            facts: to_json("facts", &alert.facts)?,
            finding: to_stored(finding)?,
            facets: listed_facets(&alert.facts, finding, &[], &[]),
            risks: Vec::new(),
            as_of: None,
        })
    }
}

/// Replaces what a source says of an alert. Its id, state and first sight stay.
///
/// # Errors
/// Where the database fails.
pub fn update(
    w: &Write<'_>,
    id: AlertId,
    old: &Stored,
    alert: &Alert,
    finding: &Finding,
    changed: Option<Time>,
) -> Result<(), StoreError> {
    let shown = Shown::of(alert, finding);
    let risks = enrich::owasp::values(w, &alert.facts)?;
    let facets = listed_facets(&alert.facts, finding, &old.summary.tags, &risks);
    w.execute(
        "UPDATE alerts SET updated = ?2, hash = ?3, severity = ?4, estimated = ?5, score = ?6, score_version = ?7, score_issuer = ?8, exploited = ?9, kev = ?10, ransomware = ?11, relevant = ?12, category = ?13, changed = coalesce(?14, changed), facets = ?15, relevance = ?16, muted = ?17 WHERE id = ?1",
        params![
            id.0, alert.updated.map(Time::ms), alert.hash, shown.severity, shown.estimated,
            shown.score, shown.version, shown.issuer, shown.exploited, shown.kev, shown.ransomware,
            finding.relevance.is_relevant, shown.category, changed.map(Time::ms),
            terms::number(w, &facets)?, finding.relevance.score, is_muted(finding),
        ],
    )?;
    let products = alert.facts.product_lines();
    if (&old.summary.title, &old.text, &old.products) != (&alert.title, &alert.text, &products) {
        w.execute(
            "INSERT INTO search (search, rowid, title, body, products) VALUES ('delete', ?1, ?2, ?3, ?4)",
            params![id.0, old.summary.title, old.text, old.products],
        )?;
        w.execute(
            "INSERT INTO search (rowid, title, body, products) VALUES (?1, ?2, ?3, ?4)",
            params![id.0, alert.title, alert.text, products],
        )?;
    }
    w.execute(
        "UPDATE contents SET title = ?2, url = ?3, products = ?4, body = ?5, facts = ?6 WHERE id = ?1",
        params![id.0, alert.title, alert.url, products, alert.text, to_json("facts", &alert.facts)?],
    )?;
    w.execute("DELETE FROM mentions WHERE alert = ?1", [id.0])?;
    put_mentions(w, id, &alert.facts.cves)?;
    put_finding(w, id, finding)?;
    put_hits(w, id, finding)
}

/// Notes that the source touched an alert without saying anything new, and when it said so.
///
/// # Errors
/// Where the database fails.
pub fn touch(
    w: &Write<'_>,
    id: AlertId,
    updated: Option<Time>,
    as_of: Option<Time>,
) -> Result<(), StoreError> {
    w.execute(
        "UPDATE alerts SET updated = coalesce(?2, updated), as_of = coalesce(?3, as_of) WHERE id = ?1 AND (coalesce(?2, updated) IS NOT updated OR coalesce(?3, as_of) IS NOT as_of)",
        params![id.0, updated.map(Time::ms), as_of.map(Time::ms)],
    )?;
    Ok(())
}

/// Notes when the source said what is stored.
///
/// # Errors
/// Where the database fails.
pub fn set_as_of(w: &Write<'_>, id: AlertId, as_of: Option<Time>) -> Result<(), StoreError> {
    if as_of.is_some() {
        w.execute(
            "UPDATE alerts SET as_of = ?2 WHERE id = ?1",
            params![id.0, as_of.map(Time::ms)],
        )?;
    }
    Ok(())
}

/// Replaces what analysis says: after a watch changed, or a named CVE's severity did.
///
/// # Errors
/// Where the database fails.
pub fn set_finding(
    w: &Write<'_>,
    id: AlertId,
    finding: &Finding,
    changed: Option<Time>,
) -> Result<(), StoreError> {
    w.execute(
        "UPDATE alerts SET severity = ?2, estimated = ?3, relevant = ?4, changed = coalesce(?5, changed), category = ?6, relevance = ?7, muted = ?8 WHERE id = ?1",
        params![
            id.0,
            finding.severity.map(level),
            is_estimate(finding),
            finding.relevance.is_relevant,
            changed.map(Time::ms),
            finding.category.as_ref().map(|c| c.name.as_str()),
            finding.relevance.score,
            is_muted(finding),
        ],
    )?;
    put_finding(w, id, finding)?;
    put_hits(w, id, finding)?;
    put_facets(w, id)
}

/// What analysis said of an alert.
///
/// # Errors
/// Where the database fails.
pub fn finding(r: &Read<'_>, id: AlertId) -> Result<Option<Finding>, StoreError> {
    r.first(
        "SELECT finding FROM findings WHERE id = ?1",
        [id.0],
        |row| {
            let text: String = row.col("finding")?;
            from_json("finding", &text)
        },
    )
}

fn put_finding(w: &Write<'_>, id: AlertId, finding: &Finding) -> Result<(), StoreError> {
    w.execute(
        "UPDATE findings SET finding = ?2 WHERE id = ?1",
        params![id.0, to_stored(finding)?],
    )?;
    Ok(())
}

pub(super) fn put_mentions(w: &Write<'_>, id: AlertId, cves: &[String]) -> Result<(), StoreError> {
    for cve in cves {
        w.execute(
            "INSERT OR IGNORE INTO mentions (cve, alert) VALUES (?1, ?2)",
            params![cve, id.0],
        )?;
    }
    Ok(())
}

pub(super) fn put_hits(w: &Write<'_>, id: AlertId, finding: &Finding) -> Result<(), StoreError> {
    w.execute("DELETE FROM watch_hits WHERE alert = ?1", [id.0])?;
    w.execute("DELETE FROM mute_hits WHERE alert = ?1", [id.0])?;
    add_hits(w, id, finding)
}

fn add_hits(w: &Write<'_>, id: AlertId, finding: &Finding) -> Result<(), StoreError> {
    let relevance = &finding.relevance;
    for (matches, sql) in [
        (
            &relevance.matches,
            "INSERT INTO watch_hits (watch, alert) VALUES (?1, ?2)",
        ),
        (
            &relevance.muted_by,
            "INSERT INTO mute_hits (mute, alert) VALUES (?1, ?2)",
        ),
    ] {
        let terms: BTreeSet<&str> = matches.iter().map(|m| m.watch.as_str()).collect();
        for term in terms {
            w.execute(sql, params![term, id.0])?;
        }
    }
    Ok(())
}

//! The tables `owasp_editions` and `owasp_map`: which weakness belongs to which entry of an OWASP list.
//! An alert's values of the facet `owasp` follow from them: `a05 2025` for each edition, and `a05` alone
//! for the newest that is collected, so that a query without a year goes with the times.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::params;

use crate::model::{AlertId, Facet, Facts, Kind, OwaspRisk, normal_value};
use crate::store::alerts::put_facets;
use crate::store::row::Columns;
use crate::store::{Read, StoreError, Write, meta, terms};

/// The maps in force as values of the facet, read once for many alerts.
pub struct Map(BTreeMap<String, Vec<String>>);

impl Map {
    /// Reads all of them.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn read(r: &Read<'_>) -> Result<Self, StoreError> {
        let rows = r.rows(
            "SELECT m.cwe, m.code, m.edition, m.edition = (SELECT max(e.edition) FROM owasp_editions e WHERE e.list = m.list) AS newest, m.list FROM owasp_map m",
            [],
            |row| Ok((row.col::<String>("cwe")?, risk_of(row)?)),
        )?;
        let mut all: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (cwe, risk) in rows {
            all.entry(cwe).or_default().extend(values_of(&risk));
        }
        Ok(Self(all))
    }

    /// What [`values`] says of an alert that is no entry itself.
    #[must_use]
    pub fn values(&self, cwes: &[String]) -> Vec<String> {
        let found = cwes.iter().filter_map(|cwe| self.0.get(cwe)).flatten();
        found
            .cloned()
            .collect::<BTreeSet<_>>()
            .into_iter()
            .collect()
    }
}

/// The entries that an alert belongs to: the one that it is, or those that its weaknesses are mapped to.
///
/// # Errors
/// Where the database fails.
pub fn risks(r: &Read<'_>, facts: &Facts) -> Result<Vec<OwaspRisk>, StoreError> {
    let mut all = BTreeSet::new();
    if let Some(entry) = &facts.owasp {
        all.insert(OwaspRisk {
            list: entry.list.clone(),
            edition: entry.edition.clone(),
            code: entry.code.clone(),
            is_newest: is_newest(r, &entry.list, &entry.edition)?,
            title: None,
            alert: None,
        });
        return Ok(all.into_iter().collect());
    }
    for cwe in &facts.cwes {
        all.extend(mapped(r, cwe)?);
    }
    Ok(all.into_iter().collect())
}

/// The same with titles and pages, for showing them.
///
/// # Errors
/// Where the database fails.
pub fn shown(r: &Read<'_>, facts: &Facts) -> Result<Vec<OwaspRisk>, StoreError> {
    let mut all = risks(r, facts)?;
    for risk in &mut all {
        let uid = format!("owasp:{}:{}:{}", risk.list, risk.edition, risk.code);
        let found = r.first(
            "SELECT a.id AS id, c.title AS title FROM alerts a JOIN contents c ON c.id = a.id WHERE a.uid = ?1",
            [uid],
            |row| Ok((AlertId(row.col("id")?), row.col::<String>("title")?)),
        )?;
        if let Some((id, title)) = found {
            risk.alert = Some(id);
            risk.title = Some(title);
        }
    }
    // The newest edition first, then by list and code.
    all.sort_by(|a, b| {
        (!a.is_newest, &a.list, &b.edition, &a.code).cmp(&(
            !b.is_newest,
            &b.list,
            &a.edition,
            &b.code,
        ))
    });
    Ok(all)
}

/// An alert's values of the facet.
///
/// # Errors
/// Where the database fails.
pub fn values(r: &Read<'_>, facts: &Facts) -> Result<Vec<String>, StoreError> {
    Ok(risks(r, facts)?.iter().flat_map(values_of).collect())
}

fn values_of(risk: &OwaspRisk) -> Vec<String> {
    let mut values = vec![format!("{}:{}", risk.code, risk.edition)];
    if risk.is_newest {
        values.push(risk.code.clone());
    }
    values
}

fn mapped(r: &Read<'_>, cwe: &str) -> Result<Vec<OwaspRisk>, StoreError> {
    r.rows(
        "SELECT m.list, m.edition, m.code, m.edition = (SELECT max(e.edition) FROM owasp_editions e WHERE e.list = m.list) AS newest FROM owasp_map m WHERE m.cwe = ?1",
        [cwe],
        risk_of,
    )
}

fn risk_of(row: &rusqlite::Row<'_>) -> Result<OwaspRisk, StoreError> {
    Ok(OwaspRisk {
        list: row.col("list")?,
        edition: row.col("edition")?,
        code: row.col("code")?,
        is_newest: row.col::<Option<bool>>("newest")?.unwrap_or(false),
        title: None,
        alert: None,
    })
}

fn is_newest(r: &Read<'_>, list: &str, edition: &str) -> Result<bool, StoreError> {
    // An edition that is stored and no longer collected is newer than none.
    let newer = r.first(
        "SELECT 1 AS newer FROM owasp_editions WHERE list = ?1 AND edition > ?2 LIMIT 1",
        [list, edition],
        |row| row.col::<bool>("newer"),
    )?;
    Ok(newer.is_none())
}

/// Takes over the map of an edition, and forgets editions of its list that are not among `editions`.
/// Where that changes anything, every alert is to be looked through: see [`rekey`].
///
/// # Errors
/// Where the database fails.
pub fn put(
    w: &Write<'_>,
    list: &str,
    edition: &str,
    cwes: &[(String, String)],
    editions: &[String],
) -> Result<(), StoreError> {
    let known: BTreeSet<String> = w
        .rows(
            "SELECT edition FROM owasp_editions WHERE list = ?1",
            [list],
            |row| row.col("edition"),
        )?
        .into_iter()
        .collect();
    let before: BTreeSet<(String, String)> = w
        .rows(
            "SELECT cwe, code FROM owasp_map WHERE list = ?1 AND edition = ?2",
            [list, edition],
            |row| Ok((row.col("cwe")?, row.col("code")?)),
        )?
        .into_iter()
        .collect();
    let after: BTreeSet<(String, String)> = cwes.iter().cloned().collect();
    let gone = known.iter().filter(|e| !editions.contains(e));
    let gone: Vec<&String> = gone.filter(|e| *e != edition).collect();
    if known.contains(edition) && before == after && gone.is_empty() {
        return Ok(());
    }
    for old in gone.into_iter().map(String::as_str).chain([edition]) {
        w.execute(
            "DELETE FROM owasp_map WHERE list = ?1 AND edition = ?2",
            [list, old],
        )?;
        w.execute(
            "DELETE FROM owasp_editions WHERE list = ?1 AND edition = ?2",
            [list, old],
        )?;
    }
    w.execute(
        "INSERT INTO owasp_editions (list, edition) VALUES (?1, ?2)",
        [list, edition],
    )?;
    for (cwe, code) in &after {
        w.execute(
            "INSERT INTO owasp_map (cwe, list, edition, code) VALUES (?1, ?2, ?3, ?4)",
            [cwe, list, edition, code],
        )?;
    }
    meta::set_rekeyed(w, Some(AlertId(-1)))
}

/// Looks through the next `most` alerts whose keys an earlier map made: how many have others now, or
/// `None` where all were looked through. How far it is, is kept: after a crash it goes on there.
///
/// # Errors
/// Where the database fails.
pub fn rekey(w: &Write<'_>, most: u32) -> Result<Option<u32>, StoreError> {
    let Some(after) = meta::rekeyed(w)? else {
        return Ok(None);
    };
    let rows = w.rows(
        "SELECT id, kind, facets FROM alerts WHERE id > ?1 ORDER BY id LIMIT ?2",
        params![after.0, most],
        |row| {
            Ok((
                AlertId(row.col("id")?),
                row.word("kind", Kind::parse)?,
                row.col::<Vec<u8>>("facets")?,
            ))
        },
    )?;
    let Some((last, ..)) = rows.last() else {
        meta::set_rekeyed(w, None)?;
        return Ok(None);
    };
    let numbers = Numbers::read(w)?;
    let mut changed = 0;
    for (id, kind, facets) in &rows {
        let old: Vec<u32> = terms::decode(facets).collect();
        if *kind == Kind::Guidance {
            // What it is, and not what it names: a few dozen.
            put_facets(w, *id)?;
            continue;
        }
        let new = numbers.mapped(&old);
        if new != old {
            w.execute(
                "UPDATE alerts SET facets = ?2 WHERE id = ?1",
                params![id.0, terms::encode(&new)],
            )?;
            changed += 1;
        }
    }
    meta::set_rekeyed(w, Some(*last))?;
    Ok(Some(changed))
}

/// The numbers of the terms that belong together: an alert's weaknesses are among its facets already, so
/// its texts need not be read.
struct Numbers {
    /// Terms of the facet `owasp`.
    owasp: BTreeSet<u32>,
    /// Weaknesses, by number, and what they are mapped to.
    cwes: BTreeMap<u32, Vec<u32>>,
}

impl Numbers {
    fn read(w: &Write<'_>) -> Result<Self, StoreError> {
        let of = |facet: Facet| {
            w.rows(
                "SELECT id, value FROM terms WHERE facet = ?1",
                [facet.number()],
                |row| Ok((row.col::<u32>("id")?, row.col::<String>("value")?)),
            )
        };
        let mut cwes = BTreeMap::new();
        for (number, value) in of(Facet::Cwe)? {
            // As facts have it: `cwe 79` is `CWE-79`.
            let cwe = value.to_uppercase().replacen(' ', "-", 1);
            let mut mapped_to = Vec::new();
            for value in mapped(w, &cwe)?.iter().flat_map(values_of) {
                mapped_to.push(terms::number_of(w, Facet::Owasp, &normal_value(&value))?);
            }
            cwes.insert(number, mapped_to);
        }
        let owasp = of(Facet::Owasp)?.into_iter().map(|(id, _)| id).collect();
        Ok(Self { owasp, cwes })
    }

    /// The facets of an alert with the map in force.
    fn mapped(&self, old: &[u32]) -> Vec<u32> {
        let rest = old.iter().filter(|number| !self.owasp.contains(number));
        let mapped_to = old.iter().filter_map(|number| self.cwes.get(number));
        let new: BTreeSet<u32> = rest.chain(mapped_to.flatten()).copied().collect();
        new.into_iter().collect()
    }
}

#[cfg(test)]
#[path = "owasp_tests.rs"]
mod tests;

//! The facets of an alert: made anew from everything, or one value put in or taken out.

use rusqlite::params;

use crate::model::{AlertId, Facts, Finding, listed_facets};
use crate::store::row::Columns;
use crate::store::{StoreError, Write, enrich, tags, terms};

/// Makes an alert's facets anew from its facts, its finding, its tags and OWASP's map.
///
/// # Errors
/// Where the database fails.
pub(in crate::store) fn put_facets(w: &Write<'_>, id: AlertId) -> Result<(), StoreError> {
    put_facets_with(w, id, |facts| enrich::owasp::values(w, facts))
}

/// The same where `risks` says what it has of the facet `owasp`.
///
/// # Errors
/// Where the database fails.
pub(in crate::store) fn put_facets_with(
    w: &Write<'_>,
    id: AlertId,
    risks: impl Fn(&Facts) -> Result<Vec<String>, StoreError>,
) -> Result<(), StoreError> {
    let found = w.first(
        "SELECT c.facts, f.finding FROM contents c JOIN findings f ON f.id = c.id WHERE c.id = ?1",
        [id.0],
        |row| Ok((row.json::<Facts>("facts")?, row.json::<Finding>("finding")?)),
    )?;
    if let Some((facts, finding)) = found {
        let facets = listed_facets(&facts, &finding, &tags::of(w, id)?, &risks(&facts)?);
        w.execute(
            "UPDATE alerts SET facets = ?2 WHERE id = ?1",
            params![id.0, terms::number(w, &facets)?],
        )?;
    }
    Ok(())
}

/// Puts one value of a facet into an alert's facets or takes it out.
///
/// # Errors
/// Where the database fails.
pub(in crate::store) fn put_term(
    w: &Write<'_>,
    id: AlertId,
    term: u32,
    has_it: bool,
) -> Result<(), StoreError> {
    let facets = w.first("SELECT facets FROM alerts WHERE id = ?1", [id.0], |row| {
        row.col::<Vec<u8>>("facets")
    })?;
    let Some(facets) = facets else { return Ok(()) };
    let mut numbers: Vec<u32> = terms::decode(&facets).collect();
    match (numbers.binary_search(&term), has_it) {
        (Err(at), true) => numbers.insert(at, term),
        (Ok(at), false) => drop(numbers.remove(at)),
        _ => {}
    }
    w.execute(
        "UPDATE alerts SET facets = ?2 WHERE id = ?1",
        params![id.0, terms::encode(&numbers)],
    )?;
    Ok(())
}

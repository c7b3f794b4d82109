//! What a CVE's severity does to the stored articles that name it.

use super::compare;
use super::news::News;
use super::noting::note_changes;
use crate::analyse;
use crate::model::{Alert, Change, Finding, Kind, Time};
use crate::store::alerts::Stored;
use crate::store::{StoreError, Write, alerts};

/// Gives a CVE's severity to the articles that name it, as a change where it differs; with `is_old` as one that
/// marks and opens nothing.
pub(super) fn pass_severity_on(
    w: &Write<'_>,
    cve: &Alert,
    at: Time,
    is_old: bool,
    news: &mut News<'_>,
) -> Result<(), StoreError> {
    for (stored, finding) in differing(w, cve.kind, &cve.uid)? {
        let changed =
            compare::severity(stored.finding.stated_severity(), finding.stated_severity())
                .map(|what| Change { at, what });
        let marked = changed.as_ref().filter(|_| !is_old).map(|c| c.at);
        alerts::set_finding(w, stored.summary.id, &finding, marked)?;
        note_changes(w, &stored, changed.as_slice(), at, is_old, news)?;
    }
    Ok(())
}

/// The same without any change: an import or another analysis adds nothing to the history of what is stored, and
/// opens nothing again.
///
/// # Errors
/// Where the database fails.
pub fn pass_severity_on_silently(w: &Write<'_>, kind: Kind, uid: &str) -> Result<(), StoreError> {
    for (stored, finding) in differing(w, kind, uid)? {
        alerts::set_finding(w, stored.summary.id, &finding, None)?;
    }
    Ok(())
}

/// The articles that name a CVE and whose severity is not the highest of those that they name, with the finding
/// that they should have.
fn differing(w: &Write<'_>, kind: Kind, uid: &str) -> Result<Vec<(Stored, Finding)>, StoreError> {
    let mut found = Vec::new();
    if kind != Kind::Vulnerability {
        return Ok(found);
    }
    for id in alerts::naming(w, uid)? {
        let Some(stored) = alerts::get(w, id)? else {
            continue;
        };
        if !analyse::takes_named_severity(stored.summary.kind) {
            continue;
        }
        let mut finding = stored.finding.clone();
        finding.take_named(alerts::highest_named(w, &stored.facts.cves)?);
        if finding != stored.finding {
            found.push((stored, finding));
        }
    }
    Ok(found)
}

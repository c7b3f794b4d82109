//! Which of two records is the newer one, what an entry of a history does to its alert, and what a severity
//! does to the articles that name it.

use std::cmp::Ordering;

use super::compare;
use crate::analyse;
use crate::model::{Alert, AlertId, Change, Happened, Kind, State, Time};
use crate::store::alerts::{Stored, Summary};
use crate::store::{StoreError, Write, alerts, changes, triage};

/// Whether a CVE's record is older than what is stored: an import, or a page that was long on its way. Of one
/// `lastModified` the later answer counts, for NVD changes a status or adds a translation without a new date.
pub(super) fn is_older(alert: &Alert, as_of: Option<Time>, known: &alerts::Known) -> bool {
    let (Some(updated), Some(stored)) = (alert.updated, known.updated) else {
        return false;
    };
    alert.kind == Kind::Vulnerability
        && match (updated, as_of).cmp(&(stored, known.as_of)) {
            Ordering::Less => true,
            Ordering::Greater => false,
            // Neither says when it was made: the same one stays, whatever came first.
            Ordering::Equal => as_of.is_none() && alert.hash < known.hash,
        }
}

/// Adds an entry to an alert's history. A rejection closes it; one that is taken back opens again what it
/// closed, and nothing that a person closed.
pub(super) fn note_change(
    w: &Write<'_>,
    id: AlertId,
    state: State,
    reason: Option<&str>,
    change: &Change,
) -> Result<(), StoreError> {
    match &change.what {
        Happened::Rejected {
            closed: Some(_),
            reason: Some(reason),
            ..
        } => triage::close(w, id, reason)?,
        Happened::Reopened { before: None } => {
            let closed_with = changes::closed_with(w, id)?;
            let is_as_closed = state == State::NotApplicable && closed_with.as_deref() == reason;
            if closed_with.is_some() && is_as_closed {
                triage::open(w, id)?;
            }
        }
        _ => {}
    }
    changes::insert(w, id, change)
}

/// Adds to an alert's history; one that was put away and got worse is open again, unless it is told
/// quietly, as something that is no news.
pub(super) fn note_changes(
    w: &Write<'_>,
    before: &Stored,
    found: &[Change],
    at: Time,
    quiet: bool,
) -> Result<(), StoreError> {
    let Summary { id, state, .. } = before.summary;
    for change in found {
        note_change(w, id, state, before.summary.reason.as_deref(), change)?;
    }
    if !quiet && let Some(what) = compare::reopened(state, found) {
        triage::reopen(w, id, &Change { at, what })?;
    }
    Ok(())
}

/// Gives a CVE's severity to the stored articles that name it.
pub(super) fn pass_severity_on(
    w: &Write<'_>,
    alert: &Alert,
    at: Time,
    quiet: bool,
) -> Result<(), StoreError> {
    if alert.kind != Kind::Vulnerability {
        return Ok(());
    }
    for id in alerts::naming(w, &alert.uid)? {
        take_severity_of_named(w, id, at, quiet)?;
    }
    Ok(())
}

/// Gives an article the highest severity of the stored CVEs that it names, as a change where it differs.
fn take_severity_of_named(
    w: &Write<'_>,
    id: AlertId,
    at: Time,
    quiet: bool,
) -> Result<(), StoreError> {
    let Some(stored) = alerts::get(w, id)? else {
        return Ok(());
    };
    if !analyse::takes_named_severity(stored.summary.kind) {
        return Ok(());
    }
    let mut finding = stored.finding.clone();
    finding.take_named(alerts::highest_named(w, &stored.facts.cves)?);
    if finding == stored.finding {
        return Ok(());
    }
    let changed = compare::severity(stored.finding.stated_severity(), finding.stated_severity())
        .map(|what| Change { at, what });
    let marked = changed.as_ref().filter(|_| !quiet).map(|c| c.at);
    alerts::set_finding(w, id, &finding, marked)?;
    note_changes(w, &stored, changed.as_slice(), at, quiet)
}

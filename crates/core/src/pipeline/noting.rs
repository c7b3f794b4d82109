//! Which of two records is the newer one, and what an entry of a history does to its alert.

use std::cmp::Ordering;

use super::compare;
use super::news::News;
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
    news: &mut News<'_>,
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
    news.store(w, id, change)
}

/// Adds to an alert's history; one that was put away and got worse is open again, unless what is told is old
/// (`is_old`): what a first collection says of alerts that others brought.
pub(super) fn note_changes(
    w: &Write<'_>,
    before: &Stored,
    found: &[Change],
    at: Time,
    is_old: bool,
    news: &mut News<'_>,
) -> Result<(), StoreError> {
    let Summary { id, state, .. } = before.summary;
    for change in found {
        note_change(w, id, state, before.summary.reason.as_deref(), change, news)?;
    }
    if !is_old && let Some(what) = compare::reopened(state, found) {
        triage::open(w, id)?;
        news.store(w, id, &Change { at, what })?;
    }
    Ok(())
}

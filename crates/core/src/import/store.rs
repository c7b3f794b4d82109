//! Stores a batch, in the transaction that it is given.

use std::sync::Arc;

use super::Batch;
use crate::analyse::{self, Analyser};
use crate::model::{Alert, Kind};
use crate::pipeline::enrich;
use crate::store::enrich::kev;
use crate::store::{StoreError, Write, alerts, records};

/// What became of a batch.
#[derive(Debug)]
pub struct Stored {
    /// Alerts that were stored.
    pub added: u32,
    /// Alerts that were stored already.
    pub known: u32,
}

/// Stores what is not known yet. `used` is the analyser that the batch was analysed with, `current` the
/// one in force now: a watch may have changed between.
///
/// # Errors
/// Where the database fails.
pub fn store(
    w: &Write<'_>,
    batch: Batch,
    used: &Arc<Analyser>,
    current: &Arc<Analyser>,
) -> Result<Stored, StoreError> {
    let (mut added, mut known) = (0, 0);
    for (mut alert, mut finding, carried) in batch.alerts {
        if alerts::known(w, &alert.uid)?.is_some() {
            known += 1;
            continue;
        }
        if !Arc::ptr_eq(used, current) {
            finding.relevance = analyse::relevance(current, &alert);
        }
        if analyse::takes_named_severity(alert.kind) && !alert.facts.cves.is_empty() {
            finding.take_named(alerts::highest_named(w, &alert.facts.cves)?);
        }
        let own_kev = enrich::take_kev(w, &mut alert, &mut finding)?;
        let id = records::insert(w, &alert, &finding, &carried)?;
        kev::set_own(w, id, own_kev.as_ref())?;
        added += 1;
        pass_severity_on(w, &alert)?;
    }
    Ok(Stored { added, known })
}

/// Gives a CVE's severity to the articles that name it. That is no change: an import adds nothing to the
/// history of what is stored, and opens nothing again.
fn pass_severity_on(w: &Write<'_>, alert: &Alert) -> Result<(), StoreError> {
    if alert.kind != Kind::Vulnerability {
        return Ok(());
    }
    for id in alerts::naming(w, &alert.uid)? {
        let Some(stored) = alerts::get(w, id)? else {
            continue;
        };
        if !analyse::takes_named_severity(stored.summary.kind) {
            continue;
        }
        let mut finding = stored.finding.clone();
        finding.take_named(alerts::highest_named(w, &stored.facts.cves)?);
        if finding != stored.finding {
            alerts::set_finding(w, id, &finding, None)?;
        }
    }
    Ok(())
}

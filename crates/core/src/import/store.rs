//! Stores a batch, in the transaction that it is given.

use std::collections::HashSet;
use std::sync::Arc;

use super::Batch;
use crate::analyse::{self, Analyser};
use crate::model::{Alert, AlertId, Kind, Time};
use crate::pipeline;
use crate::store::{StoreError, Write, alerts, records};

/// Articles that this import stored: what they take from a CVE that it stores later is no change, their
/// history came with them.
pub type Fresh = HashSet<AlertId>;

/// What became of a batch.
#[derive(Debug)]
pub struct Stored {
    /// Alerts that were stored.
    pub added: u32,
    /// Alerts that were stored already.
    pub known: u32,
    /// With those of this batch.
    pub fresh: Fresh,
}

/// Stores what is not known yet. `used` is the analyser that the batch was analysed with, `current` the
/// one in force now: a watch may have changed between.
///
/// # Errors
/// Where the database fails.
pub fn store(
    w: &Write<'_>,
    batch: Batch,
    mut fresh: Fresh,
    (used, current): (&Arc<Analyser>, &Arc<Analyser>),
    now: Time,
) -> Result<Stored, StoreError> {
    let (mut added, mut known) = (0, 0);
    for (alert, mut finding, carried) in batch.alerts {
        if alerts::known(w, &alert.uid)?.is_some() {
            known += 1;
            continue;
        }
        if !Arc::ptr_eq(used, current) {
            let products = alert.facts.product_lines();
            finding.relevance = analyse::relevance(current, &alert.title, &alert.text, &products);
        }
        if analyse::takes_named_severity(alert.kind) && !alert.facts.cves.is_empty() {
            finding.take_named(alerts::highest_named(w, &alert.facts.cves)?);
        }
        let id = records::insert(w, &alert, &finding, &carried)?;
        added += 1;
        if analyse::takes_named_severity(alert.kind) {
            fresh.insert(id);
        }
        pass_severity_on(w, &alert, &fresh, now)?;
    }
    Ok(Stored {
        added,
        known,
        fresh,
    })
}

/// Gives a CVE's severity to the articles that name it.
fn pass_severity_on(
    w: &Write<'_>,
    alert: &Alert,
    fresh: &Fresh,
    now: Time,
) -> Result<(), StoreError> {
    if alert.kind != Kind::Vulnerability {
        return Ok(());
    }
    for id in alerts::naming(w, &alert.uid)? {
        if !fresh.contains(&id) {
            pipeline::take_severity_of_named(w, id, now)?;
            continue;
        }
        let Some(stored) = alerts::get(w, id)? else {
            continue;
        };
        let mut finding = stored.finding.clone();
        finding.take_named(alerts::highest_named(w, &stored.facts.cves)?);
        if finding != stored.finding {
            alerts::set_finding(w, id, &finding, None)?;
        }
    }
    Ok(())
}

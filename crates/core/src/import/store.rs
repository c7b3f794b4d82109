//! Stores a batch, in the transaction that it is given.

use std::sync::Arc;

use super::Batch;
use crate::analyse::{self, Analyser};
use crate::pipeline::{enrich, named};
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
            finding = analyse::analyse(current, &alert);
        }
        if analyse::takes_named_severity(alert.kind) && !alert.facts.cves.is_empty() {
            finding.take_named(alerts::highest_named(w, &alert.facts.cves)?);
        }
        let own_kev = enrich::take_kev(w, &mut alert, &mut finding)?;
        let id = records::insert(w, &alert, &finding, &carried)?;
        kev::set_own(w, id, own_kev.as_ref())?;
        added += 1;
        named::pass_severity_on_silently(w, alert.kind, &alert.uid)?;
    }
    Ok(Stored { added, known })
}

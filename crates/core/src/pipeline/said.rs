//! What other sources said, read once for all alerts of a page: asking for each alert alone costs a sixth
//! of storing it.

use std::collections::HashSet;

use super::enrich;
use crate::model::{Alert, Facts, Finding, Kev};
use crate::store::enrich::{kev, owasp};
use crate::store::{Read, StoreError, Write, retention};

/// What a transaction knows of the alerts that it stores. Nothing of it changes within one.
pub(super) struct Said {
    /// The CVEs of CISA's catalogue.
    catalogue: HashSet<String>,
    /// OWASP's maps.
    map: owasp::Map,
    /// Whether retention removed anything.
    has_tombstones: bool,
}

impl Said {
    pub fn read(r: &Read<'_>) -> Result<Self, StoreError> {
        Ok(Self {
            catalogue: kev::listed(r)?.into_iter().collect(),
            map: owasp::Map::read(r)?,
            has_tombstones: retention::has_tombstones(r)?,
        })
    }

    /// See [`enrich::take_kev`].
    pub fn take_kev(
        &self,
        w: &Write<'_>,
        alert: &mut Alert,
        finding: &mut Finding,
    ) -> Result<Option<Kev>, StoreError> {
        if !self.catalogue.contains(&alert.uid) {
            return Ok(None);
        }
        enrich::take_kev(w, alert, finding)
    }

    /// See [`retention::removed`].
    pub fn removed(&self, r: &Read<'_>, uid: &str) -> Result<Option<bool>, StoreError> {
        if !self.has_tombstones {
            return Ok(None);
        }
        retention::removed(r, uid)
    }

    /// See [`owasp::values`].
    pub fn risks(&self, r: &Read<'_>, facts: &Facts) -> Result<Vec<String>, StoreError> {
        if facts.owasp.is_some() {
            return owasp::values(r, facts);
        }
        Ok(self.map.values(&facts.cwes))
    }
}

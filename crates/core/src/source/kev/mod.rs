//! CISA's catalogue of known exploited vulnerabilities: one JSON document of some 1,600 entries. It brings no
//! alerts; it says of CVEs that they are exploited. Where cisa.gov refuses, a mirror is read instead.
//! (<https://www.cisa.gov/known-exploited-vulnerabilities-catalog>, CC0.)

mod adapter;
mod fetch;
mod wire;

use async_trait::async_trait;

use super::{Fetch, Pages, Source};
use crate::error::Fault;

/// How the catalogue is read.
#[derive(Clone, Debug)]
pub struct KevConfig {
    /// CISA's own address.
    pub url: String,
    /// Where it is read when that refuses; empty = nowhere.
    pub mirror: String,
    /// Whether they may be private or loopback.
    pub allow_private: bool,
}

/// The source `kev`.
#[derive(Clone, Debug)]
pub struct KevCatalogue(KevConfig);

impl KevCatalogue {
    /// The source with its settings.
    #[must_use]
    pub fn new(config: KevConfig) -> Self {
        Self(config)
    }
}

#[async_trait]
impl Source for KevCatalogue {
    async fn collect(&self, fetch: Fetch<'_>, pages: &mut dyn Pages) -> Result<(), Fault> {
        fetch::collect(&self.0, fetch, pages).await
    }
}

#[cfg(test)]
mod tests;

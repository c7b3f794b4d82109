//! FIRST's Exploit Prediction Scoring System: one file a day with a probability for every CVE, some
//! 300,000 lines. It brings no alerts. (<https://www.first.org/epss/data_stats>)

mod adapter;
mod fetch;
mod wire;

use async_trait::async_trait;

use super::{Fetch, Pages, Source};
use crate::error::Fault;

/// How the scores are read.
#[derive(Clone, Debug)]
pub struct EpssConfig {
    /// The address of the newest file.
    pub url: String,
    /// Whether it may be private or loopback.
    pub allow_private: bool,
}

/// The source `epss`.
#[derive(Clone, Debug)]
pub struct Epss(EpssConfig);

impl Epss {
    /// The source with its settings.
    #[must_use]
    pub fn new(config: EpssConfig) -> Self {
        Self(config)
    }
}

#[async_trait]
impl Source for Epss {
    async fn collect(&self, fetch: Fetch<'_>, pages: &mut dyn Pages) -> Result<(), Fault> {
        fetch::collect(&self.0, fetch, pages).await
    }
}

#[cfg(test)]
mod tests;

//! The National Vulnerability Database, by its CVE API 2.0 (nvd.nist.gov/developers/vulnerabilities).
//! The first run reads what was published or changed in the last days; later runs read what was
//! modified since the last completed window, with an overlap, because NVD stamps records late. A window
//! is never open-ended and never longer than 120 days, and a checkpoint is kept after every page.

mod adapter;
mod ask;
mod backfill;
mod cpe;
mod fetch;
mod legacy;
mod pace;
mod parallel;
mod plan;
mod windows;
mod wire;

use std::time::Duration;

use async_trait::async_trait;

use pace::Limits;

use super::{Fetch, Pages, Source};
use crate::error::Fault;
use crate::model::SourceId;

pub use adapter::{Form, NvdPage, file_time, read_page, read_record};
pub use ask::Refusal;
pub use backfill::{Ask, FIRST_YEAR, Reading};
pub use pace::Pace;

/// NVD's address for CVEs.
pub const NVD_URL: &str = "https://services.nvd.nist.gov/rest/json/cves/2.0";

/// How NVD is read.
#[derive(Clone, Debug)]
pub struct NvdConfig {
    /// The address of the CVE API.
    pub url: String,
    /// How many days back the first run reads.
    pub first_days: u32,
    /// How far a window reaches back into the one before it, in hours.
    pub overlap_hours: u32,
    /// Records a page, at most 2000.
    pub page_size: u32,
    /// The pause between two requests. `None` is what NVD asks for: 6000 without a key, 2000 with one, and
    /// at most 5 or 50 requests in any 30 seconds; a pause of one's own replaces all of it.
    pub pause_ms: Option<u64>,
    /// How often a page is asked for again within one run.
    pub retries: u32,
    /// The wait before the first repetition; it doubles. Also the floor for a `Retry-After`.
    pub backoff_ms: u64,
    /// Whether the address may be private or loopback.
    pub allow_private: bool,
    key: Option<ApiKey>,
    pace: Pace,
}

/// Never shown.
#[derive(Clone)]
struct ApiKey(String);

impl std::fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("(set)")
    }
}

impl Default for NvdConfig {
    fn default() -> Self {
        Self {
            url: NVD_URL.to_owned(),
            first_days: 7,
            overlap_hours: 6,
            page_size: 2000,
            pause_ms: None,
            retries: 2,
            backoff_ms: 30_000,
            allow_private: false,
            key: None,
            pace: Pace::default(),
        }
    }
}

impl NvdConfig {
    /// With an API key; a blank one is none.
    #[must_use]
    pub fn with_key(mut self, key: Option<String>) -> Self {
        self.key = key
            .map(|k| k.trim().to_owned())
            .filter(|k| !k.is_empty())
            .map(ApiKey);
        self
    }

    /// With the pace of requests before: NVD counts them, whoever of us makes them.
    #[must_use]
    pub fn with_pace(mut self, pace: Pace) -> Self {
        self.pace = pace;
        self
    }

    fn limits(&self) -> Limits {
        let (pause_ms, most) = match &self.key {
            Some(_) => (2000, 50),
            None => (6000, 5),
        };
        Limits {
            pause: Duration::from_millis(self.pause_ms.unwrap_or(pause_ms)),
            most: self.pause_ms.is_none().then_some(most),
        }
    }
}

/// The source `nvd`.
#[derive(Clone, Debug)]
pub struct Nvd {
    id: SourceId,
    config: NvdConfig,
}

impl Nvd {
    /// The source with its settings.
    #[must_use]
    pub fn new(config: NvdConfig) -> Self {
        Self {
            id: SourceId::new("nvd"),
            config,
        }
    }
}

#[async_trait]
impl Source for Nvd {
    async fn collect(&self, fetch: Fetch<'_>, pages: &mut dyn Pages) -> Result<(), Fault> {
        fetch::Run::new(&self.id, &self.config, fetch)
            .collect(pages)
            .await
    }
}

#[cfg(test)]
mod plan_tests;
#[cfg(test)]
mod record_tests;
#[cfg(test)]
mod tests;

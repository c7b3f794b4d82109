//! The OWASP Top 10, scraped from its list page. Entries are found by what they mean, not by a CSS
//! class: a link or heading that carries `A01` to `A10` and the year. A page from which fewer than ten
//! entries come is a failure, and what was stored before stays.
//!
//! OWASP's text is CC BY-SA 4.0: it is shown with its link, and none of it is part of Tocsin.

mod adapter;
mod fetch;
mod wire;

use async_trait::async_trait;

use super::{Fetch, Pages, Source};
use crate::error::Fault;
use crate::model::SourceId;

pub use adapter::read_list;

/// The list of 2025.
pub const OWASP_URL: &str = "https://owasp.org/Top10/2025/";

/// How the list is read.
#[derive(Clone, Debug)]
pub struct OwaspConfig {
    /// The address of an edition's list page.
    pub url: String,
    /// Whether it may be private or loopback.
    pub allow_private: bool,
}

impl Default for OwaspConfig {
    fn default() -> Self {
        Self {
            url: OWASP_URL.to_owned(),
            allow_private: false,
        }
    }
}

/// The source `owasp`.
#[derive(Clone, Debug)]
pub struct Owasp {
    id: SourceId,
    config: OwaspConfig,
}

impl Owasp {
    /// The source with its settings.
    #[must_use]
    pub fn new(config: OwaspConfig) -> Self {
        Self {
            id: SourceId::new("owasp"),
            config,
        }
    }
}

#[async_trait]
impl Source for Owasp {
    async fn collect(&self, fetch: Fetch<'_>, pages: &mut dyn Pages) -> Result<(), Fault> {
        fetch::collect(&self.id, &self.config, fetch, pages).await
    }
}

#[cfg(test)]
mod tests;

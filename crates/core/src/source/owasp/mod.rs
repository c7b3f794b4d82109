//! OWASP's Top 10 lists, scraped: the list of an edition and the page of each entry. Entries are found by
//! what they mean, not by a CSS class: a link or heading that carries `A01` to `A10` (`API1` to `API10`)
//! and the year; so are the parts of a page. A list of fewer than ten entries is a failure, and what was
//! stored before stays.
//!
//! OWASP's text is CC BY-SA 4.0: it is shown with that and its link, and none of it is part of Tocsin.

mod adapter;
mod fetch;
mod mark;
mod page;
mod wire;

use async_trait::async_trait;

use super::{Fetch, Pages, Source};
use crate::error::Fault;
use crate::model::SourceId;
use crate::settings::OwaspList;

/// How a list is read.
#[derive(Clone, Debug)]
pub struct OwaspConfig {
    /// The source.
    pub id: SourceId,
    /// Which list.
    pub list: OwaspList,
    /// The address of an edition's list; the others' differ from it by the year.
    pub url: String,
    /// The editions, by year.
    pub editions: Vec<String>,
    /// Whether it may be private or loopback.
    pub allow_private: bool,
}

/// The sources `owasp` and `owasp-api`.
#[derive(Clone, Debug)]
pub struct Owasp(OwaspConfig);

impl Owasp {
    /// The source with its settings.
    #[must_use]
    pub fn new(config: OwaspConfig) -> Self {
        Self(config)
    }
}

#[async_trait]
impl Source for Owasp {
    async fn collect(&self, fetch: Fetch<'_>, pages: &mut dyn Pages) -> Result<(), Fault> {
        fetch::collect(&self.0, fetch, pages).await
    }
}

/// The address of an edition's list: the one that is set, with the last year of its path replaced. One
/// without a year is that of every edition.
fn address(url: &str, year: &str) -> String {
    let known = url::Url::parse(url)
        .ok()
        .and_then(|url| mark::year_in(url.path()));
    match known.and_then(|known| url.rfind(&known)) {
        Some(at) => format!("{}{year}{}", &url[..at], &url[at + 4..]),
        None => url.to_owned(),
    }
}

#[cfg(test)]
mod corpus_tests;
#[cfg(test)]
mod tests;

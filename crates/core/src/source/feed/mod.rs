//! Feeds of security sites: RSS 0.9x, 1.0 and 2.0, Atom and JSON Feed. A feed is asked for with its
//! validators, which are dropped after eight days because some servers answer 304 for ever; a permanent
//! move is remembered and followed; an entry that cannot be used is a problem and the others stand.

mod adapter;
mod article;
mod date;
mod discover;
mod encoding;
mod fetch;
mod fulltext;
pub mod opml;
mod wire;

use async_trait::async_trait;

use super::{Fetch, Pages, Source};
use crate::error::Fault;
use crate::model::SourceId;

pub use adapter::{FeedDocument, base, draft, read_content, read_feed};
pub use article::article_text;
pub use discover::{Found, discover};
pub use wire::{By, Content, Entry, Format, Words};

/// How one feed is read.
#[derive(Clone, Debug)]
pub struct FeedConfig {
    /// The source's name: `thehackernews`.
    pub id: SourceId,
    /// The site's name for people: `The Hacker News`.
    pub name: String,
    /// The feed's address.
    pub url: String,
    /// Whether it may be private or loopback.
    pub allow_private: bool,
    /// Whether the article behind each entry is read too.
    pub full_text: bool,
}

/// The source of one feed.
#[derive(Clone, Debug)]
pub struct Feed {
    config: FeedConfig,
}

impl Feed {
    /// The source with its settings.
    #[must_use]
    pub fn new(config: FeedConfig) -> Self {
        Self { config }
    }
}

#[async_trait]
impl Source for Feed {
    async fn collect(&self, fetch: Fetch<'_>, pages: &mut dyn Pages) -> Result<(), Fault> {
        fetch::collect(&self.config, fetch, pages).await
    }
}

#[cfg(test)]
mod fetch_tests;
#[cfg(test)]
mod tests;

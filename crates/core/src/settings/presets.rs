//! The catalogue of well-known feeds. An address is here only where it is known to be the publisher's own.
//!
//! Each has a fixed id: whoever removes one and adds it again finds its alerts as its own.

use std::collections::BTreeMap;

use super::check;
use super::schema::{FEED_INTERVAL_MIN, FeedSettings, SourceKind, SourceSettings};
use crate::model::SourceId;

mod list;

pub use list::KNOWN;

/// A feed of the catalogue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Known {
    /// Its id as a source.
    pub id: &'static str,
    /// For people.
    pub name: &'static str,
    /// Where the feed is.
    pub url: &'static str,
    /// Under which heading it is listed.
    pub group: &'static str,
    /// The page that it belongs to.
    pub site: &'static str,
    /// What it brings, in a few words.
    pub about: &'static str,
}

impl Known {
    /// As a source.
    #[must_use]
    pub fn settings(&self) -> SourceSettings {
        SourceSettings {
            name: self.name.to_owned(),
            enabled: true,
            url: self.url.to_owned(),
            interval_min: FEED_INTERVAL_MIN,
            allow_private: false,
            kind: SourceKind::Feed(FeedSettings::in_group(self.group)),
        }
    }

    /// Whether it is among the sources, under its id or any other.
    #[must_use]
    pub fn is_added(&self, sources: &BTreeMap<SourceId, SourceSettings>) -> bool {
        sources.iter().any(|(id, source)| {
            id.as_str() == self.id || check::same_address(&source.url, self.url)
        })
    }
}

/// A feed of the catalogue by its id.
#[must_use]
pub fn find(id: &SourceId) -> Option<&'static Known> {
    KNOWN.iter().find(|known| known.id == id.as_str())
}

#[cfg(test)]
#[path = "presets_tests.rs"]
mod tests;

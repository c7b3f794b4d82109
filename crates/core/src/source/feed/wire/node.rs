//! Choosing among what a document says twice. The shallowest title, id and text win; among equals the
//! last one does, but for a title, where it is the first. Of addresses and dates the last usable one wins.

use super::capture::Capture;
use super::content::{Entry, Words};
use super::names::Field;
use crate::source::feed::date;

/// At most so many categories are kept.
const MAX_TAGS: usize = 50;

/// An entry, or the feed itself, while it is read.
#[derive(Debug, Default)]
pub(super) struct Node {
    entry: Entry,
    /// How deep the title stands that is kept, and whether it may still be replaced by its equal.
    title_depth: Option<usize>,
    title_is_final: Option<usize>,
    id_depth: Option<usize>,
    summary_depth: Option<usize>,
    /// Texts of lesser rank: Media RSS and podcasts.
    media: Option<Words>,
    /// The id where it serves as an address.
    permalink: Option<String>,
    author_is_media: bool,
}

impl Node {
    pub(super) fn new(base: Option<String>) -> Self {
        Self {
            entry: Entry {
                base,
                ..Entry::default()
            },
            ..Self::default()
        }
    }

    pub(super) fn set_id(&mut self, id: String) {
        self.entry.id = Some(id).filter(|id| !id.is_empty());
    }

    pub(super) fn set_link(&mut self, link: String) {
        if !link.is_empty() {
            self.entry.link = Some(link);
        }
    }

    pub(super) fn set_permalink(&mut self, link: String) {
        self.permalink.get_or_insert(link);
    }

    pub(super) fn set_updated(&mut self, text: &str) {
        self.entry.updated = date::read(text).or(self.entry.updated);
    }

    /// Takes a finished element over. `guess` is whether plain text may be HTML.
    pub(super) fn take(&mut self, capture: Capture<'_>, guess: bool, is_media: bool) {
        let depth = capture.depth;
        let is_at_least = |old: Option<usize>| old.is_none_or(|old| depth <= old);
        match capture.field {
            Field::Title | Field::MediaTitle => {
                let is_title = capture.field == Field::Title;
                let is_late = self.title_is_final.is_some_and(|f| f <= depth);
                let words = capture.into_words(guess);
                if words.is_empty() || is_late || !is_at_least(self.title_depth) {
                    return;
                }
                self.entry.title = Some(words);
                self.title_depth = Some(depth);
                if is_title {
                    self.title_is_final = Some(depth);
                }
            }
            Field::Id => {
                let value = capture.into_value();
                if !value.is_empty() && is_at_least(self.id_depth) {
                    self.id_depth = Some(depth);
                    self.entry.id = Some(value);
                }
            }
            Field::Published => {
                let read = date::read(&capture.into_value());
                self.entry.published = read.or(self.entry.published);
            }
            Field::Updated => self.set_updated(&capture.into_value()),
            Field::Description | Field::Abstract | Field::Summary => {
                let words = capture.into_words(guess);
                if !words.is_empty() && is_at_least(self.summary_depth) {
                    self.summary_depth = Some(depth);
                    self.entry.summary = Some(words);
                }
            }
            Field::MediaDescription => {
                let words = capture.into_words(guess);
                if !words.is_empty() {
                    self.media.get_or_insert(words);
                }
            }
            Field::Content | Field::Encoded | Field::Body => {
                let words = capture.into_words(guess);
                if !words.is_empty() {
                    self.entry.content.get_or_insert(words);
                }
            }
            Field::Author => {
                let value = capture.into_value();
                let replaces = self.entry.author.is_none() || (self.author_is_media && !is_media);
                if !value.is_empty() && replaces {
                    self.entry.author = Some(value);
                    self.author_is_media = is_media;
                }
            }
            Field::Category => self.tag(capture.into_value()),
            Field::Link | Field::Ttl | Field::UpdatePeriod | Field::UpdateFrequency => {}
        }
    }

    fn tag(&mut self, tag: String) {
        let tags = &mut self.entry.tags;
        if !tag.is_empty() && tags.len() < MAX_TAGS && !tags.contains(&tag) {
            tags.push(tag);
        }
    }

    /// The entry that came of it.
    pub(super) fn finish(mut self) -> Entry {
        if self.entry.summary.is_none() {
            self.entry.summary = self.media.take();
        }
        if self.entry.link.is_none() {
            self.entry.link = self.permalink.take();
        }
        self.entry
    }
}

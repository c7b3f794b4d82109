//! A feed's entries -> drafts, oldest first.

use std::collections::HashSet;

use super::encoding;
use super::wire::{self, By, Content, Entry, Words};
use crate::error::Fault;
use crate::model::{Body, Draft, Facts, Identity, Kind, Problem, SourceId};

/// What a feed's document holds.
#[derive(Clone, Debug, Default)]
pub struct FeedDocument {
    /// Its entries, oldest first.
    pub drafts: Vec<Draft>,
    /// Entries that could not be used.
    pub problems: Vec<Problem>,
    /// Whether the feed is known to carry a guid more than once.
    pub repeats_guids: bool,
    /// How long it wants to be kept, in minutes.
    pub ttl_min: Option<u32>,
    /// Whether it was broken and something had to be guessed.
    pub is_salvaged: bool,
}

/// Reads a feed's document as it came: `url` is the address that answered, `content_type` the header,
/// `repeats_guids` whether an earlier document of the feed carried a guid twice.
///
/// # Errors
/// `feed_not_a_feed`.
pub fn read_feed(
    source: &SourceId,
    url: &str,
    content_type: Option<&str>,
    bytes: &[u8],
    repeats_guids: bool,
) -> Result<FeedDocument, Fault> {
    let content = read_content(url, content_type, bytes, By::Best)?;
    Ok(drafts(source, url, content, repeats_guids))
}

/// Reads a feed's document as it says itself, its entries in their order.
///
/// # Errors
/// `feed_not_a_feed`.
pub fn read_content(
    url: &str,
    content_type: Option<&str>,
    bytes: &[u8],
    by: By,
) -> Result<Content, Fault> {
    let text = encoding::decode(bytes, content_type);
    wire::read(&text, url, by).map_err(|came| not_a_feed(&host(url), came))
}

fn not_a_feed(host: &str, came: &str) -> Fault {
    Fault::new(
        "feed_not_a_feed",
        format!("{host} sent {came} instead of a feed. Check the feed's address in Sources."),
    )
    .with("host", host)
    .with("came", came)
}

fn drafts(source: &SourceId, url: &str, content: Content, repeats_guids: bool) -> FeedDocument {
    let mut document = FeedDocument {
        repeats_guids: repeats_guids || has_repeated_guid(&content.entries),
        ttl_min: content.ttl_min,
        is_salvaged: content.is_salvaged,
        ..FeedDocument::default()
    };
    let host = host(url);
    let base = base(url, content.site.as_deref());
    for (i, entry) in content.entries.into_iter().enumerate() {
        match draft(source, &base, entry, document.repeats_guids) {
            Some(draft) => document.drafts.push(draft),
            None => document.problems.push(empty_entry(&host, i)),
        }
    }
    document.drafts.reverse();
    // Feeds list the newest first; where all entries are dated the dates decide.
    if document.drafts.iter().all(|d| d.published.is_some()) {
        document.drafts.sort_by_key(|d| d.published);
    }
    document
}

pub(super) fn host(url: &str) -> String {
    url::Url::parse(url)
        .ok()
        .and_then(|u| u.host_str().map(ToOwned::to_owned))
        .unwrap_or_else(|| "the feed".to_owned())
}

fn has_repeated_guid(entries: &[Entry]) -> bool {
    let mut seen = HashSet::new();
    let mut ids = entries.iter().filter_map(|e| e.id.as_deref());
    ids.any(|id| !seen.insert(id))
}

/// An entry as a draft; `None` where there is nothing that a person could read or open. `base` is where
/// relative links start from if the entry says nothing else.
pub fn draft(source: &SourceId, base: &str, entry: Entry, repeats_guids: bool) -> Option<Draft> {
    let body = entry
        .content
        .or(entry.summary)
        .filter(|words| !words.is_empty());
    if entry.link.is_none() && entry.title.is_none() && body.is_none() {
        return None;
    }
    let guid = entry.id;
    Some(Draft {
        source: source.clone(),
        kind: Kind::Article,
        identity: Identity::Feed {
            guid_repeats: repeats_guids && guid.is_some(),
            guid,
        },
        title: entry.title.map(Words::into_html),
        body: match body {
            Some(Words::Plain(text)) => Body::Text(text),
            Some(Words::Html(html)) => Body::Html(html),
            None => Body::Text(String::new()),
        },
        link: entry.link,
        base: Some(entry.base.unwrap_or_else(|| base.to_owned())),
        // An entry that states only when it was changed was published no later than that.
        published: entry.published.or(entry.updated),
        updated: entry.updated,
        facts: Facts {
            issued_by: entry.author,
            tags: entry.tags,
            ..Facts::default()
        },
    })
}

/// Relative links start from the site's address if the feed states one, else from the feed's own.
pub fn base(url: &str, site: Option<&str>) -> String {
    let joined = url::Url::parse(url).and_then(|u| u.join(site.unwrap_or_default().trim()));
    match joined {
        Ok(site) if matches!(site.scheme(), "http" | "https") => site.into(),
        _ => url.to_owned(),
    }
}

fn empty_entry(host: &str, index: usize) -> Problem {
    Problem {
        subject: format!("item {}", index + 1),
        fault: Fault::new(
            "feed_entry_empty",
            format!("Item {} of the feed of {host} has no link, no title and no text and was left out. Only the site can mend it.", index + 1),
        )
        .with("host", host)
        .with("item", index + 1),
    }
}

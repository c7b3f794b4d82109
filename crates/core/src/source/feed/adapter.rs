//! A feed's entries -> drafts, oldest first.

use std::collections::HashSet;

use rss::{Channel, Item};

use super::{date, encoding, wire};
use crate::error::Fault;
use crate::model::{Body, Draft, Facts, Identity, Kind, Problem, SourceId, Time};

/// What a feed's document holds.
#[derive(Clone, Debug, Default)]
pub struct FeedDocument {
    /// Its entries, oldest first.
    pub drafts: Vec<Draft>,
    /// Entries that could not be used.
    pub problems: Vec<Problem>,
    /// Whether the feed is known to carry a guid more than once.
    pub repeats_guids: bool,
}

/// Reads a feed's document as it came: `url` is the address that answered, `content_type` the header,
/// `repeats_guids` whether an earlier document of the feed carried a guid twice.
///
/// # Errors
/// `feed_not_a_feed` and `feed_bad_xml`.
pub fn read_feed(
    source: &SourceId,
    url: &str,
    content_type: Option<&str>,
    bytes: &[u8],
    repeats_guids: bool,
) -> Result<FeedDocument, Fault> {
    let host = host(url);
    let text = encoding::decode(bytes, content_type);
    let channel = wire::channel(&text, &host)?;
    let mut document = FeedDocument {
        repeats_guids: repeats_guids || has_repeated_guid(&channel),
        ..FeedDocument::default()
    };
    for (i, item) in channel.items().iter().enumerate() {
        match draft(source, url, &channel, item, document.repeats_guids) {
            Some(draft) => document.drafts.push(draft),
            None => document.problems.push(empty_entry(&host, i)),
        }
    }
    document.drafts.reverse();
    // Feeds list the newest first; where all entries are dated the dates decide.
    if document.drafts.iter().all(|d| d.published.is_some()) {
        document.drafts.sort_by_key(|d| d.published);
    }
    Ok(document)
}

pub(super) fn host(url: &str) -> String {
    url::Url::parse(url)
        .ok()
        .and_then(|u| u.host_str().map(ToOwned::to_owned))
        .unwrap_or_else(|| "the feed".to_owned())
}

fn guid(item: &Item) -> Option<&str> {
    item.guid()
        .map(|g| g.value().trim())
        .filter(|g| !g.is_empty())
}

fn has_repeated_guid(channel: &Channel) -> bool {
    let mut seen = HashSet::new();
    let mut guids = channel.items().iter().filter_map(guid);
    guids.any(|guid| !seen.insert(guid))
}

fn draft(
    source: &SourceId,
    url: &str,
    channel: &Channel,
    item: &Item,
    repeats_guids: bool,
) -> Option<Draft> {
    let guid = guid(item);
    let link = link(item);
    let title = stated(item.title()).or_else(|| {
        let dc = item.dublin_core_ext()?;
        stated(dc.titles().first().map(String::as_str))
    });
    if link.is_none() && title.is_none() {
        return None;
    }
    let body = stated(item.content())
        .or_else(|| stated(item.description()))
        .unwrap_or_default();
    let dc = item.dublin_core_ext();
    let published = item
        .pub_date()
        .and_then(date::read)
        .or_else(|| dc?.dates().iter().find_map(|d| date::read(d)));
    let author = stated(item.author())
        .or_else(|| dc.and_then(|dc| stated(dc.creators().first().map(String::as_str))));
    Some(Draft {
        source: source.clone(),
        kind: Kind::Article,
        identity: Identity::Feed {
            guid: guid.map(ToOwned::to_owned),
            guid_repeats: repeats_guids && guid.is_some(),
        },
        title,
        body: Body::Html(body),
        link,
        base: Some(base(url, channel)),
        published,
        updated: updated(item),
        facts: Facts {
            issued_by: author,
            tags: tags(item),
            ..Facts::default()
        },
    })
}

fn stated(text: Option<&str>) -> Option<String> {
    text.map(str::trim)
        .filter(|t| !t.is_empty())
        .map(ToOwned::to_owned)
}

/// The entry's link, else a guid that is an address.
fn link(item: &Item) -> Option<String> {
    let is_address = |t: &str| t.starts_with("http://") || t.starts_with("https://");
    stated(item.link())
        .or_else(|| {
            let links = item.extensions().get("atom")?.get("link")?;
            let attrs = links.iter().map(rss::extension::Extension::attrs);
            let mut alternates =
                attrs.filter(|a| a.get("rel").is_none_or(|rel| rel == "alternate"));
            stated(alternates.find_map(|a| a.get("href")).map(String::as_str))
        })
        .or_else(|| {
            let guid = item.guid().filter(|g| g.is_permalink())?;
            stated(Some(guid.value())).filter(|g| is_address(g))
        })
}

/// Relative links start from the site's address if the feed states one, else from the feed's own.
fn base(url: &str, channel: &Channel) -> String {
    let site = channel.link().trim();
    let joined = url::Url::parse(url).and_then(|u| u.join(site));
    match joined {
        Ok(site) if matches!(site.scheme(), "http" | "https") => site.into(),
        _ => url.to_owned(),
    }
}

fn updated(item: &Item) -> Option<Time> {
    let extensions = item.extensions();
    ["updated", "modified"].iter().find_map(|name| {
        extensions
            .values()
            .filter_map(|e| e.get(*name))
            .flatten()
            .find_map(|e| e.value().and_then(date::read))
    })
}

fn tags(item: &Item) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for tag in item
        .categories()
        .iter()
        .filter_map(|c| stated(Some(c.name())))
    {
        if !all.contains(&tag) && all.len() < 50 {
            all.push(tag);
        }
    }
    all
}

fn empty_entry(host: &str, index: usize) -> Problem {
    Problem {
        subject: format!("item {}", index + 1),
        fault: Fault::new(
            "feed_entry_empty",
            format!("Item {} of the feed of {host} has neither a link nor a title and was left out. Only the site can mend it.", index + 1),
        )
        .with("host", host)
        .with("item", index + 1),
    }
}

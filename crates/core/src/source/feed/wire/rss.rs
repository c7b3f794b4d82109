//! RSS 0.9x and 2.0 by the `rss` crate, where it reads a document without loss. It refuses what is not
//! well-formed, and it knows neither `xml:base` nor the `rdf:about` of RSS 1.0, leaves markup out that stands in
//! a text, and mistakes what stands in unknown elements: such documents are the tolerant reader's.

use rss::{Channel, Item};

use super::content::{Content, Entry, Format, Words};
use crate::source::feed::date;

/// Reads a document, or leaves it to the tolerant reader.
pub(super) fn read(text: &str) -> Option<Content> {
    if !is_within_reach(text) {
        return None;
    }
    // The text is decoded already; the crate would believe its declaration once more.
    let body = match text.strip_prefix("<?xml") {
        Some(declared) => declared.split_once("?>")?.1,
        None => text,
    };
    let channel = Channel::read_from(body.as_bytes()).ok()?;
    if channel.items().len() != count(text, "<item") {
        return None;
    }
    let ttl = channel.ttl().and_then(|t| t.trim().parse().ok());
    Some(Content {
        format: Format::Rss,
        title: stated(Some(channel.title())).map(Words::guessed),
        site: stated(Some(channel.link())),
        entries: channel
            .items()
            .iter()
            .map(entry)
            .collect::<Option<Vec<Entry>>>()?,
        ttl_min: ttl,
        is_salvaged: false,
    })
}

/// Whether a document uses only what the crate understands as it is meant. Each of these texts is looked
/// for once; where one stands in an article's own words the other reader takes the document, which does
/// no harm.
fn is_within_reach(text: &str) -> bool {
    const BEYOND: &[&str] = &[
        "xml:base",
        "xmlns=",
        "<source",
        "<image>",
        "<sy:",
        "<media:title",
        "<media:description",
        "<dcterms:",
        "<!ENTITY",
    ];
    let head: String = text.chars().take(200).collect();
    let is_rss = head.contains("<rss") || head.contains("<?xml");
    is_rss
        && !BEYOND.iter().any(|b| text.contains(b))
        && !["<title>", "<description>", "<content:encoded>"]
            .iter()
            .any(|tag| has_markup_in(text, tag))
        // Each entry and the channel have one address at most.
        && count(text, "<link") <= count(text, "<item") + 1
}

/// How often an element begins, in CDATA sections and comments too: what a count that differs costs is
/// only the other reader's work.
fn count(text: &str, tag: &str) -> usize {
    text.match_indices(tag)
        .filter(|(at, _)| {
            let next = text.as_bytes().get(at + tag.len());
            next.is_some_and(|b| matches!(b, b'>' | b'/') || b.is_ascii_whitespace())
        })
        .count()
}

/// Whether markup stands in an element of the document itself, which the crate leaves out.
fn has_markup_in(text: &str, tag: &str) -> bool {
    text.match_indices(tag).any(|(at, _)| {
        let rest = &text[at + tag.len()..];
        let next = rest.find('<').map_or("", |next| &rest[next..]);
        !(next.starts_with("</") || next.starts_with("<![CDATA["))
    })
}

/// An entry; `None` where it carries what the crate does not hand over in its order.
fn entry(item: &Item) -> Option<Entry> {
    let dc = item.dublin_core_ext();
    let has_other = dc.is_some_and(|dc| {
        !dc.titles().is_empty() || !dc.dates().is_empty() || !dc.descriptions().is_empty()
    });
    let is_namespaced = item
        .extensions()
        .values()
        .flat_map(|e| e.keys())
        .any(|name| {
            matches!(
                name.as_str(),
                "link"
                    | "updated"
                    | "published"
                    | "modified"
                    | "issued"
                    | "date"
                    | "title"
                    | "creator"
            )
        });
    if has_other || is_namespaced {
        return None;
    }
    let guid = item.guid();
    let id = stated(guid.map(rss::Guid::value));
    let permalink = id
        .clone()
        .filter(|_| guid.is_some_and(rss::Guid::is_permalink));
    let itunes = item.itunes_ext().and_then(|i| i.author());
    let mut tags: Vec<String> = Vec::new();
    let categories = item.categories().iter().map(rss::Category::name);
    let subjects = dc.into_iter().flat_map(|dc| dc.subjects());
    for tag in categories.chain(subjects.map(String::as_str)) {
        let tag = tag.trim();
        if !tag.is_empty() && tags.len() < 50 && !tags.iter().any(|t| t == tag) {
            tags.push(tag.to_owned());
        }
    }
    Some(Entry {
        id,
        title: stated(item.title()).map(Words::guessed),
        link: stated(item.link())
            .map(|l| l.replace("&amp;", "&"))
            .or(permalink),
        base: None,
        published: item.pub_date().and_then(date::read),
        updated: None,
        author: stated(item.author())
            .or_else(|| dc.and_then(|dc| stated(dc.creators().first().map(String::as_str))))
            .or_else(|| stated(itunes)),
        summary: stated(item.description())
            .or_else(|| stated(item.itunes_ext().and_then(|i| i.summary())))
            .map(Words::Html),
        content: stated(item.content()).map(Words::Html),
        tags,
    })
}

fn stated(text: Option<&str>) -> Option<String> {
    text.map(str::trim)
        .filter(|t| !t.is_empty())
        .map(ToOwned::to_owned)
}

//! A feed's text -> what it says, whatever its format: `rss` first, the tolerant reader where that
//! refuses a document or would lose something of it, JSON Feed.

mod capture;
mod content;
mod json;
mod names;
mod node;
mod reader;
mod rss;
pub(super) mod xml;

pub use content::{Content, Entry, Format, Words};

/// Which reader is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// Each where it is the better one.
    Best,
    /// The tolerant one, for comparing.
    Tolerant,
}

/// Reads a document; what it is in words where it is no feed. `url` is where it came from.
pub(super) fn read(text: &str, url: &str, by: By) -> Result<Content, &'static str> {
    if text.starts_with('{') {
        return json::read(text).map(Content::mended).ok_or("JSON");
    }
    let first = match by {
        By::Best => rss::read(text),
        By::Tolerant => None,
    };
    first
        .or_else(|| reader::read(text, url))
        .map(Content::mended)
        .ok_or_else(|| what(text))
}

/// What a document is, in words.
fn what(text: &str) -> &'static str {
    if text.trim().is_empty() {
        return "nothing";
    }
    if text.starts_with(['{', '[']) {
        return "JSON";
    }
    match root(text).as_deref() {
        Some("html") => "a web page (HTML)",
        Some("opml") => "a list of feeds (OPML)",
        Some("urlset" | "sitemapindex") => "a sitemap",
        Some(_) => "another kind of document",
        None => "plain text or binary data",
    }
}

/// The name of the first element, lower case.
fn root(text: &str) -> Option<String> {
    let mut tokens = xml::Tokens::new(text);
    for _ in 0..50 {
        match tokens.next()? {
            xml::Token::Start { name, .. } => {
                let name: String = name.chars().take(40).collect();
                return Some(name.to_ascii_lowercase());
            }
            xml::Token::Text(text) if !text.trim().is_empty() => return None,
            _ => {}
        }
    }
    None
}

//! From a site's address to its feeds: the address itself, the feeds that a page names, links that look
//! like one, and the places where feeds usually are. One request at a time, and a bounded number.

use std::collections::HashSet;
use std::time::Duration;

use scraper::{Html, Selector};
use tokio_util::sync::CancellationToken;
use url::Url;

use super::adapter::{host, read_content};
use super::wire::{By, Content};
use crate::error::Fault;
use crate::http::{Answer, Http, Request, Response};
use crate::model::Time;
use crate::source::off_thread;

/// At most so many feeds are shown.
const MAX_FEEDS: usize = 5;
/// At most so many addresses of one kind are tried.
const MAX_TRIED: usize = 8;
/// What one request may take, and all of them.
const ONE: Duration = Duration::from_secs(10);
const ALL: Duration = Duration::from_secs(60);
/// More of a page is not looked at, in bytes.
const MAX_PAGE_BYTES: usize = 2 * 1024 * 1024;
/// Where feeds usually are.
const PLACES: &[&str] = &[
    "/feed",
    "/rss",
    "/feed.xml",
    "/rss.xml",
    "/atom.xml",
    "/index.xml",
    "/feed.json",
    "/blog/feed",
];

/// A feed that was found.
#[derive(Clone, Debug)]
pub struct Found {
    /// Its address, after redirects.
    pub url: String,
    /// What it says.
    pub content: Content,
}

/// Finds the feeds of an address: a feed's or a site's, with or without `https://`.
///
/// # Errors
/// `feed_not_found`, `bad_url`, and whatever keeps the address itself from being read.
pub async fn discover(
    http: &Http,
    address: &str,
    allow_private: bool,
    now: Time,
    cancel: &CancellationToken,
) -> Result<Vec<Found>, Fault> {
    let search = Search {
        http,
        allow_private,
        now,
        cancel,
    };
    let address = address.trim();
    let found = tokio::time::timeout(ALL, search.run(address)).await;
    match found {
        Ok(found) => found,
        Err(_) => Err(not_found(&host(&complete(address, "https")))),
    }
}

struct Search<'a> {
    http: &'a Http,
    allow_private: bool,
    now: Time,
    cancel: &'a CancellationToken,
}

impl Search<'_> {
    async fn run(&self, address: &str) -> Result<Vec<Found>, Fault> {
        let url = complete(address, "https");
        let response = match self.get(&url).await {
            Ok(response) => response,
            // Nobody said https: a site that has none is asked without.
            Err(fault) if url != address && is_of_connection(&fault) => {
                let plain = self.get(&complete(address, "http")).await;
                plain.map_err(|_| fault)?
            }
            Err(fault) => return Err(fault),
        };
        let page = response.final_url.to_string();
        let (named, looking) = match self.read(response).await? {
            Ok(content) => return Ok(vec![Found { url: page, content }]),
            Err(links) => links,
        };
        let origin = Url::parse(&page).ok();
        let usual = PLACES
            .iter()
            .filter_map(|place| origin.as_ref()?.join(place).ok())
            .map(String::from)
            .collect();
        let mut seen = HashSet::from([page.clone()]);
        for addresses in [named, looking, usual] {
            let found = self.try_all(addresses, &mut seen).await;
            if !found.is_empty() {
                return Ok(found);
            }
        }
        Err(not_found(&host(&page)))
    }

    async fn try_all(&self, addresses: Vec<String>, seen: &mut HashSet<String>) -> Vec<Found> {
        let mut found: Vec<Found> = Vec::new();
        for address in addresses.into_iter().take(MAX_TRIED) {
            if found.len() == MAX_FEEDS || self.cancel.is_cancelled() {
                break;
            }
            if !seen.insert(address.clone()) {
                continue;
            }
            let Ok(response) = self.get(&address).await else {
                continue;
            };
            let url = response.final_url.to_string();
            if let Ok(Ok(content)) = self.read(response).await
                && !found.iter().any(|f| f.url == url)
            {
                found.push(Found { url, content });
            }
        }
        found
    }

    async fn get(&self, url: &str) -> Result<Response, Fault> {
        let mut request = Request::new(url, self.cancel.clone());
        request.allow_private = self.allow_private;
        request.timeout = ONE;
        request
            .headers
            .push(("accept", super::fetch::ACCEPT.into()));
        match self.http.get(request).await? {
            Answer::Response(response) => Ok(response.success(self.now)?),
            Answer::NotModified { .. } => Err(not_found(&host(url))),
        }
    }

    /// A feed's content, or the addresses that a page names and those that look like a feed's.
    async fn read(
        &self,
        response: Response,
    ) -> Result<Result<Content, (Vec<String>, Vec<String>)>, Fault> {
        off_thread(move || {
            let url = response.final_url.as_str();
            let header = response.header("content-type");
            Ok(match read_content(url, header, &response.body, By::Best) {
                Ok(content) => Ok(content),
                Err(_) => {
                    let page = super::encoding::decode(&response.body, header);
                    Err(feeds_named(&page, url))
                }
            })
        })
        .await
    }
}

/// An address as somebody typed it, whole.
fn complete(address: &str, scheme: &str) -> String {
    let has_scheme = address.contains("://");
    // `feed:` is what some browsers once put before a feed's address.
    let address = address
        .strip_prefix("feed://")
        .or_else(|| address.strip_prefix("feed:"))
        .unwrap_or(address);
    match has_scheme && address.contains("://") {
        true => address.to_owned(),
        false => format!("{scheme}://{}", address.trim_start_matches('/')),
    }
}

fn is_of_connection(fault: &Fault) -> bool {
    matches!(
        fault.code.as_str(),
        "connect_failed" | "tls_failed" | "timed_out"
    )
}

fn not_found(host: &str) -> Fault {
    Fault::new(
        "feed_not_found",
        format!("No feed was found at {host}. Look on the site for a link named RSS, Atom or Feed and paste its address."),
    )
    .with("host", host)
}

/// The feeds that a page names, best first, and links in it that look like a feed's. Pure.
pub(super) fn feeds_named(page: &str, url: &str) -> (Vec<String>, Vec<String>) {
    let end = (0..=page.len().min(MAX_PAGE_BYTES))
        .rev()
        .find(|i| page.is_char_boundary(*i))
        .unwrap_or_default();
    if !page.contains('<') || super::article::is_too_deep(&page[..end]) {
        return (Vec::new(), Vec::new());
    }
    let document = Html::parse_document(&page[..end]);
    let select = |selector: &str| Selector::parse(selector).ok();
    let (Some(links), Some(anchors), Some(bases)) = (
        select("link[href][rel]"),
        select("a[href]"),
        select("base[href]"),
    ) else {
        return (Vec::new(), Vec::new());
    };
    let Ok(mut base) = Url::parse(url) else {
        return (Vec::new(), Vec::new());
    };
    if let Some(stated) = document.select(&bases).next()
        && let Ok(joined) = base.join(stated.attr("href").unwrap_or_default())
    {
        base = joined;
    }
    let whole = |href: &str| {
        let joined = base.join(href.trim()).ok()?;
        matches!(joined.scheme(), "http" | "https").then(|| joined.to_string())
    };

    let mut named: Vec<(bool, String)> = document
        .select(&links)
        .filter(|link| {
            let has = |name: &str, word: &str| {
                let value = link.attr(name).unwrap_or_default();
                value.to_ascii_lowercase().contains(word)
            };
            let is_feed = ["rss", "atom", "feed+json", "application/json", "rdf+xml"]
                .iter()
                .any(|kind| has("type", kind));
            (has("rel", "alternate") && is_feed) || has("rel", "feed")
        })
        .filter_map(|link| {
            let href = link.attr("href")?;
            let title = link.attr("title").unwrap_or_default();
            // A page's comments are not what somebody wants to read; WordPress's JSON is no feed.
            let is_lesser = [href, title].iter().any(|t| {
                let t = t.to_ascii_lowercase();
                t.contains("comment") || t.contains("/wp-json/") || t.contains("oembed")
            });
            Some((is_lesser, whole(href)?))
        })
        .collect();
    named.sort_by_key(|(is_lesser, _)| *is_lesser);
    let looking: Vec<String> = document
        .select(&anchors)
        .filter(|anchor| {
            let href = anchor.attr("href").unwrap_or_default();
            let words: String = anchor.text().take(20).collect();
            looks_like_a_feed(href) || is_feed_word(&words)
        })
        .filter_map(|anchor| whole(anchor.attr("href")?))
        .take(50)
        .collect();
    (
        distinct(named.into_iter().map(|(_, url)| url)),
        distinct(looking),
    )
}

fn distinct(all: impl IntoIterator<Item = String>) -> Vec<String> {
    let mut seen = HashSet::new();
    all.into_iter().filter(|u| seen.insert(u.clone())).collect()
}

fn looks_like_a_feed(href: &str) -> bool {
    let path = href.split(['?', '#']).next().unwrap_or_default();
    let path = path.trim_end_matches('/').to_ascii_lowercase();
    let last = path.rsplit('/').next().unwrap_or_default();
    matches!(
        last,
        "feed" | "rss" | "atom" | "feed.xml" | "rss.xml" | "atom.xml" | "index.rdf" | "feed.json"
    ) || [".rss", ".atom", ".rdf"].iter().any(|e| last.ends_with(e))
        || path.contains("feeds.feedburner.com/")
}

fn is_feed_word(words: &str) -> bool {
    let words = words.trim().to_ascii_lowercase();
    matches!(
        words.as_str(),
        "rss"
            | "atom"
            | "feed"
            | "rss feed"
            | "atom feed"
            | "xml"
            | "rss 2.0"
            | "subscribe via rss"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_names_its_feeds_and_comments_come_last() {
        let page = r#"<html><head><base href="/blog/">
          <link rel="alternate" type="application/rss+xml" title="Comments" href="comments/feed">
          <link rel="Alternate" type="application/atom+xml" href="atom">
          <link rel="alternate" type="application/atom+xml" href="atom">
          <link rel="alternate" hreflang="fr" href="/fr">
          <link rel="alternate" type="application/rss+xml" href="file:///etc/passwd">
          </head><body><a href="https://feeds.feedburner.com/x">y</a><a href="/about">About</a>
          <a href="//b.org/news.rss?x=1">n</a><a href="/s"> RSS </a><a href="javascript:x()">feed</a></body>"#;
        let (named, looking) = feeds_named(page, "https://a.org/x/y");
        assert_eq!(
            named,
            [
                "https://a.org/blog/atom",
                "https://a.org/blog/comments/feed"
            ]
        );
        assert_eq!(
            looking,
            [
                "https://feeds.feedburner.com/x",
                "https://b.org/news.rss?x=1",
                "https://a.org/s"
            ]
        );
        assert_eq!(feeds_named("", "https://a.org").0.len(), 0);
        assert_eq!(feeds_named("<a href=x>", "nonsense").0.len(), 0);
    }

    #[test]
    fn an_address_is_completed() {
        for (typed, expect) in [
            ("a.org", "https://a.org"),
            ("//a.org/x", "https://a.org/x"),
            ("http://a.org", "http://a.org"),
            ("feed:https://a.org", "https://a.org"),
            ("feed://a.org/x", "https://a.org/x"),
            ("a.org:8080/feed", "https://a.org:8080/feed"),
        ] {
            assert_eq!(complete(typed, "https"), expect, "{typed}");
        }
    }
}

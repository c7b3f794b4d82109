//! A feed's text -> `rss`'s channel, or a fault that says what came instead.

use rss::Channel;

use crate::error::Fault;

/// Reads RSS.
///
/// # Errors
/// `feed_not_a_feed` where it is something else, `feed_bad_xml` where its XML is broken.
pub(super) fn channel(text: &str, host: &str) -> Result<Channel, Fault> {
    match Channel::read_from(text.as_bytes()) {
        Ok(channel) => Ok(channel),
        Err(rss::Error::Xml(e)) if is_rss(text) => Err(Fault::new(
            "feed_bad_xml",
            format!("The feed of {host} is broken XML ({e}). It is tried again later; if it lasts, tell the site."),
        )
        .with("host", host)
        .with("reason", e)),
        Err(_) if is_rss(text) => Err(Fault::new(
            "feed_bad_xml",
            format!("The feed of {host} ends before it is complete. It is tried again later."),
        )
        .with("host", host)
        .with("reason", "incomplete")),
        Err(_) => {
            let came = what(text);
            Err(Fault::new(
                "feed_not_a_feed",
                format!("{host} sent {came} instead of an RSS feed. Check the feed's address in Sources."),
            )
            .with("host", host)
            .with("came", came))
        }
    }
}

fn is_rss(text: &str) -> bool {
    matches!(root(text).as_deref(), Some("rss" | "rdf" | "rdf:rdf"))
}

/// What a document is, in words.
fn what(text: &str) -> &'static str {
    if text.is_empty() {
        return "nothing";
    }
    if text.starts_with(['{', '[']) {
        return "JSON";
    }
    match root(text).as_deref() {
        Some("html") => "a web page (HTML)",
        Some("feed") => "an Atom feed",
        Some("opml") => "a list of feeds (OPML)",
        Some("urlset" | "sitemapindex") => "a sitemap",
        Some(_) => "another kind of document",
        None => "plain text or binary data",
    }
}

/// The name of the first element, lower case; declarations and comments before it are passed over.
fn root(text: &str) -> Option<String> {
    let mut rest = text.trim_start();
    for _ in 0..50 {
        if rest
            .get(..9)
            .is_some_and(|s| s.eq_ignore_ascii_case("<!doctype"))
            && rest
                .get(9..30)
                .is_some_and(|s| s.to_ascii_lowercase().contains("html"))
        {
            return Some("html".to_owned());
        }
        let end = if rest.starts_with("<!--") {
            rest.find("-->")? + 3
        } else if rest.starts_with("<?") || rest.starts_with("<!") {
            rest.find('>')? + 1
        } else {
            break;
        };
        rest = rest[end..].trim_start();
    }
    let name: String = rest
        .strip_prefix('<')?
        .chars()
        .take_while(|c| c.is_ascii_alphanumeric() || *c == ':')
        .take(40)
        .collect();
    (!name.is_empty()).then(|| name.to_ascii_lowercase())
}

//! JSON Feed 1.0 and 1.1, read for what can be used: an id may be a number, an author a list or one, and
//! an item that is no object is none.

use serde_json::Value;

use super::content::{Content, Entry, Format, MAX_ENTRIES, Words};
use crate::source::feed::date;

/// At most so many tags are kept.
const MAX_TAGS: usize = 50;

/// Reads a document; `None` where it is no JSON Feed.
pub(super) fn read(text: &str) -> Option<Content> {
    let (feed, is_salvaged) = match serde_json::from_str::<Value>(text) {
        Ok(feed) => (feed, false),
        Err(error) if error.is_eof() => (cut(text)?, true),
        Err(_) => return None,
    };
    let version = feed.get("version").and_then(Value::as_str);
    let is_feed = version.is_some_and(|v| v.contains("jsonfeed.org"));
    let items = feed.get("items").and_then(Value::as_array);
    if !is_feed && (items.is_none() || feed.get("title").is_none()) {
        return None;
    }
    Some(Content {
        format: Format::Json,
        title: stated(&feed, "title").map(Words::guessed),
        site: stated(&feed, "home_page_url"),
        entries: items
            .into_iter()
            .flatten()
            .filter(|item| item.is_object())
            .take(MAX_ENTRIES)
            .map(entry)
            .collect(),
        ttl_min: None,
        is_salvaged,
    })
}

/// What a document that ends too early says up to its last whole item.
fn cut(text: &str) -> Option<Value> {
    // Where each item ended: the brace that leads back to the depth of the list.
    let (mut depth, mut in_text, mut escaped) = (0_u32, false, false);
    let mut last = None;
    for (i, b) in text.bytes().enumerate() {
        match b {
            _ if escaped => escaped = false,
            b'\\' if in_text => escaped = true,
            b'"' => in_text = !in_text,
            _ if in_text => {}
            b'{' | b'[' => depth += 1,
            b'}' | b']' => {
                depth = depth.saturating_sub(1);
                if depth == 2 && b == b'}' {
                    last = Some(i);
                }
            }
            _ => {}
        }
    }
    let whole = [text.get(..=last?)?, "]}"].concat();
    serde_json::from_str(&whole).ok()
}

fn entry(item: &Value) -> Entry {
    let date = |key: &str| item.get(key)?.as_str().and_then(date::read);
    let html = stated(item, "content_html").map(Words::Html);
    Entry {
        id: stated(item, "id"),
        title: stated(item, "title").map(Words::guessed),
        link: stated(item, "url")
            .or_else(|| stated(item, "external_url"))
            .or_else(|| {
                stated(item, "id").filter(|i| i.starts_with("http://") || i.starts_with("https://"))
            }),
        base: None,
        published: date("date_published"),
        updated: date("date_modified"),
        author: author(item),
        summary: stated(item, "summary").map(Words::Plain),
        content: html.or_else(|| stated(item, "content_text").map(Words::Plain)),
        tags: tags(item),
    }
}

fn stated(of: &Value, key: &str) -> Option<String> {
    let text = match of.get(key)? {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    (!text.is_empty()).then_some(text)
}

fn author(item: &Value) -> Option<String> {
    let first = item.get("authors").and_then(|a| a.get(0));
    let one = first.or_else(|| item.get("author"))?;
    stated(one, "name").or_else(|| one.as_str().map(ToOwned::to_owned))
}

fn tags(item: &Value) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    let tags = item.get("tags").and_then(Value::as_array);
    for tag in tags.into_iter().flatten().filter_map(Value::as_str) {
        let tag = tag.trim();
        if !tag.is_empty() && all.len() < MAX_TAGS && !all.iter().any(|t| t == tag) {
            all.push(tag.to_owned());
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    const FEED: &str = r#"{"version":"https://jsonfeed.org/version/1.1","title":"T","home_page_url":"https://a.org/",
      "items":[{"id":1,"url":"https://a.org/1","title":"<b> & co","content_text":"a < b","date_published":"2026-11-22T06:00:00+01:00",
      "authors":[{"name":"Ann"}],"tags":["x","x","y"]},"odd",{"id":"https://a.org/2","content_html":"<p>\"}]"}]}"#;

    #[test]
    fn items_are_read_and_odd_ones_passed_over() {
        let feed = read(FEED).unwrap();
        assert_eq!(feed.entries.len(), 2);
        let first = &feed.entries[0];
        assert_eq!(first.id.as_deref(), Some("1"));
        assert_eq!(first.title, Some(Words::Plain("<b> & co".into())));
        assert_eq!(first.author.as_deref(), Some("Ann"));
        assert_eq!(first.tags, ["x", "y"]);
        assert_eq!(
            first.published.map(|t| t.to_rfc3339()).as_deref(),
            Some("2026-11-22T05:00:00.000Z")
        );
        assert_eq!(feed.entries[1].link.as_deref(), Some("https://a.org/2"));
        assert!(!feed.is_salvaged);
    }

    #[test]
    fn a_document_cut_anywhere_keeps_its_whole_items() {
        let mut most = 0;
        for end in 0..FEED.len() {
            let Some(cut) = FEED.get(..end) else {
                continue;
            };
            let entries = read(cut).map_or(0, |feed| feed.entries.len());
            assert!(entries >= most, "{cut}");
            most = entries;
        }
        assert_eq!(most, 2);
    }

    #[test]
    fn other_json_is_no_feed() {
        for text in ["{}", "[]", "{\"items\":[]}", "{\"a\":", "1", "{]", "[{[{"] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}

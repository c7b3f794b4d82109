//! Feeds against a server on loopback, and documents real sites might send.

use tokio_util::sync::CancellationToken;
use wiremock::matchers::{header, method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::*;
use crate::http::{Http, HttpOptions};
use crate::model::{Body, Identity, Memory, Page, RunNote, Time};

#[derive(Default)]
struct Kept(Vec<Page>);

#[async_trait]
impl Pages for Kept {
    async fn page(&mut self, page: Page) -> Result<(), Fault> {
        self.0.push(page);
        Ok(())
    }
}

fn now() -> Time {
    Time::parse_rfc3339("2026-11-22T06:00:00Z").unwrap()
}

async fn run(url: &str, memory: Memory, now: Time) -> Result<Page, Fault> {
    let http = Http::new(HttpOptions::default()).unwrap();
    let feed = Feed::new(FeedConfig {
        id: SourceId::new("thehackernews"),
        name: "The Hacker News".into(),
        url: url.to_owned(),
        allow_private: true,
        full_text: false,
    });
    let fetch = Fetch {
        http: &http,
        now,
        memory,
        fresh: false,
        cancel: CancellationToken::new(),
    };
    let mut kept = Kept::default();
    feed.collect(fetch, &mut kept).await?;
    Ok(kept.0.remove(0))
}

fn read(text: &str) -> FeedDocument {
    read_feed(
        &SourceId::new("f"),
        "https://a.org/feed",
        None,
        text.as_bytes(),
        false,
    )
    .unwrap()
}

const RSS: &str = r#"
  <?xml version="1.0"?><rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"
   xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>T</title><link>https://a.org/</link><description/>
  <item><title>Newer &amp;amp; better</title><link>/2</link><guid>same</guid><pubDate>Sun, 22 Nov 2026 06:00 GMT</pubDate>
   <description>short</description><content:encoded><![CDATA[<p>long</p>]]></content:encoded><dc:creator>Ann</dc:creator></item>
  <item><guid isPermaLink="true">https://a.org/1</guid><pubDate>Sat, 21 Nov 2026 06:00:00 GMT</pubDate></item>
  <item><guid>same</guid><title>Old</title><pubDate>Fri, 20 Nov 2026 06:00:00 GMT</pubDate></item>
  <item><category>nothing to read</category></item>
  </channel></rss>"#;

#[test]
fn entries_come_oldest_first_and_an_empty_one_is_a_problem() {
    let document = read(RSS);
    assert_eq!(document.problems.len(), 1);
    assert_eq!(document.problems[0].subject, "item 4");
    let titles: Vec<Option<&str>> = document.drafts.iter().map(|d| d.title.as_deref()).collect();
    assert_eq!(titles, [Some("Old"), None, Some("Newer &amp; better")]);
    let newest = &document.drafts[2];
    assert_eq!(newest.body, Body::Html("<p>long</p>".into()));
    assert_eq!(newest.facts.issued_by.as_deref(), Some("Ann"));
    assert_eq!(newest.base.as_deref(), Some("https://a.org/"));
    assert!(matches!(
        &newest.identity,
        Identity::Feed {
            guid_repeats: true,
            ..
        }
    ));
    assert_eq!(document.drafts[1].link.as_deref(), Some("https://a.org/1"));
}

#[test]
fn what_is_no_feed_says_what_it_is() {
    for (text, came) in [
        ("<!DOCTYPE html><html><body>x", "a web page (HTML)"),
        ("<html>", "a web page (HTML)"),
        ("{\"a\":1}", "JSON"),
        ("<?xml version='1.0'?><opml/>", "a list of feeds (OPML)"),
        ("<urlset></urlset>", "a sitemap"),
        ("", "nothing"),
        ("hello", "plain text or binary data"),
    ] {
        let url = "https://a.org/f?key=tocsin-test-secret";
        let source = SourceId::new("f");
        let fault = read_feed(&source, url, None, text.as_bytes(), false).unwrap_err();
        assert_eq!(fault.code, "feed_not_a_feed", "{text}");
        assert_eq!(fault.params["came"], came, "{text}");
        assert!(!fault.message.contains("tocsin-test-secret"));
    }
}

#[test]
fn broken_feeds_are_salvaged_and_say_so() {
    let cut = RSS.split("<item><guid>same").next().unwrap();
    for (text, entries, is_salvaged) in [
        (RSS, 3, false),
        (cut, 2, true),
        ("<rss><channel><item><title>a</rss>", 1, true),
        (
            "<rss><channel><item><title>&nosuch; &nbsp; \u{b} < b</title></item></channel></rss>",
            1,
            true,
        ),
        ("<item><title>no feed around it</title></item>", 1, false),
        (
            "<feed><entry><x:y/><title>a</title></entry></feed>",
            1,
            false,
        ),
    ] {
        let document = read(text);
        assert_eq!(document.drafts.len(), entries, "{text}");
        assert_eq!(document.is_salvaged, is_salvaged, "{text}");
    }
}

#[test]
fn a_feed_without_entries_is_fine() {
    let empty =
        "<rss version='2.0'><channel><title>T</title><link>x</link><description/></channel></rss>";
    assert!(read(empty).drafts.is_empty());
}

#[tokio::test]
async fn validators_bring_a_304_and_are_dropped_after_eight_days() {
    let server = MockServer::start().await;
    Mock::given(header("if-none-match", "\"1\""))
        .respond_with(ResponseTemplate::new(304))
        .with_priority(1)
        .mount(&server)
        .await;
    Mock::given(method("GET"))
        .respond_with(
            ResponseTemplate::new(200)
                .insert_header("etag", "\"1\"")
                .set_body_string(RSS),
        )
        .mount(&server)
        .await;
    let first = run(&server.uri(), Memory::default(), now()).await.unwrap();
    assert_eq!(first.drafts.len(), 3);
    let again = run(&server.uri(), first.memory.clone(), now().plus_s(3600))
        .await
        .unwrap();
    assert!(again.drafts.is_empty());
    assert_eq!(again.memory, first.memory);
    let late = run(&server.uri(), first.memory, now().plus_s(9 * 86_400))
        .await
        .unwrap();
    assert_eq!(late.drafts.len(), 3);
}

#[tokio::test]
async fn a_permanent_move_is_reported_once_and_followed() {
    let server = MockServer::start().await;
    Mock::given(path("/old"))
        .respond_with(ResponseTemplate::new(301).insert_header("location", "/new"))
        .expect(1)
        .mount(&server)
        .await;
    Mock::given(path("/new"))
        .respond_with(ResponseTemplate::new(200).set_body_string(RSS))
        .expect(2)
        .mount(&server)
        .await;
    let url = format!("{}/old", server.uri());
    let first = run(&url, Memory::default(), now()).await.unwrap();
    let to = format!("{}/new", server.uri());
    assert_eq!(first.notes, [RunNote::Moved { to }]);
    let second = run(&url, first.memory, now()).await.unwrap();
    assert_eq!(second.notes, []);
}

#[tokio::test]
async fn a_feed_that_is_gone_says_so() {
    let server = MockServer::start().await;
    Mock::given(method("GET"))
        .respond_with(ResponseTemplate::new(410))
        .mount(&server)
        .await;
    let fault = run(&server.uri(), Memory::default(), now())
        .await
        .unwrap_err();
    assert_eq!(fault.code, "feed_gone");
}

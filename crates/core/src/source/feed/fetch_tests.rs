//! What a run makes of answers that are no plain feed, of articles, and of sites.

use tokio_util::sync::CancellationToken;
use wiremock::matchers::{method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::*;
use crate::http::{Http, HttpOptions};
use crate::model::{Body, Memory, Page, RunNote, Time};

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

async fn run(url: &str, memory: Memory, full_text: bool) -> Result<Page, Fault> {
    let http = Http::new(HttpOptions::default()).unwrap();
    let feed = Feed::new(FeedConfig {
        id: SourceId::new("f"),
        name: "F".into(),
        url: url.to_owned(),
        allow_private: true,
        full_text,
    });
    let fetch = Fetch {
        http: &http,
        now: now(),
        memory,
        fresh: false,
        cancel: CancellationToken::new(),
    };
    let mut kept = Kept::default();
    feed.collect(fetch, &mut kept).await?;
    Ok(kept.0.remove(0))
}

async fn serve(server: &MockServer, at: &str, status: u16, kind: &str, body: &str) {
    Mock::given(method("GET"))
        .and(path(at))
        .respond_with(ResponseTemplate::new(status).set_body_raw(body, kind))
        .mount(server)
        .await;
}

fn rss(items: &[(&str, &str)]) -> String {
    let items: String = items
        .iter()
        .map(|(link, text)| {
            format!("<item><title>{link}</title><link>{link}</link><description>{text}</description><pubDate>Sun, 22 Nov 2026 06:00:00 GMT</pubDate></item>")
        })
        .collect();
    format!(
        "<rss version='2.0'><channel><title>T</title><link>/</link><ttl>45</ttl>{items}</channel></rss>"
    )
}

fn article(words: &str) -> String {
    let text = format!("{words} ").repeat(40);
    format!(
        "<html><body><nav>menu</nav><article><p>{text}</p><p>{text}</p></article></body></html>"
    )
}

const HTML: &str = "text/html; charset=utf-8";
const XML: &str = "application/xml";

#[tokio::test]
async fn a_page_instead_of_a_feed_names_the_feed_in_it() {
    let server = MockServer::start().await;
    let page =
        "<html><head><link rel=alternate type='application/rss+xml' href='/feed'></head></html>";
    serve(&server, "/", 200, HTML, page).await;
    serve(&server, "/none", 200, HTML, "<html><body>x</body></html>").await;
    let fault = run(&server.uri(), Memory::default(), false)
        .await
        .unwrap_err();
    assert_eq!(fault.code, "feed_is_a_page");
    assert_eq!(fault.params["feed"], format!("{}/feed", server.uri()));
    let none = format!("{}/none", server.uri());
    let fault = run(&none, Memory::default(), false).await.unwrap_err();
    assert_eq!(fault.code, "feed_not_a_feed");
}

#[tokio::test]
async fn a_feed_says_how_often_to_come_and_when_it_is_empty_or_broken() {
    let server = MockServer::start().await;
    let answer = ResponseTemplate::new(200)
        .insert_header("cache-control", "public, max-age=\"600\"")
        .set_body_raw(rss(&[("/1", "x"), ("/2", "y")]), XML);
    Mock::given(path("/feed"))
        .respond_with(answer)
        .mount(&server)
        .await;
    serve(&server, "/empty", 200, XML, &rss(&[])).await;
    serve(&server, "/cut", 200, XML, "<rss><channel><item><title>a").await;
    let at = |place: &str| format!("{}{place}", server.uri());

    let page = run(&at("/feed"), Memory::default(), false).await.unwrap();
    let rhythm = page.rhythm.unwrap();
    assert_eq!(
        (rhythm.ttl_min, rhythm.cache_max_age_s),
        (Some(45), Some(600))
    );
    assert_eq!(rhythm.entry_times, [now(), now()]);
    assert_eq!(page.notes, []);
    let page = run(&at("/empty"), Memory::default(), false).await.unwrap();
    assert_eq!((page.notes, page.drafts.len()), (vec![RunNote::Empty], 0));
    let page = run(&at("/cut"), Memory::default(), false).await.unwrap();
    assert_eq!(
        (page.notes, page.drafts.len()),
        (vec![RunNote::Salvaged], 1)
    );
}

#[tokio::test]
async fn a_feed_that_moved_and_came_back_is_found_where_it_was() {
    let server = MockServer::start().await;
    Mock::given(path("/old"))
        .respond_with(ResponseTemplate::new(301).insert_header("location", "/new"))
        .up_to_n_times(1)
        .mount(&server)
        .await;
    serve(&server, "/old", 200, XML, &rss(&[("/1", "back")])).await;
    Mock::given(path("/new"))
        .respond_with(ResponseTemplate::new(200).set_body_raw(rss(&[("/1", "x")]), XML))
        .up_to_n_times(1)
        .mount(&server)
        .await;
    serve(&server, "/new", 404, XML, "").await;
    let url = format!("{}/old", server.uri());
    let first = run(&url, Memory::default(), false).await.unwrap();
    assert_eq!(first.notes.len(), 1);
    let second = run(&url, first.memory, false).await.unwrap();
    assert_eq!(second.drafts[0].body, Body::Html("back".into()));
    let third = run(&url, second.memory, false).await.unwrap();
    assert_eq!(third.drafts.len(), 1);
}

#[tokio::test]
async fn articles_are_read_once_and_a_failure_keeps_the_feeds_own_text() {
    let server = MockServer::start().await;
    let feed = rss(&[("/a", "short a"), ("/b", "short b"), ("/c", "short c")]);
    Mock::given(path("/feed"))
        .respond_with(ResponseTemplate::new(200).set_body_raw(feed, XML))
        .up_to_n_times(2)
        .mount(&server)
        .await;
    let changed = rss(&[("/a", "short a"), ("/b", "other b")]);
    serve(&server, "/feed", 200, XML, &changed).await;
    for (place, times, answer) in [
        (
            "/a",
            1,
            ResponseTemplate::new(200).set_body_raw(article("of a"), HTML),
        ),
        ("/b", 2, ResponseTemplate::new(503)),
        (
            "/c",
            1,
            ResponseTemplate::new(200).set_body_raw("%PDF-1.4", "application/pdf"),
        ),
    ] {
        Mock::given(path(place))
            .respond_with(answer)
            .expect(times)
            .mount(&server)
            .await;
    }
    let url = format!("{}/feed", server.uri());
    let first = run(&url, Memory::default(), true).await.unwrap();
    let body = |page: &Page, title: &str| {
        let mut drafts = page.drafts.iter();
        let draft = drafts.find(|d| d.title.as_deref() == Some(title)).unwrap();
        draft.body.clone()
    };
    assert!(matches!(body(&first, "/a"), Body::Text(t) if t.starts_with("of a of a")));
    assert_eq!(body(&first, "/b"), Body::Html("short b".into()));
    assert_eq!(body(&first, "/c"), Body::Html("short c".into()));
    // What has not changed is not handed over again with its short text.
    let second = run(&url, first.memory, true).await.unwrap();
    assert_eq!(second.drafts.len(), 0);
    assert_eq!(second.notes, []);
    // What has changed is, and is asked for again.
    let third = run(&url, second.memory, true).await.unwrap();
    assert_eq!(third.drafts.len(), 1);
    assert_eq!(body(&third, "/b"), Body::Html("other b".into()));
    // Switched off, nothing goes back to its short text.
    let fourth = run(&url, third.memory, false).await.unwrap();
    assert_eq!(fourth.drafts.len(), 0);
}

async fn find(address: &str, allow_private: bool) -> Result<Vec<Found>, Fault> {
    let http = Http::new(HttpOptions::default()).unwrap();
    discover(
        &http,
        address,
        allow_private,
        now(),
        &CancellationToken::new(),
    )
    .await
}

#[tokio::test]
async fn the_feeds_of_a_site_are_found() {
    let server = MockServer::start().await;
    let atom = "<feed xmlns='http://www.w3.org/2005/Atom'><title>A</title></feed>";
    serve(&server, "/feed.xml", 200, XML, &rss(&[("/1", "x")])).await;
    serve(&server, "/named", 200, XML, atom).await;
    serve(&server, "/broken", 500, XML, "").await;
    let named = "<html><head><link rel=alternate type='application/rss+xml' href='broken'>
        <link rel=alternate type='application/atom+xml' href='named'></head><body></body></html>";
    serve(&server, "/", 200, HTML, named).await;
    serve(&server, "/anchor", 200, HTML, "<a href='/named'>RSS</a>").await;
    serve(&server, "/bare", 200, HTML, "<html><body>x</body></html>").await;
    let at = |place: &str| format!("{}{place}", server.uri());

    // The feed itself, what a page names, what it links to, the usual places; with or without a scheme.
    let bare_address = at("/feed.xml").trim_start_matches("http://").to_owned();
    for (address, url, entries) in [
        (at("/feed.xml"), at("/feed.xml"), 1),
        (at("/"), at("/named"), 0),
        (at("/anchor"), at("/named"), 0),
        (at("/bare"), at("/feed.xml"), 1),
        (bare_address, at("/feed.xml"), 1),
    ] {
        let found = find(&address, true).await.unwrap();
        assert_eq!(found.len(), 1, "{address}");
        assert_eq!(found[0].url, url);
        assert_eq!(found[0].content.entries.len(), entries);
    }
    assert_eq!(
        find(&at("/"), false).await.unwrap_err().code,
        "address_refused"
    );
    assert_eq!(find("ftp://a.org", true).await.unwrap_err().code, "bad_url");
    let empty = MockServer::start().await;
    serve(&empty, "/", 200, HTML, "<html></html>").await;
    assert_eq!(
        find(&empty.uri(), true).await.unwrap_err().code,
        "feed_not_found"
    );
}

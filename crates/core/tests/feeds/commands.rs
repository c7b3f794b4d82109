//! Finding feeds, and lists of them, by the commands that an interface calls.

use serde_json::{Value, json};
use tocsin_core::model::SourceId;
use tocsin_core::settings::SourceKind;
use wiremock::matchers::path;
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::common::{Home, call, fixtures};

const FEED: &str = "<rss version='2.0'><channel><title>A &amp;amp; b</title><link>/</link>
  <item><title>Old</title><link>/1</link><pubDate>Fri, 20 Nov 2026 06:00:00 GMT</pubDate></item>
  <item><description>&lt;p&gt;No title</description><link>/2?utm_source=x</link><pubDate>Sun, 22 Nov 2026 06:00:00 GMT</pubDate></item>
  </channel></rss>";

#[tokio::test(flavor = "multi_thread")]
async fn a_feed_is_found_and_shown_before_it_is_added() {
    let server = MockServer::start().await;
    let page = "<link rel=alternate type='application/rss+xml' href='/feed'>";
    for (at, kind, body) in [("/", "text/html", page), ("/feed", "text/xml", FEED)] {
        Mock::given(path(at))
            .respond_with(ResponseTemplate::new(200).set_body_raw(body, kind))
            .mount(&server)
            .await;
    }
    let replay = fixtures();
    let home = Home::against(&replay);
    let app = home.start(false).await;
    let request = json!({ "address": server.uri(), "allow_private": true });
    let found = call(&app, "feed_discover", request.clone()).await;
    let url = format!("{}/feed", server.uri());
    let expect = json!({ "feeds": [{
        "url": url, "title": "A & b", "format": "rss", "entries": 2, "known": null,
        "site": format!("{}/", server.uri()),
        "newest": [
            { "title": "No title", "url": format!("{}/2", server.uri()), "published": "2026-11-22T06:00:00.000Z" },
            { "title": "Old", "url": format!("{}/1", server.uri()), "published": "2026-11-20T06:00:00.000Z" },
        ],
    }]});
    assert_eq!(found, expect);
    let edit = json!({ "edit": { "kind": "add_feed", "name": "Mine", "url": url, "allow_private": true } });
    call(&app, "settings_edit", edit).await;
    let found = call(&app, "feed_discover", request).await;
    assert_eq!(found["feeds"][0]["known"], "mine");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_is_taken_over_once_and_given_back() {
    let replay = fixtures();
    let home = Home::against(&replay);
    let app = home.start(false).await;
    let list = home.path().join("list.opml");
    let text = r#"<opml version="2.0"><body>
      <outline text="Security"><outline type="rss" text="Blog" xmlUrl="https://blog.example.org/feed"/>
        <outline type="rss" text="Blog again" xmlUrl="http://www.blog.example.org/feed/"/></outline>
      <outline type="rss" text="Other" xmlUrl="https://other.example.org/?a=1&amp;b=2"/>
      <outline type="rss" text="Bad" xmlUrl="file:///etc/passwd"/></body></opml>"#;
    std::fs::write(&list, text).unwrap();
    let import = json!({ "path": list });
    let done = call(&app, "opml_import", import.clone()).await;
    let counts = |done: &Value| (done["added"].clone(), done["known"].clone());
    assert_eq!(counts(&done), (json!(2), json!(1)));
    assert_eq!(done["refused"][0]["subject"], "Bad");
    let again = call(&app, "opml_import", import).await;
    assert_eq!(counts(&again), (json!(0), json!(3)));
    let in_force = app.in_force();
    let SourceKind::Feed(blog) = &in_force.settings.sources[&SourceId::new("blog")].kind else {
        panic!("no feed");
    };
    assert_eq!(blog.group.as_deref(), Some("Security"));

    let out = home.path().join("out.opml");
    let written = call(&app, "opml_export", json!({ "path": out })).await;
    let back = std::fs::read_to_string(&out).unwrap();
    assert_eq!(back.matches("xmlUrl=").count() as u64, written["feeds"]);
    assert!(back.contains("xmlUrl=\"https://other.example.org/?a=1&amp;b=2\""));
    assert!(back.contains("<outline text=\"Security\" title=\"Security\">"));

    // What is there is not replaced unasked, what is Tocsin's own never, and what is no list is said.
    let settings = home.path().join("settings.toml");
    for (name, path, overwrite, code) in [
        ("opml_export", &out, false, "file_exists"),
        ("opml_export", &settings, true, "path_is_ours"),
        ("opml_import", &settings, false, "opml_not_a_list"),
        (
            "opml_import",
            &home.path().join("none"),
            false,
            "file_not_read",
        ),
    ] {
        let request = json!({ "path": path, "overwrite": overwrite });
        let fault = app.call(name, request).await.unwrap_err();
        assert_eq!(fault.code, code);
    }
    app.stop().await;
}

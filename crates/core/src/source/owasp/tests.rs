//! OWASP's list against a server on loopback and, where `TOCSIN_CORPUS` is set, the real editions.

use tokio_util::sync::CancellationToken;
use url::Url;
use wiremock::matchers::path;
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::*;
use crate::http::{Http, HttpOptions};
use crate::model::{Draft, Identity, Memory, Page, Time};

#[derive(Default)]
struct Kept(Vec<Page>);

#[async_trait]
impl Pages for Kept {
    async fn page(&mut self, page: Page) -> Result<(), Fault> {
        self.0.push(page);
        Ok(())
    }
}

/// A list in the project's own words.
fn list(count: u32) -> String {
    let items: String = (0..=count)
        .map(|n| {
            format!(
                "<li><a href='A{n:02}_2025-Name_{n}/'>A{n:02}:2025 - Name {n}</a>: about {n}</li>"
            )
        })
        .collect();
    format!(
        "<html><h1>Top 10</h1><a href='X01_2025-Next/'>X01:2025 Next</a><a href='A01_2021-Old/'>A01 Old</a><ul>{items}</ul></html>"
    )
}

async fn run(url: &str, memory: Memory) -> Result<Page, Fault> {
    let http = Http::new(HttpOptions::default()).unwrap();
    let fetch = Fetch {
        http: &http,
        now: Time(1_800_000_000_000),
        memory,
        fresh: false,
        cancel: CancellationToken::new(),
    };
    let mut kept = Kept::default();
    let config = OwaspConfig {
        url: url.to_owned(),
        allow_private: true,
    };
    Owasp::new(config).collect(fetch, &mut kept).await?;
    Ok(kept.0.remove(0))
}

async fn serve(at: &str, body: &str) -> MockServer {
    let server = MockServer::start().await;
    Mock::given(path(at))
        .respond_with(ResponseTemplate::new(200).set_body_string(body))
        .mount(&server)
        .await;
    server
}

#[tokio::test]
async fn a_stub_is_followed_to_the_list() {
    let server = serve("/Top10/2025/", &list(10)).await;
    let stub = "<meta http-equiv='Refresh' content=\"0; URL='./2025/'\">";
    Mock::given(path("/Top10/"))
        .respond_with(ResponseTemplate::new(200).set_body_string(stub))
        .mount(&server)
        .await;
    let page = run(&format!("{}/Top10/", server.uri()), Memory::default())
        .await
        .unwrap();
    assert_eq!(page.drafts.len(), 10);
    let first = &page.drafts[9];
    assert_eq!(first.title.as_deref(), Some("OWASP Top 10: Name 1"));
    assert_eq!(first.body, crate::model::Body::Text("about 1".into()));
    assert!(
        first
            .link
            .as_ref()
            .unwrap()
            .ends_with("/Top10/2025/A01_2025-Name_1/")
    );
}

#[tokio::test]
async fn a_list_with_fewer_than_ten_entries_is_a_fault() {
    let server = serve("/Top10/2025/", &list(9)).await;
    let fault = run(&format!("{}/Top10/2025/", server.uri()), Memory::default())
        .await
        .unwrap_err();
    assert_eq!(
        (fault.code.as_str(), fault.params["count"].as_str()),
        ("owasp_incomplete", "9")
    );
}

#[tokio::test]
async fn stubs_that_point_in_a_circle_end() {
    let server = serve("/a", "<meta http-equiv=refresh content='0;url=/a'>").await;
    let fault = run(&format!("{}/a", server.uri()), Memory::default())
        .await
        .unwrap_err();
    assert_eq!(fault.code, "too_many_redirects");
}

#[test]
fn headings_and_other_markup_are_read_too() {
    let html: String = (1..=10)
        .map(|n| format!("<h3 class=x>A{n:02} &ndash; 2017 | Flaw {n} ¶</h3><p>About {n}.</p>"))
        .collect();
    let url = Url::parse("https://example.org/list").unwrap();
    let drafts = read_list(&SourceId::new("owasp"), &url, &html).unwrap();
    assert_eq!(drafts[9].title.as_deref(), Some("OWASP Top 10: Flaw 10"));
    assert!(
        matches!(&drafts[9].identity, Identity::Owasp { edition, code, .. } if edition == "2017" && code == "A10")
    );
}

#[test]
fn hostile_pages_are_incomplete_and_never_a_panic() {
    let url = Url::parse("https://example.org/").unwrap();
    for html in [
        "",
        "<a href=",
        "A",
        "<a href='A1é'>A0é</a>",
        "<h1>A10</h1><h2>A1",
        "<a href='javascript:A01_2025'>A01:2025 x</a>",
    ] {
        assert!(read_list(&SourceId::new("owasp"), &url, html).is_err());
    }
}

#[test]
fn the_real_editions_give_the_expected_lists() {
    let Some(root) = std::env::var_os("TOCSIN_CORPUS") else {
        eprintln!("skipped: TOCSIN_CORPUS is not set");
        return;
    };
    let root = std::path::Path::new(&root).join("owasp");
    let expected: serde_json::Value =
        serde_json::from_slice(&std::fs::read(root.join("expected-lists.json")).unwrap()).unwrap();
    let mut checked = 0;
    for (name, entries) in expected["lists"].as_object().unwrap() {
        let Some(edition) = name.strip_prefix("top10-") else {
            continue;
        };
        let html =
            std::fs::read_to_string(root.join("Top10").join(edition).join("index.html")).unwrap();
        let url = Url::parse(&format!("https://owasp.org/Top10/{edition}/")).unwrap();
        let drafts = read_list(&SourceId::new("owasp"), &url, &html).unwrap();
        let got: Vec<_> = drafts.iter().map(entry).collect();
        let want: Vec<_> = entries
            .as_array()
            .unwrap()
            .iter()
            .map(|e| ["code", "year", "title", "url"].map(|k| e[k].as_str().unwrap().to_owned()))
            .collect();
        assert_eq!(got, want);
        checked += 1;
    }
    assert!(checked >= 2);
}

fn entry(draft: &Draft) -> [String; 4] {
    let owasp = draft.facts.owasp.clone().unwrap();
    [
        owasp.code,
        owasp.edition,
        draft
            .title
            .as_deref()
            .and_then(|t| t.strip_prefix("OWASP Top 10: "))
            .unwrap()
            .to_owned(),
        draft.link.clone().unwrap(),
    ]
}

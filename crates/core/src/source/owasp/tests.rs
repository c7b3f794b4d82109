//! OWASP's lists against a server on loopback.

use url::Url;
use wiremock::matchers::{header, method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::adapter::{Edition, entries};
use super::*;
use crate::model::{Body, Enrichment, Memory, Page, RunNote};
use crate::source::tests_support::run;

/// A list in the project's own words: A00 and an older edition's entries among it.
fn list(count: u32) -> String {
    let items: String = (0..=count)
        .map(|n| {
            format!(
                "<li><a href='A{n:02}_2025-Name_{n}/'>A{n:02}:2025 - Name {n}</a>: about {n}</li>"
            )
        })
        .collect();
    format!(
        "<html><link rel=alternate hreflang='./es/' href=x><h1>Top 10</h1><a href='X01_2025-Next/'>X01:2025 Next</a><a href='A01_2021-Old/'>A01 Old</a><ul>{items}</ul></html>"
    )
}

fn entry_page(n: u32) -> String {
    format!(
        "<article><h1>A{n:02}:2025 Name {n}</h1><h2>Description</h2><p>Flaw {n}.</p><h2>List of Mapped CWEs</h2><p>CWE-{n}</p></article>"
    )
}

struct Site(MockServer);

impl Site {
    async fn start() -> Self {
        Self(MockServer::start().await)
    }

    /// A whole edition: the list and the pages of its entries.
    async fn edition() -> Self {
        let site = Self::start().await;
        site.put("/Top10/2025/", &list(10)).await;
        for n in 1..=10 {
            let at = format!("/Top10/2025/A{n:02}_2025-Name_{n}/");
            site.put(&at, &entry_page(n)).await;
        }
        site
    }

    async fn put(&self, at: &str, body: &str) {
        let tag = format!("\"{}\"", body.len());
        Mock::given(path(at))
            .and(header("if-none-match", tag.as_str()))
            .respond_with(ResponseTemplate::new(304))
            .with_priority(2)
            .mount(&self.0)
            .await;
        Mock::given(method("GET"))
            .and(path(at))
            .respond_with(
                ResponseTemplate::new(200)
                    .insert_header("etag", tag.as_str())
                    .set_body_string(body),
            )
            .with_priority(3)
            .mount(&self.0)
            .await;
    }

    /// Another document at the same place.
    async fn put_anew(&self, at: &str, body: &str) {
        Mock::given(path(at))
            .respond_with(ResponseTemplate::new(200).set_body_string(body))
            .with_priority(1)
            .mount(&self.0)
            .await;
    }

    async fn run(&self, at: &str, editions: &[&str], memory: Memory) -> Ran {
        let source = Owasp::new(OwaspConfig {
            id: SourceId::new("owasp"),
            list: OwaspList::Top10,
            url: format!("{}{at}", self.0.uri()),
            editions: editions.iter().map(|e| (*e).to_owned()).collect(),
            allow_private: true,
        });
        let (pages, ended) = run(&source, memory, false).await;
        Ran { pages, ended }
    }
}

struct Ran {
    pages: Vec<Page>,
    ended: Result<(), Fault>,
}

impl Ran {
    fn page(&self) -> &Page {
        assert_eq!(self.ended, Ok(()));
        &self.pages[0]
    }

    /// Entry, text and address of each draft, A01 first.
    fn drafts(&self) -> Vec<(String, String)> {
        let drafts = self.page().drafts.iter().rev();
        drafts
            .map(|d| {
                let code = d.facts.owasp.as_ref().unwrap().code.clone();
                let Body::Html(html) = &d.body else { panic!() };
                (code, html.clone())
            })
            .collect()
    }
}

#[tokio::test]
async fn a_list_is_read_with_the_page_of_each_entry() {
    let site = Site::edition().await;
    let ran = site.run("/Top10/2025/", &["2025"], Memory::default()).await;
    let drafts = ran.drafts();
    assert_eq!(drafts.len(), 10);
    assert!(drafts[0].1.starts_with("<p>Description</p><p>Flaw 1.</p>"));
    assert!(drafts[0].1.contains("CC BY-SA 4.0"));
    let first = &ran.page().drafts[9];
    assert_eq!(first.title.as_deref(), Some("OWASP Top 10: Name 1"));
    assert_eq!(first.facts.cwes, ["CWE-1"]);
    let link = first.link.as_ref().unwrap();
    assert!(link.ends_with("/Top10/2025/A01_2025-Name_1/"), "{link}");
    let [Enrichment::OwaspMap { edition, cwes, .. }] = &ran.page().enrichments[..] else {
        panic!("{:?}", ran.page().enrichments)
    };
    assert_eq!((edition.as_str(), cwes.len()), ("2025", 10));
    assert!(cwes.contains(&("CWE-7".to_owned(), "A07".to_owned())));
}

#[tokio::test]
async fn what_did_not_change_is_not_read_again_and_the_map_stays_whole() {
    let site = Site::edition().await;
    let first = site.run("/Top10/2025/", &["2025"], Memory::default()).await;
    let again = site
        .run("/Top10/2025/", &["2025"], first.page().memory.clone())
        .await;
    assert_eq!(again.drafts(), []);
    assert_eq!(again.page().notes, [RunNote::NotModified]);
    assert_eq!(again.page().enrichments, first.page().enrichments);
    // A name that changed has its page read again.
    let renamed = list(10).replace("Name 3<", "Better name 3<");
    site.put_anew("/Top10/2025/", &renamed).await;
    let again = site
        .run("/Top10/2025/", &["2025"], again.page().memory.clone())
        .await;
    let codes: Vec<String> = again.drafts().into_iter().map(|(code, _)| code).collect();
    assert_eq!(codes, ["A03"]);
}

#[tokio::test]
async fn a_page_that_cannot_be_read_leaves_what_was_known() {
    let site = Site::edition().await;
    let first = site.run("/Top10/2025/", &["2025"], Memory::default()).await;
    let memory = first.page().memory.clone();
    Mock::given(path("/Top10/2025/A05_2025-Name_5/"))
        .respond_with(ResponseTemplate::new(500))
        .with_priority(1)
        .mount(&site.0)
        .await;
    let broken = "/Top10/2025/A06_2025-Name_6/";
    Mock::given(path(broken))
        .respond_with(ResponseTemplate::new(200).set_body_string("<article>moved on</article>"))
        .with_priority(1)
        .mount(&site.0)
        .await;
    // Known before: nothing is said of them, and the map is as it was.
    let again = site.run("/Top10/2025/", &["2025"], memory).await;
    assert_eq!(again.drafts(), []);
    assert_eq!(again.page().enrichments, first.page().enrichments);
    let codes = |page: &Page| -> Vec<String> {
        let problems = page.problems.iter();
        problems
            .map(|p| format!("{} {}", p.subject, p.fault.code))
            .collect()
    };
    let expect = ["A05:2025 http_status", "A06:2025 owasp_page_unreadable"];
    assert_eq!(codes(again.page()), expect);
    // Never known: they have the words of the list, and a map with holes is none.
    let fresh = site.run("/Top10/2025/", &["2025"], Memory::default()).await;
    assert_eq!(fresh.drafts().len(), 10);
    assert!(fresh.drafts()[4].1.starts_with("<p>about 5</p>"));
    assert_eq!(fresh.page().enrichments, []);
}

#[tokio::test]
async fn stubs_are_followed_and_end_where_they_point_in_a_circle() {
    let site = Site::edition().await;
    site.put(
        "/Top10/",
        "<meta http-equiv='Refresh' content=\"0; URL='./en/'\">",
    )
    .await;
    site.put(
        "/Top10/en/",
        "<meta http-equiv=refresh content='0; url=/Top10/2025/'>",
    )
    .await;
    let ran = site.run("/Top10/", &["2025"], Memory::default()).await;
    assert_eq!(ran.drafts().len(), 10);
    site.put("/a", "<meta http-equiv=refresh content='0;url=/a'>")
        .await;
    let ran = site.run("/a", &["2025"], Memory::default()).await;
    assert_eq!(ran.ended.unwrap_err().code, "too_many_redirects");
}

#[tokio::test]
async fn a_list_with_fewer_than_ten_entries_is_a_fault_and_stops_no_other_edition() {
    let site = Site::edition().await;
    let old = list(9).replace("2025", "2021");
    site.put("/Top10/2021/", &old).await;
    let ran = site
        .run("/Top10/2025/", &["2021", "2025"], Memory::default())
        .await;
    let fault = ran.ended.unwrap_err();
    let said = ["count", "edition"].map(|key| fault.params[key].as_str());
    assert_eq!(
        (fault.code.as_str(), said),
        ("owasp_incomplete", ["9", "2021"])
    );
    assert_eq!(ran.pages.len(), 1);
    assert_eq!(ran.pages[0].drafts.len(), 10);
}

#[tokio::test]
async fn the_older_project_page_knows_where_the_list_is() {
    let site = Site::edition().await;
    let project = "<a href='/www-pdf-archive/Top10-2024.pdf'>PDF</a><a href='https://elsewhere.example/Top10/2024/'>x</a><a href='/Top10/new/2024/'>Top Ten 2024</a>";
    site.put("/www-project-top-ten/", project).await;
    let moved = list(10).replace("2025", "2024");
    site.put("/Top10/new/2024/", &moved).await;
    let ran = site.run("/Top10/2025/", &["2024"], Memory::default()).await;
    let list_url = format!("{}/Top10/new/2024/", site.0.uri());
    assert_eq!(ran.page().notes, [RunNote::Mirror { url: list_url }]);
    assert_eq!(ran.drafts().len(), 10);
    // None of its pages is there: it has the words of the list, and no weaknesses.
    assert_eq!(ran.page().problems.len(), 10);
    assert!(ran.drafts()[1].1.starts_with("<p>about 2</p>"));
    let ran = site.run("/Top10/2025/", &["2003"], Memory::default()).await;
    assert_eq!(ran.ended.unwrap_err().code, "http_status");
}

#[test]
fn headings_and_other_markup_are_read_too() {
    let html: String = (1..=10)
        .map(|n| format!("<h3 class=x>A{n:02} &ndash; 2017 | Flaw {n} ¶</h3><p>About {n}.</p>"))
        .collect();
    let url = Url::parse("https://example.org/list").unwrap();
    let edition = Edition {
        list: OwaspList::Top10,
        year: "2017",
    };
    let found = entries(edition, &url, &html).unwrap();
    assert_eq!(
        (found[9].name.as_str(), found[9].code.as_str()),
        ("Flaw 10", "A10")
    );
    assert_eq!(found[9].text, "About 10.");
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
        "<a href='//[::1'>A01:2025 x</a>",
    ] {
        let edition = Edition {
            list: OwaspList::Top10,
            year: "2025",
        };
        assert!(entries(edition, &url, html).is_err());
    }
}

#[test]
fn an_address_differs_by_its_year() {
    for (url, expect) in [
        (
            "https://owasp.org/Top10/2025/",
            "https://owasp.org/Top10/2021/",
        ),
        (
            "https://x.example:2025/editions/2023/en/0x11-t10/",
            "https://x.example:2025/editions/2021/en/0x11-t10/",
        ),
        ("https://owasp.org/Top10/", "https://owasp.org/Top10/"),
        ("no address", "no address"),
    ] {
        assert_eq!(address(url, "2021"), expect);
    }
}

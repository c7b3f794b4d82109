//! The catalogue against a server on loopback and, where `TOCSIN_CORPUS` is set, the real ones.

use serde_json::{Value, json};
use wiremock::matchers::{header, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::*;
use crate::model::{Enrichment, Kev, Memory, Page, RunNote, Time};
use crate::source::tests_support::run;

fn entry(id: &str, extra: Value) -> Value {
    let mut entry = json!({
        "cveID": id, "vendorProject": "Acme", "product": "Router", "vulnerabilityName": "Acme Router flaw",
        "dateAdded": "2026-06-01", "shortDescription": "x", "requiredAction": "Apply updates.",
        "dueDate": "2026-06-22", "knownRansomwareCampaignUse": "Unknown", "notes": "", "cwes": ["CWE-78"],
    });
    for (key, value) in extra.as_object().unwrap() {
        entry[key] = value.clone();
    }
    entry
}

fn catalogue(released: &str, entries: &[Value]) -> String {
    json!({
        "title": "CISA", "catalogVersion": "2026.06.01", "dateReleased": released,
        "count": entries.len(), "vulnerabilities": entries,
    })
    .to_string()
}

fn many(count: u32) -> Vec<Value> {
    (0..count)
        .map(|n| entry(&format!("CVE-2026-{:04}", 1000 + n), json!({})))
        .collect()
}

const RELEASED: &str = "2026-06-01T15:00:04.2241Z";

struct Site(MockServer);

impl Site {
    async fn start() -> Self {
        Self(MockServer::start().await)
    }

    /// What is put later at a place is what is there.
    async fn put(&self, at: &str, status: u16, body: &str) {
        self.0.reset().await;
        self.add(at, status, body).await;
    }

    async fn add(&self, at: &str, status: u16, body: &str) {
        Mock::given(path(at))
            .and(header("if-none-match", "\"1\""))
            .respond_with(ResponseTemplate::new(304))
            .mount(&self.0)
            .await;
        Mock::given(path(at))
            .respond_with(
                ResponseTemplate::new(status)
                    .insert_header("etag", "\"1\"")
                    .set_body_string(body),
            )
            .mount(&self.0)
            .await;
    }

    async fn run(&self, memory: Memory) -> Result<Page, Fault> {
        let source = KevCatalogue::new(KevConfig {
            url: format!("{}/kev.json", self.0.uri()),
            mirror: format!("{}/mirror.json", self.0.uri()),
            allow_private: true,
        });
        let (mut pages, ended) = run(&source, memory, false).await;
        ended.map(|()| pages.remove(0))
    }
}

fn listed(page: &Page) -> (&[(String, Kev)], bool) {
    match &page.enrichments[..] {
        [
            Enrichment::Kev {
                entries,
                is_complete,
            },
        ] => (entries, *is_complete),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_catalogue_is_read_and_not_read_again() {
    let site = Site::start().await;
    let known = json!({ "knownRansomwareCampaignUse": "Known", "requiredAction": " Do\n it. " });
    let body = catalogue(RELEASED, &[entry("cve-2026-1000", known)]);
    site.put("/kev.json", 200, &body).await;
    let page = site.run(Memory::default()).await.unwrap();
    let day = |text: &str| Some(Time::parse_rfc3339(text).unwrap());
    let expect = Kev {
        added: day("2026-06-01T00:00:00Z"),
        due: day("2026-06-22T00:00:00Z"),
        name: Some("Acme Router flaw".into()),
        action: Some("Do it.".into()),
        ransomware: true,
    };
    assert_eq!(
        listed(&page),
        (&[("CVE-2026-1000".into(), expect)][..], true)
    );
    let again = site.run(page.memory.clone()).await.unwrap();
    assert_eq!((again.enrichments, again.memory), (vec![], page.memory));
    assert_eq!(again.notes, [RunNote::NotModified]);
}

#[tokio::test]
async fn the_mirror_is_read_where_cisa_refuses() {
    let good = catalogue(RELEASED, &many(3));
    for (status, body) in [
        (403, "Access Denied"),
        (503, ""),
        (200, "\n<!DOCTYPE html><html>Are you a robot?"),
        (200, "{\"vulnerabilities\": ["),
        (200, "{\"vulnerabilities\": []}"),
    ] {
        let site = Site::start().await;
        site.put("/kev.json", status, body).await;
        site.add("/mirror.json", 200, &good).await;
        let page = site.run(Memory::default()).await.unwrap();
        assert_eq!(listed(&page).0.len(), 3, "{status} {body}");
        let url = format!("{}/mirror.json", site.0.uri());
        assert_eq!(page.notes, [RunNote::Mirror { url: url.clone() }]);
        // The mirror's validators are the mirror's.
        let again = site.run(page.memory).await.unwrap();
        let notes = [RunNote::Mirror { url }, RunNote::NotModified];
        assert_eq!(again.notes, notes);
    }
}

#[tokio::test]
async fn where_both_refuse_the_fault_is_that_of_cisas_address() {
    let site = Site::start().await;
    site.put("/kev.json", 403, "").await;
    site.add("/mirror.json", 500, "").await;
    let fault = site.run(Memory::default()).await.unwrap_err();
    assert_eq!(
        (fault.code.as_str(), fault.params["status"].as_str()),
        ("http_status", "403")
    );
}

#[tokio::test]
async fn an_older_mirror_takes_nothing_back() {
    let site = Site::start().await;
    site.put("/kev.json", 200, &catalogue(RELEASED, &many(3)))
        .await;
    let page = site.run(Memory::default()).await.unwrap();
    let older = catalogue("2026-05-31T00:00:00Z", &many(2));
    site.put("/kev.json", 403, "").await;
    site.add("/mirror.json", 200, &older).await;
    let again = site.run(page.memory.clone()).await.unwrap();
    assert_eq!((again.enrichments, again.memory), (vec![], page.memory));
}

#[tokio::test]
async fn a_catalogue_with_gaps_takes_nothing_back() {
    let site = Site::start().await;
    site.put("/kev.json", 200, &catalogue(RELEASED, &many(100)))
        .await;
    let page = site.run(Memory::default()).await.unwrap();
    assert!(listed(&page).1);
    let few = Some(RunNote::FewEntries);
    let mut nameless = many(100);
    nameless[7]["cveID"] = json!(["CVE-2026-1007"]);
    let mut fewer: Value = serde_json::from_str(&catalogue(RELEASED, &many(95))).unwrap();
    fewer["count"] = "100".into();
    for (body, note, problems) in [
        // Single entries are taken back.
        (catalogue(RELEASED, &many(95)), None, 0),
        (catalogue(RELEASED, &many(89)), few.clone(), 0),
        (fewer.to_string(), few.clone(), 0),
        (catalogue(RELEASED, &nameless), few.clone(), 1),
    ] {
        site.0.reset().await;
        Mock::given(path("/kev.json"))
            .respond_with(ResponseTemplate::new(200).set_body_string(body))
            .mount(&site.0)
            .await;
        let again = site.run(page.memory.clone()).await.unwrap();
        assert_eq!(listed(&again).1, note.is_none());
        assert_eq!(again.notes, note.into_iter().collect::<Vec<_>>());
        assert_eq!(again.problems.len(), problems);
    }
}

#[tokio::test]
async fn hostile_documents_are_a_fault_or_an_entry_with_less() {
    let site = Site::start().await;
    for body in [
        "",
        "null",
        "[]",
        "7",
        "{}",
        "{\"vulnerabilities\":{}}",
        "\u{0}",
    ] {
        site.put("/kev.json", 200, body).await;
        let fault = site.run(Memory::default()).await.unwrap_err();
        assert_eq!(fault.code, "kev_unreadable", "{body:?}");
    }
    let odd = json!({ "dateAdded": "soon", "dueDate": 7, "vulnerabilityName": null, "requiredAction": "", "knownRansomwareCampaignUse": {} });
    let body = format!(
        "\u{feff}{}",
        catalogue(
            "?",
            &[
                entry("CVE-2026-1000", odd),
                entry("CVE-2026-1000", json!({}))
            ]
        )
    );
    site.put("/kev.json", 200, &body).await;
    let page = site.run(Memory::default()).await.unwrap();
    let nothing = Kev {
        added: None,
        due: None,
        name: None,
        action: None,
        ransomware: false,
    };
    assert_eq!(listed(&page).0, [("CVE-2026-1000".to_owned(), nothing)]);
}

#[test]
fn the_real_catalogues_are_read_whole() {
    let Some(root) = std::env::var_os("TOCSIN_CORPUS") else {
        eprintln!("skipped: TOCSIN_CORPUS is not set");
        return;
    };
    let mut checked = 0;
    for file in std::fs::read_dir(std::path::Path::new(&root).join("kev")).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        let Ok(document) = serde_json::from_slice::<Value>(&bytes) else {
            continue;
        };
        let Some(entries) = document["vulnerabilities"].as_array() else {
            continue;
        };
        let listed = adapter::read(&bytes).unwrap();
        assert_eq!(listed.entries.len(), entries.len());
        assert_eq!(listed.problems, []);
        assert_eq!(
            u64::from(listed.stated.unwrap()),
            document["count"].as_u64().unwrap()
        );
        assert!(listed.released.is_some());
        for ((id, kev), entry) in listed.entries.iter().zip(entries) {
            assert_eq!(id, entry["cveID"].as_str().unwrap());
            assert!(kev.added.is_some() && kev.due.is_some() && kev.name.is_some());
            assert_eq!(
                kev.ransomware,
                entry["knownRansomwareCampaignUse"] == "Known"
            );
        }
        checked += 1;
    }
    assert!(checked >= 3);
}

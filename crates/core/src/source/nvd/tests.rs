//! NVD against a server on loopback, and its records, real and broken.

use std::io::Read;
use std::sync::{Arc, Mutex};

use tokio_util::sync::CancellationToken;
use wiremock::matchers::{header, method, query_param};
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate};

use super::*;
use crate::http::{Http, HttpOptions};
use crate::model::{Body, Draft, Identity, Issuer, Memory, Page, Time};

#[derive(Default)]
struct Kept {
    pages: Vec<Page>,
    /// Refuses pages from this one on.
    break_at: Option<usize>,
}

#[async_trait]
impl Pages for Kept {
    async fn page(&mut self, page: Page) -> Result<(), Fault> {
        if self.break_at.is_some_and(|n| self.pages.len() >= n) {
            return Err(Fault::new("store_failed", "full"));
        }
        self.pages.push(page);
        Ok(())
    }
}

impl Kept {
    fn ids(&self) -> Vec<String> {
        let mut ids: Vec<String> = self.pages.iter().flat_map(|p| &p.drafts).map(id).collect();
        ids.sort();
        ids.dedup();
        ids
    }

    fn memory(&self) -> Memory {
        self.pages
            .last()
            .map(|p| p.memory.clone())
            .unwrap_or_default()
    }
}

fn id(draft: &Draft) -> String {
    match &draft.identity {
        Identity::Cve(id) => id.clone(),
        other => panic!("{other:?}"),
    }
}

fn now() -> Time {
    Time::parse_rfc3339("2026-11-22T06:00:00Z").unwrap()
}

fn config(server: &MockServer) -> NvdConfig {
    NvdConfig {
        url: format!("{}/rest/json/cves/2.0", server.uri()),
        page_size: 2,
        pause_ms: Some(0),
        backoff_ms: 0,
        allow_private: true,
        ..NvdConfig::default()
    }
}

async fn run(config: NvdConfig, memory: Memory, now: Time, kept: &mut Kept) -> Result<(), Fault> {
    let http = Http::new(HttpOptions::default()).unwrap();
    let fetch = Fetch {
        http: &http,
        now,
        memory,
        fresh: false,
        cancel: CancellationToken::new(),
    };
    Nvd::new(config).collect(fetch, kept).await
}

/// NVD with `total` records, which shrink by `leave` after the first page.
struct FakeNvd {
    total: Mutex<u32>,
    leave: Mutex<u32>,
    queries: Arc<Mutex<Vec<(String, String, u32)>>>,
}

impl Respond for FakeNvd {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let of = |name: &str| {
            request
                .url
                .query_pairs()
                .find(|(k, _)| k == name)
                .map(|(_, v)| v.into_owned())
        };
        let (Some(start), Some(end)) = (of("lastModStartDate"), of("lastModEndDate")) else {
            return ResponseTemplate::new(404).insert_header("message", "both dates are required");
        };
        let index: u32 = of("startIndex").unwrap().parse().unwrap();
        self.queries.lock().unwrap().push((start, end, index));
        let mut total = self.total.lock().unwrap();
        // Those that left stood at the front: the rest moved up.
        let gone = 5_u32.saturating_sub(*total);
        let records: Vec<_> = (index..(*total).min(index + 2))
            .map(|n| serde_json::json!({"cve": {"id": format!("CVE-2026-{}", 1000 + n + gone)}}))
            .collect();
        let body = serde_json::json!({"totalResults": *total, "vulnerabilities": records});
        *total -= std::mem::take(&mut *self.leave.lock().unwrap());
        ResponseTemplate::new(200).set_body_json(body)
    }
}

async fn nvd(total: u32, leave: u32) -> (MockServer, Arc<Mutex<Vec<(String, String, u32)>>>) {
    let server = MockServer::start().await;
    let queries = Arc::new(Mutex::new(Vec::new()));
    Mock::given(method("GET"))
        .respond_with(FakeNvd {
            total: Mutex::new(total),
            leave: Mutex::new(leave),
            queries: queries.clone(),
        })
        .mount(&server)
        .await;
    (server, queries)
}

#[tokio::test]
async fn nvd_is_never_called_without_an_end_date() {
    let (server, queries) = nvd(5, 0).await;
    let mut kept = Kept::default();
    run(config(&server), Memory::default(), now(), &mut kept)
        .await
        .unwrap();
    assert_eq!(kept.ids().len(), 5);
    let later = now().plus_s(300 * 86_400);
    run(config(&server), kept.memory(), later, &mut Kept::default())
        .await
        .unwrap();
    let queries = queries.lock().unwrap();
    assert_eq!(
        queries[0],
        (
            "2026-11-15T06:00:00.000Z".into(),
            "2026-11-22T06:00:00.000Z".into(),
            0
        )
    );
    for (start, end, _) in queries.iter() {
        let (start, end) = (
            Time::parse_rfc3339(start).unwrap(),
            Time::parse_rfc3339(end).unwrap(),
        );
        assert!(end > start && end.ms() - start.ms() <= 120 * 86_400_000);
    }
    assert_eq!(queries[3].0, "2026-11-22T00:00:00.000Z", "the overlap");
}

#[tokio::test]
async fn an_interrupted_run_goes_on_where_it_stopped() {
    let (server, queries) = nvd(5, 0).await;
    let mut first = Kept {
        break_at: Some(1),
        ..Kept::default()
    };
    let fault = run(config(&server), Memory::default(), now(), &mut first)
        .await
        .unwrap_err();
    assert_eq!(fault.code, "store_failed");
    let mut second = Kept::default();
    run(
        config(&server),
        first.memory(),
        now().plus_s(60),
        &mut second,
    )
    .await
    .unwrap();
    let asked: Vec<u32> = queries.lock().unwrap().iter().map(|q| q.2).collect();
    assert_eq!(
        asked[..4],
        [0, 2, 2, 4],
        "the page that was not stored is asked for again"
    );
    second.pages.extend(first.pages);
    assert_eq!(second.ids().len(), 5);
}

#[tokio::test]
async fn records_that_leave_the_window_in_the_middle_hide_no_others() {
    let (server, _) = nvd(5, 1).await;
    let mut kept = Kept::default();
    run(config(&server), Memory::default(), now(), &mut kept)
        .await
        .unwrap();
    assert_eq!(kept.ids().len(), 5, "{:?}", kept.ids());
}

#[tokio::test]
async fn each_refusal_has_its_code_and_the_status_comes_before_the_json() {
    for (status, message, key, code) in [
        (403, "", None, "nvd_refused"),
        (403, "", Some("tocsin-test-secret"), "nvd_refused"),
        (
            404,
            "Invalid apiKey.",
            Some("tocsin-test-secret"),
            "nvd_key_refused",
        ),
        (
            404,
            "Invalid lastModStartDate parameter.",
            None,
            "nvd_bad_request",
        ),
        (404, "", None, "nvd_not_found"),
        (429, "", None, "nvd_rate_limited"),
        (503, "", None, "nvd_overloaded"),
        (520, "", None, "nvd_overloaded"),
        (200, "", None, "nvd_bad_json"),
    ] {
        let server = MockServer::start().await;
        let answer = ResponseTemplate::new(status)
            .insert_header("message", message)
            .insert_header("retry-after", "0")
            .set_body_string("error code: 1015");
        Mock::given(method("GET"))
            .respond_with(answer)
            .mount(&server)
            .await;
        let config = config(&server).with_key(key.map(Into::into));
        let fault = run(config, Memory::default(), now(), &mut Kept::default())
            .await
            .unwrap_err();
        assert_eq!(fault.code, code, "{status}");
        let asked = server.received_requests().await.unwrap().len();
        let passing = !matches!(status, 404);
        assert_eq!(asked, if passing { 3 } else { 1 }, "{status}");
    }
}

#[tokio::test]
async fn a_passing_refusal_is_survived_and_the_key_goes_in_its_header() {
    let server = MockServer::start().await;
    Mock::given(method("GET"))
        .respond_with(ResponseTemplate::new(503))
        .up_to_n_times(2)
        .with_priority(1)
        .mount(&server)
        .await;
    Mock::given(header("apikey", "tocsin-test-secret"))
        .and(query_param("startIndex", "0"))
        .respond_with(ResponseTemplate::new(200).set_body_string(r#"{"totalResults":0}"#))
        .mount(&server)
        .await;
    let config = config(&server).with_key(Some(" tocsin-test-secret ".into()));
    assert!(!format!("{config:?}").contains("tocsin-test-secret"));
    let mut kept = Kept::default();
    run(config, Memory::default(), now(), &mut kept)
        .await
        .unwrap();
    assert_eq!(
        kept.pages.len(),
        1,
        "an empty page still moves the checkpoint"
    );
    assert_ne!(kept.memory(), Memory::default());
}

#[tokio::test]
async fn a_stopped_run_ends_at_once() {
    let (server, queries) = nvd(5, 0).await;
    let http = Http::new(HttpOptions::default()).unwrap();
    let fetch = Fetch {
        http: &http,
        now: now(),
        memory: Memory::default(),
        fresh: false,
        cancel: CancellationToken::new(),
    };
    fetch.cancel.cancel();
    let fault = Nvd::new(config(&server))
        .collect(fetch, &mut Kept::default())
        .await
        .unwrap_err();
    assert_eq!(fault.code, "cancelled");
    assert!(queries.lock().unwrap().is_empty());
}

fn read(json: &str) -> NvdPage {
    read_page(&SourceId::new("nvd"), json.as_bytes()).unwrap()
}

#[test]
fn one_bad_record_is_a_problem_and_the_others_stand() {
    let page = read(
        r#"{"totalResults":4,"new":1,"vulnerabilities":[
        {"cve":{"id":"CVE-2026-1000","unknown":[1],"references":null,"vulnStatus":"Brand New"}},
        {"cve":{"id":"CVE-2026-1001","descriptions":"not a list"}},
        {"cve":7}, "x"]}"#,
    );
    assert_eq!((page.records, page.drafts.len()), (4, 1));
    let subjects: Vec<&str> = page.problems.iter().map(|p| p.subject.as_str()).collect();
    assert_eq!(subjects, ["CVE-2026-1001", "record 3", "record 4"]);
    assert_eq!(page.drafts[0].facts.status.as_deref(), Some("Brand New"));
}

#[test]
fn all_kinds_of_metrics_are_kept_and_impossible_scores_are_problems() {
    let page = read(
        r#"{"vulnerabilities":[{"cve":{"id":"CVE-2026-1000",
        "published":"2026-06-01T10:00:00.1234567","lastModified":"2026-06-01T10:00:00",
        "metrics":{
         "cvssMetricV2":[{"source":"nvd@nist.gov","type":"Primary","baseSeverity":"HIGH","cvssData":{"baseScore":7.5,"vectorString":"AV:N"}}],
         "cvssMetricV31":[{"source":"134c704f-9b21-4f2e-91b3-4a467353bcc0","type":"Secondary","cvssData":{"baseScore":9.8}},
                          {"source":"cna","cvssData":{"baseScore":11}}, {"source":"cna","cvssData":{"vectorString":"x"}}],
         "cvssMetricV99":[{"what":"ever"}],
         "ssvcV203":[{"source":"cisa","ssvcData":{"options":[{"exploitation":"Active"},{"automatable":"no"}]}}]},
        "affected":[{"source":"cna","affectedData":[{"vendor":"Acme","product":"Thing","versions":[
            {"version":"1.0","lessThan":"1.4","status":"affected"},{"version":"2","status":"unaffected"}]}]}],
        "weaknesses":[{"description":[{"lang":"en","value":"CWE-79"},{"value":"NVD-CWE-noinfo"}]}],
        "cveTags":[{"sourceIdentifier":"x","tags":["disputed"]}],
        "descriptions":[{"lang":"es","value":"hola"},{"lang":"en","value":"hello"}]}}]}"#,
    );
    let draft = &page.drafts[0];
    let issuers: Vec<Issuer> = draft.facts.scores.iter().map(|s| s.issuer).collect();
    assert_eq!(issuers, [Issuer::CisaAdp, Issuer::Nvd]);
    assert_eq!(page.problems.len(), 1);
    assert_eq!(page.problems[0].fault.code, "nvd_bad_score");
    assert_eq!(draft.facts.ssvc_exploitation.as_deref(), Some("active"));
    assert_eq!(draft.facts.cwes, ["CWE-79"]);
    assert_eq!(draft.facts.tags, ["disputed"]);
    assert_eq!(draft.facts.products[0].versions, "1.0 to before 1.4");
    assert_eq!(draft.body, Body::Text("hello".into()));
    assert_eq!(draft.facts.other_languages[0].lang, "es");
    assert_eq!(
        draft.published.unwrap().to_rfc3339(),
        "2026-06-01T10:00:00.123Z"
    );
}

#[test]
fn times_are_read_with_any_number_of_decimals() {
    for (text, expect) in [
        ("2026-01-13T18:16:07.023", Some("2026-01-13T18:16:07.023Z")),
        ("2026-01-13T18:16:07", Some("2026-01-13T18:16:07.000Z")),
        ("2026-01-13T18:16:07.5", Some("2026-01-13T18:16:07.500Z")),
        ("2026-01-13T18:16:07.0Z", Some("2026-01-13T18:16:07.000Z")),
        (
            "2026-01-13T18:16:07+01:00",
            Some("2026-01-13T17:16:07.000Z"),
        ),
        ("2026-01-13", Some("2026-01-13T00:00:00.000Z")),
        ("2026-13-13T18:16:07", None),
        ("2026-01-13T99:16:07", None),
        ("", None),
        ("é026-01-13T18:16:07", None),
    ] {
        assert_eq!(
            wire::time(text).map(Time::to_rfc3339).as_deref(),
            expect,
            "{text}"
        );
    }
}

#[test]
fn garbage_is_a_fault_and_never_a_panic() {
    let source = SourceId::new("nvd");
    for bytes in [
        &b""[..],
        b"<html>",
        b"[]",
        b"{\"vulnerabilities\":{}}",
        b"\xff\xfe",
        b"null",
    ] {
        assert_eq!(read_page(&source, bytes).unwrap_err().code, "nvd_bad_json");
    }
    assert_eq!(read("{}").records, 0);
}

/// The recorded material is read, whatever its files are called: small ones and one large one, or with
/// `TOCSIN_FULL` all of them.
#[test]
fn recorded_pages_are_read_and_every_record_gets_a_title() {
    let Some(root) = std::env::var_os("TOCSIN_CORPUS") else {
        eprintln!("skipped: TOCSIN_CORPUS is not set");
        return;
    };
    let is_full = std::env::var_os("TOCSIN_FULL").is_some();
    let mut files = Vec::new();
    walk(&std::path::Path::new(&root).join("nvd"), &mut files);
    let (mut read, mut problems, mut large) = (0, 0, 0);
    for path in files {
        let Some(bytes) = plain(&path, is_full || large == 0) else {
            continue;
        };
        // Other forms (the legacy feeds, CVE JSON 5) lie in the same folder.
        let is_api_form = bytes
            .windows(17)
            .take(4096)
            .any(|w| w == b"\"vulnerabilities\"");
        if !is_api_form {
            continue;
        }
        large += usize::from(bytes.len() > 1_000_000);
        let page = read_page(&SourceId::new("nvd"), &bytes).unwrap();
        problems += page.problems.len();
        for draft in page.drafts {
            let alert = crate::normalise::normalise(draft).unwrap();
            assert!(alert.title.chars().count() <= 100 && !alert.title.is_empty());
            read += 1;
        }
    }
    assert!(
        read > 0 && problems * 100 <= read,
        "{problems} problems in {read}"
    );
}

fn walk(folder: &std::path::Path, files: &mut Vec<std::path::PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            walk(&path, files);
        } else {
            files.push(path);
        }
    }
    files.sort();
}

/// The bytes of a file, unpacked; large ones only where they are wanted.
fn plain(path: &std::path::Path, large_too: bool) -> Option<Vec<u8>> {
    let bytes = std::fs::read(path).ok()?;
    if bytes.len() > 500_000 && !large_too {
        return None;
    }
    if !bytes.starts_with(&[0x1f, 0x8b]) {
        return Some(bytes);
    }
    let mut plain = Vec::new();
    flate2::read::GzDecoder::new(bytes.as_slice())
        .read_to_end(&mut plain)
        .ok()?;
    Some(plain)
}

//! What the web server answers, asked over real connections: NVD's API, validators, compression, faults, the clock.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::BTreeSet;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use reqwest::{Client, Response};
use serde_json::{Value, json};
use tocsin_replay::{Fault, NvdRules, Options, RateLimit, Replay, TooMany};

const NVD: &str = "/rest/json/cves/2.0";
const KEV: &str = "/sites/default/files/feeds/known_exploited_vulnerabilities.json";

fn fixtures() -> Replay {
    Replay::start(Options::default()).unwrap()
}

/// A client that asks for no compression and sees redirects. It is made once, for that is slow, and keeps no
/// connection, for each test has its own runtime.
fn client() -> &'static Client {
    static CLIENT: LazyLock<Client> = LazyLock::new(|| {
        Client::builder()
            .no_gzip()
            .no_brotli()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .pool_max_idle_per_host(0)
            .timeout(Duration::from_secs(20))
            .build()
            .unwrap()
    });
    &CLIENT
}

async fn get(replay: &Replay, path: &str) -> Response {
    client().get(replay.url(path)).send().await.unwrap()
}

async fn nvd(replay: &Replay, query: &[(&str, &str)]) -> Response {
    let request = client().get(replay.url(NVD)).query(query);
    request.send().await.unwrap()
}

async fn json_of(response: Response) -> Value {
    assert_eq!(response.status(), 200);
    serde_json::from_slice(&response.bytes().await.unwrap()).unwrap()
}

fn header<'a>(response: &'a Response, name: &str) -> &'a str {
    let value = response.headers().get(name);
    value.map_or("", |value| value.to_str().unwrap())
}

fn stamp(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Millis, true)
}

fn ids(page: &Value) -> Vec<String> {
    let items = page["vulnerabilities"].as_array();
    let ids = items.into_iter().flatten().map(|item| &item["cve"]["id"]);
    ids.map(|id| id.as_str().unwrap().to_owned()).collect()
}

/// All ids that a query finds, page by page, each once.
async fn all_ids(replay: &Replay, page_size: usize, window: &[(&str, &str)]) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut start = 0;
    loop {
        let (index, size) = (start.to_string(), page_size.to_string());
        let mut query = vec![
            ("startIndex", index.as_str()),
            ("resultsPerPage", size.as_str()),
        ];
        query.extend_from_slice(window);
        let page = json_of(nvd(replay, &query).await).await;
        let total = usize::try_from(page["totalResults"].as_u64().unwrap()).unwrap();
        for id in ids(&page) {
            assert!(found.insert(id.clone()), "{id} came twice");
        }
        start += page_size;
        if start >= total {
            assert_eq!(found.len(), total);
            return found;
        }
    }
}

#[tokio::test]
async fn pages_of_any_size_over_any_split_into_windows_give_the_same_set() {
    let replay = fixtures();
    let everything = all_ids(&replay, 2000, &[]).await;
    assert_eq!(everything.len(), replay.summary().cves);
    let end = replay.now();
    for (names, span_days) in [
        (["lastModStartDate", "lastModEndDate"], 120),
        (["pubStartDate", "pubEndDate"], 120),
    ] {
        for (page_size, parts) in [(1, 1), (2, 3), (5, 7), (2000, 13)] {
            let mut found = BTreeSet::new();
            let step = TimeDelta::days(span_days) / parts;
            for part in 0..parts {
                // Both ends belong to a window, so neighbours are a millisecond apart.
                let from = end - step * (part + 1) + TimeDelta::milliseconds(1);
                let (from, to) = (stamp(from), stamp(end - step * part));
                let window = [(names[0], from.as_str()), (names[1], to.as_str())];
                let page = all_ids(&replay, page_size, &window).await;
                let before = found.len();
                let size = page.len();
                found.extend(page);
                assert_eq!(found.len(), before + size, "windows overlap");
            }
            assert_eq!(found, everything, "{page_size} a page, {parts} windows");
        }
    }
}

#[tokio::test]
async fn records_come_by_publication_and_stay_in_that_order() {
    let replay = fixtures();
    let page = json_of(nvd(&replay, &[]).await).await;
    assert_eq!(page["format"], "NVD_CVE");
    assert_eq!(page["version"], "2.0");
    let items = page["vulnerabilities"].as_array().unwrap();
    let published = items.iter().map(|item| item["cve"]["published"].as_str());
    assert!(published.is_sorted());
    let again = json_of(nvd(&replay, &[]).await).await;
    assert_eq!(ids(&page), ids(&again));
}

#[tokio::test]
async fn refuses_as_nvd_does_with_the_reason_in_a_header() {
    let replay = fixtures();
    let now = replay.now();
    let start = stamp(now - TimeDelta::days(121));
    let end = stamp(now);
    let check = async |query: &[(&str, &str)], reason: &str| {
        let response = nvd(&replay, query).await;
        assert_eq!(response.status(), 404, "{query:?}");
        let message = header(&response, "message").to_owned();
        assert!(message.contains(reason), "{query:?}: {message}");
        assert!(response.bytes().await.unwrap().is_empty());
    };
    fn both<'a>(start: &'a str, end: &'a str) -> [(&'static str, &'a str); 2] {
        [("lastModStartDate", start), ("lastModEndDate", end)]
    }
    check(&both(&start, &end), "120").await;
    check(&[("pubStartDate", &start), ("pubEndDate", &end)], "120").await;
    check(&both(&end, &start), "after").await;
    check(&both("yesterday", &end), "ISO 8601").await;
    check(&[("lastModStartDate", &end)], "required").await;
    check(&[("pubEndDate", &end)], "required").await;
    check(&[("resultsPerPage", "2001")], "resultsPerPage").await;
    check(&[("startIndex", "-1")], "startIndex").await;
    check(&[("cveId", "CVE-1")], "cveId").await;
    check(&[("lastModStart", &end)], "lastModStart").await;
    check(&[("apiKey", "x")], "Invalid parameter: apiKey").await;

    let unencoded = format!(
        "{NVD}?lastModStartDate=2026-06-24T00:00:00.000+01:00&lastModEndDate=2026-06-25T00:00:00.000%2B01:00"
    );
    let response = get(&replay, &unencoded).await;
    assert_eq!(response.status(), 404);
    assert!(header(&response, "message").contains("ISO 8601"));
    let encoded = unencoded.replace('+', "%2B");
    assert_eq!(get(&replay, &encoded).await.status(), 200);
    let exactly = stamp(now - TimeDelta::days(120));
    assert_eq!(nvd(&replay, &both(&exactly, &end)).await.status(), 200);
}

#[tokio::test]
async fn finds_one_cve_and_says_so_when_there_is_none() {
    let replay = fixtures();
    let known = ids(&json_of(nvd(&replay, &[]).await).await).remove(0);
    let page = json_of(nvd(&replay, &[("cveId", &known)]).await).await;
    assert_eq!(ids(&page), [known]);
    let page = json_of(nvd(&replay, &[("cveId", "CVE-1999-99999")]).await).await;
    assert_eq!(page["totalResults"], 0);
    assert_eq!(page.get("vulnerabilities"), None);
    let past = json_of(nvd(&replay, &[("startIndex", "100000")]).await).await;
    assert_eq!(past["vulnerabilities"], json!([]));
}

#[tokio::test]
async fn leaves_out_rejected_records_only_when_asked_to() {
    let replay = fixtures();
    let all = all_ids(&replay, 2000, &[]).await;
    let url = replay.url(&format!("{NVD}?noRejected"));
    let page = json_of(client().get(url).send().await.unwrap()).await;
    let kept: BTreeSet<String> = ids(&page).into_iter().collect();
    assert_eq!(kept.len() + 1, all.len());
    assert!(kept.is_subset(&all));
}

#[tokio::test]
async fn knows_its_keys_and_limits_requests_in_a_window() {
    let within_a_minute = |requests| {
        let window = Duration::from_secs(60);
        Some(RateLimit { requests, window })
    };
    let rules = |too_many| NvdRules {
        keys: vec!["right".to_owned()],
        limit: within_a_minute(2),
        limit_with_key: within_a_minute(3),
        too_many,
    };
    for (too_many, status) in [(TooMany::Forbidden, 403), (TooMany::TooManyRequests, 429)] {
        let replay = Replay::start(Options {
            nvd: rules(too_many),
            ..Options::default()
        });
        let replay = replay.unwrap();
        let ask = async |key: Option<&str>| {
            let mut request = client().get(replay.url(NVD));
            if let Some(key) = key {
                request = request.header("apiKey", key);
            }
            request.send().await.unwrap()
        };
        let wrong = ask(Some("wrong")).await;
        assert_eq!(wrong.status(), 404);
        assert_eq!(header(&wrong, "message"), "Invalid apiKey.");
        for _ in 0..2 {
            assert_eq!(ask(None).await.status(), 200);
        }
        let refused = ask(None).await;
        assert_eq!(refused.status(), status);
        if status == 429 {
            assert_eq!(header(&refused, "retry-after"), "0");
            assert!(header(&refused, "content-type").starts_with("text/plain"));
        }
        for _ in 0..3 {
            let answer = ask(Some("right")).await;
            assert_eq!(answer.status(), 200);
            assert_eq!(header(&answer, "apikey"), "Yes");
        }
        assert_eq!(ask(Some("right")).await.status(), status);
        let recorded = replay.requests();
        assert!(recorded.iter().any(|r| r.header("apikey") == Some("***")));
        assert!(!format!("{recorded:?}").contains("right"));
    }
}

#[tokio::test]
async fn a_record_changes_as_the_clock_passes_its_versions() {
    let replay = fixtures();
    let record = |status: &str, modified: DateTime<Utc>| {
        json!({
            "id": "CVE-2026-95001",
            "published": "2026-06-29T00:00:00.000",
            "lastModified": modified.format("%Y-%m-%dT%H:%M:%S%.3f").to_string(),
            "vulnStatus": status,
            "descriptions": [],
        })
    };
    let status = async || {
        let page = json_of(nvd(&replay, &[("cveId", "CVE-2026-95001")]).await).await;
        let found = &page["vulnerabilities"][0]["cve"]["vulnStatus"];
        found.as_str().map(str::to_owned)
    };
    let now = replay.now();
    replay
        .put_nvd(&record("Received", now - TimeDelta::hours(1)))
        .unwrap();
    replay
        .put_nvd(&record("Analyzed", now + TimeDelta::hours(1)))
        .unwrap();
    assert_eq!(status().await.as_deref(), Some("Received"));
    replay.advance(Duration::from_secs(3601));
    assert_eq!(status().await.as_deref(), Some("Analyzed"));
    assert!(replay.put_nvd(&json!({"id": "CVE-2026-95002"})).is_err());
}

#[tokio::test]
async fn an_earlier_start_replays_history() {
    let newest = fixtures().now();
    let replay = Replay::start(Options {
        start: Some(newest - TimeDelta::days(4)),
        ..Options::default()
    });
    let replay = replay.unwrap();
    let before = replay.summary().cves;
    let then = json_of(nvd(&replay, &[]).await).await;
    replay.advance(Duration::from_secs(4 * 24 * 3600));
    let now = json_of(nvd(&replay, &[]).await).await;
    assert!(replay.summary().cves > before);
    let versions = |page: &Value| -> BTreeSet<(String, String)> {
        let items = page["vulnerabilities"].as_array().unwrap();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let pair = |item: &Value| (text(&item["cve"]["id"]), text(&item["cve"]["lastModified"]));
        items.iter().map(pair).collect()
    };
    let (then, now) = (versions(&then), versions(&now));
    let changed = |(id, modified): &&(String, String)| {
        now.iter()
            .any(|(other, later)| other == id && later > modified)
    };
    assert!(then.iter().filter(changed).count() > 0);
}

#[tokio::test]
async fn answers_304_to_what_the_client_has_and_compresses_on_request() {
    let replay = fixtures();
    let decoding = Client::builder().no_proxy().build().unwrap();
    for path in [
        KEV,
        "/cisagov/kev-data/develop/known_exploited_vulnerabilities.json",
        "/epss_scores-current.csv.gz",
        "/Top10/2025/",
        "/TheHackersNews",
    ] {
        let first = get(&replay, path).await;
        assert_eq!(first.status(), 200, "{path}");
        let (etag, modified) = (header(&first, "etag"), header(&first, "last-modified"));
        assert!(
            etag.starts_with('"') && modified.ends_with(" GMT"),
            "{path}"
        );
        for (name, value) in [("if-none-match", etag), ("if-modified-since", modified)] {
            let request = client().get(replay.url(path)).header(name, value);
            let again = request.send().await.unwrap();
            assert_eq!(again.status(), 304, "{path} {name}");
            assert_eq!(header(&again, "etag"), etag);
        }
        let request = client()
            .get(replay.url(path))
            .header("if-none-match", "\"other\"");
        assert_eq!(request.send().await.unwrap().status(), 200, "{path}");

        let plain = first.bytes().await.unwrap();
        let packed = client()
            .get(replay.url(path))
            .header("accept-encoding", "gzip");
        let packed = packed.send().await.unwrap();
        let is_gzip = header(&packed, "content-encoding") == "gzip";
        assert_eq!(is_gzip, !path.ends_with(".gz"), "{path}");
        let decoded = decoding.get(replay.url(path)).send().await.unwrap();
        assert_eq!(decoded.bytes().await.unwrap(), plain, "{path}");
    }
}

#[tokio::test]
async fn head_gives_the_headers_of_get_without_its_body() {
    let replay = fixtures();
    for path in [NVD, KEV, "/Top10/2025/", "/TheHackersNews", "/nothing"] {
        let get = get(&replay, path).await;
        let head = client().head(replay.url(path)).send().await.unwrap();
        assert_eq!(head.status(), get.status(), "{path}");
        assert_eq!(header(&head, "content-type"), header(&get, "content-type"));
        assert!(!header(&head, "content-length").is_empty(), "{path}");
        assert!(head.bytes().await.unwrap().is_empty(), "{path}");
    }
    let posted = client().post(replay.url(KEV)).send().await.unwrap();
    assert_eq!(posted.status(), 405);
}

#[tokio::test]
async fn serves_owasp_as_a_static_host_does() {
    let replay = fixtures();
    let index = get(&replay, "/Top10/2025/").await;
    assert!(header(&index, "content-type").starts_with("text/html"));
    let text = index.text().await.unwrap();
    for number in 1..=10 {
        assert!(text.contains(&format!("A{number:02}:2025")));
    }
    let pages = replay.paths("/Top10/2025/A");
    assert_eq!(pages.len(), 10);
    for page in &pages {
        assert_eq!(get(&replay, page).await.status(), 200, "{page}");
        let folder = page.strip_suffix("/index.html").unwrap();
        let moved = get(&replay, folder).await;
        assert_eq!(moved.status(), 301);
        assert_eq!(header(&moved, "location"), format!("{folder}/"));
    }
    for path in [
        "/Top10/none/",
        "/Top10/..%2f..%2fCargo.toml",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/Top10//",
        "/",
    ] {
        assert_eq!(get(&replay, path).await.status(), 404, "{path}");
    }
}

#[tokio::test]
async fn the_epss_api_agrees_with_the_file() {
    let replay = fixtures();
    let known = ids(&json_of(nvd(&replay, &[]).await).await);
    let asked = format!("/data/v1/epss?cve={},{},CVE-1999-99999", known[0], known[1]);
    let answer = json_of(get(&replay, &asked).await).await;
    assert_eq!(answer["total"], 2);
    assert_eq!(answer["data"][0]["cve"], known[0].as_str());
    assert!(answer["data"][0]["epss"].is_string());
    let all = json_of(get(&replay, "/data/v1/epss?limit=3&offset=1").await).await;
    assert_eq!(all["data"].as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn faults_replace_delay_cut_and_drip_until_they_are_cleared() {
    let replay = fixtures();
    let whole = get(&replay, "/TheHackersNews").await.bytes().await.unwrap();

    let fault = Fault::at("/The").status(503).header("retry-after", "120");
    replay.set_fault(fault.body("busy").times(1));
    let refused = get(&replay, "/TheHackersNews").await;
    assert_eq!(refused.status(), 503);
    assert_eq!(header(&refused, "retry-after"), "120");
    assert_eq!(refused.text().await.unwrap(), "busy");
    assert_eq!(get(&replay, "/TheHackersNews").await.status(), 200);

    replay.set_fault(Fault::at("/The").delay_ms(300));
    let begun = Instant::now();
    assert_eq!(get(&replay, "/TheHackersNews").await.status(), 200);
    assert!(begun.elapsed() >= Duration::from_millis(300));

    replay.set_fault(Fault::at("/The").cut_after_bytes(100));
    let mut cut = get(&replay, "/TheHackersNews").await;
    assert_eq!(cut.status(), 200);
    assert_eq!(cut.content_length(), Some(whole.len() as u64));
    let mut received = Vec::new();
    let ended = loop {
        match cut.chunk().await {
            Ok(Some(chunk)) => received.extend_from_slice(&chunk),
            other => break other,
        }
    };
    assert!(ended.is_err());
    assert_eq!(received, whole[..100]);

    let fault = Fault {
        drip_chunk_bytes: Some(whole.len() / 4 + 1),
        ..Fault::at("/The").drip_ms_per_chunk(50)
    };
    replay.set_fault(fault);
    let begun = Instant::now();
    let dripped = get(&replay, "/TheHackersNews").await;
    assert_eq!(dripped.bytes().await.unwrap(), whole);
    assert!(begun.elapsed() >= Duration::from_millis(200));

    replay.clear_faults();
    assert_eq!(
        get(&replay, "/TheHackersNews").await.bytes().await.unwrap(),
        whole
    );
}

#[tokio::test]
async fn the_control_paths_do_what_the_library_does() {
    let replay = fixtures();
    let at = |path: &str| replay.url(path);
    let now = async || -> DateTime<Utc> {
        let clock = json_of(get(&replay, "/_replay/clock").await).await;
        clock["now"].as_str().unwrap().parse().unwrap()
    };
    let before = now().await;
    let advance = client()
        .post(at("/_replay/clock"))
        .json(&json!({"advance_s": 3600}));
    assert_eq!(advance.send().await.unwrap().status(), 200);
    assert!(now().await - before >= TimeDelta::hours(1));

    let fault = json!({"path": "/Top10", "status": 410, "times": 2});
    let set = client().post(at("/_replay/faults")).json(&fault);
    assert_eq!(set.send().await.unwrap().status(), 204);
    assert_eq!(get(&replay, "/Top10/2025/").await.status(), 410);
    let cleared = client().delete(at("/_replay/faults")).send().await.unwrap();
    assert_eq!(cleared.status(), 204);
    assert_eq!(get(&replay, "/Top10/2025/").await.status(), 200);
    let unknown = client()
        .post(at("/_replay/faults"))
        .json(&json!({"pth": "/"}));
    assert_eq!(unknown.send().await.unwrap().status(), 400);

    let requests = json_of(get(&replay, "/_replay/requests").await).await;
    assert_eq!(requests.as_array().unwrap().len(), 2);
    assert_eq!(requests[0]["path"], "/Top10/2025/");
    assert_eq!(replay.requests().len(), 2);
    let mail = json_of(get(&replay, "/_replay/mail").await).await;
    assert_eq!(mail, json!([]));
    assert_eq!(get(&replay, "/_replay/other").await.status(), 404);
}

#[tokio::test]
async fn a_test_may_put_a_page_where_none_or_another_was() {
    let replay = fixtures();
    let old = get(&replay, "/TheHackersNews").await;
    let tag = header(&old, "etag").to_owned();
    replay.put_page("/TheHackersNews", "application/rss+xml", "<rss/>");
    replay.put_page("/feeds/mine.xml", "application/xml", vec![b'x'; 10]);
    let request = client()
        .get(replay.url("/TheHackersNews"))
        .header("if-none-match", tag);
    let new = request.send().await.unwrap();
    assert_eq!(new.status(), 200);
    assert_eq!(new.text().await.unwrap(), "<rss/>");
    assert!(
        replay
            .paths("/feeds/")
            .contains(&"/feeds/mine.xml".to_owned())
    );
    assert_eq!(get(&replay, "/feeds/mine.xml").await.status(), 200);
}

#[test]
fn works_without_a_runtime_and_frees_its_port_when_dropped() {
    let replay = fixtures();
    let (web, mail) = (replay.address(), replay.smtp().address());
    drop(replay);
    for address in [web, mail] {
        assert!(std::net::TcpListener::bind(address).is_ok());
    }
}

//! NVD's API, asked over real connections: windows, paging, refusals, keys and limits, versions over time.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use std::collections::BTreeSet;
use std::time::Duration;

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use reqwest::Response;
use serde_json::{Value, json};
use tocsin_replay::{NvdRules, Options, RateLimit, Replay, TooMany};

use common::{NVD, client, fixtures, get, header, ids, json_of};

async fn nvd(replay: &Replay, query: &[(&str, &str)]) -> Response {
    let request = client().get(replay.url(NVD)).query(query);
    request.send().await.unwrap()
}

fn stamp(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Millis, true)
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
        keys: vec!["tocsin-test-secret-right".to_owned()],
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
        let wrong = ask(Some("tocsin-test-secret-wrong")).await;
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
            let answer = ask(Some("tocsin-test-secret-right")).await;
            assert_eq!(answer.status(), 200);
            assert_eq!(header(&answer, "apikey"), "Yes");
        }
        assert_eq!(ask(Some("tocsin-test-secret-right")).await.status(), status);
        let recorded = replay.requests();
        assert!(recorded.iter().any(|r| r.header("apikey") == Some("***")));
        assert!(!format!("{recorded:?}").contains("tocsin-test-secret-right"));
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

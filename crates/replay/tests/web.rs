//! What the web server answers, asked over real connections: documents, validators, compression, faults, control.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use reqwest::Client;
use serde_json::json;
use tocsin_replay::Fault;

use common::{NVD, client, fixtures, get, header, ids, json_of};

const KEV: &str = "/sites/default/files/feeds/known_exploited_vulnerabilities.json";

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
    let known = ids(&json_of(get(&replay, NVD).await).await);
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

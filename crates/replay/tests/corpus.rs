//! A replay of the recorded corpus, where `TOCSIN_CORPUS` names one. Nothing here knows a file's name or a count.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use chrono::{SecondsFormat, TimeDelta};
use reqwest::Client;
use serde_json::Value;
use tocsin_replay::{Options, Replay};

fn start() -> Option<(Replay, PathBuf)> {
    let Some(root) = std::env::var_os("TOCSIN_CORPUS").map(PathBuf::from) else {
        eprintln!("skipped: TOCSIN_CORPUS is not set");
        return None;
    };
    let begun = Instant::now();
    let replay = Replay::start(Options {
        corpus: Some(root.clone()),
        ..Options::default()
    });
    let replay = replay.unwrap();
    eprintln!("{:?} in {:?}", replay.summary(), begun.elapsed());
    Some((replay, root))
}

fn client() -> Client {
    let builder = Client::builder()
        .no_proxy()
        .timeout(Duration::from_secs(60));
    builder.build().unwrap()
}

async fn json_of(client: &Client, url: String, query: &[(&str, &str)]) -> Value {
    let response = client.get(url).query(query).send().await.unwrap();
    assert_eq!(response.status(), 200);
    serde_json::from_slice(&response.bytes().await.unwrap()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_week_has_records_and_every_page_of_it_can_be_read() {
    let Some((replay, _)) = start() else { return };
    let now = replay.now();
    let stamp = |time: chrono::DateTime<_>| time.to_rfc3339_opts(SecondsFormat::Millis, true);
    let (from, to) = (stamp(now - TimeDelta::days(7)), stamp(now));
    let client = client();
    let mut read = 0;
    loop {
        let start = read.to_string();
        let query = [
            ("lastModStartDate", from.as_str()),
            ("lastModEndDate", to.as_str()),
            ("startIndex", start.as_str()),
        ];
        let page = json_of(&client, replay.url("/rest/json/cves/2.0"), &query).await;
        let total = usize::try_from(page["totalResults"].as_u64().unwrap()).unwrap();
        assert!(total > 0);
        let items = page["vulnerabilities"].as_array().unwrap();
        assert!(!items.is_empty());
        read += items.len();
        if read >= total {
            assert_eq!(read, total);
            break;
        }
    }
    let summary = replay.summary();
    assert!(summary.cves >= read);
    let kev = "/sites/default/files/feeds/known_exploited_vulnerabilities.json";
    let kev = json_of(&client, replay.url(kev), &[]).await;
    let first = kev["vulnerabilities"][0]["cveID"].as_str().unwrap();
    let epss = json_of(&client, replay.url("/data/v1/epss"), &[("cve", first)]).await;
    assert_eq!(epss["status"], "OK");
}

/// Folders below `folder` that are named by a year and have an index.
fn editions(folder: &Path, prefix: &str, found: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if !path.is_dir() {
            continue;
        }
        let name = path.file_name().unwrap().to_str().unwrap();
        let below = format!("{prefix}{name}/");
        let is_year = name.len() == 4 && name.bytes().all(|byte| byte.is_ascii_digit());
        if is_year && path.join("index.html").is_file() {
            found.push(below.clone());
        }
        editions(&path, &below, found);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_edition_of_owasp_and_every_feed_is_served() {
    let Some((replay, root)) = start() else {
        return;
    };
    let client = client();
    let mut found = Vec::new();
    editions(&root.join("owasp"), "/", &mut found);
    assert!(!found.is_empty());
    for path in &found {
        let response = client.get(replay.url(path)).send().await.unwrap();
        assert_eq!(response.status(), 200, "{path}");
        let kind = response.headers()["content-type"].to_str().unwrap();
        assert!(kind.starts_with("text/html"), "{path}");
    }
    let feeds = replay.paths("/feeds/");
    assert!(!feeds.is_empty());
    for path in feeds.iter().chain([&"/TheHackersNews".to_owned()]) {
        let encoded: String = path.bytes().map(encode).collect();
        let response = client.head(replay.url(&encoded)).send().await.unwrap();
        assert_eq!(response.status(), 200, "{path}");
        assert!(response.headers().contains_key("etag"), "{path}");
    }
}

fn encode(byte: u8) -> String {
    match byte {
        b'/' | b'-' | b'_' | b'.' | b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' => {
            char::from(byte).to_string()
        }
        _ => format!("%{byte:02X}"),
    }
}

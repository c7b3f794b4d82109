//! What sources say of alerts that others bring: CISA's catalogue, EPSS, OWASP's maps.

#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "../common/mod.rs"]
mod common;

mod epss;
mod kev;
mod order;
mod owasp;

use common::{Home, an_hour_passes, call, collect, detail, record, rows, soon};
use serde_json::{Value, json};
use tocsin_core::app::App;
use tocsin_replay::Replay;

const KEV: &str = "/sites/default/files/feeds/known_exploited_vulnerabilities.json";
const EPSS: &str = "/epss_scores-current.csv.gz";

/// Serves a catalogue: CVEs with the day by which they are due.
fn put_kev(replay: &Replay, entries: &[(&str, &str)]) {
    let entries: Vec<Value> = entries
        .iter()
        .map(|(id, due)| {
            json!({
                "cveID": id, "vulnerabilityName": format!("Flaw {id}"), "dateAdded": "2026-06-01",
                "requiredAction": "Apply updates.", "dueDate": due, "knownRansomwareCampaignUse": "Known",
            })
        })
        .collect();
    let released = replay.now().to_rfc3339();
    let body =
        json!({ "dateReleased": released, "count": entries.len(), "vulnerabilities": entries });
    replay.put_page(KEV, "application/json", body.to_string());
}

/// Serves a day's scores.
fn put_epss(replay: &Replay, day: &str, scores: &[(&str, &str)]) {
    let mut text = format!("#model_version:v1,score_date:{day}T12:00:00Z\ncve,epss,percentile\n");
    for (id, score) in scores {
        text.push_str(&format!("{id},{score},0.5\n"));
    }
    replay.put_page(EPSS, "application/gzip", text);
}

/// The kinds in an alert's history, oldest first.
async fn history(app: &App, uid: &str) -> Vec<String> {
    let found = detail(app, uid).await;
    let changes = found["changes"].as_array().unwrap().iter().rev();
    changes
        .map(|c| c["kind"].as_str().unwrap().to_owned())
        .collect()
}

/// Gives alerts a state.
async fn close(app: &App, uids: &[&str]) {
    for uid in uids {
        let id = detail(app, uid).await["row"]["id"].clone();
        let request = common::set_state(json!([id]), "done");
        call(app, "triage_act", request).await;
    }
}

/// The uids that a query finds, in order.
async fn found(app: &App, query: &str) -> Vec<String> {
    let rows = rows(app, "all", query).await;
    let mut uids: Vec<String> = rows
        .iter()
        .map(|row| row["uid"].as_str().unwrap().to_owned())
        .collect();
    uids.sort();
    uids
}

/// An app that has collected these records.
async fn with_records(replay: &Replay, home: &Home, records: &[(&str, Value)]) -> App {
    for (id, more) in records {
        let record = record(id, &soon(replay, 0), more.clone());
        replay.put_nvd(&record).unwrap();
    }
    let app = home.start(false).await;
    // Its clock began when the home was made, and putting many records takes a while.
    let behind = replay.now().timestamp_millis() - app.clock().now().ms();
    app.clock().advance_ms(behind.max(0));
    collect(&app, "nvd").await;
    app
}

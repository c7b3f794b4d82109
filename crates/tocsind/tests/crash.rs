//! `kill -9` in the middle of collecting and of sending: no alert is lost or stored twice, no delivery lost.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use common::{Daemon, Folder, is_full};
use serde_json::{Value, json};
use tocsin_replay::{Fault, Replay, SmtpBehaviour};

/// News that the watch "router" matches, published now.
fn news(replay: &Replay, id: &str) {
    let now = replay.now().format("%Y-%m-%dT%H:%M:%S.000").to_string();
    let record = json!({ "cve": {
        "id": id, "sourceIdentifier": "cna@example.org", "published": now, "lastModified": now,
        "vulnStatus": "Received", "references": [],
        "descriptions": [{ "lang": "en", "value": format!("Acme Router: flaw {id}.") }],
    } });
    replay.put_nvd(&record).unwrap();
}

/// Where in its work a process is killed.
#[derive(Clone, Copy)]
enum Point {
    /// When the n-th page of NVD is being read.
    Page(usize),
    /// When the message is with the mail server and the answer is not there yet.
    Sending,
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_while_collecting_and_sending_nothing_is_lost_or_doubled() {
    let rounds = if is_full() { 60 } else { 10 };
    let replay = Replay::start(tocsin_replay::Options::default()).unwrap();
    let mut folder = Folder::against(&replay);
    folder.mail_to_sink(&replay, "[sources.nvd]\npage_size = 2\n");
    folder.set("KEYWORDS", "router");

    // The first collection, killed three times on the way, then finished.
    for page in 1..=3 {
        let daemon = Daemon::start(&folder, &replay);
        kill_at(&replay, daemon, Point::Page(page)).await;
    }
    folder.collect(&replay);
    assert!(
        replay.smtp().messages().is_empty(),
        "a first collection notified"
    );

    let mut routed = Vec::new();
    for round in 0..rounds {
        replay.advance(Duration::from_secs(3 * 3600));
        let ids = [0, 1, 2].map(|n| format!("CVE-2026-{}", 95_000 + round * 3 + n));
        ids.iter().for_each(|id| news(&replay, id));
        routed.extend(ids);
        let point = if round % 2 == 0 {
            Point::Page(1 + round / 2 % 3)
        } else {
            Point::Sending
        };
        let daemon = Daemon::start(&folder, &replay);
        kill_at(&replay, daemon, point).await;
    }
    replay.clear_faults();
    replay.smtp().set_behaviour(SmtpBehaviour::default());
    replay.advance(Duration::from_secs(3 * 3600));
    folder.collect(&replay);

    common::whole(&folder.path().join("tocsin.db"));
    every_alert_once(&folder, &replay, &routed);
    every_delivery_accounted_for(&folder, &replay, &routed).await;
}

/// Kills the process at a point of its work.
async fn kill_at(replay: &Replay, mut daemon: Daemon, point: Point) {
    replay.clear_requests();
    match point {
        Point::Page(n) => {
            replay.set_fault(Fault::at("/rest/json/cves/2.0").delay_ms(40));
            replay.smtp().set_behaviour(SmtpBehaviour::default());
            daemon
                .until(|| {
                    let asked = replay.requests();
                    asked
                        .iter()
                        .filter(|r| r.path.starts_with("/rest/"))
                        .count()
                        >= n
                })
                .await;
        }
        Point::Sending => {
            replay.clear_faults();
            let before = replay.smtp().messages().len();
            // The sink takes the message and lets the answer wait, so the process dies in between.
            replay.smtp().set_behaviour(SmtpBehaviour {
                answer_delay: Duration::from_millis(500),
                ..SmtpBehaviour::default()
            });
            daemon
                .until(|| replay.smtp().messages().len() > before)
                .await;
        }
    }
    daemon.kill();
}

fn every_alert_once(folder: &Folder, replay: &Replay, routed: &[String]) {
    let stored = folder.alerts();
    let ids: Vec<&str> = stored.iter().map(|a| a["id"].as_str().unwrap()).collect();
    let unique: BTreeSet<&str> = ids.iter().copied().collect();
    assert_eq!(unique.len(), ids.len(), "an alert is stored twice");
    for id in routed {
        assert!(unique.contains(id.as_str()), "{id} is lost");
    }
    let cves = ids.iter().filter(|id| id.starts_with("CVE-")).count();
    assert!(cves > routed.len(), "{cves}");
    assert!(cves <= replay.summary().cves, "{cves}");
    assert_eq!(
        stored.iter().filter(|a| a["kind"] == "guidance").count(),
        10
    );
}

async fn every_delivery_accounted_for(folder: &Folder, replay: &Replay, routed: &[String]) {
    let daemon = Daemon::start(folder, replay);
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    let mail: Vec<String> = replay.smtp().messages().iter().map(|m| m.text()).collect();
    for id in routed {
        let times = mail.iter().filter(|m| m.contains(id.as_str())).count();
        seen.insert(id, times);
    }
    let list = json!({ "view": "all", "query": "" });
    let list = daemon.call("list_open", list).await;
    let rows = json!({ "list": list["list"], "offset": 0, "limit": 500 });
    let rows = daemon.call("list_rows", rows).await;
    let mut counted: BTreeMap<String, usize> = BTreeMap::new();
    for row in rows.as_array().unwrap() {
        let Some(times) = row["uid"].as_str().and_then(|uid| seen.get(uid)) else {
            continue;
        };
        let detail = daemon.call("alert_get", json!({ "id": row["id"] })).await;
        let deliveries: Vec<&str> = detail["deliveries"]
            .as_array()
            .unwrap()
            .iter()
            .map(|d: &Value| d["state"].as_str().unwrap())
            .collect();
        assert_eq!(deliveries.len(), 1, "{}: {deliveries:?}", row["uid"]);
        let allowed = match deliveries[0] {
            "sent" => *times == 1,
            "unknown" => *times <= 1,
            other => panic!("{}: {other}", row["uid"]),
        };
        assert!(
            allowed,
            "{}: {} and seen {times} times",
            row["uid"], deliveries[0]
        );
        *counted.entry(deliveries[0].to_owned()).or_default() += 1;
    }
    assert_eq!(counted.values().sum::<usize>(), routed.len(), "{counted:?}");
}

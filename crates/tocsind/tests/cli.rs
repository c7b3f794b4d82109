//! The command line: what it prints, and how it ends.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use std::time::Duration;

use common::{Daemon, Folder};
use serde_json::Value;
use tocsin_replay::{Fault, Options, Replay};

#[test]
fn collect_says_what_each_source_brought_and_alerts_lists_it() {
    let replay = Replay::start(Options::default()).unwrap();
    let folder = Folder::against(&replay);
    let printed = String::from_utf8(folder.collect(&replay).stdout).unwrap();
    for source in ["nvd", "owasp", "thehackernews"] {
        assert!(printed.contains(&format!("{source}: ")), "{printed}");
    }
    let now = replay.now().to_rfc3339();
    let found = folder
        .command(&now, &["alerts", "--any", "CVE-2026-90006"])
        .output()
        .unwrap();
    let text = String::from_utf8(found.stdout).unwrap();
    assert!(
        text.lines()
            .any(|l| l.contains("CVE-2026-90006") && l.contains("HIGH")),
        "{text}"
    );
    let none = folder
        .command(&now, &["alerts", "--json"])
        .output()
        .unwrap();
    assert_eq!(
        serde_json::from_slice::<Value>(&none.stdout).unwrap(),
        serde_json::json!([])
    );
}

#[test]
fn a_failing_source_is_named_the_others_are_collected_and_the_status_tells() {
    let replay = Replay::start(Options::default()).unwrap();
    replay.set_fault(Fault::at("/Top10").status(500));
    let folder = Folder::against(&replay);
    let output = folder
        .command(&replay.now().to_rfc3339(), &["collect", "--json"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    let lines: Vec<Value> = String::from_utf8(output.stdout)
        .unwrap()
        .lines()
        .map(|l| serde_json::from_str(l).unwrap())
        .collect();
    assert_eq!(lines.len(), 3);
    for line in lines {
        let failed = line["source"] == "owasp";
        assert_eq!(line["outcome"] == "failed", failed, "{line}");
        assert_eq!(line["fault"].is_object(), failed, "{line}");
    }
}

#[test]
fn without_a_database_alerts_says_what_to_do() {
    let replay = Replay::start(Options::default()).unwrap();
    let folder = Folder::against(&replay);
    let output = folder
        .command("2026-01-01T00:00:00Z", &["alerts"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("tocsind collect"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn run_serves_the_interface_and_ends_within_three_seconds() {
    let replay = Replay::start(Options::default()).unwrap();
    let folder = Folder::against(&replay);
    // A source that answers slowly is in the middle of its work when the end comes.
    replay.set_fault(Fault::at("/rest/json/cves/2.0").delay_ms(60_000));
    let daemon = Daemon::start(&folder, &replay);
    let page = reqwest::get(daemon.address()).await.unwrap();
    assert!(
        page.headers()["content-security-policy"]
            .to_str()
            .unwrap()
            .contains("default-src 'self'")
    );
    assert!(page.text().await.unwrap().contains("<title>Tocsin"));
    let second = folder
        .command(&replay.now().to_rfc3339(), &["run", "--port", "0"])
        .output()
        .unwrap();
    assert_eq!(second.status.code(), Some(2));
    assert!(
        String::from_utf8(second.stderr)
            .unwrap()
            .contains("in use by another Tocsin")
    );
    let (took, status) = daemon.terminate();
    assert!(status.success());
    assert!(took < Duration::from_secs(4), "{took:?}");
}

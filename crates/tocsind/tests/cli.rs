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
    // Without a watch only articles can be relevant: the models say so, and of nothing else.
    let relevant = folder
        .command(&now, &["alerts", "--json"])
        .output()
        .unwrap();
    let relevant: Value = serde_json::from_slice(&relevant.stdout).unwrap();
    let relevant = relevant.as_array().unwrap();
    assert!(!relevant.is_empty());
    for alert in relevant {
        assert_eq!(
            (&alert["kind"], &alert["is_relevant"]),
            (&"article".into(), &true.into())
        );
    }
}

#[test]
fn alerts_says_what_is_muted() {
    let replay = Replay::start(Options::default()).unwrap();
    let folder = Folder::against(&replay);
    let settings = std::fs::read_to_string(folder.path().join("settings.toml")).unwrap_or_default();
    let mute = "[[mutes]]\nterm = \"CVE id\"\nkind = \"regex\"\naliases = [\"[a-z]\"]\nsources = [\"nvd\"]\n";
    folder.write("settings.toml", &format!("{settings}\n{mute}"));
    folder.collect(&replay);
    let now = replay.now().to_rfc3339();
    let run = |args: &[&str]| folder.command(&now, args).output().unwrap().stdout;
    let text = String::from_utf8(run(&["alerts", "--any", "CVE-2026-90006"])).unwrap();
    assert!(text.trim_end().ends_with("(muted)"), "{text}");
    let all: Vec<Value> = serde_json::from_slice(&run(&["alerts", "--any", "--json"])).unwrap();
    for alert in &all {
        assert_eq!(alert["is_muted"], alert["source"] == "nvd", "{alert}");
    }
    assert!(all.iter().any(|alert| alert["is_muted"] == false));
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
    // NVD, KEV, EPSS, OWASP's list and two feeds.
    assert_eq!(lines.len(), 6);
    for line in lines {
        let failed = line["source"] == "owasp";
        assert_eq!(line["outcome"] == "failed", failed, "{line}");
        assert_eq!(line["fault"].is_object(), failed, "{line}");
    }
}

#[test]
fn queries_have_negations_and_options_stand_anywhere() {
    let replay = Replay::start(Options::default()).unwrap();
    let folder = Folder::against(&replay);
    folder.collect(&replay);
    let now = replay.now().to_rfc3339();
    let count = |args: &[&str]| {
        let found = json_of(&folder.command(&now, args).output().unwrap());
        found.as_array().unwrap().len()
    };
    let base = ["alerts", "--any", "--json", "--limit", "10000"];
    let all = count(&base);
    let high = count(&[&base[..], &["severity:high"]].concat());
    assert!(high > 0 && high < all);
    let rest = count(&[&base[..], &["-severity:high", "-state:closed"]].concat());
    // What NVD rejected is closed.
    let closed = count(&[&base[..], &["-severity:high", "state:closed"]].concat());
    assert_eq!((rest, closed), (all - high - 1, 1));
    let mixed = [
        "alerts",
        "-severity:high",
        "--any",
        "-state:closed",
        "--limit",
        "10000",
        "--json",
    ];
    assert_eq!(count(&mixed), rest);
    let exported = json_of(
        &folder
            .command(&now, &["export", "kind:vulnerability", "-severity:high"])
            .output()
            .unwrap(),
    );
    assert!(exported["alerts"].as_array().unwrap().len() <= rest);
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

fn json_of(output: &std::process::Output) -> Value {
    assert!(output.status.success(), "{output:?}");
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn backup_and_restore_say_what_they_did_and_overwrite_nothing() {
    let replay = Replay::start(Options::default()).unwrap();
    let folder = Folder::against(&replay);
    folder.collect(&replay);
    let now = replay.now().to_rfc3339();
    let run = |args: &[&str]| folder.command(&now, args).output().unwrap();
    let made = json_of(&run(&["backup", "mine.db", "--json"]));
    // A path is one of the folder that the command was given in.
    assert_eq!(
        made["path"],
        folder.path().join("mine.db").to_str().unwrap()
    );
    assert_eq!(made["reason"], "manual");
    let again = run(&["backup", "mine.db"]);
    assert_eq!(again.status.code(), Some(2));
    let said = String::from_utf8(again.stderr).unwrap();
    assert!(said.contains("not overwritten"), "{said}");

    let before = folder.alerts().len();
    let restored = json_of(&run(&["restore", "mine.db", "--json"]));
    assert_eq!(restored["alerts"], before);
    assert!(std::path::Path::new(restored["kept"].as_str().unwrap()).exists());
    assert_eq!(folder.alerts().len(), before);
    let foreign = run(&["restore", "settings.toml"]);
    assert_eq!(foreign.status.code(), Some(2));
    let healthy = run(&["salvage"]);
    assert_eq!(healthy.status.code(), Some(2));
    let said = String::from_utf8(healthy.stderr).unwrap();
    assert!(said.contains("nothing to recover"), "{said}");
    assert_eq!(folder.alerts().len(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_database_is_named_with_the_ways_out() {
    let replay = Replay::start(Options::default()).unwrap();
    let folder = Folder::against(&replay);
    folder.collect(&replay);
    let before = folder.alerts().len();
    let path = folder.path().join("tocsin.db");
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[..100].fill(0x5a);
    std::fs::write(&path, &bytes).unwrap();
    let now = replay.now().to_rfc3339();
    for args in [&["collect"] as &[&str], &["alerts"], &["backup"]] {
        let output = folder.command(&now, args).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(
            said.contains("tocsind restore") && said.contains("tocsind salvage"),
            "{said}"
        );
    }
    assert_eq!(std::fs::read(&path).unwrap(), bytes);

    // The interface in a browser offers the choice too, and goes on by itself afterwards.
    let daemon = Daemon::start(&folder, &replay);
    let nothing = serde_json::json!({});
    assert!(daemon.try_call("status", nothing.clone()).await.is_none());
    let found = daemon.call("recovery_get", nothing.clone()).await;
    assert_eq!(found["path"], path.to_str().unwrap());
    let recovered = daemon.call("recovery_salvage", nothing.clone()).await;
    assert_eq!(recovered["alerts"], before);
    assert_eq!(recovered["lost"], 0);
    let status = daemon.call("status", nothing).await;
    assert_eq!(status["total"], before);
    let (_, ended) = daemon.terminate();
    assert!(ended.success());

    std::fs::write(&path, &bytes).unwrap();
    let salvaged = folder
        .command(&now, &["salvage", "--json"])
        .output()
        .unwrap();
    assert_eq!(json_of(&salvaged)["alerts"], before);
    common::whole(&path);
}

#[test]
fn sources_says_how_each_one_does_beside_a_running_tocsin_or_without() {
    let replay = Replay::start(Options::default()).unwrap();
    replay.set_fault(Fault::at("/Top10").status(503));
    let folder = Folder::against(&replay);
    let now = replay.now().to_rfc3339();
    folder.command(&now, &["collect"]).output().unwrap();
    let text = folder.command(&now, &["sources"]).output().unwrap();
    let text = String::from_utf8(text.stdout).unwrap();
    let line = |id: &str| {
        let found = text.lines().find(|l| l[2..].starts_with(id));
        found.unwrap_or_else(|| panic!("{id}: {text}")).to_owned()
    };
    assert!(
        line("nvd").contains("NVD: Collected less than a minute ago. Next in"),
        "{text}"
    );
    let owasp = line("owasp");
    assert!(
        owasp.starts_with("? ") && owasp.contains("503") && owasp.contains("tried again later"),
        "{text}"
    );

    let json = folder
        .command(&now, &["sources", "--json"])
        .output()
        .unwrap();
    let rows: Value = serde_json::from_slice(&json.stdout).unwrap();
    let rows = rows.as_array().unwrap();
    let owasp = rows.iter().find(|r| r["id"] == "owasp").unwrap();
    assert_eq!(owasp["condition"]["kind"], "failing");
    assert_eq!(owasp["health"]["fault"]["params"]["status"], "503");
    assert!(
        owasp["sentence"]
            .as_str()
            .unwrap()
            .starts_with("Failing for")
    );
}

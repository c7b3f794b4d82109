//! `tocsind export` and `tocsind import`.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use std::process::Output;

use common::Folder;
use serde_json::Value;
use tocsin_replay::{Options, Replay};

fn run(folder: &Folder, replay: &Replay, args: &[&str]) -> Output {
    let now = replay.now().to_rfc3339();
    folder.command(&now, args).output().unwrap()
}

fn json(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes).unwrap()
}

#[test]
fn an_export_goes_to_a_file_or_to_whoever_reads_and_comes_back() {
    let replay = Replay::start(Options::default()).unwrap();
    let folder = Folder::against(&replay);
    folder.collect(&replay);
    let stored = folder.alerts().len();

    let printed = run(&folder, &replay, &["export", "--json"]);
    assert_eq!(printed.status.code(), Some(0));
    let whole = json(&printed.stdout);
    assert_eq!(whole["alerts"].as_array().unwrap().len(), stored);
    assert_eq!(json(&printed.stderr)["alerts"], stored);
    for (format, begins) in [
        ("csv", "\u{feff}id,"),
        ("stix", "{\"type\":\"bundle\""),
        ("markdown", "# Alerts: CVE-2026-90006\n"),
    ] {
        let args = ["export", "CVE-2026-90006", "--format", format];
        let printed = run(&folder, &replay, &args);
        let text = String::from_utf8(printed.stdout).unwrap();
        assert!(text.starts_with(begins), "{text}");
        assert!(text.contains("CVE-2026-90006"));
        assert!(printed.stderr.is_empty(), "no terminal, no progress");
    }

    let write = ["export", "--output", "all.json", "--json"];
    let said = run(&folder, &replay, &write);
    assert_eq!(said.status.code(), Some(0), "{said:?}");
    assert_eq!(json(&said.stdout)["alerts"], stored);
    let again = run(&folder, &replay, &write);
    assert_eq!(again.status.code(), Some(2));
    assert!(
        String::from_utf8(again.stderr)
            .unwrap()
            .contains("there already")
    );
    let replaced = run(&folder, &replay, &[&write[..], &["--overwrite"]].concat());
    assert_eq!(replaced.status.code(), Some(0));

    let other = Folder::against(&replay);
    let file = folder.path().join("all.json");
    let file = file.to_str().unwrap();
    let done = run(&other, &replay, &["import", file, "--json"]);
    assert_eq!(done.status.code(), Some(0), "{done:?}");
    assert_eq!(json(&done.stdout)["added"], stored);
    assert_eq!(other.alerts().len(), stored);
    let text = std::fs::read_to_string(file).unwrap();
    let broken = text.replacen("\"kind\":\"", "\"kind\":\"un", 1);
    other.write("broken.json", &broken);
    let done = run(&other, &replay, &["import", "broken.json"]);
    assert_eq!(done.status.code(), Some(1), "{done:?}");
    assert!(
        String::from_utf8(done.stdout)
            .unwrap()
            .contains("1 refused")
    );
    let foreign = run(&other, &replay, &["import", "settings.toml"]);
    assert_eq!(foreign.status.code(), Some(2));
    let said = String::from_utf8(foreign.stderr).unwrap();
    assert!(said.contains("nor a JSON export of Tocsin's"), "{said}");
}

#[test]
fn without_a_database_export_says_what_to_do_and_makes_none() {
    let replay = Replay::start(Options::default()).unwrap();
    let folder = Folder::against(&replay);
    let output = run(&folder, &replay, &["export"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(output.stdout.is_empty());
    assert!(
        String::from_utf8(output.stderr)
            .unwrap()
            .contains("tocsind collect")
    );
    assert!(!folder.path().join("tocsin.db").exists());
}

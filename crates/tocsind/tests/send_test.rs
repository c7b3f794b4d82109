//! `tocsind send-test`: what it says of a channel, and how it ends.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use std::process::Output;

use common::{Daemon, Folder};
use serde_json::Value;
use tocsin_replay::{Options, Replay};

/// Where mail goes to the replay's sink, and nobody said yet whether it is on.
fn folder(replay: &Replay) -> Folder {
    let mut folder = Folder::against(replay);
    folder.mail_to_sink(replay, "");
    let file = folder.path().join("settings.toml");
    let text = std::fs::read_to_string(file).unwrap();
    folder.write("settings.toml", &text.replace("enabled = true\n", ""));
    folder
}

fn send_test(folder: &Folder, replay: &Replay, args: &[&str]) -> Output {
    let args = [&["send-test"][..], args].concat();
    let mut command = folder.command(&replay.now().to_rfc3339(), &args);
    command.output().unwrap()
}

fn text(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn settings(folder: &Folder) -> String {
    std::fs::read_to_string(folder.path().join("settings.toml")).unwrap()
}

#[test]
fn a_good_test_switches_on_what_nobody_switched_and_says_so() {
    let replay = Replay::start(Options::default()).unwrap();
    let folder = folder(&replay);
    let first = send_test(&folder, &replay, &["email"]);
    assert_eq!(first.status.code(), Some(0), "{first:?}");
    assert!(
        text(&first).ends_with("email works, and is on from now on.\n"),
        "{}",
        text(&first)
    );
    assert_eq!(replay.smtp().messages().len(), 1);
    assert!(settings(&folder).contains("enabled = true"));
    let second = send_test(&folder, &replay, &["email", "--json"]);
    let said: Value = serde_json::from_slice(&second.stdout).unwrap();
    assert_eq!(
        (&said["ok"], &said["enabled"]),
        (&true.into(), &true.into())
    );
    assert_eq!(
        (&said["switched_on"], &said["fault"]),
        (&false.into(), &Value::Null)
    );
    let steps = said["steps"].as_array().unwrap();
    assert_eq!(steps.last().unwrap()["step"], "message");
}

#[test]
fn a_test_that_fails_says_why_and_ends_with_1() {
    let replay = Replay::start(Options::default()).unwrap();
    let mut folder = folder(&replay);
    folder.set("EMAIL_PASS", "tocsin-test-secret-wrong");
    let failed = send_test(&folder, &replay, &["email"]);
    assert_eq!(failed.status.code(), Some(1), "{failed:?}");
    assert!(
        text(&failed).contains("email does not work. "),
        "{}",
        text(&failed)
    );
    let json = send_test(&folder, &replay, &["email", "--json"]);
    let said: Value = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!(said["ok"], false);
    assert!(said["fault"]["code"].is_string());
    for output in [failed, json] {
        let all = format!("{output:?}");
        assert!(!all.contains("tocsin-test-secret"), "{all}");
    }
    assert!(!settings(&folder).contains("enabled = true"));
}

#[test]
fn a_channel_that_is_not_there_ends_with_2() {
    let replay = Replay::start(Options::default()).unwrap();
    let output = send_test(&folder(&replay), &replay, &["pager"]);
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(
        said.ends_with(
            "tocsind: There is no channel pager. There are: desktop, email, slack, telegram.\n"
        ),
        "{said}"
    );
}

#[test]
fn what_is_missing_is_named_with_where_it_goes_without_a_window() {
    let replay = Replay::start(Options::default()).unwrap();
    let mut folder = Folder::against(&replay);
    let check = |folder: &Folder, channel: &str, expect: &[&str]| {
        let output = send_test(folder, &replay, &[channel]);
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        let said = text(&output);
        for words in expect {
            assert!(said.contains(words), "{channel}: {words:?} not in {said}");
        }
    };
    check(
        &folder,
        "slack",
        &["Without a window: SLACK_TOKEN or SLACK_WEBHOOK in .env."],
    );
    check(
        &folder,
        "telegram",
        &["Without a window: TELEGRAM_TOKEN in .env."],
    );
    check(
        &folder,
        "email",
        &["Without a window: EMAIL_RECIPIENTS in .env, or recipients under"],
    );
    folder.set("SLACK_TOKEN", replay.slack().token());
    folder.set("TELEGRAM_TOKEN", replay.telegram().token());
    let alerts = [
        "slack can write to:",
        "  #alerts (channel)",
        "Without a window: SLACK_CHANNEL in .env",
    ];
    check(&folder, "slack", &alerts);
    let chats = [
        "telegram can write to:",
        "Without a window: TELEGRAM_CHAT_ID in .env",
    ];
    check(&folder, "telegram", &chats);
    let json = send_test(&folder, &replay, &["telegram", "--json"]);
    let said: Value = serde_json::from_slice(&json.stdout).unwrap();
    let id = said["places"][0]["id"].as_str().unwrap().to_owned();
    folder.set("TELEGRAM_CHAT_ID", &id);
    let good = send_test(&folder, &replay, &["telegram"]);
    assert_eq!(good.status.code(), Some(0), "{good:?}");
}

#[test]
fn a_channel_is_tested_beside_a_running_tocsin() {
    let replay = Replay::start(Options::default()).unwrap();
    let folder = folder(&replay);
    let running = Daemon::start(&folder, &replay);
    let output = send_test(&folder, &replay, &["email"]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert!(
        text(&output).contains("email works and is off"),
        "{}",
        text(&output)
    );
    let unknown = send_test(&folder, &replay, &["pager"]);
    assert_eq!(unknown.status.code(), Some(2));
    drop(running);
}

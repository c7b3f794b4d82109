//! Starting where something is missing or in the way, and what starting leaves on the disk.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::json;

use crate::common::display::{display, start_virtual};
use crate::common::process::{self, Process};
use crate::common::{Session, Setup};

#[test]
fn a_start_without_a_display_prints_a_sentence() {
    let home = tempfile::tempdir().unwrap();
    for display in [None, Some(":64999")] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tocsin"));
        command.env_clear().env("HOME", home.path());
        command.envs(display.map(|name| ("DISPLAY", name)));
        let output = command.output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(
            said.contains("display") && said.contains("tocsind"),
            "{said}"
        );
        assert!(!said.contains("panicked"), "{said}");
        assert_eq!(files_below(home.path()), 0, "it left files behind");
    }
}

#[test]
fn help_and_version_need_no_display() {
    for (flag, expected) in [
        ("--help", "--data-dir"),
        ("--version", env!("CARGO_PKG_VERSION")),
    ] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tocsin"));
        let output = command.env_clear().arg(flag).output().unwrap();
        assert!(output.status.success());
        assert!(String::from_utf8_lossy(&output.stdout).contains(expected));
    }
    let mut command = Command::new(env!("CARGO_BIN_EXE_tocsin"));
    let output = command.env_clear().arg("--no-such-flag").output().unwrap();
    assert_eq!(output.status.code(), Some(2));
}

#[tokio::test(flavor = "multi_thread")]
async fn data_and_settings_are_for_this_user_alone() {
    let Some(mut session) = Session::start(Setup::default()).await else {
        return;
    };
    session.is_ready().await;
    session.is_collected().await;
    session.click("nav-watches").await;
    session.type_into("watch-term", "nginx").await;
    session.click("watch-add").await;
    session.find("watch-nginx").await;
    check_modes(&session.data_dir());
    session.quit().await;
    check_modes(&session.data_dir());
    let outside = ["config", "share"].map(|dir| session.data_dir().with_file_name(dir));
    for dir in outside {
        assert_eq!(
            files_below(&dir),
            0,
            "files outside --data-dir: {}",
            dir.display()
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_start_on_the_same_data_says_who_has_it() {
    let Some(session) = Session::start(Setup::default()).await else {
        return;
    };
    session.is_ready().await;
    let mut command = session.app_command();
    command.arg("--data-dir").arg(session.data_dir());
    let said = refusal(&mut command, &session).await;
    assert!(said.contains(&session.app_process().to_string()), "{said}");
    // The first one is unharmed.
    session.click("nav-sources").await;
    session.find("source-nvd").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_database_opens_the_window_and_waits_for_a_choice() {
    let Some(mut session) = Session::prepare(Setup::default()).await else {
        return;
    };
    let database = session.data_dir().join("tocsin.db");
    let garbage = "this is no database. ".repeat(500);
    std::fs::write(&database, &garbage).unwrap();
    session.open().await;
    let fault = session.ask("status", json!({})).await.unwrap_err();
    assert_eq!(fault["code"], "database_damaged", "{fault}");
    assert_eq!(fault["params"]["path"], json!(database));
    let found = session.ask("recovery_get", json!({})).await.unwrap();
    assert_eq!(found["path"], json!(database));
    assert_eq!(
        std::fs::read_to_string(&database).unwrap(),
        garbage,
        "the damaged file was changed"
    );
    let recovered = session.ask("recovery_new", json!({})).await.unwrap();
    let kept = recovered["kept"].as_str().unwrap();
    assert_eq!(std::fs::read_to_string(kept).unwrap(), garbage);
    // From here on the app is as usual, without a restart.
    session.ask("status", json!({})).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_start_in_the_usual_place_raises_the_window() {
    let Some(session) = Session::prepare(Setup::default()).await else {
        return;
    };
    let log = session.data_dir().join("first.log");
    let mut first = Process::start(&mut session.app_command(), &log);
    let id = first.id();
    window_titled(display().unwrap(), "Tocsin", id, &log).await;
    let second = tokio::task::spawn_blocking({
        let mut command = session.app_command();
        move || {
            let mut second =
                Process::start_as_is(command.stdout(Stdio::null()).stderr(Stdio::null()));
            second.wait_at_most(Duration::from_secs(10))
        }
    });
    let status = second.await.unwrap().expect("the second start did not end");
    assert!(status.success(), "{status}");
    assert!(
        first.child().try_wait().unwrap().is_none(),
        "the first window closed"
    );
    process::send("TERM", &id.to_string());
    let ended = first.wait_at_most(Duration::from_secs(8));
    assert!(ended.is_some_and(|status| status.success()), "{ended:?}");
}

/// Starts an app that cannot run; sees its message box, presses Enter in it, and returns what it printed.
async fn refusal(command: &mut Command, session: &Session) -> String {
    let log = session.data_dir().with_file_name("refusal.log");
    // A display without other windows: the box takes the one keyboard.
    let display = start_virtual().expect("Xvfb is not installed");
    let mut process = Process::start(command.env("DISPLAY", &display.name), &log);
    let window = window_titled(&display.name, "Tocsin cannot start", process.id(), &log).await;
    xdotool(
        &display.name,
        &["windowfocus", "--sync", &window, "key", "Return"],
    );
    let status = process.wait_at_most(Duration::from_secs(8));
    let said = std::fs::read_to_string(&log).unwrap();
    assert_eq!(status.and_then(|status| status.code()), Some(1), "{said}");
    assert!(!said.contains("panicked"), "{said}");
    said
}

/// Waits for a visible window of a process by its title. `log` is what the process printed.
async fn window_titled(display: &str, title: &str, id: u32, log: &Path) -> String {
    let (pattern, process) = (format!("^{title}$"), id.to_string());
    let search = [
        "search",
        "--all",
        "--onlyvisible",
        "--pid",
        &process,
        "--name",
        &pattern,
    ];
    let end = std::time::Instant::now() + Duration::from_secs(40);
    loop {
        if let Some(window) = xdotool(display, &search).lines().next() {
            return window.to_owned();
        }
        assert!(
            std::time::Instant::now() < end,
            "no window {title:?} came; the process runs: {}; windows: {}; it printed: {}",
            process::is_running(id),
            xdotool(display, &["search", "--name", "."]),
            std::fs::read_to_string(log).unwrap_or_default(),
        );
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

fn xdotool(display: &str, arguments: &[&str]) -> String {
    let mut command = Command::new("xdotool");
    command.args(arguments).env("DISPLAY", display);
    String::from_utf8_lossy(&command.output().unwrap().stdout).into_owned()
}

/// Folders 0700 and files 0600; what WebKit makes is guarded by its folder.
fn check_modes(dir: &Path) {
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(dir), 0o700, "{}", dir.display());
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.ends_with("webview") {
            assert_eq!(mode(&path), 0o700, "{}", path.display());
            continue;
        }
        if path.is_dir() {
            check_modes(&path);
        } else {
            assert_eq!(mode(&path), 0o600, "{}", path.display());
        }
    }
}

fn files_below(dir: &Path) -> usize {
    let Ok(entries) = std::fs::read_dir(dir) else {
        return 0;
    };
    entries
        .map(|entry| entry.unwrap().path())
        .map(|path| if path.is_dir() { files_below(&path) } else { 1 })
        .sum()
}

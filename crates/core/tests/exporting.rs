//! Exports: what is in the files, and what is left where none could be written.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use std::io::Write;
use std::path::Path;
use std::process::Command;
use std::sync::mpsc;

use common::made::{self, HOSTILE, export};
use common::{Home, call, fixtures, rows, wait_for};
use serde_json::{Value, json};
use tocsin_core::app::App;
use tocsin_core::commands::export::export_to;
use tocsin_core::export::ExportFormat;

/// An app over alerts that were made, and a folder to write to.
async fn app_with(all: Vec<made::Made>) -> (App, Home, tempfile::TempDir) {
    let replay = fixtures();
    let mut home = Home::against(&replay);
    home.set("TOCSIN_CLOCK_START", "2026-11-22T08:00:00Z");
    made::store(home.path(), all).await;
    let app = home.start(false).await;
    (app, home, common::folder())
}

fn hostile() -> Vec<made::Made> {
    let mut all: Vec<_> = (0..HOSTILE.len() as u32).map(made::cve).collect();
    made::triaged(&mut all[3]);
    all.push(made::article(
        1,
        "CVE-2026-10003 is used.\n\n=1+1",
        &[("malware", "=1+1")],
    ));
    all
}

fn files(dir: &Path) -> Vec<String> {
    let names = std::fs::read_dir(dir).unwrap();
    names
        .map(|e| e.unwrap().file_name().to_string_lossy().into_owned())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn csv_is_what_other_programs_read_and_no_cell_is_a_formula() {
    let (app, _home, dir) = app_with(hostile()).await;
    let path = dir.path().join("a.csv");
    let done = export(&app, "", "csv", &path).await;
    let bytes = std::fs::read(&path).unwrap();
    assert_eq!(done["alerts"], HOSTILE.len() + 1);
    assert_eq!(done["bytes"], bytes.len());
    assert!(bytes.starts_with("\u{feff}id,kind,".as_bytes()));
    assert!(bytes.ends_with(b"\r\n"));

    let mut reader = csv::ReaderBuilder::new()
        .flexible(false)
        .from_reader(&bytes[3..]);
    let header: Vec<String> = reader.headers().unwrap().iter().map(Into::into).collect();
    let table: Vec<Vec<String>> = reader
        .records()
        .map(|r| r.unwrap().iter().map(Into::into).collect())
        .collect();
    assert_eq!(table.len(), HOSTILE.len() + 1);
    for cell in table.iter().flatten() {
        let first = cell.trim_start().chars().next();
        assert!(
            !first.is_some_and(|c| "=+-@＝＋－＠".contains(c)),
            "{cell:?}"
        );
    }
    let cell = |id: &str, column: &str| {
        let row = table.iter().find(|row| row[0] == id).unwrap();
        row[header.iter().position(|h| h == column).unwrap()].clone()
    };
    assert_eq!(cell("CVE-2026-10000", "title"), format!("'{}", HOSTILE[0]));
    assert_eq!(
        cell("CVE-2026-10004", "title"),
        HOSTILE[4].replace('\t', " ")
    );
    assert_eq!(cell("CVE-2026-10003", "state"), "accepted_risk");
    assert_eq!(cell("CVE-2026-10003", "epss"), "0.97");
    assert_eq!(cell("CVE-2026-10003", "cvss"), "0.3");
    assert_eq!(cell("CVE-2026-10003", "tags"), "dmz | über, \"prod\"");
    assert!(cell("CVE-2026-10003", "notes").contains("first line\n  second line"));
    assert!(cell("CVE-2026-10003", "reason").starts_with("'=1+1"));

    let script = "import csv,json,sys\nwith open(sys.argv[1],newline='',encoding='utf-8-sig') as f: print(json.dumps(list(csv.reader(f,strict=True))))";
    match Command::new("python3")
        .args(["-c", script])
        .arg(&path)
        .output()
    {
        Ok(output) if output.status.success() => {
            let read: Vec<Vec<String>> = serde_json::from_slice(&output.stdout).unwrap();
            assert_eq!(read[0], header);
            assert_eq!(read[1..], table);
        }
        _ => println!("skipped: python3 is not here to read the file too"),
    }
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_reads_well_and_hostile_titles_stay_text() {
    let mut all = hostile();
    all.push(made::cve(22));
    let (app, _home, dir) = app_with(all).await;
    let path = dir.path().join("a.md");
    let request = json!({
        "target": { "kind": "query", "query": "" }, "format": "markdown", "path": path,
        "name": "High | <b>night</b>",
    });
    call(&app, "export_run", request).await;
    let text = std::fs::read_to_string(&path).unwrap();
    let report = without_moment(&text);
    insta::assert_snapshot!(report);
    app.stop().await;
}

/// The report without the minute in which it was written.
fn without_moment(text: &str) -> String {
    let (before, after) = text.split_once("Written by Tocsin ").unwrap();
    let (_, after) = after.split_once(". Times").unwrap();
    format!("{before}Written by Tocsin (version) on (now). Times{after}")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_selection_and_an_open_list_are_exported_as_chosen() {
    let (app, _home, dir) = app_with((0..10).map(made::cve).collect()).await;
    let all = rows(&app, "all", "").await;
    let list = call(&app, "list_open", json!({ "view": "all", "query": "" })).await;
    let targets = [
        (
            json!({ "kind": "ids", "ids": [all[4]["id"], all[2]["id"], 1] }),
            2,
        ),
        (
            json!({ "kind": "list", "list": list["list"], "except": [all[0]["id"]] }),
            9,
        ),
        (json!({ "kind": "query", "query": "CVE-2026-10004" }), 1),
    ];
    for (number, (target, expect)) in targets.into_iter().enumerate() {
        let path = dir.path().join(format!("{number}.csv"));
        let request = json!({ "target": target, "format": "csv", "path": path });
        let done = call(&app, "export_run", request).await;
        assert_eq!(done["alerts"], expect, "{target}");
        assert!(done["bytes"].as_u64().unwrap() > 100);
    }
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_written_says_why_and_leaves_what_is_there() {
    let (app, _home, dir) = app_with(vec![made::cve(1)]).await;
    let there = dir.path().join("there.csv");
    std::fs::write(&there, "mine").unwrap();
    for (path, code) in [
        (there.to_string_lossy().into_owned(), "file_exists"),
        ("there.csv".into(), "path_not_absolute"),
        (
            dir.path().join("no/a.csv").to_string_lossy().into_owned(),
            "folder_missing",
        ),
        (
            dir.path().to_string_lossy().into_owned(),
            "file_not_written",
        ),
        ("/proc/a.csv".into(), "file_not_written"),
    ] {
        let target = json!({ "kind": "query", "query": "" });
        let request = json!({ "target": target, "format": "csv", "path": path });
        let fault = app.call("export_run", request).await.unwrap_err();
        assert_eq!(fault.code, code, "{path}: {fault}");
        assert!(fault.params.contains_key("path"));
    }
    assert_eq!(std::fs::read(&there).unwrap(), b"mine");
    assert_eq!(files(dir.path()), ["there.csv"]);
    let target = json!({ "kind": "query", "query": "" });
    let request = json!({ "target": target, "format": "csv", "path": there, "overwrite": true });
    call(&app, "export_run", request).await;
    assert!(std::fs::read(&there).unwrap().len() > 100);
    let suggested = call(
        &app,
        "export_suggest",
        json!({ "name": "High", "format": "stix" }),
    )
    .await;
    let suggested = suggested["path"].as_str().unwrap().to_owned();
    assert!(suggested.ends_with(".stix.json") && suggested.contains("tocsin-high-2026-11-22"));
    app.stop().await;
}

/// Takes bytes only while it is let.
struct Gate {
    began: mpsc::Sender<()>,
    open: mpsc::Receiver<()>,
    is_open: bool,
}

impl Write for Gate {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        if !self.is_open {
            self.began.send(()).unwrap();
            self.open.recv().unwrap();
            self.is_open = true;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn many_alerts_are_read_no_faster_than_they_are_written_and_a_cancel_leaves_no_file() {
    const MANY: u32 = 20_000;
    let (app, _home, dir) = app_with((0..MANY).map(made::cve).collect()).await;
    let mut events = app.events().subscribe();
    while !app.is_analysed().await.unwrap() {
        wait_for(&mut events, |_| true).await;
    }
    for format in ExportFormat::ALL {
        // All of them once: a debug build reads some thousand a second.
        let (query, expect) = match format {
            ExportFormat::Json => ("", MANY),
            _ => ("CVE-2026-12", 1_000),
        };
        let (began, has_begun) = mpsc::channel();
        let (release, open) = mpsc::channel();
        let gate = Gate {
            began,
            open,
            is_open: false,
        };
        let running = app.clone();
        let task =
            tokio::spawn(async move { export_to(&running, query, format, Box::new(gate)).await });
        let waiting = tokio::task::spawn_blocking(move || has_begun.recv().map(|()| has_begun));
        let _has_begun = waiting.await.unwrap().unwrap();
        // The reader is stuck: however long that is, no more than a few batches are read.
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
        let work = app.work();
        assert!(work[0].done <= expect.min(1_000), "{format:?}: {work:?}");
        let start = std::time::Instant::now();
        release.send(()).unwrap();
        let done = task.await.unwrap().unwrap();
        let took = start.elapsed().as_secs_f64();
        println!(
            "{format:?}: {} alerts, {:.0} alerts/s, {:.1} MB/s",
            done.alerts,
            f64::from(done.alerts) / took,
            done.bytes as f64 / 1e6 / took
        );
        assert_eq!(done.alerts, expect);
        assert_eq!(app.work(), []);
    }

    let running = app.clone();
    let path = dir.path().join("a.json");
    let task = tokio::spawn(async move {
        let target = json!({ "kind": "query", "query": "" });
        let request = json!({ "target": target, "format": "json", "path": path });
        running.call("export_run", request).await
    });
    loop {
        if let Some(work) = app.work().first().filter(|work| work.done > 0) {
            assert_eq!(work.total, Some(MANY));
            assert_eq!(files(dir.path()).len(), 1);
            call(&app, "work_cancel", json!({ "id": work.id })).await;
            break;
        }
        assert!(!task.is_finished());
        tokio::task::yield_now().await;
    }
    assert_eq!(task.await.unwrap().unwrap_err().code, "export_cancelled");
    assert_eq!(files(dir.path()), Vec::<String>::new());
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn json_says_what_it_is_and_has_an_alert_a_line() {
    let (app, _home, dir) = app_with(hostile()).await;
    let path = dir.path().join("a.json");
    export(&app, "", "json", &path).await;
    let text = std::fs::read_to_string(&path).unwrap();
    assert_eq!(text.lines().count(), HOSTILE.len() + 3);
    let whole: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(whole["tocsin"]["format"], 1);
    let alerts = whole["alerts"].as_array().unwrap();
    let found = alerts
        .iter()
        .find(|a| a["uid"] == "CVE-2026-10003")
        .unwrap();
    assert_eq!(
        found["notes"][1]["edited"],
        json!("2026-03-01T00:14:09.000Z")
    );
    assert_eq!(found["changes"][0]["kind"], "severity_raised");
    assert_eq!(alerts.last().unwrap()["kind"], "article");
    app.stop().await;
}

//! Really damaged files: what can be read of them is saved, the rest is counted, nothing is thrown away.

use std::path::{Path, PathBuf};

use crate::common::{self, Home, call, fixtures};
use rusqlite::Connection;
use serde_json::json;
use tocsin_core::model::Time;
use tocsin_core::store::restore::Replaced;
use tocsin_core::store::{Db, Open, StoreError};

const ALERTS: usize = 2_000;
const PAGE: usize = 4096;

/// A database of 2,000 alerts with triage, tags and notes, closed in the middle of its use.
async fn large() -> (Home, Vec<u8>, usize) {
    let replay = fixtures();
    let now = replay.now().format("%Y-%m-%dT%H:%M:%S.000").to_string();
    for n in 0..ALERTS {
        let words = (0..40 + n % 200).map(|w| format!("word{} ", (n * 31 + w * 7) % 5000));
        let record = json!({ "cve": {
            "id": format!("CVE-2026-{}", 60_000 + n), "sourceIdentifier": "cna@example.org",
            "published": now, "lastModified": now, "vulnStatus": "Received", "references": [],
            "descriptions": [{ "lang": "en", "value": words.collect::<String>() }],
        } });
        replay.put_nvd(&record).unwrap();
    }
    let home = Home::against(&replay);
    let app = home.start(false).await;
    common::collect(&app, "nvd").await;
    let ids: Vec<_> = common::rows(&app, "all", "").await;
    let ids: Vec<_> = ids.iter().map(|row| row["id"].clone()).collect();
    let half = common::set_state(json!(ids[..ids.len() / 2]), "done");
    call(&app, "triage_act", half).await;
    app.stop().await;
    let path = home.path().join("tocsin.db");
    let conn = Connection::open(&path).unwrap();
    conn.execute_batch(
        "INSERT INTO tags (alert, folded, tag) SELECT id, 'ours', 'ours' FROM alerts;
         INSERT INTO notes (alert, at, text) SELECT id, 0, 'look at this' FROM alerts;
         INSERT INTO meta (key, value) VALUES ('in_use', '1');",
    )
    .unwrap();
    let total: u32 = conn
        .query_row("SELECT count(*) FROM alerts", [], |row| row.get(0))
        .unwrap();
    drop(conn);
    let bytes = std::fs::read(&path).unwrap();
    (home, bytes, total as usize)
}

async fn salvage(path: &Path) -> (Db, Result<Replaced, StoreError>) {
    let db = Db::open_or_hold(path).unwrap();
    assert!(db.damage().is_some(), "it was not found damaged");
    let saved = db.salvage(Time(1_800_000_000_000), |_, _| true).await;
    (db, saved)
}

fn check_whole(path: &Path) -> Connection {
    let conn = Connection::open(path).unwrap();
    let found: String = conn
        .query_row("PRAGMA integrity_check", [], |row| row.get(0))
        .unwrap();
    assert_eq!(found, "ok");
    let broken: i64 = conn
        .query_row("SELECT count(*) FROM pragma_foreign_key_check", [], |r| {
            r.get(0)
        })
        .unwrap();
    assert_eq!(broken, 0);
    conn.execute(
        "INSERT INTO search (search, rank) VALUES ('integrity-check', 1)",
        [],
    )
    .unwrap();
    conn
}

fn number(conn: &Connection, sql: &str) -> usize {
    let found: u32 = conn.query_row(sql, [], |row| row.get(0)).unwrap();
    found as usize
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_left_of_damaged_files_is_saved() {
    let (_home, whole, total) = large().await;
    let dir = crate::common::folder();
    let path: PathBuf = dir.path().join("tocsin.db");
    let pages = whole.len() / PAGE;
    let mut kinds: Vec<(String, Vec<u8>, usize)> = Vec::new();
    // Garbage over some pages in the middle of everything.
    let mut dice: u64 = 42;
    let mut throw = |sides: usize| {
        dice = dice
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(dice >> 33).unwrap() % sides
    };
    for round in 0..8 {
        let mut torn = whole.clone();
        let count = 1 + round * 2;
        for _ in 0..count {
            // Not the very first ones: those hold the schema.
            let page = 8 + throw(pages - 8);
            for byte in &mut torn[page * PAGE..(page + 1) * PAGE] {
                *byte = u8::try_from(throw(256)).unwrap();
            }
        }
        kinds.push((format!("{count} pages"), torn, total / 2));
    }
    let mut header = whole.clone();
    header[..100].fill(0x5a);
    kinds.push(("header".into(), header, total));
    kinds.push(("cut in half".into(), whole[..whole.len() / 2].to_vec(), 1));
    kinds.push((
        "cut in a page".into(),
        whole[..whole.len() - 100].to_vec(),
        total / 2,
    ));

    for (name, bytes, least) in kinds {
        std::fs::write(&path, &bytes).unwrap();
        let begun = std::time::Instant::now();
        let db = Db::open_or_hold(&path).unwrap();
        if db.damage().is_none() {
            // The garbage fell on pages that nothing uses.
            db.close().await;
            continue;
        }
        let saved = db.salvage(Time(1_800_000_000_000), |_, _| true).await;
        let saved = saved.unwrap_or_else(|error| panic!("{name}: {error}"));
        db.close().await;
        let took = begun.elapsed();
        let (alerts, lost) = (saved.alerts as usize, saved.lost.unwrap() as usize);
        eprintln!("{name}: {alerts} of {total} alerts, of {lost} something is lost, {took:?}");
        assert!(alerts >= least, "{name}: {alerts}");
        assert!(alerts + lost >= total || name.starts_with("cut"), "{name}");
        assert_eq!(std::fs::read(&saved.kept).unwrap(), bytes, "{name}");
        let conn = check_whole(&path);
        assert_eq!(number(&conn, "SELECT count(*) FROM alerts"), alerts);
        if name == "header" {
            assert_eq!((alerts, lost), (total, 0));
            let done = "SELECT count(*) FROM alerts WHERE state = 'done'";
            assert_eq!(number(&conn, done), total / 2);
            assert_eq!(number(&conn, "SELECT count(*) FROM notes"), total);
            assert_eq!(number(&conn, "SELECT count(*) FROM tags"), total);
            let acts = "SELECT count(*) FROM triage_entries";
            assert_eq!(number(&conn, acts), total / 2);
        }
        drop(conn);
        drop(Db::open(&path, Open::Write).unwrap());
        std::fs::remove_file(&path).unwrap();
    }
    assert!(!dir.path().join("tocsin.db.salvage").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_alert_whose_text_is_gone_keeps_what_people_said_of_it() {
    let (_home, whole, total) = large().await;
    let dir = crate::common::folder();
    let path = dir.path().join("tocsin.db");
    std::fs::write(&path, &whole).unwrap();
    let conn = Connection::open(&path).unwrap();
    let root: u32 = conn
        .query_row(
            "SELECT rootpage FROM sqlite_schema WHERE name = 'contents'",
            [],
            |row| row.get(0),
        )
        .unwrap();
    drop(conn);
    let mut torn = std::fs::read(&path).unwrap();
    torn[(root as usize - 1) * PAGE..root as usize * PAGE].fill(0xff);
    std::fs::write(&path, &torn).unwrap();
    let (db, saved) = salvage(&path).await;
    let saved = saved.unwrap();
    db.close().await;
    assert_eq!(
        (saved.alerts as usize, saved.lost.unwrap() as usize),
        (total, total)
    );
    let conn = check_whole(&path);
    let kept =
        "SELECT count(*) FROM alerts a JOIN notes n ON n.alert = a.id WHERE a.state = 'done'";
    assert_eq!(number(&conn, kept), total / 2);
    // The next word of its source is new, whatever it says.
    let empty = "SELECT count(*) FROM alerts WHERE hash = zeroblob(32)";
    assert_eq!(number(&conn, empty), total);
    let forgotten = "SELECT count(*) FROM sources WHERE memory = 'null'";
    assert!(number(&conn, forgotten) > 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_is_missing_costs_what_was_in_it_and_no_more() {
    let replay = fixtures();
    let home = Home::against(&replay);
    let app = home.start(false).await;
    common::collect(&app, "nvd").await;
    // A copy of the file alone, taken while it is in use.
    let copy = crate::common::folder();
    let path = copy.path().join("tocsin.db");
    std::fs::copy(home.path().join("tocsin.db"), &path).unwrap();
    app.stop().await;
    let db = Db::open_or_hold(&path).unwrap();
    if db.damage().is_some() {
        db.salvage(Time(1_800_000_000_000), |_, _| true)
            .await
            .unwrap();
    }
    db.close().await;
    check_whole(&path);
}

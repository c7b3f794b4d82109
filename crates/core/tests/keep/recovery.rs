//! Backups, restoring them, and what is left of a damaged file.

use std::path::{Path, PathBuf};

use crate::common::{self, Home, call, counts, fixtures};
use serde_json::{Value, json};
use tocsin_core::app::App;

async fn total(app: &App) -> u64 {
    counts(app, "all").await.0
}

/// The state of an alert by its name.
async fn state(app: &App, uid: &str) -> String {
    let row = common::row(app, uid).await;
    row["state"].as_str().unwrap().to_owned()
}

async fn close(app: &App, uid: &str) {
    let id = common::row(app, uid).await["id"].clone();
    let request = common::set_state(json!([id]), "done");
    call(app, "triage_act", request).await;
}

fn integrity(path: &Path) {
    let conn = rusqlite::Connection::open(path).unwrap();
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
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_brings_back_what_was_without_a_restart_and_sends_nothing_again() {
    let replay = fixtures();
    let mut home = Home::against(&replay);
    home.mail_to_sink(&replay);
    let app = home.start(false).await;
    common::collect(&app, "nvd").await;
    common::watch(&app, "router").await;
    // Something waits to be sent when the backup is made, and is sent afterwards.
    news(&replay, "CVE-2026-95001");
    replay.advance(std::time::Duration::from_secs(3 * 3600));
    app.clock().advance_ms(3 * 3600 * 1000);
    common::collect(&app, "nvd").await;
    let before = total(&app).await;
    let backup = call(&app, "data_backup", json!({ "path": null })).await;
    assert_eq!(backup["reason"], "manual");
    let path = PathBuf::from(backup["path"].as_str().unwrap());
    integrity(&path);
    // What is gathered goes out after half a minute.
    app.clock().advance_ms(31_000);
    app.drain_outbox().await.unwrap();
    let sent = replay.smtp().messages().len();
    assert!(sent > 0);
    close(&app, "CVE-2026-95001").await;
    common::collect(&app, "owasp").await;
    assert!(total(&app).await > before);

    let restored = call(&app, "data_restore", json!({ "path": path })).await;
    assert_eq!(restored["alerts"], before);
    assert_eq!(total(&app).await, before);
    assert_eq!(state(&app, "CVE-2026-95001").await, "new");
    app.drain_outbox().await.unwrap();
    assert_eq!(
        replay.smtp().messages().len(),
        sent,
        "a message was sent again"
    );
    let status = call(&app, "status", json!({})).await;
    assert_eq!(status["undelivered"], 1);
    let deliveries = call(&app, "deliveries_list", json!({})).await;
    assert_eq!(
        deliveries["rows"][0]["delivery"]["state"], "unknown",
        "{deliveries}"
    );

    // It goes on with the restored file, and the one from before can be restored in turn.
    common::collect(&app, "owasp").await;
    let data = call(&app, "data_status", json!({})).await;
    let reasons: Vec<&str> = data["backups"]
        .as_array()
        .unwrap()
        .iter()
        .map(|b| b["reason"].as_str().unwrap())
        .collect();
    assert_eq!(reasons.len(), 2, "{data}");
    assert!(reasons.contains(&"restore"));
    assert!(data["free_bytes"].as_u64().unwrap() > 0);
    let kept = restored["kept"].as_str().unwrap();
    call(&app, "data_restore", json!({ "path": kept })).await;
    assert_eq!(state(&app, "CVE-2026-95001").await, "done");
    app.stop().await;
    integrity(&home.path().join("tocsin.db"));
    assert_private(home.path());
}

/// News that the watch "router" matches, published now.
fn news(replay: &tocsin_replay::Replay, id: &str) {
    let now = replay.now().format("%Y-%m-%dT%H:%M:%S.000").to_string();
    let record = json!({ "cve": {
        "id": id, "sourceIdentifier": "cna@example.org", "published": now, "lastModified": now,
        "vulnStatus": "Received", "references": [],
        "descriptions": [{ "lang": "en", "value": format!("Acme Router: flaw {id}.") }],
    } });
    replay.put_nvd(&record).unwrap();
}

#[cfg(unix)]
fn assert_private(dir: &Path) {
    use std::os::unix::fs::PermissionsExt;
    for folder in [dir.to_owned(), dir.join("backups")] {
        for entry in std::fs::read_dir(folder).unwrap() {
            let entry = entry.unwrap();
            let name = entry.file_name().into_string().unwrap();
            if name.contains(".db") {
                let mode = entry.metadata().unwrap().permissions().mode() & 0o777;
                assert_eq!(mode, 0o600, "{name}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_good_backup_is_refused_and_everything_stays() {
    let replay = fixtures();
    let home = Home::against(&replay);
    let app = home.start(false).await;
    common::collect(&app, "nvd").await;
    let before = total(&app).await;
    let good = home.path().join("good.db");
    call(&app, "data_backup", json!({ "path": good })).await;
    let again = app.call("data_backup", json!({ "path": good })).await;
    assert_eq!(again.unwrap_err().code, "file_exists");
    let bytes = std::fs::read(&good).unwrap();

    let made = |name: &str, content: &[u8]| {
        let path = home.path().join(name);
        std::fs::write(&path, content).unwrap();
        path
    };
    let mut torn = bytes.clone();
    let middle = torn.len() / 2 / 4096 * 4096;
    torn[middle..middle + 4096].fill(0xa5);
    let foreign = home.path().join("foreign.db");
    let conn = rusqlite::Connection::open(&foreign).unwrap();
    conn.execute_batch("CREATE TABLE diary (day TEXT)").unwrap();
    drop(conn);
    let newer = made("newer.db", &bytes);
    let conn = rusqlite::Connection::open(&newer).unwrap();
    conn.pragma_update(None, "user_version", 999).unwrap();
    drop(conn);
    for (path, code) in [
        (made("torn.db", &torn), "backup_damaged"),
        (
            made("short.db", &bytes[..bytes.len() / 2]),
            "backup_damaged",
        ),
        (
            made("text.db", &b"This is somebody's diary. ".repeat(100)),
            "backup_foreign",
        ),
        (made("empty.db", b""), "backup_foreign"),
        (foreign, "backup_foreign"),
        (newer, "backup_newer"),
        (home.path().join("none.db"), "file_unreadable"),
        (home.path().to_owned(), "file_unreadable"),
        (home.path().join("tocsin.db"), "file_unreadable"),
    ] {
        let refused = app.call("data_restore", json!({ "path": path })).await;
        assert_eq!(refused.unwrap_err().code, code, "{}", path.display());
        assert_eq!(total(&app).await, before);
    }
    common::collect(&app, "owasp").await;
    app.stop().await;
    assert!(!home.path().join("tocsin.db.new").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn backups_are_whole_while_others_write() {
    let replay = fixtures();
    let home = Home::against(&replay);
    let app = home.start(false).await;
    common::collect(&app, "nvd").await;
    let writing = {
        let app = app.clone();
        tokio::spawn(async move {
            for _ in 0..40 {
                let id = common::row(&app, "CVE-2026-90006").await["id"].clone();
                for state in ["reviewing", "new"] {
                    let request = common::set_state(json!([id]), state);
                    call(&app, "triage_act", request).await;
                }
            }
        })
    };
    let mut made = 0;
    while !writing.is_finished() {
        let path = home.path().join(format!("copy-{made}.db"));
        call(&app, "data_backup", json!({ "path": path })).await;
        integrity(&path);
        made += 1;
    }
    writing.await.unwrap();
    assert!(made > 0);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn damage_that_a_backup_finds_can_be_recovered_from_at_once() {
    let replay = fixtures();
    let home = Home::against(&replay);
    let (path, stored) = filled(&home).await;
    let app = home.start(false).await;
    let mut bytes = std::fs::read(&path).unwrap();
    let middle = bytes.len() / 2 / 4096 * 4096;
    bytes[middle..middle + 4096].fill(0xa5);
    std::fs::write(&path, &bytes).unwrap();
    let refused = app.call("data_backup", json!({ "path": null })).await;
    let refused = refused.unwrap_err();
    assert_eq!(refused.code, "copy_damaged", "{refused}");
    assert_eq!(refused.params["damaged"], "database");
    let mut told = false;
    for _ in 0..100 {
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        told = app.notices().iter().any(|n| n.code == "database_damaged");
        if told {
            break;
        }
    }
    assert!(told, "{:?}", app.notices());
    call(&app, "recovery_get", json!({})).await;
    let recovered = call(&app, "recovery_salvage", json!({})).await;
    let kept = recovered["kept"].as_str().unwrap();
    assert!(kept.contains(".damaged-"), "{kept}");
    assert!(recovered["alerts"].as_u64().unwrap() <= stored);
    let refused = app.call("recovery_get", json!({})).await.unwrap_err();
    assert_eq!(refused.code, "database_not_damaged");
    common::collect(&app, "owasp").await;
    app.stop().await;
    integrity(&path);
}

/// A folder with a database of its own that was closed well.
async fn filled(home: &Home) -> (PathBuf, u64) {
    let app = home.start(false).await;
    for source in ["nvd", "owasp", "thehackernews"] {
        common::collect(&app, source).await;
    }
    close(&app, "CVE-2026-90006").await;
    let stored = total(&app).await;
    app.stop().await;
    (home.path().join("tocsin.db"), stored)
}

fn kept(recovered: &Value) -> Vec<u8> {
    std::fs::read(recovered["kept"].as_str().unwrap()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_file_leads_to_a_choice_and_is_kept() {
    let replay = fixtures();
    let home = Home::against(&replay);
    let (path, stored) = filled(&home).await;
    let app = home.start(false).await;
    let backup = call(&app, "data_backup", json!({ "path": null })).await;
    app.stop().await;
    let whole = std::fs::read(&path).unwrap();
    let mut garbage = whole.clone();
    garbage[..100].fill(0x5a);

    for choice in ["recovery_restore", "recovery_salvage", "recovery_new"] {
        std::fs::write(&path, &garbage).unwrap();
        let app = home.start(true).await;
        for command in ["status", "list_open", "data_status"] {
            let refused = app.call(command, json!({})).await.unwrap_err();
            assert_eq!(refused.code, "database_damaged");
            assert_eq!(refused.params["path"], path.display().to_string());
            assert!(refused.params.contains_key("reason"));
        }
        let found = call(&app, "recovery_get", json!({})).await;
        assert_eq!(found["backups"][0], backup);
        assert_eq!(std::fs::read(&path).unwrap(), garbage, "it was touched");
        let request = match choice {
            "recovery_restore" => json!({ "path": backup["path"] }),
            _ => json!({}),
        };
        let recovered = call(&app, choice, request).await;
        assert_eq!(kept(&recovered), garbage);
        let (alerts, lost) = match choice {
            "recovery_restore" => (stored, Value::Null),
            "recovery_salvage" => (stored, json!(0)),
            _ => (0, Value::Null),
        };
        assert_eq!(recovered["alerts"], alerts, "{choice}: {recovered}");
        assert_eq!(recovered["lost"], lost, "{choice}");
        let refused = app.call("recovery_get", json!({})).await.unwrap_err();
        assert_eq!(refused.code, "database_not_damaged");
        if choice == "recovery_salvage" {
            assert_eq!(state(&app, "CVE-2026-90006").await, "done");
        }
        common::collect(&app, "nvd").await;
        app.stop().await;
        integrity(&path);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_choice_leaves_the_damaged_file_where_it_is() {
    let replay = fixtures();
    let home = Home::against(&replay);
    let path = home.path().join("tocsin.db");
    let text = "This is somebody's diary. ".repeat(1000);
    std::fs::write(&path, &text).unwrap();
    let app = home.start(false).await;
    let nothing = app.call("recovery_salvage", json!({})).await.unwrap_err();
    assert_eq!(nothing.code, "salvage_nothing");
    let none = home.path().join("none.db");
    let none = app.call("recovery_restore", json!({ "path": none })).await;
    assert_eq!(none.unwrap_err().code, "file_unreadable");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
    let recovered = call(&app, "recovery_new", json!({})).await;
    assert_eq!(kept(&recovered), text.as_bytes());
    assert_eq!(total(&app).await, 0);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_without_its_database_is_not_thrown_away() {
    let replay = fixtures();
    let home = Home::against(&replay);
    let path = home.path().join("tocsin.db");
    let log = home.path().join("tocsin.db-wal");
    for make_empty in [false, true] {
        std::fs::write(&log, "what was stored last").unwrap();
        let _ = std::fs::remove_file(&path);
        if make_empty {
            std::fs::write(&path, "").unwrap();
        }
        let app = home.start(false).await;
        assert_eq!(app.damage().unwrap().code, "database_damaged");
        let recovered = call(&app, "recovery_new", json!({})).await;
        let kept = format!("{}-wal", recovered["kept"].as_str().unwrap());
        assert_eq!(
            std::fs::read_to_string(kept).unwrap(),
            "what was stored last"
        );
        app.stop().await;
    }
    // Empty and alone it is what an interrupted first start leaves.
    std::fs::write(&path, "").unwrap();
    let app = home.start(false).await;
    assert_eq!(total(&app).await, 0);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clean_end_costs_the_next_start_no_check_and_a_crash_does() {
    let replay = fixtures();
    let home = Home::against(&replay);
    let (path, _) = filled(&home).await;
    let in_use = || -> i64 {
        let conn = rusqlite::Connection::open(&path).unwrap();
        conn.query_row("SELECT count(*) FROM meta WHERE key = 'in_use'", [], |r| {
            r.get(0)
        })
        .unwrap()
    };
    assert_eq!(in_use(), 0);
    // A page deep in the file that no start reads.
    let whole = std::fs::read(&path).unwrap();
    let mut torn = whole.clone();
    let page = page_of_table(&path, "findings");
    torn[page..page + 4096].fill(0xa5);
    std::fs::write(&path, &torn).unwrap();
    let app = home.start(false).await;
    assert!(app.damage().is_none(), "a clean end was checked");
    // It is noticed when it is read: then the next start checks.
    let mut events = app.events().subscribe();
    for row in common::rows(&app, "all", "").await {
        let _ = app.call("alert_get", json!({ "id": row["id"] })).await;
    }
    while !app.notices().iter().any(|n| n.code == "database_damaged") {
        common::wait_for(&mut events, |_| true).await;
    }
    app.stop().await;
    let app = home.start(false).await;
    assert_eq!(app.damage().unwrap().code, "database_damaged");
    let recovered = call(&app, "recovery_salvage", json!({})).await;
    assert!(recovered["lost"].as_u64().unwrap() > 0);
    app.stop().await;
    integrity(&path);
}

/// Where the root page of a table begins.
fn page_of_table(path: &Path, table: &str) -> usize {
    let conn = rusqlite::Connection::open(path).unwrap();
    let root: u32 = conn
        .query_row(
            "SELECT rootpage FROM sqlite_schema WHERE name = ?1",
            [table],
            |row| row.get(0),
        )
        .unwrap();
    (root as usize - 1) * 4096
}

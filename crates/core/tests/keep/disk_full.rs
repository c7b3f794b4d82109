//! A disk that fills up, for real: a file system of a few megabytes. Where the system does not let the
//! tests mount one, they say that they were skipped.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::common::{self, Home, counts, fixtures};
use serde_json::json;
use tocsin_core::app::App;
use tocsin_core::model::{RunOutcome, SourceId};
use tocsin_replay::Replay;

/// A small file system, unmounted when dropped.
struct Disk {
    dir: tempfile::TempDir,
}

impl Disk {
    fn mount(megabytes: u32) -> Option<Self> {
        let dir = tempfile::tempdir().unwrap();
        let size = format!("size={megabytes}m");
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &size, "tmpfs"])
            .arg(dir.path())
            .output();
        if mounted.is_ok_and(|done| done.status.success()) {
            return Some(Self { dir });
        }
        eprintln!("skipped: this system does not let the tests mount a file system");
        None
    }

    fn home(&self, replay: &Replay) -> Home {
        let mut home = Home::against(replay);
        home.dir = tempfile::tempdir_in(self.dir.path()).unwrap();
        home.settings("[channels.desktop]\nenabled = false\n");
        home
    }

    /// Takes what is free but for so much.
    fn fill(&self, but_kilobytes: u64) -> PathBuf {
        let path = self.dir.path().join("filler");
        let file = std::fs::File::create(&path).unwrap();
        let block = vec![1; 4096];
        while free(self.dir.path()) > but_kilobytes * 1024 {
            use std::io::Write;
            if (&file).write_all(&block).is_err() {
                break;
            }
        }
        path
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount")
            .arg("-l")
            .arg(self.dir.path())
            .output();
    }
}

fn free(path: &Path) -> u64 {
    tocsin_core::store::optimise::free_bytes(&path.join("x")).unwrap()
}

fn many(replay: &Replay) {
    let now = replay.now().format("%Y-%m-%dT%H:%M:%S.000").to_string();
    for n in 0..400 {
        let words = (0..150)
            .map(|w| format!("word{n}x{w} "))
            .collect::<String>();
        let record = json!({ "cve": {
            "id": format!("CVE-2026-{}", 70_000 + n), "sourceIdentifier": "cna@example.org",
            "published": now, "lastModified": now, "vulnStatus": "Received", "references": [],
            "descriptions": [{ "lang": "en", "value": words }],
        } });
        replay.put_nvd(&record).unwrap();
    }
}

async fn has_notice(app: &App) -> bool {
    // The task that listens for it needs a moment.
    for _ in 0..50 {
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        if app.notices().iter().any(|n| n.code == "disk_full") {
            return true;
        }
    }
    false
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_is_shown_loses_nothing_and_is_recovered_from() {
    let Some(disk) = Disk::mount(8) else { return };
    let replay = fixtures();
    let home = disk.home(&replay);
    let app = home.start(false).await;
    common::collect(&app, "nvd").await;
    let (before, _) = counts(&app, "all").await;
    many(&replay);
    let filler = disk.fill(200);

    let nvd = SourceId::new("nvd");
    let code = match app.collect(&nvd, true).await {
        Ok(ended) => {
            assert_eq!(ended.outcome, RunOutcome::Failed);
            ended.fault.unwrap().code
        }
        Err(fault) => fault.code,
    };
    assert_eq!(code, "disk_full");
    assert_eq!(
        counts(&app, "all").await.0,
        before,
        "half a page was stored"
    );

    // Not a byte more: acts answer with it, reading goes on.
    disk.fill(0);
    let id = common::row(&app, "CVE-2026-90006").await["id"].clone();
    let mut refused = None;
    for n in 0..400 {
        let state = if n % 2 == 0 { "done" } else { "new" };
        let act = common::set_state(json!([id]), state);
        if let Err(fault) = app.call("triage_act", act).await {
            refused = Some((fault, n));
            break;
        }
    }
    let (refused, acts) = refused.expect("the disk took everything");
    assert_eq!(refused.code, "disk_full");
    let state = common::row(&app, "CVE-2026-90006").await["state"].clone();
    assert_eq!(
        state,
        if acts % 2 == 0 { "new" } else { "done" },
        "an act was lost"
    );
    let no_room = app.call("data_backup", json!({ "path": null })).await;
    assert_eq!(no_room.unwrap_err().code, "file_not_written");
    assert!(has_notice(&app).await);

    // Room again: the next write takes the notice back, and the run brings everything.
    std::fs::remove_file(filler).unwrap();
    common::collect(&app, "nvd").await;
    assert_eq!(counts(&app, "all").await.0, before + 400);
    for _ in 0..100 {
        if app.notices().is_empty() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    assert!(app.notices().is_empty(), "{:?}", app.notices());
    app.stop().await;
    let conn = rusqlite::Connection::open(home.path().join("tocsin.db")).unwrap();
    let found: String = conn
        .query_row("PRAGMA integrity_check", [], |row| row.get(0))
        .unwrap();
    assert_eq!(found, "ok");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_on_a_full_disk_shows_what_is_stored() {
    let Some(disk) = Disk::mount(8) else { return };
    let replay = fixtures();
    let home = disk.home(&replay);
    let app = home.start(false).await;
    common::collect(&app, "nvd").await;
    let (before, _) = counts(&app, "all").await;
    app.stop().await;
    drop(app);
    let filler = disk.fill(0);
    let app = match home.try_start(false).await {
        Ok(app) => app,
        // SQLite itself needs a few kilobytes beside the file.
        Err(fault) => return assert_eq!(fault.code, "disk_full", "{fault}"),
    };
    assert_eq!(counts(&app, "all").await.0, before);
    assert!(has_notice(&app).await);
    std::fs::remove_file(filler).unwrap();
    common::collect(&app, "owasp").await;
    app.stop().await;
}

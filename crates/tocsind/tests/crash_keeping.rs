//! `kill -9` at random moments of backing up, restoring, migrating and triaging: afterwards the database is
//! whole, holds everything that a commit acknowledged, and its search index says the same.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::Duration;

use common::{Daemon, Dice, Folder, is_full, number, whole};
use rusqlite::Connection;
use serde_json::json;
use tocsin_replay::Replay;

const NOW: &str = "2026-07-01T00:00:00Z";

fn rounds() -> u64 {
    if is_full() { 200 } else { 10 }
}

/// Lets a process run for a while and kills it. Says whether it had ended by itself.
fn kill_after(mut child: Child, after: Duration) -> bool {
    std::thread::sleep(after);
    let ended = child.try_wait().unwrap().is_some();
    let _ = child.kill();
    child.wait().unwrap();
    ended
}

fn spawn(folder: &Folder, args: &[&str]) -> Child {
    folder
        .command(NOW, args)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

fn database(folder: &Folder) -> PathBuf {
    folder.path().join("tocsin.db")
}

/// A database of the first format with so many alerts, as version 0.1 left it.
fn first_format(path: &Path, alerts: i64) {
    let mut conn = Connection::open(path).unwrap();
    conn.execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF")
        .unwrap();
    let tx = conn.transaction().unwrap();
    tx.execute_batch(include_str!(
        "../../core/src/store/migrations/0001_first.sql"
    ))
    .unwrap();
    for n in 0..alerts {
        let id = (1_780_000_000 + n * 60) << 20;
        tx.execute(
            "INSERT INTO alerts (id, uid, source, kind, title, published, added, hash, severity, estimated, exploited, relevant, unread) VALUES (?1, ?2, 'nvd', 'vulnerability', ?3, ?4, ?4, zeroblob(32), 2, 0, 0, 0, 1)",
            rusqlite::params![id, format!("CVE-2026-{}", 10_000 + n), format!("Flaw {n} in Acme"), (1_780_000_000 + n * 60) * 1000],
        )
        .unwrap();
        let body: String = (0..60)
            .map(|w| format!("word{} ", (n * 31 + w * 7) % 5000))
            .collect();
        tx.execute(
            "INSERT INTO contents (id, body, products, facts) VALUES (?1, ?2, '', '{}')",
            rusqlite::params![id, body],
        )
        .unwrap();
        let finding = json!({
            "severity": "medium", "severity_basis": { "kind": "unscored" },
            "relevance": { "is_relevant": false, "reason": "no_watch", "matches": [] },
            "category": null, "entities": [], "estimate": null,
        });
        tx.execute(
            "INSERT INTO findings (id, finding) VALUES (?1, ?2)",
            rusqlite::params![id, finding.to_string()],
        )
        .unwrap();
    }
    tx.execute_batch("INSERT INTO search (search) VALUES ('rebuild')")
        .unwrap();
    tx.pragma_update(None, "user_version", 1).unwrap();
    tx.commit().unwrap();
}

fn empty_folder() -> (Replay, Folder) {
    let replay = Replay::start(tocsin_replay::Options::default()).unwrap();
    let folder = Folder::against(&replay);
    (replay, folder)
}

/// A second name of the running database is no backup of it.
fn inode(path: &Path) -> u64 {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata(path).unwrap().ino()
}

/// How long a command takes when nobody kills it.
fn time_of(folder: &Folder, args: &[&str]) -> Duration {
    let begun = std::time::Instant::now();
    let output = folder.command(NOW, args).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    begun.elapsed()
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap().max(1)
}

/// The format of today.
const NEWEST: i64 = 6;

#[test]
fn killed_while_migrating_the_file_is_of_the_old_format_or_of_the_new_one() {
    const ALERTS: i64 = 1_500;
    let (_replay, folder) = empty_folder();
    let original = common::temporary();
    let original = original.path().join("first.db");
    first_format(&original, ALERTS);
    let path = database(&folder);
    std::fs::copy(&original, &path).unwrap();
    // A source that is not there: nothing is collected, the database is opened and closed.
    let open = ["collect", "--source", "none"];
    let begun = std::time::Instant::now();
    folder.command(NOW, &open).output().unwrap();
    let whole_time = millis(begun.elapsed());
    assert_eq!(number(&whole(&path), "PRAGMA user_version"), NEWEST);

    let mut dice = Dice(1);
    let (mut old, mut new) = (0, 0);
    for round in 0..rounds() {
        for suffix in ["", "-wal", "-shm"] {
            let _ = std::fs::remove_file(folder.path().join(format!("tocsin.db{suffix}")));
        }
        let _ = std::fs::remove_dir_all(folder.path().join("backups"));
        std::fs::copy(&original, &path).unwrap();
        let after = Duration::from_millis(dice.below(whole_time + whole_time / 4));
        kill_after(spawn(&folder, &open), after);
        let conn = Connection::open(&path).unwrap();
        let found = number(&conn, "PRAGMA user_version");
        match found {
            1 => old += 1,
            2..=NEWEST => new += 1,
            other => panic!("round {round}: format {other}"),
        }
        drop(conn);
        // The next start finishes it, and the file from before is in the backups.
        folder.command(NOW, &open).output().unwrap();
        let conn = whole(&path);
        assert_eq!(
            number(&conn, "PRAGMA user_version"),
            NEWEST,
            "round {round}"
        );
        assert_eq!(number(&conn, "SELECT count(*) FROM alerts"), ALERTS);
        assert_eq!(number(&conn, "SELECT count(*) FROM contents"), ALERTS);
        drop(conn);
        let mut backups: Vec<PathBuf> = std::fs::read_dir(folder.path().join("backups"))
            .unwrap()
            .map(|e| e.unwrap().path())
            .collect();
        backups.sort();
        // One that was killed between two steps is kept once more before the next step.
        let starts = if found > 1 && found < NEWEST { 2 } else { 1 };
        assert_eq!(backups.len(), starts, "round {round}: {backups:?}");
        let backup = whole(&backups[0]);
        assert_eq!(number(&backup, "PRAGMA user_version"), 1);
        assert_eq!(number(&backup, "SELECT count(*) FROM alerts"), ALERTS);
    }
    eprintln!(
        "killed while migrating: {old} times still old, {new} times new; {whole_time} ms undisturbed"
    );
}

#[test]
fn killed_while_backing_up_and_restoring_there_is_one_whole_database() {
    const FEW: i64 = 500;
    const MANY: i64 = 1_500;
    let (_replay, folder) = empty_folder();
    let path = database(&folder);
    // Two databases that can be told apart.
    let dir = common::temporary();
    let [few, many] = [FEW, MANY].map(|alerts| {
        let made = dir.path().join(format!("{alerts}.db"));
        first_format(&made, alerts);
        made.to_str().unwrap().to_owned()
    });
    std::fs::copy(&many, &path).unwrap();
    folder
        .command(NOW, &["collect", "--source", "none"])
        .output()
        .unwrap();
    let backing_up = millis(time_of(&folder, &["backup"]));
    let restoring = millis(time_of(&folder, &["restore", &few]));
    time_of(&folder, &["restore", &many]);
    let mut dice = Dice(2);
    let (mut finished, mut replaced) = (0, 0);
    let mut now = MANY;
    for round in 0..rounds() {
        let after = Duration::from_millis(dice.below(backing_up + backing_up / 4));
        kill_after(spawn(&folder, &["backup"]), after);
        let (file, wanted) = if now == MANY {
            (&few, FEW)
        } else {
            (&many, MANY)
        };
        let after = Duration::from_millis(dice.below(restoring + restoring / 4));
        if kill_after(spawn(&folder, &["restore", file]), after) {
            finished += 1;
        }
        // The next start finds a whole one, and puts away what was not ready.
        let output = folder
            .command(NOW, &["collect", "--source", "none"])
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(!said.contains("damaged"), "round {round}: {said}");
        let conn = whole(&path);
        let found = number(&conn, "SELECT count(*) FROM alerts");
        assert!(found == now || found == wanted, "round {round}: {found}");
        if found != now {
            replaced += 1;
            now = found;
        }
        for entry in std::fs::read_dir(folder.path()).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            let left = [".new", ".replace", ".keeping", ".salvage"];
            assert!(
                !left.iter().any(|l| name.contains(l)),
                "round {round}: {name}"
            );
        }
        for entry in std::fs::read_dir(folder.path().join("backups")).unwrap() {
            let path = entry.unwrap().path();
            assert!(
                !path.to_string_lossy().contains(".part"),
                "{}",
                path.display()
            );
            if path.extension().is_some_and(|e| e == "db") {
                assert_ne!(inode(&path), inode(&database(&folder)), "round {round}");
                let kept = Connection::open(&path).unwrap();
                let alerts = number(&kept, "SELECT count(*) FROM alerts");
                assert!(alerts == MANY || alerts == FEW, "{}", path.display());
                drop(kept);
                std::fs::remove_file(&path).unwrap();
            }
        }
    }
    eprintln!(
        "killed while restoring: {replaced} times the new one is in place, {finished} times it had ended"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_while_triaging_no_act_that_was_answered_is_lost() {
    const ALERTS: i64 = 1_500;
    let (replay, folder) = empty_folder();
    first_format(&database(&folder), ALERTS);
    folder
        .command(NOW, &["collect", "--source", "none"])
        .output()
        .unwrap();
    let mut dice = Dice(3);
    let mut acted = 0;
    let states = ["done", "new"];
    for round in 0..rounds() {
        let daemon = Daemon::start(&folder, &replay);
        let mut answered = None;
        let state = states[usize::try_from(round % 2).unwrap()];
        let killed = tokio::time::sleep(Duration::from_millis(dice.below(400)));
        let act = json!({ "kind": "set_state", "state": state, "reason": null, "until": null });
        let request = json!({ "target": { "kind": "query", "query": "" }, "act": act });
        tokio::select! {
            answer = daemon.try_call("triage_act", request) => {
                answered = answer.map(|a| a["changed"].as_i64().unwrap());
            }
            () = killed => {}
        }
        daemon.kill();
        let conn = whole(&database(&folder));
        let count = "SELECT count(*) FROM alerts WHERE uid LIKE 'CVE-2026-1%'";
        assert_eq!(number(&conn, count), ALERTS, "round {round}");
        if let Some(changed) = answered {
            acted += 1;
            // What was collected meanwhile may have opened some again, but the act is there whole.
            let entries =
                "SELECT count(*) FROM triage_entries WHERE triage = (SELECT max(id) FROM triage)";
            let entries = number(&conn, entries);
            assert!(entries >= changed, "round {round}: {entries} of {changed}");
        }
        // An act is there with all its entries, or not at all.
        let torn = "SELECT count(*) FROM triage t WHERE NOT EXISTS (SELECT 1 FROM triage_entries e WHERE e.triage = t.id)";
        assert_eq!(number(&conn, torn), 0);
    }
    eprintln!("killed while triaging: {acted} acts were answered");
}

#[test]
fn two_processes_that_hammer_one_folder_harm_nothing() {
    let (replay, folder) = empty_folder();
    folder.collect(&replay);
    let now = replay.now().to_rfc3339();
    let (mut refused, mut ended) = (0, 0);
    for _ in 0..if is_full() { 40 } else { 6 } {
        let run = |args: &[&str]| {
            folder
                .command(&now, args)
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()
                .unwrap()
        };
        let writers = [run(&["collect"]), run(&["collect"])];
        let readers = [
            run(&["alerts", "--any", "--json"]),
            run(&["backup", "--json"]),
        ];
        for writer in writers {
            let output = writer.wait_with_output().unwrap();
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            match output.status.code() {
                Some(0) => ended += 1,
                Some(2) if said.contains("in use by another Tocsin") => refused += 1,
                other => panic!("{other:?}: {said}"),
            }
        }
        for reader in readers {
            let output = reader.wait_with_output().unwrap();
            assert!(output.status.success(), "{output:?}");
        }
    }
    assert!(ended > 0);
    eprintln!("two writers: {ended} ended, {refused} were refused");
    let conn = whole(&database(&folder));
    let alerts = number(&conn, "SELECT count(*) FROM alerts");
    assert_eq!(alerts, number(&conn, "SELECT count(*) FROM contents"));
    assert!(alerts > 10);
}

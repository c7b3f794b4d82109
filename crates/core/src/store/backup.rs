//! Backups: whole copies of the database, each verified before it gets its name.
//!
//! A copy is made page by page with SQLite's backup interface over a reader's connection that holds one
//! snapshot. Collecting and triage go on meanwhile: in WAL mode a reader blocks no writer, the snapshot
//! never starts the copy over, and the writer's connection has no part in it. (`VACUUM INTO` would read
//! through a snapshot too, but says nothing of how far it is and rebuilds every table and index.) The
//! log cannot be taken into the file as long as the copy is made, so it grows with what is written.

use std::fs::{self, File};
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::Connection;
use rusqlite::backup::StepResult;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::StoreError;
use super::connect::{connect_reader, refuse_newer};
use super::files::{self, beside, failed, folder_of};
use crate::error::Fault;
use crate::model::Time;

/// Pages copied between two looks at whether to go on: one megabyte.
const STEP_PAGES: i32 = 256;
/// Between two attempts where somebody has the file to himself.
const PAUSE: Duration = Duration::from_millis(20);
/// A copy that is not verified yet.
const UNFINISHED: &str = ".part";

/// Hears how much is done of how much (pages) and says whether to go on.
pub type Step<'a> = &'a dyn Fn(u32, u32) -> bool;

/// A copy of the database.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Backup {
    /// Where it is.
    pub path: String,
    /// When it was made.
    pub made: Time,
    /// Its bytes.
    #[ts(type = "number")]
    pub size_bytes: u64,
    /// Why it was made.
    pub reason: BackupReason,
}

/// Why a backup was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum BackupReason {
    /// Somebody asked for it.
    Manual,
    /// Before the file was brought to a newer format.
    Migration,
    /// What a restore replaced.
    Restore,
}

/// Where backups are, unless somebody names another place: beside the database, so on its disk.
#[must_use]
pub fn folder(database: &Path) -> PathBuf {
    folder_of(database).join("backups")
}

/// The backups in the folder, newest first.
#[must_use]
pub fn list(database: &Path) -> Vec<Backup> {
    let entries = fs::read_dir(folder(database)).into_iter().flatten();
    let mut all: Vec<Backup> = entries.flatten().filter_map(|e| known(&e.path())).collect();
    all.sort_by(|a, b| (b.made, &b.path).cmp(&(a.made, &a.path)));
    all
}

/// Removes what a crash left unverified, and nothing that another process is about to finish. The backups
/// themselves are the user's to delete.
pub fn remove_unfinished(database: &Path) {
    for entry in fs::read_dir(folder(database))
        .into_iter()
        .flatten()
        .flatten()
    {
        let name = entry.file_name().to_string_lossy().into_owned();
        if let Some((target, _)) = name.split_once(UNFINISHED)
            && let Ok(unfinished) = Unfinished::begin(&folder(database).join(target))
        {
            drop(unfinished);
        }
    }
}

/// A copy on its way, locked against other processes; what is left of it is removed when this is dropped.
struct Unfinished {
    path: PathBuf,
    lock: PathBuf,
    _held: File,
}

impl Unfinished {
    fn begin(target: &Path) -> Result<Self, StoreError> {
        let path = beside(target, UNFINISHED);
        let lock = beside(&path, ".lock");
        files::create_private(&lock)?;
        let held = File::open(&lock).map_err(failed("open", &lock))?;
        held.try_lock()
            .map_err(|error| failed("lock", &lock)(error.into()))?;
        files::remove_whole(&path)?;
        Ok(Self {
            path,
            lock,
            _held: held,
        })
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        for removed in [files::remove_whole(&self.path), files::remove(&self.lock)] {
            if let Err(error) = removed {
                tracing::warn!("{error}");
            }
        }
    }
}

/// Makes a verified copy: in the folder, named by `now`, or at a path where there is nothing yet. Blocks.
///
/// # Errors
/// `file_exists`, `file_not_written`, `copy_damaged` (with `damaged`: `database` where that is not whole
/// either, otherwise `copy`), `work_cancelled`; none of them leaves anything behind.
pub fn make(
    database: &Path,
    target: Option<&Path>,
    now: Time,
    step: Step<'_>,
) -> Result<Backup, StoreError> {
    let target = match target {
        Some(path) if path.exists() => return Err(exists(path).into()),
        Some(path) => path.to_owned(),
        None => {
            let folder = folder(database);
            files::create_dir(&folder)?;
            free_name(&folder, &format!("tocsin-{}", stamp(now)))
        }
    };
    let source = connect_reader(database)?;
    refuse_newer(&source, database)?;
    Unfinished::begin(&target)
        .and_then(|unfinished| {
            write_verified(&source, &unfinished.path, step)?;
            name(&unfinished.path, &target)
        })
        .map_err(|error| worded(error, &source, &target))?;
    Ok(Backup {
        path: target.display().to_string(),
        // As its name has it.
        made: Time(now.ms().div_euclid(1000) * 1000),
        size_bytes: files::size(&target),
        reason: BackupReason::Manual,
    })
}

/// Where a restore puts what it replaces. There is nothing there yet.
pub(super) fn place_for_replaced(database: &Path, now: Time) -> Result<PathBuf, StoreError> {
    let folder = folder(database);
    files::create_dir(&folder)?;
    Ok(free_name(
        &folder,
        &format!("tocsin-{}-before-restore", stamp(now)),
    ))
}

/// Copies a file of an older format before it is changed. A copy that an interrupted migration made of
/// the same content is enough.
pub(super) fn before_migration(
    conn: &Connection,
    database: &Path,
    format: i64,
) -> Result<(), StoreError> {
    let folder = folder(database);
    files::create_dir(&folder)?;
    let stem = format!("tocsin-before-format-{format}");
    let usual = folder.join(format!("{stem}.db"));
    let unfinished = Unfinished::begin(&usual)?;
    write_verified(conn, &unfinished.path, &|_, _| true)?;
    if usual.exists() && is_same(&unfinished.path, &usual)? {
        return Ok(());
    }
    name(&unfinished.path, &free_name(&folder, &stem))
}

/// Copies what `source` reads, checks the copy and brings it to the disk.
fn write_verified(source: &Connection, to: &Path, step: Step<'_>) -> Result<(), StoreError> {
    drop(files::create_new(to)?);
    let snapshot = source.unchecked_transaction()?;
    let alerts = count_alerts(&snapshot)?;
    let mut target = Connection::open(to)?;
    // It is worth nothing before it is whole, and then it is brought to the disk at once.
    target.execute_batch("PRAGMA synchronous = OFF")?;
    copy_pages(&snapshot, &mut target, step)?;
    drop(snapshot);
    // One file, whoever opens it: no log beside it.
    target.execute_batch("PRAGMA journal_mode = DELETE")?;
    if let Some(problem) = find_damage(&target)? {
        return Err(StoreError::Damaged {
            path: PathBuf::new(),
            reason: problem,
        });
    }
    if count_alerts(&target)? != alerts {
        return Err(StoreError::Damaged {
            path: PathBuf::new(),
            reason: "the copy does not hold all alerts".into(),
        });
    }
    drop(target);
    files::remove_company(to)?;
    files::sync(to)
}

fn copy_pages(from: &Connection, to: &mut Connection, step: Step<'_>) -> Result<(), StoreError> {
    let copying = rusqlite::backup::Backup::new(from, to)?;
    loop {
        match copying.step(STEP_PAGES)? {
            StepResult::Done => return Ok(()),
            StepResult::More => {}
            _ => std::thread::sleep(PAUSE),
        }
        let progress = copying.progress();
        let total = u32::try_from(progress.pagecount).unwrap_or(0);
        let left = u32::try_from(progress.remaining).unwrap_or(0);
        if !step(total.saturating_sub(left), total) {
            return Err(cancelled().into());
        }
    }
}

/// What is wrong with a database, read to the last page; `None` where it is whole.
pub(super) fn find_damage(conn: &Connection) -> Result<Option<String>, StoreError> {
    let found: String = conn.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
    Ok((found != "ok").then(|| found.lines().last().unwrap_or_default().to_owned()))
}

pub(super) fn count_alerts(conn: &Connection) -> Result<u32, StoreError> {
    let count: i64 = conn.query_row("SELECT count(*) FROM alerts", [], |row| row.get(0))?;
    Ok(u32::try_from(count).unwrap_or(u32::MAX))
}

/// The fault of work that was told to stop.
pub(super) fn cancelled() -> Fault {
    Fault::new("work_cancelled", "It was stopped; nothing was changed.")
}

/// Gives a finished copy its name; what has it already stays.
fn name(unfinished: &Path, target: &Path) -> Result<(), StoreError> {
    match fs::hard_link(unfinished, target) {
        Ok(()) => files::remove(unfinished)?,
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
            return Err(exists(target).into());
        }
        // No second names on this disk.
        Err(_) if target.exists() => return Err(exists(target).into()),
        Err(_) => fs::rename(unfinished, target).map_err(failed("write", target))?,
    }
    files::sync_dir(folder_of(target));
    Ok(())
}

fn exists(path: &Path) -> Fault {
    Fault::new(
        "file_exists",
        format!(
            "{} exists already and is not overwritten. Choose another name.",
            path.display()
        ),
    )
    .with("path", path.display())
}

fn worded(error: StoreError, source: &Connection, target: &Path) -> StoreError {
    let reason = match error {
        StoreError::Damaged { reason, .. } => return copy_damaged(&reason, source, target).into(),
        StoreError::DiskFull => "the disk is full".to_owned(),
        StoreError::File { source, .. } => source.to_string(),
        StoreError::Sqlite(error) => error.to_string(),
        other => return other,
    };
    let sentence = format!("{} could not be written: {reason}.", target.display());
    Fault::new("file_not_written", sentence)
        .with("path", target.display())
        .with("reason", reason)
        .into()
}

/// A copy that is not whole: of a database that is not either, or on a disk that does not keep it.
fn copy_damaged(reason: &str, source: &Connection, target: &Path) -> Fault {
    let is_whole = matches!(find_damage(source), Ok(None));
    let (damaged, sentence) = if is_whole {
        let path = target.display();
        (
            "copy",
            format!(
                "The copy {path} could not be read back as it was written: {reason}. The database is whole; make the backup on another disk."
            ),
        )
    } else {
        (
            "database",
            format!(
                "No backup was made, because the database itself is damaged: {reason}. Close Tocsin and start it again: then you choose between an older backup and what can still be read."
            ),
        )
    };
    Fault::new("copy_damaged", sentence)
        .with("path", target.display())
        .with("reason", reason)
        .with("damaged", damaged)
}

/// Why a backup failed, where it is because the database is damaged.
#[must_use]
pub fn found_damage(error: &StoreError) -> Option<String> {
    match error {
        StoreError::Damaged { reason, .. } => Some(reason.clone()),
        StoreError::Refused(fault) if fault.code == "copy_damaged" => {
            let is_database = fault.params.get("damaged").is_some_and(|d| d == "database");
            fault.params.get("reason").filter(|_| is_database).cloned()
        }
        _ => None,
    }
}

/// Whether two files have the same bytes.
fn is_same(a: &Path, b: &Path) -> Result<bool, StoreError> {
    if files::size(a) != files::size(b) {
        return Ok(false);
    }
    let open = |path: &Path| {
        File::open(path)
            .map(std::io::BufReader::new)
            .map_err(failed("read", path))
    };
    let (left, right) = (open(a)?, open(b)?);
    for (x, y) in left.bytes().zip(right.bytes()) {
        if x.map_err(failed("read", a))? != y.map_err(failed("read", b))? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// `20261122T061500Z`.
pub(super) fn stamp(at: Time) -> String {
    at.to_chrono().format("%Y%m%dT%H%M%SZ").to_string()
}

fn read_stamp(text: &str) -> Option<Time> {
    let parsed = chrono::NaiveDateTime::parse_from_str(text, "%Y%m%dT%H%M%SZ").ok()?;
    Some(parsed.and_utc().into())
}

fn free_name(folder: &Path, stem: &str) -> PathBuf {
    let first = folder.join(format!("{stem}.db"));
    if !first.exists() {
        return first;
    }
    (2..)
        .map(|n: u32| folder.join(format!("{stem}-{n}.db")))
        .find(|path| !path.exists())
        .unwrap_or(first)
}

/// A file of the folder, where it is a database: why it was made is in its name.
fn known(path: &Path) -> Option<Backup> {
    if path.extension()? != "db" {
        return None;
    }
    let found = fs::metadata(path).ok().filter(fs::Metadata::is_file)?;
    let stem = path.file_stem()?.to_str()?;
    let reason = if stem.contains("-before-format-") {
        BackupReason::Migration
    } else if stem.contains("-before-restore") {
        BackupReason::Restore
    } else {
        BackupReason::Manual
    };
    let named = stem.split('-').nth(1).and_then(read_stamp);
    let changed = found
        .modified()
        .map(|at| Time::from(chrono::DateTime::<chrono::Utc>::from(at)));
    Some(Backup {
        path: path.display().to_string(),
        made: named.or(changed.ok())?,
        size_bytes: found.len(),
        reason,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_says_when_and_why() {
        let dir = tempfile::tempdir().unwrap();
        let check = |name: &str, reason: BackupReason, made: Option<&str>| {
            let path = dir.path().join(name);
            fs::write(&path, "x").unwrap();
            let found = known(&path).unwrap();
            assert_eq!(found.reason, reason, "{name}");
            if let Some(made) = made {
                assert_eq!(found.made, Time::parse_rfc3339(made).unwrap(), "{name}");
            }
        };
        let at = Some("2026-11-22T06:15:00Z");
        check("tocsin-20261122T061500Z.db", BackupReason::Manual, at);
        check("tocsin-20261122T061500Z-2.db", BackupReason::Manual, at);
        check(
            "tocsin-20261122T061500Z-before-restore.db",
            BackupReason::Restore,
            at,
        );
        check("tocsin-before-format-2.db", BackupReason::Migration, None);
        check("copied by hand.db", BackupReason::Manual, None);
        assert!(known(&dir.path().join("none.db")).is_none());
    }

    #[test]
    fn a_free_name_is_one_that_nothing_has() {
        let dir = tempfile::tempdir().unwrap();
        for name in ["a.db", "a-2.db"] {
            fs::write(dir.path().join(name), "").unwrap();
        }
        assert_eq!(free_name(dir.path(), "a"), dir.path().join("a-3.db"));
        assert_eq!(free_name(dir.path(), "b"), dir.path().join("b.db"));
    }
}

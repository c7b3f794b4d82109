//! Putting another database in the place of this one while the app runs: a backup, what salvage could
//! read, or an empty one. The new one is made and checked beside the old one first; the old one is kept.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags, params};

use super::backup::{self, Step, cancelled, count_alerts, find_damage};
use super::connect::connect;
use super::db::{Db, Inner};
use super::files::{self, LOG, beside};
use super::replace::{place_of_new, replace, take_back};
use super::row::to_json;
use super::{StoreError, meta, migrate, salvage};
use crate::error::Fault;
use crate::model::{DeliveryState, Time};

/// Bytes of a file's beginning that say that SQLite wrote it.
const MAGIC: &[u8; 16] = b"SQLite format 3\0";
/// How many of the steps are the copy; the checks and the exchange are the others.
const COPY_STEPS: u32 = 1;
const STEPS: u32 = 5;

/// What took the place of the database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replaced {
    /// Alerts in the database now.
    pub alerts: u32,
    /// Alerts of which something could not be read, where that was tried.
    pub lost: Option<u32>,
    /// Where the database from before is.
    pub kept: PathBuf,
}

impl Db {
    /// Puts a backup in the place of the database, which is kept among the backups; a damaged one beside
    /// itself. Deliveries that wait in the backup become unknown: they may have been sent since.
    ///
    /// # Errors
    /// `file_unreadable`, `backup_foreign`, `backup_newer`, `backup_damaged`, `work_cancelled`, or that
    /// the disk is full; the database from before is in place then.
    pub async fn restore<F>(
        &self,
        backup: PathBuf,
        now: Time,
        step: F,
    ) -> Result<Replaced, StoreError>
    where
        F: Fn(u32, u32) -> bool + Send + 'static,
    {
        let database = self.path().to_owned();
        let alerts = self
            .prepared(move || prepare(&backup, &database, now, &step))
            .await?;
        let kept = self.exchange(now).await?;
        Ok(Replaced {
            alerts,
            lost: None,
            kept,
        })
    }

    /// Puts what can be read of a damaged database in its place.
    ///
    /// # Errors
    /// `salvage_nothing` where nothing can be read; the disk is full.
    pub async fn salvage<F>(&self, now: Time, step: F) -> Result<Replaced, StoreError>
    where
        F: Fn(u32, u32) -> bool + Send + 'static,
    {
        let database = self.path().to_owned();
        let found = self
            .prepared(move || salvage::salvage(&database, &place_of_new(&database), now, &step))
            .await?;
        let kept = self.exchange(now).await?;
        Ok(Replaced {
            alerts: found.alerts,
            lost: Some(found.lost),
            kept,
        })
    }

    /// Puts an empty database in the place of a damaged one.
    ///
    /// # Errors
    /// Where the disk is full.
    pub async fn start_anew(&self, now: Time) -> Result<Replaced, StoreError> {
        let database = self.path().to_owned();
        self.prepared(move || make_empty(&place_of_new(&database), migrate::newest()).map(drop))
            .await?;
        let kept = self.exchange(now).await?;
        Ok(Replaced {
            alerts: 0,
            lost: None,
            kept,
        })
    }

    /// Makes the new database; what a failure left of it is removed.
    async fn prepared<T: Send + 'static>(
        &self,
        make: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let new = place_of_new(self.path());
        tokio::task::spawn_blocking(move || {
            files::remove_whole(&new)?;
            let made = make().and_then(|made| {
                files::sync(&new)?;
                Ok(made)
            });
            if made.is_err() {
                let _ = files::remove_whole(&new);
            }
            made
        })
        .await
        .map_err(|_| StoreError::Closed)?
    }

    /// Ends all reading and writing, puts the new database in the place of this one and opens it. Where
    /// that fails, the old one is open again.
    async fn exchange(&self, now: Time) -> Result<PathBuf, StoreError> {
        self.alone(move |inner| {
            let damage = inner.damage();
            // What was found damaged while it was open is no backup either.
            let kept = if damage.is_some() || inner.health.is_damaged() {
                place_for_damaged(&inner.path, now)
            } else {
                backup::place_for_replaced(&inner.path, now)?
            };
            inner.end();
            let exchanged = replace(&inner.path, &kept).and_then(|()| {
                inner.start().inspect_err(|error| {
                    tracing::error!("the new database could not be opened: {error}");
                    if let Err(error) = take_back(&inner.path, &kept) {
                        tracing::error!("the old database could not be put back: {error}");
                    }
                })
            });
            match exchanged {
                Ok(()) => {
                    inner.set_damage(None);
                    inner.health.clear();
                    Ok(kept)
                }
                Err(error) => {
                    if damage.is_none() {
                        open_again(inner);
                    }
                    Err(error)
                }
            }
        })
        .await
    }
}

fn open_again(inner: &Inner) {
    if let Err(error) = inner.start() {
        tracing::error!("the database could not be opened again: {error}");
        inner.set_damage(Some(error.to_string()));
    }
}

/// `<db>.damaged-20261122T061500Z`; there is nothing there yet.
fn place_for_damaged(database: &Path, now: Time) -> PathBuf {
    let first = beside(database, &format!(".damaged-{}", backup::stamp(now)));
    if !first.exists() {
        return first;
    }
    (2..)
        .map(|n: u32| beside(&first, &format!("-{n}")))
        .find(|path| !path.exists())
        .unwrap_or(first)
}

/// Copies a backup to `<db>.new`, checks it there and brings it up to date. The backup itself is only
/// read. Says how many alerts it has.
fn prepare(backup: &Path, database: &Path, now: Time, step: Step<'_>) -> Result<u32, StoreError> {
    let go_on = |done: u32| {
        if step(done, STEPS) {
            Ok(())
        } else {
            Err(StoreError::from(cancelled()))
        }
    };
    refuse_unreadable(backup, database)?;
    let new = place_of_new(database);
    go_on(0)?;
    files::copy(backup, &new).map_err(|error| copy_failed(error, backup))?;
    let log = beside(backup, LOG);
    if files::size(&log) > 0 {
        files::copy(&log, &beside(&new, LOG)).map_err(|error| copy_failed(error, &log))?;
    }
    go_on(COPY_STEPS)?;
    let checked = bring_up_to_date(&new, backup, now, &go_on);
    checked.map_err(|error| match error {
        StoreError::Damaged { reason, .. } => damaged(backup, &reason).into(),
        other => other,
    })
}

fn bring_up_to_date(
    new: &Path,
    backup: &Path,
    now: Time,
    go_on: &dyn Fn(u32) -> Result<(), StoreError>,
) -> Result<u32, StoreError> {
    let mut conn = connect(new, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    refuse_foreign(&conn, backup)?;
    if let Some(problem) = find_damage(&conn)? {
        return Err(damaged(backup, &problem).into());
    }
    go_on(2)?;
    let broken: i64 = conn.query_row("SELECT count(*) FROM pragma_foreign_key_check", [], |r| {
        r.get(0)
    })?;
    if broken > 0 {
        return Err(damaged(backup, &format!("{broken} rows refer to nothing")).into());
    }
    go_on(3)?;
    migrate::run(&mut conn, migrate::newest())?;
    hold_deliveries(&conn, now)?;
    meta::end_use(&conn)?;
    go_on(4)?;
    let alerts = count_alerts(&conn)?;
    conn.execute_batch("PRAGMA journal_mode = DELETE")?;
    Ok(alerts)
}

/// What waits in a backup may have been sent after it was made: nothing of it goes out by itself.
pub(super) fn hold_deliveries(conn: &Connection, now: Time) -> Result<(), StoreError> {
    let fault = Fault::new(
        "delivery_restored",
        "This message was waiting in the database that was restored, so it may have been sent since. Look there, then resend it or give it up.",
    );
    conn.execute(
        "UPDATE deliveries SET state = ?1, fault = ?2, next_attempt = NULL, finished = ?3 WHERE state IN (?4, ?5, ?6)",
        params![
            DeliveryState::Unknown.as_str(),
            to_json("fault", &fault)?,
            now.ms(),
            DeliveryState::Waiting.as_str(),
            DeliveryState::Retrying.as_str(),
            DeliveryState::Sending.as_str(),
        ],
    )?;
    conn.execute(
        "UPDATE attempts SET ended = ?1 WHERE ended IS NULL",
        [now.ms()],
    )?;
    Ok(())
}

/// Makes a database with our tables of a format.
pub(super) fn make_empty(path: &Path, format: i64) -> Result<Connection, StoreError> {
    drop(files::create_new(path)?);
    let mut conn = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    migrate::run(&mut conn, format)?;
    conn.execute_batch("PRAGMA journal_mode = DELETE")?;
    Ok(conn)
}

fn refuse_unreadable(backup: &Path, database: &Path) -> Result<(), StoreError> {
    let unreadable = |reason: String| {
        Fault::new(
            "file_unreadable",
            format!("{} cannot be read: {reason}.", backup.display()),
        )
        .with("path", backup.display())
        .with("reason", reason)
    };
    let is_same = |a: &Path, b: &Path| match (a.canonicalize(), b.canonicalize()) {
        (Ok(a), Ok(b)) => a == b,
        _ => false,
    };
    if is_same(backup, database) {
        return Err(unreadable("it is the database itself".into()).into());
    }
    let mut start = [0; MAGIC.len()];
    let read = File::open(backup).and_then(|mut file| {
        if file.metadata()?.is_dir() {
            return Err(std::io::Error::other("it is a folder"));
        }
        file.read_exact(&mut start)
    });
    match read {
        Ok(()) if start == *MAGIC => Ok(()),
        Ok(()) => Err(foreign(backup).into()),
        Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => {
            Err(foreign(backup).into())
        }
        Err(error) => Err(unreadable(error.to_string()).into()),
    }
}

fn refuse_foreign(conn: &Connection, backup: &Path) -> Result<(), StoreError> {
    let application: i64 = conn.pragma_query_value(None, "application_id", |row| row.get(0))?;
    let format = migrate::version(conn)?;
    let ours: i64 = conn.query_row(
        "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name IN ('alerts', 'contents', 'findings', 'deliveries')",
        [],
        |row| row.get(0),
    )?;
    // Format 1 had no name yet.
    let is_named = application == migrate::APPLICATION_ID || (application == 0 && format == 1);
    if format > migrate::newest() && (is_named || ours == 4) {
        let known = migrate::newest();
        return Err(Fault::new(
            "backup_newer",
            format!("{} was written by a newer Tocsin (format {format}, this one knows {known}). Update Tocsin first.", backup.display()),
        )
        .with("path", backup.display())
        .with("found", format)
        .with("known", known)
        .into());
    }
    if !is_named || format < 1 || ours < 4 {
        return Err(foreign(backup).into());
    }
    Ok(())
}

fn foreign(backup: &Path) -> Fault {
    Fault::new(
        "backup_foreign",
        format!(
            "{} is no backup of Tocsin. Nothing was changed; choose another file.",
            backup.display()
        ),
    )
    .with("path", backup.display())
}

fn damaged(backup: &Path, reason: &str) -> Fault {
    Fault::new(
        "backup_damaged",
        format!(
            "{} is damaged: {reason}. Nothing was changed; choose another backup.",
            backup.display()
        ),
    )
    .with("path", backup.display())
    .with("reason", reason)
}

fn copy_failed(error: StoreError, file: &Path) -> StoreError {
    match error {
        StoreError::File {
            attempt: "read",
            source,
            ..
        } => Fault::new(
            "file_unreadable",
            format!("{} cannot be read: {source}.", file.display()),
        )
        .with("path", file.display())
        .with("reason", source)
        .into(),
        other => other,
    }
}

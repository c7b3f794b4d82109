//! The database as the user sees it: where it is, how large, its backups; backing up, restoring, cleaning
//! and optimising it.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::status::Nothing;
use crate::app::App;
use crate::error::Fault;
use crate::model::{Kind, Time};
use crate::store::backup::{self, Backup};
use crate::store::{alerts, meta, optimise, retention};

/// What is stored, and where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DataStatus {
    /// The database.
    pub path: String,
    /// Its bytes, with its log.
    #[ts(type = "number")]
    pub size_bytes: u64,
    /// Bytes free on its disk, where the system tells.
    #[ts(type = "number | null")]
    pub free_bytes: Option<u64>,
    /// Alerts by kind.
    pub alerts: Vec<KindCount>,
    /// The earliest publication.
    pub oldest: Option<Time>,
    /// The backups in its folder, newest first.
    pub backups: Vec<Backup>,
    /// Alerts that retention would remove now.
    pub removable: u32,
    /// Removed alerts that are kept from coming back.
    pub tombstones: u32,
    /// When it was last optimised.
    pub last_optimised: Option<Time>,
}

/// Alerts of a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct KindCount {
    /// The kind.
    pub kind: Kind,
    /// How many.
    pub count: u32,
}

pub(super) async fn data_status(app: &App, _: Nothing) -> Result<DataStatus, Fault> {
    let limits = app.limits();
    let (alerts, oldest, removable, tombstones, last_optimised) = app
        .db()
        .read(move |r| {
            Ok((
                alerts::by_kind(r)?,
                alerts::oldest(r)?,
                retention::removable(r, &limits)?,
                retention::tombstones(r)?,
                meta::last_optimised(r)?,
            ))
        })
        .await?;
    let path = app.db().path().to_owned();
    let files = tokio::task::spawn_blocking(move || {
        (
            optimise::size_bytes(&path),
            optimise::free_bytes(&path),
            backup::list(&path),
        )
    });
    let (size_bytes, free_bytes, backups) = files.await.unwrap_or_default();
    Ok(DataStatus {
        path: app.db().path().display().to_string(),
        size_bytes,
        free_bytes,
        alerts: alerts
            .into_iter()
            .map(|(kind, count)| KindCount { kind, count })
            .collect(),
        oldest,
        backups,
        removable,
        tombstones,
        last_optimised,
    })
}

/// Makes a backup.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct BackUp {
    /// Where to; `null` is the folder of backups.
    pub path: Option<String>,
}

pub(super) async fn data_backup(app: &App, request: BackUp) -> Result<Backup, Fault> {
    let target = request.path.as_deref().map(absolute).transpose()?;
    app.back_up(target).await
}

/// Puts a backup in the place of the database.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct RestoreFrom {
    /// The backup.
    pub path: String,
}

/// What was restored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Restored {
    /// Alerts in it.
    pub alerts: u32,
    /// Where the database from before was put.
    pub kept: String,
}

pub(super) async fn data_restore(app: &App, request: RestoreFrom) -> Result<Restored, Fault> {
    let replaced = app.restore(absolute(&request.path)?).await?;
    Ok(Restored {
        alerts: replaced.alerts,
        kept: replaced.kept.display().to_string(),
    })
}

/// What retention removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Cleaned {
    /// Alerts.
    pub removed: u32,
}

pub(super) async fn data_clean(app: &App, _: Nothing) -> Result<Cleaned, Fault> {
    let removed = app.clean().await?;
    Ok(Cleaned { removed })
}

/// What optimising changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Optimised {
    /// Bytes before.
    #[ts(type = "number")]
    pub before_bytes: u64,
    /// Bytes after.
    #[ts(type = "number")]
    pub after_bytes: u64,
}

pub(super) async fn data_optimise(app: &App, _: Nothing) -> Result<Optimised, Fault> {
    let (before_bytes, after_bytes) = app.optimise(true).await?;
    Ok(Optimised {
        before_bytes,
        after_bytes,
    })
}

/// A path as somebody chose it. One that is not absolute would be read against the program's folder.
pub(super) fn absolute(path: &str) -> Result<PathBuf, Fault> {
    let path = PathBuf::from(path);
    if path.is_absolute() {
        return Ok(path);
    }
    Err(Fault::new(
        "path_not_absolute",
        format!("{} is no whole path. Choose the file anew.", path.display()),
    )
    .with("path", path.display()))
}

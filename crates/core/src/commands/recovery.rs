//! What can be done when the database is damaged. Until one of these succeeded, every other command
//! answers the fault `database_damaged`.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::data::{RestoreFrom, absolute};
use super::status::Nothing;
use crate::app::App;
use crate::error::Fault;
use crate::store::backup::{self, Backup};
use crate::store::restore::Replaced;

/// The commands that work on a damaged database.
const COMMANDS: [&str; 4] = [
    "recovery_get",
    "recovery_restore",
    "recovery_salvage",
    "recovery_new",
];

/// Why a command is not answered now.
pub(super) fn refuse(app: &App, name: &str) -> Result<(), Fault> {
    match app.damage() {
        Some(fault) if !COMMANDS.contains(&name) => Err(fault),
        _ => Ok(()),
    }
}

/// What is damaged, and what could take its place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Recovery {
    /// The database.
    pub path: String,
    /// What is wrong with it, in SQLite's words.
    pub reason: String,
    /// The backups in its folder, newest first.
    pub backups: Vec<Backup>,
}

/// What took the place of the damaged database.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Recovered {
    /// Alerts in it.
    pub alerts: u32,
    /// Alerts of which something could not be read; `null` where nothing was read of the damaged file.
    pub lost: Option<u32>,
    /// Where the damaged file was put.
    pub kept: String,
}

impl From<Replaced> for Recovered {
    fn from(replaced: Replaced) -> Self {
        Self {
            alerts: replaced.alerts,
            lost: replaced.lost,
            kept: replaced.kept.display().to_string(),
        }
    }
}

pub(super) async fn recovery_get(app: &App, _: Nothing) -> Result<Recovery, Fault> {
    let reason = app.damage_reason()?;
    let path = app.db().path().to_owned();
    let backups = tokio::task::spawn_blocking(move || backup::list(&path)).await;
    Ok(Recovery {
        path: app.db().path().display().to_string(),
        reason,
        backups: backups.unwrap_or_default(),
    })
}

pub(super) async fn recovery_restore(app: &App, request: RestoreFrom) -> Result<Recovered, Fault> {
    app.damage_reason()?;
    Ok(app.restore(absolute(&request.path)?).await?.into())
}

pub(super) async fn recovery_salvage(app: &App, _: Nothing) -> Result<Recovered, Fault> {
    Ok(app.salvage().await?.into())
}

pub(super) async fn recovery_new(app: &App, _: Nothing) -> Result<Recovered, Fault> {
    Ok(app.start_anew().await?.into())
}

//! Sources: health, schedule, runs, collecting now.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::status::Nothing;
use crate::app::App;
use crate::error::Fault;
use crate::model::{Backfill, Facet, Health, Progress, Run, SourceId, normal_value};
use crate::store::{list, sources as store};

/// A source as its screen shows it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct SourceRow {
    /// Which.
    pub id: SourceId,
    /// What it is.
    #[ts(type = "\"nvd\" | \"owasp\" | \"feed\"")]
    pub kind: String,
    /// Its name for people.
    pub name: String,
    /// Where it is read.
    pub url: String,
    /// Whether it is collected on schedule.
    pub enabled: bool,
    /// Minutes between two runs.
    pub interval_min: u32,
    /// How it does.
    pub health: Health,
    /// How far the present run is; `None` while none runs.
    pub running: Option<Progress>,
    /// Its last run that ended.
    pub last_run: Option<Run>,
    /// Alerts that it brought.
    pub alerts: u32,
    /// The reading of all its years; only NVD has that, and only once somebody started it.
    pub backfill: Option<Backfill>,
}

/// Names a source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SourceRef {
    /// Which.
    pub source: SourceId,
}

/// Names one source or all.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct OneOrAll {
    /// Which; `None` for all that are enabled.
    #[serde(default)]
    #[ts(optional)]
    pub source: Option<SourceId>,
}

/// Runs that the log shows.
const RUNS_SHOWN: u32 = 50;

pub(super) async fn sources_list(app: &App, _: Nothing) -> Result<Vec<SourceRow>, Fault> {
    let in_force = app.in_force();
    let ids: Vec<SourceId> = in_force.settings.sources.keys().cloned().collect();
    let stored = app
        .db()
        .read(move |r| {
            ids.into_iter()
                .map(|id| {
                    Ok((
                        store::health(r, &id)?,
                        store::last_ended(r, &id)?,
                        list::with(r, Facet::Source, &normal_value(id.as_str())),
                    ))
                })
                .collect::<Result<Vec<_>, crate::store::StoreError>>()
        })
        .await?;
    let running = app.running();
    let mut backfills = BTreeMap::new();
    for id in in_force
        .sources
        .iter()
        .filter(|(_, s)| s.nvd.is_some())
        .map(|(id, _)| id)
    {
        backfills.insert(id.clone(), app.backfill(id).await?);
    }
    Ok(in_force
        .settings
        .sources
        .iter()
        .zip(stored)
        .map(|((id, set), (health, last_run, alerts))| SourceRow {
            id: id.clone(),
            kind: set.kind.as_str().to_owned(),
            name: set.name.clone(),
            url: set.url.clone(),
            enabled: set.enabled,
            interval_min: set.interval_min,
            health,
            running: running.get(id).cloned(),
            last_run,
            alerts,
            backfill: backfills.remove(id).flatten(),
        })
        .collect())
}

pub(super) async fn source_runs(app: &App, request: SourceRef) -> Result<Vec<Run>, Fault> {
    Ok(app
        .db()
        .read(move |r| store::runs(r, &request.source, RUNS_SHOWN))
        .await?)
}

pub(super) async fn collect_start(app: &App, request: OneOrAll) -> Result<Nothing, Fault> {
    // Whoever just mended the settings by hand expects them to count.
    app.reload_if_changed().await;
    app.start_collecting(request.source.as_ref(), true)?;
    Ok(Nothing {})
}

pub(super) async fn collect_cancel(app: &App, request: OneOrAll) -> Result<Nothing, Fault> {
    app.cancel_collecting(request.source.as_ref());
    Ok(Nothing {})
}

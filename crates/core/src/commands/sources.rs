//! Sources: health, schedule, runs, collecting now.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::model::{Health, Progress, Run, SourceId};
use crate::settings::SourceKind;

/// A source as its screen shows it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct SourceRow {
    /// Which.
    pub id: SourceId,
    /// What it is.
    pub kind: SourceKind,
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

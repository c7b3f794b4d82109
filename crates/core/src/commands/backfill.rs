//! The reading of all years of NVD: start, pause, resume, cancel. How far it is stands with its source.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::status::Nothing;
use crate::app::App;
use crate::error::Fault;

/// Starts reading all years.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct BackfillStart {
    /// The first year of publication; `null` is all of them.
    #[serde(default)]
    pub from_year: Option<u16>,
}

pub(super) async fn backfill_start(app: &App, request: BackfillStart) -> Result<Nothing, Fault> {
    app.reload_if_changed().await;
    app.backfill_start(request.from_year).await?;
    Ok(Nothing {})
}

pub(super) async fn backfill_pause(app: &App, _: Nothing) -> Result<Nothing, Fault> {
    app.backfill_pause().await?;
    Ok(Nothing {})
}

pub(super) async fn backfill_resume(app: &App, _: Nothing) -> Result<Nothing, Fault> {
    app.reload_if_changed().await;
    app.backfill_resume().await?;
    Ok(Nothing {})
}

pub(super) async fn backfill_cancel(app: &App, _: Nothing) -> Result<Nothing, Fault> {
    app.backfill_cancel().await?;
    Ok(Nothing {})
}

//! Sources: health, schedule, runs, collecting now.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::status::Nothing;
use crate::app::App;
use crate::app::is_adaptive;
use crate::error::Fault;
use crate::model::{
    Backfill, Condition, Facet, Health, Moment, Progress, Run, SourceId, Time, normal_value,
};
use crate::query::node::{Leaf, Node, Value};
use crate::schedule::condition::{Known, condition};
use crate::schedule::rhythm;
use crate::settings::Settings;
use crate::store::{Read, StoreError, list, sources as store};

/// A source as its screen shows it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct SourceRow {
    /// Which.
    pub id: SourceId,
    /// What it is.
    #[ts(type = "\"nvd\" | \"kev\" | \"epss\" | \"owasp\" | \"feed\"")]
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
    /// How it does, as one word.
    pub condition: Condition,
    /// Whether its interval follows its own rhythm.
    pub adaptive: bool,
    /// Whether its articles are fetched whole.
    pub full_text: bool,
    /// Under which heading it is listed.
    pub group: Option<String>,
    /// Whether it is always there: it is switched off instead of removed.
    pub built_in: bool,
    /// Whether it may be at a private, link-local or loopback address.
    pub allow_private: bool,
    /// New items a day over the last 14 days.
    pub per_day: Option<f32>,
    /// How reading all of NVD's years goes; only NVD has it.
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
    let now = app.now();
    let stored = app
        .db()
        .read(move |r| {
            ids.into_iter()
                .map(|id| {
                    Ok(Stored {
                        health: store::health(r, &id)?,
                        usual_days: rhythm::usual_days(&store::rhythm(r, &id)?),
                        last_run: store::last_ended(r, &id)?,
                        alerts: list::with(r, Facet::Source, &normal_value(id.as_str())),
                        per_day: per_day(r, &id, now)?,
                    })
                })
                .collect::<Result<Vec<_>, crate::store::StoreError>>()
        })
        .await?;
    let running = app.running();
    let built_in = Settings::default().sources;
    let rows = in_force.settings.sources.iter().zip(stored);
    Ok(rows
        .map(|((id, set), stored)| {
            let mut health = stored.health;
            health.per_day = stored.per_day;
            let known = Known {
                enabled: set.enabled,
                is_paused: in_force.is_paused,
                is_running: running.contains_key(id),
                health: &health,
                interval_min: health.rhythm_min.unwrap_or(set.interval_min),
                usual_days: stored.usual_days,
            };
            SourceRow {
                id: id.clone(),
                kind: set.kind.as_str().to_owned(),
                name: set.name.clone(),
                url: set.url.clone(),
                enabled: set.enabled,
                interval_min: set.interval_min,
                running: running.get(id).cloned(),
                last_run: stored.last_run,
                alerts: stored.alerts,
                condition: condition(known, now),
                adaptive: is_adaptive(&set.kind),
                full_text: false,
                group: None,
                built_in: built_in.contains_key(id),
                allow_private: set.allow_private,
                per_day: stored.per_day,
                backfill: None,
                health,
            }
        })
        .collect())
}

/// What the database knows of a source.
struct Stored {
    health: Health,
    usual_days: Option<f64>,
    last_run: Option<Run>,
    alerts: u32,
    per_day: Option<f32>,
}

/// New items a day over the last 14 days, by publication: a first collection is no flood.
#[allow(clippy::cast_precision_loss)]
fn per_day(r: &Read<'_>, source: &SourceId, now: Time) -> Result<Option<f32>, StoreError> {
    const DAYS: i64 = 14;
    let published_since = |days: i64| {
        let source = Node::Leaf(Leaf::Facet {
            field: Facet::Source,
            value: Value::Is(normal_value(source.as_str())),
        });
        let published = Node::Leaf(Leaf::Moment {
            field: Moment::Published,
            from: Some(now.plus_s(-days * 86_400)),
            before: None,
        });
        list::count(r, &Node::And(vec![source, published]))
    };
    let count = published_since(DAYS)?;
    Ok((count > 0).then_some(count as f32 / DAYS as f32))
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

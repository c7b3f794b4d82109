//! Sources: health, schedule, runs, collecting now.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::status::Nothing;
use crate::app::{App, InForce, is_adaptive};
use crate::error::Fault;
use crate::model::{
    Backfill, Condition, Facet, Health, Moment, Progress, Run, SourceId, Time, normal_value,
};
use crate::query::node::{Leaf, Node, Value};
use crate::schedule::condition::{Known, condition, sentence};
use crate::schedule::rhythm;
use crate::settings::{Settings, SourceKind};
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
    /// That in a sentence, in English: what happened, what to do, what comes next.
    pub sentence: String,
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
    let mut backfills = BTreeMap::new();
    for (id, source) in &in_force.sources {
        if source.nvd.is_some() {
            backfills.insert(id.clone(), app.backfill(id).await?);
        }
    }
    let built_in = Settings::default().sources;
    let rows = in_force.settings.sources.iter().zip(stored);
    Ok(rows
        .map(|((id, set), stored)| {
            let mut health = stored.health;
            health.per_day = stored.per_day;
            let feed = match &set.kind {
                SourceKind::Feed(feed) => Some(feed),
                _ => None,
            };
            let known = Known {
                enabled: set.enabled,
                is_paused: in_force.is_paused,
                is_running: running.contains_key(id),
                health: &health,
                interval_min: health.rhythm_min.unwrap_or(set.interval_min),
                usual_days: stored.usual_days,
            };
            let condition = condition(known, now);
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
                sentence: sentence(&condition, &health, now),
                condition,
                adaptive: is_adaptive(&set.kind),
                full_text: feed.is_some_and(|feed| feed.full_text),
                group: feed.and_then(|feed| feed.group.clone()),
                built_in: built_in.contains_key(id),
                allow_private: set.allow_private,
                per_day: stored.per_day,
                backfill: backfills.remove(id).flatten(),
                health,
            }
        })
        .collect())
}

/// What warns of sources that have been down or silent for unusually long: one notice of each kind.
pub(super) fn warnings(
    in_force: &InForce,
    healths: &[(SourceId, Health, Option<f64>)],
    now: Time,
) -> Vec<Fault> {
    let (mut down, mut silent) = (Vec::new(), Vec::new());
    for (id, health, usual_days) in healths {
        let Some(set) = in_force.settings.sources.get(id) else {
            continue;
        };
        let known = Known {
            enabled: set.enabled,
            is_paused: in_force.is_paused,
            is_running: false,
            health,
            interval_min: health.rhythm_min.unwrap_or(set.interval_min),
            usual_days: *usual_days,
        };
        let found = condition(known, now);
        let list = match found {
            Condition::Down { .. } => &mut down,
            Condition::Silent { .. } => &mut silent,
            _ => continue,
        };
        list.push((id, set.name.as_str(), sentence(&found, health, now)));
    }
    let kinds = [
        ("sources_down", "have been failing for unusually long", down),
        (
            "sources_silent",
            "have brought nothing new for unusually long",
            silent,
        ),
    ];
    let notice = |(code, what, all): (&str, &str, Vec<(&SourceId, &str, String)>)| {
        let names: Vec<&str> = all.iter().map(|(_, name, _)| *name).collect();
        let names = names.join(", ");
        let message = match all.as_slice() {
            [] => return None,
            [(_, name, sentence)] => format!("{name}: {sentence}"),
            _ => format!(
                "{} sources {what}: {names}. Sources says what to do.",
                all.len()
            ),
        };
        let notice = Fault::new(code, message)
            .with("count", all.len())
            .with("names", names);
        Some(notice.with("source", all[0].0))
    };
    kinds.into_iter().filter_map(notice).collect()
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

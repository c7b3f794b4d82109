//! Analysis: the models in force, what was learnt from triage, why an alert is judged as it is, and what
//! another threshold would change.

use std::path::PathBuf;

use crate::analyse::learn::{
    CrossValidated, LEAST_OF_EACH, LabelFrom, LearntTerm, ReadError, SPEAKS_FROM,
    UserModel as Learnt,
};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::inbox::AlertRef;
use super::status::Nothing;
use crate::app::{App, ModelState, UserModelState, report, save_file, stored_model};
use crate::error::Fault;
use crate::model::{AlertId, Explanation, Finding, Time};
use crate::settings::check_threshold;
use crate::store::{StoreError, alerts, analysed, labels};

/// Terms that are shown of what was learnt.
const MOST_TERMS: usize = 40;
/// Labels of one answer.
const MOST_LABELS: u32 = 500;
/// How far back a preview of the threshold looks.
const PREVIEW_DAYS: u32 = 30;
/// Alerts that a preview names.
const PREVIEW_EXAMPLES: usize = 10;
/// The largest file of a user's model.
const MOST_FILE_BYTES: u64 = 64 << 20;

/// The models in force.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct AnalysisStatus {
    /// The model file.
    pub model: ModelState,
    /// From which probability on an alert is called relevant.
    pub threshold: f64,
    /// What was learnt from triage.
    pub user: UserModel,
    /// Whether it is being learnt right now.
    pub is_training: bool,
    /// The work that analyses stored alerts again, while it runs.
    pub reanalysis: Option<u32>,
}

/// What was learnt from triage.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct UserModel {
    /// Whether it speaks.
    pub state: UserModelState,
    /// Labels that say an alert matters.
    pub relevant: u32,
    /// Labels that say it does not.
    pub not_relevant: u32,
    /// Labels from which it speaks, both kinds together.
    pub needed: u32,
    /// Of these, at least so many of each kind.
    pub needed_of_each: u32,
    /// When it was made.
    pub trained: Option<Time>,
    /// Features that it has a weight for.
    pub features: u32,
    /// How it does on labels that it was not made from.
    pub cross: Option<CrossValidated>,
    /// Its strongest terms: for relevance first, then against.
    pub terms: Vec<LearntTerm>,
}

/// Asks for labels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct AskLabels {
    /// The first, from 0.
    pub offset: u32,
    /// At most 500.
    pub limit: u32,
}

/// Labels that people gave, the newest first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct Labels {
    /// How many there are.
    pub total: u32,
    /// Those that were asked for.
    pub labels: Vec<LabelRow>,
}

/// A label.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct LabelRow {
    /// Of which alert.
    pub alert: AlertId,
    /// Its stable name.
    pub uid: String,
    /// Its title.
    pub title: String,
    /// What it says.
    pub is_relevant: bool,
    /// How much it counts, 0.0 to 1.0.
    pub weight: f64,
    /// Who says it.
    pub from: LabelFrom,
    /// Since when.
    pub at: Time,
}

/// Where the user's model is written to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ExportModel {
    /// The file.
    pub path: String,
    /// Whether a file that is there is replaced; without, `file_exists`.
    pub overwrite: bool,
}

/// Where a user's model is read from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ImportModel {
    /// The file.
    pub path: String,
}

/// Asks what another threshold would change.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct AskThreshold {
    /// 0.01 to 0.99.
    pub threshold: f64,
}

/// What another threshold would change among the newest articles.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct ThresholdPreview {
    /// How far back it looks.
    pub days: u32,
    /// Articles since then.
    pub articles: u32,
    /// Of these, relevant now.
    pub relevant_now: u32,
    /// Of these, relevant with that threshold.
    pub relevant_then: u32,
    /// Some that would become relevant, the likeliest first.
    pub gained: Vec<ThresholdHit>,
    /// Some that would no longer be, the least likely first.
    pub lost: Vec<ThresholdHit>,
}

/// An article whose relevance would change.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct ThresholdHit {
    /// Which.
    pub id: AlertId,
    /// Its title.
    pub title: String,
    /// The probability that it matters.
    pub score: f64,
}

/// A user's model with what it was made from, as it is exported.
#[derive(Serialize, Deserialize)]
struct ModelFile {
    /// The model as [`Learnt::write`] has it.
    model: String,
    labels: Vec<SaidOf>,
}

#[derive(Serialize, Deserialize)]
struct SaidOf {
    uid: String,
    is_relevant: bool,
    at: Time,
}

pub(super) async fn analysis_status(app: &App, _: Nothing) -> Result<AnalysisStatus, Fault> {
    let (counts, report, model) = app
        .db()
        .read(|r| Ok((labels::counts(r)?, report(r)?, stored_model(r)?)))
        .await?;
    let has_labels = counts.relevant + counts.not_relevant > 0;
    Ok(AnalysisStatus {
        model: app.model_state(),
        threshold: app.analyser().threshold(),
        user: UserModel {
            state: match report.state {
                UserModelState::None if has_labels => UserModelState::Gathering,
                state => state,
            },
            relevant: counts.relevant,
            not_relevant: counts.not_relevant,
            needed: SPEAKS_FROM,
            needed_of_each: LEAST_OF_EACH,
            trained: report.trained,
            features: model.as_ref().map_or(0, |m| small(m.features())),
            cross: report.cross,
            terms: model.map_or_else(Vec::new, |m| m.terms(MOST_TERMS)),
        },
        is_training: app.is_training(),
        reanalysis: app.reanalysis(),
    })
}

pub(super) async fn analysis_labels(app: &App, request: AskLabels) -> Result<Labels, Fault> {
    let AskLabels { offset, limit } = request;
    let found = app
        .db()
        .read(move |r| {
            let counts = labels::counts(r)?;
            let labels = labels::given(r, offset, limit.min(MOST_LABELS))?;
            let ids: Vec<AlertId> = labels.iter().map(|label| label.alert).collect();
            let alerts = alerts::summaries(r, &ids)?;
            Ok((counts, labels, alerts))
        })
        .await?;
    let (counts, labels, alerts) = found;
    let row = |label: labels::Label| {
        let alert = alerts.iter().find(|alert| alert.id == label.alert)?;
        Some(LabelRow {
            alert: label.alert,
            uid: alert.uid.clone(),
            title: alert.title.clone(),
            is_relevant: label.is_relevant,
            weight: label.from.weight(),
            from: label.from,
            at: label.at,
        })
    };
    Ok(Labels {
        total: counts.relevant + counts.not_relevant,
        labels: labels.into_iter().filter_map(row).collect(),
    })
}

pub(super) async fn analysis_retrain(app: &App, _: Nothing) -> Result<Nothing, Fault> {
    app.retrain().await?;
    Ok(Nothing {})
}

pub(super) async fn analysis_reset(app: &App, _: Nothing) -> Result<Nothing, Fault> {
    app.unlearn().await?;
    Ok(Nothing {})
}

pub(super) async fn analysis_reanalyse(app: &App, _: Nothing) -> Result<Nothing, Fault> {
    app.reanalyse_all().await?;
    Ok(Nothing {})
}

pub(super) async fn analysis_export(app: &App, request: ExportModel) -> Result<Nothing, Fault> {
    let found = app
        .db()
        .read(|r| {
            let Some(model) = stored_model(r)? else {
                return Ok(None);
            };
            let labels = labels::given(r, 0, small(crate::analyse::learn::MOST_LABELS))?;
            let ids: Vec<AlertId> = labels.iter().map(|label| label.alert).collect();
            let uids = alerts::summaries(r, &ids)?;
            let said = labels.into_iter().filter_map(|label| {
                let alert = uids.iter().find(|alert| alert.id == label.alert)?;
                Some(SaidOf {
                    uid: alert.uid.clone(),
                    is_relevant: label.is_relevant,
                    at: label.at,
                })
            });
            Ok(Some((model, said.collect::<Vec<_>>())))
        })
        .await?;
    let Some((model, labels)) = found else {
        return Err(Fault::new(
            "nothing_learnt",
            "Nothing was learnt yet, so there is nothing to export.",
        ));
    };
    let file = ModelFile {
        model: String::from_utf8_lossy(&model.write()).into_owned(),
        labels,
    };
    let bytes = serde_json::to_vec(&file).map_err(|e| StoreError::Unreadable {
        what: "model",
        reason: e.to_string(),
    })?;
    let paths = app.paths().clone();
    let path = PathBuf::from(request.path);
    let write = move || save_file(path, request.overwrite, &paths, &bytes);
    tokio::task::spawn_blocking(write)
        .await
        .map_err(|_| Fault::new("file_not_written", "The file could not be written."))??;
    Ok(Nothing {})
}

pub(super) async fn analysis_import(app: &App, request: ImportModel) -> Result<Nothing, Fault> {
    let path = request.path.clone();
    let read = tokio::task::spawn_blocking(move || read_model(&request.path));
    let (model, labels) = read
        .await
        .map_err(|_| unreadable(&path, "it could not be read"))??;
    let said = labels.into_iter().map(|l| (l.uid, l.is_relevant, l.at));
    app.take_model(model, said.collect()).await?;
    Ok(Nothing {})
}

fn read_model(path: &str) -> Result<(Learnt, Vec<SaidOf>), Fault> {
    let refuse = |reason: &str| unreadable(path, reason);
    let size = std::fs::metadata(path).map_err(|e| refuse(&e.to_string()))?;
    if size.len() > MOST_FILE_BYTES {
        return Err(refuse("it is too large"));
    }
    let bytes = std::fs::read(path).map_err(|e| refuse(&e.to_string()))?;
    let file: ModelFile =
        serde_json::from_slice(&bytes).map_err(|_| refuse("it is no model of Tocsin's"))?;
    let model = Learnt::read(file.model.as_bytes()).map_err(|error| match error {
        ReadError::NotAModel => refuse("it is no model of Tocsin's"),
        ReadError::Damaged => refuse("it is damaged"),
        ReadError::Version { found } => refuse(&format!(
            "a newer version of Tocsin made it (format {found})"
        )),
    })?;
    Ok((model, file.labels))
}

fn unreadable(path: &str, reason: &str) -> Fault {
    Fault::new(
        "user_model_unreadable",
        format!("{path} was not imported: {reason}. What was learnt here stays."),
    )
    .with("file", path)
    .with("reason", reason)
}

pub(super) async fn analysis_threshold_preview(
    app: &App,
    request: AskThreshold,
) -> Result<ThresholdPreview, Fault> {
    check_threshold(request.threshold)?;
    let since = Time(app.now().ms() - i64::from(PREVIEW_DAYS) * 86_400_000);
    let articles = app.db().read(move |r| analysed::scored(r, since)).await?;
    let mut preview = ThresholdPreview {
        days: PREVIEW_DAYS,
        articles: small(articles.len()),
        relevant_now: 0,
        relevant_then: 0,
        gained: Vec::new(),
        lost: Vec::new(),
    };
    let (mut gained, mut lost) = (Vec::new(), Vec::new());
    for article in articles {
        let now = article.is_relevant;
        // A watch or a mute decides whatever the threshold is.
        let then = match article.score {
            Some(score) if !article.is_decided => score >= request.threshold,
            _ => now,
        };
        preview.relevant_now += u32::from(now);
        preview.relevant_then += u32::from(then);
        let score = article.score.unwrap_or_default();
        match (now, then) {
            (false, true) => gained.push((article.id, score)),
            (true, false) => lost.push((article.id, score)),
            _ => {}
        }
    }
    gained.sort_by(|a, b| b.1.total_cmp(&a.1));
    lost.sort_by(|a, b| a.1.total_cmp(&b.1));
    gained.truncate(PREVIEW_EXAMPLES);
    lost.truncate(PREVIEW_EXAMPLES);
    let ids: Vec<AlertId> = gained.iter().chain(&lost).map(|(id, _)| *id).collect();
    let named = app.db().read(move |r| alerts::summaries(r, &ids)).await?;
    let hit = |(id, score): (AlertId, f64)| {
        let alert = named.iter().find(|alert| alert.id == id)?;
        Some(ThresholdHit {
            id,
            title: alert.title.clone(),
            score,
        })
    };
    preview.gained = gained.into_iter().filter_map(hit).collect();
    preview.lost = lost.into_iter().filter_map(hit).collect();
    Ok(preview)
}

pub(super) async fn alert_explain(app: &App, request: AlertRef) -> Result<Explanation, Fault> {
    let stored = app.db().read(move |r| alerts::get(r, request.id)).await?;
    let Some(stored) = stored else {
        return Err(Fault::new(
            "unknown_alert",
            "There is no such alert; it may have been removed.",
        ));
    };
    Ok(explain(app, stored).await)
}

/// Why analysis says what it says of an alert.
pub(super) async fn explain(app: &App, stored: alerts::Stored) -> Explanation {
    let analyser = app.analyser();
    let made = tokio::task::spawn_blocking(move || {
        analyser.explain(&stored.parts().subject(), &stored.finding)
    });
    made.await.unwrap_or_default()
}

/// A stored finding with everything that is not stored: names, indicators and techniques with their places.
pub(super) async fn whole(app: &App, stored: &alerts::Stored) -> Finding {
    let analyser = app.analyser();
    let kept = stored.finding.clone();
    let stored = stored.clone();
    let made = tokio::task::spawn_blocking(move || {
        analyser.with_places(&stored.parts().subject(), stored.finding.clone())
    });
    made.await.unwrap_or(kept)
}

fn small(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

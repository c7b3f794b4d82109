//! Settings: what is set and by whom, edits, write-only secrets, trying a channel, watches.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::inbox;
use super::status::Nothing;
use crate::analyse;
use crate::app::{App, spellings};
use crate::error::Fault;
use crate::model::{AlertId, ChannelId, Watch};
use crate::notify;
use crate::secrets::{Secret, SecretName, SecretState, Secrets};
use crate::settings::{Edit, FileState, Settings, edit, editor};
use crate::store::{alerts, search, watches};

/// Everything that the settings screen shows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct SettingsNow {
    /// The settings in force.
    pub settings: Settings,
    /// Keys that the environment sets, with the variable: `channels.email.smtp_host` -> `SMTP_SERVER`.
    /// They are read-only.
    pub from_environment: BTreeMap<String, String>,
    /// The secrets, each set or not; never their values.
    pub secrets: Vec<SecretRow>,
    /// Where the file is.
    pub file: String,
    /// Where secrets set in the window are kept.
    pub secrets_file: String,
    /// Where the database is.
    pub database: String,
    /// What is wrong with the file.
    pub faults: Vec<Fault>,
    /// Whether the file can be edited; not while its syntax is broken.
    pub is_editable: bool,
}

/// A secret as far as the interface may know it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SecretRow {
    /// Which.
    pub name: SecretName,
    /// Set or not, and by whom.
    pub state: SecretState,
}

/// Changes settings.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct EditSettings {
    /// The change.
    pub edit: Edit,
}

/// Sets or removes a secret. The value goes in and never comes out.
#[derive(Clone, Deserialize, TS)]
pub struct SetSecret {
    /// Which.
    pub name: SecretName,
    /// The value; `None` removes it.
    pub value: Option<String>,
}

/// Names a channel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ChannelRef {
    /// Which.
    pub channel: ChannelId,
}

/// How a test message fared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct TestResult {
    /// The exact cause where it failed; `None` = it went out.
    pub fault: Option<Fault>,
}

/// A watch as the settings screen shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct WatchRow {
    /// The watch.
    pub watch: Watch,
    /// Whether `KEYWORDS` brought it; then it is read-only.
    pub from_environment: bool,
    /// Stored alerts that it matches; `None` while they are being counted.
    pub alerts: Option<u32>,
}

/// Asks what a watch would match before it is saved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PreviewWatch {
    /// The watch.
    pub watch: Watch,
}

/// What a watch would match.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct WatchPreview {
    /// Stored alerts that it matches among the newest that were looked at.
    pub alerts: u32,
    /// Whether there are more candidates than were looked at.
    pub more: bool,
    /// The newest few of them.
    pub examples: Vec<inbox::Row>,
}

/// Candidates that a preview looks at.
const PREVIEW_CANDIDATES: u32 = 2_000;
/// Alerts that a preview shows.
const PREVIEW_EXAMPLES: usize = 5;

pub(super) async fn settings_get(app: &App, _: Nothing) -> Result<SettingsNow, Fault> {
    let in_force = app.in_force();
    let paths = app.paths();
    Ok(SettingsNow {
        settings: in_force.settings.clone(),
        from_environment: in_force.settings.from_environment.clone(),
        secrets: SecretName::ALL
            .into_iter()
            .map(|name| SecretRow {
                name,
                state: in_force.secrets.state(name),
            })
            .collect(),
        file: paths.settings_file.display().to_string(),
        secrets_file: paths.env_file.display().to_string(),
        database: paths.database.display().to_string(),
        faults: in_force.notices.clone(),
        is_editable: !matches!(in_force.file_state, FileState::Broken { .. }),
    })
}

pub(super) async fn settings_edit(app: &App, request: EditSettings) -> Result<Nothing, Fault> {
    let editing = app.clone();
    blocking(move || {
        edit::apply(editing.paths(), &editing.environment(), &request.edit)?;
        editing.reload();
        Ok(())
    })
    .await
}

pub(super) async fn secret_set(app: &App, request: SetSecret) -> Result<Nothing, Fault> {
    let editing = app.clone();
    blocking(move || {
        let mut secrets = Secrets::load(&editing.environment());
        match request.value {
            Some(value) => secrets.set(editing.paths(), request.name, Secret::new(value))?,
            None => secrets.remove(editing.paths(), request.name)?,
        }
        editing.reload();
        Ok(())
    })
    .await
}

pub(super) async fn channel_test(app: &App, request: ChannelRef) -> Result<TestResult, Fault> {
    let in_force = app.in_force();
    let Some(set) = in_force.settings.channels.get(&request.channel) else {
        return Err(Fault::new(
            "unknown_channel",
            format!("There is no channel {}.", request.channel),
        )
        .with("channel", &request.channel));
    };
    let fault = match notify::channel(&request.channel, set, &in_force.secrets, app.events()) {
        Ok(channel) => channel.check().await.err(),
        Err(fault) => Some(fault),
    };
    Ok(TestResult { fault })
}

pub(super) async fn watches_list(app: &App, _: Nothing) -> Result<Vec<WatchRow>, Fault> {
    let set = app.in_force().settings.watches.clone();
    let rows = app
        .db()
        .read(move |r| {
            let complete = watches::complete(r)?.into_iter().collect();
            set.into_iter()
                .map(|w| {
                    let alerts = if App::is_counted(&w.watch, &complete) {
                        Some(watches::hits(r, &w.watch.term)?)
                    } else {
                        None
                    };
                    Ok(WatchRow {
                        watch: w.watch,
                        from_environment: w.from_environment,
                        alerts,
                    })
                })
                .collect()
        })
        .await?;
    Ok(rows)
}

pub(super) async fn watch_preview(app: &App, request: PreviewWatch) -> Result<WatchPreview, Fault> {
    let watch = request.watch;
    editor::check_watch(&watch)?;
    let (count, more, examples) = app
        .db()
        .read(move |r| {
            let wanted: Vec<&str> = spellings(&watch).collect();
            let candidates = search::candidates(r, &wanted, AlertId(i64::MAX), PREVIEW_CANDIDATES)?;
            let more = candidates.len() == PREVIEW_CANDIDATES as usize;
            let analyser = analyse::for_one_watch(&watch);
            let mut matched = Vec::new();
            for id in candidates {
                let Some(stored) = alerts::get(r, id)? else {
                    continue;
                };
                if analyser.relevance(&stored.parts().subject()).is_relevant {
                    matched.push(id);
                }
            }
            let shown = matched.len().min(PREVIEW_EXAMPLES);
            Ok((
                u32::try_from(matched.len()).unwrap_or(u32::MAX),
                more,
                alerts::summaries(r, &matched[..shown])?,
            ))
        })
        .await?;
    Ok(WatchPreview {
        alerts: count,
        more,
        examples: inbox::rows(app, examples),
    })
}

/// Files are read and written where that holds nobody up.
async fn blocking(
    work: impl FnOnce() -> Result<(), Fault> + Send + 'static,
) -> Result<Nothing, Fault> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|_| Fault::new("settings_failed", "The settings could not be changed."))??;
    Ok(Nothing {})
}

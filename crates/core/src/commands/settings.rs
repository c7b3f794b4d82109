//! Settings: what is set and by whom, edits, write-only secrets, trying a channel.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::status::Nothing;
use crate::app::App;
use crate::error::Fault;
use crate::model::ChannelId;
use crate::notify;
use crate::secrets::{Secret, SecretName, SecretState, Secrets};
use crate::settings::{Edit, FileState, Settings, edit};

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

/// Files are read and written where that holds nobody up.
async fn blocking(
    work: impl FnOnce() -> Result<(), Fault> + Send + 'static,
) -> Result<Nothing, Fault> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|_| Fault::new("settings_failed", "The settings could not be changed."))??;
    Ok(Nothing {})
}

//! Settings: what is set and by whom, edits, write-only secrets, trying a channel.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::status::Nothing;
use crate::app::App;
use crate::error::Fault;
use crate::model::ChannelId;
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
    /// Where secrets set in the window are kept where there is no keyring.
    pub secrets_file: String,
    /// Why secrets cannot be kept in the keyring of the operating system; `None` = they are.
    pub keyring_fault: Option<Fault>,
    /// The time zone of this machine: `Europe/Berlin`.
    pub zone: String,
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
    /// Whose, where it is a channel's.
    pub channel: Option<ChannelId>,
    /// The variable that sets it.
    pub variable: String,
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
    /// Whose, where it is a channel's; `None` = that of the built-in channel of its kind.
    #[serde(default)]
    #[ts(optional = nullable)]
    pub channel: Option<ChannelId>,
    /// The value; `None` removes it.
    pub value: Option<String>,
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
                channel: None,
                variable: name.variable().to_owned(),
                state: in_force.secrets.state(name),
            })
            .collect(),
        file: paths.settings_file.display().to_string(),
        secrets_file: paths.env_file.display().to_string(),
        keyring_fault: None,
        zone: "UTC".to_owned(),
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

/// Files are read and written where that holds nobody up.
async fn blocking(
    work: impl FnOnce() -> Result<(), Fault> + Send + 'static,
) -> Result<Nothing, Fault> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|_| Fault::new("settings_failed", "The settings could not be changed."))??;
    Ok(Nothing {})
}

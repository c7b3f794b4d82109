//! Settings: what is set and by whom, edits, write-only secrets, trying a channel.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::status::Nothing;
use crate::app::{App, InForce};
use crate::error::Fault;
use crate::model::ChannelId;
use crate::secrets::{Secret, SecretKey, SecretName, SecretState, Secrets};
use crate::settings::{Edit, FileState, Settings, edit, machine_zone};

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
        secrets: secret_rows(&in_force),
        file: paths.settings_file.display().to_string(),
        secrets_file: paths.env_file.display().to_string(),
        keyring_fault: in_force.secrets.keyring_fault(),
        zone: machine_zone(),
        database: paths.database.display().to_string(),
        faults: in_force.notices.clone(),
        is_editable: !matches!(in_force.file_state, FileState::Broken { .. }),
    })
}

/// All secrets, each set or not: NVD's key, then those of the channels.
pub(super) fn secret_rows(in_force: &InForce) -> Vec<SecretRow> {
    let channels = in_force.settings.channels.keys();
    std::iter::once(secret_row(in_force, SecretName::NvdApiKey, None))
        .chain(channels.flat_map(|id| channel_secrets(in_force, id)))
        .collect()
}

/// The secrets of a channel, each set or not.
pub(super) fn channel_secrets(in_force: &InForce, id: &ChannelId) -> Vec<SecretRow> {
    let set = in_force.settings.channels.get(id);
    let names = set.map_or(&[][..], |set| SecretName::of_kind(&set.kind));
    let names = names.iter();
    names
        .map(|name| secret_row(in_force, *name, Some(id)))
        .collect()
}

fn secret_row(in_force: &InForce, name: SecretName, channel: Option<&ChannelId>) -> SecretRow {
    let key = SecretKey::new(name, channel);
    SecretRow {
        name,
        channel: channel.cloned(),
        variable: key.variable(),
        state: in_force.secrets.state(&key),
    }
}

pub(super) async fn settings_edit(app: &App, request: EditSettings) -> Result<Nothing, Fault> {
    let editing = app.clone();
    blocking(move || {
        let before = editing.in_force();
        edit::apply(editing.paths(), &editing.environment(), &request.edit)?;
        let done = match &request.edit {
            Edit::RemoveChannel { id } => forget_secrets(&editing, &before, id),
            _ => Ok(()),
        };
        editing.reload();
        done
    })
    .await
}

/// A channel that is added later under the same id must not find them.
fn forget_secrets(app: &App, before: &InForce, id: &ChannelId) -> Result<(), Fault> {
    let mut secrets = Secrets::load(app.paths(), &app.environment(), &before.settings);
    for row in channel_secrets(before, id) {
        match secrets.remove(app.paths(), &SecretKey::new(row.name, Some(id))) {
            // It is not ours to remove.
            Err(fault) if fault.code == "set_by_environment" => {}
            removed => removed?,
        }
    }
    Ok(())
}

pub(super) async fn secret_set(app: &App, request: SetSecret) -> Result<Nothing, Fault> {
    let editing = app.clone();
    blocking(move || {
        let in_force = editing.in_force();
        let key = secret_key(&in_force, &request)?;
        let paths = editing.paths();
        let mut secrets = Secrets::load(paths, &editing.environment(), &in_force.settings);
        let done = match request.value {
            Some(value) => secrets.set(paths, &key, Secret::new(value)),
            None => secrets.remove(paths, &key),
        };
        editing.reload();
        done
    })
    .await
}

/// Which secret is meant, of a channel that has it.
fn secret_key(in_force: &InForce, request: &SetSecret) -> Result<SecretKey, Fault> {
    let (name, Some(id)) = (request.name, &request.channel) else {
        return Ok(SecretKey::new(request.name, None));
    };
    let Some(set) = in_force.settings.channels.get(id) else {
        return Err(
            Fault::new("channel_unknown", format!("There is no channel {id}.")).with("channel", id),
        );
    };
    if !SecretName::of_kind(&set.kind).contains(&name) {
        return Err(Fault::new(
            "channel_lacks_setting",
            format!("{} has no {}.", set.name, name.variable()),
        )
        .with("channel", id)
        .with("name", &set.name)
        .with("key", name.variable()));
    }
    Ok(SecretKey::new(name, Some(id)))
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

//! Settings: what is set and by whom, edits, write-only secrets, trying a channel, watches.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::error::Fault;
use crate::model::{ChannelId, Watch};
use crate::secrets::{SecretName, SecretState};
use crate::settings::{Edit, Settings};

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
    /// What is wrong with the file; while its syntax is broken nothing can be edited.
    pub faults: Vec<Fault>,
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
    pub examples: Vec<super::inbox::Row>,
}

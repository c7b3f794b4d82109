//! The app's own edits of `settings.toml`. Comments, order and unknown keys stay. The file is read anew
//! for every edit, so what somebody wrote by hand meanwhile is kept; a file that is no TOML is never
//! touched; what the environment sets is not edited.
//!
//! Here is what can be edited and how the file is replaced; `editor` changes the document.

use std::path::Path;

use serde::{Deserialize, Serialize};
use toml_edit::DocumentMut;
use ts_rs::TS;

use super::editor::Editor;
use super::load::{broken, read_text};
use super::schema::{Settings, SmtpTls, SourceSettings, Theme};
use super::{Environment, FileState, Paths, file};
use crate::error::Fault;
use crate::model::{
    ChannelId, DigestTimes, Mute, QuietHours, Rule, RuleId, SourceId, ViewSettings, Watch,
};

/// One edit. Fields that are `None` stay as they are.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Edit {
    /// Sets the window's colours.
    SetTheme {
        /// To this.
        theme: Theme,
    },
    /// Adds a watch at the end.
    AddWatch {
        /// The watch.
        watch: Watch,
    },
    /// Replaces a watch in its place.
    ReplaceWatch {
        /// The term that it has now.
        term: String,
        /// What it becomes.
        watch: Watch,
    },
    /// Removes a watch.
    RemoveWatch {
        /// Its term.
        term: String,
    },
    /// Adds a mute at the end.
    AddMute {
        /// The mute.
        mute: Mute,
    },
    /// Replaces a mute in its place.
    ReplaceMute {
        /// The term that it has now.
        term: String,
        /// What it becomes.
        mute: Mute,
    },
    /// Removes a mute.
    RemoveMute {
        /// Its term.
        term: String,
    },
    /// Adds a view at the end.
    AddView {
        /// The view.
        view: ViewSettings,
    },
    /// Replaces a view in its place.
    ReplaceView {
        /// The name that it has now.
        name: String,
        /// What it becomes.
        view: ViewSettings,
    },
    /// Removes a view.
    RemoveView {
        /// Its name.
        name: String,
    },
    /// Moves a view to another place.
    MoveView {
        /// Its name.
        name: String,
        /// The place among the views that are in effect, from 0; one past the end is the last.
        to: u32,
    },
    /// Changes a source.
    SetSource {
        /// Which.
        id: SourceId,
        /// What changes.
        fields: SourceFields,
    },
    /// Adds a feed; its id is made from its name.
    AddFeed {
        /// For people.
        name: String,
        /// Where it is.
        url: String,
        /// Under which heading it is listed.
        #[serde(default)]
        #[ts(optional)]
        group: Option<String>,
        /// Whether the article behind each entry is read too.
        #[serde(default)]
        full_text: bool,
        /// Whether it may be at a private, link-local or loopback address.
        #[serde(default)]
        allow_private: bool,
    },
    /// Adds feeds of the catalogue under their own ids; those that are there already stay as they are.
    AddPresets {
        /// Which.
        ids: Vec<SourceId>,
    },
    /// Removes a source that the user added. The alerts that it brought stay.
    RemoveSource {
        /// Which.
        id: SourceId,
    },
    /// Puts a removed feed back as it was, under its id: what it brought is known as its own again.
    RestoreSource {
        /// Which.
        id: SourceId,
        /// As it was.
        source: SourceSettings,
    },
    /// Changes a channel.
    SetChannel {
        /// Which.
        id: ChannelId,
        /// What changes.
        fields: ChannelFields,
    },
    /// Adds a channel of a kind, off; its id is made from its name.
    AddChannel {
        /// For people.
        name: String,
        /// `email`, `slack` or `telegram`.
        channel_kind: String,
    },
    /// Removes a channel that the user added, and its secrets. What waits for it fails.
    RemoveChannel {
        /// Which.
        id: ChannelId,
    },
    /// Sets or clears when a channel is not to ring.
    SetQuietHours {
        /// Which channel.
        id: ChannelId,
        /// When; `None` = never.
        quiet: Option<QuietHours>,
    },
    /// Adds a rule; its id is made from its name.
    AddRule {
        /// The rule.
        rule: Rule,
    },
    /// Replaces a rule.
    SetRule {
        /// Which.
        id: RuleId,
        /// What it becomes.
        rule: Rule,
    },
    /// Removes a rule that the user added; a built-in one becomes what it was at first.
    RemoveRule {
        /// Which.
        id: RuleId,
    },
    /// Changes the local API.
    SetApi {
        /// What changes.
        fields: ApiFields,
    },
    /// Changes what analysis is told.
    SetAnalysis {
        /// From which probability on an alert is relevant; 0 puts back what was calibrated.
        #[serde(default)]
        #[ts(optional = nullable)]
        threshold: Option<f64>,
        /// A model file in the place of the built-in one; an empty name puts that back.
        #[serde(default)]
        #[ts(optional = nullable)]
        model_file: Option<String>,
    },
    /// Changes how long alerts are kept.
    SetRetention {
        /// What changes.
        fields: RetentionFields,
    },
}

/// What changes of a source.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, TS)]
#[serde(default)]
#[ts(optional_fields)]
#[allow(missing_docs)] // The fields of `SourceSettings` and of its kinds, each optional. An empty `group` clears it.
pub struct SourceFields {
    pub name: Option<String>,
    pub enabled: Option<bool>,
    pub url: Option<String>,
    pub interval_min: Option<u32>,
    pub allow_private: Option<bool>,
    pub first_days: Option<u32>,
    pub overlap_hours: Option<u32>,
    pub page_size: Option<u32>,
    pub pause_ms: Option<u32>,
    pub backoff_ms: Option<u32>,
    pub adaptive: Option<bool>,
    pub full_text: Option<bool>,
    pub group: Option<String>,
    pub mirror: Option<String>,
    pub editions: Option<Vec<String>>,
}

/// What changes of a channel. An empty `user`, `sender`, `ca_file`, `channel` or `chat_id` clears it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, TS)]
#[serde(default)]
#[ts(optional_fields)]
#[allow(missing_docs)] // The fields of `ChannelSettings` and `EmailSettings`, each optional.
pub struct ChannelFields {
    pub name: Option<String>,
    pub enabled: Option<bool>,
    pub group_s: Option<u32>,
    pub digest: Option<DigestTimes>,
    pub weekly_test: Option<bool>,
    pub base_url: Option<String>,
    pub channel: Option<String>,
    pub chat_id: Option<String>,
    pub smtp_host: Option<String>,
    pub smtp_port: Option<u32>,
    pub smtp_tls: Option<SmtpTls>,
    pub user: Option<String>,
    pub sender: Option<String>,
    pub sender_name: Option<String>,
    pub recipients: Option<Vec<String>>,
    pub ca_file: Option<String>,
    pub allow_plain_auth: Option<bool>,
}

/// What changes of the local API.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, TS)]
#[serde(default)]
#[ts(optional_fields)]
#[allow(missing_docs)] // The fields of `ApiSettings`, each optional.
pub struct ApiFields {
    pub enabled: Option<bool>,
    pub port: Option<u32>,
    pub origins: Option<Vec<String>>,
}

/// What changes of how long alerts are kept. Days; 0 keeps for ever.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(default)]
#[ts(optional_fields)]
#[allow(missing_docs)] // The fields of `Retention`, each optional.
pub struct RetentionFields {
    pub closed_days: Option<u32>,
    pub articles_days: Option<u32>,
    pub irrelevant_days: Option<u32>,
}

const HEADER: &str = "\
# Tocsin's settings. Edit by hand or in the window: comments and order stay.
# Every key is optional. Passwords and keys do not belong here but into .env beside this file.

[general]
";

/// Makes one edit and writes the file. Blocks; call it off the async threads.
///
/// # Errors
/// `settings_broken` (the file must be mended first), `set_by_environment`, the fault of the value
/// (`watch_empty`, `watch_too_long`, `watch_exists`, `watch_unknown`, `watch_without_product`, `regex_invalid`,
/// `regex_matches_nothing`, `regex_too_large`, `version_invalid`, `scope_invalid`, `mute_exists`, `mute_unknown`, `view_name_invalid`,
/// `view_exists`, `view_unknown`, `query_too_long`, `too_many_views`, `url_invalid`,
/// `url_with_password`, `port_invalid`, `number_out_of_range`, `email_address_invalid`, `host_invalid`,
/// `origin_invalid`, `text_invalid`, `group_invalid`, `edition_invalid`, `edition_missing`, `source_unknown`,
/// `source_exists`, `source_built_in`, `source_lacks_setting`, `preset_unknown`, `channel_unknown`, `channel_exists`,
/// `channel_built_in`, `channel_kind_invalid`, `channel_lacks_setting`, `channel_name_invalid`, `too_many_channels`,
/// `url_insecure`, `slack_channel_invalid`, `telegram_chat_invalid`, `time_invalid`, `zone_unknown`,
/// `digest_without_time`, `rule_unknown`, `rule_exists`, `rule_name_invalid`, `query_invalid`,
/// `rule_without_changes`, `rule_without_channels`, `too_many_rules`, `settings_wrong_shape`), `file_unreadable`,
/// `file_not_written`.
pub fn apply(paths: &Paths, environment: &Environment, edit: &Edit) -> Result<(), Fault> {
    let _lock = file::lock();
    // Somebody may save the file between reading and writing: then the edit starts over.
    for _ in 0..5 {
        let loaded = Settings::load(paths, environment);
        if let FileState::Broken { fault } = loaded.file_state {
            return Err(fault);
        }
        let path = &paths.settings_file;
        let before = read_text(path)?;
        let mut editor = Editor {
            document: parse(path, before.as_deref().unwrap_or(HEADER))?,
            settings: &loaded.settings,
        };
        editor.apply(edit)?;
        let after = editor.document.to_string();
        parse(path, &after)?;
        if before.as_deref() == Some(after.as_str()) {
            return Ok(());
        }
        if read_text(path)? == before {
            return file::write(path, after.as_bytes());
        }
    }
    Err(Fault::new(
        "file_not_written",
        format!(
            "{} changes all the time, so nothing was written. Try again.",
            paths.settings_file.display()
        ),
    )
    .with("file", paths.settings_file.display()))
}

fn parse(path: &Path, text: &str) -> Result<DocumentMut, Fault> {
    text.parse::<DocumentMut>()
        .map_err(|e| broken(path, text, e.span(), e.message()))
}

#[cfg(test)]
#[path = "edit_tests.rs"]
mod tests;

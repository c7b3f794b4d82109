//! Changing the document of `settings.toml` in place: values keep the comments behind them, tables keep
//! their order, and a value is checked before anything is changed.

mod list;
mod sequence;
mod sources;
mod views;
mod watches;

use toml_edit::{Array, DocumentMut, Item, Table, TableLike, Value, value};

use self::sources::NewFeed;
pub(crate) use self::watches::check_watch;

use super::check;
use super::edit::{ApiFields, ChannelFields, Edit, RetentionFields};
use super::schema::Settings;
use crate::error::Fault;
use crate::model::ChannelId;
use crate::secrets::set_by_environment;

/// A document under edit and the settings that are in effect with it.
pub(super) struct Editor<'a> {
    pub(super) document: DocumentMut,
    pub(super) settings: &'a Settings,
}

impl Editor<'_> {
    pub(super) fn apply(&mut self, edit: &Edit) -> Result<(), Fault> {
        match edit {
            Edit::SetTheme { theme } => self.put(&["general"], "theme", theme.as_str().into()),
            Edit::AddWatch { watch } => self.add_watch(watch),
            Edit::ReplaceWatch { term, watch } => self.replace_watch(term, watch),
            Edit::RemoveWatch { term } => self.remove_watch(term),
            Edit::AddMute { mute } => self.add_mute(mute),
            Edit::ReplaceMute { term, mute } => self.replace_mute(term, mute),
            Edit::RemoveMute { term } => self.remove_mute(term),
            Edit::AddView { view } => self.add_view(view),
            Edit::ReplaceView { name, view } => self.replace_view(name, view),
            Edit::RemoveView { name } => self.remove_view(name),
            Edit::MoveView { name, to } => self.move_view(name, *to),
            Edit::SetSource { id, fields } => self.set_source(id, fields),
            Edit::AddFeed {
                name,
                url,
                group,
                full_text,
                allow_private,
            } => self.add_feed(&NewFeed {
                name,
                url,
                group: group.as_deref(),
                full_text: *full_text,
                allow_private: *allow_private,
            }),
            Edit::AddPresets { ids } => self.add_presets(ids),
            Edit::RemoveSource { id } => self.remove_source(id),
            Edit::RestoreSource { id, source } => self.restore_source(id, source),
            Edit::SetChannel { id, fields } => self.set_channel(id, fields),
            Edit::AddChannel { .. }
            | Edit::RemoveChannel { .. }
            | Edit::SetQuietHours { .. }
            | Edit::AddRule { .. }
            | Edit::SetRule { .. }
            | Edit::RemoveRule { .. } => todo!("contract"),
            Edit::SetApi { fields } => self.set_api(fields),
            Edit::SetAnalysis {
                threshold,
                model_file,
            } => self.set_analysis(*threshold, model_file.as_deref()),
            Edit::SetRetention { fields } => self.set_retention(*fields),
        }
    }

    fn set_channel(&mut self, id: &ChannelId, f: &ChannelFields) -> Result<(), Fault> {
        if !self.settings.channels.contains_key(id) {
            return Err(
                Fault::new("channel_unknown", format!("There is no channel {id}."))
                    .with("channel", id),
            );
        }
        let mut changes: Vec<(&str, Value)> = Vec::new();
        changes.extend(f.enabled.map(|on| ("enabled", on.into())));
        if let Some(host) = &f.smtp_host {
            check::host(host)?;
            changes.push(("smtp_host", host.as_str().into()));
        }
        if let Some(port) = f.smtp_port {
            changes.push(("smtp_port", number_value("smtp_port", port)?));
        }
        changes.extend(f.smtp_tls.map(|tls| ("smtp_tls", tls.as_str().into())));
        if let Some(sender) = f.sender.as_deref().filter(|s| !s.trim().is_empty()) {
            check::address(sender)?;
        }
        for (key, text) in [
            ("user", &f.user),
            ("sender", &f.sender),
            ("sender_name", &f.sender_name),
            ("ca_file", &f.ca_file),
        ] {
            if let Some(text) = text {
                check::line(text)?;
                changes.push((key, text.trim().into()));
            }
        }
        if let Some(recipients) = &f.recipients {
            recipients.iter().try_for_each(|r| check::address(r))?;
            changes.push(("recipients", list_value(recipients)));
        }
        changes.extend(f.allow_plain_auth.map(|on| ("allow_plain_auth", on.into())));
        self.put_all(&["channels", &id.0], changes)
    }

    fn set_api(&mut self, f: &ApiFields) -> Result<(), Fault> {
        let mut changes: Vec<(&str, Value)> = Vec::new();
        changes.extend(f.enabled.map(|on| ("enabled", on.into())));
        if let Some(port) = f.port {
            changes.push(("port", number_value("port", port)?));
        }
        if let Some(origins) = &f.origins {
            origins.iter().try_for_each(|o| check::origin(o))?;
            changes.push(("origins", list_value(origins)));
        }
        self.put_all(&["api"], changes)
    }

    fn set_retention(&mut self, f: RetentionFields) -> Result<(), Fault> {
        let mut changes: Vec<(&str, Value)> = Vec::new();
        for (key, days) in [
            ("closed_days", f.closed_days),
            ("articles_days", f.articles_days),
            ("irrelevant_days", f.irrelevant_days),
        ] {
            if let Some(days) = days {
                changes.push((key, number_value(key, days)?));
            }
        }
        self.put_all(&["retention"], changes)
    }

    fn set_analysis(
        &mut self,
        threshold: Option<f64>,
        model_file: Option<&str>,
    ) -> Result<(), Fault> {
        match threshold {
            Some(0.0) => self.remove("analysis", "threshold"),
            Some(threshold) => {
                check::fraction("threshold", threshold)?;
                self.put(&["analysis"], "threshold", threshold.into())?;
            }
            None => {}
        }
        match model_file.map(str::trim) {
            Some("") => self.remove("analysis", "model_file"),
            Some(file) => {
                check::line(file)?;
                self.put(&["analysis"], "model_file", file.into())?;
            }
            None => {}
        }
        Ok(())
    }

    /// Removes a key, where it is there.
    fn remove(&mut self, section: &str, key: &str) {
        let section = self.document.get_mut(section);
        if let Some(table) = section.and_then(Item::as_table_like_mut) {
            table.remove(key);
        }
    }

    fn put_all(&mut self, path: &[&str], changes: Vec<(&str, Value)>) -> Result<(), Fault> {
        for (key, _) in &changes {
            let key = format!("{}.{key}", path.join("."));
            if let Some(variable) = self.settings.from_environment.get(&key) {
                return Err(set_by_environment(&key, variable));
            }
        }
        for (key, new) in changes {
            self.put(path, key, new)?;
        }
        Ok(())
    }

    /// Sets `path.key`, making the tables that are missing.
    fn put(&mut self, path: &[&str], key: &str, new: Value) -> Result<(), Fault> {
        let mut table: &mut dyn TableLike = self.document.as_table_mut();
        for (depth, name) in path.iter().enumerate() {
            let item = table.entry(name).or_insert_with(|| {
                let mut made = Table::new();
                made.set_implicit(depth + 1 < path.len());
                Item::Table(made)
            });
            table = item
                .as_table_like_mut()
                .ok_or_else(|| wrong_shape(&path[..=depth].join(".")))?;
        }
        put_value(table, key, new);
        Ok(())
    }
}

/// Sets a value and keeps the comment behind the old one.
fn put_value(table: &mut dyn TableLike, key: &str, mut new: Value) {
    match table.get_mut(key) {
        Some(Item::Value(old)) => {
            *new.decor_mut() = old.decor().clone();
            *old = new;
        }
        _ => {
            table.insert(key, value(new));
        }
    }
}

fn list_value(texts: &[String]) -> Value {
    Value::Array(texts.iter().map(|t| t.trim()).collect::<Array>())
}

fn number_value(key: &str, number: u32) -> Result<Value, Fault> {
    let (least, most) = check::bounds(key);
    // In the file port 0 takes any free one; a person who types it means something else.
    let least = if key == "port" { 1 } else { least };
    check::range(key, i64::from(number), least, most).map(|n| i64::from(n).into())
}

fn wrong_shape(key: &str) -> Fault {
    Fault::new(
        "settings_wrong_shape",
        format!("{key} in settings.toml is not what it must be. Mend it by hand first."),
    )
    .with("key", key)
}

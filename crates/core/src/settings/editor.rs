//! Changing the document of `settings.toml` in place: values keep the comments behind them, tables keep
//! their order, and a value is checked before anything is changed.

mod channels;
mod list;
mod rules;
mod sequence;
mod sources;
mod views;
mod watches;

use toml_edit::{Array, DocumentMut, Item, Table, TableLike, Value, value};

use self::list::add_at_end;
use self::sequence::{kept_comment, prefix_of};
use self::sources::NewFeed;
pub(crate) use self::watches::check_watch;

use super::check;
use super::edit::{ApiFields, Edit, RetentionFields};
use super::schema::Settings;
use crate::error::Fault;
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
            Edit::AddChannel { name, channel_kind } => self.add_channel(name, channel_kind),
            Edit::RemoveChannel { id } => self.remove_channel(id),
            Edit::SetQuietHours { id, quiet } => self.set_quiet_hours(id, quiet.as_ref()),
            Edit::AddRule { rule } => self.add_rule(rule),
            Edit::SetRule { id, rule } => self.set_rule(id, rule),
            Edit::RemoveRule { id } => self.remove_rule(id),
            Edit::SetApi { fields } => self.set_api(fields),
            Edit::SetAnalysis {
                threshold,
                model_file,
            } => self.set_analysis(*threshold, model_file.as_deref()),
            Edit::SetRetention { fields } => self.set_retention(*fields),
        }
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
        put_value(self.table_at(path)?, key, new);
        Ok(())
    }

    /// Writes the keys of the table `path.key`; one that is new is written in one line.
    fn put_table(
        &mut self,
        path: &[&str],
        key: &str,
        values: Vec<(&'static str, Option<Value>)>,
    ) -> Result<(), Fault> {
        let table = self.table_at(path)?;
        if let Some(own) = table.get_mut(key).and_then(Item::as_table_like_mut) {
            channels::put_values(own, values);
            return Ok(());
        }
        let mut own = Table::new();
        channels::put_values(&mut own, values);
        put_value(table, key, Value::InlineTable(own.into_inline_table()));
        Ok(())
    }

    /// A table with all above it, made where they are missing.
    fn table_at(&mut self, path: &[&str]) -> Result<&mut dyn TableLike, Fault> {
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
        Ok(table)
    }

    /// The table `section.id`, where it is there.
    fn table_mut(&mut self, section: &str, id: &str) -> Option<&mut dyn TableLike> {
        let section = self.document.get_mut(section)?.as_table_like_mut()?;
        section.get_mut(id)?.as_table_like_mut()
    }

    /// Whether the file has something at `section.id`, of whatever form.
    fn is_in_file(&self, section: &str, id: &str) -> bool {
        let section = self.document.get(section).and_then(Item::as_table_like);
        section.is_some_and(|section| section.get(id).is_some())
    }

    /// Removes the table `section.id`; a comment that stands apart above it stays. False where it is not there.
    fn remove_table(&mut self, section: &str, id: &str) -> bool {
        let section = self.document.get_mut(section);
        match section
            .and_then(Item::as_table_like_mut)
            .and_then(|s| s.remove(id))
        {
            Some(Item::Table(table)) => {
                if let Some(kept) = kept_comment(&prefix_of(table.decor())) {
                    add_at_end(&mut self.document, &kept);
                }
                true
            }
            Some(_) => true,
            None => false,
        }
    }
}

/// `The Register` -> `the-register`, with a number where that is taken.
fn free_id(name: &str, otherwise: &str, is_taken: impl Fn(&str) -> bool) -> String {
    let mut slug = String::new();
    for c in name.chars().flat_map(char::to_lowercase) {
        if c.is_ascii_alphanumeric() {
            slug.push(c);
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    let short: String = slug.chars().take(32).collect();
    let slug = match short.trim_end_matches('-') {
        "" => otherwise,
        slug => slug,
    };
    if !is_taken(slug) {
        return slug.to_owned();
    }
    (2..)
        .map(|n: u32| format!("{slug}-{n}"))
        .find(|id| !is_taken(id))
        .unwrap_or_else(|| slug.to_owned())
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

fn put_or_remove(table: &mut dyn TableLike, key: &str, value: Option<Value>) {
    match value {
        Some(value) => put_value(table, key, value),
        None => drop(table.remove(key)),
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

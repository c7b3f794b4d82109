//! Reading single values of a TOML table: each is checked, a bad one is reported with key and line and
//! counts as not there, and what nobody asked for is reported as unknown.

use std::collections::BTreeSet;
use std::path::Path;

use toml_edit::{Item, TableLike};

use super::check;
use crate::error::Fault;

/// Line and column, both from 1, of a byte of the text.
pub(super) fn place(text: &str, at: usize) -> (usize, usize) {
    let before = text.get(..at.min(text.len())).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
    (line, column)
}

/// Reads a file's tables and collects what is wrong with them.
pub(super) struct Reader<'t> {
    text: &'t str,
    file: String,
    pub(super) notices: Vec<Fault>,
    /// The keys that the file sets to something that can be used.
    pub(super) seen: BTreeSet<String>,
}

/// A table with its path and the keys that were asked for.
pub(super) struct Section<'a> {
    pub(super) table: &'a dyn TableLike,
    path: String,
    asked: Vec<&'static str>,
}

impl<'a> Section<'a> {
    pub(super) fn new(table: &'a dyn TableLike, path: impl Into<String>) -> Self {
        Self {
            table,
            path: path.into(),
            asked: Vec::new(),
        }
    }

    pub(super) fn take(&mut self, key: &'static str) -> Option<(String, &'a Item)> {
        self.asked.push(key);
        let item = self.table.get(key)?;
        Some((self.key(key), item))
    }

    pub(super) fn key(&self, key: &str) -> String {
        if self.path.is_empty() {
            key.to_owned()
        } else {
            format!("{}.{key}", self.path)
        }
    }
}

/// What somebody may take for the key of a secret.
const SECRETS: [&str; 7] = [
    "token",
    "bot_token",
    "webhook",
    "password",
    "pass",
    "secret",
    "api_key",
];

impl<'t> Reader<'t> {
    pub(super) fn new(path: &Path, text: &'t str) -> Self {
        Self {
            text,
            file: path.display().to_string(),
            notices: Vec::new(),
            seen: BTreeSet::new(),
        }
    }

    pub(super) fn section<'a>(
        &mut self,
        parent: &mut Section<'a>,
        key: &'static str,
    ) -> Option<Section<'a>> {
        let (path, item) = parent.take(key)?;
        self.table(&path, item)
    }

    pub(super) fn table<'a>(&mut self, path: &str, item: &'a Item) -> Option<Section<'a>> {
        let Some(table) = item.as_table_like() else {
            self.bad(path, item, "it must be a table");
            return None;
        };
        Some(Section::new(table, path))
    }

    pub(super) fn text(
        &mut self,
        section: &mut Section,
        key: &'static str,
        check: impl Fn(&str) -> Result<(), Fault>,
    ) -> Option<String> {
        let (path, item) = section.take(key)?;
        let Some(text) = item.as_str() else {
            self.bad(&path, item, "it must be text in quotes");
            return None;
        };
        if let Err(fault) = check(text) {
            self.bad(&path, item, &fault.message);
            return None;
        }
        self.seen.insert(path);
        Some(text.to_owned())
    }

    pub(super) fn word<T>(
        &mut self,
        section: &mut Section,
        key: &'static str,
        parse: impl Fn(&str) -> Option<T>,
        words: &str,
    ) -> Option<T> {
        let (path, item) = section.take(key)?;
        let value = item.as_str().and_then(parse);
        if value.is_none() {
            self.bad(&path, item, &format!("it must be {words}"));
        } else {
            self.seen.insert(path);
        }
        value
    }

    pub(super) fn flag(&mut self, section: &mut Section, key: &'static str) -> Option<bool> {
        let (path, item) = section.take(key)?;
        let value = item.as_bool();
        if value.is_none() {
            self.bad(&path, item, "it must be true or false");
        } else {
            self.seen.insert(path);
        }
        value
    }

    pub(super) fn number(&mut self, section: &mut Section, key: &'static str) -> Option<u32> {
        let (path, item) = section.take(key)?;
        let (least, most) = check::bounds(key);
        let value = item.as_integer();
        match value.and_then(|n| check::range(key, n, least, most).ok()) {
            Some(n) => {
                self.seen.insert(path);
                Some(n)
            }
            None => {
                self.bad(
                    &path,
                    item,
                    &format!("it must be a number from {least} to {most}"),
                );
                None
            }
        }
    }

    /// A probability.
    pub(super) fn fraction(&mut self, section: &mut Section, key: &'static str) -> Option<f64> {
        let (path, item) = section.take(key)?;
        match item.as_float().filter(|n| check::fraction(key, *n).is_ok()) {
            Some(n) => {
                self.seen.insert(path);
                Some(n)
            }
            None => {
                self.bad(&path, item, "it must be a number from 0.01 to 0.99");
                None
            }
        }
    }

    /// A list of texts; entries that cannot be used are left out one by one.
    pub(super) fn list(
        &mut self,
        section: &mut Section,
        key: &'static str,
        check: impl Fn(&str) -> Result<(), Fault>,
    ) -> Option<Vec<String>> {
        let (path, item) = section.take(key)?;
        let Some(array) = item.as_array() else {
            self.bad(&path, item, "it must be a list of texts: [\"a\", \"b\"]");
            return None;
        };
        let mut texts = Vec::new();
        for value in array {
            let at = value.span().map(|s| s.start);
            match value.as_str() {
                None => self.bad_at(&path, at, "every entry must be text in quotes"),
                Some(text) => match check(text) {
                    Ok(()) => texts.push(text.to_owned()),
                    Err(fault) => self.bad_at(&path, at, &fault.message),
                },
            }
        }
        self.seen.insert(path);
        Some(texts)
    }

    /// Reports the keys that nobody asked for.
    pub(super) fn finish(&mut self, section: &Section) {
        for (key, item) in section.table.iter() {
            if section.asked.contains(&key) {
                continue;
            }
            let path = section.key(key);
            let at = item.span().map(|s| s.start);
            let line = at.map_or(0, |at| place(self.text, at).0);
            let file = &self.file;
            let fault = if SECRETS.contains(&key) {
                Fault::new(
                    "settings_secret_key",
                    format!(
                        "{file}, line {line}: {path} is not read, because secrets never stand in this file. Take it out, and set it in the window or in .env (.env.example names the variable)."
                    ),
                )
            } else {
                Fault::new(
                    "settings_unknown_key",
                    format!(
                        "{file}, line {line}: Tocsin does not know {path}. It is kept and has no effect."
                    ),
                )
            };
            self.notices
                .push(fault.with("key", path).with("line", line));
        }
    }

    pub(super) fn bad(&mut self, key: &str, item: &Item, reason: &str) {
        self.bad_at(key, item.span().map(|s| s.start), reason);
    }

    /// The line of a byte of the text.
    pub(super) fn line(&self, at: Option<usize>) -> usize {
        at.map_or(0, |at| place(self.text, at).0)
    }

    pub(super) fn bad_at(&mut self, key: &str, at: Option<usize>, reason: &str) {
        let line = self.line(at);
        let reason = reason.trim_end_matches('.');
        let fault = Fault::new(
            "settings_bad_value",
            format!("{}, line {line}: {key} is not used: {reason}.", self.file),
        );
        let fault = fault
            .with("key", key)
            .with("line", line)
            .with("reason", reason);
        self.notices.push(fault);
    }
}

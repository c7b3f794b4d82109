//! Reading the lists of tables, also written as plain lists of tables in one line; `[[views]]` are read here. An entry that cannot be used is left out and reported with its line; the others stay.

use std::collections::BTreeSet;

use toml_edit::{Item, TableLike};

use super::check;
use crate::error::Fault;
use crate::model::{Column, Sort, ViewSettings};
use crate::settings::reader::{Reader, Section};

/// A table of a list and the byte that it begins at.
pub(super) type Entry<'a> = (Option<usize>, &'a dyn TableLike);

impl Reader<'_> {
    pub(super) fn views(&mut self, key: &str, item: &Item) -> Vec<ViewSettings> {
        let mut views = Vec::new();
        // A view that is left out for its query still has its name: edits go by the name.
        let mut names = BTreeSet::new();
        for (at, table) in self.tables(key, item) {
            if views.len() == check::MOST_VIEWS {
                let reason = format!(
                    "there are at most {} views; this one and those behind it are left out",
                    check::MOST_VIEWS
                );
                self.bad_at(key, at, &reason);
                break;
            }
            let mut section = Section::new(table, key);
            let Some(name) = self.text(&mut section, "name", check::view_name) else {
                if table.get("name").is_none() {
                    self.bad_at("views.name", at, "a view needs a name");
                }
                continue;
            };
            let name = name.trim().to_owned();
            if !names.insert(name.to_lowercase()) {
                let reason = format!("there is a view with the name \"{name}\" already");
                self.bad_at("views.name", at, &reason);
                continue;
            }
            let query = self.view_query(&mut section, &name);
            let words = one_of(&Sort::ALL.map(Sort::as_str));
            let sort = self.word(&mut section, "sort", Sort::parse, &words);
            let columns = self.columns(&mut section);
            self.finish(&section);
            if let Some(query) = query {
                views.push(ViewSettings {
                    name,
                    query,
                    sort: sort.unwrap_or_default(),
                    columns,
                });
            }
        }
        views
    }

    /// `None` where the query cannot be used. Without the key, the view shows everything.
    fn view_query(&mut self, section: &mut Section, name: &str) -> Option<String> {
        let Some((path, item)) = section.take("query") else {
            return Some(String::new());
        };
        let reason = match item.as_str() {
            None => "it must be text in quotes".to_owned(),
            Some(text) => match check::query(text) {
                Ok(()) => return Some(text.trim().to_owned()),
                Err(fault) => fault.message,
            },
        };
        let reason = reason.trim_end_matches('.');
        self.bad(
            &path,
            item,
            &format!("{reason}. The view \"{name}\" is left out"),
        );
        None
    }

    /// Each once. One that is not known costs them all: half a list is not what somebody chose.
    fn columns(&mut self, section: &mut Section) -> Vec<Column> {
        let before = self.notices.len();
        let known = |word: &str| match Column::parse(word) {
            Some(_) => Ok(()),
            None => {
                let words = one_of(&Column::ALL.map(Column::as_str));
                Err(Fault::new(
                    "column_unknown",
                    format!("{word:?} is not a column: it must be {words}"),
                ))
            }
        };
        let words = self.list(section, "columns", known).unwrap_or_default();
        let mut columns = Vec::new();
        if self.notices.len() == before {
            for column in words.iter().filter_map(|word| Column::parse(word)) {
                if !columns.contains(&column) {
                    columns.push(column);
                }
            }
        }
        columns
    }

    /// The tables of a list, however it is written.
    pub(super) fn tables<'a>(&mut self, key: &str, item: &'a Item) -> Vec<Entry<'a>> {
        if let Some(list) = item.as_array_of_tables() {
            return list
                .iter()
                .map(|t| (t.span().map(|s| s.start), t as &dyn TableLike))
                .collect();
        }
        let Some(list) = item.as_array() else {
            self.bad(key, item, &format!("it must be a list of [[{key}]]"));
            return Vec::new();
        };
        let mut tables = Vec::new();
        for value in list {
            let at = value.span().map(|s| s.start);
            match value.as_inline_table() {
                Some(table) => tables.push((at, table as &dyn TableLike)),
                None => self.bad_at(key, at, "every entry must be a table: { ... }"),
            }
        }
        tables
    }
}

/// `a, b or c`.
pub(super) fn one_of(words: &[&str]) -> String {
    match words {
        [first @ .., last] if !first.is_empty() => format!("{} or {last}", first.join(", ")),
        _ => words.concat(),
    }
}

#[cfg(test)]
#[path = "lists_tests.rs"]
mod tests;

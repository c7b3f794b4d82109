//! Edits of the user's views. They go by the names in the file: a view whose query cannot be used is not
//! in effect but has its name, and can be replaced, moved and removed.

use toml_edit::{Array, Table, TableLike, Value};

use super::list::NamedTables;
use super::{Editor, put_value};
use crate::error::Fault;
use crate::model::{Sort, ViewSettings};
use crate::settings::check;

const VIEWS: NamedTables = NamedTables {
    key: "views",
    name: "name",
};

impl Editor<'_> {
    pub(super) fn add_view(&mut self, view: &ViewSettings) -> Result<(), Fault> {
        check_view(view)?;
        self.free_name(&view.name)?;
        if self.settings.views.len() >= check::MOST_VIEWS {
            return Err(Fault::new(
                "too_many_views",
                format!(
                    "There are at most {} views. Remove one first.",
                    check::MOST_VIEWS
                ),
            )
            .with("most", check::MOST_VIEWS));
        }
        let mut table = Table::new();
        write(&mut table, view);
        VIEWS.push(&mut self.document, table)
    }

    pub(super) fn replace_view(&mut self, name: &str, view: &ViewSettings) -> Result<(), Fault> {
        check_view(view)?;
        if !check::same_name(name, &view.name) {
            self.free_name(&view.name)?;
        }
        let Some(table) = VIEWS.get_mut(&mut self.document, name) else {
            return Err(unknown_view(name));
        };
        write(table, view);
        Ok(())
    }

    pub(super) fn remove_view(&mut self, name: &str) -> Result<(), Fault> {
        if !VIEWS.remove(&mut self.document, name) {
            return Err(unknown_view(name));
        }
        Ok(())
    }

    pub(super) fn move_view(&mut self, name: &str, to: u32) -> Result<(), Fault> {
        let at = |name: &str| VIEWS.position(&self.document, name);
        let from = at(name).ok_or_else(|| unknown_view(name))?;
        // The place is one among the views in effect; in the file there may be others between them.
        let others: Vec<usize> = self
            .settings
            .views
            .iter()
            .filter(|v| !check::same_name(&v.name, name))
            .filter_map(|v| at(&v.name))
            .collect();
        let next = usize::try_from(to).ok().and_then(|to| others.get(to));
        let Some(gap) = next.copied().or_else(|| others.last().map(|last| last + 1)) else {
            return Ok(());
        };
        let new = if from < gap { gap - 1 } else { gap };
        VIEWS.shift(&mut self.document, from, new);
        Ok(())
    }

    fn free_name(&self, name: &str) -> Result<(), Fault> {
        if VIEWS.position(&self.document, name).is_none() {
            return Ok(());
        }
        let name = name.trim();
        Err(Fault::new(
            "view_exists",
            format!("There is a view \"{name}\" already."),
        )
        .with("name", name))
    }
}

fn check_view(view: &ViewSettings) -> Result<(), Fault> {
    check::view_name(&view.name)?;
    check::query(&view.query)
}

fn write(table: &mut dyn TableLike, view: &ViewSettings) {
    put_value(table, "name", view.name.trim().into());
    put_value(table, "query", view.query.trim().into());
    if view.sort == Sort::default() {
        table.remove("sort");
    } else {
        put_value(table, "sort", view.sort.as_str().into());
    }
    if view.columns.is_empty() {
        table.remove("columns");
    } else {
        let words = view.columns.iter().map(|c| c.as_str());
        put_value(table, "columns", Value::Array(words.collect::<Array>()));
    }
}

fn unknown_view(name: &str) -> Fault {
    Fault::new("view_unknown", format!("There is no view \"{name}\".")).with("name", name)
}

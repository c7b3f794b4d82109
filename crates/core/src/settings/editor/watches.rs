//! Edits of the watches. Those that the environment sets are not edited.

use toml_edit::{Table, TableLike};

use super::list::NamedTables;
use super::{Editor, list_value, put_value};
use crate::error::Fault;
use crate::model::Watch;
use crate::secrets::set_by_environment;
use crate::settings::{WatchSettings, check};

const WATCHES: NamedTables = NamedTables {
    key: "watches",
    name: "term",
};

impl Editor<'_> {
    pub(super) fn add_watch(&mut self, watch: &Watch) -> Result<(), Fault> {
        check_watch(watch)?;
        self.free_term(&watch.term, None)?;
        let mut table = Table::new();
        write(&mut table, watch);
        WATCHES.push(&mut self.document, table)
    }

    pub(super) fn replace_watch(&mut self, term: &str, watch: &Watch) -> Result<(), Fault> {
        check_watch(watch)?;
        self.own_watch(term)?;
        self.free_term(&watch.term, Some(term))?;
        let Some(table) = WATCHES.get_mut(&mut self.document, term) else {
            return Err(unknown_watch(term));
        };
        write(table, watch);
        Ok(())
    }

    pub(super) fn remove_watch(&mut self, term: &str) -> Result<(), Fault> {
        self.own_watch(term)?;
        if !WATCHES.remove(&mut self.document, term) {
            return Err(unknown_watch(term));
        }
        Ok(())
    }

    /// Refuses a watch that the environment sets.
    fn own_watch(&self, term: &str) -> Result<(), Fault> {
        let known = |w: &&WatchSettings| check::same_name(&w.watch.term, term);
        match self.settings.watches.iter().find(known) {
            Some(w) if w.from_environment => Err(set_by_environment("watches", "KEYWORDS")),
            Some(_) => Ok(()),
            None => Err(unknown_watch(term)),
        }
    }

    fn free_term(&self, term: &str, but: Option<&str>) -> Result<(), Fault> {
        let taken = self.settings.watches.iter().any(|w| {
            check::same_name(&w.watch.term, term)
                && !but.is_some_and(|but| check::same_name(but, term))
        });
        if taken {
            return Err(Fault::new(
                "watch_exists",
                format!("\"{}\" is watched already.", term.trim()),
            )
            .with("term", term.trim()));
        }
        Ok(())
    }
}

pub(crate) fn check_watch(watch: &Watch) -> Result<(), Fault> {
    std::iter::once(&watch.term)
        .chain(&watch.aliases)
        .chain(&watch.exceptions)
        .try_for_each(|text| check::term(text))
}

fn write(table: &mut dyn TableLike, watch: &Watch) {
    put_value(table, "term", watch.term.trim().into());
    for (key, texts) in [
        ("aliases", &watch.aliases),
        ("exceptions", &watch.exceptions),
    ] {
        if texts.is_empty() {
            table.remove(key);
        } else {
            put_value(table, key, list_value(texts));
        }
    }
}

fn unknown_watch(term: &str) -> Fault {
    Fault::new("watch_unknown", format!("\"{term}\" is not watched.")).with("term", term)
}

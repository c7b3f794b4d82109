//! Edits of the watches and the mutes. Those that the environment sets are not edited.

use toml_edit::{Table, TableLike};

use super::list::NamedTables;
use super::{Editor, list_value, put_or_remove, put_value};
use crate::error::Fault;
use crate::model::{Mute, Watch, WatchKind};
use crate::secrets::set_by_environment;
use crate::settings::{WatchSettings, check};

const WATCHES: NamedTables = NamedTables {
    key: "watches",
    name: "term",
};
const MUTES: NamedTables = NamedTables {
    key: "mutes",
    name: "term",
};

impl Editor<'_> {
    pub(super) fn add_watch(&mut self, watch: &Watch) -> Result<(), Fault> {
        check::watch(watch)?;
        self.free_watch(&watch.term, None)?;
        let mut table = Table::new();
        write(&mut table, watch);
        WATCHES.push(&mut self.document, table)
    }

    pub(super) fn replace_watch(&mut self, term: &str, watch: &Watch) -> Result<(), Fault> {
        check::watch(watch)?;
        self.own_watch(term)?;
        self.free_watch(&watch.term, Some(term))?;
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

    pub(super) fn add_mute(&mut self, mute: &Mute) -> Result<(), Fault> {
        check::watch(&mute.watch)?;
        self.free_mute(&mute.watch.term, None)?;
        let mut table = Table::new();
        write_mute(&mut table, mute);
        MUTES.push(&mut self.document, table)
    }

    pub(super) fn replace_mute(&mut self, term: &str, mute: &Mute) -> Result<(), Fault> {
        check::watch(&mute.watch)?;
        self.free_mute(&mute.watch.term, Some(term))?;
        let Some(table) = MUTES.get_mut(&mut self.document, term) else {
            return Err(unknown_mute(term));
        };
        write_mute(table, mute);
        Ok(())
    }

    pub(super) fn remove_mute(&mut self, term: &str) -> Result<(), Fault> {
        if !MUTES.remove(&mut self.document, term) {
            return Err(unknown_mute(term));
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

    fn free_watch(&self, term: &str, but: Option<&str>) -> Result<(), Fault> {
        let mut taken = self.settings.watches.iter().map(|w| &*w.watch.term);
        if taken.any(|other| is_taken(other, term, but)) {
            return Err(Fault::new(
                "watch_exists",
                format!("\"{}\" is watched already.", term.trim()),
            )
            .with("term", term.trim()));
        }
        Ok(())
    }

    fn free_mute(&self, term: &str, but: Option<&str>) -> Result<(), Fault> {
        // One that cannot be used is in the file and not in the settings.
        let mut taken = self.settings.mutes.iter().map(|m| &*m.watch.term);
        let in_file = MUTES.position(&self.document, term).is_some();
        let is_own = but.is_some_and(|but| check::same_name(but, term));
        if (in_file && !is_own) || taken.any(|other| is_taken(other, term, but)) {
            return Err(Fault::new(
                "mute_exists",
                format!("\"{}\" is muted already.", term.trim()),
            )
            .with("term", term.trim()));
        }
        Ok(())
    }
}

fn is_taken(other: &str, term: &str, but: Option<&str>) -> bool {
    check::same_name(other, term) && !but.is_some_and(|but| check::same_name(but, term))
}

pub(crate) fn check_watch(watch: &Watch) -> Result<(), Fault> {
    check::watch(watch)
}

fn write_mute(table: &mut dyn TableLike, mute: &Mute) {
    write(table, &mute.watch);
    let until = mute.until.map(|until| until.to_rfc3339().into());
    put_or_remove(table, "until", until);
}

fn write(table: &mut dyn TableLike, watch: &Watch) {
    put_value(table, "term", watch.term.trim().into());
    let is_usual = watch.kind == WatchKind::Term;
    put_or_remove(
        table,
        "kind",
        (!is_usual).then(|| watch.kind.as_str().into()),
    );
    let product = watch.product.as_ref();
    let product = product.filter(|_| watch.kind == WatchKind::Product);
    let vendor = product.and_then(|p| p.vendor.as_deref());
    put_or_remove(table, "vendor", vendor.map(|v| v.trim().into()));
    put_or_remove(table, "product", product.map(|p| p.product.trim().into()));
    let versions = product.map_or(&[][..], |p| &p.versions);
    let fields: Vec<String> = watch
        .scope
        .fields
        .iter()
        .map(|f| f.as_str().to_owned())
        .collect();
    for (key, texts) in [
        ("versions", versions),
        ("aliases", &watch.aliases),
        ("exceptions", &watch.exceptions),
        ("kinds", &watch.scope.kinds),
        ("sources", &watch.scope.sources),
        ("fields", &fields),
    ] {
        put_or_remove(table, key, (!texts.is_empty()).then(|| list_value(texts)));
    }
    put_or_remove(table, "enabled", (!watch.enabled).then(|| false.into()));
}

fn unknown_watch(term: &str) -> Fault {
    Fault::new("watch_unknown", format!("\"{term}\" is not watched.")).with("term", term)
}

fn unknown_mute(term: &str) -> Fault {
    Fault::new("mute_unknown", format!("\"{term}\" is not muted.")).with("term", term)
}

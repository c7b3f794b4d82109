//! Reading `[[watches]]` and `[[mutes]]`. A watch loses a bad alias and stays; one whose meaning is in doubt
//! is left out. A mute is left out for anything that is bad in it: it must never silence more than was meant.

use toml_edit::{Item, Value};

use super::check;
use super::lists::one_of;
use crate::model::{Field, Mute, Scope, Time, Watch, WatchKind, WatchedProduct};
use crate::settings::WatchSettings;
use crate::settings::reader::{Reader, Section};

impl Reader<'_> {
    pub(super) fn watches(&mut self, key: &str, item: &Item) -> Vec<WatchSettings> {
        let mut watches: Vec<WatchSettings> = Vec::new();
        for (at, table) in self.tables(key, item) {
            let mut section = Section::new(table, key);
            let watch = self.watch(&mut section, at, "watch");
            self.finish(&section);
            let Some(watch) = watch else { continue };
            let is_same = |w: &WatchSettings| check::same_name(&w.watch.term, &watch.term);
            if watches.iter().any(is_same) {
                let reason = "there is a watch with that term already";
                self.bad_at("watches.term", at, reason);
                continue;
            }
            watches.push(WatchSettings {
                watch,
                from_environment: false,
            });
        }
        watches
    }

    pub(super) fn mutes(&mut self, key: &str, item: &Item) -> Vec<Mute> {
        let mut mutes: Vec<Mute> = Vec::new();
        for (at, table) in self.tables(key, item) {
            let mut section = Section::new(table, key);
            let before = self.notices.len();
            let watch = self.watch(&mut section, at, "mute");
            let until = self.until(&mut section);
            let is_bad = self.notices.len() > before;
            self.finish(&section);
            let Some(watch) = watch else { continue };
            if is_bad {
                let reason = format!(
                    "the mute \"{}\" is left out until that is mended",
                    watch.term
                );
                self.bad_at(key, at, &reason);
                continue;
            }
            let is_same = |m: &Mute| check::same_name(&m.watch.term, &watch.term);
            if mutes.iter().any(is_same) {
                self.bad_at("mutes.term", at, "there is a mute with that term already");
                continue;
            }
            mutes.push(Mute { watch, until });
        }
        mutes
    }

    /// What a watch and a mute have in common. `None` where it cannot be used; that is reported.
    fn watch(&mut self, section: &mut Section, at: Option<usize>, noun: &str) -> Option<Watch> {
        let before = self.notices.len();
        let words = one_of(&WatchKind::ALL.map(WatchKind::as_str));
        let kind = self.word(section, "kind", WatchKind::parse, &words);
        let is_unknown = self.notices.len() > before;
        let kind = kind.unwrap_or_default();
        let spelling = match kind {
            WatchKind::Regex => check::regex,
            WatchKind::Term | WatchKind::Product => check::term,
        };
        let is_missing = section.table.get("term").is_none();
        let term = self.text(section, "term", |text| spelling(text.trim()));
        if is_missing {
            let path = section.key("term");
            self.bad_at(&path, at, &format!("a {noun} needs a term"));
        }
        let aliases = self.list(section, "aliases", spelling);
        let exceptions = self.list(section, "exceptions", check::term);
        let product = self.product(section, at, kind, noun);
        let scope = Scope {
            kinds: self.list(section, "kinds", check::kind).unwrap_or_default(),
            sources: self
                .list(section, "sources", check::line)
                .unwrap_or_default(),
            fields: self
                .list(section, "fields", check::field)
                .unwrap_or_default()
                .iter()
                .filter_map(|word| Field::parse(word))
                .collect(),
        };
        let enabled = self.flag(section, "enabled");
        if is_unknown {
            return None;
        }
        Some(Watch {
            term: term?.trim().to_owned(),
            aliases: aliases.unwrap_or_default(),
            exceptions: exceptions.unwrap_or_default(),
            kind,
            product: product?,
            scope,
            enabled: enabled.unwrap_or(true),
        })
    }

    /// The product of a watch; `None` where it needs one and has none that can be used.
    fn product(
        &mut self,
        section: &mut Section,
        at: Option<usize>,
        kind: WatchKind,
        noun: &str,
    ) -> Option<Option<WatchedProduct>> {
        if kind != WatchKind::Product {
            return Some(None);
        }
        let before = self.notices.len();
        let vendor = self.text(section, "vendor", check::term);
        let product = self.text(section, "product", check::term);
        // A version less would be a narrower watch than somebody asked for; none at all, any version.
        let versions = self.list(section, "versions", check::version);
        if section.table.get("product").is_none() {
            let path = section.key("product");
            self.bad_at(&path, at, &format!("a {noun} for a product needs its name"));
        }
        if self.notices.len() > before {
            return None;
        }
        Some(Some(WatchedProduct {
            vendor: vendor.map(|v| v.trim().to_owned()),
            product: product?.trim().to_owned(),
            versions: versions.unwrap_or_default(),
        }))
    }

    /// A moment: in quotes or as TOML writes it; a day alone is meant with that day.
    fn until(&mut self, section: &mut Section) -> Option<Time> {
        let (path, item) = section.take("until")?;
        let text = match item.as_value() {
            Some(Value::String(text)) => text.value().clone(),
            Some(Value::Datetime(moment)) => moment.value().to_string(),
            _ => String::new(),
        };
        let moment = check::until(text.trim());
        if let Err(fault) = &moment {
            self.bad(&path, item, &fault.message);
        }
        moment.ok()
    }
}

#[cfg(test)]
#[path = "watches_tests.rs"]
mod tests;

//! Edits of the sources: changing one, adding feeds by address or from the catalogue, taking one away and
//! putting it back.

use toml_edit::Value;

use super::{Editor, list_value, number_value};
use crate::error::Fault;
use crate::model::SourceId;
use crate::settings::edit::SourceFields;
use crate::settings::schema::{
    FEED_INTERVAL_MIN, FeedSettings, SourceKind, SourceSettings, built_in_sources,
};
use crate::settings::{check, presets};

/// A feed that is to be added.
pub(super) struct NewFeed<'a> {
    pub(super) name: &'a str,
    pub(super) url: &'a str,
    pub(super) group: Option<&'a str>,
    pub(super) full_text: bool,
    pub(super) allow_private: bool,
}

/// The kinds that have a setting which not all have.
const OWN_SETTINGS: [(&str, &str); 10] = [
    ("first_days", "nvd"),
    ("overlap_hours", "nvd"),
    ("page_size", "nvd"),
    ("pause_ms", "nvd"),
    ("backoff_ms", "nvd"),
    ("adaptive", "feed"),
    ("full_text", "feed"),
    ("group", "feed"),
    ("mirror", "kev"),
    ("editions", "owasp"),
];

impl Editor<'_> {
    pub(super) fn set_source(&mut self, id: &SourceId, f: &SourceFields) -> Result<(), Fault> {
        let Some(source) = self.settings.sources.get(id) else {
            return Err(unknown(id));
        };
        let mut changes: Vec<(&str, Value)> = Vec::new();
        if let Some(name) = &f.name {
            check_name(name)?;
            changes.push(("name", name.trim().into()));
        }
        changes.extend(f.enabled.map(|on| ("enabled", on.into())));
        if let Some(mirror) = &f.mirror {
            check::url_or_none(mirror.trim())?;
            changes.push(("mirror", mirror.trim().into()));
        }
        if let Some(url) = &f.url {
            check::url(url)?;
            changes.push(("url", url.as_str().into()));
            self.free_address(url, Some(id))?;
        }
        for (key, on) in [
            ("allow_private", f.allow_private),
            ("adaptive", f.adaptive),
            ("full_text", f.full_text),
        ] {
            changes.extend(on.map(|on| (key, on.into())));
        }
        for (key, number) in [
            ("interval_min", f.interval_min),
            ("first_days", f.first_days),
            ("overlap_hours", f.overlap_hours),
            ("page_size", f.page_size),
            ("pause_ms", f.pause_ms),
            ("backoff_ms", f.backoff_ms),
        ] {
            if let Some(number) = number {
                changes.push((key, number_value(key, number)?));
            }
        }
        if let Some(group) = &f.group {
            check::group(group)?;
            changes.push(("group", group.trim().into()));
        }
        if let Some(editions) = &f.editions {
            changes.push(("editions", editions_value(editions)?));
        }
        let kind = source.kind.as_str();
        for (key, _) in &changes {
            let owner = OWN_SETTINGS.iter().find(|(own, _)| own == key);
            if owner.is_some_and(|(_, owner)| *owner != kind) {
                return Err(Fault::new(
                    "source_lacks_setting",
                    format!("{} has no setting {key}.", source.name),
                )
                .with("source", id)
                .with("name", &source.name)
                .with("key", key));
            }
        }
        self.put_all(&["sources", id.as_str()], changes)
    }

    pub(super) fn add_feed(&mut self, new: &NewFeed) -> Result<(), Fault> {
        check_name(new.name)?;
        check::url(new.url)?;
        check::group(new.group.unwrap_or_default())?;
        self.free_address(new.url, None)?;
        let id = self.free_id(new.name);
        self.put_feed(
            &id,
            &SourceSettings {
                name: new.name.to_owned(),
                enabled: true,
                url: new.url.to_owned(),
                interval_min: FEED_INTERVAL_MIN,
                allow_private: new.allow_private,
                kind: SourceKind::Feed(FeedSettings {
                    full_text: new.full_text,
                    group: new.group.map(str::to_owned),
                    ..FeedSettings::default()
                }),
            },
        )
    }

    pub(super) fn add_presets(&mut self, ids: &[SourceId]) -> Result<(), Fault> {
        let wanted: Vec<_> = ids
            .iter()
            .map(|id| {
                presets::find(id).ok_or_else(|| {
                    Fault::new("preset_unknown", format!("The catalogue has no {id}."))
                        .with("source", id)
                })
            })
            .collect::<Result<_, _>>()?;
        for (at, known) in wanted.iter().enumerate() {
            let is_twice = wanted[..at].iter().any(|before| before.id == known.id);
            if is_twice || known.is_added(&self.settings.sources) {
                continue;
            }
            // A file that sets something wrong under this id is not written over.
            let id = if self.is_free(known.id) {
                known.id.to_owned()
            } else {
                self.free_id(known.name)
            };
            self.put_feed(&id, &known.settings())?;
        }
        Ok(())
    }

    pub(super) fn remove_source(&mut self, id: &SourceId) -> Result<(), Fault> {
        if is_built_in(id) {
            return Err(Fault::new(
                "source_built_in",
                "This source is part of Tocsin and cannot be removed. Switch it off instead.",
            )
            .with("source", id));
        }
        if !self.remove_table("sources", id.as_str()) {
            return Err(unknown(id));
        }
        Ok(())
    }

    pub(super) fn restore_source(
        &mut self,
        id: &SourceId,
        source: &SourceSettings,
    ) -> Result<(), Fault> {
        let is_id = !id.as_str().is_empty()
            && id.as_str().chars().count() <= 200
            && !id.as_str().chars().any(char::is_control);
        if !is_id || !matches!(source.kind, SourceKind::Feed(_)) {
            return Err(unknown(id));
        }
        check_name(&source.name)?;
        check::url(&source.url)?;
        number_value("interval_min", source.interval_min)?;
        if let SourceKind::Feed(feed) = &source.kind {
            check::group(feed.group.as_deref().unwrap_or_default())?;
        }
        if !self.is_free(id.as_str()) {
            let name = self.settings.sources.get(id).map(|s| s.name.clone());
            return Err(exists(id, name.as_deref().unwrap_or(id.as_str())));
        }
        self.free_address(&source.url, None)?;
        self.put_feed(id.as_str(), source)
    }

    /// Writes a feed; what is as by default is left out.
    fn put_feed(&mut self, id: &str, source: &SourceSettings) -> Result<(), Fault> {
        let mut changes: Vec<(&str, Value)> = vec![
            ("kind", "feed".into()),
            ("name", source.name.trim().into()),
            ("url", source.url.as_str().into()),
        ];
        if let SourceKind::Feed(feed) = &source.kind {
            let group = feed.group.as_deref().map(str::trim);
            changes.extend(
                group
                    .filter(|g| !g.is_empty())
                    .map(|group| ("group", group.into())),
            );
            if !feed.adaptive {
                changes.push(("adaptive", false.into()));
            }
            if feed.full_text {
                changes.push(("full_text", true.into()));
            }
        }
        if !source.enabled {
            changes.push(("enabled", false.into()));
        }
        if source.interval_min != FEED_INTERVAL_MIN {
            changes.push((
                "interval_min",
                number_value("interval_min", source.interval_min)?,
            ));
        }
        if source.allow_private {
            changes.push(("allow_private", true.into()));
        }
        self.put_all(&["sources", id], changes)
    }

    /// Refuses an address that another source reads.
    fn free_address(&self, url: &str, but: Option<&SourceId>) -> Result<(), Fault> {
        let mut others = self
            .settings
            .sources
            .iter()
            .filter(|(id, _)| Some(*id) != but);
        match others.find(|(_, s)| check::same_address(&s.url, url)) {
            Some((id, source)) => Err(exists(id, &source.name)),
            None => Ok(()),
        }
    }

    fn is_free(&self, id: &str) -> bool {
        !self.settings.sources.contains_key(&SourceId::new(id)) && !self.is_in_file("sources", id)
    }

    fn free_id(&self, name: &str) -> String {
        // An id of the catalogue is kept for its own feed.
        super::free_id(name, "feed", |id| {
            !self.is_free(id) || presets::find(&SourceId::new(id)).is_some()
        })
    }
}

/// Whether a source is a part of Tocsin.
pub(crate) fn is_built_in(id: &SourceId) -> bool {
    built_in_sources()
        .iter()
        .any(|(known, _)| *known == id.as_str())
}

fn check_name(name: &str) -> Result<(), Fault> {
    check::line(name)?;
    if name.trim().is_empty() {
        return Err(Fault::new("name_missing", "A source needs a name."));
    }
    Ok(())
}

fn editions_value(editions: &[String]) -> Result<Value, Fault> {
    if editions.is_empty() {
        return Err(Fault::new(
            "edition_missing",
            "At least one edition must be chosen. Switch the source off instead.",
        ));
    }
    editions.iter().try_for_each(|e| check::edition(e.trim()))?;
    let mut sorted: Vec<String> = editions.iter().map(|e| e.trim().to_owned()).collect();
    sorted.sort_unstable_by(|a, b| b.cmp(a));
    sorted.dedup();
    Ok(list_value(&sorted))
}

fn exists(id: &SourceId, name: &str) -> Fault {
    Fault::new(
        "source_exists",
        format!("{name} already reads this address."),
    )
    .with("source", id)
    .with("name", name)
}

fn unknown(id: &SourceId) -> Fault {
    Fault::new("source_unknown", format!("There is no source {id}.")).with("source", id)
}

//! Reading `settings.toml`, as tolerantly as can be: one bad value costs that value alone and is
//! reported with key and line; an unknown key is reported and kept; only a file that is no TOML at all
//! is left aside as a whole.

mod channels;
mod lists;
mod rules;
mod watches;

use std::collections::BTreeSet;
use std::path::Path;

use serde::{Deserialize, Serialize};
use toml_edit::{Document, Item, TableLike};
use ts_rs::TS;

use super::reader::{Reader, Section, place};
use super::schema::{
    AnalysisSettings, ApiSettings, FEED_INTERVAL_MIN, FeedSettings, KevSettings, NvdSettings,
    OwaspList, OwaspSettings, Retention, Settings, SourceKind, SourceSettings, Theme,
};
use super::{Environment, Paths, check, file, overlay};
use crate::error::Fault;
use crate::model::{ChannelId, SourceId};

/// How the user's file was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum FileState {
    /// There is none; the first edit makes it.
    Missing,
    /// It was read; single values may still have been left out.
    Good,
    /// It could not be read. It is not edited until the user mends it.
    Broken {
        /// Where and why.
        fault: Fault,
    },
}

/// Settings with what was noticed on the way.
#[derive(Clone, Debug, PartialEq)]
pub struct Loaded {
    /// What is in effect.
    pub settings: Settings,
    /// What could not be used, to be shown.
    pub notices: Vec<Fault>,
    /// How the file was found.
    pub file_state: FileState,
    /// The channels that somebody switched on or off: the file says which they are.
    pub switched: BTreeSet<ChannelId>,
}

impl Settings {
    /// Reads the file and the environment. Never fails: what cannot be read is a notice.
    #[must_use]
    pub fn load(paths: &Paths, environment: &Environment) -> Loaded {
        let mut settings = Self::default();
        let mut notices = environment.notices().to_vec();
        let mut seen = BTreeSet::new();
        let file_state = match read_text(&paths.settings_file) {
            Ok(None) => FileState::Missing,
            Ok(Some(text)) => match Document::parse(text.as_str()) {
                Ok(document) => {
                    let mut reader = Reader::new(&paths.settings_file, &text);
                    reader.settings(document.as_table(), &mut settings);
                    notices.append(&mut reader.notices);
                    seen = reader.seen;
                    FileState::Good
                }
                Err(e) => FileState::Broken {
                    fault: broken(&paths.settings_file, &text, e.span(), e.message()),
                },
            },
            Err(fault) => FileState::Broken { fault },
        };
        if let FileState::Broken { fault } = &file_state {
            notices.push(fault.clone());
        }
        overlay::apply(&mut settings, environment, &seen, &mut notices);
        rules::report_unknown_watches(&settings, &mut notices);
        let is_switched = |id: &&ChannelId| seen.contains(&format!("channels.{id}.enabled"));
        Loaded {
            switched: settings
                .channels
                .keys()
                .filter(is_switched)
                .cloned()
                .collect(),
            settings,
            notices,
            file_state,
        }
    }
}

/// The file's text; `None` where there is no file.
pub(super) fn read_text(path: &Path) -> Result<Option<String>, Fault> {
    let Some(bytes) = file::read(path)? else {
        return Ok(None);
    };
    let text = String::from_utf8(bytes).map_err(|e| {
        let at = e.utf8_error().valid_up_to();
        let before = String::from_utf8_lossy(&e.as_bytes()[..at]).into_owned();
        broken(path, &before, Some(at..at), "it is not UTF-8")
    })?;
    Ok(Some(match text.strip_prefix('\u{feff}') {
        Some(rest) => rest.to_owned(),
        None => text,
    }))
}

/// The fault of a file that is no TOML.
pub(super) fn broken(
    path: &Path,
    text: &str,
    span: Option<std::ops::Range<usize>>,
    reason: &str,
) -> Fault {
    let (line, column) = place(text, span.map_or(0, |s| s.start));
    let reason = reason.lines().collect::<Vec<_>>().join(", ");
    Fault::new(
        "settings_broken",
        format!(
            "{} cannot be read, line {line}, column {column}: {reason}. The file is left as it is until you mend it.",
            path.display()
        ),
    )
    .with("file", path.display())
    .with("line", line)
    .with("column", column)
    .with("reason", reason)
}

impl Reader<'_> {
    fn settings(&mut self, root: &dyn TableLike, settings: &mut Settings) {
        let mut root = Section::new(root, "");
        if let Some(mut general) = self.section(&mut root, "general") {
            let theme = self.word(&mut general, "theme", Theme::parse, "system, light or dark");
            set(&mut settings.theme, theme);
            self.finish(&general);
        }
        if let Some(sources) = self.section(&mut root, "sources") {
            for (id, item) in sources.table.iter() {
                self.source(id, item, &sources, settings);
            }
        }
        if let Some((key, item)) = root.take("watches") {
            settings.watches = self.watches(&key, item);
        }
        if let Some((key, item)) = root.take("mutes") {
            settings.mutes = self.mutes(&key, item);
        }
        if let Some((key, item)) = root.take("views") {
            settings.views = self.views(&key, item);
        }
        if let Some(channels) = self.section(&mut root, "channels") {
            for (id, item) in channels.table.iter() {
                self.channel(id, item, &channels, settings);
            }
        }
        // After the channels and watches, which rules name.
        if let Some(rules) = self.section(&mut root, "rules") {
            for (id, item) in rules.table.iter() {
                self.rule(id, item, &rules, settings);
            }
        }
        if let Some(mut api) = self.section(&mut root, "api") {
            self.api(&mut api, &mut settings.api);
        }
        if let Some(mut retention) = self.section(&mut root, "retention") {
            self.retention(&mut retention, &mut settings.retention);
        }
        if let Some(mut analysis) = self.section(&mut root, "analysis") {
            self.analysis(&mut analysis, &mut settings.analysis);
        }
        self.finish(&root);
    }

    fn source(&mut self, id: &str, item: &Item, parent: &Section, settings: &mut Settings) {
        let path = parent.key(id);
        let Some(mut section) = self.table(&path, item) else {
            return;
        };
        let known = settings.sources.get(&SourceId::new(id)).cloned();
        let kind = section.take("kind").and_then(|(key, item)| {
            let kind = match item.as_str() {
                Some("nvd") => SourceKind::Nvd(NvdSettings::default()),
                Some("kev") => SourceKind::Kev(KevSettings::default()),
                Some("epss") => SourceKind::Epss,
                Some("owasp") => SourceKind::Owasp(OwaspSettings::default()),
                Some("feed") => SourceKind::Feed(FeedSettings::default()),
                _ => {
                    self.bad(&key, item, "it must be nvd, kev, epss, owasp or feed");
                    return None;
                }
            };
            if known
                .as_ref()
                .is_some_and(|k| k.kind.as_str() != kind.as_str())
            {
                self.bad(
                    &key,
                    item,
                    "the kind of a built-in source cannot be changed",
                );
                return None;
            }
            Some(kind)
        });
        let is_new = known.is_none();
        let mut source = known.unwrap_or_else(|| SourceSettings {
            name: id.to_owned(),
            enabled: true,
            url: String::new(),
            interval_min: FEED_INTERVAL_MIN,
            allow_private: false,
            kind: kind.unwrap_or_else(|| SourceKind::Feed(FeedSettings::default())),
        });
        let name = self.text(&mut section, "name", check::line);
        set(&mut source.name, name.filter(|n| !n.trim().is_empty()));
        let enabled = self.flag(&mut section, "enabled");
        set(&mut source.enabled, enabled);
        let url = self.text(&mut section, "url", check::url);
        set(&mut source.url, url);
        let interval = self.number(&mut section, "interval_min");
        set(&mut source.interval_min, interval);
        let allow = self.flag(&mut section, "allow_private");
        set(&mut source.allow_private, allow);
        if let SourceKind::Nvd(nvd) = &mut source.kind {
            for (key, field) in [
                ("first_days", &mut nvd.first_days),
                ("overlap_hours", &mut nvd.overlap_hours),
                ("page_size", &mut nvd.page_size),
                ("backoff_ms", &mut nvd.backoff_ms),
            ] {
                let value = self.number(&mut section, key);
                set(field, value);
            }
            if let Some(pause_ms) = self.number(&mut section, "pause_ms") {
                nvd.pause_ms = Some(pause_ms);
            }
        }
        self.own_settings(&mut section, &mut source.kind);
        self.finish(&section);
        if is_new && source.url.is_empty() {
            self.bad(&format!("{path}.url"), item, "a source needs an address");
            return;
        }
        settings.sources.insert(SourceId::new(id), source);
    }

    /// What only a source of this kind has.
    fn own_settings(&mut self, section: &mut Section, kind: &mut SourceKind) {
        match kind {
            SourceKind::Kev(kev) => {
                let mirror = self.text(section, "mirror", check::url_or_none);
                set(&mut kev.mirror, mirror);
            }
            SourceKind::Owasp(owasp) => {
                let list = self.word(section, "list", OwaspList::parse, "top10 or api");
                set(&mut owasp.list, list);
                let editions = self.list(section, "editions", check::edition);
                set(&mut owasp.editions, editions.filter(|e| !e.is_empty()));
            }
            SourceKind::Feed(feed) => self.feed(section, feed),
            SourceKind::Nvd(_) | SourceKind::Epss => {}
        }
    }

    fn feed(&mut self, section: &mut Section, feed: &mut FeedSettings) {
        let adaptive = self.flag(section, "adaptive");
        set(&mut feed.adaptive, adaptive);
        let full_text = self.flag(section, "full_text");
        set(&mut feed.full_text, full_text);
        if let Some(group) = self.text(section, "group", check::group) {
            feed.group = filled(group);
        }
    }

    fn api(&mut self, section: &mut Section, api: &mut ApiSettings) {
        let enabled = self.flag(section, "enabled");
        set(&mut api.enabled, enabled);
        let port = self.number(section, "port");
        set(&mut api.port, port.and_then(|p| u16::try_from(p).ok()));
        let origins = self.list(section, "origins", check::origin);
        set(&mut api.origins, origins);
        self.finish(section);
    }
}

impl Reader<'_> {
    fn analysis(&mut self, section: &mut Section, analysis: &mut AnalysisSettings) {
        analysis.threshold = self.fraction(section, "threshold");
        analysis.model_file = self
            .text(section, "model_file", check::line)
            .and_then(filled);
        self.finish(section);
    }

    fn retention(&mut self, section: &mut Section, retention: &mut Retention) {
        for (key, field) in [
            ("closed_days", &mut retention.closed_days),
            ("articles_days", &mut retention.articles_days),
            ("irrelevant_days", &mut retention.irrelevant_days),
        ] {
            let days = self.number(section, key);
            set(field, days);
        }
        self.finish(section);
    }
}

fn set<T>(field: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *field = value;
    }
}

fn filled(text: String) -> Option<String> {
    Some(text.trim().to_owned()).filter(|t| !t.is_empty())
}

#[cfg(test)]
#[path = "load_tests.rs"]
mod tests;

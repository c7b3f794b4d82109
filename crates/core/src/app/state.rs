//! The settings in force, and what is built from them: sources to read, channels to send by.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::SystemTime;

use super::ReadEnvironment;
use crate::error::Fault;
use crate::events::Events;
use crate::http::Http;
use crate::model::{ChannelId, SourceId};
use crate::notify::{self, Channel};
use crate::outbox::Channels;
use crate::route::{Routing, Zone};
use crate::schedule::Rhythm;
use crate::secrets::{SecretName, Secrets};
use crate::settings::{
    ChannelKind, ChannelSettings, Environment, FileState, NvdSettings, Paths, Settings, SourceKind,
    SourceSettings,
};
use crate::source::{Source, epss, feed, kev, nvd, owasp};

/// NVD is tried again soon: its overloads pass. Minutes.
const NVD_BACKOFF_MIN: u32 = 15;
/// Feeds and pages back off to a day. Minutes.
const OTHER_BACKOFF_MIN: u32 = 24 * 60;

/// A source as it is set.
pub struct Configured {
    /// Its name for people.
    pub name: String,
    /// Whether it is collected on schedule.
    pub enabled: bool,
    /// How often.
    pub rhythm: Rhythm,
    /// Whether its interval follows its own rhythm.
    pub is_adaptive: bool,
    /// What reads it.
    pub reader: Arc<dyn Source>,
    /// The same where it is NVD, which can do more.
    pub nvd: Option<Arc<nvd::Nvd>>,
}

/// Everything that follows from the settings.
pub struct InForce {
    /// The settings.
    pub settings: Settings,
    /// What could not be used, to be shown.
    pub notices: Vec<Fault>,
    /// How the file was found.
    pub file_state: FileState,
    /// The secrets. Cannot be printed.
    pub secrets: Secrets,
    /// The sources, by id.
    pub sources: BTreeMap<SourceId, Configured>,
    /// The channels that are on, by id; one that cannot work says why.
    pub channels: Channels,
    /// The rules, ready to be asked, with the channels that they may send to.
    pub routing: Arc<Routing>,
    /// What a channel lacks that is off and that somebody began to connect: it has a secret or a destination.
    pub incomplete: BTreeMap<ChannelId, Fault>,
    /// The channels that somebody switched on or off. A good test switches on one of the others.
    pub switched: BTreeSet<ChannelId>,
    /// Whether the file could not be read and nothing is known of what the user set: then nothing is
    /// collected, sent or counted, because the defaults would undo the user's watches and channels.
    pub is_paused: bool,
    /// When NVD was asked; kept over changes of the settings.
    pace: nvd::Pace,
    stamp: Stamp,
}

/// When the files that settings come from were last changed, and what else follows from outside.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Stamp {
    settings: Option<SystemTime>,
    secrets: Option<SystemTime>,
    /// The machine's time zone: somebody travels.
    zone: String,
}

impl Stamp {
    fn of(paths: &Paths) -> Self {
        let changed = |path| std::fs::metadata(path).and_then(|m| m.modified()).ok();
        Self {
            settings: changed(&paths.settings_file),
            secrets: changed(&paths.env_file),
            zone: Zone::here().name().to_owned(),
        }
    }
}

impl InForce {
    fn load(
        paths: &Paths,
        environment: &ReadEnvironment,
        events: &Events,
        http: &Arc<Http>,
        is_desktop: bool,
        before: Option<&Self>,
    ) -> Self {
        // Before the files are read: what changes meanwhile is read again.
        let stamp = Stamp::of(paths);
        let environment = environment(paths);
        let mut loaded = Settings::load(paths, &environment);
        let is_broken = matches!(loaded.file_state, FileState::Broken { .. });
        // A file that breaks while Tocsin runs changes nothing: what was in force stays.
        if let (true, Some(before)) = (is_broken, before) {
            loaded.settings = before.settings.clone();
        }
        let is_paused = is_broken && before.is_none_or(|b| b.is_paused);
        let meanwhile = if is_paused {
            "Until then nothing is collected or sent."
        } else {
            "Until then the settings from before stay in force."
        };
        for notice in &mut loaded.notices {
            if is_broken && notice.code == "settings_broken" {
                notice.message = format!("{} {meanwhile}", notice.message);
            }
        }
        let secrets = Secrets::load(paths, &environment, &loaded.settings);
        // No keyring is how many machines are; one that is there and closed keeps secrets from us.
        let closed = secrets.keyring_fault();
        let closed = closed.filter(|f| !matches!(f.code.as_str(), "keyring_off" | "keyring_none"));
        loaded.notices.extend(closed);
        let key = secrets.get(SecretName::NvdApiKey, None);
        let key = key.map(|key| key.expose().clone());
        let pace = before.map_or_else(nvd::Pace::default, |b| b.pace.clone());
        let mut sources = BTreeMap::new();
        for (id, set) in &loaded.settings.sources {
            let own_nvd = match &set.kind {
                SourceKind::Nvd(own) => {
                    let config = nvd_config(set, own).with_key(key.clone());
                    Some(Arc::new(nvd::Nvd::new(config.with_pace(pace.clone()))))
                }
                _ => None,
            };
            let (reader, longest_backoff_min): (Arc<dyn Source>, u32) = match &set.kind {
                SourceKind::Nvd(own) => (
                    match &own_nvd {
                        Some(nvd) => Arc::clone(nvd) as Arc<dyn Source>,
                        None => Arc::new(nvd::Nvd::new(nvd_config(set, own))),
                    },
                    NVD_BACKOFF_MIN,
                ),
                SourceKind::Kev(own) => (
                    Arc::new(kev::KevCatalogue::new(kev::KevConfig {
                        url: set.url.clone(),
                        mirror: own.mirror.clone(),
                        allow_private: set.allow_private,
                    })),
                    OTHER_BACKOFF_MIN,
                ),
                SourceKind::Epss => (
                    Arc::new(epss::Epss::new(epss::EpssConfig {
                        url: set.url.clone(),
                        allow_private: set.allow_private,
                    })),
                    OTHER_BACKOFF_MIN,
                ),
                SourceKind::Owasp(own) => (
                    Arc::new(owasp::Owasp::new(owasp::OwaspConfig {
                        id: id.clone(),
                        list: own.list,
                        url: set.url.clone(),
                        editions: own.editions.clone(),
                        allow_private: set.allow_private,
                    })),
                    OTHER_BACKOFF_MIN,
                ),
                SourceKind::Feed(own) => (
                    Arc::new(feed::Feed::new(feed::FeedConfig {
                        id: id.clone(),
                        name: set.name.clone(),
                        url: set.url.clone(),
                        allow_private: set.allow_private,
                        full_text: own.full_text,
                    })),
                    OTHER_BACKOFF_MIN,
                ),
            };
            sources.insert(
                id.clone(),
                Configured {
                    name: set.name.clone(),
                    enabled: set.enabled,
                    is_adaptive: is_adaptive(&set.kind),
                    rhythm: Rhythm {
                        interval_min: set.interval_min,
                        longest_backoff_min,
                    },
                    reader,
                    nvd: own_nvd,
                },
            );
        }
        let channels = loaded
            .settings
            .channels
            .iter()
            // A server has no desktop to ring on.
            .filter(|(_, set)| set.enabled && (is_desktop || set.kind != ChannelKind::Desktop))
            .map(|(id, set)| {
                let kept = before.and_then(|b| b.kept_channel(id, set));
                let channel = kept.map_or_else(
                    || notify::channel(id, set, &secrets, events, http).map(Arc::from),
                    Ok,
                );
                (id.clone(), channel)
            })
            .collect();
        let routing = Routing::on_host(&loaded.settings, is_desktop);
        loaded.notices.extend_from_slice(routing.notices());
        let incomplete = incomplete(&loaded.settings, &secrets, events, http);
        Self {
            settings: loaded.settings,
            notices: loaded.notices,
            file_state: loaded.file_state,
            switched: loaded.switched,
            secrets,
            sources,
            channels,
            routing: Arc::new(routing),
            incomplete,
            is_paused,
            pace,
            stamp,
        }
    }

    /// A desktop channel hears clicks only while it lives, so it is kept as long as it is on.
    fn kept_channel(&self, id: &ChannelId, set: &ChannelSettings) -> Option<Arc<dyn Channel>> {
        match (self.channels.get(id), &set.kind) {
            (Some(Ok(channel)), ChannelKind::Desktop) => Some(Arc::clone(channel)),
            _ => None,
        }
    }

    /// The fault of a file that could not be read, where nothing may be done without it.
    pub(super) fn refuse_if_paused(&self) -> Result<(), Fault> {
        match &self.file_state {
            FileState::Broken { fault } if self.is_paused => Err(fault.clone()),
            _ => Ok(()),
        }
    }

    /// Whether anything is watched.
    #[must_use]
    pub fn has_watches(&self) -> bool {
        self.settings.watches.iter().any(|w| w.watch.enabled)
    }

    /// The sources' names for people.
    #[must_use]
    pub fn source_names(&self) -> BTreeMap<SourceId, String> {
        self.sources
            .iter()
            .map(|(id, source)| (id.clone(), source.name.clone()))
            .collect()
    }
}

/// What is missing where a channel is off only because it is not whole.
fn incomplete(
    settings: &Settings,
    secrets: &Secrets,
    events: &Events,
    http: &Arc<Http>,
) -> BTreeMap<ChannelId, Fault> {
    let off = settings.channels.iter().filter(|(_, set)| !set.enabled);
    off.filter(|(id, set)| {
        let mut names = SecretName::of_kind(&set.kind).iter();
        names.any(|name| secrets.get(*name, Some(id)).is_some()) || has_destination(&set.kind)
    })
    .filter_map(|(id, set)| {
        let fault = notify::channel(id, set, secrets, events, http).err()?;
        Some((id.clone(), fault))
    })
    .collect()
}

fn has_destination(kind: &ChannelKind) -> bool {
    match kind {
        ChannelKind::Desktop => false,
        ChannelKind::Email(email) => !email.recipients.is_empty(),
        ChannelKind::Slack(slack) => slack.channel.is_some(),
        ChannelKind::Telegram(telegram) => telegram.chat_id.is_some(),
    }
}

/// Whether a source's interval follows its own rhythm.
#[must_use]
pub fn is_adaptive(kind: &SourceKind) -> bool {
    matches!(kind, SourceKind::Feed(own) if own.adaptive)
}

fn nvd_config(set: &SourceSettings, own: &NvdSettings) -> nvd::NvdConfig {
    let mut config = nvd::NvdConfig::default();
    config.url.clone_from(&set.url);
    config.first_days = own.first_days;
    config.overlap_hours = own.overlap_hours;
    config.page_size = own.page_size;
    config.pause_ms = own.pause_ms.map(u64::from);
    config.backoff_ms = own.backoff_ms.into();
    config.allow_private = set.allow_private;
    config
}

/// The settings in force now.
pub(super) struct State {
    environment: ReadEnvironment,
    http: Arc<Http>,
    is_desktop: bool,
    /// One reload at a time: an older reading must not take the place of a newer one.
    reloading: Mutex<()>,
    in_force: RwLock<Arc<InForce>>,
}

impl State {
    pub fn load(
        paths: &Paths,
        environment: ReadEnvironment,
        events: &Events,
        http: &Arc<Http>,
        is_desktop: bool,
    ) -> Self {
        let first = InForce::load(paths, &environment, events, http, is_desktop, None);
        Self {
            environment,
            http: Arc::clone(http),
            is_desktop,
            reloading: Mutex::default(),
            in_force: RwLock::new(Arc::new(first)),
        }
    }

    /// Whether somebody changed the files by hand since they were read, or unlocked the keyring.
    pub fn is_stale(&self, paths: &Paths) -> bool {
        let now = self.get();
        now.stamp != Stamp::of(paths) || now.secrets.is_stale()
    }

    pub fn environment(&self, paths: &Paths) -> Environment {
        (self.environment)(paths)
    }

    pub fn get(&self) -> Arc<InForce> {
        Arc::clone(&self.in_force.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Does something with the settings in force while nobody reads them anew.
    pub fn settle(&self, work: impl FnOnce(&InForce)) {
        let _one = self
            .reloading
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        work(&self.get());
    }

    /// Reads everything again; `then` is done before anybody else reloads.
    pub fn reload(&self, paths: &Paths, events: &Events, then: impl FnOnce(&InForce, &InForce)) {
        let _one = self
            .reloading
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let before = self.get();
        let fresh = Arc::new(InForce::load(
            paths,
            &self.environment,
            events,
            &self.http,
            self.is_desktop,
            Some(&before),
        ));
        *self
            .in_force
            .write()
            .unwrap_or_else(PoisonError::into_inner) = Arc::clone(&fresh);
        then(&before, &fresh);
    }
}

//! What can be set, with its defaults. Plain types without behaviour: `load` fills them from the file
//! and the environment, `edit` writes the file. No secret is ever among them.

mod sources;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

pub(super) use sources::{FEED_INTERVAL_MIN, built_in_sources};
pub use sources::{
    FeedSettings, KevSettings, NvdSettings, OwaspList, OwaspSettings, SourceKind, SourceSettings,
};

use crate::model::{
    ChannelId, DigestTimes, Mute, QuietHours, Rule, RuleId, SourceId, Time, Trigger, ViewSettings,
    Watch,
};

/// Everything that is not a secret, as it is in effect.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct Settings {
    /// Light, dark, or as the system has it.
    pub theme: Theme,
    /// Where alerts come from, by id; the built-in ones are always there.
    pub sources: BTreeMap<SourceId, SourceSettings>,
    /// What the team cares about, in the file's order, then what `KEYWORDS` adds.
    pub watches: Vec<WatchSettings>,
    /// What is to be silent, in the file's order.
    pub mutes: Vec<Mute>,
    /// The user's own views of the inbox, in the file's order.
    pub views: Vec<ViewSettings>,
    /// How messages leave, by id; the built-in ones are always there.
    pub channels: BTreeMap<ChannelId, ChannelSettings>,
    /// Which alerts and changes go to which channels, by id; the built-in ones are always there.
    pub rules: BTreeMap<RuleId, Rule>,
    /// The local HTTP API.
    pub api: ApiSettings,
    /// How long alerts are kept that nobody needs any more.
    pub retention: Retention,
    /// What analysis is told.
    pub analysis: AnalysisSettings,
    /// Which keys the environment sets, and by which variable:
    /// `channels.email.smtp_host` -> `SMTP_SERVER`. They cannot be edited.
    pub from_environment: BTreeMap<String, String>,
}

impl Settings {
    /// What analysis watches for.
    #[must_use]
    pub fn watch_list(&self) -> Vec<Watch> {
        let all = self.watches.iter().map(|w| &w.watch);
        all.filter(|watch| watch.enabled).cloned().collect()
    }

    /// What is silent now.
    #[must_use]
    pub fn mutes_in_force(&self, now: Time) -> Vec<Watch> {
        let all = self.mutes.iter().filter(|mute| !mute.has_ended(now));
        let all = all.map(|mute| &mute.watch);
        all.filter(|watch| watch.enabled).cloned().collect()
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            theme: Theme::default(),
            sources: built_in_sources()
                .into_iter()
                .map(|(id, s)| (SourceId::new(id), s))
                .collect(),
            watches: Vec::new(),
            mutes: Vec::new(),
            views: Vec::new(),
            channels: built_in_channels()
                .into_iter()
                .map(|(id, c)| (ChannelId(id.to_owned()), c))
                .collect(),
            rules: built_in_rules()
                .into_iter()
                .map(|(id, rule)| (RuleId(id.to_owned()), rule))
                .collect(),
            api: ApiSettings::default(),
            retention: Retention::default(),
            analysis: AnalysisSettings::default(),
            from_environment: BTreeMap::new(),
        }
    }
}

/// The window's colours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "lowercase")]
pub enum Theme {
    /// As the system has it.
    #[default]
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

impl Theme {
    /// The word in the file.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// Reads the word in the file.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::System, Self::Light, Self::Dark]
            .into_iter()
            .find(|t| t.as_str() == text)
    }
}

/// One watch with where it comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct WatchSettings {
    /// The watch.
    #[serde(flatten)]
    pub watch: Watch,
    /// Whether `KEYWORDS` set it; then it cannot be edited.
    pub from_environment: bool,
}

/// One channel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ChannelSettings {
    /// For people; unique, letter case aside.
    pub name: String,
    /// Whether messages are routed to it.
    pub enabled: bool,
    /// How long alerts are gathered into one message from the first one on, seconds; 0 = each page of a run
    /// at once.
    pub group_s: u32,
    /// When it is not to ring.
    pub quiet: Option<QuietHours>,
    /// When its digests go out: what a cap held back, and rules that name no times of their own.
    pub digest: DigestTimes,
    /// Whether a message once a week shows that it still works.
    pub weekly_test: bool,
    /// Messages a second, minute and hour that it may send, where the service's own limits do not hold (an own
    /// server, a test).
    pub limits: Option<Limits>,
    /// What kind of channel it is, with what only that kind has.
    #[serde(flatten)]
    pub kind: ChannelKind,
}

/// A kind of channel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum ChannelKind {
    /// Notifications of the desktop.
    Desktop,
    /// E-mail by SMTP.
    Email(EmailSettings),
    /// Slack, as a bot or by an incoming webhook.
    Slack(SlackSettings),
    /// A bot of Telegram.
    Telegram(TelegramSettings),
}

/// Limits in the place of a service's own. 0 = none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Limits {
    /// Milliseconds between two messages to one destination.
    pub gap_ms: u32,
    /// Messages to one destination within a minute.
    pub per_minute: u32,
    /// Messages of one bot within a second.
    pub per_second: u32,
}

/// What only Slack has. Token and webhook are secrets and not here; where both are set the token is used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SlackSettings {
    /// Where its API is.
    pub base_url: String,
    /// The channel: `#alerts`, or its id. A webhook has its own.
    pub channel: Option<String>,
}

impl Default for SlackSettings {
    fn default() -> Self {
        Self {
            base_url: "https://slack.com/api/".to_owned(),
            channel: None,
        }
    }
}

/// What only Telegram has. The token is a secret and not here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct TelegramSettings {
    /// Where its API is.
    pub base_url: String,
    /// The chat: its number, or `@name` of a public channel.
    pub chat_id: Option<String>,
}

impl Default for TelegramSettings {
    fn default() -> Self {
        Self {
            base_url: "https://api.telegram.org/".to_owned(),
            chat_id: None,
        }
    }
}

impl ChannelKind {
    /// The word in the file.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Desktop => "desktop",
            Self::Email(_) => "email",
            Self::Slack(_) => "slack",
            Self::Telegram(_) => "telegram",
        }
    }
}

/// What only e-mail has. The password is a secret and not here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct EmailSettings {
    /// The SMTP server.
    pub smtp_host: String,
    /// Its port.
    pub smtp_port: u16,
    /// How the connection is encrypted.
    pub smtp_tls: SmtpTls,
    /// The name to log in with.
    pub user: Option<String>,
    /// The address that messages come from; the user's where it is not set.
    pub sender: Option<String>,
    /// The name that messages come from.
    pub sender_name: String,
    /// Who gets the messages.
    pub recipients: Vec<String>,
    /// A PEM file with certificates that are trusted besides the system's.
    pub ca_file: Option<String>,
    /// Whether the password may go over an unencrypted connection to this server.
    pub allow_plain_auth: bool,
}

impl Default for EmailSettings {
    fn default() -> Self {
        Self {
            smtp_host: "smtp.gmail.com".to_owned(),
            smtp_port: 587,
            smtp_tls: SmtpTls::Starttls,
            user: None,
            sender: None,
            sender_name: "Tocsin".to_owned(),
            recipients: Vec::new(),
            ca_file: None,
            allow_plain_auth: false,
        }
    }
}

/// How an SMTP connection is encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "lowercase")]
pub enum SmtpTls {
    /// It begins plain and must be upgraded.
    Starttls,
    /// It is encrypted from the start.
    Implicit,
    /// It is not.
    None,
}

impl SmtpTls {
    /// The word in the file.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Starttls => "starttls",
            Self::Implicit => "implicit",
            Self::None => "none",
        }
    }

    /// Reads the word in the file.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Starttls, Self::Implicit, Self::None]
            .into_iter()
            .find(|t| t.as_str() == text)
    }

    /// What a port stands for where nothing else is said: 465 is encrypted from the start.
    #[must_use]
    pub fn for_port(port: u16) -> Self {
        if port == 465 {
            Self::Implicit
        } else {
            Self::Starttls
        }
    }
}

/// The local HTTP API.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ApiSettings {
    /// Whether it is served. `tocsind run` serves it whatever this says.
    pub enabled: bool,
    /// The port on loopback; 0 takes any free one.
    pub port: u16,
    /// Origins of web pages that may read it: `http://localhost:3000`.
    pub origins: Vec<String>,
}

impl Default for ApiSettings {
    fn default() -> Self {
        Self {
            enabled: false,
            port: 8000,
            origins: Vec::new(),
        }
    }
}

/// What analysis is told.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, TS)]
pub struct AnalysisSettings {
    /// From which probability on the models call an alert relevant, 0.01 to 0.99; `None`: as they were
    /// calibrated.
    pub threshold: Option<f64>,
    /// A model file that takes the place of the built-in one.
    pub model_file: Option<String>,
}

/// How long alerts are kept, in days; 0 keeps them for ever. Whatever is said here, never removed is what
/// is open (Reviewing, Action needed, Snoozed, and New where it is relevant), what has a tag, a note or a
/// match of a watch, and what a message still waits to speak of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Retention {
    /// Closed alerts, from when they were closed or last changed. For ever by default: what a team decided,
    /// and why, is its record.
    pub closed_days: u32,
    /// Articles that are closed, or New and irrelevant, from publication (or closing, where that was
    /// later). A year by default: news of last year that mattered to nobody is found on the web.
    pub articles_days: u32,
    /// New and irrelevant alerts but guidance, from the latest of publication, update and change. For ever
    /// by default: a watch that is added later finds the old vulnerabilities of its product.
    pub irrelevant_days: u32,
}

impl Default for Retention {
    fn default() -> Self {
        Self {
            closed_days: 0,
            articles_days: 365,
            irrelevant_days: 0,
        }
    }
}

impl ChannelSettings {
    /// A channel that is off, as a new one begins.
    #[must_use]
    pub fn new(name: &str, kind: ChannelKind) -> Self {
        Self {
            name: name.to_owned(),
            enabled: false,
            group_s: 30,
            quiet: None,
            digest: DigestTimes::default(),
            weekly_test: false,
            limits: None,
            kind,
        }
    }
}

/// The channels that are always there, by id.
#[must_use]
pub(super) fn built_in_channels() -> Vec<(&'static str, ChannelSettings)> {
    vec![
        (
            "desktop",
            ChannelSettings {
                enabled: true,
                ..ChannelSettings::new("Desktop", ChannelKind::Desktop)
            },
        ),
        (
            "email",
            ChannelSettings::new("E-mail", ChannelKind::Email(EmailSettings::default())),
        ),
        (
            "slack",
            ChannelSettings::new("Slack", ChannelKind::Slack(SlackSettings::default())),
        ),
        (
            "telegram",
            ChannelSettings::new(
                "Telegram",
                ChannelKind::Telegram(TelegramSettings::default()),
            ),
        ),
    ]
}

/// Whether a channel is a part of Tocsin: it can be switched off and not removed.
pub(crate) fn is_built_in_channel(id: &ChannelId) -> bool {
    matches!(id.0.as_str(), "desktop" | "email" | "slack" | "telegram")
}

/// The rules that are always there, by id. They can be changed and switched off.
#[must_use]
pub(super) fn built_in_rules() -> Vec<(&'static str, Rule)> {
    let changes = vec![Trigger::New, Trigger::RaisedToHigh, Trigger::Exploited];
    vec![
        (
            "desktop",
            Rule {
                name: "High and exploited that match a watch".to_owned(),
                query: "severity:high OR exploited:true".to_owned(),
                watches: vec!["*".to_owned()],
                changes: changes.clone(),
                channels: vec![ChannelId("desktop".to_owned())],
                ..Rule::default()
            },
        ),
        (
            "default",
            Rule {
                name: "Relevant: new, raised to High, exploited".to_owned(),
                query: "relevant:true".to_owned(),
                changes,
                channels: vec![ChannelId("*".to_owned())],
                ..Rule::default()
            },
        ),
    ]
}

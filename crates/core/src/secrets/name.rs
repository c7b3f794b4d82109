//! Which secrets there are, whose each is, and the variable that holds it.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::model::ChannelId;
use crate::settings::env::{VARIABLES, Variable};
use crate::settings::{ChannelKind, Settings, is_built_in_channel};

/// The secrets that Tocsin knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum SecretName {
    /// The password of the mail server's account.
    EmailPassword,
    /// The key of NVD's API.
    NvdApiKey,
    /// The token of a bot of Slack.
    SlackToken,
    /// The address of an incoming webhook of Slack.
    SlackWebhook,
    /// The token of a bot of Telegram.
    TelegramToken,
}

impl SecretName {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::EmailPassword,
        Self::NvdApiKey,
        Self::SlackToken,
        Self::SlackWebhook,
        Self::TelegramToken,
    ];

    /// The variable that holds it; an added channel's own is called `SLACK_TOKEN_<ID>`.
    #[must_use]
    pub fn variable(self) -> &'static str {
        match self {
            Self::EmailPassword => "EMAIL_PASS",
            Self::NvdApiKey => "NVD_API_KEY",
            Self::SlackToken => "SLACK_TOKEN",
            Self::SlackWebhook => "SLACK_WEBHOOK",
            Self::TelegramToken => "TELEGRAM_TOKEN",
        }
    }

    /// Those that a channel of a kind has.
    #[must_use]
    pub fn of_kind(kind: &ChannelKind) -> &'static [Self] {
        match kind {
            ChannelKind::Desktop => &[],
            ChannelKind::Email(_) => &[Self::EmailPassword],
            ChannelKind::Slack(_) => &[Self::SlackToken, Self::SlackWebhook],
            ChannelKind::Telegram(_) => &[Self::TelegramToken],
        }
    }

    /// Whether every channel of its kind has one of its own.
    #[must_use]
    pub fn is_a_channels(self) -> bool {
        self != Self::NvdApiKey
    }

    fn entry(self) -> Option<&'static Variable> {
        VARIABLES.iter().find(|v| v.name == self.variable())
    }
}

/// One secret: which, and of which channel. That of a built-in channel has no channel here: there is one of it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SecretKey {
    name: SecretName,
    added: Option<ChannelId>,
}

impl SecretKey {
    /// The secret of a channel; `None` means that of the built-in channel of its kind.
    #[must_use]
    pub fn new(name: SecretName, channel: Option<&ChannelId>) -> Self {
        let added = channel.filter(|id| name.is_a_channels() && !is_built_in_channel(id));
        Self {
            name,
            added: added.cloned(),
        }
    }

    /// All that there are with these settings: NVD's key, then those of the channels.
    #[must_use]
    pub fn all(settings: &Settings) -> Vec<Self> {
        let channels = settings.channels.iter().flat_map(|(id, set)| {
            let names = SecretName::of_kind(&set.kind).iter();
            names.map(move |name| Self::new(*name, Some(id)))
        });
        let mut all: Vec<Self> = channels.collect();
        all.insert(0, Self::new(SecretName::NvdApiKey, None));
        all
    }

    /// Which.
    #[must_use]
    pub fn name(&self) -> SecretName {
        self.name
    }

    /// The variable that holds it: `SLACK_TOKEN`, `SLACK_TOKEN_NIGHT_SHIFT`.
    #[must_use]
    pub fn variable(&self) -> String {
        let own = self.name.variable();
        match &self.added {
            Some(id) => format!("{own}_{}", in_capitals(id)),
            None => own.to_owned(),
        }
    }

    /// Every name that it is read under, the one that is written first.
    pub(super) fn variables(&self) -> Vec<String> {
        let aliases = match (&self.added, self.name.entry()) {
            (None, Some(entry)) => entry.aliases,
            _ => &[],
        };
        let older = aliases.iter().map(|alias| (*alias).to_owned());
        std::iter::once(self.variable()).chain(older).collect()
    }
}

/// A channel's id as a part of a variable's name.
#[must_use]
pub(crate) fn in_capitals(id: &ChannelId) -> String {
    let capital = |c: char| {
        if c.is_ascii_alphanumeric() {
            c.to_ascii_uppercase()
        } else {
            '_'
        }
    };
    id.0.chars().map(capital).collect()
}

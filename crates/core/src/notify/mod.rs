//! Channels: how a message leaves the machine. One trait, a file per kind.

mod desktop;
mod email;
mod message;
pub mod render;
mod service;
mod slack;
mod smtp;
mod telegram;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use ts_rs::TS;

use crate::error::Fault;
use crate::events::Events;
use crate::http::Http;
use crate::model::ChannelId;
use crate::secrets::{Secret, SecretName, Secrets};
use crate::settings::{ChannelKind, ChannelSettings, Limits};

pub use desktop::Desktop;
pub use email::Email;
pub use message::{Content, Digest, DigestGroup, DigestWhy, Message, Rendered, Urgency};
pub use slack::Slack;
pub use telegram::Telegram;

/// What a service said when it took a message.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Receipt {
    /// Its name for the message: Slack's `ts`, Telegram's `message_id`, the e-mail's `Message-ID`.
    pub reference: Option<String>,
    /// Recipients that were refused while others got it. They are not tried again.
    pub refused: Vec<Fault>,
    /// The destination has another name from now on: Telegram's `migrate_to_chat_id`.
    pub moved_to: Option<String>,
}

/// Why a message was not taken, as a decision.
#[derive(Clone, Debug, PartialEq)]
pub enum SendError {
    /// A passing fault: try again, not before `after` if the service said so; then nothing else goes to this
    /// destination before either.
    Retry {
        /// What happened.
        fault: Fault,
        /// What the service asked for.
        after: Option<Duration>,
    },
    /// This message will never be taken, whatever somebody does; the next one may be.
    Refused {
        /// What happened.
        fault: Fault,
    },
    /// The channel does not work until somebody acts: it stops, and what waits stays waiting.
    Stop {
        /// What happened and what to do.
        fault: Fault,
    },
    /// The connection ended after the message was handed over and before the answer.
    Unknown {
        /// What happened.
        fault: Fault,
    },
}

impl SendError {
    /// What happened, whatever follows from it.
    #[must_use]
    pub fn into_fault(self) -> Fault {
        match self {
            Self::Retry { fault, .. }
            | Self::Refused { fault }
            | Self::Stop { fault }
            | Self::Unknown { fault } => fault,
        }
    }
}

/// How fast messages may follow each other. Several hold together. Counted from the end of one attempt to the
/// beginning of the next, so that the service counts no more than we do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pace {
    /// What is counted together: a destination, or a bot. Channels that share a key share the count. Holds no
    /// secret (a digest of one at most).
    pub key: String,
    /// So many attempts at most ...
    pub most: u32,
    /// ... within so many milliseconds.
    pub within_ms: u64,
}

/// One step of a test: `log_in`, `message`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct TestStep {
    /// Which: `connect`, `log_in`, `destination`, `message`.
    pub step: String,
    /// What it found: `Tocsin in Acme (T024BE7LD)`, `@tocsin_bot`; `None` where it failed.
    pub found: Option<String>,
    /// The exact cause where it failed.
    pub fault: Option<Fault>,
}

/// A place that messages can go to, found by asking the service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Place {
    /// What to put into the settings: Telegram's chat id, Slack's channel id.
    pub id: String,
    /// For people: `#alerts`, `SOC team`.
    pub name: String,
    /// What it is: `private`, `group`, `supergroup`, `channel`.
    pub what: String,
}

/// A configured channel.
#[async_trait]
pub trait Channel: Send + Sync {
    /// The message as it will go out. Pure.
    fn render(&self, message: &Message) -> Rendered;

    /// Hands a message over, as it was rendered; returns once the service took it.
    ///
    /// # Errors
    /// [`SendError`] says whether to try again.
    async fn send(&self, message: &Message, rendered: &Rendered) -> Result<Receipt, SendError>;

    /// "Send a test": connects, logs in, looks at the destination and sends a real message. Ends with the first
    /// step that fails.
    async fn check(&self) -> Vec<TestStep>;

    /// How fast messages may follow each other here.
    fn paces(&self) -> Vec<Pace>;

    /// Places that messages could go to, for a user who does not know their ids.
    ///
    /// # Errors
    /// `places_unsupported`, or why the service did not say.
    async fn places(&self) -> Result<Vec<Place>, Fault> {
        Err(Fault::new(
            "places_unsupported",
            "This channel cannot be asked where messages could go.",
        ))
    }
}

/// A message as a channel of a kind sends it, whether that is connected yet or not. Pure.
#[must_use]
pub fn rendered(kind: &ChannelKind, message: &Message) -> Rendered {
    match kind {
        ChannelKind::Desktop => {
            let made = render::toast(message);
            Rendered::Desktop {
                summary: made.summary,
                body: made.body,
                urgency: made.urgency,
            }
        }
        ChannelKind::Email(_) => {
            let made = render::mail(message);
            Rendered::Email {
                subject: made.subject,
                text: made.text,
                html: made.html,
            }
        }
        ChannelKind::Slack(_) => {
            let made = render::slack(message);
            Rendered::Slack {
                text: made.text,
                blocks: made.blocks,
            }
        }
        ChannelKind::Telegram(_) => {
            let made = render::telegram(message);
            Rendered::Telegram {
                html: made.html,
                plain: made.plain,
                silent: made.silent,
            }
        }
    }
}

/// A step of a test that went well.
fn step(step: &str, found: impl Into<String>) -> TestStep {
    TestStep {
        step: step.to_owned(),
        found: Some(found.into()),
        fault: None,
    }
}

/// A step of a test that failed.
fn failed_step(step: &str, fault: Fault) -> TestStep {
    TestStep {
        step: step.to_owned(),
        found: None,
        fault: Some(fault),
    }
}

/// The last step of a test: a real message, to `place`.
async fn message_step(channel: &dyn Channel, place: &str) -> TestStep {
    let message = Message::test();
    match channel.send(&message, &channel.render(&message)).await {
        Ok(receipt) => match receipt.refused.into_iter().next() {
            Some(fault) => failed_step("message", fault),
            None => step("message", place),
        },
        Err(error) => failed_step("message", error.into_fault()),
    }
}

/// Limits as paces: what counts for the destination, and what for the account.
fn paces(limits: Limits, destination: &str, account: &str) -> Vec<Pace> {
    let pace = |key: &str, most, within_ms| Pace {
        key: key.to_owned(),
        most,
        within_ms,
    };
    [
        pace(destination, 1, u64::from(limits.gap_ms)),
        pace(destination, limits.per_minute, 60_000),
        pace(account, limits.per_second, 1000),
    ]
    .into_iter()
    .filter(|pace| pace.most > 0 && pace.within_ms > 0)
    .collect()
}

/// A short name for texts that are secret, long or hostile.
fn digest<'a>(texts: impl IntoIterator<Item = &'a str>) -> String {
    let mut hash = Sha256::new();
    for text in texts {
        hash.update(text.as_bytes());
        hash.update([0]);
    }
    hash.finalize()[..10]
        .iter()
        .map(|b| format!("{b:02x}"))
        .collect()
}

/// Makes a channel of its settings. Keep it until its settings or secrets change: the desktop channel
/// hears clicks only while it lives.
///
/// # Errors
/// What is missing, naming the channel: `email_no_recipients`, `email_no_sender`, `email_no_password`,
/// `email_address_invalid`, `slack_no_token`, `slack_no_channel`, `slack_webhook_invalid`,
/// `telegram_no_token`, `telegram_no_chat`, `telegram_token_invalid`, `channel_bad_url`.
pub fn channel(
    id: &ChannelId,
    settings: &ChannelSettings,
    secrets: &Secrets,
    events: &Events,
    http: &Arc<Http>,
) -> Result<Box<dyn Channel>, Fault> {
    match missing_place(id, settings, secrets) {
        Some(fault) => Err(fault),
        None => unfinished_channel(id, settings, secrets, events, http),
    }
}

/// The same although its destination may be missing: for finding places, and for a test, which then ends at
/// the step `destination`.
///
/// # Errors
/// As [`channel`], but for `slack_no_channel` and `telegram_no_chat`.
pub fn unfinished_channel(
    id: &ChannelId,
    settings: &ChannelSettings,
    secrets: &Secrets,
    events: &Events,
    http: &Arc<Http>,
) -> Result<Box<dyn Channel>, Fault> {
    let secret = |name| secret(secrets, id, name);
    let limits = settings.limits;
    let made: Result<Box<dyn Channel>, Fault> = match &settings.kind {
        ChannelKind::Desktop => Ok(Box::new(Desktop::new(events.clone()))),
        ChannelKind::Email(email) => Email::new(email, secret(SecretName::EmailPassword), limits)
            .map(|email| Box::new(email) as _),
        ChannelKind::Slack(slack) => Slack::new(
            slack,
            secret(SecretName::SlackToken),
            secret(SecretName::SlackWebhook),
            limits,
            http,
        )
        .map(|slack| Box::new(slack) as _),
        ChannelKind::Telegram(telegram) => {
            Telegram::new(telegram, secret(SecretName::TelegramToken), limits, http)
                .map(|telegram| Box::new(telegram) as _)
        }
    };
    made.map_err(|fault| fault.with("channel", id))
}

/// What is missing where everything but the destination is there.
fn missing_place(id: &ChannelId, settings: &ChannelSettings, secrets: &Secrets) -> Option<Fault> {
    let has = |name| secret(secrets, id, name).is_some();
    let is_empty = |place: &Option<String>| place.as_ref().is_none_or(|p| p.trim().is_empty());
    let fault = match &settings.kind {
        ChannelKind::Slack(slack) if has(SecretName::SlackToken) && is_empty(&slack.channel) => {
            slack::no_channel()
        }
        ChannelKind::Telegram(telegram)
            if has(SecretName::TelegramToken) && is_empty(&telegram.chat_id) =>
        {
            telegram::no_chat()
        }
        _ => return None,
    };
    Some(fault.with("channel", id))
}

/// A channel's secret.
fn secret(secrets: &Secrets, id: &ChannelId, name: SecretName) -> Option<Secret<String>> {
    let found = secrets.get(name, Some(id))?;
    (!found.expose().trim().is_empty()).then_some(found)
}

#[cfg(test)]
#[path = "proof/tests.rs"]
mod proof;

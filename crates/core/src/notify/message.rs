//! A message: what it says, and as what it goes out.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::error::Fault;
use crate::model::{DeliveryId, MessageAlert, Severity, Time};

/// One message: everything that a channel needs to render and send it.
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    /// The delivery it belongs to; `None` for a test message and a preview.
    pub delivery: Option<DeliveryId>,
    /// What it says.
    pub content: Content,
    /// The reference that the service gave to the first message of the same alert: what Slack threads under.
    pub thread: Option<String>,
}

/// What a message says.
#[derive(Clone, Debug, PartialEq)]
pub enum Content {
    /// What "Send a test" sends.
    Test,
    /// The weekly test of a channel.
    SelfTest,
    /// One alert, or several that came together.
    Alerts {
        /// The worst first; at least one.
        alerts: Vec<MessageAlert>,
        /// How many more there are.
        more: u32,
    },
    /// What came since the last digest, or in the quiet hours, or beyond a cap.
    Digest(Digest),
    /// Another channel stopped and somebody must act.
    Notice {
        /// The name of that channel.
        channel: String,
        /// What happened and what to do.
        fault: Fault,
    },
}

/// A digest. Never empty.
#[derive(Clone, Debug, PartialEq)]
pub struct Digest {
    /// Why it comes now.
    pub why: DigestWhy,
    /// The groups, the worst first.
    pub groups: Vec<DigestGroup>,
    /// All alerts that it speaks of, listed or not.
    pub total: u32,
    /// When the first of them was routed, and when it was put together.
    pub from: Time,
    /// See `from`.
    pub to: Time,
}

/// Why a digest comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DigestWhy {
    /// It is its time.
    Time,
    /// The quiet hours are over.
    QuietHoursEnded,
    /// The channel works again and this is what waited.
    Resumed,
}

/// Alerts of one level of a digest, of one watch within it.
#[derive(Clone, Debug, PartialEq)]
pub struct DigestGroup {
    /// The level; `None` = unscored.
    pub severity: Option<Severity>,
    /// The watch that the alerts matched first; `None` = none.
    pub watch: Option<String>,
    /// What is listed, the best ranked first.
    pub alerts: Vec<MessageAlert>,
    /// How many of the group are left out.
    pub more: u32,
}

impl Message {
    /// What "Send a test" sends.
    #[must_use]
    pub fn test() -> Self {
        Self {
            delivery: None,
            content: Content::Test,
            thread: None,
        }
    }

    /// The alerts that it lists, in their order.
    pub fn alerts(&self) -> impl Iterator<Item = &MessageAlert> {
        let (alerts, digest): (&[MessageAlert], _) = match &self.content {
            Content::Alerts { alerts, .. } => (alerts, None),
            Content::Digest(digest) => (&[], Some(digest)),
            Content::Test | Content::SelfTest | Content::Notice { .. } => (&[], None),
        };
        let grouped = digest.into_iter().flat_map(|d| &d.groups);
        alerts.iter().chain(grouped.flat_map(|g| &g.alerts))
    }
}

/// A message as it goes out: what is stored, shown in Notifications and previewed in Settings. It holds no
/// address of a service and no secret.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Rendered {
    /// An e-mail.
    Email {
        /// One line, not encoded.
        subject: String,
        /// The plain part, lines ended by `\n`.
        text: String,
        /// The HTML part.
        html: String,
    },
    /// A message of Slack.
    Slack {
        /// The fallback text, escaped.
        text: String,
        /// The blocks, as JSON text.
        blocks: String,
    },
    /// A message of Telegram.
    Telegram {
        /// With Telegram's tags.
        html: String,
        /// The same as plain text, for where the tags are refused.
        plain: String,
        /// Whether it comes without a sound.
        silent: bool,
    },
    /// A desktop notification.
    Desktop {
        /// One line.
        summary: String,
        /// A few lines, plain text.
        body: String,
        /// How loudly it asks.
        urgency: Urgency,
    },
}

/// How loudly a notification asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Urgency {
    /// Low severity, or none known.
    Low,
    /// Medium and High.
    Normal,
    /// Exploited.
    Critical,
}

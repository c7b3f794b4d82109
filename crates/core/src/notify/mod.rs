//! Channels: how a message leaves the machine. One trait, a file per kind.

mod desktop;
mod email;
pub mod render;
mod smtp;

use std::time::Duration;

use async_trait::async_trait;

use crate::error::Fault;
use crate::events::Events;
use crate::model::{ChannelId, DeliveryId, MessageAlert};
use crate::secrets::{SecretName, Secrets};
use crate::settings::{ChannelKind, ChannelSettings};

pub use desktop::Desktop;
pub use email::Email;

/// One message: everything that a channel needs to render and send it.
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    /// The delivery it belongs to; `None` for a test message.
    pub delivery: Option<DeliveryId>,
    /// What it speaks of: one alert, or several that came together; empty only for a test message.
    pub alerts: Vec<MessageAlert>,
    /// How many more there are than `alerts` holds.
    pub more: u32,
}

impl Message {
    /// What "Send a test" sends.
    #[must_use]
    pub fn test() -> Self {
        Self {
            delivery: None,
            alerts: Vec::new(),
            more: 0,
        }
    }
}

/// Why a message was not taken, as a decision.
#[derive(Clone, Debug, PartialEq)]
pub enum SendError {
    /// A passing fault: try again, not before `after` if the service said so.
    Retry {
        /// What happened.
        fault: Fault,
        /// What the service asked for.
        after: Option<Duration>,
    },
    /// Trying again will not help: somebody must act.
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
            Self::Retry { fault, .. } | Self::Stop { fault } | Self::Unknown { fault } => fault,
        }
    }
}

/// A configured channel.
#[async_trait]
pub trait Channel: Send + Sync {
    /// Hands a message over; returns once the service took it.
    ///
    /// # Errors
    /// [`SendError`] says whether to try again.
    async fn send(&self, message: &Message) -> Result<(), SendError>;

    /// Hands a message over as [`Channel::send`] does, and says who of several recipients did not get
    /// it although others did. They are not tried again: that would reach the others twice.
    ///
    /// # Errors
    /// As [`Channel::send`].
    async fn deliver(&self, message: &Message) -> Result<Vec<Fault>, SendError> {
        self.send(message).await?;
        Ok(Vec::new())
    }

    /// "Send a test": connects, logs in and sends a real message.
    ///
    /// # Errors
    /// The exact cause, also where only some of the recipients did not get it.
    async fn check(&self) -> Result<(), Fault> {
        match self.deliver(&Message::test()).await {
            Ok(refused) => refused.into_iter().next().map_or(Ok(()), Err),
            Err(e) => Err(e.into_fault()),
        }
    }
}

/// Makes a channel of its settings. Keep it until its settings or secrets change: the desktop channel
/// hears clicks only while it lives.
///
/// # Errors
/// What is missing: `email_no_recipients`, `email_no_sender`, `email_no_password`,
/// `email_address_invalid`; each names the channel.
pub fn channel(
    id: &ChannelId,
    settings: &ChannelSettings,
    secrets: &Secrets,
    events: &Events,
) -> Result<Box<dyn Channel>, Fault> {
    match &settings.kind {
        ChannelKind::Desktop => Ok(Box::new(Desktop::new(events.clone()))),
        ChannelKind::Email(email) => {
            let password = secrets.get(SecretName::EmailPassword);
            let email = Email::new(email, password).map_err(|fault| fault.with("channel", id))?;
            Ok(Box::new(email))
        }
    }
}

//! Channels: how a message leaves the machine. One trait, a file per kind.

use std::time::Duration;

use async_trait::async_trait;

use crate::error::Fault;
use crate::model::{DeliveryId, MessageAlert};

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

/// A configured channel.
#[async_trait]
pub trait Channel: Send + Sync {
    /// Hands a message over; returns once the service took it.
    ///
    /// # Errors
    /// [`SendError`] says whether to try again.
    async fn send(&self, message: &Message) -> Result<(), SendError>;
}

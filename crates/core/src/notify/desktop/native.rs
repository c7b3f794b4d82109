//! The notifications of macOS and Windows. What is clicked is not heard yet.

use notify_rust::Notification;

use super::super::{Message, SendError, render};
use super::{TIMEOUT, no_answer, no_server, on_thread};
use crate::events::Events;

/// The system.
pub(super) struct System;

impl System {
    /// Clicks would go to these events.
    pub fn new(_events: Events) -> Self {
        Self
    }

    /// These systems are asked by showing something.
    pub async fn greet(&self) -> Result<String, SendError> {
        Ok("notifications of this system".to_owned())
    }

    /// Shows a message.
    pub async fn show(
        &self,
        mut notification: Notification,
        toast: &render::Toast,
        _message: &Message,
    ) -> Result<(), SendError> {
        notification.body(&toast.body);
        let showing = on_thread(move || notification.show().map(|_| ()));
        let reason = match tokio::time::timeout(TIMEOUT, showing).await {
            Ok(Ok(Ok(()))) => return Ok(()),
            Ok(Ok(Err(e))) => e.to_string(),
            Ok(Err(_)) => "it broke off".to_owned(),
            Err(_) => return Err(SendError::Unknown { fault: no_answer() }),
        };
        Err(SendError::Stop {
            fault: no_server(&reason),
        })
    }
}

//! Desktop notifications: what all systems have in common. `freedesktop` shows them on Linux and the like, and
//! hears what is clicked; `native` on macOS and Windows.

#[cfg(all(unix, not(target_os = "macos")))]
#[path = "desktop/freedesktop.rs"]
mod system;
#[cfg(not(all(unix, not(target_os = "macos"))))]
#[path = "desktop/native.rs"]
mod system;

use std::time::Duration;

use notify_rust::Notification;

use self::system::System;
use super::{
    Channel, Message, Pace, Receipt, Rendered, SendError, TestStep, failed_step, message_step,
    render, step,
};
use crate::error::Fault;
use crate::events::Events;

const TIMEOUT: Duration = Duration::from_secs(10);

/// The desktop channel.
pub struct Desktop {
    system: System,
}

impl Desktop {
    /// Clicks go to these events.
    #[must_use]
    pub fn new(events: Events) -> Self {
        Self {
            system: System::new(events),
        }
    }
}

#[async_trait::async_trait]
impl Channel for Desktop {
    fn render(&self, message: &Message) -> Rendered {
        let toast = render::toast(message);
        Rendered::Desktop {
            summary: toast.summary,
            body: toast.body,
            urgency: toast.urgency,
        }
    }

    async fn send(&self, message: &Message, rendered: &Rendered) -> Result<Receipt, SendError> {
        let toast = match rendered {
            Rendered::Desktop {
                summary,
                body,
                urgency,
            } => render::Toast {
                summary: summary.clone(),
                body: body.clone(),
                urgency: *urgency,
            },
            _ => render::toast(message),
        };
        let mut notification = Notification::new();
        notification.appname("Tocsin").summary(&toast.summary);
        self.system.show(notification, &toast, message).await?;
        Ok(Receipt::default())
    }

    async fn check(&self) -> Vec<TestStep> {
        let mut steps = match self.system.greet().await {
            Ok(server) => vec![step("connect", server)],
            Err(error) => return vec![failed_step("connect", error.into_fault())],
        };
        steps.push(message_step(self, "this desktop").await);
        steps
    }

    fn paces(&self) -> Vec<Pace> {
        // Grouping is the limit.
        Vec::new()
    }
}

/// Does what may block for ever on a thread of its own: the runtime's would be waited for at the program's end.
fn on_thread<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> tokio::sync::oneshot::Receiver<T> {
    let (answer, waiting) = tokio::sync::oneshot::channel();
    let started = std::thread::Builder::new().name("notification".to_owned());
    // Without a thread the answer is dropped, and who waits hears that it broke off.
    let _ = started.spawn(move || {
        let _ = answer.send(work());
    });
    waiting
}

fn no_server(reason: &str) -> Fault {
    let reason = render::line(reason, 200);
    Fault::new(
        "desktop_no_server",
        format!(
            "This desktop shows no notifications to Tocsin ({reason}). Alerts are in the window all the same."
        ),
    )
    .with("reason", reason)
}

fn no_answer() -> Fault {
    Fault::new(
        "desktop_no_answer",
        format!(
            "The desktop's notification service did not answer within {} s.",
            TIMEOUT.as_secs()
        ),
    )
}

#[cfg(target_os = "linux")]
#[cfg(test)]
#[path = "desktop_tests.rs"]
mod tests;

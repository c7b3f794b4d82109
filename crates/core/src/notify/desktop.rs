//! Desktop notifications. A click opens the alert: it becomes an event on the app's one stream.
//!
//! On Linux the notification server tells by D-Bus signals what was clicked. Each shown notification is
//! listened to by a task of this channel, at most [`MOST_SHOWN`] at a time; the tasks end with the
//! notification or with the channel, so whoever builds the channel keeps it as long as clicks count.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use notify_rust::Notification;
use tokio::task::AbortHandle;

use super::{
    Channel, Message, Pace, Receipt, Rendered, SendError, TestStep, Urgency, failed_step,
    message_step, render, step,
};
use crate::error::Fault;
use crate::events::{Event, Events, NotificationAct};
use crate::model::AlertId;

/// How many notifications are listened to.
const MOST_SHOWN: usize = 20;
const TIMEOUT: Duration = Duration::from_secs(10);

/// The desktop channel.
pub struct Desktop {
    events: Events,
    shown: Mutex<VecDeque<Shown>>,
    #[cfg(all(unix, not(target_os = "macos")))]
    asked: tokio::sync::Mutex<Option<Asked>>,
}

/// The question what the notification server can do, while it is on its way.
#[cfg(all(unix, not(target_os = "macos")))]
type Asked = tokio::task::JoinHandle<Result<Vec<String>, notify_rust::error::Error>>;

/// A notification on the screen, as far as is known.
struct Shown {
    alert: Option<AlertId>,
    notification: u32,
    listening: AbortHandle,
}

impl Drop for Shown {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

impl Desktop {
    /// Clicks go to these events.
    #[must_use]
    pub fn new(events: Events) -> Self {
        Self {
            events,
            shown: Mutex::new(VecDeque::new()),
            #[cfg(all(unix, not(target_os = "macos")))]
            asked: tokio::sync::Mutex::new(None),
        }
    }

    /// The notification that shows this alert already, taken out to be replaced.
    fn take_shown(&self, alert: Option<AlertId>) -> Option<u32> {
        let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        shown.retain(|s| !s.listening.is_finished());
        let at = shown
            .iter()
            .position(|s| s.alert.is_some() && s.alert == alert)?;
        shown.remove(at).map(|s| s.notification)
    }

    fn keep_shown(&self, new: Shown) {
        let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        if shown.len() >= MOST_SHOWN {
            shown.pop_front();
        }
        shown.push_back(new);
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
        self.show(notification, &toast, message).await?;
        Ok(Receipt::default())
    }

    async fn check(&self) -> Vec<TestStep> {
        let mut steps = match self.greet().await {
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

/// What can be done to an alert from its notification, by the action's key. `default` is a click on it.
const ACTIONS: [(&str, &str); 4] = [
    ("default", "Open"),
    ("open", "Open"),
    ("done", "Done"),
    ("snooze", "Snooze"),
];
/// Done and Snooze are about one alert; of several only the first can be opened.
const ACTIONS_OF_SEVERAL: usize = 2;

/// What a click on an action means.
fn event(action: &str, id: AlertId) -> Event {
    match action {
        "done" => Event::NotificationAct {
            id,
            act: NotificationAct::Done,
        },
        "snooze" => Event::NotificationAct {
            id,
            act: NotificationAct::Snooze,
        },
        _ => Event::OpenAlert { id },
    }
}

#[cfg(all(unix, not(target_os = "macos")))]
impl Desktop {
    async fn show(
        &self,
        mut notification: Notification,
        toast: &render::Toast,
        message: &Message,
    ) -> Result<(), SendError> {
        // One alert's notification replaces its earlier one; a summary opens the first that it names.
        let opens = message.alerts().next().map(|a| a.id);
        let alert = render::single(message).map(|a| a.id);
        let server = self.capabilities().await?;
        let can = |what: &str| server.iter().any(|c| c == what);
        let body = if can("body-markup") {
            render::escape(&toast.body)
        } else {
            toast.body.clone()
        };
        if opens.is_some() && can("actions") {
            let count = if alert.is_some() {
                ACTIONS.len()
            } else {
                ACTIONS_OF_SEVERAL
            };
            for (key, label) in &ACTIONS[..count] {
                notification.action(key, label);
            }
        }
        notification.body(&body).urgency(match toast.urgency {
            Urgency::Low => notify_rust::Urgency::Low,
            Urgency::Normal => notify_rust::Urgency::Normal,
            Urgency::Critical => notify_rust::Urgency::Critical,
        });
        if let Some(earlier) = self.take_shown(alert) {
            notification.id(earlier);
        }
        let shown = tokio::time::timeout(TIMEOUT, notification.show_async()).await;
        let handle = shown
            .map_err(|_| SendError::Unknown { fault: no_answer() })?
            .map_err(|e| SendError::Retry {
                fault: no_server(&e.to_string()),
                after: None,
            })?;
        let Some(opens) = opens else { return Ok(()) };
        let events = self.events.clone();
        let id = handle.id();
        let listening = tokio::spawn(async move {
            handle
                .wait_for_action_async(|response| match response {
                    notify_rust::NotificationResponse::Default => {
                        events.send(event("default", opens));
                    }
                    notify_rust::NotificationResponse::Action(action) => {
                        events.send(event(action, opens));
                    }
                    _ => {}
                })
                .await;
        });
        self.keep_shown(Shown {
            alert,
            notification: id,
            listening: listening.abort_handle(),
        });
        Ok(())
    }
}

#[cfg(all(unix, not(target_os = "macos")))]
impl Desktop {
    /// What the server can do. Asked each time: it may be another one by now, and one that was not there comes
    /// later. A server that hangs keeps one thread waiting, never more.
    async fn capabilities(&self) -> Result<Vec<String>, SendError> {
        let mut asked = self.asked.lock().await;
        let asking =
            asked.get_or_insert_with(|| tokio::task::spawn_blocking(notify_rust::get_capabilities));
        let Ok(answer) = tokio::time::timeout(TIMEOUT, asking).await else {
            return Err(SendError::Retry {
                fault: no_answer(),
                after: None,
            });
        };
        *asked = None;
        let reason = match answer {
            Ok(Ok(capabilities)) => return Ok(capabilities),
            Ok(Err(e)) => e.to_string(),
            Err(e) => e.to_string(),
        };
        // It may still be starting, as at log-in.
        Err(SendError::Retry {
            fault: no_server(&reason),
            after: None,
        })
    }

    /// What the server can do, in words.
    async fn greet(&self) -> Result<String, SendError> {
        let can = self.capabilities().await?;
        let buttons = if can.iter().any(|c| c == "actions") {
            "with buttons"
        } else {
            "without buttons"
        };
        Ok(format!("notifications {buttons}"))
    }
}

#[cfg(not(all(unix, not(target_os = "macos"))))]
impl Desktop {
    /// These systems are asked by showing something.
    async fn greet(&self) -> Result<String, SendError> {
        Ok("notifications of this system".to_owned())
    }

    async fn show(
        &self,
        mut notification: Notification,
        toast: &render::Toast,
        _message: &Message,
    ) -> Result<(), SendError> {
        notification.body(&toast.body);
        let showing = tokio::task::spawn_blocking(move || notification.show().map(|_| ()));
        match showing.await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(e)) => Err(SendError::Stop {
                fault: no_server(&e.to_string()),
            }),
            Err(e) => Err(SendError::Stop {
                fault: no_server(&e.to_string()),
            }),
        }
    }
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

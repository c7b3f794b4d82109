//! The notification server of the freedesktop specification, by D-Bus. It tells by signals what was clicked. Each
//! shown notification is listened to by a task of this channel, at most [`MOST_SHOWN`] at a time; the tasks end with
//! the notification or with the channel, so whoever builds the channel keeps it as long as clicks count.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use notify_rust::Notification;
use tokio::task::AbortHandle;

use super::super::{Message, SendError, Urgency, render};
use super::{TIMEOUT, no_answer, no_server, on_thread};
use crate::events::{Event, Events, NotificationAct};
use crate::model::AlertId;

/// How many notifications are listened to.
pub(super) const MOST_SHOWN: usize = 20;

/// The desktop's server, and what it shows of ours.
pub(super) struct System {
    events: Events,
    pub shown: Mutex<VecDeque<Shown>>,
    asked: tokio::sync::Mutex<Option<Asked>>,
}

/// The question what the notification server can do, while it is on its way.
type Asked = tokio::sync::oneshot::Receiver<notify_rust::error::Result<Vec<String>>>;

/// A notification on the screen, as far as is known.
pub(super) struct Shown {
    alert: Option<AlertId>,
    notification: u32,
    listening: AbortHandle,
}

impl Drop for Shown {
    fn drop(&mut self) {
        self.listening.abort();
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

impl System {
    /// Clicks go to these events.
    pub fn new(events: Events) -> Self {
        Self {
            events,
            shown: Mutex::new(VecDeque::new()),
            asked: tokio::sync::Mutex::new(None),
        }
    }

    /// Shows a message; what is clicked on it becomes an event.
    pub async fn show(
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

    /// What the server can do. Asked each time: it may be another one by now, and one that was not there comes
    /// later. A server that hangs keeps one thread waiting, never more.
    async fn capabilities(&self) -> Result<Vec<String>, SendError> {
        let mut asked = self.asked.lock().await;
        let asking = asked.get_or_insert_with(|| on_thread(notify_rust::get_capabilities));
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
            Err(_) => "it broke off".to_owned(),
        };
        // It may still be starting, as at log-in.
        Err(SendError::Retry {
            fault: no_server(&reason),
            after: None,
        })
    }

    /// What the server can do, in words.
    pub async fn greet(&self) -> Result<String, SendError> {
        let can = self.capabilities().await?;
        let buttons = if can.iter().any(|c| c == "actions") {
            "with buttons"
        } else {
            "without buttons"
        };
        Ok(format!("notifications {buttons}"))
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

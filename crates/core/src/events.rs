//! The one stream by which the running app tells its windows and the clients of `/events` that
//! something changed. An event carries kinds and ids only; whoever hears it fetches again. It is sent
//! after the commit that it speaks of, never before.

use serde::{Deserialize, Serialize};
use tokio::sync::broadcast;
use ts_rs::TS;

use crate::model::{AlertId, SourceId};

/// What changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Event {
    /// Alerts were stored or changed by a collection or by analysis.
    AlertsChanged {
        /// How many are new to the user (a source's first collection brings none).
        added: u32,
    },
    /// Somebody triaged, or a snooze was over.
    TriageChanged,
    /// A run began, went on or ended.
    SourceChanged {
        /// Whose.
        source: SourceId,
    },
    /// The outbox moved.
    DeliveriesChanged,
    /// Settings, watches or secrets changed.
    SettingsChanged,
    /// Long work of the app itself went on (counting what a watch matches).
    WorkChanged,
    /// A button of a notification does something to an alert; the app does it.
    NotificationAct {
        /// To which.
        id: AlertId,
        /// What.
        act: NotificationAct,
    },
    /// A click asks the window to show an alert.
    OpenAlert {
        /// Which.
        id: AlertId,
    },
}

/// What a button of a notification does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum NotificationAct {
    /// Closes the alert as Done.
    Done,
    /// Lets it sleep until tomorrow morning.
    Snooze,
}

/// Where events are sent and heard. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Events(broadcast::Sender<Event>);

impl Default for Events {
    fn default() -> Self {
        Self(broadcast::channel(256).0)
    }
}

impl Events {
    /// Tells everybody who listens; nobody listening is fine.
    pub fn send(&self, event: Event) {
        let _ = self.0.send(event);
    }

    /// Hears all events from now on. One that lags is told so and fetches everything again.
    #[must_use]
    pub fn subscribe(&self) -> broadcast::Receiver<Event> {
        self.0.subscribe()
    }
}

/// What makes a listener fetch everything again: for one that missed events.
#[must_use]
pub fn catch_up() -> Vec<Event> {
    vec![
        Event::AlertsChanged { added: 0 },
        Event::TriageChanged,
        Event::DeliveriesChanged,
        Event::SettingsChanged,
        Event::WorkChanged,
    ]
}

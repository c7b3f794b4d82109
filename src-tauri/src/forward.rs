//! Passes the core's events on to the window.

use tauri::{AppHandle, Emitter, EventTarget};
use tocsin_core::events::{Event, catch_up};
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;

use crate::window;

/// What the interface listens to.
const NAME: &str = "event";

/// Runs until the core ends.
pub async fn run(app: &AppHandle, mut events: Receiver<Event>) {
    loop {
        match events.recv().await {
            Ok(event) => {
                if let Event::OpenAlert { .. } = event {
                    window::raise(app);
                }
                send(app, &event);
            }
            Err(RecvError::Lagged(missed)) => {
                tracing::debug!(missed, "the window lagged; it fetches everything again");
                for event in catch_up() {
                    send(app, &event);
                }
            }
            Err(RecvError::Closed) => return,
        }
    }
}

fn send(app: &AppHandle, event: &Event) {
    let to_window = EventTarget::webview_window(window::MAIN);
    if let Err(error) = app.emit_to(to_window, NAME, event) {
        tracing::warn!(%error, "an event did not reach the window");
    }
}

//! The local API beside a window: open while the settings say so, on the port they say.

use super::{Server, ServerOptions, serve};
use crate::app::App;
use crate::events::Event;
use tokio::sync::broadcast::error::RecvError;

/// Opens and closes the API with the settings until the app stops. A port that is taken is a notice in
/// the window, and the app runs on. The port serves the API alone: the window has the interface.
pub async fn follow_settings(app: App) {
    let mut events = app.events().subscribe();
    let stopped = app.token();
    let mut open: Option<(u16, Server)> = None;
    loop {
        let in_force = app.in_force();
        let api = &in_force.settings.api;
        let wanted = api.enabled.then_some(api.port);
        if open.as_ref().map(|(port, _)| *port) != wanted {
            if let Some((_, server)) = open.take() {
                server.close();
            }
            open = match wanted {
                Some(port) => try_open(&app, port).await.map(|server| (port, server)),
                None => None,
            };
        } else if wanted.is_none() {
            app.take_back("api_port_busy");
        }
        loop {
            let event = tokio::select! {
                () = stopped.cancelled() => return,
                event = events.recv() => event,
            };
            match event {
                Ok(Event::SettingsChanged) | Err(RecvError::Lagged(_)) => break,
                Ok(_) => {}
                Err(RecvError::Closed) => return,
            }
        }
    }
}

async fn try_open(app: &App, port: u16) -> Option<Server> {
    app.take_back("api_port_busy");
    let options = ServerOptions { port, assets: None };
    match serve(app, options).await {
        Ok(server) => {
            tracing::info!(address = server.address(), "the local API is open");
            Some(server)
        }
        Err(fault) => {
            tracing::warn!(code = fault.code, "{fault}");
            app.tell(fault);
            None
        }
    }
}

//! The local API beside the window, where the settings switch it on.

use tocsin_core::app::App;
use tocsin_core::server::{ServerOptions, serve};

/// Serves it. A port that is taken is said in the log, and the app runs on without.
pub async fn serve_if_wanted(core: &App) {
    let in_force = core.in_force();
    let wanted = &in_force.settings.api;
    if !wanted.enabled {
        return;
    }
    // The window has the interface: the port serves the API alone.
    let options = ServerOptions {
        port: wanted.port,
        assets: None,
    };
    match serve(core, options).await {
        Ok(server) => tracing::info!(address = server.address(), "the local API is served"),
        Err(fault) => tracing::warn!(code = fault.code, "{fault}"),
    }
}

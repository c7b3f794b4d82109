//! The system's request to end: at log-out, from a service manager, or Ctrl-C in a terminal.

use tauri::AppHandle;

/// Ends the app in order when it is asked to.
pub fn end_on_request(app: &AppHandle) {
    let app = app.clone();
    tauri::async_runtime::spawn(async move {
        requested().await;
        tracing::info!("asked to end");
        app.exit(0);
    });
}

#[cfg(unix)]
async fn requested() {
    use tokio::signal::unix::{SignalKind, signal};
    let interrupted = tokio::signal::ctrl_c();
    match signal(SignalKind::terminate()) {
        Ok(mut terminated) => {
            tokio::select! {
                _ = interrupted => {}
                _ = terminated.recv() => {}
            }
        }
        Err(_) => {
            let _ = interrupted.await;
        }
    }
}

#[cfg(not(unix))]
async fn requested() {
    let _ = tokio::signal::ctrl_c().await;
}

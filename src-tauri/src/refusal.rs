//! The message box that says why the app cannot start.

use tauri::AppHandle;
use tauri_plugin_dialog::{DialogExt, MessageDialogKind};
use tocsin_core::error::Fault;

/// Shows the sentence, and ends the app once it was read. Does not block.
pub fn show(app: &AppHandle, fault: &Fault) {
    tracing::error!(code = fault.code, "cannot start: {fault}");
    eprintln!("Tocsin cannot start: {fault}");
    let handle = app.clone();
    app.dialog()
        .message(&fault.message)
        .title("Tocsin cannot start")
        .kind(MessageDialogKind::Error)
        .show(move |_| handle.exit(1));
}

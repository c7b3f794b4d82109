//! The one command by which the interface asks the core. What may be asked is core's list of commands.

use serde_json::Value;
use tauri::State;
use tocsin_core::error::Fault;

use crate::backend::Backend;

/// Passes a question on. The request is never logged: it may carry a secret.
///
/// # Errors
/// The core's fault.
#[tauri::command]
pub async fn rpc(
    backend: State<'_, Backend>,
    name: String,
    request: Value,
) -> Result<Value, Fault> {
    backend.call(&name, request).await
}

//! Files that are made from the code: written, or checked for drift.

use std::path::{Path, PathBuf};

/// The interface's types.
pub fn types(check: bool) -> Result<(), String> {
    put(
        "ui/src/lib/ipc/generated.ts",
        &tocsin_core::commands::typescript(),
        check,
        "cargo xtask types",
    )
}

/// The example of `.env`.
pub fn env(check: bool) -> Result<(), String> {
    put(
        ".env.example",
        &tocsin_core::settings::env::example(),
        check,
        "cargo xtask env",
    )
}

fn put(name: &str, text: &str, check: bool, command: &str) -> Result<(), String> {
    let path = root().join(name);
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    if found == text {
        return Ok(());
    }
    if check {
        return Err(format!("{name} is stale. Run: {command}"));
    }
    std::fs::write(&path, text).map_err(|e| format!("could not write {}: {e}", path.display()))?;
    println!("wrote {name}");
    Ok(())
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

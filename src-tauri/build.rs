//! Prepares the shell's build: Tauri's code generation, the one permission that the window's command
//! needs, and a placeholder page, so that a plain `cargo build` passes before the UI was ever built.

use std::path::Path;

const PAGE: &str = "../ui/dist/index.html";

const PLACEHOLDER: &str = r#"<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="color-scheme" content="light dark" />
    <title>Tocsin</title>
  </head>
  <body>
    <main>
      <h1>The interface is not built yet</h1>
      <p>Build the UI with <code>cargo xtask run</code>.</p>
    </main>
  </body>
</html>
"#;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let page = Path::new(PAGE);
    if !page.exists() {
        if let Some(dir) = page.parent() {
            std::fs::create_dir_all(dir)?;
        }
        std::fs::write(page, PLACEHOLDER)?;
    }
    // The pages are compiled into the binary, which Cargo does not know.
    println!("cargo:rerun-if-changed=../ui/dist");

    let commands = tauri_build::AppManifest::new().commands(&["rpc"]);
    let attributes = tauri_build::Attributes::new().app_manifest(commands);
    Ok(tauri_build::try_build(attributes)?)
}

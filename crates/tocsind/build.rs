//! The interface is embedded from `ui/dist`. Where it was not built, a page that says so takes its
//! place, so that a plain `cargo build` passes.

use std::path::Path;

fn main() {
    let dist = Path::new("../../ui/dist");
    println!("cargo:rerun-if-changed=../../ui/dist");
    let index = dist.join("index.html");
    if index.exists() {
        return;
    }
    let page = "<!doctype html><meta charset=\"utf-8\"><title>Tocsin</title><p>The interface was not built. Run: cargo xtask run</p>";
    let made = std::fs::create_dir_all(dist).and_then(|()| std::fs::write(&index, page));
    if let Err(error) = made {
        println!("cargo:warning=could not write {}: {error}", index.display());
    }
}

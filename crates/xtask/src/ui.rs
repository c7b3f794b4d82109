//! The web UI's packages and its built folder `ui/dist`: made when their sources have changed, and only then.

use crate::cmd::{self, Outcome, failure};
use crate::paths;
use std::path::Path;

/// Remembers which package-lock.json the installed packages came from.
const PACKAGES_STAMP: &str = "ui/node_modules/.tocsin-packages";
/// Remembers which sources `ui/dist` was built from, and which page it held then: `cargo build` alone puts a
/// placeholder there.
const DIST_STAMP: &str = "ui/node_modules/.tocsin-dist";

/// True once there is a UI to build.
pub fn exists() -> bool {
    paths::root().join("ui/package.json").is_file()
}

/// True if the installed packages are those of package-lock.json.
pub fn packages_are_fresh() -> bool {
    read(PACKAGES_STAMP).is_some_and(|stamp| stamp == lock_hash())
}

/// Installs the packages if package-lock.json has changed since.
pub fn install_packages() -> Outcome {
    if !exists() || packages_are_fresh() {
        return Ok(());
    }
    cmd::run(cmd::npm().arg("ci"))?;
    write(PACKAGES_STAMP, &lock_hash())
}

/// Builds `ui/dist` if the sources have changed since.
pub fn build() -> Outcome {
    if !exists() {
        return Ok(());
    }
    install_packages()?;
    if read(DIST_STAMP).is_some_and(|stamp| stamp == dist_hash()) {
        return Ok(());
    }
    cmd::run(cmd::npm().args(["run", "build"]))?;
    if !paths::root().join("ui/dist/index.html").is_file() {
        return Err(failure("the UI's build left no ui/dist/index.html"));
    }
    write(DIST_STAMP, &dist_hash())
}

fn lock_hash() -> String {
    hash_files(
        &paths::root(),
        &[paths::root().join("ui/package-lock.json")],
    )
}

fn dist_hash() -> String {
    let ui = paths::root().join("ui");
    let mut files = paths::files_below(&ui, &|path| !path.to_string_lossy().ends_with(".test.ts"));
    files.push(ui.join("dist/index.html"));
    hash_files(&ui, &files)
}

/// One hash over names and contents; a file that cannot be read counts by its name.
fn hash_files(base: &Path, files: &[std::path::PathBuf]) -> String {
    let mut hash = Fnv::new();
    for file in files {
        hash.add(
            file.strip_prefix(base)
                .unwrap_or(file)
                .to_string_lossy()
                .as_bytes(),
        );
        hash.add(&std::fs::read(file).unwrap_or_default());
    }
    hash.hex()
}

fn read(stamp: &str) -> Option<String> {
    std::fs::read_to_string(paths::root().join(stamp)).ok()
}

fn write(stamp: &str, text: &str) -> Outcome {
    std::fs::write(paths::root().join(stamp), text)
        .map_err(|e| failure(format!("writing {stamp}: {e}")))
}

/// FNV-1a, 64 bits: tells changed from unchanged. Nothing here guards against an attacker.
pub struct Fnv(u64);

impl Fnv {
    /// The empty hash.
    pub fn new() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }

    /// Adds a piece; its length counts too, so that pieces cannot run into each other.
    pub fn add(&mut self, bytes: &[u8]) {
        for byte in (bytes.len() as u64).to_le_bytes().iter().chain(bytes) {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }

    /// 16 hexadecimal digits.
    pub fn hex(&self) -> String {
        format!("{:016x}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_do_not_run_into_each_other() {
        let hash = |pieces: &[&str]| {
            let mut h = Fnv::new();
            pieces.iter().for_each(|p| h.add(p.as_bytes()));
            h.hex()
        };
        assert_ne!(hash(&["ab", "c"]), hash(&["a", "bc"]));
        assert_eq!(hash(&["ab", "c"]), hash(&["ab", "c"]));
    }
}

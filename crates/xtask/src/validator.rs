//! The STIX validator of OASIS, which a test of core holds exports against: a Python program of its own in
//! `target/stix-validator`. Where it cannot be had, that test says that it was skipped, and nothing fails.

use crate::cmd::{self, Outcome, failure};
use crate::paths;
use std::path::Path;

/// 3.3.1 came to PyPI without its schemas, and so refuses everything.
const PACKAGE: &str = "stix2-validator==3.2.0";

/// Installs the validator where Python and the network allow it.
pub fn ensure() {
    if cfg!(windows) {
        return;
    }
    let dir = paths::target().join("stix-validator");
    let stamp = dir.join("package.txt");
    if std::fs::read_to_string(&stamp).is_ok_and(|installed| installed == PACKAGE) {
        return;
    }
    let installed = install(&dir).and_then(|()| {
        std::fs::write(&stamp, PACKAGE).map_err(|e| failure(format!("{}: {e}", stamp.display())))
    });
    if let Err(why) = installed {
        eprintln!(
            "no STIX validator ({}); the test that needs it will be skipped",
            why.message
        );
    }
}

fn install(dir: &Path) -> Outcome {
    if cmd::which("python3").is_none() {
        return Err(failure("python3 was not found"));
    }
    cmd::run(cmd::program("python3").args(["-m", "venv"]).arg(dir))?;
    cmd::run(cmd::program(dir.join("bin/python")).args([
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--retries",
        "1",
        PACKAGE,
    ]))
}

//! Calling `tocsin-devtools`, which does the heavy developer work over core and analysis.

use crate::cmd;
use std::process::Command;

/// `tocsin-devtools WORDS...` through cargo.
pub fn command(release: bool, words: &[&str]) -> Command {
    let mut command = cmd::cargo();
    command.args(["run", "--quiet", "--package", "tocsin-devtools"]);
    if release {
        command.arg("--release");
    }
    command.arg("--").args(words);
    command
}

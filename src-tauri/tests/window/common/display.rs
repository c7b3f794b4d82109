//! The display that the windows open on: the caller's, else a virtual one for this test program.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use super::process::program;

/// Its name, as for `DISPLAY`; `None` where there is none and none can be started.
pub fn display() -> Option<&'static str> {
    static DISPLAY: OnceLock<Option<String>> = OnceLock::new();
    DISPLAY
        .get_or_init(|| {
            let given = std::env::var("DISPLAY")
                .ok()
                .filter(|name| !name.is_empty());
            given.or_else(start_virtual)
        })
        .as_deref()
}

/// Starts Xvfb. It lives as long as this process: its shell ends it when the pipe from here closes.
fn start_virtual() -> Option<String> {
    program("Xvfb")?;
    let script = "Xvfb -displayfd 3 -screen 0 1440x900x24 -nolisten tcp 3>&1 >/dev/null 2>&1 </dev/null & \
                  cat >/dev/null; kill $!";
    let mut shell = Command::new("sh")
        .args(["-c", script])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .ok()?;
    let mut number = String::new();
    BufReader::new(shell.stdout.take()?)
        .read_line(&mut number)
        .ok()?;
    // The pipe stays open on purpose, to the end of this process.
    std::mem::forget(shell);
    let number = number.trim();
    (!number.is_empty()).then(|| format!(":{number}"))
}

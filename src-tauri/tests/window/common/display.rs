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
            // The display stays, on purpose, to the end of this process.
            given.or_else(|| {
                start_virtual().map(|display| std::mem::ManuallyDrop::new(display).name.clone())
            })
        })
        .as_deref()
}

/// A display of one's own, for a test that uses the one keyboard and pointer.
pub struct Virtual {
    pub name: String,
    /// Its shell ends Xvfb when the pipe from here closes, also if this process is killed.
    shell: std::process::Child,
}

impl Drop for Virtual {
    fn drop(&mut self) {
        drop(self.shell.stdin.take());
        let _ = self.shell.wait();
    }
}

/// Starts Xvfb, where it is installed.
pub fn start_virtual() -> Option<Virtual> {
    program("Xvfb")?;
    // Without -noreset it starts anew when its last client leaves, and refuses the next one meanwhile.
    let script = "Xvfb -displayfd 3 -noreset -screen 0 1440x900x24 -nolisten tcp 3>&1 >/dev/null 2>&1 </dev/null & \
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
    let name = format!(":{}", number.trim());
    (name.len() > 1).then_some(Virtual { name, shell })
}

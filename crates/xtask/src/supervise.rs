//! Keeping the programs that `run` and `replay` start: they end when xtask ends, whether the window was closed,
//! Ctrl-C was pressed, or xtask itself was told to stop.

use crate::cmd::{Failure, Outcome, failure};
use std::process::Child;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// How long a program may take to end by itself once it was asked to.
const GRACE: Duration = Duration::from_secs(5);

/// Set when xtask was told to stop (Ctrl-C, SIGTERM, SIGHUP). Install it before a program is started.
#[derive(Clone)]
pub struct Stop(Arc<AtomicBool>);

impl Stop {
    /// Hears the signals from now on.
    pub fn listen() -> Outcome<Self> {
        let told = Arc::new(AtomicBool::new(false));
        #[cfg(unix)]
        for signal in [
            signal_hook::consts::SIGINT,
            signal_hook::consts::SIGTERM,
            signal_hook::consts::SIGHUP,
        ] {
            signal_hook::flag::register(signal, Arc::clone(&told))
                .map_err(|e| failure(format!("listening for signal {signal}: {e}")))?;
        }
        Ok(Self(told))
    }

    /// True once xtask was told to stop.
    pub fn told(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// A program in the background. Dropping it ends it.
pub struct Kept {
    name: String,
    child: Child,
}

impl Kept {
    /// Keeps a started program; `name` is for messages.
    pub fn new(name: &str, child: Child) -> Self {
        Self {
            name: name.to_string(),
            child,
        }
    }

    /// The started program.
    pub fn child(&mut self) -> &mut Child {
        &mut self.child
    }

    /// Waits until the program ends, or until xtask is told to stop; then the program is ended.
    /// A program that fails by itself is a failure.
    pub fn wait(&mut self, stop: &Stop) -> Outcome {
        loop {
            if stop.told() {
                self.end();
                return Ok(());
            }
            if let Some(status) = self.child.try_wait().map_err(|e| self.lost(&e))? {
                // Ctrl-C reaches both: a program that it ended has not failed.
                if status.success() || stop.told() {
                    return Ok(());
                }
                return Err(failure(format!("{} ended with {status}", self.name)));
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Asks the program to end, and makes it end when the grace is over.
    pub fn end(&mut self) {
        drop(self.child.stdin.take());
        if matches!(self.child.try_wait(), Ok(Some(_))) {
            return;
        }
        ask_to_end(&mut self.child);
        let deadline = Instant::now() + GRACE;
        while Instant::now() < deadline {
            if matches!(self.child.try_wait(), Ok(Some(_)) | Err(_)) {
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        eprintln!(
            "{} did not end in {} s and was stopped.",
            self.name,
            GRACE.as_secs()
        );
        // Both can only fail if the program has ended meanwhile.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    fn lost(&self, error: &std::io::Error) -> Failure {
        failure(format!("waiting for {}: {error}", self.name))
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        self.end();
    }
}

/// SIGTERM by the shell's own `kill`: std can only kill outright, which would leave no time to save.
#[cfg(unix)]
fn ask_to_end(child: &mut Child) {
    let pid = child.id().to_string();
    let asked = std::process::Command::new("sh")
        .args(["-c", "kill -TERM \"$1\"", "sh", &pid])
        .status();
    if !asked.is_ok_and(|status| status.success()) {
        let _ = child.kill();
    }
}

#[cfg(not(unix))]
fn ask_to_end(child: &mut Child) {
    let _ = child.kill();
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::process::{Command, Stdio};

    #[test]
    fn a_kept_program_ends_when_dropped() {
        let child = Command::new("sleep").arg("60").spawn().unwrap();
        let began = Instant::now();
        drop(Kept::new("sleep", child));
        assert!(began.elapsed() < Duration::from_secs(4));
    }

    #[test]
    fn a_program_that_reads_its_input_ends_when_it_closes() {
        let child = Command::new("cat")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let mut kept = Kept::new("cat", child);
        kept.end();
        assert!(kept.child().try_wait().unwrap().is_some());
    }

    #[test]
    fn being_told_to_stop_ends_the_program() {
        let mut kept = Kept::new("sleep", Command::new("sleep").arg("60").spawn().unwrap());
        let stop = Stop(Arc::new(AtomicBool::new(true)));
        assert!(kept.wait(&stop).is_ok());
    }

    #[test]
    fn a_program_that_fails_is_named() {
        let mut kept = Kept::new("false", Command::new("false").spawn().unwrap());
        let stop = Stop(Arc::new(AtomicBool::new(false)));
        assert!(
            kept.wait(&stop)
                .unwrap_err()
                .message
                .contains("false ended with")
        );
    }
}

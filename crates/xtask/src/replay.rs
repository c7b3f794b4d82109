//! `cargo xtask replay` runs tocsin-replay in the foreground; [`Replay`] keeps one in the background for `run`.

use crate::args::Args;
use crate::cmd::{self, Outcome, failure};
use crate::paths;
use crate::supervise::{Kept, Stop};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::Stdio;

pub fn main(args: Args) -> Outcome {
    build(true)?;
    let stop = Stop::listen()?;
    let mut command = cmd::program(paths::program("tocsin-replay", true));
    command.args(args.everything());
    if let Ok(here) = std::env::current_dir() {
        command.current_dir(here);
    }
    Kept::new("tocsin-replay", cmd::start(&mut command)?).wait(&stop)
}

fn build(release: bool) -> Outcome {
    let mut cargo = cmd::cargo();
    cargo.args(["build", "--package", "tocsin-replay"]);
    if release {
        cargo.arg("--release");
    }
    cmd::run(&mut cargo)
}

/// A running tocsin-replay. It ends when this is dropped, and by itself should xtask die.
pub struct Replay {
    _server: Kept,
    /// Where it answers, such as `http://127.0.0.1:40123`.
    pub base_url: String,
    /// The newest time in its material, RFC 3339.
    pub now: String,
}

impl Replay {
    /// Builds and starts it on the material in `dir`, or on the project's fixture set.
    pub fn start(dir: Option<&Path>, release: bool) -> Outcome<Self> {
        build(release)?;
        let mut command = cmd::program(paths::program("tocsin-replay", release));
        command
            .args(dir)
            .arg("--until-stdin-closes")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        let mut server = Kept::new("tocsin-replay", cmd::start(&mut command)?);
        let output = server.child().stdout.take();
        let mut reader =
            BufReader::new(output.ok_or_else(|| failure("tocsin-replay has no output"))?);
        let mut line = String::new();
        reader
            .read_line(&mut line)
            .map_err(|e| failure(format!("reading tocsin-replay's first line: {e}")))?;
        let (base_url, now) = read_greeting(&line)?;
        eprintln!("Replaying at {base_url}; its clock starts at {now}.");
        // Keep reading, so that the server never waits for a full pipe.
        std::thread::spawn(move || {
            reader
                .lines()
                .map_while(Result::ok)
                .for_each(|line| eprintln!("replay: {line}"))
        });
        Ok(Self {
            _server: server,
            base_url,
            now,
        })
    }
}

/// `base_url` and `now` from the first line, a JSON object.
fn read_greeting(line: &str) -> Outcome<(String, String)> {
    let greeting: serde_json::Value = serde_json::from_str(line).map_err(|e| {
        failure(format!(
            "tocsin-replay's first line should be a JSON object ({e}): {:?}",
            line.trim()
        ))
    })?;
    let text = |key: &str| {
        greeting[key]
            .as_str()
            .map(str::to_string)
            .ok_or_else(|| failure(format!("tocsin-replay's first line lacks `{key}`")))
    };
    Ok((text("base_url")?, text("now")?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_greeting_gives_address_and_time() {
        let line = r#"{"base_url":"http://127.0.0.1:4000","smtp":{"host":"127.0.0.1","port":1},"now":"2026-11-20T00:00:00Z"}"#;
        assert_eq!(
            read_greeting(line).unwrap(),
            (
                "http://127.0.0.1:4000".into(),
                "2026-11-20T00:00:00Z".into()
            )
        );
    }

    #[test]
    fn a_broken_greeting_says_what_is_missing() {
        assert!(read_greeting("").unwrap_err().message.contains("JSON"));
        assert!(
            read_greeting(r#"{"now":"x"}"#)
                .unwrap_err()
                .message
                .contains("base_url")
        );
    }
}

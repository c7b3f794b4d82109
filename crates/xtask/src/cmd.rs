//! Running other programs: cargo, npm and what they build.

use crate::paths;
use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// Why a command stopped: a sentence for people (none if the program has already said it), and xtask's exit code.
#[derive(Debug)]
pub struct Failure {
    /// What happened, to what, and what to do.
    pub message: String,
    /// 2 for a wrong call, else 1.
    pub code: u8,
}

/// What a command returns.
pub type Outcome<T = ()> = Result<T, Failure>;

/// A failure with exit code 1.
pub fn failure(message: impl Into<String>) -> Failure {
    Failure {
        message: message.into(),
        code: 1,
    }
}

/// A program to be run in the root, without the variables that `cargo run` sets for xtask itself: some build scripts
/// watch them, and would run again each time one switches between `cargo` and `cargo xtask`. `TOCSIN_CORPUS` becomes
/// absolute, because programs run in other folders than the one it was written for.
pub fn program(name: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(name);
    command.current_dir(paths::root());
    for (key, _) in std::env::vars_os() {
        let key = key.to_string_lossy().into_owned();
        let own = [
            "CARGO_PKG_",
            "CARGO_MANIFEST_",
            "CARGO_BIN_",
            "CARGO_CRATE_",
        ];
        if own.iter().any(|prefix| key.starts_with(prefix)) {
            command.env_remove(key);
        }
    }
    if let Some(corpus) = std::env::var_os("TOCSIN_CORPUS").filter(|value| !value.is_empty()) {
        command.env(
            "TOCSIN_CORPUS",
            std::path::absolute(&corpus).unwrap_or(corpus.into()),
        );
    }
    command
}

/// Cargo: the one that runs xtask.
pub fn cargo() -> Command {
    program(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// npm in the `ui` folder, quiet about funding and updates.
pub fn npm() -> Command {
    let name = if cfg!(windows) { "npm.cmd" } else { "npm" };
    let mut command = program(name);
    command.args([
        "--prefix",
        "ui",
        "--no-fund",
        "--no-audit",
        "--no-update-notifier",
    ]);
    command
}

/// The command as one would type it.
pub fn shown(command: &Command) -> String {
    let mut words = vec![paths::shown(Path::new(command.get_program()))];
    if words[0].ends_with("/cargo") {
        words[0] = "cargo".into();
    }
    for arg in command.get_args() {
        let arg = arg.to_string_lossy();
        let plain = !arg.is_empty() && !arg.contains([' ', '\'', '"', '$', '*']);
        words.push(if plain {
            arg.into_owned()
        } else {
            format!("'{arg}'")
        });
    }
    words.join(" ")
}

/// Says what is run and runs it with this terminal. A program that fails has said why; the failure names it.
pub fn run(command: &mut Command) -> Outcome {
    eprintln!("+ {}", shown(command));
    let status = command.status().map_err(|e| not_started(command, &e))?;
    if status.success() {
        return Ok(());
    }
    Err(failure(format!("`{}` failed ({status})", shown(command))))
}

/// Runs quietly and returns what it printed, or `None` if it could not start or failed.
pub fn answer(command: &mut Command) -> Option<String> {
    let output = command
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    output
        .status
        .success()
        .then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Runs the command and hands each line of its output and errors to `on_line`, in the order of arrival.
/// Returns whether it succeeded.
pub fn stream(command: &mut Command, mut on_line: impl FnMut(&str)) -> Outcome<bool> {
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|e| not_started(command, &e))?;
    let (sender, lines) = std::sync::mpsc::channel();
    let readers = [
        child
            .stdout
            .take()
            .map(|out| Box::new(out) as Box<dyn Read + Send>),
        child
            .stderr
            .take()
            .map(|err| Box::new(err) as Box<dyn Read + Send>),
    ];
    for reader in readers.into_iter().flatten() {
        let sender = sender.clone();
        std::thread::spawn(move || {
            let mut reader = BufReader::new(reader);
            let mut line = Vec::new();
            while reader.read_until(b'\n', &mut line).is_ok_and(|n| n > 0) {
                if sender
                    .send(String::from_utf8_lossy(&line).trim_end().to_string())
                    .is_err()
                {
                    return;
                }
                line.clear();
            }
        });
    }
    drop(sender);
    for line in lines {
        on_line(&line);
    }
    let status = child
        .wait()
        .map_err(|e| failure(format!("waiting for `{}`: {e}", shown(command))))?;
    if let (false, None) = (status.success(), status.code()) {
        on_line(&format!("`{}` was stopped: {status}", shown(command)));
    }
    Ok(status.success())
}

/// Starts the command in the background.
pub fn start(command: &mut Command) -> Outcome<Child> {
    eprintln!("+ {}", shown(command));
    command.spawn().map_err(|e| not_started(command, &e))
}

/// Where a program is found in `PATH`.
pub fn which(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let names = if cfg!(windows) {
        vec![format!("{name}.exe"), format!("{name}.cmd")]
    } else {
        vec![name.to_string()]
    };
    std::env::split_paths(&path)
        .flat_map(|dir| names.iter().map(move |n| dir.join(n)).collect::<Vec<_>>())
        .find(|p| p.is_file())
}

fn not_started(command: &Command, error: &std::io::Error) -> Failure {
    let name = command.get_program().to_string_lossy();
    if error.kind() == std::io::ErrorKind::NotFound {
        return failure(format!(
            "{name} was not found. `cargo xtask setup` installs what is missing."
        ));
    }
    failure(format!("{name} could not be started: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_shown_as_one_would_type_it() {
        let mut command = Command::new("xvfb-run");
        command.args(["-s", "-screen 0 1x1x24", "app"]);
        assert_eq!(shown(&command), "xvfb-run -s '-screen 0 1x1x24' app");
    }

    #[test]
    fn a_missing_program_is_named() {
        let error = run(&mut program("tocsin-no-such-program")).unwrap_err();
        assert!(
            error
                .message
                .contains("tocsin-no-such-program was not found"),
            "{}",
            error.message
        );
    }
}

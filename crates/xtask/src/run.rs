//! `cargo xtask run`: from a fresh checkout to an open window, or without a display to an address.

use crate::args::Args;
use crate::cmd::{self, Outcome, failure};
use crate::replay::Replay;
use crate::supervise::{Kept, Stop};
use crate::{paths, setup, ui};
use std::path::PathBuf;
use std::process::Command;

pub fn main(mut args: Args) -> Outcome {
    let replay = args.optional_value("--replay");
    let release = args.flag("--release");
    let data_dir = args.option("--data-dir")?;
    let passed_on = args.after_dashes();
    args.finish()?;

    let app = App::for_this_machine();
    if app.package == HEADLESS.package {
        // No GTK or WebKit for a machine without a screen.
        setup::ensure_compiler()?;
        setup::ensure_ui()?;
    } else {
        setup::ensure(setup::Group::Build)?;
    }
    ui::build()?;
    if app.package == HEADLESS.package {
        eprintln!(
            "There is no display (neither DISPLAY nor WAYLAND_DISPLAY is set), so the same UI and API are served on localhost."
        );
    }
    app.build(release)?;

    let stop = Stop::listen()?;
    let replay = replay
        .map(|dir| Replay::start(corpus(dir).as_deref(), release))
        .transpose()?;
    let data_dir = data_dir_for(data_dir, replay.is_some())?;
    let mut command = app.command(release, data_dir.as_ref(), &passed_on);
    if let Some(replay) = &replay {
        command
            .env("TOCSIN_CLOCK_START", &replay.now)
            .env("TOCSIN_REPLAY", &replay.base_url);
    }
    Kept::new(app.package, cmd::start(&mut command)?).wait(&stop)
}

/// A program that can be run: the window, or the engine without one.
struct App {
    package: &'static str,
    words: &'static [&'static str],
}

const WINDOW: App = App {
    package: "tocsin",
    words: &[],
};
const HEADLESS: App = App {
    package: "tocsind",
    words: &["run"],
};

impl App {
    fn for_this_machine() -> &'static Self {
        let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        if !cfg!(target_os = "linux") || set("DISPLAY") || set("WAYLAND_DISPLAY") {
            &WINDOW
        } else {
            &HEADLESS
        }
    }

    fn build(&self, release: bool) -> Outcome {
        let mut cargo = cmd::cargo();
        cargo.args(["build", "--package", self.package]);
        if release {
            cargo.arg("--release");
        }
        cmd::run(&mut cargo)
    }

    fn command(&self, release: bool, data_dir: Option<&PathBuf>, passed_on: &[String]) -> Command {
        let mut command = cmd::program(paths::program(self.package, release));
        command.args(self.words);
        if let Some(dir) = data_dir {
            command.arg("--data-dir").arg(dir);
        }
        command.args(passed_on);
        command
    }
}

/// The folder named on the command line, else `TOCSIN_CORPUS`, else none: the project's fixture set. Absolute, because
/// the server starts in the root.
fn corpus(named: Option<String>) -> Option<PathBuf> {
    let dir = named
        .or_else(|| std::env::var("TOCSIN_CORPUS").ok())
        .filter(|dir| !dir.is_empty())?;
    std::path::absolute(dir).ok()
}

/// The folder named, or a new one for a replay: recorded alerts must not mix with real ones.
fn data_dir_for(named: Option<String>, replaying: bool) -> Outcome<Option<PathBuf>> {
    if let Some(named) = named {
        return Ok(Some(
            std::path::absolute(&named).map_err(|e| failure(format!("--data-dir {named}: {e}")))?,
        ));
    }
    if !replaying {
        return Ok(None);
    }
    let started = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .map_or(0, |d| d.as_secs());
    let dir = paths::target()
        .join("replay-data")
        .join(format!("{started}-{}", std::process::id()));
    std::fs::create_dir_all(&dir).map_err(|e| failure(format!("making {}: {e}", dir.display())))?;
    eprintln!("The replay keeps its data in {}.", dir.display());
    Ok(Some(dir))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_data_dir_that_was_named_is_used_as_it_is() {
        let dir = data_dir_for(Some("/tmp/tocsin-data".into()), true).unwrap();
        assert_eq!(dir, Some(PathBuf::from("/tmp/tocsin-data")));
        assert_eq!(data_dir_for(None, false).unwrap(), None);
    }

    #[test]
    fn the_data_dir_comes_before_what_is_passed_on() {
        let command = HEADLESS.command(
            false,
            Some(&PathBuf::from("/d")),
            &["--port".into(), "0".into()],
        );
        let words: Vec<_> = command
            .get_args()
            .map(|w| w.to_string_lossy().into_owned())
            .collect();
        assert_eq!(words, ["run", "--data-dir", "/d", "--port", "0"]);
    }
}

//! `cargo xtask test`: every check and test of the project, once, with a table at the end.
//!
//! **One feature set.** Cargo resolves the features of shared dependencies for the packages that are selected
//! together, so `cargo test -p tocsin` and `cargo test --workspace` build different tokios, and then different tauris.
//! Measured with `--unit-graph`: 100 of 705 units (tauri among them) differ between the two, and 190 of 381 between
//! `-p tocsin-core` and the workspace. Therefore whatever runs the window's tests builds the test programs of the whole
//! workspace with one `cargo test --workspace --no-run`, and each part runs those of its crate. A part without the
//! window that is named alone (`cargo xtask test core`) builds with `-p`, because a developer's short loop must need
//! neither GTK nor tauri. Both sets stay in the target folder side by side, so going to and fro rebuilds nothing.
//! Clippy's artifacts are of another kind (metadata only) and cannot be shared with either.

mod build;
mod counts;
mod jobs;
mod parts;
mod report;
mod secrets;

use crate::args::Args;
use crate::cmd::{self, Failure, Outcome, failure};
use crate::{paths, setup, tidy, ui, usage, validator};
use build::{Programs, Selection};
use counts::{Counts, Reader};
use jobs::{Job, Say};
use parts::{Kind, Part};
use report::{Ended, Report};
use secrets::Secrets;
use std::process::Command;
use std::time::Duration;

pub fn main(mut args: Args) -> Outcome {
    let full = args.flag("--full");
    let chosen = parts::choose(&args.words()?).map_err(|what| usage("test", &what))?;
    let mut run = Run {
        full,
        report: Report::default(),
        programs: None,
        ready: true,
        window_ready: true,
    };
    run.prepare(&chosen);
    let selections = Selection::for_parts(&chosen, run.window_ready);
    let (single, beside): (Vec<&Part>, Vec<&Part>) =
        chosen.iter().partition(|part| !part.runs_beside_others());
    for part in single {
        if part.uses_programs() && !selections.is_empty() && run.programs.is_none() {
            run.build(&selections);
        }
        run.part(part);
    }
    if run.programs.is_none() && !selections.is_empty() {
        run.build(&selections);
    }
    run.beside(&beside);
    print!("{}", run.report.table());
    if run.report.failed() {
        Err(Failure {
            message: String::new(),
            code: 1,
        })
    } else {
        Ok(())
    }
}

/// One call of the command.
struct Run {
    full: bool,
    report: Report,
    /// The test programs, once they were built.
    programs: Option<Programs>,
    /// False if the workspace cannot be built here.
    ready: bool,
    /// False if the window cannot be built or tested here: system packages or the UI's build are missing.
    window_ready: bool,
}

impl Run {
    /// Installs and builds what the chosen parts stand on. What fails here stops its dependants only.
    fn prepare(&mut self, chosen: &[&Part]) {
        let any = |kinds: &[Kind]| chosen.iter().any(|part| kinds.contains(&part.kind));
        let e2e = any(&[Kind::Window]);
        let ready = self.report.silent_part("setup", || {
            if e2e || any(&[Kind::Clippy]) {
                setup::ensure(setup::Group::Build)?;
            }
            if any(&[Kind::UiCheck, Kind::UiTest]) {
                setup::ensure_ui()?;
            }
            if chosen.iter().any(|part| part.uses_programs()) {
                setup::ensure_compiler()
            } else {
                Ok(())
            }
        });
        let window_ready = !e2e
            || ready
                && self
                    .report
                    .silent_part("setup e2e", || setup::ensure(setup::Group::Test))
                && self.report.silent_part("ui-build", ui::build);
        if any(&[Kind::Crate("tocsin-core")]) {
            validator::ensure();
        }
        (self.ready, self.window_ready) = (ready, window_ready);
    }

    fn build(&mut self, selections: &[Selection]) {
        let mut built = Programs::default();
        self.report.part("build", || {
            for selection in selections {
                built.build(selection)?;
            }
            Ok(if built.broken.is_empty() {
                Ended::Ok(Counts::default())
            } else {
                Ended::failed()
            })
        });
        self.programs = Some(built);
    }

    /// A part that runs alone: it uses all processors, or takes a moment.
    fn part(&mut self, part: &Part) {
        let programs = self.programs.as_ref();
        let ready = self.ready;
        self.report.part(part.name, || match part.kind {
            Kind::Fmt => check(cmd::cargo().args(["fmt", "--all", "--check"])),
            Kind::Clippy if !ready => Ok(Ended::Skipped("the setup failed")),
            Kind::Clippy => check(cmd::cargo().args([
                "clippy",
                "--workspace",
                "--all-targets",
                "--quiet",
                "--",
                "-D",
                "warnings",
            ])),
            Kind::Tidy => tidy::check_sources().map(|()| Ended::Ok(Counts::default())),
            Kind::Generated => {
                tidy::check_generated(programs.and_then(|p| p.helper("tocsin-devtools")))
                    .map(|()| Ended::Ok(Counts::default()))
            }
            Kind::Doc => doc(),
            Kind::UiCheck | Kind::UiTest | Kind::Crate(_) | Kind::Window => {
                Err(failure("this part runs beside others"))
            }
        });
    }

    /// Parts whose programs run beside each other.
    fn beside(&mut self, parts: &[&Part]) {
        let mut jobs = Vec::new();
        let mut none = Vec::new();
        for part in parts {
            match self.jobs(part) {
                Ok(of_part) => jobs.extend(of_part),
                Err(ended) => none.push((part.name, ended)),
            }
        }
        // The longest begin first, so that none is left alone at the end.
        let longest = parts::LONGEST;
        jobs.sort_by_key(|job| {
            longest
                .iter()
                .position(|name| *name == job.part)
                .unwrap_or(longest.len())
        });
        let done = jobs::run(jobs, jobs::at_once());
        for part in parts {
            self.report
                .sum_up(part.name, done.iter().filter(|done| done.part == part.name));
        }
        for (name, ended) in none {
            self.report.add(name, Duration::ZERO, ended);
        }
    }

    /// The programs of a part, or why there are none.
    fn jobs(&self, part: &Part) -> Result<Vec<Job<'_>>, Ended> {
        let full = self.full;
        let npm = |words: [&'static str; 2]| {
            vec![Job {
                part: part.name,
                run: Box::new(move |say: Say<'_>| {
                    counted(with_full(cmd::npm().args(words), full), say)
                }),
            }]
        };
        match part.kind {
            Kind::UiCheck | Kind::UiTest if !ui::exists() => {
                Err(Ended::Skipped("there is no UI here yet"))
            }
            Kind::UiCheck => Ok(npm(["run", "check"])),
            Kind::UiTest => Ok(npm(["run", "test"])),
            Kind::Window if !cfg!(target_os = "linux") => {
                Err(Ended::Skipped("WebKitGTK's WebDriver is for Linux"))
            }
            Kind::Window if !self.window_ready => {
                Err(Ended::Skipped("the setup or the UI's build failed"))
            }
            Kind::Window => self.programs_of(part.name, "tocsin", true),
            Kind::Crate(package) => self.programs_of(part.name, package, false),
            _ => Ok(Vec::new()),
        }
    }

    /// The test programs of one package.
    fn programs_of(
        &self,
        part: &'static str,
        package: &str,
        window: bool,
    ) -> Result<Vec<Job<'_>>, Ended> {
        let Some(programs) = &self.programs else {
            eprintln!("the test programs of {package} were not built");
            return Err(Ended::failed());
        };
        let full = self.full;
        let broken = programs.broken.iter().filter(|b| b.package == package);
        let broken = broken.map(|broken| Job {
            part,
            run: Box::new(move |say: Say<'_>| {
                say(&format!(
                    "{}'s {} did not build",
                    broken.package, broken.target
                ));
                Ok(Ended::failed())
            }),
        });
        let whole = programs.tests.iter().filter(|p| p.package == package);
        let whole = whole.map(|program| Job {
            part,
            run: Box::new(move |say: Say<'_>| {
                let mut command = program.command(programs);
                command.arg("--show-output");
                if window {
                    command.arg(format!("--test-threads={}", window_threads()));
                    command = under_virtual_display(&command);
                }
                counted(with_full(&mut command, full), say)
            }),
        });
        Ok(broken.chain(whole).collect())
    }
}

/// A part without tests to count.
fn check(command: &mut Command) -> Outcome<Ended> {
    cmd::run(command)?;
    Ok(Ended::Ok(Counts::default()))
}

/// Runs the command, says its output, and counts the tests in it. Fails where a secret is in the output.
fn counted(command: &mut Command, say: Say<'_>) -> Outcome<Ended> {
    let shown = format!("+ {}", cmd::shown(command));
    eprintln!("{shown}");
    say(&shown);
    let mut reader = Reader::default();
    let mut secrets = Secrets::default();
    let ok = cmd::stream(command, |line| {
        secrets.line(line);
        if let Some(line) = reader.line(line) {
            say(line);
        }
    })?;
    let found = secrets.found();
    Ok(if ok && found.is_none() {
        Ended::Ok(reader.counts)
    } else {
        let failed = reader.failed.into_iter().chain(found);
        Ended::Failed(reader.counts, failed.collect())
    })
}

/// Each window brings a WebKit process of its own: more than a few at once only make each other slow.
fn window_threads() -> usize {
    std::thread::available_parallelism()
        .map_or(2, usize::from)
        .clamp(1, 4)
}

/// Examples in the documentation of our libraries, if there are any: rustdoc is slow even when it finds none.
fn doc() -> Outcome<Ended> {
    let with_examples: Vec<&str> = [
        ("analysis", "tocsin-analysis"),
        ("core", "tocsin-core"),
        ("replay", "tocsin-replay"),
    ]
    .into_iter()
    .filter(|(dir, _)| {
        let src = paths::root().join("crates").join(dir).join("src");
        paths::files_below(&src, &|p| p.extension().is_some_and(|e| e == "rs"))
            .iter()
            .any(|file| has_example(&std::fs::read_to_string(file).unwrap_or_default()))
    })
    .map(|(_, package)| package)
    .collect();
    if with_examples.is_empty() {
        return Ok(Ended::Skipped("there are no examples in the documentation"));
    }
    let mut cargo = cmd::cargo();
    cargo.args(["test", "--doc", "--quiet"]);
    for package in with_examples {
        cargo.args(["--package", package]);
    }
    counted(&mut cargo, &mut |line: &str| println!("{line}"))
}

/// True if a doc comment has a code block that rustdoc would run.
fn has_example(source: &str) -> bool {
    let mut open = false;
    for line in source.lines().map(str::trim_start) {
        let Some(doc) = line
            .strip_prefix("///")
            .or_else(|| line.strip_prefix("//!"))
        else {
            continue;
        };
        let Some(kind) = doc.trim_start().strip_prefix("```") else {
            continue;
        };
        open = !open;
        if open && (kind.is_empty() || kind.starts_with("rust") || kind.starts_with("should_panic"))
        {
            return true;
        }
    }
    false
}

fn with_full(command: &mut Command, full: bool) -> &mut Command {
    if full {
        command.env("TOCSIN_FULL", "1");
    }
    command
}

/// The same command on a virtual screen of its own, never on the developer's.
pub fn under_virtual_display(inner: &Command) -> Command {
    let mut command = cmd::program("xvfb-run");
    command
        .args(["-a", "-s", "-screen 0 1440x900x24 -noreset"])
        .arg(inner.get_program())
        .args(inner.get_args());
    if let Some(dir) = inner.get_current_dir() {
        command.current_dir(dir);
    }
    for (key, value) in inner.get_envs() {
        match value {
            Some(value) => command.env(key, value),
            None => command.env_remove(key),
        };
    }
    command
        .env_remove("WAYLAND_DISPLAY")
        .env("GDK_BACKEND", "x11")
        .env("WEBKIT_DISABLE_DMABUF_RENDERER", "1");
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_examples_that_rustdoc_would_run() {
        let check = |source: &str, expect| assert_eq!(has_example(source), expect, "{source}");
        check("/// ```\n/// let a = 1;\n/// ```", true);
        check("//! ```text\n//! a -> b\n//! ```", false);
        check("/// ```json\n/// {}\n/// ```\nlet x = \"```\";", false);
        check("// ```\n", false);
    }

    #[test]
    fn the_virtual_display_keeps_folder_and_variables() {
        let mut inner = Command::new("app");
        inner.arg("--x").current_dir("/tmp").env("TOCSIN_FULL", "1");
        let outer = under_virtual_display(&inner);
        assert_eq!(
            cmd::shown(&outer),
            "xvfb-run -a -s '-screen 0 1440x900x24 -noreset' app --x"
        );
        assert_eq!(outer.get_current_dir(), Some(std::path::Path::new("/tmp")));
        assert!(
            outer
                .get_envs()
                .any(|(k, v)| k == "TOCSIN_FULL" && v.is_some())
        );
    }
}

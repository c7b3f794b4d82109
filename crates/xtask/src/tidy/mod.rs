//! `cargo xtask tidy`: rules of the house that no compiler checks. Each finding says where, which rule, and what to do.
//!
//! Rules live in one file each, with their tables and their exceptions; an exception is a path with a reason.
//! A folder that does not exist has no findings.

mod crates;
mod faults;
mod layers;
mod lengths;
mod licences;
mod never;
mod source;
mod spdx;
mod ui;

use crate::args::Args;
use crate::cmd::{self, Outcome, failure};
use crate::{devtools, icons, paths};
use std::path::{Path, PathBuf};

/// One breach of one rule.
#[derive(PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Finding {
    path: String,
    /// From 1; 0 for the file as a whole.
    line: usize,
    rule: &'static str,
    what: String,
}

impl Finding {
    fn new(path: &str, line: usize, rule: &'static str, what: impl Into<String>) -> Self {
        Self {
            path: path.to_string(),
            line,
            rule,
            what: what.into(),
        }
    }

    fn shown(&self) -> String {
        let Self {
            path,
            line,
            rule,
            what,
        } = self;
        format!("{path}:{}: {rule}: {what}", (*line).max(1))
    }
}

/// A path that a rule does not apply to, and why.
struct Exception {
    path: &'static str,
    reason: &'static str,
}

/// True if `path` is an exception or lies below one that ends in `/`. An exception without a reason is none.
fn is_excepted(exceptions: &[Exception], path: &str) -> bool {
    exceptions.iter().any(|e| {
        !e.reason.is_empty()
            && (e.path == path || e.path.ends_with('/') && path.starts_with(e.path))
    })
}

pub fn main(args: Args) -> Outcome {
    args.finish()?;
    let sources = check_sources();
    let generated = check_generated(None);
    if let (Err(a), Err(b)) = (&sources, &generated) {
        return Err(failure(format!("{}\n{}", a.message, b.message)));
    }
    sources.and(generated)?;
    eprintln!("All is tidy.");
    Ok(())
}

/// The rules that need no build.
pub fn check_sources() -> Outcome {
    let mut findings = Vec::new();
    findings.extend(layers::check(&rust_files("crates/core/src")));
    findings.extend(crates::check()?);
    let (product, interface) = (
        product_files(),
        text_files("ui/src", &["ts", "svelte", "js"]),
    );
    findings.extend(never::check(&product));
    findings.extend(lengths::check());
    findings.extend(ui::check(&interface));
    findings.extend(faults::check(&product, &interface));
    findings.extend(licences::check()?);
    findings
        .extend(icons::stale().map(|what| Finding::new("icons/made-from", 0, "generated", what)));
    findings.sort();
    for finding in &findings {
        println!("{}", finding.shown());
    }
    match findings.len() {
        0 => Ok(()),
        1 => Err(failure("tidy found one thing to put right")),
        n => Err(failure(format!("tidy found {n} things to put right"))),
    }
}

/// The UI's types and `.env.example` are what the code says. `devtools` is the program if it has been built, because
/// `cargo run` would build it anew with other features.
pub fn check_generated(devtools: Option<PathBuf>) -> Outcome {
    let exists = |path: &str| paths::root().join(path).exists();
    let wanted = [
        ("types", exists("ui/src")),
        ("env", exists("crates/core/src/settings")),
    ];
    let mut stale = Vec::new();
    for (name, _) in wanted.iter().filter(|(_, there)| *there) {
        let mut command = match &devtools {
            Some(path) => {
                let mut command = cmd::program(path);
                command.args([name, "--check"]);
                command
            }
            None => devtools::command(false, &[name, "--check"]),
        };
        if cmd::run(&mut command).is_err() {
            stale.push(format!(
                "generated: run `cargo xtask {name}` and commit what it writes"
            ));
        }
    }
    if stale.is_empty() {
        Ok(())
    } else {
        Err(failure(stale.join("\n")))
    }
}

/// A text file of the project: its path from the root, and its text.
pub struct TextFile {
    pub path: String,
    pub text: String,
}

fn rust_files(dir: &str) -> Vec<TextFile> {
    text_files(dir, &["rs"])
}

/// The Rust files of what is shipped: no developer tools, no integration tests.
fn product_files() -> Vec<TextFile> {
    [
        "crates/analysis/src",
        "crates/core/src",
        "crates/tocsind/src",
        "src-tauri/src",
    ]
    .into_iter()
    .flat_map(rust_files)
    .collect()
}

fn text_files(dir: &str, extensions: &[&str]) -> Vec<TextFile> {
    let keep = |path: &Path| {
        path.extension()
            .is_some_and(|e| extensions.iter().any(|x| e == *x))
    };
    paths::files_below(&paths::root().join(dir), &keep)
        .into_iter()
        .filter_map(|path| {
            let text = std::fs::read_to_string(&path).ok()?;
            Some(TextFile {
                path: paths::shown(&path),
                text,
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_is_one_line_that_editors_can_follow() {
        let finding = Finding::new("crates/core/src/a.rs", 3, "layers", "do not");
        assert_eq!(finding.shown(), "crates/core/src/a.rs:3: layers: do not");
    }

    #[test]
    fn an_exception_needs_a_reason() {
        let check = |path, reason, expect| {
            assert_eq!(
                is_excepted(&[Exception { path, reason }], "a/b.rs"),
                expect,
                "{path} {reason}"
            );
        };
        check("a/b.rs", "why", true);
        check("a/", "why", true);
        check("a/b.rs", "", false);
        check("a/b", "why", false);
    }
}

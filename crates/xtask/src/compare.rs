//! `cargo xtask compare`: Tocsin beside scikit-learn, spaCy and the like, in a scratch Python environment below `target`.
//!
//! The scripts are in `crates/training/compare`. Nothing of the environment is in the repository, and a machine without
//! Python or without a way to its packages skips with a message.

use std::path::{Path, PathBuf};

use crate::args::Args;
use crate::cmd::{self, Outcome, failure};
use crate::paths;

/// What each part installs.
const PARTS: &[(&str, &str)] = &[
    ("severity", "classes"),
    ("category", "classes"),
    ("relevance", "classes"),
    ("technique", "classes"),
    ("cyner", "entities"),
    ("nvd", "entities"),
    ("indicators", "indicators"),
];

pub fn main(args: Args) -> Outcome {
    let words = args.everything();
    let Some(corpus) = std::env::var_os("TOCSIN_CORPUS").filter(|c| !c.is_empty()) else {
        return Err(failure(
            "set TOCSIN_CORPUS to a folder of recorded material first",
        ));
    };
    let named: Vec<&str> = words
        .iter()
        .take_while(|w| !w.starts_with('-'))
        .map(String::as_str)
        .collect();
    if let Some(name) = named.iter().find(|n| !PARTS.iter().any(|(p, _)| p == *n)) {
        let known: Vec<&str> = PARTS.iter().map(|(part, _)| *part).collect();
        return Err(failure(format!(
            "there is no part {name}; known: {}",
            known.join(", ")
        )));
    }
    let scripts = paths::root().join("crates/training/compare");
    let python = match environment(&scripts, &named) {
        Ok(python) => python,
        Err(why) => {
            println!("skipped: {why}");
            return Ok(());
        }
    };
    let mut build = cmd::cargo();
    build.args([
        "build",
        "--quiet",
        "--release",
        "--package",
        "tocsin-training",
    ]);
    cmd::run(&mut build)?;
    let mut compare = cmd::program(python);
    compare.arg(scripts.join("compare.py")).args(&words);
    compare
        .arg("--corpus")
        .arg(std::path::absolute(&corpus).unwrap_or(corpus.into()));
    compare
        .arg("--tocsin")
        .arg(paths::program("tocsin-training", true));
    compare.env("PYTHONDONTWRITEBYTECODE", "1");
    cmd::run(&mut compare)
}

/// The environment's Python, with what the parts need; or why there is none.
fn environment(scripts: &Path, named: &[&str]) -> Result<PathBuf, String> {
    let dir = paths::target().join("compare");
    let python = match cfg!(windows) {
        true => dir.join("Scripts/python.exe"),
        false => dir.join("bin/python"),
    };
    if !python.exists() {
        let own = ["python3", "python"]
            .into_iter()
            .find(|p| cmd::which(p).is_some());
        let own = own.ok_or("there is no Python on this machine")?;
        cmd::run(cmd::program(own).args(["-m", "venv"]).arg(&dir))
            .map_err(|_| "Python cannot make an environment (venv) here")?;
    }
    let mut kinds: Vec<&str> = PARTS
        .iter()
        .filter(|(part, _)| named.is_empty() || named.contains(part))
        .map(|(_, kind)| *kind)
        .collect();
    kinds.dedup();
    for kind in kinds {
        let list = scripts.join(format!("requirements-{kind}.txt"));
        let mut pip = cmd::program(&python);
        pip.args([
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "-r",
        ]);
        cmd::run(pip.arg(list)).map_err(|_| format!("pip cannot install what {kind} needs"))?;
    }
    Ok(python)
}

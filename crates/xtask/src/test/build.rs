//! Building test programs without running them, and knowing which program belongs to which package.

use super::parts::{Kind, Part};
use crate::cmd::{self, Outcome, failure};
use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// Packages that are built together, and so share one set of features.
#[derive(PartialEq, Eq, Debug)]
pub enum Selection {
    /// Everything, for all that runs beside the window's tests.
    Workspace,
    /// Everything that needs neither GTK nor tauri.
    Backend,
    /// One package.
    Package(&'static str),
}

impl Selection {
    /// What the parts need built; see the module `test` for why. Without a window's libraries, the rest still runs.
    pub fn for_parts(parts: &[&Part], window_ready: bool) -> Vec<Self> {
        let crates: Vec<&'static str> = parts
            .iter()
            .filter_map(|part| {
                if let Kind::Crate(package) = part.kind {
                    Some(package)
                } else {
                    None
                }
            })
            .collect();
        let all = super::parts::PARTS
            .iter()
            .filter(|part| matches!(part.kind, Kind::Crate(_)))
            .count();
        if window_ready && parts.iter().any(|part| part.kind == Kind::Window) {
            vec![Self::Workspace]
        } else if crates.len() == all {
            vec![Self::Backend]
        } else {
            crates.into_iter().map(Self::Package).collect()
        }
    }

    fn arguments(&self) -> Vec<&'static str> {
        match self {
            Self::Workspace => vec!["--workspace"],
            Self::Backend => vec!["--workspace", "--exclude", "tocsin"],
            Self::Package(package) => vec!["--package", package],
        }
    }

    fn holds(&self, package: &str) -> bool {
        match self {
            Self::Workspace => true,
            Self::Backend => package != "tocsin",
            Self::Package(one) => *one == package,
        }
    }
}

/// What was built.
#[derive(Default, Debug)]
pub struct Programs {
    /// Programs made of tests, in cargo's order.
    pub tests: Vec<TestProgram>,
    /// Ordinary programs that were built because tests start them.
    helpers: Vec<Helper>,
    /// What should have been built and was not: it has compile errors, or stands on something that has.
    pub broken: Vec<Broken>,
}

/// One test program.
#[derive(Debug)]
pub struct TestProgram {
    pub package: String,
    path: PathBuf,
    dir: PathBuf,
    version: String,
}

#[derive(Debug)]
struct Helper {
    package: String,
    name: String,
    path: PathBuf,
}

/// A target that did not build.
#[derive(Debug)]
pub struct Broken {
    pub package: String,
    pub target: String,
}

impl TestProgram {
    /// The program as `cargo test` would start it: in its package's folder, with cargo's variables.
    pub fn command(&self, programs: &Programs) -> Command {
        let mut command = cmd::program(&self.path);
        command
            .current_dir(&self.dir)
            .env("CARGO_MANIFEST_DIR", &self.dir)
            .env("CARGO_PKG_NAME", &self.package)
            .env("CARGO_PKG_VERSION", &self.version);
        for helper in programs
            .helpers
            .iter()
            .filter(|helper| helper.package == self.package)
        {
            command.env(format!("CARGO_BIN_EXE_{}", helper.name), &helper.path);
        }
        command
    }
}

impl Programs {
    /// Builds the tests of a selection, and goes on after a crate that does not compile.
    pub fn build(&mut self, selection: &Selection) -> Outcome {
        let packages = workspace_packages()?;
        let mut command = cmd::cargo();
        command.args([
            "test",
            "--no-run",
            "--no-fail-fast",
            "--message-format=json-render-diagnostics",
        ]);
        command
            .args(selection.arguments())
            .stdin(Stdio::null())
            .stdout(Stdio::piped());
        let mut child = cmd::start(&mut command)?;
        let output = child
            .stdout
            .take()
            .ok_or_else(|| failure("cargo has no output"))?;
        let mut built: Vec<(String, String)> = Vec::new();
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            if let Ok(message) = serde_json::from_str::<Value>(&line) {
                built.extend(self.take(&message, &packages));
            }
        }
        let status = child
            .wait()
            .map_err(|e| failure(format!("waiting for cargo: {e}")))?;
        for package in packages
            .iter()
            .filter(|package| selection.holds(&package.name))
        {
            for target in &package.tests {
                if !built.contains(&(package.name.clone(), target.clone())) {
                    self.broken.push(Broken {
                        package: package.name.clone(),
                        target: target.clone(),
                    });
                }
            }
        }
        if !status.success() && self.broken.is_empty() {
            return Err(failure(format!("`{}` failed", cmd::shown(&command))));
        }
        Ok(())
    }

    /// An ordinary program of the workspace, if it was built beside the tests.
    pub fn helper(&self, name: &str) -> Option<PathBuf> {
        self.helpers
            .iter()
            .find(|helper| helper.name == name)
            .map(|helper| helper.path.clone())
    }

    /// Keeps the program that a message of cargo's tells of; returns its package and target if it is made of tests.
    fn take(&mut self, message: &Value, packages: &[Package]) -> Option<(String, String)> {
        if message["reason"] != "compiler-artifact" {
            return None;
        }
        let path = PathBuf::from(message["executable"].as_str()?);
        let package = packages
            .iter()
            .find(|package| message["package_id"] == *package.id)?;
        let name = message["target"]["name"].as_str()?.to_string();
        if message["profile"]["test"] != true {
            self.helpers.push(Helper {
                package: package.name.clone(),
                name,
                path,
            });
            return None;
        }
        let target = format!("{} {name}", message["target"]["kind"][0].as_str()?);
        self.tests.push(TestProgram {
            package: package.name.clone(),
            path,
            dir: package.dir.clone(),
            version: package.version.clone(),
        });
        Some((package.name.clone(), target))
    }
}

struct Package {
    id: String,
    name: String,
    version: String,
    dir: PathBuf,
    /// Targets with tests, as `kind name`.
    tests: Vec<String>,
}

fn workspace_packages() -> Outcome<Vec<Package>> {
    let printed =
        cmd::answer(cmd::cargo().args(["metadata", "--no-deps", "--format-version", "1"]))
            .ok_or_else(|| failure("`cargo metadata` failed; run it to see why"))?;
    let metadata: Value = serde_json::from_str(&printed)
        .map_err(|e| failure(format!("`cargo metadata` printed no JSON: {e}")))?;
    Ok(metadata["packages"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(package)
        .collect())
}

fn package(value: &Value) -> Option<Package> {
    let text = |key: &str| value[key].as_str().map(str::to_string);
    let manifest = PathBuf::from(value["manifest_path"].as_str()?);
    let tests = value["targets"]
        .as_array()?
        .iter()
        .filter(|target| target["test"] == true && target["kind"][0] != "example")
        .filter_map(|target| {
            Some(format!(
                "{} {}",
                target["kind"][0].as_str()?,
                target["name"].as_str()?
            ))
        })
        .collect();
    Some(Package {
        id: text("id")?,
        name: text("name")?,
        version: text("version")?,
        dir: manifest.parent()?.to_path_buf(),
        tests,
    })
}

#[cfg(test)]
mod tests {
    use super::super::parts::choose;
    use super::*;

    fn selection(words: &str, window_ready: bool) -> Vec<Selection> {
        let words: Vec<String> = words.split_whitespace().map(str::to_string).collect();
        Selection::for_parts(&choose(&words).unwrap(), window_ready)
    }

    #[test]
    fn the_window_brings_the_whole_workspace_and_a_crate_alone_does_not() {
        assert_eq!(selection("", true), [Selection::Workspace]);
        assert_eq!(selection("e2e", true), [Selection::Workspace]);
        assert_eq!(selection("rust", true), [Selection::Backend]);
        assert_eq!(
            selection("core fmt", true),
            [Selection::Package("tocsin-core")]
        );
        assert_eq!(selection("fmt tidy", true), []);
    }

    #[test]
    fn without_the_windows_libraries_the_rest_is_still_built() {
        assert_eq!(selection("", false), [Selection::Backend]);
    }

    #[test]
    fn keeps_test_programs_apart_from_those_they_start() {
        let packages = [Package {
            id: "path+file:///w/crates/core#tocsin-core@0.1.0".into(),
            name: "tocsin-core".into(),
            version: "0.1.0".into(),
            dir: "/w/crates/core".into(),
            tests: vec!["lib tocsin_core".into()],
        }];
        let message = |test: bool, executable: Option<&str>| {
            serde_json::json!({
                "reason": "compiler-artifact", "package_id": "path+file:///w/crates/core#tocsin-core@0.1.0",
                "target": {"name": "tocsin_core", "kind": ["lib"]}, "profile": {"test": test}, "executable": executable,
            })
        };
        let mut programs = Programs::default();
        assert!(programs.take(&message(false, None), &packages).is_none());
        assert!(
            programs
                .take(&message(false, Some("/t/helper")), &packages)
                .is_none()
        );
        assert!(
            programs
                .take(&message(true, Some("/t/deps/tocsin_core-1")), &packages)
                .is_some()
        );
        assert_eq!(programs.tests.len(), 1);
        assert_eq!(programs.helper("tocsin_core"), Some("/t/helper".into()));
    }
}

//! The environment: the only place that reads variables; `variables` is the one list of them.
//!
//! Values come in layers (the process, `.env` of the config
//! folder, `.env` of the working directory); the first layer that has a variable under any of its names
//! wins. Variables of the process are never set here. A value is never shown: notices name variable,
//! file and line.

mod variables;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::{dotenv, file};
use crate::error::Fault;
use crate::model::Time;
use crate::secrets::{Secret, Vault};

pub use variables::{VARIABLES, Variable, example};

/// Where a value comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A variable of the process.
    Process,
    /// `.env` in the config folder, which the app may write.
    ConfigFile,
    /// `.env` in the working directory, which the app never writes.
    WorkingFile,
}

struct Layer {
    origin: Origin,
    values: BTreeMap<String, Secret<String>>,
    /// Those that the window wrote.
    by_window: BTreeSet<String>,
}

/// The variables in effect. Holds secrets, so it cannot be printed.
#[derive(Default)]
pub struct Environment {
    layers: Vec<Layer>,
    notices: Vec<Fault>,
    vault: Vault,
}

impl Environment {
    /// The variables of this process.
    #[must_use]
    pub fn from_process() -> Self {
        let mut environment = Self {
            vault: Vault::system(),
            ..Self::default()
        };
        let mut values = Vec::new();
        for (name, value) in std::env::vars_os() {
            let Some(name) = name.to_str().filter(|name| variables::is_ours(name)) else {
                continue;
            };
            match value.into_string() {
                Ok(value) => values.push((name.to_owned(), value)),
                Err(_) => environment.notices.push(bad_value(name, "it is not UTF-8")),
            }
        }
        environment.push(Origin::Process, values);
        environment
    }

    /// These variables as if the process had them.
    #[must_use]
    pub fn from_pairs<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut environment = Self::default();
        let pairs = pairs
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value.to_owned()));
        environment.push(Origin::Process, pairs.collect());
        environment
    }

    /// Adds what `.env` in the config folder says below what is known already. No such file is fine.
    #[must_use]
    pub fn with_file(self, path: &Path) -> Self {
        self.with_layer(path, Origin::ConfigFile)
    }

    /// Adds what `.env` in the working directory says below what is known already. Only for commands
    /// that a developer or administrator starts in a folder of their own: never in the app, where a
    /// foreign folder could redirect mail.
    #[must_use]
    pub fn with_working_file(self, path: &Path) -> Self {
        self.with_layer(path, Origin::WorkingFile)
    }

    /// The same with another keyring; without, only the process's own environment has one.
    #[must_use]
    pub fn with_vault(mut self, vault: Vault) -> Self {
        self.vault = vault;
        self
    }

    /// The keyring, unless `TOCSIN_KEYRING` switches it off.
    #[must_use]
    pub(crate) fn vault(&self) -> Vault {
        match self.get("TOCSIN_KEYRING").map(str::to_ascii_lowercase) {
            Some(word) if matches!(word.as_str(), "off" | "false" | "no" | "0") => Vault::off(),
            _ => self.vault.clone(),
        }
    }

    /// What could not be read.
    #[must_use]
    pub fn notices(&self) -> &[Fault] {
        &self.notices
    }

    /// The value of the first of these names that a layer has, with that name and the layer. An empty value is none.
    #[must_use]
    pub(crate) fn find_any<N: AsRef<str>>(&self, names: &[N]) -> Option<(&str, String, Origin)> {
        self.layers.iter().find_map(|layer| {
            names.iter().find_map(|name| {
                let value = layer.values.get(name.as_ref())?.expose();
                let is_set = !value.trim().is_empty();
                is_set.then(|| (value.as_str(), name.as_ref().to_owned(), layer.origin))
            })
        })
    }

    /// Whether the value that counts was written by the window and not by hand.
    #[must_use]
    pub(crate) fn is_by_window(&self, name: &str) -> bool {
        let has = |layer: &&Layer| {
            layer
                .values
                .get(name)
                .is_some_and(|v| !v.expose().trim().is_empty())
        };
        let first = self.layers.iter().find(has);
        first.is_some_and(|layer| layer.by_window.contains(name))
    }

    /// A variable's value by its name, without spaces around it.
    #[must_use]
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let variable = VARIABLES.iter().find(|v| v.name == name)?;
        let names: Vec<&str> = std::iter::once(variable.name)
            .chain(variable.aliases.iter().copied())
            .collect();
        self.find_any(&names).map(|(value, _, _)| value.trim())
    }

    /// `DB_PATH`.
    #[must_use]
    pub fn database(&self) -> Option<PathBuf> {
        self.get("DB_PATH").map(PathBuf::from)
    }

    /// `TOCSIN_LOG`.
    #[must_use]
    pub fn log_filter(&self) -> Option<&str> {
        self.get("TOCSIN_LOG")
    }

    /// `TOCSIN_REPLAY`, without a slash at its end.
    ///
    /// # Errors
    /// `environment_bad_value` where it is not an http address.
    pub fn replay(&self) -> Result<Option<String>, Fault> {
        let Some(text) = self.get("TOCSIN_REPLAY") else {
            return Ok(None);
        };
        super::check::url(text)
            .map(|()| Some(text.trim_end_matches('/').to_owned()))
            .map_err(|fault| bad_value("TOCSIN_REPLAY", &fault.message))
    }

    /// `TOCSIN_CLOCK_START`.
    ///
    /// # Errors
    /// `environment_bad_value` where it is not RFC 3339.
    pub fn clock_start(&self) -> Result<Option<Time>, Fault> {
        let Some(text) = self.get("TOCSIN_CLOCK_START") else {
            return Ok(None);
        };
        Time::parse_rfc3339(text).map(Some).map_err(|_| {
            bad_value(
                "TOCSIN_CLOCK_START",
                "it must be a time such as 2026-11-22T06:00:00Z",
            )
        })
    }

    fn push(&mut self, origin: Origin, values: Vec<(String, String)>) {
        let values = values
            .into_iter()
            .map(|(name, value)| (name, Secret::new(value)))
            .collect();
        self.layers.push(Layer {
            origin,
            values,
            by_window: BTreeSet::new(),
        });
    }

    fn with_layer(mut self, path: &Path, origin: Origin) -> Self {
        let text = match file::read(path) {
            Ok(Some(bytes)) => String::from_utf8_lossy(&bytes).into_owned(),
            Ok(None) => return self,
            Err(fault) => {
                self.notices.push(fault);
                return self;
            }
        };
        let parsed = dotenv::parse(&text);
        for line in parsed.bad_lines {
            self.notices.push(bad_line(path, line));
        }
        // The first of two lines with one name counts, as with dotenvy's own loading.
        let mut values = Vec::new();
        let mut by_window = BTreeSet::new();
        for entry in parsed.entries.into_iter().rev() {
            if entry.is_by_window(&text) {
                by_window.insert(entry.name.clone());
            } else {
                by_window.remove(&entry.name);
            }
            values.push((entry.name, entry.value));
        }
        self.push(origin, values);
        if let Some(layer) = self.layers.last_mut() {
            layer.by_window = by_window;
        }
        self
    }
}

/// A line of a `.env` that cannot be read.
pub(crate) fn bad_line(path: &Path, line: usize) -> Fault {
    Fault::new(
        "env_file_bad_line",
        format!(
            "Line {line} of {} cannot be read and is left out. A value with spaces or quotes wants single quotes around it.",
            path.display()
        ),
    )
    .with("file", path.display())
    .with("line", line)
}

/// A variable whose value cannot be used. Never holds the value.
pub(crate) fn bad_value(variable: &str, reason: &str) -> Fault {
    let reason = reason.trim_end_matches('.');
    Fault::new(
        "environment_bad_value",
        format!("The variable {variable} is not used: {reason}."),
    )
    .with("variable", variable)
    .with("reason", reason)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn env_file(text: &str) -> (tempfile::TempDir, PathBuf) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(".env");
        std::fs::write(&path, text).unwrap();
        (dir, path)
    }

    #[test]
    fn email_pass_and_email_password_are_both_read() {
        let check = |pairs: &[(&str, &str)], expect: Option<&str>| {
            let env = Environment::from_pairs(pairs.iter().copied());
            assert_eq!(env.get("EMAIL_PASS"), expect);
        };
        check(
            &[("EMAIL_PASS", "tocsin-test-secret-one")],
            Some("tocsin-test-secret-one"),
        );
        check(
            &[("EMAIL_PASSWORD", "tocsin-test-secret-two")],
            Some("tocsin-test-secret-two"),
        );
        check(
            &[
                ("EMAIL_PASSWORD", "tocsin-test-secret-two"),
                ("EMAIL_PASS", "tocsin-test-secret-one"),
            ],
            Some("tocsin-test-secret-one"),
        );
        check(
            &[
                ("EMAIL_PASS", " "),
                ("EMAIL_PASSWORD", "tocsin-test-secret-two"),
            ],
            Some("tocsin-test-secret-two"),
        );
        check(&[], None);
    }

    #[test]
    fn the_process_wins_over_the_files_under_any_name() {
        let (_a, config) = env_file("EMAIL_PASS=tocsin-test-secret-config\nEMAIL_USER=config\n");
        let (_b, working) = env_file("EMAIL_USER=working\nDB_PATH=/w\n");
        let env = Environment::from_pairs([("EMAIL_PASSWORD", "tocsin-test-secret-process")])
            .with_file(&config)
            .with_working_file(&working);
        assert_eq!(env.get("EMAIL_PASS"), Some("tocsin-test-secret-process"));
        assert_eq!(env.get("EMAIL_USER"), Some("config"));
        assert_eq!(env.database(), Some(PathBuf::from("/w")));
    }

    #[test]
    fn a_broken_line_is_named_without_its_value() {
        let (_dir, path) =
            env_file("EMAIL_USER=a\nEMAIL_PASS=tocsin-test-secret with spaces\nDB_PATH=/d\n");
        let env = Environment::default().with_file(&path);
        assert_eq!(env.database(), Some(PathBuf::from("/d")));
        let notices = env.notices();
        assert_eq!(notices.len(), 1);
        assert_eq!(notices[0].params["line"], "2");
        assert!(!format!("{notices:?}").contains("tocsin-test-secret"));
    }

    #[test]
    fn the_first_of_two_lines_counts() {
        let (_dir, path) = env_file("EMAIL_USER=first\nEMAIL_USER=second\n");
        let env = Environment::default().with_file(&path);
        assert_eq!(env.get("EMAIL_USER"), Some("first"));
    }

    #[test]
    fn the_clock_reads_rfc_3339_alone() {
        let at = |text| Environment::from_pairs([("TOCSIN_CLOCK_START", text)]).clock_start();
        assert_eq!(
            at("2026-11-22T06:00:00Z").unwrap(),
            Some(Time(1_795_327_200_000))
        );
        assert_eq!(at("yesterday").unwrap_err().code, "environment_bad_value");
        assert_eq!(at("").unwrap(), None);
    }
}

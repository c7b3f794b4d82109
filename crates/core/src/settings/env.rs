//! The environment: the one list of variables, and the only place that reads them.
//!
//! `.env.example` is made from the list. Values come in layers (the process, `.env` of the config
//! folder, `.env` of the working directory); the first layer that has a variable under any of its names
//! wins. Variables of the process are never set here. A value is never shown: notices name variable,
//! file and line.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use super::{dotenv, file};
use crate::error::Fault;
use crate::model::Time;
use crate::secrets::Secret;

/// One variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Variable {
    /// Its name.
    pub name: &'static str,
    /// Older names that are read too; `name` wins.
    pub aliases: &'static [&'static str],
    /// The key of `settings.toml` that it sets, or what it is for.
    pub sets: &'static str,
    /// One sentence for `.env.example`.
    pub comment: &'static str,
    /// What `.env.example` shows behind the `=`.
    pub example: &'static str,
    /// Whether its value must never be shown.
    pub secret: bool,
}

const fn setting(
    name: &'static str,
    sets: &'static str,
    example: &'static str,
    comment: &'static str,
) -> Variable {
    Variable {
        name,
        aliases: &[],
        sets,
        comment,
        example,
        secret: false,
    }
}

/// Every variable that Tocsin reads.
pub const VARIABLES: &[Variable] = &[
    setting(
        "EMAIL_USER",
        "channels.email.user",
        "you@example.org",
        "The name to log in to the mail server with.",
    ),
    Variable {
        name: "EMAIL_PASS",
        aliases: &["EMAIL_PASSWORD"],
        sets: "the e-mail password",
        comment: "The password for it (EMAIL_PASSWORD is read too). Gmail wants an app password.",
        example: "",
        secret: true,
    },
    setting(
        "EMAIL_RECIPIENTS",
        "channels.email.recipients",
        "soc@example.org, you@example.org",
        "Who gets e-mail, separated by commas. With a password, this switches e-mail on.",
    ),
    setting(
        "EMAIL_SENDER",
        "channels.email.sender",
        "tocsin@example.org",
        "The address that e-mail comes from; EMAIL_USER where it is not set.",
    ),
    setting(
        "EMAIL_SENDER_NAME",
        "channels.email.sender_name",
        "Tocsin",
        "The name that e-mail comes from.",
    ),
    setting(
        "SMTP_SERVER",
        "channels.email.smtp_host",
        "smtp.gmail.com",
        "The mail server.",
    ),
    setting(
        "SMTP_PORT",
        "channels.email.smtp_port",
        "587",
        "Its port. 465 is encrypted from the start.",
    ),
    setting(
        "SMTP_USE_TLS",
        "channels.email.smtp_tls",
        "true",
        "On any other port: true requires STARTTLS, false sends without encryption.",
    ),
    setting(
        "KEYWORDS",
        "watches",
        "nginx, OpenSSL, remote code execution",
        "Terms to watch for, separated by commas, besides those of settings.toml.",
    ),
    setting(
        "DB_PATH",
        "the database's file",
        "/var/lib/tocsin/tocsin.db",
        "Where the database is.",
    ),
    Variable {
        name: "NVD_API_KEY",
        aliases: &[],
        sets: "the NVD API key",
        comment: "A key for NVD's API. Collecting works without; with a key it is faster.",
        example: "",
        secret: true,
    },
    setting(
        "TOCSIN_API_PORT",
        "api.port",
        "8000",
        "The port of the local API; 0 takes any free one.",
    ),
    setting(
        "TOCSIN_LOG",
        "the log's level",
        "info,tocsin_core=debug",
        "What is logged: off, error, warn, info, debug, trace, or a list by module.",
    ),
    setting(
        "TOCSIN_REPLAY",
        "sources.*.url",
        "http://127.0.0.1:8900",
        "For trying and testing: a replay server that stands in for every built-in source.",
    ),
    setting(
        "TOCSIN_CLOCK_START",
        "the clock",
        "2026-11-22T06:00:00Z",
        "For trying and testing: the moment at which the clock starts; it runs on from there.",
    ),
];

/// The text of `.env.example`.
#[must_use]
pub fn example() -> String {
    let mut text = String::from(
        "# Variables that Tocsin reads, from the environment or from a file `.env` in its config folder.\n\
         # What is set here wins over settings.toml and is shown read-only in the window. Every line is\n\
         # optional. Put single quotes around a value with spaces, $, # or quotes.\n\
         # Made by `cargo xtask env` from crates/core/src/settings/env.rs; do not edit.\n",
    );
    for v in VARIABLES {
        let _ = write!(
            text,
            "\n# {}\n#{}={}\n",
            v.comment,
            v.name,
            quoted(v.example)
        );
    }
    text
}

fn quoted(example: &str) -> String {
    if example.contains(' ') {
        format!("'{example}'")
    } else {
        example.to_owned()
    }
}

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
}

/// The variables in effect. Holds secrets, so it cannot be printed.
#[derive(Default)]
pub struct Environment {
    layers: Vec<Layer>,
    notices: Vec<Fault>,
}

impl Environment {
    /// The variables of this process.
    #[must_use]
    pub fn from_process() -> Self {
        let names = VARIABLES
            .iter()
            .flat_map(|v| std::iter::once(&v.name).chain(v.aliases));
        let mut environment = Self::default();
        let mut values = Vec::new();
        for name in names {
            match std::env::var(name) {
                Ok(value) => values.push(((*name).to_owned(), value)),
                Err(std::env::VarError::NotPresent) => {}
                Err(std::env::VarError::NotUnicode(_)) => {
                    environment.notices.push(bad_value(name, "it is not UTF-8"));
                }
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

    /// What could not be read.
    #[must_use]
    pub fn notices(&self) -> &[Fault] {
        &self.notices
    }

    /// A variable's value with the name and the place it was found under. An empty value is none.
    #[must_use]
    pub(crate) fn find(&self, variable: &Variable) -> Option<(&str, &'static str, Origin)> {
        let names = || std::iter::once(&variable.name).chain(variable.aliases);
        self.layers.iter().find_map(|layer| {
            names().find_map(|name| {
                let value = layer.values.get(*name)?.expose();
                (!value.trim().is_empty()).then_some((value.as_str(), *name, layer.origin))
            })
        })
    }

    /// A variable's value by its name, without spaces around it.
    #[must_use]
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let variable = VARIABLES.iter().find(|v| v.name == name)?;
        self.find(variable).map(|(value, _, _)| value.trim())
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
        self.layers.push(Layer { origin, values });
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
        for entry in parsed.entries.into_iter().rev() {
            values.push((entry.name, entry.value));
        }
        self.push(origin, values);
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
        check(&[("EMAIL_PASS", "one")], Some("one"));
        check(&[("EMAIL_PASSWORD", "two")], Some("two"));
        check(
            &[("EMAIL_PASSWORD", "two"), ("EMAIL_PASS", "one")],
            Some("one"),
        );
        check(
            &[("EMAIL_PASS", " "), ("EMAIL_PASSWORD", "two")],
            Some("two"),
        );
        check(&[], None);
    }

    #[test]
    fn the_process_wins_over_the_files_under_any_name() {
        let (_a, config) = env_file("EMAIL_PASS=config\nEMAIL_USER=config\n");
        let (_b, working) = env_file("EMAIL_USER=working\nDB_PATH=/w\n");
        let env = Environment::from_pairs([("EMAIL_PASSWORD", "process")])
            .with_file(&config)
            .with_working_file(&working);
        assert_eq!(env.get("EMAIL_PASS"), Some("process"));
        assert_eq!(env.get("EMAIL_USER"), Some("config"));
        assert_eq!(env.database(), Some(PathBuf::from("/w")));
    }

    #[test]
    fn a_broken_line_is_named_without_its_value() {
        let (_dir, path) = env_file("EMAIL_USER=a\nEMAIL_PASS=hunter2 with spaces\nDB_PATH=/d\n");
        let env = Environment::default().with_file(&path);
        assert_eq!(env.database(), Some(PathBuf::from("/d")));
        let notices = env.notices();
        assert_eq!(notices.len(), 1);
        assert_eq!(notices[0].params["line"], "2");
        assert!(!format!("{notices:?}").contains("hunter2"));
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

    #[test]
    fn the_example_names_every_variable_and_sets_none() {
        let text = example();
        for v in VARIABLES {
            assert!(text.contains(&format!("\n#{}=", v.name)), "{}", v.name);
        }
        assert!(dotenv::parse(&text).entries.is_empty());
        let uncommented: String = text
            .lines()
            .map(|l| {
                l.strip_prefix('#')
                    .filter(|l| !l.starts_with(' '))
                    .unwrap_or("")
            })
            .collect::<Vec<_>>()
            .join("\n");
        let parsed = dotenv::parse(&uncommented);
        assert_eq!(parsed.entries.len(), VARIABLES.len());
        assert!(parsed.bad_lines.is_empty());
    }
}

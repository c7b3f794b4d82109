//! Secrets: kept so that they cannot be shown, read from the environment or from `.env` in the config
//! folder, and written to that file alone. Nobody outside learns more than whether one is set.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use zeroize::Zeroize;

use crate::error::Fault;
use crate::settings::env::{Origin, VARIABLES, Variable};
use crate::settings::{Environment, Paths, dotenv, file};

/// A value that must not be shown: no `Debug`, `Display` or `Serialize`. It is wiped when dropped.
#[derive(Clone, Default)]
pub struct Secret<T: Zeroize>(T);

impl<T: Zeroize> Secret<T> {
    /// Takes a value in.
    pub fn new(value: T) -> Self {
        Self(value)
    }

    /// The value, for the one place that hands it over.
    pub fn expose(&self) -> &T {
        &self.0
    }
}

impl<T: Zeroize> Drop for Secret<T> {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

/// The secrets that Tocsin knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum SecretName {
    /// The password of the mail server's account.
    EmailPassword,
    /// The key of NVD's API.
    NvdApiKey,
    /// The token of a bot of Slack.
    SlackToken,
    /// The address of an incoming webhook of Slack.
    SlackWebhook,
    /// The token of a bot of Telegram.
    TelegramToken,
}

impl SecretName {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::EmailPassword,
        Self::NvdApiKey,
        Self::SlackToken,
        Self::SlackWebhook,
        Self::TelegramToken,
    ];

    /// The variable that holds it.
    #[must_use]
    pub fn variable(self) -> &'static str {
        match self {
            Self::EmailPassword => "EMAIL_PASS",
            Self::NvdApiKey => "NVD_API_KEY",
            Self::SlackToken => "SLACK_TOKEN",
            Self::SlackWebhook => "SLACK_WEBHOOK",
            Self::TelegramToken => "TELEGRAM_TOKEN",
        }
    }

    fn entry(self) -> Option<&'static Variable> {
        VARIABLES.iter().find(|v| v.name == self.variable())
    }
}

/// What the outside learns of a secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum SecretState {
    /// It is there.
    Set {
        /// Where it is kept.
        from: SecretPlace,
        /// Whether the app may replace or remove it.
        editable: bool,
    },
    /// It is not there.
    NotSet,
}

/// Where a secret is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum SecretPlace {
    /// A variable of the process, or a `.env` that is not the app's own.
    Environment,
    /// `.env` in the config folder.
    File,
    /// The keyring of the operating system.
    Keyring,
}

struct Held {
    value: Secret<String>,
    from: SecretPlace,
    /// The variable as it was found.
    variable: &'static str,
}

/// The secrets at hand. Cannot be printed.
#[derive(Default)]
pub struct Secrets {
    held: BTreeMap<SecretName, Held>,
}

impl Secrets {
    /// Takes the secrets out of the environment.
    #[must_use]
    pub fn load(environment: &Environment) -> Self {
        let mut held = BTreeMap::new();
        for name in SecretName::ALL {
            let found = name.entry().and_then(|v| environment.find(v));
            if let Some((value, variable, origin)) = found {
                let from = match origin {
                    Origin::ConfigFile => SecretPlace::File,
                    Origin::Process | Origin::WorkingFile => SecretPlace::Environment,
                };
                let value = Secret::new(value.to_owned());
                held.insert(
                    name,
                    Held {
                        value,
                        from,
                        variable,
                    },
                );
            }
        }
        Self { held }
    }

    /// A secret, for whoever hands it over.
    #[must_use]
    pub fn get(&self, name: SecretName) -> Option<Secret<String>> {
        self.held.get(&name).map(|h| h.value.clone())
    }

    /// Whether a secret is there, and from where.
    #[must_use]
    pub fn state(&self, name: SecretName) -> SecretState {
        self.held
            .get(&name)
            .map_or(SecretState::NotSet, |held| SecretState::Set {
                from: held.from,
                editable: held.from == SecretPlace::File,
            })
    }

    /// Sets a secret for this and every later start: in `.env` of the config folder (0600), whose
    /// other lines stay as they are.
    ///
    /// # Errors
    /// `set_by_environment`, `secret_invalid` (empty, or with a line break), `secrets_file_broken` with
    /// the line to mend, `file_unreadable`, `file_not_written`.
    pub fn set(
        &mut self,
        paths: &Paths,
        name: SecretName,
        value: Secret<String>,
    ) -> Result<(), Fault> {
        self.editable(name)?;
        let text = value.expose();
        if text.trim().is_empty() || text.contains(['\n', '\r', '\0']) {
            return Err(Fault::new(
                "secret_invalid",
                "A password or key is one line of text and not empty.",
            ));
        }
        rewrite(&paths.env_file, name, Some(text))?;
        let held = Held {
            value,
            from: SecretPlace::File,
            variable: name.variable(),
        };
        self.held.insert(name, held);
        Ok(())
    }

    /// Takes a secret out of `.env` of the config folder.
    ///
    /// # Errors
    /// As [`Secrets::set`].
    pub fn remove(&mut self, paths: &Paths, name: SecretName) -> Result<(), Fault> {
        self.editable(name)?;
        rewrite(&paths.env_file, name, None)?;
        self.held.remove(&name);
        Ok(())
    }

    fn editable(&self, name: SecretName) -> Result<(), Fault> {
        match self.held.get(&name) {
            Some(held) if held.from == SecretPlace::Environment => {
                Err(set_by_environment(name.variable(), held.variable))
            }
            _ => Ok(()),
        }
    }
}

/// The fault of editing what the environment sets.
pub(crate) fn set_by_environment(key: &str, variable: &str) -> Fault {
    Fault::new(
        "set_by_environment",
        format!("The environment variable {variable} sets this. Change or remove it there."),
    )
    .with("key", key)
    .with("variable", variable)
}

const HEADER: &str =
    "# Passwords and keys of Tocsin. Only you may read this file; do not share it.\n";

/// Replaces, adds or removes a secret's line. All lines that name it otherwise go.
fn rewrite(path: &Path, name: SecretName, value: Option<&str>) -> Result<(), Fault> {
    let _lock = file::lock();
    let text = match file::read(path)? {
        Some(bytes) => Secret::new(String::from_utf8(bytes).map_err(|_| broken(path, 1))?),
        None if value.is_none() => return Ok(()),
        None => Secret::new(HEADER.to_owned()),
    };
    let changed = Secret::new(replaced(text.expose(), name, value));
    // Whatever else the file holds (an open quote further up), the new line must read back as it is.
    let parsed = dotenv::parse(changed.expose());
    let reads_back = match value {
        Some(value) => parsed
            .entries
            .iter()
            .any(|e| e.name == name.variable() && e.value == value),
        None => true,
    };
    if !reads_back {
        return Err(broken(path, parsed.bad_lines.first().copied().unwrap_or(1)));
    }
    file::write(path, changed.expose().as_bytes())
}

fn replaced(text: &str, name: SecretName, value: Option<&str>) -> String {
    let is_it = |found: &str| {
        name.entry()
            .is_some_and(|v| v.name == found || v.aliases.contains(&found))
    };
    let parsed = dotenv::parse(text);
    let theirs: Vec<_> = parsed.entries.iter().filter(|e| is_it(&e.name)).collect();
    let mut line = value.map(|v| format!("{}={}", name.variable(), dotenv::quote(v)));
    let mut out = String::with_capacity(text.len() + 64);
    for (i, old) in text.split_inclusive('\n').enumerate() {
        if theirs.iter().any(|e| e.lines.contains(&i)) {
            if let Some(line) = line.take() {
                out.push_str(&line);
                out.push_str(if old.ends_with("\r\n") { "\r\n" } else { "\n" });
            }
            continue;
        }
        out.push_str(old);
    }
    if let Some(line) = line {
        if !out.is_empty() && !out.ends_with('\n') {
            out.push('\n');
        }
        out.push_str(&line);
        out.push('\n');
    }
    out
}

fn broken(path: &Path, line: usize) -> Fault {
    Fault::new(
        "secrets_file_broken",
        format!(
            "Line {line} of {} cannot be read, so nothing was written. Mend that line first.",
            path.display()
        ),
    )
    .with("file", path.display())
    .with("line", line)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    const NASTY: &str = " p$a#s \"s' \\w\\ö😀 ${HOME}\\";

    fn paths() -> (tempfile::TempDir, Paths) {
        let dir = tempfile::tempdir().unwrap();
        let paths = Paths::in_dir(dir.path());
        (dir, paths)
    }

    fn reload(paths: &Paths) -> Secrets {
        Secrets::load(&Environment::default().with_file(&paths.env_file))
    }

    fn value(secrets: &Secrets, name: SecretName) -> Option<String> {
        secrets.get(name).map(|s| s.expose().clone())
    }

    #[test]
    fn a_secret_reads_back_exactly_after_a_restart() {
        for text in [NASTY, "abcd efgh ijkl mnop", "x", "=", "'", "\"", "\\", "$"] {
            let (_dir, paths) = paths();
            let mut secrets = Secrets::default();
            let name = SecretName::EmailPassword;
            secrets
                .set(&paths, name, Secret::new(text.to_owned()))
                .unwrap();
            let again = reload(&paths);
            assert_eq!(value(&again, name).as_deref(), Some(text));
            assert_eq!(
                again.state(name),
                SecretState::Set {
                    from: SecretPlace::File,
                    editable: true
                }
            );
        }
    }

    #[test]
    fn other_lines_and_comments_stay() {
        let (_dir, paths) = paths();
        let before = "# mine\nKEYWORDS=nginx # why\n\nEMAIL_PASSWORD=old\nEMAIL_PASS=older\nnot a line\nSMTP_PORT=25";
        fs::write(&paths.env_file, before).unwrap();
        let mut secrets = reload(&paths);
        secrets
            .set(&paths, SecretName::EmailPassword, Secret::new("new".into()))
            .unwrap();
        secrets
            .set(&paths, SecretName::NvdApiKey, Secret::new("key".into()))
            .unwrap();
        assert_eq!(
            fs::read_to_string(&paths.env_file).unwrap(),
            "# mine\nKEYWORDS=nginx # why\n\nEMAIL_PASS=\"new\"\nnot a line\nSMTP_PORT=25\nNVD_API_KEY=\"key\"\n"
        );
        secrets.remove(&paths, SecretName::EmailPassword).unwrap();
        assert_eq!(
            fs::read_to_string(&paths.env_file).unwrap(),
            "# mine\nKEYWORDS=nginx # why\n\nnot a line\nSMTP_PORT=25\nNVD_API_KEY=\"key\"\n"
        );
        assert_eq!(
            reload(&paths).state(SecretName::EmailPassword),
            SecretState::NotSet
        );
    }

    #[test]
    fn what_the_process_sets_cannot_be_replaced() {
        let (_dir, paths) = paths();
        let env = Environment::from_pairs([("EMAIL_PASSWORD", "p")]);
        let mut secrets = Secrets::load(&env);
        let fault = secrets
            .set(&paths, SecretName::EmailPassword, Secret::new("x".into()))
            .unwrap_err();
        assert_eq!(fault.code, "set_by_environment");
        assert_eq!(fault.params["variable"], "EMAIL_PASSWORD");
        assert!(secrets.remove(&paths, SecretName::EmailPassword).is_err());
        assert!(!paths.env_file.exists());
    }

    #[test]
    fn a_line_break_is_refused() {
        let (_dir, paths) = paths();
        for bad in ["a\nB=c", "a\r", "a\0", "", "  "] {
            let fault = Secrets::default()
                .set(&paths, SecretName::NvdApiKey, Secret::new(bad.to_owned()))
                .unwrap_err();
            assert_eq!(fault.code, "secret_invalid");
        }
        assert!(!paths.env_file.exists());
    }

    #[test]
    fn a_file_with_an_open_quote_is_not_made_worse() {
        let (_dir, paths) = paths();
        let before = "A=1\nEMAIL_USER=\"open\nB=2\n";
        fs::write(&paths.env_file, before).unwrap();
        let fault = reload(&paths)
            .set(&paths, SecretName::NvdApiKey, Secret::new("key".into()))
            .unwrap_err();
        assert_eq!(fault.code, "secrets_file_broken");
        assert_eq!(fault.params["line"], "2");
        assert_eq!(fs::read_to_string(&paths.env_file).unwrap(), before);
    }

    #[cfg(unix)]
    #[test]
    fn the_file_is_for_this_user_alone() {
        use std::os::unix::fs::PermissionsExt;
        let (_dir, paths) = paths();
        fs::write(&paths.env_file, "A=1\n").unwrap();
        fs::set_permissions(&paths.env_file, fs::Permissions::from_mode(0o644)).unwrap();
        Secrets::default()
            .set(&paths, SecretName::NvdApiKey, Secret::new("key".into()))
            .unwrap();
        let mode = fs::metadata(&paths.env_file).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn nothing_public_shows_a_secret() {
        let (_dir, paths) = paths();
        fs::write(
            &paths.env_file,
            "EMAIL_PASS=hunter2\nNVD_API_KEY=hunter2\nEMAIL_RECIPIENTS=a@example.org\nbroken hunter2\n",
        )
        .unwrap();
        let env = Environment::default().with_file(&paths.env_file);
        let loaded = crate::settings::Settings::load(&paths, &env);
        let secrets = Secrets::load(&env);
        let states: Vec<_> = SecretName::ALL.map(|n| secrets.state(n)).into();
        let shown = [
            format!("{loaded:?} {states:?} {:?}", env.notices()),
            serde_json::to_string(&loaded.settings).unwrap(),
            serde_json::to_string(&loaded.notices).unwrap(),
            serde_json::to_string(&states).unwrap(),
            crate::settings::env::example(),
        ];
        assert!(loaded.settings.channels.len() == 2 && states.len() == 2);
        for text in shown {
            assert!(!text.contains("hunter2"), "{text}");
        }
    }
}

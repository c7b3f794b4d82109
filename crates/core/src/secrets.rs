//! Secrets: kept so that they cannot be shown, read from the environment, from `.env` in the config folder or from
//! the operating system's keyring, and written to that keyring; where there is none, to that `.env` alone. Nobody
//! outside learns more than whether one is set, and where it is kept.

mod file;
mod keyring;
mod name;
mod vault;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use zeroize::Zeroize;

use crate::error::Fault;
use crate::model::ChannelId;
use crate::settings::env::Origin;
use crate::settings::{Environment, Paths, Settings, check_webhook};

pub(crate) use name::in_capitals;
pub use name::{SecretKey, SecretName};
pub use vault::{Keeper, Vault};

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
    variable: String,
}

/// The secrets at hand. Cannot be printed.
#[derive(Default)]
pub struct Secrets {
    held: BTreeMap<SecretKey, Held>,
    vault: Vault,
}

impl Secrets {
    /// Takes the secrets that these settings need out of the environment, else out of the keyring. Blocks for as
    /// long as the keyring may take; call it off the async threads.
    #[must_use]
    pub fn load(paths: &Paths, environment: &Environment, settings: &Settings) -> Self {
        let vault = environment.vault();
        let mut held = BTreeMap::new();
        let mut open = Vec::new();
        for key in SecretKey::all(settings) {
            let Some((value, variable, origin)) = environment.find_any(&key.variables()) else {
                open.push(key);
                continue;
            };
            let from = match origin {
                Origin::ConfigFile => SecretPlace::File,
                Origin::Process | Origin::WorkingFile => SecretPlace::Environment,
            };
            let value = Secret::new(value.to_owned());
            held.insert(
                key,
                Held {
                    value,
                    from,
                    variable,
                },
            );
        }
        let kept = vault.read(open.iter().map(|key| account(paths, key)).collect());
        for (key, value) in open.into_iter().zip(kept) {
            if let Some(value) = value {
                held.insert(key.clone(), Held::in_keyring(&key, value));
            }
        }
        Self { held, vault }
    }

    /// A secret of a channel, for whoever hands it over. `None` means the built-in channel's, or nobody's own.
    #[must_use]
    pub fn get(&self, name: SecretName, channel: Option<&ChannelId>) -> Option<Secret<String>> {
        let key = SecretKey::new(name, channel);
        self.held.get(&key).map(|h| h.value.clone())
    }

    /// Whether a secret is there, and from where.
    #[must_use]
    pub fn state(&self, key: &SecretKey) -> SecretState {
        self.held
            .get(key)
            .map_or(SecretState::NotSet, |held| SecretState::Set {
                from: held.from,
                editable: held.from != SecretPlace::Environment,
            })
    }

    /// Why secrets cannot be kept in the keyring; `None` = they are.
    #[must_use]
    pub fn keyring_fault(&self) -> Option<Fault> {
        self.vault.fault()
    }

    /// Whether a keyring that did not answer in time has answered since.
    #[must_use]
    pub fn is_stale(&self) -> bool {
        self.vault.has_news()
    }

    /// Sets a secret for this and every later start: in the keyring, and where that cannot keep it in `.env` of
    /// the config folder (0600), whose other lines stay as they are. What was kept elsewhere before is no more,
    /// or is never read before the new one. Blocks.
    ///
    /// # Errors
    /// `set_by_environment`, `secret_invalid` (empty, or with a line break), `webhook_invalid`,
    /// `secrets_file_broken` with the line to mend, `file_unreadable`, `file_not_written`.
    pub fn set(
        &mut self,
        paths: &Paths,
        key: &SecretKey,
        value: Secret<String>,
    ) -> Result<(), Fault> {
        self.editable(key)?;
        let value = checked(key.name(), value)?;
        let kept = self.vault.write(account(paths, key), Some(value.clone()));
        let held = match kept {
            Ok(()) => {
                // The file wins over the keyring: an old one must not stay in it.
                file::rewrite(&paths.env_file, key, None)?;
                Held::in_keyring(key, value)
            }
            Err(fault) => {
                if fault.code != "keyring_off" {
                    tracing::warn!(code = %fault.code, "a secret goes to .env: {fault}");
                }
                file::rewrite(&paths.env_file, key, Some(value.expose()))?;
                Held {
                    value,
                    from: SecretPlace::File,
                    variable: key.variable(),
                }
            }
        };
        self.held.insert(key.clone(), held);
        Ok(())
    }

    /// Takes a secret out of `.env` of the config folder and out of the keyring. Blocks.
    ///
    /// # Errors
    /// As [`Secrets::set`], and those of the keyring where it may still hold it.
    pub fn remove(&mut self, paths: &Paths, key: &SecretKey) -> Result<(), Fault> {
        self.editable(key)?;
        file::rewrite(&paths.env_file, key, None)?;
        match self.vault.write(account(paths, key), None) {
            Err(fault) if !matches!(fault.code.as_str(), "keyring_off" | "keyring_none") => {
                Err(fault)
            }
            _ => {
                self.held.remove(key);
                Ok(())
            }
        }
    }

    fn editable(&self, key: &SecretKey) -> Result<(), Fault> {
        match self.held.get(key) {
            Some(held) if held.from == SecretPlace::Environment => {
                Err(set_by_environment(&key.variable(), &held.variable))
            }
            _ => Ok(()),
        }
    }
}

impl Held {
    fn in_keyring(key: &SecretKey, value: Secret<String>) -> Self {
        Self {
            value,
            from: SecretPlace::Keyring,
            variable: key.variable(),
        }
    }
}

/// The name of a secret in the keyring, which all Tocsins of a user share: each config folder has its own.
fn account(paths: &Paths, key: &SecretKey) -> String {
    let folder = std::path::absolute(&paths.config_dir);
    let folder = folder.unwrap_or_else(|_| paths.config_dir.clone());
    format!("{} {}", key.variable(), folder.display())
}

/// A password is taken as it is; what services hand out has no blanks around it.
fn checked(name: SecretName, value: Secret<String>) -> Result<Secret<String>, Fault> {
    let value = match name {
        SecretName::EmailPassword => value,
        _ => Secret::new(value.expose().trim().to_owned()),
    };
    let text = value.expose();
    if text.trim().is_empty() || text.contains(['\n', '\r', '\0']) {
        return Err(Fault::new(
            "secret_invalid",
            "A password or key is one line of text and not empty.",
        ));
    }
    if name == SecretName::SlackWebhook {
        check_webhook(text)?;
    }
    Ok(value)
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

#[cfg(test)]
#[path = "secrets/tests.rs"]
mod tests;

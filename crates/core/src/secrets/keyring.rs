//! The keyring of the operating system: Keychain, Credential Manager, or the Secret Service of the session's bus.
//! Through the stores that the crate `keyring` is made of: it opens its store once, and where that failed (the
//! service started later, the bus anew) never again.

use std::sync::Arc;

use keyring_core::api::CredentialStore;
use keyring_core::{Entry, Error};

use super::Secret;
use super::vault::{Keeper, failed};
use crate::error::Fault;

/// What its entries are filed under.
const SERVICE: &str = "Tocsin";

/// Opened when it is first asked, and again after it failed.
#[derive(Default)]
pub(super) struct System {
    store: Option<Arc<CredentialStore>>,
}

impl System {
    fn entry(&mut self, account: &str) -> Result<Entry, Fault> {
        let store = match &self.store {
            Some(store) => Arc::clone(store),
            None => {
                let store = open().map_err(|error| none(&error))?;
                self.store = Some(Arc::clone(&store));
                store
            }
        };
        store
            .build(SERVICE, account, None)
            .map_err(|error| self.fault(&error))
    }

    /// What went wrong, in words of our own: an error may hold what was stored.
    fn fault(&mut self, error: &Error) -> Fault {
        match error {
            Error::NoStorageAccess(reason) => Fault::new(
                "keyring_locked",
                "The keyring of the operating system is locked, or has no place for passwords. Unlock it, then set the secret again.",
            )
            .with("reason", reason),
            Error::PlatformFailure(reason) => {
                self.store = None;
                failed(&reason.to_string())
            }
            Error::Ambiguous(_) => failed("it holds several entries of this name"),
            Error::BadEncoding(_) | Error::BadDataFormat(..) => failed("its entry is damaged"),
            Error::TooLong(_, most) => failed(&format!("it takes at most {most} characters")),
            Error::NotSupportedByStore(_) => failed("it cannot do this"),
            _ => failed("it gave no reason"),
        }
    }
}

impl Keeper for System {
    fn read(&mut self, account: &str) -> Result<Option<Secret<String>>, Fault> {
        match self.entry(account)?.get_password() {
            Ok(value) => Ok(Some(Secret::new(value))),
            Err(Error::NoEntry) => Ok(None),
            Err(error) => Err(self.fault(&error)),
        }
    }

    fn write(&mut self, account: &str, value: Option<&Secret<String>>) -> Result<(), Fault> {
        let entry = self.entry(account)?;
        let done = match value {
            Some(value) => entry.set_password(value.expose()),
            None => entry.delete_credential(),
        };
        match done {
            Ok(()) | Err(Error::NoEntry) => Ok(()),
            Err(error) => Err(self.fault(&error)),
        }
    }
}

fn none(error: &Error) -> Fault {
    let reason = match error {
        Error::PlatformFailure(reason) | Error::NoStorageAccess(reason) => reason.to_string(),
        _ => "it cannot be opened".to_owned(),
    };
    Fault::new(
        "keyring_none",
        "This session has no keyring that Tocsin can use.",
    )
    .with("reason", reason)
}

#[cfg(target_os = "macos")]
fn open() -> Result<Arc<CredentialStore>, Error> {
    Ok(apple_native_keyring_store::keychain::Store::new()?)
}

#[cfg(windows)]
fn open() -> Result<Arc<CredentialStore>, Error> {
    Ok(windows_native_keyring_store::Store::new()?)
}

#[cfg(all(
    unix,
    not(any(target_os = "macos", target_os = "ios", target_os = "android"))
))]
fn open() -> Result<Arc<CredentialStore>, Error> {
    Ok(zbus_secret_service_keyring_store::Store::new()?)
}

#[cfg(not(any(windows, all(unix, not(any(target_os = "ios", target_os = "android"))))))]
fn open() -> Result<Arc<CredentialStore>, Error> {
    Err(Error::NoDefaultStore)
}

#[cfg(target_os = "linux")]
#[cfg(test)]
#[path = "keyring_tests.rs"]
mod tests;

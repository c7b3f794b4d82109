//! The door to a keyring. Every call is made on a thread of its own and waited for a while only: a keyring that
//! hangs, or asks the user for its password, never hangs the app. What it is asked meanwhile fails at once.
//!
//! Never is a value of it in a fault or a log, and never does a test reach the machine's own keyring: an
//! environment that is not the process's has none.

use std::collections::BTreeMap;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::Secret;
use super::keyring::System;
use crate::error::Fault;

/// How long a start waits for all secrets together.
const READ_WITHIN: Duration = Duration::from_secs(2);
/// How long somebody who sets a secret has to unlock the keyring.
const WRITE_WITHIN: Duration = Duration::from_secs(30);

/// What keeps secrets by account. Calls may block.
pub trait Keeper: Send + 'static {
    /// The secret of an account; `None` where there is none.
    ///
    /// # Errors
    /// `keyring_none`, `keyring_locked`, `keyring_failed`.
    fn read(&mut self, account: &str) -> Result<Option<Secret<String>>, Fault>;

    /// Sets or, with `None`, removes the secret of an account.
    ///
    /// # Errors
    /// As [`Keeper::read`].
    fn write(&mut self, account: &str, value: Option<&Secret<String>>) -> Result<(), Fault>;
}

/// A keyring, or none. Cheap to clone; all clones are one.
#[derive(Clone, Default)]
pub struct Vault(Option<Arc<Inner>>);

struct Inner {
    keeper: Mutex<Box<dyn Keeper>>,
    read_within: Duration,
    write_within: Duration,
    notes: Mutex<Notes>,
}

#[derive(Default)]
struct Notes {
    /// Whether a call was given up that did not end yet.
    is_stuck: bool,
    /// Whether such a call has ended since.
    is_late: bool,
    /// It is locked: nobody is asked for its password again until somebody sets a secret.
    locked: Option<Fault>,
    /// How the last call to read went wrong.
    reading: Option<Fault>,
    /// How the last call to write went wrong.
    writing: Option<Fault>,
}

impl Vault {
    /// No keyring at all.
    #[must_use]
    pub fn off() -> Self {
        Self(None)
    }

    /// The keyring of the operating system. One for the whole process, opened when it is first asked.
    #[must_use]
    pub fn system() -> Self {
        static SYSTEM: LazyLock<Vault> =
            LazyLock::new(|| Vault::with(Box::new(System::default()), READ_WITHIN, WRITE_WITHIN));
        SYSTEM.clone()
    }

    /// A keyring in memory, for tests.
    #[must_use]
    pub fn in_memory() -> Self {
        Self::with(Box::new(Memory::default()), READ_WITHIN, WRITE_WITHIN)
    }

    /// Any keeper, with how long it may take.
    #[must_use]
    pub fn with(keeper: Box<dyn Keeper>, read_within: Duration, write_within: Duration) -> Self {
        Self(Some(Arc::new(Inner {
            keeper: Mutex::new(keeper),
            read_within,
            write_within,
            notes: Mutex::default(),
        })))
    }

    /// The secrets of accounts, in their order; `None` also where it cannot be read: [`Vault::fault`] says why.
    #[must_use]
    pub fn read(&self, accounts: Vec<String>) -> Vec<Option<Secret<String>>> {
        let count = accounts.len();
        let nothing = || (0..count).map(|_| None).collect();
        let Some(inner) = &self.0 else {
            return nothing();
        };
        {
            let mut notes = inner.notes();
            if notes.locked.is_some() {
                notes.is_late = false;
                return nothing();
            }
        }
        let work = move |keeper: &mut dyn Keeper| {
            let mut values = Vec::new();
            let mut fault = None;
            for account in accounts {
                match keeper.read(&account) {
                    Ok(value) => values.push(value),
                    Err(found) => {
                        // One that is damaged leaves the others; one that is closed is closed for all.
                        let is_closed = found.code != "keyring_failed";
                        fault = fault.or(Some(found));
                        values.push(None);
                        if is_closed {
                            break;
                        }
                    }
                }
            }
            values.resize_with(count, || None);
            (values, fault)
        };
        let note = |notes: &mut Notes, fault| notes.reading = fault;
        match ask(inner, inner.read_within, work, note) {
            Ok(values) => values,
            Err(_) => nothing(),
        }
    }

    /// Sets or removes the secret of an account.
    ///
    /// # Errors
    /// `keyring_off`, `keyring_none`, `keyring_locked`, `keyring_silent`, `keyring_failed`.
    pub fn write(&self, account: String, value: Option<Secret<String>>) -> Result<(), Fault> {
        let Some(inner) = &self.0 else {
            return Err(off());
        };
        inner.notes().locked = None;
        let work = move |keeper: &mut dyn Keeper| {
            let fault = keeper.write(&account, value.as_ref()).err();
            (fault.clone(), fault)
        };
        let note = |notes: &mut Notes, fault| notes.writing = fault;
        match ask(inner, inner.write_within, work, note)? {
            Some(fault) => Err(fault),
            None => Ok(()),
        }
    }

    /// Why secrets cannot be kept in it; `None` = they are, as far as is known.
    #[must_use]
    pub fn fault(&self) -> Option<Fault> {
        let Some(inner) = &self.0 else {
            return Some(off());
        };
        let notes = inner.notes();
        notes.writing.clone().or_else(|| notes.reading.clone())
    }

    /// Whether a call that was given up has ended since, so that asking again is worth while.
    #[must_use]
    pub fn has_news(&self) -> bool {
        self.0.as_ref().is_some_and(|inner| inner.notes().is_late)
    }
}

impl Inner {
    fn notes(&self) -> MutexGuard<'_, Notes> {
        self.notes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Lets a thread do the work and waits for it as long as `within` says. How it went wrong is noted by the
/// thread itself, so that it is known however late.
fn ask<T: Send + 'static>(
    inner: &Arc<Inner>,
    within: Duration,
    work: impl FnOnce(&mut dyn Keeper) -> (T, Option<Fault>) + Send + 'static,
    note: fn(&mut Notes, Option<Fault>),
) -> Result<T, Fault> {
    {
        let mut notes = inner.notes();
        if notes.is_stuck {
            return Err(silent());
        }
        notes.is_late = false;
    }
    // Without room: what is sent was taken, or nobody waits any more.
    let (answer, waiting) = mpsc::sync_channel(0);
    let on_thread = Arc::clone(inner);
    let started = std::thread::Builder::new()
        .name("keyring".to_owned())
        .spawn(move || {
            let mut keeper = on_thread
                .keeper
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            let (found, fault) = work(&mut **keeper);
            drop(keeper);
            {
                let mut notes = on_thread.notes();
                notes.locked = fault.clone().filter(|f| f.code == "keyring_locked");
                note(&mut notes, fault);
            }
            if answer.send(found).is_err() {
                let mut notes = on_thread.notes();
                notes.is_stuck = false;
                notes.is_late = true;
            }
        });
    let fault = match started {
        Err(error) => failed(&error.to_string()),
        Ok(_) => match waiting.recv_timeout(within) {
            Ok(found) => return Ok(found),
            Err(RecvTimeoutError::Disconnected) => failed("it broke off"),
            Err(RecvTimeoutError::Timeout) => {
                inner.notes().is_stuck = true;
                silent()
            }
        },
    };
    note(&mut inner.notes(), Some(fault.clone()));
    // Only now does the thread learn that nobody waits.
    drop(waiting);
    Err(fault)
}

#[derive(Default)]
struct Memory(BTreeMap<String, Secret<String>>);

impl Keeper for Memory {
    fn read(&mut self, account: &str) -> Result<Option<Secret<String>>, Fault> {
        Ok(self.0.get(account).cloned())
    }

    fn write(&mut self, account: &str, value: Option<&Secret<String>>) -> Result<(), Fault> {
        match value {
            Some(value) => drop(self.0.insert(account.to_owned(), value.clone())),
            None => drop(self.0.remove(account)),
        }
        Ok(())
    }
}

fn off() -> Fault {
    Fault::new(
        "keyring_off",
        "The keyring of the operating system is switched off (TOCSIN_KEYRING).",
    )
}

fn silent() -> Fault {
    Fault::new(
        "keyring_silent",
        "The keyring of the operating system does not answer. It may wait for its password in another window.",
    )
}

/// The fault of a keyring that is there and did not do it.
pub(super) fn failed(reason: &str) -> Fault {
    let reason = reason.trim_end_matches('.');
    Fault::new(
        "keyring_failed",
        format!("The keyring of the operating system failed: {reason}."),
    )
    .with("reason", reason)
}

#[cfg(test)]
#[path = "vault_tests.rs"]
mod tests;

//! What the database suffers from at run time: a full disk, a damaged file. Whoever reads or writes says
//! how it went; the app listens and tells the user.

use tokio::sync::watch;

use super::StoreError;

/// What is wrong with the database while it is open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// The disk is full: nothing can be written. It is over with the first write that succeeds.
    DiskFull,
    /// The file is damaged. Only a start, which checks it, finds out more.
    Damaged {
        /// What SQLite says.
        reason: String,
    },
}

#[derive(Clone, Debug)]
pub(super) struct Health(watch::Sender<Option<Trouble>>);

impl Default for Health {
    fn default() -> Self {
        Self(watch::Sender::new(None))
    }
}

impl Health {
    pub(super) fn listen(&self) -> watch::Receiver<Option<Trouble>> {
        self.0.subscribe()
    }

    pub(super) fn is_damaged(&self) -> bool {
        matches!(*self.0.borrow(), Some(Trouble::Damaged { .. }))
    }

    /// Notes how reading or writing went. `wrote` is whether something reached the disk.
    pub(super) fn note<T>(&self, result: &Result<T, StoreError>, wrote: bool) {
        let trouble = match result {
            Ok(_) if wrote => None,
            Err(StoreError::DiskFull) => Some(Trouble::DiskFull),
            Err(StoreError::Damaged { reason, .. }) => Some(Trouble::Damaged {
                reason: reason.clone(),
            }),
            _ => return,
        };
        self.0.send_if_modified(|now| {
            // A damaged file does not heal by itself.
            let changes = *now != trouble && !matches!(now, Some(Trouble::Damaged { .. }));
            if changes {
                *now = trouble;
            }
            changes
        });
    }

    /// Another file took the place of the one that was in trouble.
    pub(super) fn clear(&self) {
        self.0.send_replace(None);
    }
}

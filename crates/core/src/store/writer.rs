//! The writer's side of the door: one transaction at a time, and the index in memory that follows it.

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use rusqlite::{Connection, TransactionBehavior};

use super::connect::connect_helpers;
use super::health::Health;
use super::index::{self, Index, Touched};
use super::open::Opened;
use super::{StoreError, Write, image, meta};

/// The one connection that writes, and what keeps the index in step with it.
pub(super) struct Writer {
    pub(super) conn: Connection,
    index: Arc<RwLock<Index>>,
    touched: Arc<Mutex<Touched>>,
    /// Whether the index could not follow a commit.
    is_behind: bool,
}

impl Writer {
    /// Takes the index that was left beside the database, or reads all alerts.
    pub(super) fn new(
        opened: Opened,
        path: &Path,
        index: Arc<RwLock<Index>>,
    ) -> Result<Self, StoreError> {
        let Opened { mut conn, stamp } = opened;
        let left = stamp.and_then(|stamp| image::take(path, stamp));
        let made = match left {
            Some(left) => left,
            None => index::load(&conn, connect_helpers(path))?,
        };
        index::replace(&index, made);
        let touched = Arc::new(Mutex::new(Touched::default()));
        let notes = Arc::clone(&touched);
        conn.update_hook(Some(move |_, _: &str, table: &str, row| {
            notes
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .note(table, row);
        }))?;
        Ok(Self {
            conn,
            index,
            touched,
            is_behind: false,
        })
    }

    /// One transaction; the index follows before anybody hears that it is committed.
    pub(super) fn write<T>(
        &mut self,
        work: impl FnOnce(&Write<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.touched().take();
        let tx = self
            .conn
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        let value = work(&Write::within(&tx, &self.index))?;
        tx.commit()?;
        let touched = self.touched().take();
        if let Err(error) = index::follow(&self.index, &self.conn, touched) {
            tracing::error!("the index is made anew: {error}");
            match index::load(&self.conn, Vec::new()) {
                Ok(fresh) => index::replace(&self.index, fresh),
                // It is committed all the same, and lists are right again after the next start.
                Err(error) => {
                    self.is_behind = true;
                    tracing::error!("the index could not be made: {error}");
                }
            }
        }
        Ok(value)
    }

    /// Makes the index anew from what is stored.
    pub(super) fn read_index(&mut self, path: &Path) -> Result<(), StoreError> {
        let fresh = index::load(&self.conn, connect_helpers(path))?;
        index::replace(&self.index, fresh);
        self.is_behind = false;
        Ok(())
    }

    /// Closes the database, and leaves the index beside it where it closed well.
    pub(super) fn close(self, path: &Path, health: &Health) {
        let _ = self.conn.execute_batch("PRAGMA optimize");
        // What was found damaged is checked at the next start.
        let is_well = !health.is_damaged() && meta::end_use(&self.conn).is_ok();
        drop(self.conn);
        if is_well && !self.is_behind {
            let index = self.index.read().unwrap_or_else(PoisonError::into_inner);
            image::leave(path, &index);
        }
    }

    /// The index forgets numbers of `terms` that are gone.
    pub(super) fn forget_terms(&self, numbers: &[u32]) {
        let mut index = self.index.write().unwrap_or_else(PoisonError::into_inner);
        index.forget_numbers(numbers);
    }

    fn touched(&self) -> MutexGuard<'_, Touched> {
        self.touched.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

//! The writer's side of the door: one transaction at a time, and the index in memory that follows it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use rusqlite::{Connection, TransactionBehavior};

use super::index::{self, Index, Touched};
use super::{StoreError, Write};

/// The one connection that writes, and what keeps the index in step with it.
pub(super) struct Writer {
    pub(super) conn: Connection,
    index: Arc<RwLock<Index>>,
    touched: Arc<Mutex<Touched>>,
}

impl Writer {
    pub(super) fn new(mut conn: Connection, index: Arc<RwLock<Index>>) -> Result<Self, StoreError> {
        index::replace(&index, index::load(&conn)?);
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
            match index::load(&self.conn) {
                Ok(fresh) => index::replace(&self.index, fresh),
                // It is committed all the same, and lists are right again after the next start.
                Err(error) => tracing::error!("the index could not be made: {error}"),
            }
        }
        Ok(value)
    }

    fn touched(&self) -> MutexGuard<'_, Touched> {
        self.touched.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

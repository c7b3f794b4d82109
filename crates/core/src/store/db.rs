//! The database's door: one writer thread with IMMEDIATE transactions, a few read-only readers.
//!
//! `db.write(|w| ...)` runs its closure on the writer thread inside one transaction, committed where
//! the closure returns `Ok` and rolled back otherwise; a caller that goes away does not cancel it.
//! `db.read(|r| ...)` runs on a blocking thread with a read-only connection and one snapshot.

use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use rusqlite::{CachedStatement, Connection, OpenFlags, TransactionBehavior};
use tokio::sync::{Semaphore, mpsc, oneshot};

use super::{StoreError, lock, migrate};

/// Readers that may be at work at once.
const READERS: usize = 4;
/// Writes that may wait for their turn.
const WAITING_WRITES: usize = 64;

type Job = Box<dyn FnOnce(&mut Connection) + Send>;

/// How a database is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Open {
    /// For reading and writing: takes the folder's lock, makes and migrates the file.
    Write,
    /// For reading beside another process: no lock, nothing is made or changed.
    ReadOnly,
}

/// An open database. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Db(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    path: PathBuf,
    writer: Mutex<Option<mpsc::Sender<Job>>>,
    readers: Mutex<Vec<Connection>>,
    permits: Arc<Semaphore>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

/// A snapshot to read from.
#[derive(Clone, Copy, Debug)]
pub struct Read<'a> {
    conn: &'a Connection,
}

/// A transaction to write in; it can read too.
#[derive(Clone, Copy, Debug)]
pub struct Write<'a> {
    read: Read<'a>,
}

impl<'a> Deref for Write<'a> {
    type Target = Read<'a>;

    fn deref(&self) -> &Self::Target {
        &self.read
    }
}

impl<'a> Read<'a> {
    /// A prepared statement. On a reader's connection SQLite itself refuses to write.
    pub(super) fn prepare(&self, sql: &str) -> Result<CachedStatement<'a>, StoreError> {
        Ok(self.conn.prepare_cached(sql)?)
    }
}

impl<'a> Write<'a> {
    /// Within a transaction that a migration began.
    pub(super) fn within(conn: &'a Connection) -> Self {
        Self {
            read: Read { conn },
        }
    }
}

impl Write<'_> {
    pub(super) fn execute(
        &self,
        sql: &str,
        params: impl rusqlite::Params,
    ) -> Result<usize, StoreError> {
        Ok(self.conn().prepare_cached(sql)?.execute(params)?)
    }

    pub(super) fn insert(
        &self,
        sql: &str,
        params: impl rusqlite::Params,
    ) -> Result<i64, StoreError> {
        Ok(self.conn().prepare_cached(sql)?.insert(params)?)
    }

    fn conn(&self) -> &Connection {
        self.read.conn
    }
}

impl Db {
    /// Opens the database at `path`.
    ///
    /// # Errors
    /// [`StoreError`] names the file and the way out; nothing was changed then.
    pub fn open(path: &Path, how: Open) -> Result<Self, StoreError> {
        let (writer, thread) = match how {
            Open::Write => {
                let lock = lock::acquire(path)?;
                create_private(path)?;
                let mut conn = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
                refuse_newer(&conn, path)?;
                migrate::migrate(&mut conn, path)?;
                let (sender, receiver) = mpsc::channel(WAITING_WRITES);
                let thread = std::thread::Builder::new()
                    .name("store-writer".into())
                    .spawn(move || write_loop(conn, receiver, lock))
                    .map_err(|source| StoreError::File {
                        attempt: "start the writer of",
                        path: path.to_owned(),
                        source,
                    })?;
                (Some(sender), Some(thread))
            }
            Open::ReadOnly => {
                let conn = connect_reader(path)?;
                refuse_newer(&conn, path)?;
                if migrate::version(&conn)? < migrate::newest() {
                    return Err(StoreError::Damaged {
                        path: path.to_owned(),
                        reason: "it is older than this version or empty; start Tocsin once".into(),
                    });
                }
                (None, None)
            }
        };
        Ok(Self(Arc::new(Inner {
            path: path.to_owned(),
            writer: Mutex::new(writer),
            readers: Mutex::new(Vec::new()),
            permits: Arc::new(Semaphore::new(READERS)),
            thread: Mutex::new(thread),
        })))
    }

    /// Where the file is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0.path
    }

    /// Closes the database once what is being read and written has ended: afterwards the file alone is
    /// whole, and another process may open it. Whoever asks later is told that it is closed.
    pub async fn close(&self) {
        let readers = u32::try_from(READERS).unwrap_or(u32::MAX);
        let Ok(all) = self.0.permits.acquire_many(readers).await else {
            return;
        };
        self.0.permits.close();
        drop(all);
        let inner = Arc::clone(&self.0);
        let _ = tokio::task::spawn_blocking(move || inner.end()).await;
    }

    /// Reads in one snapshot.
    ///
    /// # Errors
    /// What the closure returns, or that the store is closed.
    pub async fn read<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Read<'_>) -> Result<T, StoreError> + Send + 'static,
    {
        let permit = Arc::clone(&self.0.permits)
            .acquire_owned()
            .await
            .map_err(|_| StoreError::Closed)?;
        let inner = Arc::clone(&self.0);
        tokio::task::spawn_blocking(move || {
            let _permit = permit;
            let mut conn = match inner.take_reader() {
                Some(conn) => conn,
                None => connect_reader(&inner.path)?,
            };
            let result = read_in(&mut conn, work);
            inner.return_reader(conn);
            result
        })
        .await
        .map_err(|_| StoreError::Closed)?
    }

    /// Writes in one transaction: committed where the closure returns `Ok`.
    ///
    /// # Errors
    /// What the closure returns (then nothing was written), or that the store is closed or read-only.
    pub async fn write<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Write<'_>) -> Result<T, StoreError> + Send + 'static,
    {
        self.on_writer(|conn| write_in(conn, work)).await
    }

    async fn on_writer<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&mut Connection) -> Result<T, StoreError> + Send + 'static,
    {
        let writer = self.0.writer().clone().ok_or(StoreError::Closed)?;
        let (answer, answered) = oneshot::channel();
        writer
            .send(Box::new(move |conn| {
                let _ = answer.send(work(conn));
            }))
            .await
            .map_err(|_| StoreError::Closed)?;
        answered.await.map_err(|_| StoreError::Closed)?
    }
}

fn read_in<T>(
    conn: &mut Connection,
    work: impl FnOnce(&Read<'_>) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    let tx = conn.transaction()?;
    work(&Read { conn: &tx })
}

fn write_in<T>(
    conn: &mut Connection,
    work: impl FnOnce(&Write<'_>) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let value = work(&Write {
        read: Read { conn: &tx },
    })?;
    tx.commit()?;
    Ok(value)
}

fn write_loop(mut conn: Connection, mut jobs: mpsc::Receiver<Job>, _lock: lock::Lock) {
    while let Some(job) = jobs.blocking_recv() {
        // A panic in a closure must not end the writer: its transaction is rolled back by its drop.
        let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| job(&mut conn)));
        if outcome.is_err() {
            tracing::error!("a write panicked and was rolled back");
        }
    }
    let _ = conn.execute_batch("PRAGMA optimize");
}

impl Inner {
    fn take_reader(&self) -> Option<Connection> {
        self.readers
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .pop()
    }

    fn return_reader(&self, conn: Connection) {
        self.readers
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(conn);
    }
}

impl Inner {
    fn writer(&self) -> std::sync::MutexGuard<'_, Option<mpsc::Sender<Job>>> {
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for the writes that were asked for, so that an exit loses none. The writer closes last: the
    /// last one to close takes the write-ahead log into the file.
    fn end(&self) {
        self.readers
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
        drop(self.writer().take());
        let thread = self
            .thread
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let Some(thread) = thread
            && thread.thread().id() != std::thread::current().id()
        {
            let _ = thread.join();
        }
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.end();
    }
}

fn connect(path: &Path, access: OpenFlags) -> Result<Connection, StoreError> {
    let flags = access | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI;
    let conn = Connection::open_with_flags(path, flags)?;
    let set_up = || -> rusqlite::Result<()> {
        conn.busy_timeout(std::time::Duration::from_secs(5))?;
        conn.set_prepared_statement_cache_capacity(128);
        conn.execute_batch(
            "PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -16384;",
        )?;
        if access.contains(OpenFlags::SQLITE_OPEN_READ_WRITE) {
            // FULL: a commit is on the disk before its event is sent.
            conn.execute_batch(
                "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -65536;",
            )?;
        }
        Ok(())
    };
    set_up().map_err(|error| match error.sqlite_error_code() {
        Some(rusqlite::ErrorCode::NotADatabase | rusqlite::ErrorCode::DatabaseCorrupt) => {
            StoreError::Damaged {
                path: path.to_owned(),
                reason: error.to_string(),
            }
        }
        _ => error.into(),
    })?;
    Ok(conn)
}

fn connect_reader(path: &Path) -> Result<Connection, StoreError> {
    connect(path, OpenFlags::SQLITE_OPEN_READ_ONLY)
}

fn refuse_newer(conn: &Connection, path: &Path) -> Result<(), StoreError> {
    let found = migrate::version(conn)?;
    let known = migrate::newest();
    if found > known {
        return Err(StoreError::Newer {
            path: path.to_owned(),
            found,
            known,
        });
    }
    Ok(())
}

/// Makes the file with 0600 before SQLite opens it; the WAL takes the same mode.
pub(super) fn create_private(path: &Path) -> Result<(), StoreError> {
    let mut options = std::fs::OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
        .open(path)
        .map(drop)
        .map_err(|source| StoreError::File {
            attempt: "create",
            path: path.to_owned(),
            source,
        })
}

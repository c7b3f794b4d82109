//! The database's door: one writer thread with IMMEDIATE transactions, a few read-only readers.
//!
//! `db.write(|w| ...)` runs its closure on the writer thread inside one transaction, committed where
//! the closure returns `Ok` and rolled back otherwise; a caller that goes away does not cancel it.
//! `db.read(|r| ...)` runs on a blocking thread with a read-only connection and one snapshot.

use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard};
use std::thread::JoinHandle;

use rusqlite::{CachedStatement, Connection, OpenFlags, TransactionBehavior};
use tokio::sync::{Semaphore, mpsc, oneshot};

use super::index::{self, Index, Touched};
use super::{StoreError, lock, migrate};

/// Readers that may be at work at once.
const READERS: usize = 4;
/// Writes that may wait for their turn.
const WAITING_WRITES: usize = 64;

type Job = Box<dyn FnOnce(&mut Writer) + Send>;

/// The one connection that writes, and what keeps the index in step with it.
struct Writer {
    conn: Connection,
    index: Arc<RwLock<Index>>,
    touched: Arc<Mutex<Touched>>,
}

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
    index: Arc<RwLock<Index>>,
    /// Tells a reader beside another process that the other one wrote.
    beside: Option<Mutex<Beside>>,
    writer: Mutex<Option<mpsc::Sender<Job>>>,
    readers: Mutex<Vec<Connection>>,
    permits: Arc<Semaphore>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

/// A connection that only asks whether somebody else has written since.
#[derive(Debug)]
struct Beside {
    conn: Connection,
    seen: i64,
}

/// A snapshot to read from.
#[derive(Clone, Copy, Debug)]
pub struct Read<'a> {
    conn: &'a Connection,
    index: &'a RwLock<Index>,
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
    /// The index in memory: what was committed last, which may be newer than this snapshot.
    pub(super) fn index(&self) -> RwLockReadGuard<'a, Index> {
        self.index.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// A prepared statement. On a reader's connection SQLite itself refuses to write.
    pub(super) fn prepare(&self, sql: &str) -> Result<CachedStatement<'a>, StoreError> {
        #[cfg(test)]
        super::plan_tests::note(sql);
        Ok(self.conn.prepare_cached(sql)?)
    }
}

impl<'a> Write<'a> {
    /// Within a transaction that a migration began; there is no index yet.
    pub(super) fn within(conn: &'a Connection, index: &'a RwLock<Index>) -> Self {
        Self {
            read: Read { conn, index },
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
        let (index, beside, writer, thread) = match how {
            Open::Write => {
                let lock = lock::acquire(path)?;
                create_private(path)?;
                let mut conn = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
                refuse_newer(&conn, path)?;
                migrate::migrate(&mut conn, path)?;
                let writer = Writer::new(conn)?;
                let index = Arc::clone(&writer.index);
                let (sender, receiver) = mpsc::channel(WAITING_WRITES);
                let thread = std::thread::Builder::new()
                    .name("store-writer".into())
                    .spawn(move || write_loop(writer, receiver, lock))
                    .map_err(|source| StoreError::File {
                        attempt: "start the writer of",
                        path: path.to_owned(),
                        source,
                    })?;
                (index, None, Some(sender), Some(thread))
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
                let seen = data_version(&conn)?;
                let index = Arc::new(RwLock::new(index::load(&conn)?));
                (index, Some(Mutex::new(Beside { conn, seen })), None, None)
            }
        };
        Ok(Self(Arc::new(Inner {
            path: path.to_owned(),
            index,
            beside,
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
            inner.look_beside()?;
            let result = read_in(&mut conn, &inner.index, work);
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
        self.on_writer(|writer| writer.write(work)).await
    }

    async fn on_writer<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&mut Writer) -> Result<T, StoreError> + Send + 'static,
    {
        let writer = self.0.writer().clone().ok_or(StoreError::Closed)?;
        let (answer, answered) = oneshot::channel();
        writer
            .send(Box::new(move |writer| {
                let _ = answer.send(work(writer));
            }))
            .await
            .map_err(|_| StoreError::Closed)?;
        answered.await.map_err(|_| StoreError::Closed)?
    }
}

/// Reads on this thread, with a connection of its own.
#[cfg(test)]
pub(super) fn read_here<T>(
    path: &Path,
    work: impl FnOnce(&Read<'_>, &Connection) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    let conn = connect_reader(path)?;
    let index = RwLock::new(index::load(&conn)?);
    let read = Read {
        conn: &conn,
        index: &index,
    };
    work(&read, &conn)
}

fn read_in<T>(
    conn: &mut Connection,
    index: &RwLock<Index>,
    work: impl FnOnce(&Read<'_>) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    let tx = conn.transaction()?;
    work(&Read { conn: &tx, index })
}

impl Writer {
    fn new(mut conn: Connection) -> Result<Self, StoreError> {
        let index = Arc::new(RwLock::new(index::load(&conn)?));
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
    fn write<T>(
        &mut self,
        work: impl FnOnce(&Write<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.touched().take();
        let tx = self
            .conn
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        let value = work(&Write {
            read: Read {
                conn: &tx,
                index: &self.index,
            },
        })?;
        tx.commit()?;
        let touched = self.touched().take();
        let mut index = self.index.write().unwrap_or_else(PoisonError::into_inner);
        if let Err(error) = index::apply(&mut index, &self.conn, touched) {
            tracing::error!("the index is made anew: {error}");
            *index = index::load(&self.conn)?;
        }
        Ok(value)
    }

    fn touched(&self) -> std::sync::MutexGuard<'_, Touched> {
        self.touched.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn write_loop(mut writer: Writer, mut jobs: mpsc::Receiver<Job>, _lock: lock::Lock) {
    while let Some(job) = jobs.blocking_recv() {
        // A panic in a closure must not end the writer: its transaction is rolled back by its drop.
        let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| job(&mut writer)));
        if outcome.is_err() {
            tracing::error!("a write panicked and was rolled back");
        }
    }
    let _ = writer.conn.execute_batch("PRAGMA optimize");
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
    /// Makes the index anew where another process has written.
    fn look_beside(&self) -> Result<(), StoreError> {
        let Some(beside) = &self.beside else {
            return Ok(());
        };
        let mut beside = beside.lock().unwrap_or_else(PoisonError::into_inner);
        let now = data_version(&beside.conn)?;
        if now != beside.seen {
            beside.seen = now;
            let fresh = index::load(&beside.conn)?;
            *self.index.write().unwrap_or_else(PoisonError::into_inner) = fresh;
        }
        Ok(())
    }

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

/// A number that changes when another connection commits.
fn data_version(conn: &Connection) -> rusqlite::Result<i64> {
    conn.pragma_query_value(None, "data_version", |row| row.get(0))
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

//! The database's door: one writer thread with IMMEDIATE transactions, a few read-only readers.
//!
//! `db.write(|w| ...)` runs its closure on the writer thread inside one transaction, committed where
//! the closure returns `Ok` and rolled back otherwise; a caller that goes away does not cancel it.
//! `db.read(|r| ...)` runs on a blocking thread with a read-only connection and one snapshot.

use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard};
use std::thread::JoinHandle;

use rusqlite::{CachedStatement, Connection, OptionalExtension};
use tokio::sync::{Semaphore, mpsc, oneshot, watch};

use super::connect::{Beside, connect_reader, data_version, refuse_newer};
use super::health::{Health, Trouble};
use super::index::{self, Index};
use super::open::open_writer;
use super::writer::Writer;
use super::{StoreError, backup, files, lock, migrate, replace, salvage};

/// Readers that may be at work at once.
const READERS: usize = 4;
/// Writes that may wait for their turn.
const WAITING_WRITES: usize = 64;

/// Of a reader whose answers are no answers of the index.
const NEVER_CURRENT: u64 = u64::MAX;

type Job = Box<dyn FnOnce(&mut Writer) + Send>;

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
pub(super) struct Inner {
    pub(super) path: PathBuf,
    index: Arc<RwLock<Index>>,
    /// Tells a reader beside another process that the other one wrote.
    beside: Mutex<Option<Beside>>,
    writer: Mutex<Option<mpsc::Sender<Job>>>,
    readers: Mutex<Vec<Connection>>,
    permits: Arc<Semaphore>,
    thread: Mutex<Option<JoinHandle<()>>>,
    /// Why the file is not open, where it is damaged.
    damage: Mutex<Option<String>>,
    pub(super) health: Health,
    lock: Mutex<Option<lock::Lock>>,
}

/// A snapshot to read from.
#[derive(Clone, Copy, Debug)]
pub struct Read<'a> {
    conn: &'a Connection,
    index: &'a RwLock<Index>,
    /// The index that this snapshot goes with.
    pub(super) generation: u64,
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
    /// Within a transaction. It sees what is not committed yet, which is no state of the index.
    pub(super) fn within(conn: &'a Connection, index: &'a RwLock<Index>) -> Self {
        Self {
            read: Read {
                conn,
                index,
                generation: NEVER_CURRENT,
            },
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
        if how == Open::Write {
            let db = Self::open_or_hold(path)?;
            return match db.damage() {
                Some(damage) => Err(damage),
                None => Ok(db),
            };
        }
        let path = &files::real(path);
        let checked = connect_reader(path).and_then(|conn| {
            refuse_newer(&conn, path)?;
            if migrate::version(&conn)? < migrate::newest() {
                return Err(StoreError::Older {
                    path: path.to_owned(),
                });
            }
            let db = Self::of(path, None);
            db.0.read_beside(conn)?;
            Ok(db)
        });
        checked.map_err(|error| error.at(path))
    }

    /// Opens the database at `path` for writing. A damaged one is held, unopened and untouched, until
    /// another takes its place: [`Db::damage`] says why, and so does all reading and writing.
    ///
    /// # Errors
    /// [`StoreError`] names the file and the way out; nothing was changed then.
    pub fn open_or_hold(path: &Path) -> Result<Self, StoreError> {
        let path = &files::real(path);
        let lock = lock::acquire(path)?;
        replace::finish(path)?;
        salvage::remove_remains(path)?;
        backup::remove_unfinished(path);
        let db = Self::of(path, Some(lock));
        match db.0.start() {
            Ok(()) => Ok(db),
            Err(StoreError::Damaged { reason, .. }) => {
                db.0.set_damage(Some(reason));
                Ok(db)
            }
            Err(error) => Err(error),
        }
    }

    fn of(path: &Path, lock: Option<lock::Lock>) -> Self {
        Self(Arc::new(Inner {
            path: path.to_owned(),
            index: Arc::default(),
            beside: Mutex::new(None),
            writer: Mutex::new(None),
            readers: Mutex::new(Vec::new()),
            permits: Arc::new(Semaphore::new(READERS)),
            thread: Mutex::new(None),
            damage: Mutex::new(None),
            health: Health::default(),
            lock: Mutex::new(lock),
        }))
    }

    /// Why the database is held and not open; `None` where it is open.
    #[must_use]
    pub fn damage(&self) -> Option<StoreError> {
        self.0.damage()
    }

    /// What the open database suffers from, now and from now on.
    #[must_use]
    pub fn trouble(&self) -> watch::Receiver<Option<Trouble>> {
        self.0.health.listen()
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
        let _ = tokio::task::spawn_blocking(move || {
            inner.end();
            inner.unlock();
        })
        .await;
    }

    /// Waits until nobody reads, keeps everybody out and hands the inside to `work` on a blocking thread,
    /// where it is done to the end even if nobody waits for it.
    pub(super) async fn alone<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Inner) -> Result<T, StoreError> + Send + 'static,
    {
        let readers = u32::try_from(READERS).unwrap_or(u32::MAX);
        let all = Arc::clone(&self.0.permits).acquire_many_owned(readers);
        let all = all.await.map_err(|_| StoreError::Closed)?;
        let inner = Arc::clone(&self.0);
        tokio::task::spawn_blocking(move || {
            let _all = all;
            work(&inner)
        })
        .await
        .map_err(|_| StoreError::Closed)?
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
            if let Some(damage) = inner.damage() {
                return Err(damage);
            }
            let mut conn = match inner.take_reader() {
                Some(conn) => conn,
                None => connect_reader(&inner.path)?,
            };
            inner.look_beside()?;
            let result =
                read_in(&mut conn, &inner.index, work).map_err(|error| error.at(&inner.path));
            inner.return_reader(conn);
            inner.health.note(&result, false);
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
        self.on_thread(|writer| writer.write(work)).await
    }

    /// Does something with the writer's connection, outside of a transaction. Alerts are changed in
    /// [`Db::write`] only: the index follows those.
    pub(super) async fn on_writer<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&mut Connection) -> Result<T, StoreError> + Send + 'static,
    {
        self.on_thread(|writer| work(&mut writer.conn)).await
    }

    /// Does something on the writer's thread, outside of a transaction.
    pub(super) async fn on_thread<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&mut Writer) -> Result<T, StoreError> + Send + 'static,
    {
        if let Some(damage) = self.damage() {
            return Err(damage);
        }
        let writer = self.0.writer().clone().ok_or(StoreError::Closed)?;
        let (answer, answered) = oneshot::channel();
        let (path, health) = (self.0.path.clone(), self.0.health.clone());
        writer
            .send(Box::new(move |writer| {
                let before = writer.conn.total_changes();
                let result = work(writer).map_err(|error| error.at(&path));
                health.note(&result, writer.conn.total_changes() != before);
                let _ = answer.send(result);
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
    let index = RwLock::new(index::load(&conn, Vec::new())?);
    let read = Read {
        conn: &conn,
        index: &index,
        generation: 0,
    };
    work(&read, &conn)
}

fn read_in<T>(
    conn: &mut Connection,
    index: &RwLock<Index>,
    work: impl FnOnce(&Read<'_>) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    let tx = conn.transaction()?;
    let generation = {
        // No commit is followed meanwhile: the snapshot is of this state of the index or a newer one.
        let index = index.read().unwrap_or_else(PoisonError::into_inner);
        tx.query_row("SELECT 1 FROM sqlite_schema LIMIT 1", [], |_| Ok(()))
            .optional()?;
        index.generation()
    };
    work(&Read {
        conn: &tx,
        index,
        generation,
    })
}

fn write_loop(mut writer: Writer, mut jobs: mpsc::Receiver<Job>, path: &Path, health: &Health) {
    while let Some(job) = jobs.blocking_recv() {
        // A panic in a closure must not end the writer: its transaction is rolled back by its drop.
        let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| job(&mut writer)));
        if outcome.is_err() {
            tracing::error!("a write panicked and was rolled back");
        }
    }
    writer.close(path, health);
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
    /// Reads beside another process that writes.
    fn read_beside(&self, conn: Connection) -> Result<(), StoreError> {
        let seen = data_version(&conn)?;
        self.set_index(index::load(&conn, Vec::new())?);
        *self.beside.lock().unwrap_or_else(PoisonError::into_inner) = Some(Beside { conn, seen });
        Ok(())
    }

    /// Makes the index anew where another process has written.
    fn look_beside(&self) -> Result<(), StoreError> {
        let mut beside = self.beside.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(beside) = &mut *beside else {
            return Ok(());
        };
        let now = data_version(&beside.conn)?;
        if now != beside.seen {
            let snapshot = beside.conn.unchecked_transaction()?;
            let fresh = index::load(&snapshot, Vec::new())?;
            drop(snapshot);
            beside.seen = now;
            self.set_index(fresh);
        }
        Ok(())
    }

    fn set_index(&self, fresh: Index) {
        index::replace(&self.index, fresh);
    }

    /// Opens the file and starts its writer.
    pub(super) fn start(&self) -> Result<(), StoreError> {
        let writer = open_writer(&self.path)
            .and_then(|opened| Writer::new(opened, &self.path, Arc::clone(&self.index)))
            .map_err(|error| error.at(&self.path))?;
        let (sender, receiver) = mpsc::channel(WAITING_WRITES);
        let (path, health) = (self.path.clone(), self.health.clone());
        let thread = std::thread::Builder::new()
            .name("store-writer".into())
            .spawn(move || write_loop(writer, receiver, &path, &health))
            .map_err(files::failed("start the writer of", &self.path))?;
        *self.writer() = Some(sender);
        *self.thread.lock().unwrap_or_else(PoisonError::into_inner) = Some(thread);
        Ok(())
    }

    pub(super) fn damage(&self) -> Option<StoreError> {
        let damage = self.damage.lock().unwrap_or_else(PoisonError::into_inner);
        damage.as_ref().map(|reason| StoreError::Damaged {
            path: self.path.clone(),
            reason: reason.clone(),
        })
    }

    pub(super) fn set_damage(&self, reason: Option<String>) {
        *self.damage.lock().unwrap_or_else(PoisonError::into_inner) = reason;
    }

    /// Lets another process have the folder.
    fn unlock(&self) {
        drop(
            self.lock
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .take(),
        );
    }

    fn writer(&self) -> std::sync::MutexGuard<'_, Option<mpsc::Sender<Job>>> {
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for the writes that were asked for, so that an exit loses none. The writer closes last: the
    /// last one to close takes the write-ahead log into the file.
    pub(super) fn end(&self) {
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

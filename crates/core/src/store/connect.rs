//! Connections to the file, and what is asked of it before it is used.

use std::path::Path;

use rusqlite::{Connection, OpenFlags};

use super::{StoreError, files, migrate};

/// A connection that only asks whether somebody else has written since.
#[derive(Debug)]
pub(super) struct Beside {
    pub(super) conn: Connection,
    pub(super) seen: i64,
}

pub(super) fn connect(path: &Path, access: OpenFlags) -> Result<Connection, StoreError> {
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
            // The log goes into the file by 64 MiB: a page of NVD's touches the same pages of the search
            // index as the one before it.
            conn.execute_batch(
                "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -65536; PRAGMA wal_autocheckpoint = 16384; PRAGMA journal_size_limit = 67108864;",
            )?;
        }
        Ok(())
    };
    set_up().map_err(|error| StoreError::from(error).at(path))?;
    Ok(conn)
}

pub(super) fn connect_reader(path: &Path) -> Result<Connection, StoreError> {
    connect(path, OpenFlags::SQLITE_OPEN_READ_ONLY)
}

/// Connections that help to read a large file at a start, one a core but this thread's; none where the file
/// is read at once anyway.
pub(super) fn connect_helpers(path: &Path) -> Vec<Connection> {
    const LARGE_BYTES: u64 = 32 * 1024 * 1024;
    const MOST: usize = 3;
    if files::size(path) < LARGE_BYTES {
        return Vec::new();
    }
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    (0..MOST.min(cores - 1))
        .filter_map(|_| connect_reader(path).ok())
        .collect()
}

/// A number that changes when another connection commits.
pub(super) fn data_version(conn: &Connection) -> rusqlite::Result<i64> {
    conn.pragma_query_value(None, "data_version", |row| row.get(0))
}

pub(super) fn refuse_newer(conn: &Connection, path: &Path) -> Result<(), StoreError> {
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

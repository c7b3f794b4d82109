//! What is checked before a file is opened for writing: that it is ours, that it is whole where the last
//! session did not end well, and that nothing of it is missing.

use std::path::Path;

use rusqlite::{Connection, OpenFlags};

use super::connect::{connect, refuse_newer};
use super::image::Stamp;
use super::{StoreError, files, meta, migrate};

/// A file that is open for writing.
pub(super) struct Opened {
    pub conn: Connection,
    /// The file as it was found, where the last session ended well.
    pub stamp: Option<Stamp>,
}

/// Opens the file for writing: checks it, makes or migrates it, and notes that a session began.
pub(super) fn open_writer(path: &Path) -> Result<Opened, StoreError> {
    refuse_lone_log(path)?;
    let mut stamp = Stamp::of(path);
    files::create_private(path)?;
    let mut conn = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    refuse_newer(&conn, path)?;
    refuse_foreign(&conn, path)?;
    // Reading all of a large file takes seconds: only where the last session did not end well.
    if meta::is_in_use(&conn)? {
        tracing::info!("the last session did not end well; the database is checked");
        check_quickly(&conn, path)?;
        stamp = None;
    }
    if migrate::version(&conn)? != migrate::newest() {
        stamp = None;
    }
    migrate::migrate(&mut conn, path)?;
    if let Err(error) = meta::begin_use(&conn) {
        // A full disk must not keep what is stored from being read.
        tracing::warn!("the session could not be noted: {error}");
    }
    Ok(Opened { conn, stamp })
}

/// A database of another program, or a text with SQLite's header, is not filled with our tables.
fn refuse_foreign(conn: &Connection, path: &Path) -> Result<(), StoreError> {
    let application: i64 = conn.pragma_query_value(None, "application_id", |row| row.get(0))?;
    let tables: i64 = conn.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    let is_foreign = (application != 0 && application != migrate::APPLICATION_ID)
        || (migrate::version(conn)? == 0 && tables > 0);
    if is_foreign {
        return Err(StoreError::Damaged {
            path: path.to_owned(),
            reason: "it is the database of another program".into(),
        });
    }
    Ok(())
}

/// SQLite throws a log away whose database is missing or empty, and with it what was stored last.
fn refuse_lone_log(path: &Path) -> Result<(), StoreError> {
    if files::size(path) == 0 && files::size(&files::beside(path, files::LOG)) > 0 {
        return Err(StoreError::Damaged {
            path: path.to_owned(),
            reason: "it is missing or empty, but its log is there".into(),
        });
    }
    Ok(())
}

fn check_quickly(conn: &Connection, path: &Path) -> Result<(), StoreError> {
    let found: String = conn.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    if found == "ok" {
        return Ok(());
    }
    Err(StoreError::Damaged {
        path: path.to_owned(),
        reason: found.lines().last().unwrap_or_default().to_owned(),
    })
}

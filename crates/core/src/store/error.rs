//! What can go wrong with the database, said so that the user knows what to do.

use std::path::{Path, PathBuf};

use crate::error::Fault;

/// A failure of the store.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The file was written by a newer version.
    #[error(
        "{path} was written by a newer Tocsin (format {found}, this one knows {known}). Update Tocsin, or start it with another --data-dir."
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its format.
        found: i64,
        /// The newest format that is known here.
        known: i64,
    },
    /// The file is empty, or of an older format that only a writer brings up to date.
    #[error(
        "{path} is empty or was written by an older Tocsin. Start Tocsin once, or run: tocsind collect. It is brought up to date then, after a backup."
    )]
    Older {
        /// The file.
        path: PathBuf,
    },
    /// Another process has the data folder.
    #[error("{path} is in use by another Tocsin{}. Close that one first.", holder.as_ref().map(|h| format!(" (process {h})")).unwrap_or_default())]
    Locked {
        /// The database.
        path: PathBuf,
        /// The process that holds it, where known.
        holder: Option<String>,
    },
    /// The file is not a database or is damaged.
    #[error(
        "{path} is damaged or not a Tocsin database: {reason}. Nothing was changed. Restore a backup, save what can still be read, or begin anew; the damaged file is kept in each case."
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What SQLite says.
        reason: String,
    },
    /// The file could not be brought to the format of this version.
    #[error(
        "{path} could not be made ready for this version of Tocsin ({step}: {reason}). The file is as it was; go back to the version before, or move it away."
    )]
    NotMigrated {
        /// The file.
        path: PathBuf,
        /// The step that failed.
        step: &'static str,
        /// Why.
        reason: String,
    },
    /// A file operation failed.
    #[error("could not {attempt} {path}: {source}")]
    File {
        /// What was attempted.
        attempt: &'static str,
        /// On what.
        path: PathBuf,
        /// Why it failed.
        source: std::io::Error,
    },
    /// The disk is full.
    #[error(
        "the disk that holds the database is full or cannot be written. Free some space; nothing that was stored is lost, and work goes on by itself."
    )]
    DiskFull,
    /// A statement failed.
    #[error("the database refused an operation: {0}")]
    Sqlite(rusqlite::Error),
    /// What is stored cannot be read.
    #[error("a stored {what} cannot be read: {reason}")]
    Unreadable {
        /// Which kind of thing.
        what: &'static str,
        /// Why.
        reason: String,
    },
    /// The store was closed.
    #[error("the database is closed")]
    Closed,
    /// Something above the store refused, within its transaction.
    #[error("{0}")]
    Refused(Fault),
}

/// Extended codes of failed writes: a quota, a network disk or a thin volume that is full says these
/// instead of SQLITE_FULL. (SQLITE_IOERR_WRITE, _FSYNC, _TRUNCATE, _SHMSIZE.)
const WRITE_FAILED: [i32; 4] = [778, 1034, 1546, 4874];

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode::{DatabaseCorrupt, DiskFull, NotADatabase};
        let extended = error.sqlite_error().map(|e| e.extended_code);
        match error.sqlite_error_code() {
            Some(DiskFull) => Self::DiskFull,
            Some(_) if extended.is_some_and(|code| WRITE_FAILED.contains(&code)) => Self::DiskFull,
            Some(DatabaseCorrupt | NotADatabase) => Self::Damaged {
                path: PathBuf::new(),
                reason: error.to_string(),
            },
            _ => Self::Sqlite(error),
        }
    }
}

impl From<rusqlite::types::FromSqlError> for StoreError {
    fn from(error: rusqlite::types::FromSqlError) -> Self {
        Self::Sqlite(error.into())
    }
}

impl StoreError {
    /// Names the file, where a statement found it damaged and did not know which it was.
    pub(super) fn at(mut self, file: &Path) -> Self {
        if let Self::Damaged { path, .. } = &mut self
            && path.as_os_str().is_empty()
        {
            file.clone_into(path);
        }
        self
    }
}

impl From<Fault> for StoreError {
    fn from(fault: Fault) -> Self {
        Self::Refused(fault)
    }
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        let code = match &error {
            StoreError::Refused(fault) => return fault.clone(),
            StoreError::Newer { .. } => "database_newer",
            StoreError::Older { .. } => "database_older",
            StoreError::Locked { .. } => "database_locked",
            StoreError::Damaged { .. } => "database_damaged",
            StoreError::NotMigrated { .. } => "database_not_migrated",
            StoreError::File { .. } => "database_file",
            StoreError::DiskFull => "disk_full",
            StoreError::Sqlite(_) | StoreError::Unreadable { .. } => "database_failed",
            StoreError::Closed => "database_closed",
        };
        let fault = Fault::new(code, error.to_string());
        match &error {
            StoreError::Damaged { path, reason } => {
                fault.with("path", path.display()).with("reason", reason)
            }
            StoreError::Newer { path, .. }
            | StoreError::Older { path }
            | StoreError::Locked { path, .. } => fault.with("path", path.display()),
            StoreError::File { path, source, .. } => {
                fault.with("path", path.display()).with("reason", source)
            }
            _ => fault,
        }
    }
}

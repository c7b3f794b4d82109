//! What can go wrong with the database, said so that the user knows what to do.

use std::path::PathBuf;

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
        "{path} is damaged or not a Tocsin database: {reason}. Nothing was changed; move it away or restore a backup."
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
        "the disk that holds the database is full. Free some space; nothing that was stored is lost."
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

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(rusqlite::ErrorCode::DiskFull) => Self::DiskFull,
            _ => Self::Sqlite(error),
        }
    }
}

impl From<rusqlite::types::FromSqlError> for StoreError {
    fn from(error: rusqlite::types::FromSqlError) -> Self {
        Self::Sqlite(error.into())
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
            StoreError::Locked { .. } => "database_locked",
            StoreError::Damaged { .. } => "database_damaged",
            StoreError::NotMigrated { .. } => "database_not_migrated",
            StoreError::File { .. } => "database_file",
            StoreError::DiskFull => "disk_full",
            StoreError::Sqlite(_) | StoreError::Unreadable { .. } => "database_failed",
            StoreError::Closed => "database_closed",
        };
        Fault::new(code, error.to_string())
    }
}

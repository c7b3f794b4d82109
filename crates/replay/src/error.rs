//! What can go wrong when a replay is started or fed. Answers over HTTP and SMTP never use it: there a fault is
//! part of what is replayed.

use std::io;
use std::path::PathBuf;

/// Why a replay could not be started, or material could not be added to it.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The corpus folder, or a folder in it, could not be listed.
    #[error("cannot read the corpus folder {path}: {source}")]
    Corpus {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A loopback port could not be bound, or a thread could not be started.
    #[error("cannot start {what}: {source}")]
    Start {
        /// The server that was to start.
        what: &'static str,
        /// What the system said.
        source: io::Error,
    },
    /// The mail sink's certificate could not be made.
    #[error("cannot make the mail sink's certificate: {0}")]
    Certificate(String),
    /// A record given to `put_nvd` is not an NVD record.
    #[error("not an NVD record: {0}")]
    Record(String),
}

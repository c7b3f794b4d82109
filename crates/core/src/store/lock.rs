//! One process writes a data folder. The lock is the system's file lock on a small file beside the
//! database, so a crash releases it; the holder's process number is written into it for people.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};

use super::StoreError;

/// Held as long as this process may write the database.
#[derive(Debug)]
pub(super) struct Lock {
    file: File,
}

impl Drop for Lock {
    /// Says so instead of leaving it to the file's end: a process that is being started beside us holds the file,
    /// too, until it has become another program.
    fn drop(&mut self) {
        let _ = self.file.unlock();
    }
}

pub(super) fn acquire(database: &Path) -> Result<Lock, StoreError> {
    let path = lock_path(database);
    let file_error = |attempt| {
        let path = path.clone();
        move |source| StoreError::File {
            attempt,
            path,
            source,
        }
    };
    let mut file = options().open(&path).map_err(file_error("open"))?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let mut holder = String::new();
            let _ = file.read_to_string(&mut holder);
            let holder = holder.trim();
            return Err(StoreError::Locked {
                path: database.to_owned(),
                holder: (!holder.is_empty()).then(|| holder.to_owned()),
            });
        }
        Err(TryLockError::Error(source)) => return Err(file_error("lock")(source)),
    }
    // The number is for people only; the lock holds without it.
    let _ = file.set_len(0);
    let _ = file.rewind();
    let _ = write!(file, "{}", std::process::id());
    Ok(Lock { file })
}

fn lock_path(database: &Path) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push(".lock");
    PathBuf::from(name)
}

fn options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

//! The database's files: the file itself, its write-ahead log, and what lies beside them. Everything here
//! is for this user alone (0600) and is on the disk when a function returns.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use super::StoreError;

/// What SQLite puts beside a database. The log holds what is not in the file yet.
pub(super) const LOG: &str = "-wal";
/// The index as it was when the database was closed (`image.rs`).
pub(super) const IMAGE: &str = "-index";
const SHARED_MEMORY: &str = "-shm";
const JOURNAL: &str = "-journal";

/// `path` with something behind its name.
pub(super) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// Where a symbolic link leads: the log is beside the file itself, and so is what takes its place.
pub(super) fn real(path: &Path) -> PathBuf {
    match fs::read_link(path) {
        Ok(_) => path.canonicalize().unwrap_or_else(|_| path.to_owned()),
        Err(_) => path.to_owned(),
    }
}

/// The folder that holds a file.
pub(super) fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(dir) if !dir.as_os_str().is_empty() => dir,
        _ => Path::new("."),
    }
}

/// A failure, with what was attempted on what.
pub(super) fn failed(
    attempt: &'static str,
    path: &Path,
) -> impl FnOnce(io::Error) -> StoreError + use<> {
    let path = path.to_owned();
    move |source| match source.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => StoreError::DiskFull,
        _ => StoreError::File {
            attempt,
            path,
            source,
        },
    }
}

/// Makes the file with 0600 where there is none; SQLite gives its log the same mode.
pub(super) fn create_private(path: &Path) -> Result<(), StoreError> {
    options(false)
        .open(path)
        .map(drop)
        .map_err(failed("create", path))
}

/// Makes a new file with 0600; one that is there is an error.
pub(super) fn create_new(path: &Path) -> Result<File, StoreError> {
    options(true).open(path).map_err(failed("create", path))
}

fn options(new: bool) -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true).truncate(false);
    if new {
        options.create_new(true);
    } else {
        options.create(true);
    }
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Makes a folder for this user alone (0700).
pub(super) fn create_dir(dir: &Path) -> Result<(), StoreError> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(dir).map_err(failed("make the folder", dir))
}

/// Copies a file to a new one (0600), down to the disk.
pub(super) fn copy(from: &Path, to: &Path) -> Result<(), StoreError> {
    let mut source = File::open(from).map_err(failed("read", from))?;
    let mut target = create_new(to)?;
    io::copy(&mut source, &mut target).map_err(failed("write", to))?;
    target.sync_all().map_err(failed("write", to))
}

/// Gives a file a second name, or copies it where the file system has no second names.
pub(super) fn keep(from: &Path, to: &Path) -> Result<(), StoreError> {
    match fs::hard_link(from, to) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            Err(failed("keep a copy at", to)(error))
        }
        Err(_) => copy(from, to),
    }
}

/// Removes a file; that it is not there is fine.
pub(super) fn remove(path: &Path) -> Result<(), StoreError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(failed("remove", path)(error)),
        _ => Ok(()),
    }
}

/// Removes what was left beside a database that is no longer there.
pub(super) fn remove_company(path: &Path) -> Result<(), StoreError> {
    for suffix in [LOG, SHARED_MEMORY, JOURNAL, IMAGE] {
        remove(&beside(path, suffix))?;
    }
    Ok(())
}

/// Removes a database with all that is beside it.
pub(super) fn remove_whole(path: &Path) -> Result<(), StoreError> {
    remove(path)?;
    remove_company(path)
}

/// Brings a file's content to the disk.
pub(super) fn sync(path: &Path) -> Result<(), StoreError> {
    File::open(path)
        .and_then(|file| file.sync_all())
        .map_err(failed("write", path))
}

/// Brings names that were made or removed in a folder to the disk. Not every system lets one open a folder.
pub(super) fn sync_dir(dir: &Path) {
    if let Ok(folder) = File::open(dir) {
        let _ = folder.sync_all();
    }
}

/// Bytes of a file; 0 where there is none.
pub(super) fn size(path: &Path) -> u64 {
    fs::metadata(path).map_or(0, |m| m.len())
}

/// Bytes that this user may still write to the disk that holds a path, where the system tells.
pub(super) fn free_bytes(path: &Path) -> Option<u64> {
    #[cfg(unix)]
    {
        let found = rustix::fs::statvfs(folder_of(path)).ok()?;
        found.f_bavail.checked_mul(found.f_frsize)
    }
    #[cfg(not(unix))]
    {
        let _ = path;
        None
    }
}

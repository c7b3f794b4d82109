//! Writing a user's file so that it is either the old one or the new one, never half of either, and
//! readable by this user alone.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::error::Fault;

static WRITING: Mutex<()> = Mutex::new(());
static NUMBER: AtomicU32 = AtomicU32::new(0);

/// Held while a file is read, changed and written: edits of this process follow one another.
pub(crate) fn lock() -> MutexGuard<'static, ()> {
    WRITING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The bytes of a file; `None` where there is none.
///
/// # Errors
/// `file_unreadable`.
pub(crate) fn read(path: &Path) -> Result<Option<Vec<u8>>, Fault> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(e) => Err(Fault::new(
            "file_unreadable",
            format!("{} cannot be read: {e}.", path.display()),
        )
        .with("file", path.display())
        .with("reason", e)),
    }
}

/// Replaces a file's content: a new file beside it, flushed, then renamed over it (0600). A symbolic
/// link stays one: what it points to is replaced.
///
/// # Errors
/// `file_not_written`.
pub(crate) fn write(path: &Path, content: &[u8]) -> Result<(), Fault> {
    let target = target_of(path);
    write_beside(&target, content).map_err(|e| {
        Fault::new(
            "file_not_written",
            format!("{} cannot be written: {e}.", target.display()),
        )
        .with("file", target.display())
        .with("reason", e)
    })
}

/// Makes a folder and those above it, for this user alone (0700). One that is there stays as it is.
///
/// # Errors
/// `folder_not_made`.
pub(crate) fn create_dir(dir: &Path) -> Result<(), Fault> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(dir).map_err(|e| {
        Fault::new(
            "folder_not_made",
            format!("The folder {} cannot be made: {e}.", dir.display()),
        )
        .with("folder", dir.display())
        .with("reason", e)
    })
}

/// Where a path leads through symbolic links, also when the last one points to nothing yet.
fn target_of(path: &Path) -> PathBuf {
    let mut target = path.to_owned();
    for _ in 0..16 {
        match fs::read_link(&target) {
            Ok(link) if link.is_absolute() => target = link,
            Ok(link) => target = target.parent().map_or(link.clone(), |dir| dir.join(&link)),
            Err(_) => break,
        }
    }
    target
}

fn write_beside(target: &Path, content: &[u8]) -> io::Result<()> {
    let dir = target.parent().filter(|p| !p.as_os_str().is_empty());
    let dir = dir.unwrap_or(Path::new("."));
    if !dir.exists() {
        create_dir(dir).map_err(|fault| io::Error::other(fault.message))?;
    }
    let name = target.file_name().unwrap_or_default().to_string_lossy();
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let beside = dir.join(format!(".{name}.{}-{number}.tmp", std::process::id()));
    let written = write_new(&beside, content).and_then(|()| fs::rename(&beside, target));
    if written.is_err() {
        let _ = fs::remove_file(&beside);
        return written;
    }
    // The rename itself reaches the disk with the folder. Not every system lets one open a folder.
    if let Ok(folder) = File::open(dir) {
        let _ = folder.sync_all();
    }
    Ok(())
}

fn write_new(path: &Path, content: &[u8]) -> io::Result<()> {
    // One left by a crashed process of the same number is in the way.
    let _ = fs::remove_file(path);
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(content)?;
    file.sync_all()
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::os::unix::fs::{PermissionsExt, symlink};

    #[test]
    fn a_written_file_is_whole_private_and_alone() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.toml");
        fs::write(&path, "old").unwrap();
        write(&path, b"new").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "new");
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_symbolic_link_stays_a_link() {
        let dir = tempfile::tempdir().unwrap();
        let real = dir.path().join("dotfiles");
        fs::create_dir(&real).unwrap();
        let link = dir.path().join("settings.toml");
        symlink("dotfiles/settings.toml", &link).unwrap();
        write(&link, b"x = 1").unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(
            fs::read_to_string(real.join("settings.toml")).unwrap(),
            "x = 1"
        );
    }

    #[test]
    fn a_missing_file_is_no_error() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(read(&dir.path().join("none")).unwrap(), None);
        assert_eq!(read(dir.path()).unwrap_err().code, "file_unreadable");
    }
}

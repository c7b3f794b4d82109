//! Putting another file in the place of the database, so that whatever happens on the way either the old
//! or the new one is there whole, and the old one is kept.
//!
//! The new one is made as `<db>.new`. The old one gets its second name, which `<db>.keeping` says until
//! it is true; then `<db>.replace` says that the new one is ready. From then on every start finishes the
//! exchange; before it, a start takes the second name away again, because it would be a backup that
//! changes with the database.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use super::StoreError;
use super::files::{self, LOG, beside, failed, folder_of};

/// Where the new database is made.
pub(super) fn place_of_new(database: &Path) -> PathBuf {
    beside(database, ".new")
}

/// Says that the new database is ready.
fn ready(database: &Path) -> PathBuf {
    beside(database, ".replace")
}

/// Names what the old database is kept as, until the exchange is over.
fn keeping(database: &Path) -> PathBuf {
    beside(database, ".keeping")
}

/// Puts `<db>.new` in the place of the database, which nobody has open here; what was there is then
/// under `kept`, with its log.
pub(super) fn replace(database: &Path, kept: &Path) -> Result<(), StoreError> {
    let exchanged = begin(database, kept).and_then(|()| finish(database));
    if exchanged.is_err() && place_of_new(database).exists() {
        // It is not in place: as if it had never begun.
        let undone = files::remove(&ready(database)).and_then(|()| finish(database));
        if let Err(error) = undone {
            tracing::error!("the exchange could not be taken back: {error}");
        }
    }
    exchanged
}

fn begin(database: &Path, kept: &Path) -> Result<(), StoreError> {
    let folder = folder_of(database);
    write_note(&keeping(database), kept)?;
    files::sync_dir(folder);
    for suffix in ["", LOG] {
        let file = beside(database, suffix);
        if files::size(&file) > 0 {
            files::keep(&file, &beside(kept, suffix))?;
        } else if suffix.is_empty() {
            // Missing or empty, and its log is all that there is.
            drop(files::create_new(kept)?);
        }
    }
    files::sync_dir(folder_of(kept));
    write_note(&ready(database), kept)?;
    files::sync_dir(folder);
    Ok(())
}

fn write_note(note: &Path, kept: &Path) -> Result<(), StoreError> {
    files::remove(note)?;
    let mut file = files::create_new(note)?;
    file.write_all(kept.display().to_string().as_bytes())
        .and_then(|()| file.sync_all())
        .map_err(failed("write", note))
}

/// Finishes an exchange that was ready; takes one back that was not.
pub(super) fn finish(database: &Path) -> Result<(), StoreError> {
    let folder = folder_of(database);
    let (new, ready, keeping) = (place_of_new(database), ready(database), keeping(database));
    if !ready.exists() {
        if let Ok(kept) = fs::read_to_string(&keeping)
            && database.exists()
            && !kept.is_empty()
        {
            files::remove(Path::new(&kept))?;
            files::remove(&beside(Path::new(&kept), LOG))?;
        }
        files::remove(&keeping)?;
        return files::remove_whole(&new);
    }
    if new.exists() {
        // The log belongs to the old file; beside the new one it would spoil it.
        files::remove_company(database)?;
        files::sync_dir(folder);
        fs::rename(&new, database).map_err(failed("replace", database))?;
        files::sync_dir(folder);
    }
    // In this order: a second name that is the only one must never be taken for one too many.
    files::remove(&keeping)?;
    files::sync_dir(folder);
    files::remove(&ready)?;
    files::sync_dir(folder);
    Ok(())
}

/// Takes an exchange back whose new database cannot be opened.
pub(super) fn take_back(database: &Path, kept: &Path) -> Result<(), StoreError> {
    files::remove_company(database)?;
    let log = beside(kept, LOG);
    if log.exists() {
        fs::rename(&log, beside(database, LOG)).map_err(failed("put back", database))?;
    }
    fs::rename(kept, database).map_err(failed("put back", database))?;
    files::sync_dir(folder_of(database));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder() -> (tempfile::TempDir, PathBuf) {
        let dir = tempfile::tempdir().unwrap();
        let database = dir.path().join("a.db");
        fs::write(&database, "old").unwrap();
        fs::write(beside(&database, LOG), "log").unwrap();
        fs::write(place_of_new(&database), "new").unwrap();
        (dir, database)
    }

    #[test]
    fn the_new_one_takes_the_place_and_the_old_one_is_kept_with_its_log() {
        let (dir, database) = folder();
        let kept = dir.path().join("kept.db");
        replace(&database, &kept).unwrap();
        assert_eq!(fs::read_to_string(&database).unwrap(), "new");
        assert!(!beside(&database, LOG).exists());
        assert_eq!(fs::read_to_string(&kept).unwrap(), "old");
        assert_eq!(fs::read_to_string(beside(&kept, LOG)).unwrap(), "log");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 3);
        take_back(&database, &kept).unwrap();
        assert_eq!(fs::read_to_string(&database).unwrap(), "old");
        assert_eq!(fs::read_to_string(beside(&database, LOG)).unwrap(), "log");
    }

    #[test]
    fn a_new_one_without_the_note_was_not_ready() {
        let (_dir, database) = folder();
        finish(&database).unwrap();
        assert_eq!(fs::read_to_string(&database).unwrap(), "old");
        assert!(!place_of_new(&database).exists());
        assert!(beside(&database, LOG).exists());
    }

    #[test]
    fn a_start_finishes_what_a_crash_left() {
        let (dir, database) = folder();
        let kept = dir.path().join("kept.db");
        begin(&database, &kept).unwrap();
        finish(&database).unwrap();
        assert_eq!(fs::read_to_string(&database).unwrap(), "new");
        assert_eq!(fs::read_to_string(&kept).unwrap(), "old");
        assert!(!beside(&database, LOG).exists());
        // A crash after the rename: only the notes are left, and the one copy of the old stays.
        write_note(&ready(&database), &kept).unwrap();
        write_note(&keeping(&database), &kept).unwrap();
        finish(&database).unwrap();
        assert_eq!(fs::read_to_string(&database).unwrap(), "new");
        assert_eq!(fs::read_to_string(&kept).unwrap(), "old");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 3);
    }

    #[test]
    fn a_second_name_without_an_exchange_is_taken_away() {
        let (dir, database) = folder();
        let kept = dir.path().join("kept.db");
        begin(&database, &kept).unwrap();
        fs::remove_file(ready(&database)).unwrap();
        finish(&database).unwrap();
        assert!(!kept.exists() && !beside(&kept, LOG).exists());
        assert_eq!(fs::read_to_string(&database).unwrap(), "old");
        assert_eq!(fs::read_to_string(beside(&database, LOG)).unwrap(), "log");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 2);
    }
}

//! Putting another file in the place of the database, so that whatever happens on the way either the old
//! or the new one is there whole, and the old one is kept.
//!
//! The new one is made as `<db>.new`. A note, `<db>.replace`, says that it is ready: from then on every
//! start finishes the exchange, before it nothing was changed. The old file gets its second name first.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use super::StoreError;
use super::files::{self, LOG, beside, failed, folder_of};

/// Where the new database is made.
pub(super) fn place_of_new(database: &Path) -> PathBuf {
    beside(database, ".new")
}

fn note(database: &Path) -> PathBuf {
    beside(database, ".replace")
}

/// Puts `<db>.new` in the place of the database, which nobody has open here; what was there is then
/// under `kept`, with its log.
pub(super) fn replace(database: &Path, kept: &Path) -> Result<(), StoreError> {
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
    let note = note(database);
    files::remove(&note)?;
    let mut file = files::create_new(&note)?;
    let text = format!("{}\n", kept.display());
    file.write_all(text.as_bytes())
        .and_then(|()| file.sync_all())
        .map_err(failed("write", &note))?;
    drop(file);
    files::sync_dir(folder_of(database));
    finish(database)
}

/// Finishes an exchange that was begun; removes a new database that was not ready.
pub(super) fn finish(database: &Path) -> Result<(), StoreError> {
    let (new, note) = (place_of_new(database), note(database));
    if !note.exists() {
        return files::remove_whole(&new);
    }
    if new.exists() {
        // The log belongs to the old file; beside the new one it would spoil it.
        files::remove_company(database)?;
        files::sync_dir(folder_of(database));
        fs::rename(&new, database).map_err(failed("replace", database))?;
        files::sync_dir(folder_of(database));
    }
    files::remove(&note)?;
    files::sync_dir(folder_of(database));
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
        let (_dir, database) = folder();
        fs::write(note(&database), "kept").unwrap();
        finish(&database).unwrap();
        assert_eq!(fs::read_to_string(&database).unwrap(), "new");
        assert!(!beside(&database, LOG).exists());
        // A crash after the rename: only the note is left.
        fs::write(note(&database), "kept").unwrap();
        finish(&database).unwrap();
        assert_eq!(fs::read_to_string(&database).unwrap(), "new");
        assert!(!note(&database).exists());
    }
}

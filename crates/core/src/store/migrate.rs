//! Numbered, append-only migrations. `user_version` says which have run; a newer file is refused; an
//! older one is copied aside before it is changed.

use std::fs;
use std::path::{Path, PathBuf};

use rusqlite::Connection;

use super::StoreError;
use super::db::create_private;

mod search;

/// One step: statements, then what SQL cannot say.
struct Migration {
    name: &'static str,
    sql: &'static str,
    then: fn(&Connection) -> Result<(), StoreError>,
}

/// In order. Never change one that was released: add one.
const MIGRATIONS: &[Migration] = &[
    Migration {
        name: "0001_first",
        sql: include_str!("migrations/0001_first.sql"),
        then: |_| Ok(()),
    },
    Migration {
        name: "0002_search",
        sql: include_str!("migrations/0002_search.sql"),
        then: search::fill,
    },
];

/// The newest format that this version knows.
pub(super) fn newest() -> i64 {
    i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX)
}

pub(super) fn version(conn: &Connection) -> rusqlite::Result<i64> {
    conn.pragma_query_value(None, "user_version", |row| row.get(0))
}

/// Brings the file up to date.
pub(super) fn migrate(conn: &mut Connection, path: &Path) -> Result<(), StoreError> {
    let found = version(conn)?;
    if found == newest() {
        return Ok(());
    }
    if found > 0 {
        back_up(conn, path, found)?;
    }
    for (index, migration) in MIGRATIONS.iter().enumerate() {
        let number = i64::try_from(index + 1).unwrap_or(i64::MAX);
        if number <= found {
            continue;
        }
        tracing::info!(migration = migration.name, "migrating the database");
        run(conn, migration, number).map_err(|error| match error {
            StoreError::DiskFull => error,
            error => StoreError::NotMigrated {
                path: path.to_owned(),
                step: migration.name,
                reason: error.to_string(),
            },
        })?;
    }
    Ok(())
}

/// One step: the whole of it, or nothing.
fn run(conn: &mut Connection, migration: &Migration, number: i64) -> Result<(), StoreError> {
    let tx = conn.transaction()?;
    tx.execute_batch(migration.sql)?;
    (migration.then)(&tx)?;
    tx.pragma_update(None, "user_version", number)?;
    tx.commit()?;
    Ok(())
}

/// Copies the file aside, for this user alone. A copy that was not finished is made again.
fn back_up(conn: &Connection, path: &Path, found: i64) -> Result<(), StoreError> {
    let beside = |end: String| {
        let mut name = path.as_os_str().to_owned();
        name.push(end);
        PathBuf::from(name)
    };
    let target = beside(format!(".before-format-{}", found + 1));
    if target.exists() {
        return Ok(());
    }
    let unfinished = beside(format!(".before-format-{}.part", found + 1));
    let file_error = |attempt| {
        let path = unfinished.clone();
        move |source| StoreError::File {
            attempt,
            path,
            source,
        }
    };
    if unfinished.exists() {
        fs::remove_file(&unfinished).map_err(file_error("remove"))?;
    }
    create_private(&unfinished)?;
    conn.execute("VACUUM INTO ?1", [unfinished.to_string_lossy()])?;
    fs::rename(&unfinished, &target).map_err(file_error("rename"))
}

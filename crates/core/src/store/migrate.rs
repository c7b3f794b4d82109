//! Numbered, append-only migrations. `user_version` says which have run; a newer file is refused; an
//! older one is backed up before it is changed.

use std::path::Path;

use rusqlite::Connection;

use super::{StoreError, backup};

mod search;

/// SQLite's `application_id` of our files, since format 2: "Tocs".
pub(super) const APPLICATION_ID: i64 = 0x546f_6373;

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
    Migration {
        name: "0003_sources",
        sql: include_str!("migrations/0003_sources.sql"),
        then: |_| Ok(()),
    },
    Migration {
        name: "0004_analysis",
        sql: include_str!("migrations/0004_analysis.sql"),
        then: |_| Ok(()),
    },
    Migration {
        name: "0005_notify",
        sql: include_str!("migrations/0005_notify.sql"),
        then: |_| Ok(()),
    },
    Migration {
        name: "0006_told",
        sql: include_str!("migrations/0006_told.sql"),
        then: |_| Ok(()),
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
        backup::before_migration(conn, path, found + 1)?;
    }
    run(conn, newest())
}

/// Runs the migrations up to a format, without a backup.
pub(super) fn run(conn: &mut Connection, format: i64) -> Result<(), StoreError> {
    let found = version(conn)?;
    for (index, migration) in MIGRATIONS.iter().enumerate() {
        let number = i64::try_from(index + 1).unwrap_or(i64::MAX);
        if number <= found || number > format {
            continue;
        }
        tracing::info!(migration = migration.name, "migrating the database");
        step(conn, migration, number).map_err(|error| match error {
            StoreError::DiskFull => error,
            error => StoreError::NotMigrated {
                path: conn.path().unwrap_or_default().into(),
                step: migration.name,
                reason: error.to_string(),
            },
        })?;
    }
    Ok(())
}

/// One step: the whole of it, or nothing.
fn step(conn: &mut Connection, migration: &Migration, number: i64) -> Result<(), StoreError> {
    let tx = conn.transaction()?;
    tx.execute_batch(migration.sql)?;
    (migration.then)(&tx)?;
    tx.pragma_update(None, "user_version", number)?;
    tx.commit()?;
    Ok(())
}

//! Reading what can still be read of a damaged database. It works on a copy, table by table and row by
//! row, and steps over what cannot be read; what follows from other tables (search index, facets, named
//! CVEs, matches of watches) is made anew. An alert of which only a part is left stays, with its state,
//! tags and notes: its source fills it in again when it is next collected.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::RwLock;

use rusqlite::config::DbConfig;
use rusqlite::types::ToSqlOutput;
use rusqlite::{Connection, ErrorCode, OpenFlags, params, params_from_iter};

use super::backup::{Step, cancelled, count_alerts};
use super::files::{self, LOG, beside};
use super::restore::{hold_deliveries, make_empty};
use super::row::{Columns, to_json};
use super::{StoreError, Write, alerts, header, meta, migrate};
use crate::error::Fault;
use crate::model::{AlertId, Facts, Finding, Time};

mod walk;

use walk::{read_all, walk};

/// What is copied, parents first. What is missing here is made anew.
const TABLES: [&str; 25] = [
    "alerts",
    "contents",
    "findings",
    "watches",
    "mutes",
    "changes",
    "triage",
    "triage_entries",
    "sources",
    "runs",
    "deliveries",
    "delivery_alerts",
    "attempts",
    "channels",
    "tags",
    "notes",
    "tombstones",
    "kev",
    "kev_own",
    "epss",
    "owasp_editions",
    "owasp_map",
    "backfills",
    "labels",
    "learnt",
];

/// The tables that hold each alert: what one of them knows, another may have lost.
const OF_ALERTS: [&str; 3] = ["alerts", "contents", "findings"];

/// What was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Salvaged {
    /// Alerts in the new database.
    pub(super) alerts: u32,
    /// Alerts of which something is gone.
    pub(super) lost: u32,
}

/// Removes what an interrupted salvage left.
pub(super) fn remove_remains(damaged: &Path) -> Result<(), StoreError> {
    files::remove_whole(&beside(damaged, ".salvage"))
}

/// Makes a database at `new` from what can be read of the damaged one, which stays as it is. Blocks.
///
/// # Errors
/// `salvage_nothing` where not even its tables can be found; `work_cancelled`; the disk is full.
pub(super) fn salvage(
    damaged: &Path,
    new: &Path,
    now: Time,
    step: Step<'_>,
) -> Result<Salvaged, StoreError> {
    remove_remains(damaged)?;
    if files::size(damaged) == 0 {
        return Err(nothing(damaged, "it is missing or empty").into());
    }
    let copy = beside(damaged, ".salvage");
    let copied = files::copy(damaged, &copy).and_then(|()| {
        let log = beside(damaged, LOG);
        if files::size(&log) > 0 {
            files::copy(&log, &beside(&copy, LOG))?;
        }
        Ok(())
    });
    let salvaged = copied.and_then(|()| from_copy(&copy, new, now, step));
    remove_remains(damaged)?;
    salvaged.map_err(|error| match error {
        StoreError::Damaged { reason, .. } => nothing(damaged, &reason).into(),
        other => other,
    })
}

fn nothing(damaged: &Path, reason: &str) -> Fault {
    Fault::new(
        "salvage_nothing",
        format!(
            "Nothing can be read of {}: {reason}. It stays as it is. Restore a backup or begin anew.",
            damaged.display()
        ),
    )
    .with("path", damaged.display())
    .with("reason", reason)
}

fn from_copy(copy: &Path, new: &Path, now: Time, step: Step<'_>) -> Result<Salvaged, StoreError> {
    let source = open_damaged(copy)?;
    let format = format_of(&source)?;
    let mut target = make_empty(new, format)?;
    let steps = u32::try_from(TABLES.len()).unwrap_or(0) + 2;
    let mut known = known_alerts(&source);
    let tx = target.transaction()?;
    for (table, done) in TABLES.iter().zip(0..) {
        if !step(done, steps) {
            return Err(cancelled().into());
        }
        copy_table(&source, &tx, table, &known)?;
    }
    drop_unreadable(&tx)?;
    tx.commit()?;
    step(steps - 2, steps);
    migrate::run(&mut target, migrate::newest())?;
    let tx = target.transaction()?;
    let whole = complete(&tx)?;
    known.retain(|id| !whole.contains(id));
    // They are read whole each time: what is gone of their tables comes back with the next run.
    tx.execute(
        "UPDATE sources SET memory = 'null' WHERE id IN ('kev', 'epss', 'owasp', 'owasp-api')",
        [],
    )?;
    if !known.is_empty() {
        // What is gone is fetched again, as far back as the source goes.
        tx.execute("UPDATE sources SET memory = 'null'", [])?;
    }
    tx.execute("INSERT INTO search (search) VALUES ('rebuild')", [])?;
    hold_deliveries(&tx, now)?;
    meta::end_use(&tx)?;
    tx.commit()?;
    step(steps - 1, steps);
    Ok(Salvaged {
        alerts: count_alerts(&target)?,
        lost: u32::try_from(known.len()).unwrap_or(u32::MAX),
    })
}

/// Opens the copy so that SQLite reads on where it can. A header that is garbage is written anew.
fn open_damaged(copy: &Path) -> Result<Connection, StoreError> {
    let open = || -> Result<Connection, StoreError> {
        let conn = Connection::open_with_flags(copy, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        // A file that is shorter than its header says is read as far as it goes.
        conn.set_db_config(DbConfig::SQLITE_DBCONFIG_WRITABLE_SCHEMA, true)?;
        conn.execute_batch("PRAGMA cell_size_check = ON; PRAGMA cache_size = -65536")?;
        if columns_of(&conn, "alerts")?.is_empty() {
            return Err(StoreError::Damaged {
                path: copy.to_owned(),
                reason: "its tables cannot be found".into(),
            });
        }
        Ok(conn)
    };
    open().or_else(|error| match error {
        StoreError::Damaged { .. } | StoreError::Sqlite(_) => {
            header::write_anew(copy)?;
            open()
        }
        other => Err(other),
    })
}

fn format_of(source: &Connection) -> Result<i64, StoreError> {
    let said = migrate::version(source)?;
    if (1..=migrate::newest()).contains(&said) {
        return Ok(said);
    }
    let has_titles = columns_of(source, "alerts")?.iter().any(|c| c == "title");
    Ok(if has_titles { 1 } else { migrate::newest() })
}

/// The columns of a table; none where there is no such table.
fn columns_of(conn: &Connection, table: &str) -> Result<Vec<String>, StoreError> {
    let mut statement = conn.prepare("SELECT name FROM pragma_table_info(?1)")?;
    let names = statement.query_map([table], |row| row.get(0))?;
    Ok(names.collect::<Result<_, _>>()?)
}

/// The ids of all alerts of which any table knows.
fn known_alerts(source: &Connection) -> BTreeSet<i64> {
    let mut known = BTreeSet::new();
    for table in OF_ALERTS {
        let sql = format!("SELECT rowid FROM {table} WHERE rowid >= ?1 ORDER BY rowid");
        walk(source, table, &sql, |row| {
            known.insert(row.get(0)?);
            Ok(())
        });
    }
    // What else speaks of alerts: the search index has a row for each.
    for (table, column) in [
        ("search_docsize", "id"),
        ("triage_entries", "alert"),
        ("tags", "alert"),
        ("notes", "alert"),
        ("changes", "alert"),
    ] {
        let _ = read_all(source, &format!("SELECT {column} FROM {table}"), &mut known);
    }
    // The index by name is a tree of its own.
    for order in ["ASC", "DESC"] {
        let sql = format!(
            "SELECT id FROM alerts INDEXED BY sqlite_autoindex_alerts_1 ORDER BY uid {order}"
        );
        let read = read_all(source, &sql, &mut known);
        if read.is_ok() {
            break;
        }
    }
    known
}

fn copy_table(
    source: &Connection,
    target: &Connection,
    table: &str,
    known: &BTreeSet<i64>,
) -> Result<(), StoreError> {
    let theirs = columns_of(source, table).unwrap_or_default();
    let columns: Vec<String> = columns_of(target, table)?
        .into_iter()
        .filter(|c| theirs.contains(c))
        .collect();
    if columns.is_empty() {
        return Ok(());
    }
    let names = columns.join(", ");
    let marks = vec!["?"; columns.len()].join(", ");
    let insert = format!("INSERT OR IGNORE INTO {table} ({names}) VALUES ({marks})");
    let mut insert = target.prepare(&insert)?;
    let mut copied = BTreeSet::new();
    let mut full = None;
    let mut put = |row: &rusqlite::Row<'_>, first: usize| -> rusqlite::Result<()> {
        let values: Vec<ToSqlOutput<'_>> = (first..first + columns.len())
            .map(|n| row.get_ref(n).map(ToSqlOutput::Borrowed))
            .collect::<Result<_, _>>()?;
        // A row that our rules refuse is damaged too.
        match insert.execute(params_from_iter(values)) {
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::DiskFull) => {
                full = Some(error);
            }
            Ok(_) if first > 0 => {
                copied.insert(row.get::<_, i64>(0)?);
            }
            _ => {}
        }
        Ok(())
    };
    let has_rowid = source
        .prepare(&format!("SELECT rowid FROM {table}"))
        .is_ok();
    if has_rowid {
        let sql = format!("SELECT rowid, {names} FROM {table} WHERE rowid >= ?1 ORDER BY rowid");
        walk(source, table, &sql, |row| put(row, 1));
    } else {
        for order in ["ASC", "DESC"] {
            let sql = format!("SELECT {names} FROM {table} ORDER BY 1 {order}, 2 {order}");
            let sql = if columns.len() > 1 {
                sql
            } else {
                format!("SELECT {names} FROM {table} ORDER BY 1 {order}")
            };
            if let Ok(mut statement) = source.prepare(&sql)
                && let Ok(mut rows) = statement.query([])
            {
                while let Ok(Some(row)) = rows.next() {
                    put(row, 0)?;
                }
            }
        }
    }
    if OF_ALERTS.contains(&table) {
        // What lay behind a gap, one by one.
        let mut one = source.prepare(&format!(
            "SELECT rowid, {names} FROM {table} WHERE rowid = ?1"
        ))?;
        let missing: Vec<i64> = known.iter().copied().collect();
        for id in missing {
            let _ = one.query_row([id], |row| put(row, 1));
        }
    }
    full.map_or(Ok(()), |error| Err(error.into()))
}

/// Removes rows whose JSON no longer says anything.
fn drop_unreadable(conn: &Connection) -> Result<(), StoreError> {
    let unreadable = |table: &str, column: &str, reads: &dyn Fn(&str) -> bool| {
        let mut statement = conn.prepare(&format!("SELECT id, {column} FROM {table}"))?;
        let mut rows = statement.query([])?;
        let mut bad: Vec<i64> = Vec::new();
        while let Some(row) = rows.next()? {
            if !row.get_ref(1)?.as_str().is_ok_and(reads) {
                bad.push(row.get(0)?);
            }
        }
        for id in bad {
            conn.execute(&format!("DELETE FROM {table} WHERE id = ?1"), [id])?;
        }
        Ok::<(), StoreError>(())
    };
    unreadable("contents", "facts", &|text| {
        serde_json::from_str::<Facts>(text).is_ok()
    })?;
    unreadable("findings", "finding", &|text| {
        serde_json::from_str::<Finding>(text).is_ok()
    })
}

/// Fills in what is missing of each alert and makes anew what follows from the rest. Says which alerts
/// are whole.
fn complete(conn: &Connection) -> Result<BTreeSet<i64>, StoreError> {
    let index = RwLock::default();
    let w = Write::within(conn, &index);
    w.execute("DELETE FROM changes WHERE NOT json_valid(what)", [])?;
    w.execute(
        "DELETE FROM triage_entries WHERE NOT json_valid(before) OR NOT json_valid(after)",
        [],
    )?;
    w.execute("DELETE FROM triage WHERE NOT json_valid(act)", [])?;
    for (table, column, empty) in [
        ("deliveries", "fault", "NULL"),
        ("deliveries", "about", "NULL"),
        ("deliveries", "message", "NULL"),
        ("delivery_alerts", "rules", "'[]'"),
        ("attempts", "fault", "NULL"),
        ("channels", "fault", "NULL"),
    ] {
        // NULL is neither.
        let sql = format!("UPDATE {table} SET {column} = {empty} WHERE NOT json_valid({column})");
        w.execute(&sql, [])?;
    }
    let ids = w.rows("SELECT id FROM alerts", [], |row| row.col::<i64>("id"))?;
    let mut whole = BTreeSet::new();
    for id in ids {
        let partial = fill_in(&w, id)?;
        match alerts::get(&w, AlertId(id)) {
            Ok(Some(stored)) => {
                alerts::put_mentions(&w, AlertId(id), &stored.facts.cves)?;
                alerts::put_hits(&w, AlertId(id), &stored.finding)?;
                alerts::put_facets(&w, AlertId(id))?;
                if !partial {
                    whole.insert(id);
                }
            }
            Err(error @ StoreError::DiskFull) => return Err(error),
            _ => {
                w.execute("DELETE FROM alerts WHERE id = ?1", [id])?;
            }
        }
    }
    Ok(whole)
}

/// Puts an empty text or finding where one is missing. A hash of zeros makes the source's next word new.
fn fill_in(w: &Write<'_>, id: i64) -> Result<bool, StoreError> {
    let finding = Finding::default();
    let filled = w.execute(
        "INSERT INTO contents (id, title, products, body, facts) SELECT id, uid, '', '', ?2 FROM alerts WHERE id = ?1 AND id NOT IN (SELECT id FROM contents)",
        params![id, to_json("facts", &Facts::default())?],
    )? + w.execute(
        "INSERT INTO findings (id, finding) SELECT id, ?2 FROM alerts WHERE id = ?1 AND id NOT IN (SELECT id FROM findings)",
        params![id, to_json("finding", &finding)?],
    )?;
    if filled > 0 {
        w.execute("UPDATE alerts SET hash = zeroblob(32) WHERE id = ?1", [id])?;
    }
    Ok(filled > 0)
}

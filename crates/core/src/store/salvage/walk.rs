//! Reading a table past what cannot be read.

use std::collections::BTreeSet;

use rusqlite::Connection;

/// Hands over the rows of a table by rowid. Where some cannot be read, it goes on behind them.
pub(super) fn walk(
    source: &Connection,
    table: &str,
    sql: &str,
    mut each: impl FnMut(&rusqlite::Row<'_>) -> rusqlite::Result<()>,
) {
    let Ok(mut statement) = source.prepare(sql) else {
        return;
    };
    let mut from = i64::MIN;
    loop {
        let mut last = None;
        let read = statement.query([from]).and_then(|mut rows| {
            while let Some(row) = rows.next()? {
                last = Some(row.get::<_, i64>(0)?);
                each(row)?;
            }
            Ok(())
        });
        if read.is_ok() {
            return;
        }
        let behind = match last {
            Some(id) => id.checked_add(1),
            None => from.checked_add(1),
        };
        match behind.and_then(|id| next_readable(source, table, id)) {
            // The row is found and cannot be read to its end: the one behind it.
            Some(id) if last.is_none() && id == from => match from.checked_add(1) {
                Some(next) => from = next,
                None => return,
            },
            Some(id) => from = id,
            None => return,
        }
    }
}

/// The first rowid from `start` on that can be found: strides that double find some, halving the last
/// stride finds the first.
fn next_readable(source: &Connection, table: &str, start: i64) -> Option<i64> {
    let sql = format!("SELECT rowid FROM {table} WHERE rowid >= ?1 ORDER BY rowid LIMIT 1");
    let mut statement = source.prepare_cached(&sql).ok()?;
    let mut probe = |from: i64| -> Result<Option<i64>, rusqlite::Error> {
        let mut rows = statement.query([from])?;
        rows.next()?.map(|row| row.get(0)).transpose()
    };
    let (mut bad, mut stride) = (start, 1_i64);
    let mut found = None;
    let mut good = loop {
        let from = bad.max(start).saturating_add(stride - 1);
        match probe(from) {
            Ok(id) => {
                found = id.or(found);
                break from;
            }
            Err(_) if from == i64::MAX => return None,
            Err(_) => {
                bad = from;
                stride = stride.saturating_mul(2);
            }
        }
    };
    while good.checked_sub(bad).is_none_or(|gap| gap > 1) {
        let middle = bad / 2 + good / 2 + (bad % 2 + good % 2) / 2;
        if middle <= bad || middle >= good {
            break;
        }
        match probe(middle) {
            Ok(id) => {
                good = middle;
                found = id.or(found);
            }
            Err(_) => bad = middle,
        }
    }
    found
}

/// Takes ids in until one cannot be read.
pub(super) fn read_all(
    source: &Connection,
    sql: &str,
    into: &mut BTreeSet<i64>,
) -> rusqlite::Result<()> {
    let mut statement = source.prepare(sql)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        into.insert(row.get(0)?);
    }
    Ok(())
}

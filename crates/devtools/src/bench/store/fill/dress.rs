//! What a database in use has and a first collection does not bring: EPSS scores, states of triage. Set by
//! SQL on the closed file; it is not measured.

use std::collections::HashMap;
use std::path::Path;

use rusqlite::{Connection, params};

use super::plan::{mixed, real_id};
use crate::corpus;

/// Gives a filled database both.
pub fn dress(corpus: &Path, database: &Path) -> Result<(), String> {
    let scores = epss(corpus);
    let put = || -> rusqlite::Result<()> {
        let mut conn = Connection::open(database)?;
        let tx = conn.transaction()?;
        put_epss(&tx, &scores)?;
        put_states(&tx)?;
        tx.commit()?;
        conn.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)")
    };
    put().map_err(|e| format!("EPSS and states could not be set: {e}"))
}

/// The EPSS catalogue by CVE. Copies have the score of the real one.
fn epss(corpus: &Path) -> HashMap<String, f64> {
    let mut scores = HashMap::new();
    for path in corpus::files(&corpus.join("epss"), &[".csv", ".csv.gz"]) {
        let Some(bytes) = corpus::read(&path) else {
            continue;
        };
        for line in String::from_utf8_lossy(&bytes).lines() {
            let mut fields = line.split(',');
            if let (Some(cve), Some(Ok(score))) =
                (fields.next(), fields.next().map(str::parse::<f64>))
            {
                scores.insert(cve.to_owned(), score);
            }
        }
    }
    scores
}

fn put_epss(conn: &Connection, scores: &HashMap<String, f64>) -> rusqlite::Result<()> {
    let mut read = conn.prepare("SELECT id, uid FROM alerts WHERE kind = 'vulnerability'")?;
    let mut write = conn.prepare("UPDATE alerts SET epss = ?2 WHERE id = ?1")?;
    let all: Vec<(i64, String)> = read
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<rusqlite::Result<_>>()?;
    for (id, uid) in all {
        if let Some(score) = scores.get(&real_id(&uid)) {
            write.execute(params![id, score])?;
        }
    }
    Ok(())
}

/// A quarter is closed, a few are in progress or asleep, the rest is new.
fn put_states(conn: &Connection) -> rusqlite::Result<()> {
    let mut read = conn.prepare("SELECT id FROM alerts")?;
    let mut write = conn.prepare(
        "UPDATE alerts SET state = ?2, until = ?3, unread = CASE ?2 WHEN 'snoozed' THEN unread ELSE 0 END WHERE id = ?1",
    )?;
    let all: Vec<i64> = read
        .query_map([], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    for id in all {
        let (state, until) = match mixed(id.unsigned_abs(), 7) % 100 {
            0..=19 => ("done", None),
            20..=23 => ("not_applicable", None),
            24..=26 => ("reviewing", None),
            27..=28 => ("action_needed", None),
            // 2100: nothing wakes up while it is measured.
            29 => ("snoozed", Some(4_102_444_800_000_i64)),
            _ => continue,
        };
        write.execute(params![id, state, until])?;
    }
    Ok(())
}

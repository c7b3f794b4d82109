//! The tables `sources` and `runs`: what sources remember, how they do, what each run brought.

use rusqlite::{Row, params};

use super::row::{Columns, to_json};
use super::{Read, StoreError, Write};
use crate::error::Fault;
use crate::model::{Health, Memory, Problem, Run, RunCounts, RunOutcome, SourceId, Time};

const RUN_COLUMNS: &str = "id, source, started, finished, outcome, read, new, changed, unchanged, problems, fault, details";
/// Problems kept of one run.
const MOST_PROBLEMS: usize = 20;
/// Runs kept of one source.
const MOST_RUNS: i64 = 200;

fn run_from_row(row: &Row<'_>) -> Result<Run, StoreError> {
    Ok(Run {
        id: row.col("id")?,
        source: SourceId(row.col("source")?),
        started: row.time("started")?,
        finished: row.opt_time("finished")?,
        outcome: row.word("outcome", RunOutcome::parse)?,
        counts: RunCounts {
            read: row.count("read")?,
            new: row.count("new")?,
            changed: row.count("changed")?,
            unchanged: row.count("unchanged")?,
            problems: row.count("problems")?,
        },
        fault: row.opt_json("fault")?,
        problems: row.json("details")?,
    })
}

/// How a source does. One that never ran is healthy and due.
///
/// # Errors
/// Where the database fails.
pub fn health(r: &Read<'_>, source: &SourceId) -> Result<Health, StoreError> {
    let found = r.first(
        "SELECT last_success, last_attempt, next_attempt, failures, fault, first_done FROM sources WHERE id = ?1",
        [source.as_str()],
        |row| {
            Ok(Health {
                last_success: row.opt_time("last_success")?,
                last_attempt: row.opt_time("last_attempt")?,
                fault: row.opt_json("fault")?,
                failures: row.count("failures")?,
                next_attempt: row.opt_time("next_attempt")?,
                first_done: row.col("first_done")?,
            })
        },
    )?;
    Ok(found.unwrap_or_default())
}

/// Stores how a source does.
///
/// # Errors
/// Where the database fails.
pub fn set_health(w: &Write<'_>, source: &SourceId, health: &Health) -> Result<(), StoreError> {
    let fault = health
        .fault
        .as_ref()
        .map(|f| to_json("fault", f))
        .transpose()?;
    w.execute(
        "INSERT INTO sources (id, last_success, last_attempt, next_attempt, failures, fault, first_done) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (id) DO UPDATE SET last_success = ?2, last_attempt = ?3, next_attempt = ?4, failures = ?5, fault = ?6, first_done = ?7",
        params![
            source.as_str(),
            health.last_success.map(Time::ms),
            health.last_attempt.map(Time::ms),
            health.next_attempt.map(Time::ms),
            health.failures,
            fault,
            health.first_done,
        ],
    )?;
    Ok(())
}

/// What a source remembers.
///
/// # Errors
/// Where the database fails.
pub fn memory(r: &Read<'_>, source: &SourceId) -> Result<Memory, StoreError> {
    let found = r.first(
        "SELECT memory FROM sources WHERE id = ?1",
        [source.as_str()],
        |row| row.json("memory"),
    )?;
    Ok(found.unwrap_or_default())
}

/// Stores what a source remembers.
///
/// # Errors
/// Where the database fails.
pub fn set_memory(w: &Write<'_>, source: &SourceId, memory: &Memory) -> Result<(), StoreError> {
    w.execute(
        "INSERT INTO sources (id, memory) VALUES (?1, ?2) ON CONFLICT (id) DO UPDATE SET memory = ?2",
        params![source.as_str(), to_json("memory", memory)?],
    )?;
    Ok(())
}

/// Begins a run.
///
/// # Errors
/// Where the database fails.
pub fn begin_run(w: &Write<'_>, source: &SourceId, at: Time) -> Result<i64, StoreError> {
    w.execute(
        "DELETE FROM runs WHERE source = ?1 AND id <= (SELECT id FROM runs WHERE source = ?1 ORDER BY id DESC LIMIT 1 OFFSET ?2)",
        params![source.as_str(), MOST_RUNS],
    )?;
    // A source has one run at a time: an open one is one whose end a full disk did not take.
    w.execute(
        "UPDATE runs SET outcome = ?2, finished = ?3 WHERE source = ?1 AND outcome = ?4",
        params![
            source.as_str(),
            RunOutcome::Interrupted.as_str(),
            at.ms(),
            RunOutcome::Running.as_str()
        ],
    )?;
    w.insert(
        "INSERT INTO runs (source, started, outcome) VALUES (?1, ?2, ?3)",
        params![source.as_str(), at.ms(), RunOutcome::Running.as_str()],
    )
}

/// Stores how far a run is, or how it ended. Of its problems the first 20 are kept.
///
/// # Errors
/// Where the database fails.
pub fn update_run(
    w: &Write<'_>,
    run: i64,
    counts: RunCounts,
    problems: &[Problem],
    end: Option<(RunOutcome, Time, Option<&Fault>)>,
) -> Result<(), StoreError> {
    let details = to_json("problems", &&problems[..problems.len().min(MOST_PROBLEMS)])?;
    w.execute(
        "UPDATE runs SET read = ?2, new = ?3, changed = ?4, unchanged = ?5, problems = ?6, details = ?7 WHERE id = ?1",
        params![
            run, counts.read, counts.new, counts.changed, counts.unchanged, counts.problems, details
        ],
    )?;
    if let Some((outcome, at, fault)) = end {
        let fault = fault.map(|f| to_json("fault", f)).transpose()?;
        w.execute(
            "UPDATE runs SET outcome = ?2, finished = ?3, fault = ?4 WHERE id = ?1",
            params![run, outcome.as_str(), at.ms(), fault],
        )?;
    }
    Ok(())
}

/// Marks runs that a crash left open.
///
/// # Errors
/// Where the database fails.
pub fn close_interrupted(w: &Write<'_>, at: Time) -> Result<usize, StoreError> {
    w.execute(
        "UPDATE runs SET outcome = ?1, finished = ?2 WHERE outcome = ?3",
        params![
            RunOutcome::Interrupted.as_str(),
            at.ms(),
            RunOutcome::Running.as_str()
        ],
    )
}

/// The newest runs of a source.
///
/// # Errors
/// Where the database fails.
pub fn runs(r: &Read<'_>, source: &SourceId, limit: u32) -> Result<Vec<Run>, StoreError> {
    r.rows(
        &format!("SELECT {RUN_COLUMNS} FROM runs WHERE source = ?1 ORDER BY id DESC LIMIT ?2"),
        params![source.as_str(), limit],
        run_from_row,
    )
}

/// The newest run of a source that ended.
///
/// # Errors
/// Where the database fails.
pub fn last_ended(r: &Read<'_>, source: &SourceId) -> Result<Option<Run>, StoreError> {
    r.first(
        &format!("SELECT {RUN_COLUMNS} FROM runs WHERE source = ?1 AND outcome <> ?2 ORDER BY id DESC LIMIT 1"),
        params![source.as_str(), RunOutcome::Running.as_str()],
        run_from_row,
    )
}

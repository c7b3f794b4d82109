//! The tables `sources` and `runs`: what sources remember, how they do, what each run brought.

use rusqlite::{Row, params};

use super::row::{Columns, to_json};
use super::{Read, StoreError, Write};
use crate::error::Fault;
use crate::model::{
    Health, Memory, Problem, RhythmHint, Run, RunCounts, RunNote, RunOutcome, RunTrigger, SourceId,
    Time,
};

const RUN_COLUMNS: &str = "id, source, started, finished, outcome, read, new, changed, unchanged, problems, fault, details, why, note";
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
        trigger: row.word("why", RunTrigger::parse)?,
        note: row.opt_json("note")?,
    })
}

/// How a source does. One that never ran is healthy and due.
///
/// # Errors
/// Where the database fails.
pub fn health(r: &Read<'_>, source: &SourceId) -> Result<Health, StoreError> {
    let found = r.first(
        "SELECT last_success, last_attempt, next_attempt, failures, fault, first_done, first_failure, newest_item, rhythm_min, empty_since FROM sources WHERE id = ?1",
        [source.as_str()],
        |row| {
            Ok(Health {
                last_success: row.opt_time("last_success")?,
                last_attempt: row.opt_time("last_attempt")?,
                fault: row.opt_json("fault")?,
                failures: row.count("failures")?,
                next_attempt: row.opt_time("next_attempt")?,
                first_done: row.col("first_done")?,
                first_failure: row.opt_time("first_failure")?,
                newest_item: row.opt_time("newest_item")?,
                rhythm_min: row.col("rhythm_min")?,
                per_day: None,
                empty_since: row.opt_time("empty_since")?,
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
        "INSERT INTO sources (id, last_success, last_attempt, next_attempt, failures, fault, first_done, first_failure, newest_item, rhythm_min, empty_since) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11) ON CONFLICT (id) DO UPDATE SET last_success = ?2, last_attempt = ?3, next_attempt = ?4, failures = ?5, fault = ?6, first_done = ?7, first_failure = ?8, newest_item = ?9, rhythm_min = ?10, empty_since = ?11",
        params![
            source.as_str(),
            health.last_success.map(Time::ms),
            health.last_attempt.map(Time::ms),
            health.next_attempt.map(Time::ms),
            health.failures,
            fault,
            health.first_done,
            health.first_failure.map(Time::ms),
            health.newest_item.map(Time::ms),
            health.rhythm_min,
            health.empty_since.map(Time::ms),
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

/// What a source's newest document said about how often to come, with the entries of older ones.
///
/// # Errors
/// Where the database fails.
pub fn rhythm(r: &Read<'_>, source: &SourceId) -> Result<RhythmHint, StoreError> {
    let found = r.first(
        "SELECT rhythm FROM sources WHERE id = ?1",
        [source.as_str()],
        |row| row.opt_json("rhythm"),
    )?;
    Ok(found.flatten().unwrap_or_default())
}

/// Stores what a source's documents say about how often to come.
///
/// # Errors
/// Where the database fails.
pub fn set_rhythm(w: &Write<'_>, source: &SourceId, hint: &RhythmHint) -> Result<(), StoreError> {
    w.execute(
        "INSERT INTO sources (id, rhythm) VALUES (?1, ?2) ON CONFLICT (id) DO UPDATE SET rhythm = ?2",
        params![source.as_str(), to_json("rhythm", hint)?],
    )?;
    Ok(())
}

fn forget_old_runs(w: &Write<'_>, source: &SourceId) -> Result<(), StoreError> {
    w.execute(
        "DELETE FROM runs WHERE source = ?1 AND id <= (SELECT id FROM runs WHERE source = ?1 ORDER BY id DESC LIMIT 1 OFFSET ?2)",
        params![source.as_str(), MOST_RUNS],
    )?;
    Ok(())
}

/// Notes that a due run was not made. Where the newest run of the source was not made for the same
/// reason, that one goes on until `at`: a month without a network is one line of the log.
///
/// # Errors
/// Where the database fails.
pub fn skip_run(
    w: &Write<'_>,
    source: &SourceId,
    at: Time,
    trigger: RunTrigger,
    note: &RunNote,
) -> Result<(), StoreError> {
    let newest = runs(w, source, 1)?.pop();
    let note_text = to_json("note", note)?;
    if let Some(run) = newest
        && run.outcome == RunOutcome::Skipped
        && run.note.is_some_and(|known| known.is_same_kind(note))
    {
        w.execute(
            "UPDATE runs SET finished = ?2, note = ?3 WHERE id = ?1",
            params![run.id, at.ms(), note_text],
        )?;
        return Ok(());
    }
    forget_old_runs(w, source)?;
    w.insert(
        "INSERT INTO runs (source, started, finished, outcome, why, note) VALUES (?1, ?2, ?2, ?3, ?4, ?5)",
        params![
            source.as_str(),
            at.ms(),
            RunOutcome::Skipped.as_str(),
            trigger.as_str(),
            note_text
        ],
    )?;
    Ok(())
}

/// Stores what a person should know of a run.
///
/// # Errors
/// Where the database fails.
pub fn set_note(w: &Write<'_>, run: i64, note: &RunNote) -> Result<(), StoreError> {
    w.execute(
        "UPDATE runs SET note = ?2 WHERE id = ?1",
        params![run, to_json("note", note)?],
    )?;
    Ok(())
}

/// Begins a run.
///
/// # Errors
/// Where the database fails.
pub fn begin_run(
    w: &Write<'_>,
    source: &SourceId,
    at: Time,
    trigger: RunTrigger,
) -> Result<i64, StoreError> {
    forget_old_runs(w, source)?;
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
        "INSERT INTO runs (source, started, outcome, why) VALUES (?1, ?2, ?3, ?4)",
        params![
            source.as_str(),
            at.ms(),
            RunOutcome::Running.as_str(),
            trigger.as_str()
        ],
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

/// The newest run of a source that was made and ended.
///
/// # Errors
/// Where the database fails.
pub fn last_ended(r: &Read<'_>, source: &SourceId) -> Result<Option<Run>, StoreError> {
    r.first(
        &format!("SELECT {RUN_COLUMNS} FROM runs WHERE source = ?1 AND outcome NOT IN (?2, ?3) ORDER BY id DESC LIMIT 1"),
        params![
            source.as_str(),
            RunOutcome::Running.as_str(),
            RunOutcome::Skipped.as_str()
        ],
        run_from_row,
    )
}

//! Keeping the database small and quick, in steps so short that nobody waits for them: statistics, merging
//! the search index, forgetting unused values of facets, taking the log into the file.

use std::time::{Duration, Instant};

use rusqlite::OpenFlags;

use super::connect::connect;
use super::db::Db;
use super::files::{self, LOG, beside};
use super::row::Columns;
use super::{Read, StoreError, terms};
use crate::error::Fault;

/// A step that holds the writer longer than this is made shorter.
const STEP: Duration = Duration::from_millis(50);
/// Pages of the search index that the first step merges.
const FIRST_PAGES: i32 = 16;
const MOST_PAGES: i32 = 1024;
/// The share of free pages from which rewriting the whole file is worth it.
const FREE_SHARE: f64 = 0.2;

/// Bytes of the database with its log.
#[must_use]
pub fn size_bytes(path: &std::path::Path) -> u64 {
    files::size(path) + files::size(&beside(path, LOG))
}

/// Bytes that may still be written to the disk that holds the database, where the system tells.
#[must_use]
pub fn free_bytes(path: &std::path::Path) -> Option<u64> {
    files::free_bytes(path)
}

impl Db {
    /// Brings the planner's numbers up to date; looks at 400 rows an index at most.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn update_statistics(&self) -> Result<(), StoreError> {
        self.on_writer(|conn| {
            conn.execute_batch("PRAGMA analysis_limit = 400; PRAGMA optimize")?;
            Ok(())
        })
        .await
    }

    /// Merges the search index, a little at a time and with pauses in which others write. `all` merges
    /// it to one piece; otherwise what has piled up. `go_on` is asked between the steps. Says how long
    /// the longest step took.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn merge_search(
        &self,
        all: bool,
        go_on: &(dyn Fn() -> bool + Sync),
    ) -> Result<Duration, StoreError> {
        let mut pages = FIRST_PAGES;
        let mut longest = Duration::ZERO;
        let mut first = all;
        while go_on() {
            // A negative number begins a merge of everything (fts5.html, 6.8).
            let wanted = if first { -pages } else { pages };
            first = false;
            let (took, did) = self
                .on_writer(move |conn| {
                    let (start, before) = (Instant::now(), conn.total_changes());
                    conn.execute(
                        "INSERT INTO search (search, rank) VALUES ('merge', ?1)",
                        [wanted],
                    )?;
                    Ok((start.elapsed(), conn.total_changes() - before))
                })
                .await?;
            longest = longest.max(took);
            // The statement itself counts as one change: with less than two there was nothing to merge.
            if did < 2 {
                break;
            }
            if took > STEP / 2 {
                pages = (pages / 2).max(1);
            } else if took < STEP / 8 {
                pages = (pages * 2).min(MOST_PAGES);
            }
            tokio::task::yield_now().await;
        }
        Ok(longest)
    }

    /// Forgets values of facets that no alert has. Nothing is forgotten where somebody wrote meanwhile.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn prune_terms(&self) -> Result<usize, StoreError> {
        let before = self.on_writer(|conn| Ok(conn.total_changes())).await?;
        let unused = self.read(unused_terms).await?;
        let mut pruned = 0;
        let mut expected = before;
        for some in unused.chunks(500) {
            let (some, count) = (some.to_vec(), some.len());
            let done = self
                .on_thread(move |writer| {
                    if writer.conn.total_changes() != expected {
                        return Ok(None);
                    }
                    let tx = writer.conn.transaction()?;
                    for id in &some {
                        tx.prepare_cached("DELETE FROM terms WHERE id = ?1")?
                            .execute([id])?;
                    }
                    tx.commit()?;
                    writer.forget_terms(&some);
                    Ok(Some(writer.conn.total_changes()))
                })
                .await?;
            match done {
                Some(changes) => expected = changes,
                None => break,
            }
            pruned += count;
        }
        Ok(pruned)
    }

    /// Makes the index in memory anew from what is stored, should anything ever have gone past it.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn read_index(&self) -> Result<(), StoreError> {
        let path = self.path().to_owned();
        self.on_thread(move |writer| writer.read_index(&path)).await
    }

    /// Takes the log into the file: first what can be taken without holding anybody up, then the rest.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn take_log_in(&self) -> Result<(), StoreError> {
        let path = self.path().to_owned();
        let passive = tokio::task::spawn_blocking(move || {
            let conn = connect(&path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
            conn.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()))?;
            Ok::<(), StoreError>(())
        });
        passive.await.map_err(|_| StoreError::Closed)??;
        self.on_writer(|conn| {
            // Where somebody reads, it is left for the next time.
            conn.busy_timeout(Duration::ZERO)?;
            let taken = conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
            conn.busy_timeout(Duration::from_secs(5))?;
            Ok(taken?)
        })
        .await
    }

    /// Writes the whole file anew, where a fifth of it is free and the disk has room. Nobody writes
    /// meanwhile. Says whether it did.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn rewrite_if_worth_it(&self) -> Result<bool, StoreError> {
        let room = free_bytes(self.path());
        let needed = size_bytes(self.path()).saturating_mul(2);
        if room.is_some_and(|room| room < needed) {
            return Ok(false);
        }
        self.on_writer(|conn| {
            let number = |name: &str| -> rusqlite::Result<i64> {
                conn.pragma_query_value(None, name, |row| row.get(0))
            };
            let (free, all) = (number("freelist_count")?, number("page_count")?);
            #[allow(clippy::cast_precision_loss)]
            let share = free as f64 / all.max(1) as f64;
            if share <= FREE_SHARE {
                return Ok(false);
            }
            // In memory the copy could be larger than the machine.
            conn.execute_batch("PRAGMA temp_store = FILE")?;
            let written = conn.execute_batch("VACUUM");
            conn.execute_batch("PRAGMA temp_store = MEMORY")?;
            written?;
            Ok(true)
        })
        .await
    }
}

/// Numbers of `terms` that are in no alert. The highest stays, so that no number is given twice.
fn unused_terms(r: &Read<'_>) -> Result<Vec<u32>, StoreError> {
    let highest = r.number("SELECT coalesce(max(id), 0) FROM terms", [])?;
    let size = usize::try_from(highest).unwrap_or(0);
    if size > 50_000_000 {
        return Err(Fault::new("database_failed", "There are too many values of facets.").into());
    }
    let mut used = vec![false; size + 1];
    let mut statement = r.prepare("SELECT facets FROM alerts")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let blob = row.get_ref("facets")?;
        for number in terms::decode(blob.as_blob().unwrap_or_default()) {
            if let Some(seen) = used.get_mut(number as usize) {
                *seen = true;
            }
        }
    }
    let ids = r.rows("SELECT id FROM terms", [], |row| row.col::<u32>("id"))?;
    Ok(ids
        .into_iter()
        .filter(|id| i64::from(*id) < highest && used.get(*id as usize) == Some(&false))
        .collect())
}

/// When somebody last triaged.
///
/// # Errors
/// Where the database fails.
pub fn last_triage(r: &Read<'_>) -> Result<Option<crate::model::Time>, StoreError> {
    r.first(
        "SELECT at FROM triage ORDER BY id DESC LIMIT 1",
        [],
        |row| row.time("at"),
    )
}

//! Retention: removing what nobody needs any more, and remembering that it was removed.
//!
//! Never removed is what is open (Reviewing, Action needed, Snoozed, and New where it is relevant), what
//! has a tag, a note or a match of a watch, and what a message still waits to speak of. Of the rest goes
//! what is older than the settings say. A tombstone stays in the place of each, so that the next
//! collection does not bring it back.

use rusqlite::params;

use super::row::Columns;
use super::{Read, StoreError, Write};
use crate::model::{AlertId, Time};

/// Milliseconds of a day.
const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// Moments before which alerts go; `None` keeps them for ever.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// Closed ones, by when they were closed or last changed.
    pub closed: Option<Time>,
    /// Articles that are closed, or New and irrelevant, by publication (or closing, where that was later).
    pub articles: Option<Time>,
    /// New and irrelevant ones but guidance, by the latest of publication, update and change.
    pub irrelevant: Option<Time>,
}

impl Limits {
    /// The limits of so many days before now; 0 days keep for ever.
    #[must_use]
    pub fn before(now: Time, closed: u32, articles: u32, irrelevant: u32) -> Self {
        let limit = |days: u32| {
            let reach = i64::from(days).saturating_mul(DAY_MS);
            (days > 0).then(|| Time(now.ms().saturating_sub(reach)))
        };
        Self {
            closed: limit(closed),
            articles: limit(articles),
            irrelevant: limit(irrelevant),
        }
    }

    /// Whether nothing is ever removed.
    #[must_use]
    pub fn keep_all(&self) -> bool {
        *self == Self::default()
    }
}

/// What may go, with ?1, ?2 and ?3 the limits of closed ones, articles and irrelevant ones. A comparison
/// with a limit that is NULL is not true.
const REMOVABLE: &str = "
    FROM alerts a
    WHERE (
        (a.state IN ('done', 'not_applicable', 'accepted_risk') AND (
            max((SELECT coalesce(max(t.at), 0) FROM triage_entries e JOIN triage t ON t.id = e.triage WHERE e.alert = a.id AND t.undone IS NULL),
                coalesce(a.changed, a.added)) < ?1
            OR (a.kind = 'article' AND a.published < ?2 AND
                (SELECT coalesce(max(t.at), 0) FROM triage_entries e JOIN triage t ON t.id = e.triage WHERE e.alert = a.id AND t.undone IS NULL) < ?2)
        ))
        OR (a.state = 'new' AND a.relevant = 0 AND (
            (a.kind = 'article' AND a.published < ?2)
            OR (a.kind <> 'guidance' AND max(a.published, coalesce(a.updated, 0), coalesce(a.changed, 0)) < ?3)
        ))
    )
    AND NOT EXISTS (SELECT 1 FROM tags WHERE alert = a.id)
    AND NOT EXISTS (SELECT 1 FROM notes WHERE alert = a.id)
    AND NOT EXISTS (SELECT 1 FROM watch_hits WHERE alert = a.id)
    AND NOT EXISTS (SELECT 1 FROM delivery_alerts s JOIN deliveries d ON d.id = s.delivery WHERE s.alert = a.id AND d.state IN ('waiting', 'retrying', 'sending'))";

fn bound(limits: &Limits) -> [Option<i64>; 3] {
    [limits.closed, limits.articles, limits.irrelevant].map(|limit| limit.map(Time::ms))
}

/// How many alerts would be removed now.
///
/// # Errors
/// Where the database fails.
pub fn removable(r: &Read<'_>, limits: &Limits) -> Result<u32, StoreError> {
    if limits.keep_all() {
        return Ok(0);
    }
    let count = r.number(&format!("SELECT count(*) {REMOVABLE}"), bound(limits))?;
    Ok(u32::try_from(count).unwrap_or(u32::MAX))
}

/// The oldest alerts that may go, above an id.
///
/// # Errors
/// Where the database fails.
pub fn oldest(
    r: &Read<'_>,
    limits: &Limits,
    above: AlertId,
    limit: u32,
) -> Result<Vec<AlertId>, StoreError> {
    let [closed, articles, irrelevant] = bound(limits);
    r.rows(
        &format!("SELECT a.id {REMOVABLE} AND a.id > ?4 ORDER BY a.id LIMIT ?5"),
        params![closed, articles, irrelevant, above.0, limit],
        |row| row.col("id").map(AlertId),
    )
}

/// Removes those of these alerts that may still go, with all that belongs to them. Says how many.
///
/// # Errors
/// Where the database fails.
pub fn remove(
    w: &Write<'_>,
    ids: &[AlertId],
    limits: &Limits,
    now: Time,
) -> Result<u32, StoreError> {
    let [closed, articles, irrelevant] = bound(limits);
    let mut removed = 0;
    for id in ids {
        // Somebody may have taken it up since it was found.
        let still = w.first(
            &format!("SELECT a.id {REMOVABLE} AND a.id = ?4"),
            params![closed, articles, irrelevant, id.0],
            |_| Ok(()),
        )?;
        if still.is_some() {
            remove_one(w, *id, now)?;
            removed += 1;
        }
    }
    if removed > 0 {
        // Acts and messages that spoke of nothing else say nothing any more.
        w.execute(
            "DELETE FROM triage WHERE NOT EXISTS (SELECT 1 FROM triage_entries e WHERE e.triage = triage.id)",
            [],
        )?;
        w.execute(
            "DELETE FROM deliveries WHERE state IN ('sent', 'failed', 'unknown', 'expired', 'dropped') AND form NOT IN ('notice', 'self_test') AND NOT EXISTS (SELECT 1 FROM delivery_alerts s WHERE s.delivery = deliveries.id)",
            [],
        )?;
    }
    Ok(removed)
}

fn remove_one(w: &Write<'_>, id: AlertId, now: Time) -> Result<(), StoreError> {
    w.execute(
        "INSERT INTO tombstones (uid, removed, exploited) SELECT uid, ?2, exploited FROM alerts WHERE id = ?1 ON CONFLICT (uid) DO UPDATE SET removed = excluded.removed, exploited = excluded.exploited",
        params![id.0, now.ms()],
    )?;
    // The index finds its entries by the very texts that it was given.
    w.execute(
        "INSERT INTO search (search, rowid, title, body, products) SELECT 'delete', id, title, body, products FROM contents WHERE id = ?1",
        [id.0],
    )?;
    w.execute("DELETE FROM alerts WHERE id = ?1", [id.0])?;
    Ok(())
}

/// Whether an alert that was removed was exploited then; `None` where it was not removed.
///
/// # Errors
/// Where the database fails.
pub fn removed(r: &Read<'_>, uid: &str) -> Result<Option<bool>, StoreError> {
    r.first(
        "SELECT exploited FROM tombstones WHERE uid = ?1",
        [uid],
        |row| row.col("exploited"),
    )
}

/// Whether anything was removed.
///
/// # Errors
/// Where the database fails.
pub fn has_tombstones(r: &Read<'_>) -> Result<bool, StoreError> {
    Ok(r.number("SELECT EXISTS (SELECT 1 FROM tombstones)", [])? == 1)
}

/// Lets a removed alert come back.
///
/// # Errors
/// Where the database fails.
pub fn forget(w: &Write<'_>, uid: &str) -> Result<(), StoreError> {
    w.execute("DELETE FROM tombstones WHERE uid = ?1", [uid])?;
    Ok(())
}

/// Tombstones kept.
///
/// # Errors
/// Where the database fails.
pub fn tombstones(r: &Read<'_>) -> Result<u32, StoreError> {
    let count = r.number("SELECT count(*) FROM tombstones", [])?;
    Ok(u32::try_from(count).unwrap_or(u32::MAX))
}

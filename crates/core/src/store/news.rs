//! What routing asks of the tables: how many alerts went out at once, and which stored changes were news.

use rusqlite::params;

use super::row::Columns;
use super::{Read, StoreError};
use crate::model::{AlertId, ChangeKind, ChannelId, Happened, Severity, Subject, Time};

/// Alerts that went to a channel at once after one moment and no later than another, and that a rule (its name)
/// asked for.
///
/// # Errors
/// Where the database fails.
pub fn at_once(
    r: &Read<'_>,
    channel: &ChannelId,
    rule: &str,
    after: Time,
    to: Time,
) -> Result<u32, StoreError> {
    let found = r.first(
        "SELECT count(DISTINCT d.alert) AS alerts FROM delivery_alerts d, json_each(d.rules) wanted WHERE d.channel = ?1 AND d.routed > 0 AND d.routed > ?2 AND d.routed <= ?3 AND wanted.value = ?4",
        params![channel.0, after.ms(), to.ms(), rule],
        |row| row.count("alerts"),
    )?;
    Ok(found.unwrap_or(0))
}

/// A stored change that was news.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Past {
    /// Which alert, what, when.
    pub subject: Subject,
    /// Where its level changed: what it became.
    pub level: Option<Severity>,
}

/// The news since a moment, up to another, in the order of time. What no one was to hear of (a first
/// collection, an import) is not among them.
///
/// # Errors
/// Where the database fails.
pub fn since(r: &Read<'_>, from: Time, to: Time) -> Result<Vec<Past>, StoreError> {
    let mut all = r.rows(
        "SELECT id, added FROM alerts WHERE quiet = 0 AND added >= ?1 AND added <= ?2",
        params![from.ms(), to.ms()],
        |row| {
            Ok(Past {
                subject: Subject {
                    alert: AlertId(row.col("id")?),
                    change: ChangeKind::New,
                    at: row.time("added")?,
                },
                level: None,
            })
        },
    )?;
    // What texts and products were and became is long, and no rule asks for it.
    let changed = r.rows(
        "SELECT alert, at, kind, CASE WHEN kind IN ('text_changed', 'products_changed', 'rejected') THEN NULL ELSE what END AS what FROM changes WHERE quiet = 0 AND at >= ?1 AND at <= ?2",
        params![from.ms(), to.ms()],
        |row| {
            let what: Option<Happened> = row.opt_json("what")?;
            let is_news = what.as_ref().is_none_or(Happened::is_news);
            let level = match what {
                Some(
                    Happened::SeverityRaised { after, .. } | Happened::SeverityLowered { after, .. },
                ) => after,
                _ => None,
            };
            let subject = Subject {
                alert: AlertId(row.col("alert")?),
                change: row.word("kind", ChangeKind::parse)?,
                at: row.time("at")?,
            };
            Ok(is_news.then_some(Past { subject, level }))
        },
    )?;
    all.extend(changed.into_iter().flatten());
    all.sort_by_key(|past| (past.subject.at, past.subject.alert));
    Ok(all)
}

/// When the first of the runs that are kept began: nothing before it is known.
///
/// # Errors
/// Where the database fails.
pub fn first_run(r: &Read<'_>) -> Result<Option<Time>, StoreError> {
    r.first(
        "SELECT started FROM runs WHERE id = (SELECT min(id) FROM runs)",
        [],
        |row| row.time("started"),
    )
}

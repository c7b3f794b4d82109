//! What a message speaks of, ranked, and what came of earlier ones.

use rusqlite::params;
use serde::{Deserialize, Serialize};

use super::super::row::{Columns, severity};
use super::super::{Read, StoreError};
use crate::error::Fault;
use crate::model::{AlertId, ChangeKind, ChannelId, DeliveryId, Severity, Subject};

/// How the slot of a digest begins that holds what waited for a stopped channel.
pub(super) const RESUMED: &str = "resumed";

/// One change of one alert of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spoken {
    /// What happened to which.
    pub subject: Subject,
    /// The names of the rules that asked for it.
    pub rules: Vec<String>,
    /// Its level.
    pub severity: Option<Severity>,
    /// The watch that it matched first.
    pub watch: Option<String>,
}

/// What a notice speaks of.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct About {
    /// The name of the channel.
    pub channel: String,
    /// What happened to it.
    pub fault: Fault,
}

/// What a message speaks of, the best ranked first: exploited, level, score, EPSS, newest. What its source took
/// back since is left out, unless that is what it tells.
///
/// # Errors
/// Where the database fails.
pub fn spoken(r: &Read<'_>, id: DeliveryId) -> Result<Vec<Spoken>, StoreError> {
    r.rows(
        "SELECT s.alert, s.change, s.at, s.rules, a.severity,
            (SELECT min(h.watch) FROM watch_hits h WHERE h.alert = s.alert) AS watch
         FROM delivery_alerts s JOIN alerts a ON a.id = s.alert
         WHERE s.delivery = ?1 AND (s.change = 'rejected' OR coalesce(
            (SELECT c.kind FROM changes c WHERE c.alert = s.alert AND c.kind IN ('rejected', 'reopened') AND c.at >= s.at ORDER BY c.id DESC LIMIT 1),
            '') <> 'rejected')
         ORDER BY a.exploited DESC, a.severity DESC, a.score DESC, a.epss DESC, a.id DESC, s.at",
        [id.0],
        |row| {
            let rules: Option<Vec<String>> = row.opt_json("rules")?;
            Ok(Spoken {
                subject: Subject {
                    alert: AlertId(row.col("alert")?),
                    change: row.word("change", ChangeKind::parse)?,
                    at: row.time("at")?,
                },
                rules: rules.unwrap_or_default(),
                severity: severity(row.col("severity")?),
                watch: row.col("watch")?,
            })
        },
    )
}

/// What a notice speaks of, and whether a digest is what waited for a stopped channel.
///
/// # Errors
/// Where the database fails.
pub fn about(r: &Read<'_>, id: DeliveryId) -> Result<(Option<About>, bool), StoreError> {
    let found = r.first(
        "SELECT about, slot FROM deliveries WHERE id = ?1",
        [id.0],
        |row| {
            let slot: Option<String> = row.col("slot")?;
            let is_resumed = slot.is_some_and(|slot| slot.starts_with(RESUMED));
            Ok((row.opt_json("about")?, is_resumed))
        },
    )?;
    Ok(found.unwrap_or_default())
}

/// What the service calls the first message of a channel that spoke of this alert alone and arrived.
///
/// # Errors
/// Where the database fails.
pub fn reference_of(
    r: &Read<'_>,
    channel: &ChannelId,
    alert: AlertId,
) -> Result<Option<String>, StoreError> {
    r.first(
        "SELECT d.reference FROM delivery_alerts s JOIN deliveries d ON d.id = s.delivery WHERE s.channel = ?1 AND s.alert = ?2 AND d.state = 'sent' AND d.reference IS NOT NULL AND NOT EXISTS (SELECT 1 FROM delivery_alerts o WHERE o.delivery = d.id AND o.alert <> s.alert) ORDER BY d.id LIMIT 1",
        params![channel.0, alert.0],
        |row| row.col("reference"),
    )
}

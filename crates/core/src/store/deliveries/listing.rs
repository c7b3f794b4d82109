//! What the screen Notifications and the bell list. Every page is read by an index, whatever is stored.

use rusqlite::params;

use super::super::row::{Columns, severity};
use super::super::{Read, StoreError};
use crate::model::{
    AlertId, ChangeKind, ChannelId, Delivery, DeliveryForm, DeliveryId, DeliveryState, Severity,
    Subject, Time,
};

/// Of a message that speaks of more, the worst is looked for among so many.
const LOOKED_AT: u32 = 500;
/// Channels that one change goes to, at most, as far as the bell tells.
const MOST_CHANNELS: u32 = 100;
/// What the bell and folders count at most.
pub(super) const MOST_COUNTED: u32 = 1000;

/// Messages that a list shows together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Folder {
    /// All of them.
    All,
    /// In one of these states.
    States(&'static [DeliveryState]),
    /// Digests.
    Digests,
}

impl Folder {
    /// Waiting, retrying, being sent.
    pub const OUTBOX: Self = Self::States(&[
        DeliveryState::Waiting,
        DeliveryState::Retrying,
        DeliveryState::Sending,
    ]);
    /// Sent.
    pub const DELIVERED: Self = Self::States(&[DeliveryState::Sent]);
    /// Failed, unknown, expired.
    pub const FAILED: Self = Self::States(&[
        DeliveryState::Failed,
        DeliveryState::Unknown,
        DeliveryState::Expired,
    ]);

    fn holds(self, delivery: &Delivery) -> bool {
        match self {
            Self::All => true,
            Self::States(states) => states.contains(&delivery.state),
            Self::Digests => delivery.form.is_digest(),
        }
    }
}

/// Which messages are wanted.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// Of this folder.
    pub folder: Folder,
    /// Of this channel.
    pub channel: Option<ChannelId>,
    /// That speak of this alert.
    pub alert: Option<AlertId>,
    /// Behind this one.
    pub before: Option<DeliveryId>,
    /// At most so many.
    pub limit: u32,
}

/// A message in a list.
#[derive(Clone, Debug, PartialEq)]
pub struct Listed {
    /// It.
    pub delivery: Delivery,
    /// The title and the level of its worst alert; `None` where it has none.
    pub worst: Option<(String, Option<Severity>)>,
    /// Its alerts.
    pub alerts: u32,
}

/// Messages, the newest first.
///
/// # Errors
/// Where the database fails.
pub fn list(r: &Read<'_>, wanted: &Wanted) -> Result<Vec<Listed>, StoreError> {
    let deliveries = match wanted.alert {
        Some(alert) => of_alert(r, alert, wanted)?,
        None => {
            let mut all = Vec::new();
            for id in ids(r, wanted)? {
                all.extend(super::get(r, id)?);
            }
            all
        }
    };
    let listed = deliveries.into_iter().map(|d| listed(r, d));
    listed.collect()
}

fn of_alert(r: &Read<'_>, alert: AlertId, wanted: &Wanted) -> Result<Vec<Delivery>, StoreError> {
    let mut all = super::of(r, alert)?;
    all.retain(|d| {
        wanted.folder.holds(d)
            && wanted.channel.as_ref().is_none_or(|c| *c == d.channel)
            && wanted.before.is_none_or(|before| d.id < before)
    });
    all.truncate(wanted.limit as usize);
    Ok(all)
}

fn ids(r: &Read<'_>, wanted: &Wanted) -> Result<Vec<DeliveryId>, StoreError> {
    let before = wanted.before.map_or(i64::MAX, |id| id.0);
    let id = |row: &rusqlite::Row<'_>| row.col("id").map(DeliveryId);
    if wanted.folder == Folder::All && wanted.channel.is_none() {
        return r.rows(
            "SELECT id FROM deliveries WHERE id < ?1 ORDER BY id DESC LIMIT ?2",
            params![before, wanted.limit],
            id,
        );
    }
    let mut all = Vec::new();
    for channel in channels_of(r, wanted.channel.as_ref())? {
        if wanted.folder == Folder::Digests {
            all.extend(r.rows(
                "SELECT id FROM deliveries WHERE channel = ?1 AND form IN ('digest', 'quiet') AND id < ?2 ORDER BY id DESC LIMIT ?3",
                params![channel.0, before, wanted.limit],
                id,
            )?);
            continue;
        }
        let states = match wanted.folder {
            Folder::States(states) => states,
            _ => &DeliveryState::ALL,
        };
        for state in states {
            all.extend(r.rows(
                "SELECT id FROM deliveries WHERE channel = ?1 AND state = ?2 AND id < ?3 ORDER BY id DESC LIMIT ?4",
                params![channel.0, state.as_str(), before, wanted.limit],
                id,
            )?);
        }
    }
    all.sort_unstable_by(|a, b| b.cmp(a));
    all.truncate(wanted.limit as usize);
    Ok(all)
}

/// The channel, or all that ever had messages. Each is looked up behind the one before.
pub(super) fn channels_of(
    r: &Read<'_>,
    channel: Option<&ChannelId>,
) -> Result<Vec<ChannelId>, StoreError> {
    if let Some(channel) = channel {
        return Ok(vec![channel.clone()]);
    }
    let mut all: Vec<ChannelId> = Vec::new();
    loop {
        let last = all.last().map_or("", |c| c.0.as_str());
        let next = r.first(
            "SELECT channel FROM deliveries WHERE channel > ?1 ORDER BY channel LIMIT 1",
            [last],
            |row| row.col("channel").map(ChannelId),
        )?;
        match next {
            Some(channel) => all.push(channel),
            None => return Ok(all),
        }
    }
}

/// A message as a list shows it.
///
/// # Errors
/// Where the database fails.
pub fn listed(r: &Read<'_>, delivery: Delivery) -> Result<Listed, StoreError> {
    let worst = r.first(
        "SELECT c.title, a.severity FROM (SELECT alert FROM delivery_alerts WHERE delivery = ?1 LIMIT ?2) s JOIN alerts a ON a.id = s.alert JOIN contents c ON c.id = a.id ORDER BY a.exploited DESC, a.severity DESC, a.score DESC, a.epss DESC, a.id DESC LIMIT 1",
        params![delivery.id.0, LOOKED_AT],
        |row| Ok((row.col("title")?, severity(row.col("severity")?))),
    )?;
    let alerts = r.number(
        "SELECT count(*) FROM delivery_alerts WHERE delivery = ?1",
        [delivery.id.0],
    )?;
    Ok(Listed {
        delivery,
        worst,
        alerts: u32::try_from(alerts).unwrap_or(u32::MAX),
    })
}

/// How many messages a folder has, up to a thousand.
///
/// # Errors
/// Where the database fails.
pub fn counts(
    r: &Read<'_>,
    folder: Folder,
    channel: Option<&ChannelId>,
) -> Result<u32, StoreError> {
    let mut all = 0;
    for channel in channels_of(r, channel)? {
        match folder {
            Folder::Digests => {
                all += some(
                    r,
                    "SELECT 1 FROM deliveries WHERE channel = ?1 AND form IN ('digest', 'quiet')",
                    [&channel.0],
                )?;
            }
            Folder::All => {
                all += some(
                    r,
                    "SELECT 1 FROM deliveries WHERE channel = ?1",
                    [&channel.0],
                )?;
            }
            Folder::States(states) => {
                for state in states {
                    all += some(
                        r,
                        "SELECT 1 FROM deliveries WHERE channel = ?1 AND state = ?2",
                        params![channel.0, state.as_str()],
                    )?;
                }
            }
        }
    }
    Ok(all.min(MOST_COUNTED))
}

/// How many rows a statement finds, up to [`MOST_COUNTED`]: what is found by an index costs no more, whatever is
/// stored.
pub(super) fn some(
    r: &Read<'_>,
    sql: &str,
    params: impl rusqlite::Params,
) -> Result<u32, StoreError> {
    let sql = format!("SELECT count(*) FROM ({sql} LIMIT {MOST_COUNTED})");
    let count = r.number(&sql, params)?;
    Ok(u32::try_from(count).unwrap_or(u32::MAX))
}

/// When a channel's next digest goes out, and how many alerts it holds so far.
///
/// # Errors
/// Where the database fails.
pub fn next_digest(
    r: &Read<'_>,
    channel: &ChannelId,
    now: Time,
) -> Result<Option<(Time, u32)>, StoreError> {
    let found = r.first(
        &format!("SELECT id, due FROM deliveries WHERE channel = ?1 AND form = ?2 AND {} AND due > ?3 ORDER BY due LIMIT 1", super::WAITS),
        params![channel.0, DeliveryForm::Digest.as_str(), now.ms()],
        |row| Ok((row.col::<i64>("id")?, row.time("due")?)),
    )?;
    let Some((id, due)) = found else {
        return Ok(None);
    };
    let alerts = r.number(
        "SELECT count(*) FROM delivery_alerts WHERE delivery = ?1",
        [id],
    )?;
    Ok(Some((due, u32::try_from(alerts).unwrap_or(u32::MAX))))
}

/// A change of an alert that went anywhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rung {
    /// What happened to which.
    pub subject: Subject,
    /// The channels that it goes to.
    pub channels: Vec<ChannelId>,
}

/// The newest changes that went anywhere.
///
/// # Errors
/// Where the database fails.
pub fn bell(r: &Read<'_>, most: u32) -> Result<Vec<Rung>, StoreError> {
    let mut statement = r.prepare(
        "SELECT alert, change, at, channel FROM delivery_alerts ORDER BY at DESC, alert DESC, change DESC LIMIT ?1",
    )?;
    let mut rows = statement.query([most.saturating_mul(MOST_CHANNELS)])?;
    let mut all: Vec<Rung> = Vec::new();
    while let Some(row) = rows.next()? {
        let subject = Subject {
            alert: AlertId(row.col("alert")?),
            change: row.word("change", ChangeKind::parse)?,
            at: row.time("at")?,
        };
        let channel = ChannelId(row.col("channel")?);
        let is_full = all.len() == most as usize;
        match all.last_mut() {
            Some(last) if last.subject == subject => last.channels.push(channel),
            _ if is_full => break,
            _ => all.push(Rung {
                subject,
                channels: vec![channel],
            }),
        }
    }
    Ok(all)
}

/// How many changes went anywhere after a moment and no later than another, up to a thousand.
///
/// # Errors
/// Where the database fails.
pub fn unseen(r: &Read<'_>, after: Time, to: Time) -> Result<u32, StoreError> {
    let found = r.rows(
        "SELECT DISTINCT at, alert, change FROM delivery_alerts WHERE at > ?1 AND at <= ?2 LIMIT ?3",
        params![after.ms(), to.ms(), MOST_COUNTED],
        |_| Ok(()),
    )?;
    Ok(u32::try_from(found.len()).unwrap_or(u32::MAX))
}

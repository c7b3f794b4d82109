//! Messages: what waits, what went out, what failed, and the bell.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::status::Nothing;
use crate::app::{App, InForce};
use crate::error::Fault;
use crate::events::Event;
use crate::model::{
    AlertId, ChangeKind, ChannelId, Delivery, DeliveryForm, DeliveryId, DeliveryState, Severity,
    Time,
};
use crate::notify::Rendered;
use crate::outbox as compose;
use crate::store::alerts::{self, Summary};
use crate::store::deliveries::{self, self as store};
use crate::store::{Read, StoreError, attempts, meta};

/// Which deliveries a list shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Folder {
    /// All of them.
    #[default]
    All,
    /// Waiting, retrying, being sent.
    Outbox,
    /// Sent.
    Delivered,
    /// Failed, unknown, expired.
    Failed,
    /// Digests, to come and gone.
    Digests,
}

/// Asks for deliveries, the newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct AskDeliveries {
    /// Which.
    #[serde(default)]
    pub folder: Folder,
    /// Only this channel's.
    #[serde(default)]
    #[ts(optional = nullable)]
    pub channel: Option<ChannelId>,
    /// Only those that speak of this alert.
    #[serde(default)]
    #[ts(optional = nullable)]
    pub alert: Option<AlertId>,
    /// Those behind this one; `None` = from the newest on.
    #[serde(default)]
    #[ts(optional = nullable)]
    pub before: Option<DeliveryId>,
    /// At most so many, up to 200; `None` = 50.
    #[serde(default)]
    #[ts(optional = nullable)]
    pub limit: Option<u32>,
}

/// Deliveries.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct Deliveries {
    /// The newest first.
    pub rows: Vec<DeliveryRow>,
    /// Whether there are more behind them.
    pub has_more: bool,
    /// How many are in each folder, of the channel that was asked for.
    pub counts: FolderCounts,
}

/// How many deliveries are in each folder, 1000 = 1000 or more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[allow(missing_docs)] // See `Folder`.
pub struct FolderCounts {
    pub outbox: u32,
    pub delivered: u32,
    pub failed: u32,
    pub digests: u32,
}

/// A delivery in a list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct DeliveryRow {
    /// The delivery.
    pub delivery: Delivery,
    /// The channel's name; its id where it is gone.
    pub channel_name: String,
    /// What it speaks of: the title of its worst alert, or what a notice says.
    pub title: String,
    /// The level of that alert.
    pub severity: Option<Severity>,
    /// Its alerts.
    pub alerts: u32,
}

/// Names a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DeliveryRef {
    /// Which.
    pub id: DeliveryId,
}

/// A delivery in full.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct DeliveryDetail {
    /// As in the list.
    pub row: DeliveryRow,
    /// What went out; before that, what would go out now; `None` where it is no longer kept.
    pub message: Option<Rendered>,
    /// Whether `message` is what went out.
    pub is_final: bool,
    /// What it speaks of, the worst first, at most 500.
    pub subjects: Vec<DeliverySubject>,
    /// Its attempts, the newest first.
    pub attempts: Vec<DeliveryAttempt>,
}

/// One alert of a delivery.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct DeliverySubject {
    /// Which.
    pub id: AlertId,
    /// Its stable name.
    pub uid: String,
    /// Its title.
    pub title: String,
    /// Its level now.
    pub severity: Option<Severity>,
    /// What happened.
    pub change: ChangeKind,
    /// The names of the rules that asked for it.
    pub rules: Vec<String>,
}

/// One attempt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DeliveryAttempt {
    /// When it began.
    pub began: Time,
    /// When it ended.
    pub ended: Option<Time>,
    /// Why it failed.
    pub fault: Option<Fault>,
}

/// Names a folder's deliveries of one channel, or of all.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ActOnFailed {
    /// `None` = all.
    #[serde(default)]
    #[ts(optional = nullable)]
    pub channel: Option<ChannelId>,
    /// Send them once more, or give them up.
    pub resend: bool,
}

/// What the bell lists: everything that a rule sent anywhere, and what is wrong with channels.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct Bell {
    /// How many came since somebody looked.
    pub unseen: u32,
    /// The newest first, at most 50.
    pub rings: Vec<Ring>,
}

/// One entry of the bell.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct Ring {
    /// When it was routed.
    pub at: Time,
    /// Which alert.
    pub id: AlertId,
    /// Its stable name.
    pub uid: String,
    /// Its title.
    pub title: String,
    /// Its level now.
    pub severity: Option<Severity>,
    /// Whether it is exploited.
    pub exploited: bool,
    /// What happened.
    pub change: ChangeKind,
    /// The names of the channels that it goes to.
    pub channels: Vec<String>,
    /// Whether it came since somebody looked.
    pub is_unseen: bool,
}

/// Messages of one answer.
const MOST_LISTED: u32 = 200;
/// Alerts of a message that its details name.
const MOST_SUBJECTS: usize = 500;
/// Deliveries of a list where nobody says how many.
const USUALLY_LISTED: u32 = 50;
/// What the bell lists.
const MOST_RINGS: u32 = 50;
/// Messages of one transaction of an act on all that failed.
const BATCH: usize = 500;

pub(super) async fn deliveries_list(
    app: &App,
    request: AskDeliveries,
) -> Result<Deliveries, Fault> {
    let limit = request
        .limit
        .unwrap_or(USUALLY_LISTED)
        .clamp(1, MOST_LISTED);
    let (rows, counts) = app
        .db()
        .read(move |r| {
            let counts = FolderCounts {
                outbox: deliveries::counts(r, store::Folder::OUTBOX, request.channel.as_ref())?,
                delivered: deliveries::counts(
                    r,
                    store::Folder::DELIVERED,
                    request.channel.as_ref(),
                )?,
                failed: deliveries::counts(r, store::Folder::FAILED, request.channel.as_ref())?,
                digests: deliveries::counts(r, store::Folder::Digests, request.channel.as_ref())?,
            };
            let wanted = store::Wanted {
                folder: folder(request.folder),
                channel: request.channel,
                alert: request.alert,
                before: request.before,
                // One more says whether there are more.
                limit: limit + 1,
            };
            let mut rows = Vec::new();
            for listed in deliveries::list(r, &wanted)? {
                let said = said(r, &listed)?;
                rows.push((listed, said));
            }
            Ok((rows, counts))
        })
        .await?;
    let in_force = app.in_force();
    let has_more = rows.len() > limit as usize;
    let rows = rows.into_iter().take(limit as usize);
    Ok(Deliveries {
        rows: rows
            .map(|(listed, said)| row(&in_force, listed, said))
            .collect(),
        has_more,
        counts,
    })
}

fn folder(folder: Folder) -> store::Folder {
    match folder {
        Folder::All => store::Folder::All,
        Folder::Outbox => store::Folder::OUTBOX,
        Folder::Delivered => store::Folder::DELIVERED,
        Folder::Failed => store::Folder::FAILED,
        Folder::Digests => store::Folder::Digests,
    }
}

/// What a message says that speaks of no alert.
fn said(r: &Read<'_>, listed: &store::Listed) -> Result<Option<String>, StoreError> {
    Ok(match listed.delivery.form {
        DeliveryForm::Notice => {
            let (about, _) = deliveries::about(r, listed.delivery.id)?;
            about.map(|about| format!("{}: {}", about.channel, about.fault.message))
        }
        DeliveryForm::SelfTest => Some("Weekly test".to_owned()),
        DeliveryForm::Alerts | DeliveryForm::Digest | DeliveryForm::Quiet => None,
    })
}

fn row(in_force: &InForce, listed: store::Listed, said: Option<String>) -> DeliveryRow {
    let (title, severity) = listed.worst.unwrap_or_default();
    DeliveryRow {
        channel_name: name_of(in_force, &listed.delivery.channel),
        title: said.unwrap_or(title),
        severity,
        alerts: listed.alerts,
        delivery: listed.delivery,
    }
}

fn name_of(in_force: &InForce, channel: &ChannelId) -> String {
    let set = in_force.settings.channels.get(channel);
    set.map_or_else(|| channel.0.clone(), |set| set.name.clone())
}

pub(super) async fn delivery_get(app: &App, request: DeliveryRef) -> Result<DeliveryDetail, Fault> {
    let in_force = app.in_force();
    let (setup, now) = (in_force.setup(), app.now());
    let found = app
        .db()
        .read(move |r| {
            let Some(delivery) = deliveries::get(r, request.id)? else {
                return Ok(None);
            };
            let stored = deliveries::message(r, request.id)?;
            // What has ended says what went out, or nothing any more.
            let is_open = matches!(
                delivery.state,
                DeliveryState::Waiting
                    | DeliveryState::Retrying
                    | DeliveryState::Failed
                    | DeliveryState::Expired
            );
            let would_say = if is_open {
                compose::message(r, &delivery, &setup.sources, now)?
            } else {
                None
            };
            let spoken = deliveries::spoken(r, request.id)?;
            let spoken: Vec<_> = spoken.into_iter().take(MOST_SUBJECTS).collect();
            let ids: Vec<AlertId> = spoken.iter().map(|s| s.subject.alert).collect();
            let summaries = alerts::summaries(r, &ids)?;
            let attempts = attempts::of(r, request.id)?;
            let listed = deliveries::listed(r, delivery)?;
            let said = said(r, &listed)?;
            Ok(Some((
                (listed, said),
                (stored, would_say),
                (spoken, summaries),
                attempts,
            )))
        })
        .await?;
    let Some(((listed, said), (stored, would_say), (spoken, summaries), attempts)) = found else {
        return Err(unknown());
    };
    let is_final = stored.is_some()
        && matches!(
            listed.delivery.state,
            DeliveryState::Sent | DeliveryState::Sending | DeliveryState::Unknown
        );
    let door = in_force.channels.get(&listed.delivery.channel);
    let rendered = match (would_say, door) {
        (Some(message), Some(Ok(door))) => Some(door.render(&message)),
        _ => stored.and_then(|json| serde_json::from_str(&json).ok()),
    };
    let by_id: BTreeMap<AlertId, &Summary> = summaries.iter().map(|s| (s.id, s)).collect();
    let subjects = spoken.into_iter().filter_map(|spoken| {
        let summary = by_id.get(&spoken.subject.alert)?;
        Some(DeliverySubject {
            id: summary.id,
            uid: summary.uid.clone(),
            title: summary.title.clone(),
            severity: summary.severity,
            change: spoken.subject.change,
            rules: spoken.rules,
        })
    });
    let attempts = attempts.into_iter().map(|attempt| DeliveryAttempt {
        began: attempt.began,
        ended: attempt.ended,
        fault: attempt.fault,
    });
    Ok(DeliveryDetail {
        message: rendered,
        is_final,
        subjects: subjects.collect(),
        attempts: attempts.collect(),
        row: row(&in_force, listed, said),
    })
}

pub(super) async fn delivery_resend(app: &App, request: DeliveryRef) -> Result<Nothing, Fault> {
    let now = app.now();
    let done = app
        .db()
        .write(move |w| deliveries::resend(w, request.id, now))
        .await?;
    app.wake_outbox();
    answer(app, done)
}

pub(super) async fn delivery_drop(app: &App, request: DeliveryRef) -> Result<Nothing, Fault> {
    let now = app.now();
    let done = app
        .db()
        .write(move |w| deliveries::give_up(w, request.id, now))
        .await?;
    answer(app, done)
}

pub(super) async fn deliveries_act(app: &App, request: ActOnFailed) -> Result<Nothing, Fault> {
    let now = app.now();
    let _hold = app.hold().await;
    let failed = app
        .db()
        .read(move |r| deliveries::failed(r, request.channel.as_ref()))
        .await?;
    for batch in failed.chunks(BATCH) {
        let batch = batch.to_vec();
        app.db()
            .write(move |w| {
                for id in batch {
                    // Somebody may have acted on it meanwhile.
                    if request.resend {
                        deliveries::resend(w, id, now)?;
                    } else {
                        deliveries::give_up_failed(w, id, now)?;
                    }
                }
                Ok(())
            })
            .await?;
    }
    app.wake_outbox();
    app.events().send(Event::DeliveriesChanged);
    Ok(Nothing {})
}

fn answer(app: &App, done: bool) -> Result<Nothing, Fault> {
    if !done {
        return Err(Fault::new(
            "delivery_not_open",
            "This message is being sent, was sent or was given up meanwhile. Nothing was changed.",
        ));
    }
    app.events().send(Event::DeliveriesChanged);
    Ok(Nothing {})
}

fn unknown() -> Fault {
    Fault::new(
        "unknown_delivery",
        "There is no such message; what it spoke of may have been removed.",
    )
}

pub(super) async fn bell_get(app: &App, _: Nothing) -> Result<Bell, Fault> {
    // What a clock dated that went back since is no news for years.
    let upto = Time(deliveries::ahead(app.now()));
    let (rung, summaries, seen, unseen) = app
        .db()
        .read(move |r| {
            let seen = meta::bell_seen(r)?.unwrap_or(Time(0));
            let rung = deliveries::bell(r, MOST_RINGS)?;
            let ids: Vec<AlertId> = rung.iter().map(|ring| ring.subject.alert).collect();
            Ok((
                rung,
                alerts::summaries(r, &ids)?,
                seen,
                deliveries::unseen(r, seen, upto)?,
            ))
        })
        .await?;
    let in_force = app.in_force();
    let by_id: BTreeMap<AlertId, &Summary> = summaries.iter().map(|s| (s.id, s)).collect();
    let rings = rung.into_iter().filter_map(|ring| {
        let summary = by_id.get(&ring.subject.alert)?;
        let channels = ring.channels.iter();
        Some(Ring {
            at: ring.subject.at,
            id: summary.id,
            uid: summary.uid.clone(),
            title: summary.title.clone(),
            severity: summary.severity,
            exploited: summary.exploited,
            change: ring.subject.change,
            channels: channels.map(|id| name_of(&in_force, id)).collect(),
            is_unseen: ring.subject.at > seen && ring.subject.at <= upto,
        })
    });
    Ok(Bell {
        unseen,
        rings: rings.collect(),
    })
}

pub(super) async fn bell_seen(app: &App, _: Nothing) -> Result<Nothing, Fault> {
    let now = app.now();
    app.db().write(move |w| meta::set_bell_seen(w, now)).await?;
    app.events().send(Event::DeliveriesChanged);
    Ok(Nothing {})
}

//! Messages: what waits, what went out, what failed, and the bell.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::status::Nothing;
use crate::app::App;
use crate::error::Fault;
use crate::model::{AlertId, ChangeKind, ChannelId, Delivery, DeliveryId, Severity, Time};
use crate::notify::Rendered;

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
    /// At most so many, up to 200.
    pub limit: u32,
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

/// How many deliveries are in each folder.
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

pub(super) async fn deliveries_list(_app: &App, _: AskDeliveries) -> Result<Deliveries, Fault> {
    todo!("contract")
}

pub(super) async fn delivery_get(_app: &App, _: DeliveryRef) -> Result<DeliveryDetail, Fault> {
    todo!("contract")
}

pub(super) async fn delivery_resend(_app: &App, _: DeliveryRef) -> Result<Nothing, Fault> {
    todo!("contract")
}

pub(super) async fn delivery_drop(_app: &App, _: DeliveryRef) -> Result<Nothing, Fault> {
    todo!("contract")
}

pub(super) async fn deliveries_act(_app: &App, _: ActOnFailed) -> Result<Nothing, Fault> {
    todo!("contract")
}

pub(super) async fn bell_get(_app: &App, _: Nothing) -> Result<Bell, Fault> {
    todo!("contract")
}

pub(super) async fn bell_seen(_app: &App, _: Nothing) -> Result<Nothing, Fault> {
    todo!("contract")
}

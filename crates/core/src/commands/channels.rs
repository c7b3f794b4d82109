//! Channels: how each does, tests, places, previews. (They are changed by `settings_edit` and `secret_set`.)

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::settings::SecretRow;
use super::status::Nothing;
use crate::app::App;
use crate::error::Fault;
use crate::model::{AlertId, ChannelId, Time};
use crate::notify::{Place, Rendered, TestStep};

/// How a channel does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ChannelState {
    /// It is off.
    Off,
    /// Something is missing: `fault` says what.
    Incomplete,
    /// It works, as far as is known.
    Works,
    /// The last attempts failed for passing reasons; they are made again.
    Failing,
    /// The service asked us to wait, until `held_until`.
    Held,
    /// It waits for somebody: `fault` says what to do.
    Stopped,
    /// It is quiet until `quiet_until`.
    Quiet,
}

/// A channel with how it does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct ChannelRow {
    /// Which.
    pub id: ChannelId,
    /// For people.
    pub name: String,
    /// `desktop`, `email`, `slack` or `telegram`.
    pub kind: String,
    /// Whether messages are routed to it.
    pub enabled: bool,
    /// Whether the user added it and may remove it.
    pub is_removable: bool,
    /// How it does, in a word.
    pub state: ChannelState,
    /// Why.
    pub fault: Option<Fault>,
    /// When a service took a message last.
    pub last_success: Option<Time>,
    /// When an attempt failed last.
    pub last_failure: Option<Time>,
    /// Failed attempts since the last success.
    pub failures: u32,
    /// Messages that wait for it now (digests to come are not among them).
    pub waiting: u32,
    /// Since when the oldest of them waits.
    pub oldest_waiting: Option<Time>,
    /// Messages that failed or whose fate is unknown.
    pub undelivered: u32,
    /// Until when the service asked us to wait.
    pub held_until: Option<Time>,
    /// Until when it is quiet.
    pub quiet_until: Option<Time>,
    /// When its next digest goes out, and how many alerts it holds so far.
    pub next_digest: Option<(Time, u32)>,
    /// Its secrets, each set or not; never their values.
    pub secrets: Vec<SecretRow>,
}

/// Names a channel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ChannelRef {
    /// Which.
    pub channel: ChannelId,
}

/// How a test message fared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct TestResult {
    /// What was tried, in order; ends with the first that failed.
    pub steps: Vec<TestStep>,
    /// The exact cause where it failed; `None` = it went out.
    pub fault: Option<Fault>,
    /// Whether the test switched the channel on: it was off, nobody had switched it off, and the test was good.
    pub switched_on: bool,
}

/// Asks for a preview of a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct AskPreview {
    /// On which channel.
    pub channel: ChannelId,
    /// Of which alert; `None` = the newest relevant one, else the newest.
    #[serde(default)]
    #[ts(optional = nullable)]
    pub alert: Option<AlertId>,
    /// Whether as a digest of the last week's alerts instead.
    #[serde(default)]
    pub digest: bool,
}

/// A message as it would go out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct Preview {
    /// `None` where nothing is stored that it could show.
    pub message: Option<Rendered>,
}

pub(super) async fn channels_list(_app: &App, _: Nothing) -> Result<Vec<ChannelRow>, Fault> {
    todo!("contract")
}

pub(super) async fn channel_test(_app: &App, _: ChannelRef) -> Result<TestResult, Fault> {
    todo!("contract")
}

pub(super) async fn channel_places(_app: &App, _: ChannelRef) -> Result<Vec<Place>, Fault> {
    todo!("contract")
}

pub(super) async fn channel_preview(_app: &App, _: AskPreview) -> Result<Preview, Fault> {
    todo!("contract")
}

pub(super) async fn channel_resume(_app: &App, _: ChannelRef) -> Result<Nothing, Fault> {
    todo!("contract")
}

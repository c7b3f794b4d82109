//! Channels: how each does, tests, places, previews. (They are changed by `settings_edit` and `secret_set`.)

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::settings::{EditSettings, SecretRow, channel_secrets, settings_edit};
use super::status::Nothing;
use crate::app::{App, InForce};
use crate::error::Fault;
use crate::model::{AlertId, ChangeKind, ChannelId, Sort, Subject, Time};
use crate::notify::{self, Channel, Content, DigestWhy, Message, Place, Rendered, TestStep};
use crate::outbox;
use crate::query;
use crate::route::{Quiet, Zone};
use crate::settings::{ChannelSettings, Edit, edit::ChannelFields, is_built_in_channel};
use crate::store::channels::{self, ChannelHealth};
use crate::store::deliveries::{self, Spoken};
use crate::store::list::{self, Cursor};
use crate::store::{Read, StoreError, alerts};

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
    /// Messages that wait for it now (digests to come are not among them); 1000 = 1000 or more, here and below.
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

/// Alerts of the last week that the preview of a digest shows.
const WEEK_S: i64 = 7 * 24 * 60 * 60;
/// Alerts that the preview of a digest is made of.
const MOST_PREVIEWED: u32 = 200;

pub(super) async fn channels_list(app: &App, _: Nothing) -> Result<Vec<ChannelRow>, Fault> {
    let (in_force, now) = (app.in_force(), app.now());
    let ids: Vec<ChannelId> = in_force.settings.channels.keys().cloned().collect();
    let found = app
        .db()
        .read(move |r| {
            let mut all = Vec::new();
            for id in &ids {
                let undelivered = deliveries::undelivered_of(r, id)?;
                let waiting = deliveries::waiting(r, id, now)?;
                let next_digest = deliveries::next_digest(r, id, now)?;
                all.push((channels::get(r, id)?, undelivered, waiting, next_digest));
            }
            Ok(all)
        })
        .await?;
    let rows = in_force.settings.channels.iter().zip(found);
    Ok(rows
        .map(
            |((id, set), (health, undelivered, (waiting, oldest_waiting), next_digest))| {
                let held_until = outbox::held(&health, now);
                let quiet_until = quiet_until(set, now);
                let state = state(&in_force, id, &health, held_until, quiet_until);
                ChannelRow {
                    id: id.clone(),
                    name: set.name.clone(),
                    kind: set.kind.as_str().to_owned(),
                    enabled: set.enabled,
                    is_removable: !is_built_in_channel(id),
                    fault: fault(&in_force, id, state, &health),
                    state,
                    last_success: health.last_success,
                    last_failure: health.last_failure,
                    failures: health.failures,
                    waiting,
                    oldest_waiting,
                    undelivered,
                    held_until,
                    quiet_until,
                    next_digest,
                    secrets: channel_secrets(&in_force, id),
                }
            },
        )
        .collect())
}

fn state(
    in_force: &InForce,
    id: &ChannelId,
    health: &ChannelHealth,
    held_until: Option<Time>,
    quiet_until: Option<Time>,
) -> ChannelState {
    match in_force.channels.get(id) {
        None if in_force.incomplete.contains_key(id) => ChannelState::Incomplete,
        None => ChannelState::Off,
        Some(Err(_)) => ChannelState::Incomplete,
        Some(Ok(_)) if health.stopped.is_some() => ChannelState::Stopped,
        Some(Ok(_)) if held_until.is_some() => ChannelState::Held,
        Some(Ok(_)) if health.fault.is_some() => ChannelState::Failing,
        Some(Ok(_)) if quiet_until.is_some() => ChannelState::Quiet,
        Some(Ok(_)) => ChannelState::Works,
    }
}

fn fault(
    in_force: &InForce,
    id: &ChannelId,
    state: ChannelState,
    health: &ChannelHealth,
) -> Option<Fault> {
    match (state, in_force.channels.get(id)) {
        (ChannelState::Incomplete, Some(Err(fault))) => Some(fault.clone()),
        (ChannelState::Incomplete, _) => in_force.incomplete.get(id).cloned(),
        _ => health.fault.clone(),
    }
}

pub(super) async fn channel_test(app: &App, request: ChannelRef) -> Result<TestResult, Fault> {
    let id = request.channel;
    let door = match door(app, &id) {
        Ok(door) => door,
        Err(fault) if fault.code == "channel_unknown" => return Err(fault),
        Err(fault) => {
            return Ok(TestResult {
                steps: Vec::new(),
                fault: Some(fault),
                switched_on: false,
            });
        }
    };
    let steps = app.check_channel(&id, &*door).await?;
    let fault = steps.iter().find_map(|step| step.fault.clone());
    let switched_on = fault.is_none() && switch_on(app, &id).await?;
    Ok(TestResult {
        steps,
        fault,
        switched_on,
    })
}

/// A channel that was just connected goes on with its first good test; one that somebody switched off stays so.
async fn switch_on(app: &App, id: &ChannelId) -> Result<bool, Fault> {
    let in_force = app.in_force();
    let set = in_force.settings.channels.get(id);
    if set.is_none_or(|set| set.enabled) || in_force.switched.contains(id) {
        return Ok(false);
    }
    let edit = Edit::SetChannel {
        id: id.clone(),
        fields: ChannelFields {
            enabled: Some(true),
            ..ChannelFields::default()
        },
    };
    settings_edit(app, EditSettings { edit }).await?;
    Ok(true)
}

pub(super) async fn channel_places(app: &App, request: ChannelRef) -> Result<Vec<Place>, Fault> {
    door(app, &request.channel)?.places().await
}

pub(super) async fn channel_preview(app: &App, request: AskPreview) -> Result<Preview, Fault> {
    let in_force = app.in_force();
    let kind = match in_force.settings.channels.get(&request.channel) {
        Some(set) => set.kind.clone(),
        None => return Err(no_such(&request.channel)),
    };
    let (setup, now) = (in_force.setup(), app.now());
    let content = app
        .db()
        .read(move |r| {
            let spoken = |id: AlertId| {
                let summary = alerts::summary(r, id)?;
                Ok::<_, StoreError>(summary.map(|summary| Spoken {
                    subject: Subject {
                        alert: id,
                        change: ChangeKind::New,
                        at: summary.added,
                    },
                    rules: Vec::new(),
                    severity: summary.severity,
                    watch: summary.matched.into_iter().next(),
                }))
            };
            if request.digest {
                let since = now.plus_s(-WEEK_S);
                let mut all = Vec::new();
                for id in newest(r, "relevant:true", MOST_PREVIEWED)? {
                    all.extend(spoken(id)?);
                }
                all.retain(|spoken| spoken.subject.at >= since);
                all.sort_by_key(|spoken| std::cmp::Reverse(spoken.severity));
                let why = DigestWhy::Time;
                let digest = outbox::put_together(r, &all, why, now, &setup.sources, now)?;
                return Ok(digest.map(Content::Digest));
            }
            let wanted = match request.alert {
                Some(id) => Some(id),
                None => match newest(r, "relevant:true", 1)?.pop() {
                    Some(id) => Some(id),
                    None => newest(r, "", 1)?.pop(),
                },
            };
            let found = wanted.map(spoken).transpose()?.flatten();
            let alert = found.map(|found| outbox::message_alert(r, &found, &setup.sources));
            Ok(alert.transpose()?.flatten().map(|alert| Content::Alerts {
                alerts: vec![alert],
                more: 0,
            }))
        })
        .await?;
    let message = content.map(|content| {
        let message = Message {
            delivery: None,
            content,
            thread: None,
        };
        notify::rendered(&kind, &message)
    });
    Ok(Preview { message })
}

/// The newest alerts that a query holds for.
fn newest(r: &Read<'_>, text: &str, most: u32) -> Result<Vec<AlertId>, StoreError> {
    let Ok(query) = query::parse(text) else {
        return Ok(Vec::new());
    };
    let page = list::page(r, &query.lower(Time(0)), Sort::Newest, None, most)?;
    Ok(page.into_iter().map(Cursor::id).collect())
}

pub(super) async fn channel_resume(app: &App, request: ChannelRef) -> Result<Nothing, Fault> {
    if !app
        .in_force()
        .settings
        .channels
        .contains_key(&request.channel)
    {
        return Err(no_such(&request.channel));
    }
    app.resume_channel(&request.channel).await?;
    Ok(Nothing {})
}

/// Until when a channel is not to ring, if it is not now.
fn quiet_until(set: &ChannelSettings, now: Time) -> Option<Time> {
    let (quiet, _) = Quiet::new(set.quiet.as_ref()?, &Zone::here());
    quiet?.until(now, |_| false).map(|slot| slot.due)
}

/// A channel as it is set, on or off. The desktop's is the one that hears clicks.
fn door(app: &App, id: &ChannelId) -> Result<Arc<dyn Channel>, Fault> {
    let in_force = app.in_force();
    if let Some(Ok(door)) = in_force.channels.get(id) {
        return Ok(Arc::clone(door));
    }
    let set = in_force.settings.channels.get(id);
    let set = set.ok_or_else(|| no_such(id))?;
    let (events, http) = (app.events(), app.shared_http());
    notify::unfinished_channel(id, set, &in_force.secrets, events, http).map(Arc::from)
}

fn no_such(id: &ChannelId) -> Fault {
    Fault::new("channel_unknown", format!("There is no channel {id}.")).with("channel", id)
}

//! Triage: what people do with one or many alerts, and taking it back.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::status::Nothing;
use crate::app::{App, Target, WorkKind, Working, resolve};
use crate::error::Fault;
use crate::events::Event;
use crate::model::{Act, AlertId, MOST_NOTE, MOST_TAG, State, Time, TriageId};
use crate::store::{StoreError, tags, triage as store};

/// From so many alerts on, an act is shown as long work.
const LONG: u32 = 5_000;
/// The most ids that an answer carries.
const MOST_ANSWERED: usize = 500;
/// The longest reason, in characters.
const MOST_REASON: usize = 500;

/// Does something to alerts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DoAct {
    /// Which alerts.
    pub target: Target,
    /// What.
    pub act: Act,
}

/// A recorded act, which can be undone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Triaged {
    /// Its number; `None` where nothing changed.
    pub undo: Option<TriageId>,
    /// Alerts that it changed.
    pub changed: u32,
}

/// Takes an act back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Undo {
    /// Which; `None` for the last one that was not undone yet, also from before a restart.
    #[serde(default)]
    #[ts(optional)]
    pub id: Option<TriageId>,
}

/// What an undo did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Undone {
    /// The act that was taken back; `None` where there was nothing to undo.
    pub act: Option<Act>,
    /// Alerts that are again as they were before it. Those that were changed since stay as they are.
    pub changed: u32,
    /// These alerts, at most 500.
    pub ids: Vec<AlertId>,
}

/// A tag and how many alerts have it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct TagCount {
    /// In its commonest spelling.
    pub tag: String,
    /// Alerts that have it, however it is spelt.
    pub count: u32,
}

pub(super) async fn triage_act(app: &App, request: DoAct) -> Result<Triaged, Fault> {
    let now = app.now();
    let act = checked(request.act, now)?;
    let teaches = teaches(&act);
    // Ids are of the file that they were read from.
    let _hold = app.hold().await;
    let ids = resolve(app, &request.target).await?;
    if is_of_one_alert(&act) && ids.len() != 1 {
        return Err(Fault::new(
            "note_needs_one_alert",
            "A note is written about one alert at a time.",
        ));
    }
    let shown = Shown::begin(app, small(ids.len()))?;
    let step = shown.clone();
    let done = app
        .db()
        .write(move |w| store::apply(w, &act, ids, now, &|seen| step.step(seen)))
        .await?;
    drop(shown);
    if done.is_some() {
        tell(app);
        if teaches {
            app.learn_soon();
        }
    }
    Ok(Triaged {
        undo: done.map(|done| done.id),
        changed: done.map_or(0, |done| done.changed),
    })
}

pub(super) async fn triage_undo(app: &App, request: Undo) -> Result<Undone, Fault> {
    let now = app.now();
    let _hold = app.hold().await;
    let alerts = app
        .db()
        .read(move |r| store::alerts_of(r, request.id))
        .await?;
    let shown = Shown::begin(app, alerts)?;
    let step = shown.clone();
    let undone = app
        .db()
        .write(move |w| store::undo(w, request.id, now, &|seen| step.step(seen)))
        .await?;
    drop(shown);
    let Some(store::Undone { act, mut ids }) = undone else {
        return Ok(Undone {
            act: None,
            changed: 0,
            ids: Vec::new(),
        });
    };
    tell(app);
    if teaches(&act) {
        app.learn_soon();
    }
    let changed = small(ids.len());
    ids.truncate(MOST_ANSWERED);
    Ok(Undone {
        act: Some(act),
        changed,
        ids,
    })
}

pub(super) async fn tags_list(app: &App, _: Nothing) -> Result<Vec<TagCount>, Fault> {
    let counts = app.db().read(tags::counts).await?;
    let tag_count = |(tag, count)| TagCount { tag, count };
    Ok(counts.into_iter().map(tag_count).collect())
}

/// Whether an act says something of relevance.
fn teaches(act: &Act) -> bool {
    matches!(act, Act::SetState { .. } | Act::Feedback { .. })
}

fn tell(app: &App) {
    app.snoozes_changed();
    app.events().send(Event::TriageChanged);
}

/// An act as it is stored: what its state does not have is left out, texts are trimmed.
fn checked(act: Act, now: Time) -> Result<Act, Fault> {
    Ok(match act {
        Act::SetState {
            state,
            reason,
            until,
        } => Act::SetState {
            state,
            reason: reason
                .filter(|_| state.is_closed())
                .map(|reason| checked_reason(&reason))
                .transpose()?
                .flatten(),
            until: (state == State::Snoozed)
                .then(|| checked_until(until, now))
                .transpose()?,
        },
        Act::AddTag { tag } => Act::AddTag {
            tag: checked_tag(&tag)?,
        },
        Act::RemoveTag { tag } => Act::RemoveTag {
            tag: checked_tag(&tag)?,
        },
        Act::AddNote { text } => Act::AddNote {
            text: checked_note(&text)?,
        },
        Act::EditNote { note, text } => Act::EditNote {
            note,
            text: checked_note(&text)?,
        },
        Act::SetRead { .. } | Act::Feedback { .. } | Act::RemoveNote { .. } => act,
    })
}

fn checked_until(until: Option<Time>, now: Time) -> Result<Time, Fault> {
    match until {
        None => Err(Fault::new(
            "snooze_needs_until",
            "Say until when the alert is to sleep.",
        )),
        Some(until) if until <= now => Err(Fault::new(
            "snooze_in_the_past",
            format!("{until} has passed already. Choose a later moment."),
        )
        .with("until", until)),
        Some(until) => Ok(until),
    }
}

fn checked_reason(reason: &str) -> Result<Option<String>, Fault> {
    let reason = reason.trim();
    if reason.chars().count() > MOST_REASON {
        return Err(too_long("reason_too_long", "A reason", MOST_REASON));
    }
    Ok((!reason.is_empty()).then(|| reason.to_owned()))
}

/// One line: white space and control characters are one space.
fn checked_tag(tag: &str) -> Result<String, Fault> {
    let words = tag.split(|c: char| c.is_whitespace() || c.is_control());
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    let tag = words.join(" ");
    match tag.chars().count() {
        0 => Err(Fault::new("tag_empty", "A tag has at least one character.")),
        1..=MOST_TAG => Ok(tag),
        _ => Err(too_long("tag_too_long", "A tag", MOST_TAG)),
    }
}

fn checked_note(text: &str) -> Result<String, Fault> {
    let text = text.trim();
    match text.chars().count() {
        0 => Err(Fault::new(
            "note_empty",
            "A note has at least one character.",
        )),
        1..=MOST_NOTE => Ok(text.to_owned()),
        _ => Err(too_long("note_too_long", "A note", MOST_NOTE)),
    }
}

fn too_long(code: &str, what: &str, most: usize) -> Fault {
    Fault::new(code, format!("{what} has at most {most} characters.")).with("most", most)
}

fn is_of_one_alert(act: &Act) -> bool {
    matches!(
        act,
        Act::AddNote { .. } | Act::EditNote { .. } | Act::RemoveNote { .. }
    )
}

/// Long triage as the window shows it, and stops it; short triage is not shown.
#[derive(Clone)]
struct Shown {
    work: Option<Arc<Working>>,
    total: u32,
}

impl Shown {
    fn begin(app: &App, total: u32) -> Result<Self, Fault> {
        let work = match total {
            0..=LONG => None,
            _ => Some(Arc::new(app.begin_work(WorkKind::Triage, true)?)),
        };
        Ok(Self { work, total })
    }

    fn step(&self, seen: u32) -> Result<(), StoreError> {
        let Some(work) = &self.work else {
            return Ok(());
        };
        if work.token().is_cancelled() {
            let message = "It was stopped; nothing was changed.";
            return Err(Fault::new("work_cancelled", message).into());
        }
        work.progress(seen, Some(self.total));
        Ok(())
    }
}

fn small(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

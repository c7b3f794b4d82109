//! One attempt: claim, render, hand over, record.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;

use super::{Decision, LONGEST_HOLD_MS, Outbox, Setup, Wait, compose, decide, interrupted};
use crate::clock::Clock;
use crate::error::Fault;
use crate::model::{ChannelId, Delivery, DeliveryForm, DeliveryState, Time};
use crate::notify::{Channel, Message, Receipt, Rendered, SendError};
use crate::store::channels::{self, ChannelHealth};
use crate::store::deliveries::{self, About, Claimed, End};
use crate::store::{Db, Read, StoreError, Write};

/// How often the end of an attempt is written until it is stored, and the pause between.
const RECORDINGS: u32 = 60;
const RECORDING_PAUSE: Duration = Duration::from_secs(5);

/// What a look at a channel came to.
#[derive(Clone, Debug, PartialEq)]
pub enum Next {
    /// An attempt was made.
    Tried(Tried),
    /// The channel cannot be built, and has stopped for it.
    Stopped,
    /// Nothing is to be done before this moment; `None`: before something else happens.
    Idle(Option<Time>),
    /// Something is due, and the limits say when it may go.
    Paced(Wait),
}

/// An attempt that was made.
#[derive(Clone, Debug, PartialEq)]
pub struct Tried {
    /// The message.
    pub delivery: Delivery,
    /// What it is now.
    pub state: DeliveryState,
    /// Whether the channel stopped.
    pub has_stopped: bool,
    /// The destination has another name from now on.
    pub moved_to: Option<String>,
}

/// What a channel has to do now.
enum Look {
    Idle(Option<Time>),
    Due,
}

impl Outbox {
    /// Sends the next due message of a channel, if there is one and the limits let it, and stores how that
    /// went.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn send_next(
        &self,
        db: &Db,
        clock: &Clock,
        channel: &ChannelId,
        setup: &Arc<Setup>,
        dice: f64,
    ) -> Result<Next, StoreError> {
        let (wanted, now) = (channel.clone(), clock.now());
        // What is off waits.
        let Some(door) = setup.channels.get(channel) else {
            return Ok(Next::Idle(None));
        };
        if let Look::Idle(at) = db.read(move |r| look(r, &wanted, now)).await? {
            return Ok(Next::Idle(at));
        }
        let door = match door {
            Ok(door) => Arc::clone(door),
            Err(fault) => {
                let (wanted, setup, fault) = (channel.clone(), Arc::clone(setup), fault.clone());
                db.write(move |w| stop(w, &wanted, &fault, &setup, now))
                    .await?;
                return Ok(Next::Stopped);
            }
        };
        let mut turn = match self.begin(door.paces(), clock) {
            Ok(turn) => turn,
            Err(wait) => return Ok(Next::Paced(wait)),
        };
        let (wanted, of_setup, renders) = (channel.clone(), Arc::clone(setup), Arc::clone(&door));
        let now = clock.now();
        let claimed = db
            .write(move |w| claim(w, &wanted, &of_setup, &*renders, now))
            .await?;
        let (claimed, message, rendered) = match claimed {
            Claim::Nothing => return Ok(Next::Idle(None)),
            Claim::Refused(tried) => return Ok(Next::Tried(tried)),
            Claim::Ready(ready) => *ready,
        };
        turn.is_used();
        let result = hand_over(&*door, &message, &rendered).await;
        drop(turn);
        let now = clock.now();
        let decision = decide(claimed.delivery.attempts, result, now, dice);
        if let Some(fault) = fault_of(&decision) {
            tracing::warn!(channel = %channel, code = %fault.code, "a message was not delivered: {fault}");
        }
        record(db, setup, claimed, decision, now)
            .await
            .map(Next::Tried)
    }
}

fn look(r: &Read<'_>, channel: &ChannelId, now: Time) -> Result<Look, StoreError> {
    let Some(due) = deliveries::next_due(r, channel)? else {
        return Ok(Look::Idle(None));
    };
    let health = channels::get(r, channel)?;
    if health.stopped.is_some() {
        return Ok(Look::Idle(None));
    }
    let until = held(&health, now).map_or(due, |held| held.max(due));
    Ok(if until > now {
        Look::Idle(Some(until))
    } else {
        Look::Due
    })
}

/// Until when a channel is held. What lies further ahead than anybody asks for was said before a clock went
/// back.
#[must_use]
pub fn held(health: &ChannelHealth, now: Time) -> Option<Time> {
    let longest = Time(now.ms().saturating_add(LONGEST_HOLD_MS));
    health
        .held_until
        .filter(|until| *until > now && *until <= longest)
}

/// When each channel that is on has something to do next; those that have nothing are left out.
///
/// # Errors
/// Where the database fails.
pub async fn due(
    db: &Db,
    setup: &Arc<Setup>,
    now: Time,
) -> Result<Vec<(ChannelId, Time)>, StoreError> {
    let setup = Arc::clone(setup);
    db.read(move |r| {
        let mut all = Vec::new();
        for channel in setup.channels.keys() {
            match look(r, channel, now)? {
                Look::Due => all.push((channel.clone(), now)),
                Look::Idle(Some(at)) => all.push((channel.clone(), at)),
                Look::Idle(None) => {}
            }
        }
        Ok(all)
    })
    .await
}

/// Stores how a test of a channel went. A good one starts it again.
///
/// # Errors
/// Where the database fails.
pub fn tested(
    w: &Write<'_>,
    channel: &ChannelId,
    fault: Option<&Fault>,
    now: Time,
) -> Result<(), StoreError> {
    if fault.is_none() {
        super::resume(w, std::slice::from_ref(channel), now)?;
    }
    channels::change(w, channel, |health| match fault {
        None => {
            worked(health, now);
            health.last_test = Some(now);
        }
        Some(fault) => {
            health.last_failure = Some(now);
            health.fault = Some(fault.clone());
        }
    })
    .map(drop)
}

enum Claim {
    Nothing,
    Refused(Tried),
    Ready(Box<(Claimed, Message, Rendered)>),
}

/// The one transaction from which on a crash leaves a message "unknown".
fn claim(
    w: &Write<'_>,
    channel: &ChannelId,
    setup: &Setup,
    door: &dyn Channel,
    now: Time,
) -> Result<Claim, StoreError> {
    if channels::get(w, channel)?.stopped.is_some() {
        return Ok(Claim::Nothing);
    }
    let message = loop {
        let Some(delivery) = deliveries::next(w, channel, now)? else {
            return Ok(Claim::Nothing);
        };
        match compose::message(w, &delivery, &setup.sources, now)? {
            Some(message) => break message,
            None => deliveries::drop_empty(w, delivery.id, now)?,
        }
    };
    let Some(claimed) = deliveries::claim(w, channel, now)? else {
        return Ok(Claim::Nothing);
    };
    let rendered = std::panic::catch_unwind(AssertUnwindSafe(|| door.render(&message)));
    let rendered = rendered.ok().and_then(|rendered| {
        let json = serde_json::to_string(&rendered).ok()?;
        Some((rendered, json))
    });
    let Some((rendered, json)) = rendered else {
        let end = End {
            state: DeliveryState::Failed,
            fault: Some(unrenderable()),
            next_attempt: None,
            reference: None,
        };
        deliveries::record(w, &claimed, &end, now)?;
        return Ok(Claim::Refused(Tried {
            delivery: claimed.delivery,
            state: end.state,
            has_stopped: false,
            moved_to: None,
        }));
    };
    deliveries::set_message(w, claimed.delivery.id, &json)?;
    Ok(Claim::Ready(Box::new((claimed, message, rendered))))
}

fn unrenderable() -> Fault {
    Fault::new(
        "message_unrenderable",
        "Tocsin could not put this message into words. That is a mistake of Tocsin: please report it. The alerts are in the inbox.",
    )
}

async fn hand_over(
    door: &dyn Channel,
    message: &Message,
    rendered: &Rendered,
) -> Result<Receipt, SendError> {
    let sent = AssertUnwindSafe(door.send(message, rendered)).catch_unwind();
    // Where it broke off nobody knows how far it came.
    sent.await.unwrap_or_else(|_| {
        Err(SendError::Unknown {
            fault: interrupted(),
        })
    })
}

/// Stores how an attempt ended. The answer is known here alone, so it is not given up at the first failure.
async fn record(
    db: &Db,
    setup: &Arc<Setup>,
    claimed: Claimed,
    decision: Decision,
    now: Time,
) -> Result<Tried, StoreError> {
    let work = Arc::new((claimed, decision));
    let mut tries = 0;
    loop {
        let (of_work, of_setup) = (Arc::clone(&work), Arc::clone(setup));
        let result = db
            .write(move |w| settle(w, &of_setup, &of_work.0, &of_work.1, now))
            .await;
        tries += 1;
        match result {
            Err(error @ StoreError::DiskFull) if tries < RECORDINGS => {
                tracing::error!("the end of a message could not be stored yet: {error}");
                tokio::time::sleep(RECORDING_PAUSE).await;
            }
            result => return result,
        }
    }
}

fn settle(
    w: &Write<'_>,
    setup: &Setup,
    claimed: &Claimed,
    decision: &Decision,
    now: Time,
) -> Result<Tried, StoreError> {
    let delivery = &claimed.delivery;
    let end = end_of(delivery, decision);
    deliveries::record(w, claimed, &end, now)?;
    let mut moved_to = None;
    match decision {
        Decision::Sent { receipt } => {
            moved_to.clone_from(&receipt.moved_to);
            channels::change(w, &delivery.channel, |health| {
                worked(health, now);
                if delivery.form == DeliveryForm::SelfTest {
                    health.last_test = Some(now);
                }
            })?;
        }
        Decision::Retry { fault, hold, .. }
        | Decision::Failed {
            fault,
            hold,
            is_channel: true,
        } => {
            channels::change(w, &delivery.channel, |health| {
                failed(health, fault, now);
                health.held_until = hold.or(health.held_until);
            })?;
            if let Some(until) = *hold {
                hold_sharing(w, setup, &delivery.channel, until, now)?;
            }
        }
        Decision::Failed { .. } => {
            channels::change(w, &delivery.channel, |health| {
                health.last_failure = Some(now);
            })?;
        }
        Decision::Unknown { fault } => {
            channels::change(w, &delivery.channel, |health| failed(health, fault, now))?;
        }
        Decision::Stopped { fault } => {
            channels::change(w, &delivery.channel, |health| failed(health, fault, now))?;
            stop(w, &delivery.channel, fault, setup, now)?;
        }
    }
    Ok(Tried {
        delivery: delivery.clone(),
        state: end.state,
        has_stopped: matches!(decision, Decision::Stopped { .. }),
        moved_to,
    })
}

fn end_of(delivery: &Delivery, decision: &Decision) -> End {
    let (state, next_attempt, reference) = match decision {
        Decision::Sent { receipt } => (DeliveryState::Sent, None, receipt.reference.clone()),
        Decision::Retry { at, .. } => (DeliveryState::Retrying, Some(*at), None),
        Decision::Failed { .. } => (DeliveryState::Failed, None, None),
        // It keeps its place: it is the first again.
        Decision::Stopped { .. } => (DeliveryState::Waiting, Some(delivery.due), None),
        Decision::Unknown { .. } => (DeliveryState::Unknown, None, None),
    };
    End {
        state,
        fault: fault_of(decision).cloned(),
        next_attempt,
        reference,
    }
}

fn fault_of(decision: &Decision) -> Option<&Fault> {
    match decision {
        Decision::Sent { receipt } => receipt.refused.first(),
        Decision::Retry { fault, .. }
        | Decision::Failed { fault, .. }
        | Decision::Stopped { fault }
        | Decision::Unknown { fault } => Some(fault),
    }
}

/// A service that asks to wait means the destination: whichever other channel leads there waits, too.
fn hold_sharing(
    w: &Write<'_>,
    setup: &Setup,
    channel: &ChannelId,
    until: Time,
    now: Time,
) -> Result<(), StoreError> {
    for other in setup.sharing(channel) {
        channels::change(w, other, |health| {
            health.held_until = held(health, now).max(Some(until));
        })?;
    }
    Ok(())
}

/// A service took a message.
fn worked(health: &mut ChannelHealth, now: Time) {
    health.last_success = Some(now);
    health.failures = 0;
    health.fault = None;
    health.told = None;
    health.held_until = None;
}

fn failed(health: &mut ChannelHealth, fault: &Fault, now: Time) {
    health.last_failure = Some(now);
    health.failures = health.failures.saturating_add(1);
    health.fault = Some(fault.clone());
}

/// Stops a channel until somebody acts, and says so on every other one that works, those of the desktop first.
/// One that is stopped already is not told of again, nor one that stops for the same after a start.
fn stop(
    w: &Write<'_>,
    channel: &ChannelId,
    fault: &Fault,
    setup: &Setup,
    now: Time,
) -> Result<(), StoreError> {
    let mut is_told = false;
    channels::change(w, channel, |health| {
        is_told = health.stopped.is_some() || health.told.as_deref() == Some(fault.code.as_str());
        health.stopped = health.stopped.or(Some(now));
        health.told = Some(fault.code.to_string());
        health.fault = Some(fault.clone());
    })?;
    if is_told {
        return Ok(());
    }
    let about = About {
        channel: setup.name_of(channel).to_owned(),
        fault: fault.clone(),
    };
    let mut others: Vec<&ChannelId> = setup
        .channels
        .iter()
        .filter(|(id, door)| *id != channel && door.is_ok())
        .map(|(id, _)| id)
        .collect();
    others.sort_by_key(|id| !setup.known.get(*id).is_some_and(|c| c.is_desktop));
    for other in others {
        if channels::get(w, other)?.stopped.is_none() {
            deliveries::put_notice(w, other, &about, now)?;
        }
    }
    Ok(())
}

//! Drains the stored deliveries through notify.
//!
//! A delivery is marked "sending" before it is handed over and gets its end afterwards. Where the app
//! dies in between, nobody can know whether the service took it (none of them has an idempotency key):
//! the next start marks it "unknown", shows it, and never sends it again by itself.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::error::Fault;
use crate::model::{ChannelId, Delivery, DeliveryState, MessageAlert, SourceId, Subject, Time};
use crate::notify::{Channel, Content, Message, SendError};
use crate::store::{Db, Read, StoreError, alerts, deliveries};

/// Attempts before a message counts as failed. With the delays below that is about nine hours.
pub const MOST_ATTEMPTS: u32 = 10;
/// The delay after the first failed attempt, seconds; it doubles.
const FIRST_DELAY_S: i64 = 30;
/// The longest delay, seconds.
const LONGEST_DELAY_S: i64 = 2 * 60 * 60;
/// Alerts that one message lists; the rest is a number.
const MOST_LISTED: usize = 20;

/// The channels that are configured, by id. A channel that cannot be built says why.
pub type Channels = BTreeMap<ChannelId, Result<Arc<dyn Channel>, Fault>>;

/// The fault of a delivery whose fate is unknown after a crash.
#[must_use]
pub fn interrupted() -> Fault {
    Fault::new(
        "delivery_interrupted",
        "Tocsin ended while this message was being sent, so it may or may not have arrived. Look there, then resend it or give it up.",
    )
}

/// Sends the oldest due message of a channel, if there is one, and stores how that went. `false` where
/// nothing was due.
///
/// # Errors
/// Where the database fails.
pub async fn send_next(
    db: &Db,
    channel: &ChannelId,
    channels: &Channels,
    source_names: &BTreeMap<SourceId, String>,
    now: Time,
    dice: f64,
) -> Result<bool, StoreError> {
    let (wanted, names) = (channel.clone(), source_names.clone());
    let claimed = db
        .write(move |w| {
            let Some(delivery) = deliveries::claim(w, &wanted, now)? else {
                return Ok(None);
            };
            let message = message(w, &delivery, &names)?;
            Ok(Some((delivery, message)))
        })
        .await?;
    let Some((delivery, message)) = claimed else {
        return Ok(false);
    };
    let result = match channels.get(channel) {
        Some(Ok(door)) => {
            let rendered = door.render(&message);
            let sent = door.send(&message, &rendered).await;
            sent.map(|receipt| receipt.refused)
        }
        Some(Err(fault)) => Err(SendError::Stop {
            fault: fault.clone(),
        }),
        None => Err(SendError::Stop {
            fault: Fault::new(
                "channel_gone",
                format!("The channel {channel} is no longer configured."),
            )
            .with("channel", channel),
        }),
    };
    let (state, fault, next) = decide(&delivery, result, now, dice);
    if let Some(fault) = &fault {
        tracing::warn!(channel = %channel, code = %fault.code, "a message was not delivered: {fault}");
    }
    let id = delivery.id;
    db.write(move |w| deliveries::record(w, id, state, fault.as_ref(), next, now))
        .await?;
    Ok(true)
}

/// What an attempt's result means: the new state, what went wrong, when to try again.
fn decide(
    delivery: &Delivery,
    result: Result<Vec<Fault>, SendError>,
    now: Time,
    dice: f64,
) -> (DeliveryState, Option<Fault>, Option<Time>) {
    match result {
        // Some recipients may have been refused while others got it: that is shown, not tried again.
        Ok(refused) => (DeliveryState::Sent, refused.into_iter().next(), None),
        Err(SendError::Unknown { fault }) => (DeliveryState::Unknown, Some(fault), None),
        Err(SendError::Stop { fault } | SendError::Refused { fault }) => {
            (DeliveryState::Failed, Some(fault), None)
        }
        Err(SendError::Retry { fault, .. }) if delivery.attempts >= MOST_ATTEMPTS => {
            (DeliveryState::Failed, Some(fault), None)
        }
        Err(SendError::Retry { fault, after }) => {
            let asked = after.map_or(0, |a| i64::try_from(a.as_secs()).unwrap_or(i64::MAX) + 1);
            let delay = delay_s(delivery.attempts, dice).max(asked);
            (
                DeliveryState::Retrying,
                Some(fault),
                Some(now.plus_s(delay)),
            )
        }
    }
}

#[allow(clippy::cast_possible_truncation, clippy::cast_precision_loss)]
fn delay_s(attempts: u32, dice: f64) -> i64 {
    let step = FIRST_DELAY_S
        .saturating_mul(1 << attempts.saturating_sub(1).min(20))
        .min(LONGEST_DELAY_S);
    step / 2 + ((step - step / 2) as f64 * dice.clamp(0.0, 1.0)) as i64
}

fn message(
    r: &Read<'_>,
    delivery: &Delivery,
    names: &BTreeMap<SourceId, String>,
) -> Result<Message, StoreError> {
    let subjects = deliveries::subjects(r, delivery.id)?;
    let mut listed = Vec::new();
    for subject in subjects.iter().take(MOST_LISTED) {
        if let Some(alert) = message_alert(r, *subject, names)? {
            listed.push(alert);
        }
    }
    Ok(Message {
        delivery: Some(delivery.id),
        content: Content::Alerts {
            more: u32::try_from(subjects.len() - listed.len()).unwrap_or(u32::MAX),
            alerts: listed,
        },
        thread: None,
    })
}

fn message_alert(
    r: &Read<'_>,
    subject: Subject,
    names: &BTreeMap<SourceId, String>,
) -> Result<Option<MessageAlert>, StoreError> {
    let Some(stored) = alerts::get(r, subject.alert)? else {
        return Ok(None);
    };
    let summary = stored.summary;
    Ok(Some(MessageAlert {
        id: summary.id,
        uid: summary.uid,
        kind: summary.kind,
        source_name: names
            .get(&summary.source)
            .cloned()
            .unwrap_or_else(|| summary.source.to_string()),
        title: summary.title,
        text: stored.text,
        url: summary.url,
        severity: summary.severity,
        score: crate::model::best_score(&stored.facts.scores).cloned(),
        is_estimate: false,
        exploited: summary.exploited,
        epss: None,
        products: Vec::new(),
        more_products: 0,
        rules: Vec::new(),
        detail: None,
        matched: summary.matched,
        change: subject.change,
        published: summary.published,
    }))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::model::{DeliveryForm, DeliveryId};

    fn delivery(attempts: u32) -> Delivery {
        Delivery {
            id: DeliveryId(1),
            channel: ChannelId("email".into()),
            form: DeliveryForm::Alerts,
            state: DeliveryState::Sending,
            created: Time(0),
            due: Time(0),
            attempts,
            next_attempt: None,
            finished: None,
            fault: None,
        }
    }

    fn retry(after: Option<Duration>) -> Result<Vec<Fault>, SendError> {
        Err(SendError::Retry {
            fault: Fault::new("x", "x"),
            after,
        })
    }

    #[test]
    fn a_passing_fault_is_tried_again_later_and_later_and_then_given_up() {
        for (attempts, expect_s) in [(1, 30), (2, 60), (3, 120), (9, 7200)] {
            let (state, _, next) = decide(&delivery(attempts), retry(None), Time(0), 1.0);
            assert_eq!(state, DeliveryState::Retrying);
            assert_eq!(next, Some(Time(expect_s * 1000)), "{attempts}");
        }
        let (state, _, next) = decide(&delivery(MOST_ATTEMPTS), retry(None), Time(0), 1.0);
        assert_eq!((state, next), (DeliveryState::Failed, None));
    }

    #[test]
    fn what_the_service_asks_for_is_waited_out() {
        let asked = Some(Duration::from_secs(300));
        let (_, _, next) = decide(&delivery(1), retry(asked), Time(0), 0.0);
        assert_eq!(next, Some(Time(301_000)));
    }
}

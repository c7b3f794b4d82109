//! Attempts: what is tried again and when, in which order, how fast, and what is known of each afterwards.

use std::time::Duration;

use crate::world::{World, fault, id, retry};
use tocsin_core::model::{DeliveryForm, DeliveryState, Time};
use tocsin_core::notify::{Pace, Receipt, SendError};
use tocsin_core::outbox::{Next, Outbox, Wait, interrupted};
use tocsin_core::store::{Db, Open, attempts, channels, deliveries};

#[tokio::test(flavor = "multi_thread")]
async fn first_attempts_go_in_order_and_one_that_is_tried_again_holds_up_nobody() {
    let world = World::with(3, &["email"]).await;
    for n in 0..3 {
        world.put_now("email", n).await;
        world.passes_s(1);
    }
    world.service("email").will(retry(None));
    assert_eq!(world.send("email").await.state, DeliveryState::Retrying);
    assert_eq!(world.send("email").await.state, DeliveryState::Sent);
    assert_eq!(world.send("email").await.state, DeliveryState::Sent);
    // The dice say the longest: half a minute.
    let Next::Idle(Some(at)) = world.next("email").await else {
        panic!("nothing waits");
    };
    let wait_ms = at.ms() - world.now().ms();
    assert!((20_000..=30_000).contains(&wait_ms), "{wait_ms}");
    world.passes_s(31);
    assert_eq!(world.send("email").await.state, DeliveryState::Sent);
    let uids = world.service("email").uids().concat();
    let numbers: Vec<&str> = uids.iter().map(|uid| &uid[uid.len() - 1..]).collect();
    assert_eq!(numbers, ["0", "1", "2", "0"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_goes_to_a_channel_before_the_time_that_its_service_asked_for() {
    let world = World::with(3, &["slack", "email"]).await;
    for n in 0..2 {
        world.put_now("slack", n).await;
    }
    world.put_now("email", 2).await;
    world
        .service("slack")
        .will(retry(Some(Duration::from_secs(90))));
    world.send("slack").await;
    // The other message waits too, the other channel does not.
    let Next::Idle(Some(until)) = world.next("slack").await else {
        panic!("it does not wait");
    };
    assert!(until.ms() - world.now().ms() > 80_000);
    world.send("email").await;
    world.passes_s(80);
    assert!(matches!(world.next("slack").await, Next::Idle(Some(_))));
    world.passes_s(11);
    world.send("slack").await;
    world.send("slack").await;
    assert_eq!(world.service("slack").count(), 3);
    let health = world
        .db
        .read(|r| channels::get(r, &id("slack")))
        .await
        .unwrap();
    assert_eq!(
        (health.failures, health.fault, health.held_until),
        (0, None, None)
    );
}

/// Two channels lead to one chat, a third elsewhere: what the service asks of one it asks of its destination.
#[tokio::test(flavor = "multi_thread")]
async fn channels_of_one_destination_wait_together() {
    let world = World::with(1, &["one", "two", "other"]).await;
    for (channel, key) in [("one", "chat"), ("two", "chat"), ("other", "elsewhere")] {
        *world.service(channel).paces.lock().unwrap() = vec![Pace {
            key: key.into(),
            most: 100,
            within_ms: 1000,
        }];
        world.put_now(channel, 0).await;
    }
    world
        .service("one")
        .will(retry(Some(Duration::from_secs(120))));
    world.send("one").await;
    let Next::Idle(Some(until)) = world.next("two").await else {
        panic!("two is not held");
    };
    assert!(until > world.now().plus_s(110), "{until}");
    world.send("other").await;
    assert_eq!(world.service("two").count(), 0);
    world.passes_s(121);
    world.send("two").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_tenth_failure_is_the_last_and_it_can_be_sent_once_more() {
    let world = World::with(1, &["email"]).await;
    world.put_now("email", 0).await;
    for n in 1..=10 {
        world.service("email").will(retry(None));
        let state = world.send("email").await.state;
        let last = if n == 10 {
            DeliveryState::Failed
        } else {
            DeliveryState::Retrying
        };
        assert_eq!(state, last, "{n}");
        world.passes_s(2 * 3600 + 1);
    }
    assert_eq!(world.next("email").await, Next::Idle(None));
    let (delivery, tries, health) = world
        .db
        .read(|r| {
            let id_of = deliveries::failed(r, None)?[0];
            let delivery = deliveries::get(r, id_of)?.unwrap();
            Ok((
                delivery,
                attempts::of(r, id_of)?,
                channels::get(r, &id("email"))?,
            ))
        })
        .await
        .unwrap();
    assert_eq!(delivery.fault.unwrap().code, "busy");
    assert_eq!((tries.len(), health.failures), (10, 10));
    assert!(tries.iter().all(|t| t.ended.is_some() && t.fault.is_some()));
    let now = world.now();
    let again = world
        .db
        .write(move |w| deliveries::resend(w, delivery.id, now));
    assert!(again.await.unwrap());
    assert_eq!(world.send("email").await.state, DeliveryState::Sent);
    assert_eq!(world.service("email").count(), 11);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_refused_fails_alone_and_what_is_lost_is_unknown() {
    let world = World::with(3, &["email"]).await;
    for n in 0..3 {
        world.put_now("email", n).await;
    }
    let service = world.service("email");
    service.will(Err(SendError::Refused {
        fault: fault("too_long"),
    }));
    service.will(Err(SendError::Unknown {
        fault: fault("connection_lost"),
    }));
    assert_eq!(world.send("email").await.state, DeliveryState::Failed);
    assert_eq!(world.send("email").await.state, DeliveryState::Unknown);
    assert_eq!(world.send("email").await.state, DeliveryState::Sent);
    world.passes_s(100_000);
    assert_eq!(world.next("email").await, Next::Idle(None));
}

#[tokio::test(flavor = "multi_thread")]
async fn recipients_that_were_refused_are_shown_and_not_tried_again() {
    let world = World::with(1, &["email"]).await;
    world.put_now("email", 0).await;
    world.service("email").will(Ok(Receipt {
        refused: vec![fault("recipient_refused")],
        moved_to: Some("-100".into()),
        ..Receipt::default()
    }));
    let tried = world.send("email").await;
    assert_eq!(
        (tried.state, tried.moved_to.as_deref()),
        (DeliveryState::Sent, Some("-100"))
    );
    let delivery = world
        .db
        .read(move |r| deliveries::get(r, tried.delivery.id));
    let fault = delivery.await.unwrap().unwrap().fault.unwrap();
    assert_eq!(fault.code, "recipient_refused");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_cannot_be_worded_fails_and_holds_up_nobody() {
    let world = World::with(2, &["email"]).await;
    world.put_now("email", 0).await;
    *world.service("email").breaks.lock().unwrap() = true;
    assert_eq!(world.send("email").await.state, DeliveryState::Failed);
    *world.service("email").breaks.lock().unwrap() = false;
    world.put_now("email", 1).await;
    assert_eq!(world.send("email").await.state, DeliveryState::Sent);
}

#[tokio::test(flavor = "multi_thread")]
async fn limits_hold_over_messages_and_over_a_restart() {
    let mut world = World::with(3, &["slack"]).await;
    let pace = Pace {
        key: "slack #alerts".into(),
        most: 2,
        within_ms: 10_000,
    };
    world
        .service("slack")
        .paces
        .lock()
        .unwrap()
        .push(pace.clone());
    for n in 0..3 {
        world.put_now("slack", n).await;
    }
    world.send("slack").await;
    world.send("slack").await;
    let Next::Paced(Wait::Until(at)) = world.next("slack").await else {
        panic!("no limit");
    };
    assert!(at.ms() - world.now().ms() > 5_000);
    // Nothing of it is in memory any more; what is stored says it again.
    world.outbox = Outbox::default();
    let since = world.now().plus_s(-60);
    let ended = world
        .db
        .read(move |r| attempts::ended_after(r, &id("slack"), since));
    for ended in ended.await.unwrap() {
        world.outbox.seed(std::slice::from_ref(&pace), ended);
    }
    assert!(matches!(
        world.next("slack").await,
        Next::Paced(Wait::Until(_))
    ));
    world.passes_s(11);
    world.send("slack").await;
    assert_eq!(world.service("slack").count(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_channel_whose_limit_another_one_uses_waits_for_its_end() {
    let world = World::with(1, &["slack"]).await;
    let pace = Pace {
        key: "bot".into(),
        most: 1,
        within_ms: 0,
    };
    world
        .service("slack")
        .paces
        .lock()
        .unwrap()
        .push(pace.clone());
    world.put_now("slack", 0).await;
    let turn = world.outbox.begin(vec![pace], &world.clock).unwrap();
    assert_eq!(world.next("slack").await, Next::Paced(Wait::ForOthers));
    let ended = world.outbox.another_ended();
    drop(turn);
    ended.await;
    world.send("slack").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_crash_left_in_the_middle_is_unknown_and_never_sent_by_itself() {
    let world = World::with(2, &["email"]).await;
    for n in 0..2 {
        world.put_now("email", n).await;
    }
    let now = world.now();
    let claimed = world
        .db
        .write(move |w| deliveries::claim(w, &id("email"), now));
    let claimed = claimed.await.unwrap().unwrap();
    world.db.close().await;
    let path = world.dir.path().join("tocsin.db");
    let db = Db::open(&path, Open::Write).unwrap();
    let marked = db.write(move |w| deliveries::mark_unknown(w, &interrupted(), now));
    assert_eq!(marked.await.unwrap(), 1);
    let (first, tries) = db
        .read(move |r| {
            let first = deliveries::get(r, claimed.delivery.id)?.unwrap();
            Ok((first, attempts::of(r, claimed.delivery.id)?))
        })
        .await
        .unwrap();
    assert_eq!(first.state, DeliveryState::Unknown);
    assert_eq!(first.fault.unwrap().code, "delivery_interrupted");
    // Its attempt counts for the limits.
    assert_eq!((tries.len(), tries[0].ended), (1, Some(now)));
    let world = World { db, ..world };
    world.send("email").await;
    assert_eq!(world.next("email").await, Next::Idle(None));
    assert_eq!(world.service("email").uids(), [["CVE-2026-10001"]]);
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_alerts_wait_in_order_of_their_time() {
    let world = World::with(1, &["email"]).await;
    let (subject, now) = (world.subject(0), world.now());
    let put = world.db.write(move |w| {
        let email = id("email");
        let all: Vec<_> = (0..10_000_i64)
            .map(|n| deliveries::Entry {
                channel: &email,
                subject: tocsin_core::model::Subject {
                    at: Time(n),
                    ..subject
                },
                rules: &[],
                form: DeliveryForm::Alerts,
                due: Time(now.ms() - (n * 7_919) % 10_000),
                slot: None,
            })
            .collect();
        deliveries::enqueue(w, &all, now)
    });
    assert_eq!(put.await.unwrap(), 10_000);
    let mut last = Time(0);
    for _ in 0..50 {
        let sent = world.send("email").await.delivery;
        assert!(sent.due >= last);
        last = sent.due;
    }
}

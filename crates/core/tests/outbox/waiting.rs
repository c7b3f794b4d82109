//! What becomes of messages that wait too long, whose channel is gone, whose alerts are taken back; weekly tests;
//! a clock that goes back.

use std::sync::Arc;
use std::time::Duration;

use crate::world::{World, fault, id, retry, stop};
use tocsin_core::model::{Change, ChannelId, DeliveryForm, DeliveryState, Happened, Time};
use tocsin_core::notify::{Content, SendError};
use tocsin_core::outbox::Next;
use tocsin_core::store::deliveries::Folder;
use tocsin_core::store::{changes, channels, deliveries, meta};

const DAY_S: i64 = 24 * 3600;

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_too_long_expires_with_a_reason_and_digests_wait_longer() {
    let world = World::with(3, &["email", "desktop"]).await;
    world.put_now("email", 0).await;
    world
        .put("email", 1, DeliveryForm::Digest, world.now(), Some("s"))
        .await;
    world.put_now("desktop", 0).await;
    assert!(!world.keep().await);
    world.passes_s(13 * 3600);
    assert!(world.keep().await);
    assert_eq!(world.all("desktop").await[0].1, DeliveryState::Expired);
    world.passes_s(3 * DAY_S);
    assert!(world.keep().await);
    let states: Vec<_> = world.all("email").await.iter().map(|m| m.1).collect();
    assert_eq!(states, [DeliveryState::Expired, DeliveryState::Waiting]);
    world.passes_s(4 * DAY_S);
    assert!(world.keep().await);
    assert_eq!(world.all("email").await[1].1, DeliveryState::Expired);
    assert_eq!(world.next("email").await, Next::Idle(None));
    let expired = world.db.read(|r| {
        let all = deliveries::failed(r, None)?;
        Ok((all.len(), deliveries::get(r, all[0])?.unwrap()))
    });
    let (count, first) = expired.await.unwrap();
    assert_eq!(
        (count, first.fault.unwrap().code.as_str()),
        (3, "delivery_expired")
    );
    // Somebody wants it all the same.
    let now = world.now();
    assert!(
        world
            .db
            .write(move |w| deliveries::resend(w, first.id, now))
            .await
            .unwrap()
    );
    assert!(!world.keep().await);
    world.send("email").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_for_a_channel_that_is_gone_fails() {
    let mut world = World::with(1, &["email", "slack"]).await;
    world.put_now("email", 0).await;
    world.put_now("slack", 0).await;
    world.service("slack").will(crate::world::stop());
    assert!(world.send("slack").await.has_stopped);
    world.send("email").await;
    world.send("email").await;
    let mut setup = (*world.setup).clone();
    setup.channels.remove(&id("slack"));
    setup.known.remove(&id("slack"));
    world.setup = Arc::new(setup);
    assert!(world.keep().await);
    assert_eq!(world.all("slack").await[0].1, DeliveryState::Failed);
    assert_eq!(world.all("email").await[0].1, DeliveryState::Sent);
    // One that is added later under its id begins anew.
    let health = world.db.read(|r| channels::get(r, &id("slack")));
    assert_eq!(health.await.unwrap().stopped, None);
    assert!(!world.keep().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_digest_whose_alerts_were_all_taken_back_is_never_sent() {
    let world = World::with(3, &["email"]).await;
    let due = world.now().plus_s(60);
    for n in 0..2 {
        world
            .put("email", n, DeliveryForm::Digest, due, Some("s"))
            .await;
    }
    world
        .put("email", 2, DeliveryForm::Digest, due.plus_s(1), Some("t"))
        .await;
    let (gone, at) = (world.alerts[..2].to_vec(), world.now());
    let reject = world.db.write(move |w| {
        for id in gone {
            let what = Happened::Rejected {
                before: None,
                after: Some("Rejected".into()),
                closed: None,
                reason: None,
            };
            changes::insert(w, id, &Change { at, what })?;
        }
        Ok(())
    });
    reject.await.unwrap();
    world.passes_s(62);
    world.send("email").await;
    assert_eq!(world.service("email").uids(), [["CVE-2026-10002"]]);
    let states: Vec<_> = world.all("email").await.iter().map(|m| m.1).collect();
    assert_eq!(states, [DeliveryState::Dropped, DeliveryState::Sent]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_weekly_test_goes_out_once_a_week() {
    let mut world = World::with(0, &["email", "slack"]).await;
    let mut setup = (*world.setup).clone();
    setup.known.get_mut(&id("email")).unwrap().weekly_test = true;
    world.setup = Arc::new(setup);
    assert!(world.keep().await);
    assert!(!world.keep().await);
    world.send("email").await;
    assert_eq!(world.service("email").last().content, Content::SelfTest);
    world.passes_s(7 * DAY_S);
    assert!(world.keep().await);
    assert!(!world.keep().await);
    world.send("email").await;
    assert_eq!(world.service("email").count(), 2);
    assert_eq!(world.next("slack").await, Next::Idle(None));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_went_back_does_not_keep_news_waiting() {
    let world = World::with(2, &["email"]).await;
    world.put_now("email", 0).await;
    world
        .put(
            "email",
            1,
            DeliveryForm::Digest,
            world.now().plus_s(60),
            Some("s"),
        )
        .await;
    world.passes_s(-30 * DAY_S);
    assert!(matches!(world.next("email").await, Next::Idle(Some(_))));
    world.clock_went_back().await;
    world.send("email").await;
    // A digest keeps its time here: routing knows its next one.
    assert!(matches!(world.next("email").await, Next::Idle(Some(_))));
}

/// What is due, tried or held far ahead is brought back, whenever it was made.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_clock_did_far_ahead_does_not_hold_anything_up() {
    let world = World::with(3, &["email", "slack", "telegram"]).await;
    // Resent, put together, tried again and held by a clock ten hours ahead; all of it was made before.
    for channel in ["email", "slack", "telegram"] {
        world.put_now(channel, 0).await;
    }
    world.service("email").will(Err(SendError::Refused {
        fault: fault("smtp_refused"),
    }));
    let failed = world.send("email").await.delivery.id;
    world.passes_s(10 * 3600);
    let now = world.now();
    let resent = world.db.write(move |w| deliveries::resend(w, failed, now));
    assert!(resent.await.unwrap());
    world
        .service("slack")
        .will(retry(Some(Duration::from_secs(600))));
    world.service("telegram").will(stop());
    world.send("slack").await;
    world.send("telegram").await;
    let seen = world.db.write(move |w| meta::set_bell_seen(w, now));
    seen.await.unwrap();
    world.passes_s(-10 * 3600);
    assert!(matches!(world.next("email").await, Next::Idle(Some(_))));
    world.clock_went_back().await;
    world.send("email").await;
    // What a service asked for is kept, from now on.
    let Next::Idle(Some(at)) = world.next("slack").await else {
        panic!("not held");
    };
    assert!(at > world.now().plus_s(590), "{at}");
    assert!(at < world.now().plus_s(601), "{at}");
    world.clock_went_back().await;
    world.passes_s(601);
    world.send("slack").await;
    let (health, seen) = world
        .db
        .read(|r| Ok((channels::get(r, &id("telegram"))?, meta::bell_seen(r)?)))
        .await
        .unwrap();
    assert!(health.stopped.unwrap() <= world.now());
    assert!(health.last_failure.unwrap() <= world.now());
    assert!(seen.unwrap() <= world.now());
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_counts_more_than_a_thousand_messages() {
    let world = World::with(0, &["email"]).await;
    let beside = rusqlite::Connection::open(world.dir.path().join("tocsin.db")).unwrap();
    for state in ["sent", "failed", "waiting"] {
        beside
            .execute(
                "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1200) INSERT INTO deliveries (channel, form, state, created, due, next_attempt) SELECT 'email', 'digest', ?1, 0, 0, CASE ?1 WHEN 'waiting' THEN 0 END FROM n",
                [state],
            )
            .unwrap();
    }
    let counted = world.db.read(|r| {
        let of = |folder, channel: Option<&ChannelId>| deliveries::counts(r, folder, channel);
        let email = id("email");
        Ok([
            of(Folder::OUTBOX, Some(&email))?,
            of(Folder::DELIVERED, None)?,
            of(Folder::FAILED, Some(&email))?,
            of(Folder::Digests, None)?,
            of(Folder::All, Some(&email))?,
            deliveries::undelivered(r)?,
            deliveries::undelivered_of(r, &email)?,
            deliveries::waiting(r, &email, Time(1))?.0,
        ])
    });
    assert_eq!(counted.await.unwrap(), [1000; 8]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_messages_said_is_forgotten_after_a_quarter_and_the_rest_kept() {
    let world = World::with(1, &["email"]).await;
    world.put_now("email", 0).await;
    let sent = world.send("email").await.delivery.id;
    let read = || {
        world.db.read(move |r| {
            let delivery = deliveries::get(r, sent)?.unwrap();
            Ok((deliveries::message(r, sent)?, delivery.state))
        })
    };
    let (message, _) = read().await.unwrap();
    assert!(message.unwrap().contains("1 alerts"));
    world.passes_s(91 * DAY_S);
    assert!(world.keep().await);
    let (message, state) = read().await.unwrap();
    assert_eq!(message, None);
    assert_eq!(state, DeliveryState::Sent);
    assert!(!world.keep().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_bell_lists_each_change_once_with_its_channels() {
    let world = World::with(3, &["email", "slack"]).await;
    for n in 0..3 {
        world.put_now("email", n).await;
    }
    world.put_now("slack", 1).await;
    let (bell, unseen, none) = world
        .db
        .read(|r| {
            Ok((
                deliveries::bell(r, 2)?,
                deliveries::unseen(r, Time(0), crate::world::START)?,
                deliveries::unseen(r, crate::world::START, Time(i64::MAX))?,
            ))
        })
        .await
        .unwrap();
    let rung: Vec<_> = bell
        .iter()
        .map(|ring| (ring.subject, ring.channels.len()))
        .collect();
    assert_eq!(rung, [(world.subject(2), 1), (world.subject(1), 2)]);
    assert_eq!((unseen, none), (3, 0));
}

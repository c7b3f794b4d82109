//! Channels that stop, say so elsewhere, and start again.

use std::sync::Arc;

use crate::world::{World, fault, groups, id, stop};
use tocsin_core::model::{DeliveryForm, DeliveryState};
use tocsin_core::notify::{Content, DigestWhy};
use tocsin_core::outbox::Next;
use tocsin_core::store::{channels, deliveries};

#[tokio::test(flavor = "multi_thread")]
async fn a_channel_that_stops_keeps_what_waits_and_says_so_once_on_each_that_works() {
    let world = World::with(2, &["slack", "email", "desktop", "telegram"]).await;
    // Telegram stopped before.
    world.put_now("telegram", 0).await;
    world.service("telegram").will(stop());
    world.send("telegram").await;
    for other in ["slack", "email", "desktop"] {
        world.send(other).await;
    }
    for n in 0..2 {
        world.put_now("slack", n).await;
    }
    world.service("slack").will(stop());
    let tried = world.send("slack").await;
    assert_eq!(
        (tried.state, tried.has_stopped),
        (DeliveryState::Waiting, true)
    );
    assert_eq!(world.next("slack").await, Next::Idle(None));
    world.passes_s(1000);
    assert_eq!(world.next("slack").await, Next::Idle(None));
    let waiting = (DeliveryForm::Alerts, DeliveryState::Waiting, 1);
    assert_eq!(world.all("slack").await[1..], [waiting, waiting]);
    for other in ["email", "desktop"] {
        world.send(other).await;
        let told = world.service(other).last();
        let Content::Notice { channel, fault } = &told.content else {
            panic!("{told:?}");
        };
        assert_eq!(
            (channel.as_str(), fault.code.as_str()),
            ("SLACK", "not_in_channel")
        );
        assert_eq!(world.next(other).await, Next::Idle(None));
    }
    assert_eq!(world.service("telegram").count(), 1);
    let health = world
        .db
        .read(|r| channels::get(r, &id("slack")))
        .await
        .unwrap();
    assert!(health.stopped.is_some());
    assert_eq!(health.fault.unwrap().code, "not_in_channel");
}

/// What stopped it may have been put right while nobody ran.
#[tokio::test(flavor = "multi_thread")]
async fn a_start_tries_a_stopped_channel_again_and_tells_nobody_twice() {
    let world = World::with(2, &["slack", "email"]).await;
    world.put_now("slack", 0).await;
    world.service("slack").will(stop());
    assert!(world.send("slack").await.has_stopped);
    world.send("email").await;
    world.start_again().await;
    world.service("slack").will(stop());
    assert!(world.send("slack").await.has_stopped);
    assert_eq!(world.next("slack").await, Next::Idle(None));
    assert_eq!(world.next("email").await, Next::Idle(None));
    // Something else is told.
    world.start_again().await;
    world
        .service("slack")
        .will(Err(tocsin_core::notify::SendError::Stop {
            fault: fault("slack_invalid_auth"),
        }));
    assert!(world.send("slack").await.has_stopped);
    world.send("email").await;
    world.start_again().await;
    assert_eq!(world.send("slack").await.state, DeliveryState::Sent);
    // It worked since: the next stop is news.
    world.put_now("slack", 1).await;
    world.service("slack").will(stop());
    world.send("slack").await;
    world.send("email").await;
    assert_eq!(world.service("email").count(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn few_messages_that_waited_go_out_as_they_are() {
    let world = World::with(5, &["slack"]).await;
    for n in 0..5 {
        world.put_now("slack", n).await;
    }
    world.service("slack").will(stop());
    world.send("slack").await;
    assert!(world.resume("slack").await);
    assert!(!world.resume("slack").await);
    for _ in 0..5 {
        assert_eq!(world.send("slack").await.state, DeliveryState::Sent);
    }
    // The one that it stopped at is the first again.
    let uids = world.service("slack").uids().concat();
    assert_eq!(uids[0], uids[1]);
    assert_eq!(uids.len(), 6);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_messages_that_waited_become_one_digest_and_what_is_to_come_stays() {
    let world = World::with(8, &["slack"]).await;
    for n in 0..6 {
        world.put_now("slack", n).await;
    }
    let (later, slot) = (world.now().plus_s(9000), Some("2027-01-15T12:00 UTC"));
    world
        .put("slack", 6, DeliveryForm::Digest, later, slot)
        .await;
    world.service("slack").will(stop());
    world.send("slack").await;
    world.passes_s(10);
    assert!(world.resume("slack").await);
    let sent = world.send("slack").await;
    assert_eq!(
        (sent.delivery.form, sent.state),
        (DeliveryForm::Digest, DeliveryState::Sent)
    );
    let digest = world.service("slack").last();
    assert!(
        matches!(&digest.content, Content::Digest(d) if d.why == DigestWhy::Resumed && d.total == 6)
    );
    assert_eq!(groups(&digest).iter().map(|g| g.1).sum::<usize>(), 6);
    assert!(matches!(world.next("slack").await, Next::Idle(Some(_))));
    let digest = |state, alerts| (DeliveryForm::Digest, state, alerts);
    let mut all = world.all("slack").await;
    all.sort_by_key(|m| m.2);
    assert_eq!(
        all,
        [
            digest(DeliveryState::Waiting, 1),
            digest(DeliveryState::Sent, 6)
        ]
    );
    // Nothing is sent twice: what is in the digest is known.
    assert_eq!(
        world
            .put("slack", 0, DeliveryForm::Alerts, world.now(), None)
            .await,
        0
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_channel_that_cannot_be_built_waits_and_is_told_of_once() {
    let mut world = World::with(2, &["slack", "email"]).await;
    let mut setup = (*world.setup).clone();
    let door = setup
        .channels
        .insert(id("slack"), Err(fault("slack_no_channel")));
    world.setup = Arc::new(setup.clone());
    world.put_now("slack", 0).await;
    assert_eq!(world.next("slack").await, Next::Stopped);
    assert_eq!(world.next("slack").await, Next::Idle(None));
    world.put_now("slack", 1).await;
    assert_eq!(world.next("slack").await, Next::Idle(None));
    world.send("email").await;
    assert_eq!(world.next("email").await, Next::Idle(None));
    // No attempt was made of it.
    let waiting = world
        .db
        .read(|r| deliveries::next(r, &id("slack"), tocsin_core::model::Time(i64::MAX)));
    assert_eq!(waiting.await.unwrap().unwrap().attempts, 0);
    setup.channels.insert(id("slack"), door.unwrap());
    world.setup = Arc::new(setup);
    world.resume("slack").await;
    world.send("slack").await;
    world.send("slack").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_channel_that_is_off_waits_and_is_no_fault() {
    let mut world = World::with(1, &["slack"]).await;
    let mut setup = (*world.setup).clone();
    let door = setup.channels.remove(&id("slack"));
    world.setup = Arc::new(setup.clone());
    world.put_now("slack", 0).await;
    assert_eq!(world.next("slack").await, Next::Idle(None));
    let health = world
        .db
        .read(|r| channels::get(r, &id("slack")))
        .await
        .unwrap();
    assert_eq!(health.stopped, None);
    setup.channels.insert(id("slack"), door.unwrap());
    world.setup = Arc::new(setup);
    world.send("slack").await;
}

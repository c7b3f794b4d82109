//! What alerts become one message, and what a digest says.

use crate::world::{START, World, groups, id};
use tocsin_core::model::{ChangeKind, DeliveryForm, DeliveryState, Severity, Time};
use tocsin_core::notify::{Content, DigestWhy};
use tocsin_core::store::deliveries::{self, Entry};

#[tokio::test(flavor = "multi_thread")]
async fn alerts_join_the_group_that_is_open_and_what_is_due_now_goes_alone() {
    let world = World::with(6, &["email", "slack"]).await;
    let due = world.now().plus_s(30);
    for n in 0..2 {
        assert_eq!(
            world.put("email", n, DeliveryForm::Alerts, due, None).await,
            1
        );
    }
    // Ten seconds later: the group goes out when its first alert says.
    world.passes_s(10);
    let later = world.now().plus_s(30);
    world
        .put("email", 2, DeliveryForm::Alerts, later, None)
        .await;
    world.put_now("email", 3).await;
    world.put_now("email", 4).await;
    world
        .put("slack", 0, DeliveryForm::Alerts, later, None)
        .await;
    let waiting = |alerts| (DeliveryForm::Alerts, DeliveryState::Waiting, alerts);
    assert_eq!(
        world.all("email").await,
        [waiting(3), waiting(1), waiting(1)]
    );
    assert_eq!(world.all("slack").await, [waiting(1)]);
    // After its time nothing joins it any more.
    world.passes_s(25);
    let late = world.now().plus_s(30);
    world
        .put("email", 5, DeliveryForm::Alerts, late, None)
        .await;
    assert_eq!(world.all("email").await.last(), Some(&waiting(1)));
    world.send("email").await;
    assert_eq!(world.service("email").uids(), [["CVE-2026-10003"]]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_gathers_two_hundred_alerts() {
    let world = World::with(450, &["email"]).await;
    let (now, due) = (world.now(), world.now().plus_s(30));
    let subjects: Vec<_> = (0..450).map(|n| world.subject(n)).collect();
    let put = world.db.write(move |w| {
        let email = id("email");
        let entry = |subject: &_| Entry {
            channel: &email,
            subject: *subject,
            rules: &[],
            form: DeliveryForm::Alerts,
            due,
            slot: None,
        };
        let (first, rest) = subjects.split_at(100);
        let first: Vec<_> = first.iter().map(entry).collect();
        let rest: Vec<_> = rest.iter().map(entry).collect();
        Ok(deliveries::enqueue(w, &first, now)? + deliveries::enqueue(w, &rest, now)?)
    });
    assert_eq!(put.await.unwrap(), 450);
    let alerts: Vec<u32> = world.all("email").await.iter().map(|m| m.2).collect();
    assert_eq!(alerts, [200, 200, 50]);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_change_goes_to_a_channel_once_and_names_all_rules_that_asked() {
    let world = World::with(1, &["email"]).await;
    let (subject, now) = (world.subject(0), world.now());
    let put = |rule: &'static str, form, slot: Option<&'static str>| {
        world.db.write(move |w| {
            let entry = Entry {
                channel: &id("email"),
                subject,
                rules: &[rule.to_owned()],
                form,
                due: now,
                slot,
            };
            deliveries::enqueue(w, &[entry], now)
        })
    };
    assert_eq!(put("one", DeliveryForm::Alerts, None).await.unwrap(), 1);
    assert_eq!(
        put("two", DeliveryForm::Digest, Some("s")).await.unwrap(),
        0
    );
    assert_eq!(put("one", DeliveryForm::Alerts, None).await.unwrap(), 0);
    world.send("email").await;
    let sent = world.service("email").last();
    assert_eq!(sent.alerts().next().unwrap().rules, ["one", "two"]);
    // What went out says what it said.
    assert_eq!(put("three", DeliveryForm::Alerts, None).await.unwrap(), 0);
    assert_eq!(world.all("email").await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slot_is_one_digest_and_nothing_is_lost_where_it_is_over() {
    let world = World::with(4, &["email"]).await;
    let due = world.now().plus_s(3600);
    let name = "2027-01-15T10:00 UTC";
    let slot = Some(name);
    for n in 0..2 {
        world.put("email", n, DeliveryForm::Digest, due, slot).await;
    }
    assert_eq!(world.all("email").await.len(), 1);
    world.passes_s(3601);
    world.send("email").await;
    // The clock goes back, and something is routed to the same digest.
    world.passes_s(-3000);
    let now = world.now();
    let over = world
        .db
        .read(move |r| deliveries::slots_that_are_over(r, now))
        .await
        .unwrap();
    assert_eq!(over, [(id("email"), name.to_owned())]);
    for n in 2..4 {
        world.put("email", n, DeliveryForm::Digest, due, slot).await;
    }
    let digest = |state| (DeliveryForm::Digest, state, 2);
    assert_eq!(
        world.all("email").await,
        [digest(DeliveryState::Sent), digest(DeliveryState::Waiting)]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_digest_lists_fifty_by_level_and_counts_the_rest() {
    let world = World::with(240, &["email"]).await;
    for n in 0..240 {
        world
            .put("email", n, DeliveryForm::Digest, world.now(), Some("s"))
            .await;
    }
    world.send("email").await;
    let sent = world.service("email").last();
    let Content::Digest(digest) = &sent.content else {
        panic!("{sent:?}");
    };
    assert_eq!(
        (digest.why, digest.total, digest.from),
        (DigestWhy::Time, 240, START)
    );
    assert_eq!(
        groups(&sent),
        [
            (Some(Severity::High), 50, 10),
            (Some(Severity::Medium), 0, 60),
            (Some(Severity::Low), 0, 60),
            (None, 0, 60),
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn quiet_hours_end_with_one_message_that_says_so() {
    let world = World::with(3, &["email"]).await;
    for n in 0..3 {
        let due = world.now().plus_s(3600);
        world
            .put(
                "email",
                n,
                DeliveryForm::Quiet,
                due,
                Some("quiet 2027-01-15T09:00 UTC"),
            )
            .await;
    }
    assert!(matches!(
        world.next("email").await,
        tocsin_core::outbox::Next::Idle(Some(_))
    ));
    world.passes_s(3601);
    world.send("email").await;
    let sent = world.service("email").last();
    assert!(matches!(&sent.content, Content::Digest(d) if d.why == DigestWhy::QuietHoursEnded));
    assert_eq!(sent.alerts().count(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_alert_is_listed_once_however_much_happened_to_it() {
    let world = World::with(1, &["email"]).await;
    let (alert, now) = (world.alerts[0], world.now());
    world
        .db
        .write(move |w| {
            for (change, rule) in [
                (ChangeKind::TextChanged, "one"),
                (ChangeKind::Exploited, "two"),
            ] {
                let entry = Entry {
                    channel: &id("email"),
                    subject: tocsin_core::model::Subject {
                        alert,
                        change,
                        at: START,
                    },
                    rules: &[rule.to_owned()],
                    form: DeliveryForm::Alerts,
                    due: now.plus_s(1),
                    slot: None,
                };
                deliveries::enqueue(w, &[entry], now)?;
            }
            Ok(())
        })
        .await
        .unwrap();
    world.passes_s(2);
    world.send("email").await;
    let sent = world.service("email").last();
    let told: Vec<_> = sent.alerts().map(|a| (a.change, a.rules.clone())).collect();
    let mut rules = told[0].1.clone();
    rules.sort();
    assert_eq!((told.len(), told[0].0), (1, ChangeKind::Exploited));
    assert_eq!(rules, ["one", "two"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn later_news_of_an_alert_hang_on_its_first_message() {
    let world = World::with(2, &["slack"]).await;
    world.put_now("slack", 0).await;
    world.send("slack").await;
    assert_eq!(world.service("slack").last().thread, None);
    let (alert, now) = (world.alerts[0], world.now());
    world
        .db
        .write(move |w| {
            let entry = Entry {
                channel: &id("slack"),
                subject: tocsin_core::model::Subject {
                    alert,
                    change: ChangeKind::Exploited,
                    at: Time(START.ms() + 1),
                },
                rules: &[],
                form: DeliveryForm::Alerts,
                due: now,
                slot: None,
            };
            deliveries::enqueue(w, &[entry], now)
        })
        .await
        .unwrap();
    world.put_now("slack", 1).await;
    world.send("slack").await;
    assert_eq!(
        world.service("slack").last().thread.as_deref(),
        Some("reference 1")
    );
    world.send("slack").await;
    assert_eq!(world.service("slack").last().thread, None);
}

//! What an interface asks of messages and channels, of a whole app that mails to the replay's sink.

use serde_json::{Value, json};
use tocsin_core::app::App;
use tocsin_core::events::{Event, NotificationAct};
use tocsin_core::model::AlertId;
use tocsin_replay::{Replay, SmtpBehaviour};

use crate::common::{self, Home, call, collect, fixtures};

/// A record that the watch "router" matches, published now.
fn news(replay: &Replay, id: &str) {
    let now = replay.now().format("%Y-%m-%dT%H:%M:%S.000").to_string();
    let record = json!({ "cve": {
        "id": id, "sourceIdentifier": "cna@example.org", "published": now, "lastModified": now,
        "vulnStatus": "Received", "references": [],
        "descriptions": [{ "lang": "en", "value": format!("Acme Router: flaw {id}.") }],
    } });
    replay.put_nvd(&record).unwrap();
}

/// An app that has had its first collection and mails to the sink.
async fn ready(home: &mut Home, replay: &Replay) -> App {
    home.set("KEYWORDS", "router");
    let app = home.start(false).await;
    collect(&app, "nvd").await;
    common::an_hour_passes(replay, &app);
    app
}

/// Collects, and sends what was gathered.
async fn send(app: &App) {
    collect(app, "nvd").await;
    app.clock().advance_ms(31_000);
    app.drain_outbox().await.unwrap();
}

async fn list(app: &App, mut ask: Value) -> Value {
    if ask["limit"].is_null() {
        ask["limit"] = json!(200);
    }
    call(app, "deliveries_list", ask).await
}

async fn channel(app: &App, id: &str) -> Value {
    let all = call(app, "channels_list", json!({})).await;
    let found = all.as_array().unwrap().iter().find(|c| c["id"] == id);
    found.unwrap().clone()
}

fn refuse(reply: &str) -> SmtpBehaviour {
    SmtpBehaviour {
        data_reply: Some(reply.to_owned()),
        ..SmtpBehaviour::default()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_stops_the_channel_and_the_right_one_starts_it() {
    let replay = fixtures();
    let mut home = Home::against(&replay);
    home.mail_to_sink(&replay);
    home.variables.retain(|(name, _)| name != "EMAIL_PASS");
    let app = ready(&mut home, &replay).await;
    let set = |value: &str| json!({ "name": "email_password", "channel": "email", "value": value });
    call(&app, "secret_set", set("tocsin-test-secret-wrong")).await;
    news(&replay, "CVE-2026-94001");
    send(&app).await;
    let email = channel(&app, "email").await;
    assert_eq!(
        (&email["state"], &email["waiting"]),
        (&json!("stopped"), &json!(1))
    );
    assert_eq!(email["fault"]["code"], "smtp_auth_failed");
    let told = |app: &App| app.notices().iter().any(|n| n.code == "channel_stopped");
    assert!(told(&app));
    let rows = list(&app, json!({ "folder": "outbox" })).await;
    assert_eq!(rows["rows"][0]["delivery"]["state"], "waiting");
    // Nothing is tried while nobody acts.
    app.clock().advance_ms(3_600_000);
    app.drain_outbox().await.unwrap();
    assert_eq!(replay.smtp().messages().len(), 0);

    call(&app, "secret_set", set(replay.smtp().password())).await;
    app.drain_outbox().await.unwrap();
    assert_eq!(replay.smtp().messages().len(), 1);
    let email = channel(&app, "email").await;
    assert_eq!(
        (&email["state"], &email["failures"]),
        (&json!("works"), &json!(0))
    );
    assert!(email["last_success"].is_string());
    assert!(!told(&app));
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopped_channel_starts_again_when_somebody_says_so() {
    let replay = fixtures();
    let mut home = Home::against(&replay);
    home.mail_to_sink(&replay);
    let app = ready(&mut home, &replay).await;
    replay.smtp().set_behaviour(SmtpBehaviour {
        hide_starttls: true,
        ..SmtpBehaviour::default()
    });
    news(&replay, "CVE-2026-94002");
    send(&app).await;
    assert_eq!(channel(&app, "email").await["state"], "stopped");
    replay.smtp().set_behaviour(SmtpBehaviour::default());
    call(&app, "channel_resume", json!({ "channel": "email" })).await;
    app.drain_outbox().await.unwrap();
    assert_eq!(channel(&app, "email").await["state"], "works");
    assert_eq!(replay.smtp().messages().len(), 1);
    let unknown = app
        .call("channel_resume", json!({ "channel": "nowhere" }))
        .await;
    assert_eq!(unknown.unwrap_err().code, "channel_unknown");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_good_test_switches_on_what_was_just_connected_and_nothing_that_somebody_switched_off() {
    for (switched, expect) in [("", true), ("enabled = false\n", false)] {
        let replay = fixtures();
        let mut home = Home::against(&replay);
        home.mail_to_sink(&replay);
        let file = home.path().join("settings.toml");
        let text = std::fs::read_to_string(&file).unwrap();
        home.settings(&text.replace("enabled = true\n", switched));
        let app = home.start(false).await;
        assert_eq!(channel(&app, "email").await["enabled"], false);
        let tested = call(&app, "channel_test", json!({ "channel": "email" })).await;
        assert_eq!(tested["fault"], Value::Null);
        assert_eq!(tested["switched_on"], expect, "{switched}");
        assert_eq!(channel(&app, "email").await["enabled"], expect);
        assert_eq!(replay.smtp().messages().len(), 1);
        app.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_are_listed_by_folder_with_what_went_out_and_can_be_acted_on() {
    let replay = fixtures();
    let mut home = Home::against(&replay);
    home.mail_to_sink(&replay);
    let app = ready(&mut home, &replay).await;
    news(&replay, "CVE-2026-94003");
    send(&app).await;
    replay.smtp().set_behaviour(refuse("554 5.7.1 no"));
    for n in 4..6 {
        common::an_hour_passes(&replay, &app);
        news(&replay, &format!("CVE-2026-9400{n}"));
        send(&app).await;
    }
    let all = list(&app, json!({})).await;
    let counts = json!({ "outbox": 0, "delivered": 1, "failed": 2, "digests": 0 });
    assert_eq!((&all["counts"], &all["has_more"]), (&counts, &json!(false)));
    let titles: Vec<&str> = all["rows"]
        .as_array()
        .unwrap()
        .iter()
        .map(|r| r["title"].as_str().unwrap())
        .collect();
    assert_eq!(titles.len(), 3);
    assert!(
        all["rows"]
            .as_array()
            .unwrap()
            .iter()
            .all(|r| r["channel_name"] == "E-mail" && r["alerts"] == 1)
    );
    // A page, and the one behind it.
    let page = list(&app, json!({ "limit": 2 })).await;
    assert_eq!(
        (page["rows"].as_array().unwrap().len(), &page["has_more"]),
        (2, &json!(true))
    );
    let before = &page["rows"][1]["delivery"]["id"];
    let rest = list(&app, json!({ "limit": 2, "before": before })).await;
    assert_eq!(
        (rest["rows"].as_array().unwrap().len(), &rest["has_more"]),
        (1, &json!(false))
    );
    assert_eq!(rest["rows"][0]["delivery"]["state"], "sent");

    let sent = &rest["rows"][0]["delivery"]["id"];
    let detail = call(&app, "delivery_get", json!({ "id": sent })).await;
    assert_eq!(
        (&detail["is_final"], &detail["message"]["kind"]),
        (&json!(true), &json!("email"))
    );
    assert!(
        detail["message"]["text"]
            .as_str()
            .unwrap()
            .contains("CVE-2026-94003")
    );
    assert_eq!(detail["attempts"].as_array().unwrap().len(), 1);
    assert_eq!(detail["subjects"][0]["uid"], "CVE-2026-94003");
    assert_eq!(detail["subjects"][0]["rules"].as_array().unwrap().len(), 1);
    // An alert's own history.
    let id = &detail["subjects"][0]["id"];
    let own = list(&app, json!({ "alert": id })).await;
    assert_eq!(own["rows"].as_array().unwrap().len(), 1);

    // What was sent is not given up; what failed is sent again, all of it.
    let refused = app.call("delivery_drop", json!({ "id": sent })).await;
    assert_eq!(refused.unwrap_err().code, "delivery_not_open");
    replay.smtp().set_behaviour(SmtpBehaviour::default());
    call(&app, "deliveries_act", json!({ "resend": true })).await;
    app.drain_outbox().await.unwrap();
    let counts = list(&app, json!({ "folder": "failed" })).await["counts"].clone();
    assert_eq!(
        (&counts["failed"], &counts["delivered"]),
        (&json!(0), &json!(3))
    );

    let bell = call(&app, "bell_get", json!({})).await;
    assert_eq!(
        (&bell["unseen"], bell["rings"].as_array().unwrap().len()),
        (&json!(3), 3)
    );
    assert_eq!(bell["rings"][0]["uid"], "CVE-2026-94005");
    assert_eq!(bell["rings"][0]["channels"], json!(["E-mail"]));
    call(&app, "bell_seen", json!({})).await;
    let bell = call(&app, "bell_get", json!({})).await;
    assert_eq!(
        (&bell["unseen"], &bell["rings"][0]["is_unseen"]),
        (&json!(0), &json!(false))
    );
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_is_previewed_with_a_real_alert_and_as_a_digest() {
    let replay = fixtures();
    let mut home = Home::against(&replay);
    home.mail_to_sink(&replay);
    let app = home.start(false).await;
    let ask = json!({ "channel": "email" });
    let nothing = call(&app, "channel_preview", ask.clone()).await;
    assert_eq!(nothing["message"], Value::Null);
    app.stop().await;

    let mut home = Home::against(&replay);
    home.mail_to_sink(&replay);
    let app = ready(&mut home, &replay).await;
    news(&replay, "CVE-2026-94006");
    collect(&app, "nvd").await;
    let shown = call(&app, "channel_preview", ask).await;
    assert_eq!(shown["message"]["kind"], "email");
    let id = common::row(&app, "CVE-2026-94006").await["id"].clone();
    let one = json!({ "channel": "email", "alert": id });
    let shown = call(&app, "channel_preview", one).await;
    let text = shown["message"]["text"].as_str().unwrap();
    assert!(text.contains("CVE-2026-94006"), "{text}");
    let digest = json!({ "channel": "email", "digest": true });
    let shown = call(&app, "channel_preview", digest).await;
    assert!(
        shown["message"]["text"]
            .as_str()
            .unwrap()
            .contains("CVE-2026-94006")
    );
    assert_eq!(replay.smtp().messages().len(), 0);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_button_of_a_notification_is_triage_that_can_be_undone() {
    let replay = fixtures();
    let home = Home::against(&replay);
    let app = home.start(false).await;
    collect(&app, "nvd").await;
    let uid = "CVE-2026-90001";
    let id = common::row(&app, uid).await["id"].as_i64().unwrap();
    for (act, state) in [
        (NotificationAct::Done, "done"),
        (NotificationAct::Snooze, "snoozed"),
    ] {
        let mut events = app.events().subscribe();
        let id = AlertId(id);
        app.events().send(Event::NotificationAct { id, act });
        common::wait_for(&mut events, |e| *e == Event::TriageChanged).await;
        assert_eq!(common::row(&app, uid).await["state"], state);
    }
    assert!(common::row(&app, uid).await["until"].is_string());
    call(&app, "triage_undo", json!({})).await;
    call(&app, "triage_undo", json!({})).await;
    assert_eq!(common::row(&app, uid).await["state"], "new");
    app.stop().await;
}

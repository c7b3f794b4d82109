//! Route and notify: what goes out, what is tried again, what a crash leaves.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use std::time::Duration;

use common::{Home, call, collect, fixtures};
use serde_json::{Value, json};
use tocsin_core::app::App;
use tocsin_core::model::{AlertId, ChangeKind, ChannelId, DeliveryForm, Subject, Time};
use tocsin_core::store::{Db, Open, deliveries};
use tocsin_replay::{Replay, SmtpBehaviour};

const PATIENCE: Duration = Duration::from_secs(30);

/// A record that the watch "router" matches, published now.
fn news(replay: &Replay, id: &str) {
    let now = replay.now().format("%Y-%m-%dT%H:%M:%S.000").to_string();
    let record = json!({ "cve": {
        "id": id, "sourceIdentifier": "cna@example.org", "published": now, "lastModified": now,
        "vulnStatus": "Received", "references": [],
        "descriptions": [{ "lang": "en", "value": format!("Acme Router: flaw {id}.\r\nBcc: everybody@example.org") }],
    } });
    replay.put_nvd(&record).unwrap();
}

/// An app that has had its first collection and mails to the replay's sink.
async fn ready(home: &mut Home, replay: &Replay, background: bool) -> App {
    home.mail_to_sink(replay);
    home.set("KEYWORDS", "router");
    let app = home.start(background).await;
    if background {
        // The schedule has begun the first collection; wait for its end.
        let mut events = app.events().subscribe();
        loop {
            let sources = call(&app, "sources_list", json!({})).await;
            let mut all = sources.as_array().unwrap().iter();
            let is_done = |s: &Value| s["enabled"] == false || s["health"]["first_done"] == true;
            if all.all(is_done) {
                break;
            }
            common::wait_for(&mut events, |_| true).await;
        }
    } else {
        collect(&app, "nvd").await;
    }
    app
}

fn an_hour_passes(replay: &Replay, app: &App) {
    replay.advance(Duration::from_secs(3600));
    app.clock().advance_ms(3_600_000);
}

/// Lets the time pass in which alerts are gathered, and sends what is due then.
async fn drain(app: &App) {
    app.clock().advance_ms(31_000);
    app.drain_outbox().await.unwrap();
}

async fn list(app: &App) -> Vec<Value> {
    let list = call(app, "deliveries_list", json!({ "limit": 200 })).await;
    list["rows"].as_array().unwrap().clone()
}

async fn states(app: &App) -> Vec<String> {
    let rows = list(app).await;
    let states = rows.iter().map(|d| d["delivery"]["state"].as_str());
    states.map(|state| state.unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_first_collection_sends_nothing_and_the_next_news_are_one_message() {
    let replay = fixtures();
    let mut home = Home::against(&replay);
    news(&replay, "CVE-2026-93000");
    let app = ready(&mut home, &replay, false).await;
    drain(&app).await;
    assert!(replay.smtp().messages().is_empty());

    an_hour_passes(&replay, &app);
    news(&replay, "CVE-2026-93001");
    news(&replay, "CVE-2026-93002");
    collect(&app, "nvd").await;
    drain(&app).await;
    let mail = replay.smtp().messages();
    assert_eq!(mail.len(), 1);
    let text = mail[0].text();
    assert!(text.contains("CVE-2026-93001") && text.contains("CVE-2026-93002"));
    assert!(!text.contains("CVE-2026-93000"));
    assert!(text.contains("multipart/alternative"), "{text}");
    assert!(!text.lines().any(|l| l.starts_with("Bcc:")), "{text}");
    let detail = common::detail(&app, "CVE-2026-93001").await;
    assert_eq!(detail["deliveries"][0]["state"], "sent");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn news_are_sent_by_themselves_in_the_background() {
    let replay = fixtures();
    let mut home = Home::against(&replay);
    let app = ready(&mut home, &replay, true).await;
    an_hour_passes(&replay, &app);
    news(&replay, "CVE-2026-93003");
    collect(&app, "nvd").await;
    app.clock().advance_ms(31_000);
    let mail = replay.smtp().messages_reach(1, PATIENCE).await;
    assert_eq!(mail.len(), 1);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_passing_refusal_is_tried_again_and_a_lasting_one_is_shown_and_can_be_resent() {
    let replay = fixtures();
    let mut home = Home::against(&replay);
    let app = ready(&mut home, &replay, false).await;
    an_hour_passes(&replay, &app);
    news(&replay, "CVE-2026-93004");
    collect(&app, "nvd").await;

    let refuse = |reply: &str| SmtpBehaviour {
        data_reply: Some(reply.to_owned()),
        ..SmtpBehaviour::default()
    };
    replay.smtp().set_behaviour(refuse("451 4.3.0 try later"));
    drain(&app).await;
    assert_eq!(states(&app).await, ["retrying"]);
    let retrying = list(&app).await;
    assert_eq!(retrying[0]["delivery"]["attempts"], 1);
    // Not before its time, which lies ahead.
    let next = retrying[0]["delivery"]["next_attempt"].as_str().unwrap();
    assert!(Time::parse_rfc3339(next).unwrap() > app.now());

    replay.smtp().set_behaviour(refuse("554 5.7.1 no"));
    an_hour_passes(&replay, &app);
    drain(&app).await;
    assert_eq!(states(&app).await, ["failed"]);
    let status = call(&app, "status", json!({})).await;
    assert_eq!(status["undelivered"], 1);

    replay.smtp().set_behaviour(SmtpBehaviour::default());
    let failed = list(&app).await;
    let id = &failed[0]["delivery"]["id"];
    call(&app, "delivery_resend", json!({ "id": id })).await;
    drain(&app).await;
    assert_eq!(states(&app).await, ["sent"]);
    assert_eq!(replay.smtp().messages().len(), 1);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_lost_after_the_text_is_unknown_and_not_sent_again() {
    let replay = fixtures();
    let mut home = Home::against(&replay);
    let app = ready(&mut home, &replay, false).await;
    an_hour_passes(&replay, &app);
    news(&replay, "CVE-2026-93005");
    collect(&app, "nvd").await;
    replay.smtp().set_behaviour(SmtpBehaviour {
        drop_after_data: true,
        ..SmtpBehaviour::default()
    });
    drain(&app).await;
    assert_eq!(states(&app).await, ["unknown"]);
    replay.smtp().set_behaviour(SmtpBehaviour::default());
    an_hour_passes(&replay, &app);
    drain(&app).await;
    assert_eq!(states(&app).await, ["unknown"]);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_being_sent_at_a_crash_is_unknown_after_the_next_start() {
    let replay = fixtures();
    let mut home = Home::against(&replay);
    let app = ready(&mut home, &replay, false).await;
    an_hour_passes(&replay, &app);
    news(&replay, "CVE-2026-93006");
    collect(&app, "nvd").await;
    let now = app.now().plus_s(31);
    app.stop().await;
    drop(app);
    // What a crash leaves: claimed, and no answer recorded.
    let db = Db::open(&home.path().join("tocsin.db"), Open::Write).unwrap();
    let email = ChannelId("email".into());
    db.write(move |w| deliveries::claim(w, &email, now))
        .await
        .unwrap()
        .unwrap();
    drop(db);
    home.set("TOCSIN_CLOCK_START", &replay.now().to_rfc3339());
    let app = home.start(false).await;
    drain(&app).await;
    assert_eq!(states(&app).await, ["unknown"]);
    assert!(replay.smtp().messages().is_empty());
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_change_goes_to_a_channel_once() {
    let replay = fixtures();
    let home = Home::against(&replay);
    let app = home.start(false).await;
    collect(&app, "nvd").await;
    let id = common::row(&app, "CVE-2026-90001").await["id"]
        .as_i64()
        .unwrap();
    let now = app.now();
    app.stop().await;
    drop(app);
    let db = Db::open(&home.path().join("tocsin.db"), Open::Write).unwrap();
    let subject = Subject {
        alert: AlertId(id),
        change: ChangeKind::New,
        at: now,
    };
    for expect in [1, 0] {
        let queued = db
            .write(move |w| {
                let entry = deliveries::Entry {
                    channel: &ChannelId("email".into()),
                    subject,
                    rules: &["default".to_owned()],
                    form: DeliveryForm::Alerts,
                    due: now,
                    slot: None,
                };
                deliveries::enqueue(w, &[entry], now)
            })
            .await
            .unwrap();
        assert_eq!(queued, expect);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn send_a_test_reaches_the_sink_or_says_the_exact_cause() {
    let replay = fixtures();
    let mut home = Home::against(&replay);
    home.mail_to_sink(&replay);
    let app = home.start(false).await;
    let test =
        |app: App| async move { call(&app, "channel_test", json!({ "channel": "email" })).await };
    assert_eq!(test(app.clone()).await["fault"], Value::Null);
    assert_eq!(replay.smtp().messages().len(), 1);
    app.stop().await;
    drop(app);

    for (variable, value, code) in [
        ("EMAIL_PASS", "tocsin-test-secret-wrong", "smtp_auth_failed"),
        ("SMTP_PORT", "1", "smtp_unreachable"),
    ] {
        let old = home.variables.clone();
        home.set(variable, value);
        let app = home.start(false).await;
        assert_eq!(test(app.clone()).await["fault"]["code"], code);
        app.stop().await;
        drop(app);
        home.variables = old;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_untrusted_certificate_and_a_server_without_starttls_are_refused() {
    let replay = fixtures();
    let mut home = Home::against(&replay);
    home.mail_to_sink(&replay);
    let app = home.start(false).await;
    replay.smtp().set_behaviour(SmtpBehaviour {
        hide_starttls: true,
        ..SmtpBehaviour::default()
    });
    let refused = call(&app, "channel_test", json!({ "channel": "email" })).await;
    assert_eq!(refused["fault"]["code"], "smtp_no_starttls");
    replay.smtp().set_behaviour(SmtpBehaviour::default());
    let edit = json!({ "kind": "set_channel", "id": "email", "fields": { "ca_file": "" } });
    call(&app, "settings_edit", json!({ "edit": edit })).await;
    let refused = call(&app, "channel_test", json!({ "channel": "email" })).await;
    assert_eq!(refused["fault"]["code"], "smtp_certificate");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_set_in_the_window_is_kept_apart_and_never_shown() {
    use std::os::unix::fs::PermissionsExt;
    let replay = fixtures();
    let home = Home::against(&replay);
    let app = home.start(false).await;
    let secret = "tocsin-test-secret $HOME #x 'quoted' \"twice\" \\ ü";
    let set = json!({ "name": "email_password", "value": secret });
    call(&app, "secret_set", set).await;
    for (command, request) in [
        ("settings_get", json!({})),
        ("status", json!({})),
        ("channel_test", json!({ "channel": "email" })),
    ] {
        let shown = call(&app, command, request).await.to_string();
        assert!(!shown.contains("tocsin-test-secret"), "{command}");
    }
    let env_file = home.path().join(".env");
    let mode = std::fs::metadata(&env_file).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode, 0o600);
    let settings = std::fs::read_to_string(home.path().join("settings.toml")).unwrap();
    assert!(!settings.contains("tocsin-test-secret"));
    let state = call(&app, "settings_get", json!({})).await;
    let all = state["secrets"].as_array().unwrap();
    let row = all.iter().find(|r| r["name"] == "email_password").unwrap();
    assert_eq!(
        (&row["name"], &row["state"]["kind"]),
        (&json!("email_password"), &json!("set"))
    );
    assert_eq!(
        app.in_force()
            .secrets
            .get(tocsin_core::secrets::SecretName::EmailPassword, None)
            .unwrap()
            .expose(),
        secret
    );
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_being_sent_at_the_exit_is_finished() {
    let replay = fixtures();
    let mut home = Home::against(&replay);
    let app = ready(&mut home, &replay, true).await;
    an_hour_passes(&replay, &app);
    news(&replay, "CVE-2026-93007");
    replay.smtp().set_behaviour(SmtpBehaviour {
        answer_delay: Duration::from_millis(500),
        ..SmtpBehaviour::default()
    });
    collect(&app, "nvd").await;
    app.clock().advance_ms(31_000);
    assert_eq!(replay.smtp().messages_reach(1, PATIENCE).await.len(), 1);
    app.stop().await;
    drop(app);
    let app = home.start(false).await;
    assert_eq!(states(&app).await, ["sent"]);
    app.stop().await;
}

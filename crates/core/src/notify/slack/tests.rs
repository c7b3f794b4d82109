use std::sync::atomic::Ordering;

use wiremock::matchers::{body_partial_json, body_string_contains, header, method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

use std::time::Duration;

use super::super::service::tests::{Kind, assert_row, breaking_off, http, nobody, secret};
use super::*;
use crate::http::HttpOptions;
use crate::notify::render::tests::{alert, message};

pub(super) const TOKEN: &str = "xoxb-tocsin-test-secret-token";

pub(super) fn bot(base_url: &str, channel: Option<&str>) -> Slack {
    let settings = SlackSettings {
        base_url: base_url.to_owned(),
        channel: channel.map(str::to_owned),
    };
    Slack::new(
        &settings,
        secret(TOKEN),
        secret("https://x.example/tocsin-test-secret"),
        None,
        &http(),
    )
    .unwrap()
}

pub(super) fn webhook(url: &str) -> Slack {
    Slack::new(&SlackSettings::default(), None, secret(url), None, &http()).unwrap()
}

pub(super) async fn send(slack: &Slack) -> Result<Receipt, SendError> {
    let message = message(vec![alert()], 0);
    slack.send(&message, &slack.render(&message)).await
}

pub(super) async fn serve(answer: ResponseTemplate) -> MockServer {
    let server = MockServer::start().await;
    Mock::given(method("POST"))
        .respond_with(answer)
        .mount(&server)
        .await;
    server
}

pub(super) fn says(error: &str) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_json(json!({"ok": false, "error": error}))
}

#[tokio::test]
async fn a_cut_connection_is_unknown_and_a_refused_one_a_retry() {
    for (name, answer, sentence) in [
        (
            "no answer",
            &b""[..],
            "the connection ended before the answer",
        ),
        (
            "half a head",
            b"HTTP/1.1 200 OK\r\nContent-",
            "ended before the answer",
        ),
        (
            "half a body",
            b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"ok\":true,",
            "ended before the answer",
        ),
    ] {
        let (url, count) = breaking_off(answer).await;
        for slack in [
            bot(&url, Some("C1")),
            webhook(&format!("{url}tocsin-test-secret")),
        ] {
            let error = send(&slack).await.unwrap_err();
            assert_row(
                name,
                error,
                (Kind::Unknown, "slack_unknown", sentence),
                "tocsin-test-secret",
            );
        }
        assert_eq!(count.load(Ordering::SeqCst), 2, "{name} was sent twice");
    }
    let url = nobody().await;
    let error = send(&bot(&url, Some("C1"))).await.unwrap_err();
    let expect = (Kind::Retry, "connect_failed", "did not take the connection");
    assert_row("nobody", error, expect, "tocsin-test-secret");
    let error = send(&webhook(&format!("{url}tocsin-test-secret")))
        .await
        .unwrap_err();
    assert_row("nobody", error, expect, "tocsin-test-secret");
}

#[tokio::test]
async fn an_answer_that_never_comes_is_unknown() {
    let late = ResponseTemplate::new(200).set_delay(Duration::from_secs(60));
    let server = serve(late).await;
    let http = Http::new(HttpOptions::default()).unwrap();
    http.hurry(Duration::from_millis(300));
    let settings = SlackSettings {
        base_url: server.uri(),
        channel: Some("#a".into()),
    };
    let slack = Slack::new(&settings, secret(TOKEN), None, None, &Arc::new(http)).unwrap();
    let error = send(&slack).await.unwrap_err();
    let expect = (Kind::Unknown, "slack_unknown", "no answer came in time");
    assert_row("late", error, expect, "tocsin-test-secret");
}

#[tokio::test]
async fn a_name_that_is_hijacked_gets_no_token() {
    let http = Http::new(HttpOptions::default()).unwrap();
    http.names()
        .set("slack.com", &["127.0.0.1".parse().unwrap()]);
    let settings = SlackSettings {
        channel: Some("#a".into()),
        ..SlackSettings::default()
    };
    let slack = Slack::new(&settings, secret(TOKEN), None, None, &Arc::new(http)).unwrap();
    let error = send(&slack).await.unwrap_err();
    let expect = (Kind::Retry, "channel_address_refused", "nothing was sent");
    assert_row("hijacked", error, expect, "tocsin-test-secret");
}

#[tokio::test]
async fn a_message_goes_out_whole_and_its_name_comes_back() {
    let server = MockServer::start().await;
    let good = json!({"ok": true, "channel": "C1", "ts": "1503435956.000247"});
    Mock::given(path("/api/chat.postMessage"))
        .and(header("authorization", format!("Bearer {TOKEN}").as_str()))
        .and(header("content-type", "application/json; charset=utf-8"))
        .and(body_partial_json(json!({
            "channel": "#alerts",
            "mrkdwn": false,
            "unfurl_links": false,
            "unfurl_media": false,
            "blocks": [{"type": "header"}],
        })))
        .respond_with(ResponseTemplate::new(200).set_body_json(good))
        .expect(1)
        .mount(&server)
        .await;
    let slack = bot(&format!("{}/api", server.uri()), Some(" #alerts "));
    let receipt = send(&slack).await.unwrap();
    assert_eq!(receipt.reference.as_deref(), Some("1503435956.000247"));
    assert_eq!((receipt.refused, receipt.moved_to), (Vec::new(), None));
}

#[tokio::test]
async fn later_changes_hang_on_the_first_message_and_bad_news_is_shown_to_all() {
    let server = serve(ResponseTemplate::new(200).set_body_json(json!({"ok": true}))).await;
    let slack = bot(&server.uri(), Some("#alerts"));
    let bodies = |change, thread: &str| {
        let mut alert = alert();
        alert.change = change;
        let message = Message {
            thread: Some(thread.to_owned()),
            ..message(vec![alert], 0)
        };
        let rendered = slack.render(&message);
        let body = slack.body(&message, &rendered).unwrap();
        (body["thread_ts"].clone(), body["reply_broadcast"].clone())
    };
    assert_eq!(
        bodies(ChangeKind::Scored, "1.2"),
        (json!("1.2"), Value::Null)
    );
    assert_eq!(
        bodies(ChangeKind::Exploited, "1.2"),
        (json!("1.2"), json!(true))
    );
    assert_eq!(bodies(ChangeKind::SeverityRaised, "1.2").1, json!(true));
    assert_eq!(bodies(ChangeKind::Exploited, "<x>.2").0, Value::Null);
}

#[tokio::test]
async fn a_thread_that_is_gone_does_not_cost_the_message() {
    let server = MockServer::start().await;
    Mock::given(body_string_contains("thread_ts"))
        .respond_with(says("restricted_action_thread_locked"))
        .expect(1)
        .mount(&server)
        .await;
    Mock::given(method("POST"))
        .respond_with(ResponseTemplate::new(200).set_body_json(json!({"ok": true, "ts": "2.3"})))
        .expect(1)
        .mount(&server)
        .await;
    let slack = bot(&server.uri(), Some("#alerts"));
    let message = Message {
        thread: Some("1.2".into()),
        ..message(vec![alert()], 0)
    };
    let receipt = slack.send(&message, &slack.render(&message)).await.unwrap();
    assert_eq!(receipt.reference.as_deref(), Some("2.3"));
}

#[tokio::test]
async fn a_webhook_takes_a_message() {
    let server = serve(ResponseTemplate::new(200).set_body_string("ok")).await;
    let slack = webhook(&format!("{}/services/T/B/x", server.uri()));
    assert_eq!(send(&slack).await, Ok(Receipt::default()));
    assert_eq!(slack.places().await.unwrap_err().code, "places_unsupported");
    let steps = slack.check().await;
    assert_eq!(steps.len(), 1);
    assert_eq!(
        (steps[0].step.as_str(), &steps[0].fault),
        ("message", &None)
    );
}

fn steps(steps: &[TestStep]) -> Vec<String> {
    let shown = |s: &TestStep| match (&s.found, &s.fault) {
        (Some(found), None) => format!("{}: {found}", s.step),
        (None, Some(fault)) => format!("{}! {}: {}", s.step, fault.code, fault.message),
        _ => panic!("{s:?}"),
    };
    steps.iter().map(shown).collect()
}

async fn logged_in() -> MockServer {
    let server = MockServer::start().await;
    let me = json!({"ok": true, "team": "Acme", "user": "alarmbot", "team_id": "T024BE7LD"});
    Mock::given(path("/auth.test"))
        .respond_with(ResponseTemplate::new(200).set_body_json(me))
        .mount(&server)
        .await;
    server
}

#[tokio::test]
async fn a_test_says_each_step() {
    let server = logged_in().await;
    let host = server.address().to_string();
    Mock::given(path("/chat.postMessage"))
        .and(body_partial_json(json!({"channel": "#alerts"})))
        .respond_with(says("not_in_channel"))
        .mount(&server)
        .await;
    Mock::given(path("/chat.postMessage"))
        .respond_with(ResponseTemplate::new(200).set_body_json(json!({"ok": true, "ts": "1.2"})))
        .mount(&server)
        .await;
    let begin = [
        format!("connect: {host}"),
        "log_in: alarmbot in Acme (T024BE7LD)".to_owned(),
    ];
    let check = async |channel, last: &str| {
        let found = steps(&bot(&server.uri(), channel).check().await);
        assert_eq!(found[..2], begin);
        assert_eq!(found[2..], [last.to_owned()]);
    };
    check(Some("#good"), "message: #good").await;
    // The bot's own name, since the test knows it by now.
    let invite = "message! slack_not_in_channel: The app is not a member of #alerts. Invite the app to #alerts: /invite @alarmbot";
    check(Some("#alerts"), invite).await;
    let missing = format!("destination! slack_no_channel: {}", no_channel().message);
    check(None, &missing).await;
}

#[tokio::test]
async fn a_test_ends_where_it_fails() {
    let server = serve(says("invalid_auth")).await;
    let found = steps(&bot(&server.uri(), Some("#a")).check().await);
    assert_eq!(found.len(), 2);
    assert!(
        found[1].starts_with("log_in! slack_invalid_auth: "),
        "{found:?}"
    );
    let found = steps(&bot(&nobody().await, Some("#a")).check().await);
    assert!(
        found[0].starts_with("connect! connect_failed: "),
        "{found:?}"
    );
    let (url, _) = breaking_off(b"").await;
    let found = steps(&bot(&url, Some("#a")).check().await);
    let cut = "connect! slack_no_answer: Slack (";
    assert!(
        found[0].starts_with(cut) && found[0].ends_with("Try again."),
        "{found:?}"
    );
}

#[tokio::test]
async fn places_are_listed_page_by_page() {
    let server = MockServer::start().await;
    let page = |name: &str, cursor: &str| {
        ResponseTemplate::new(200).set_body_json(json!({
            "ok": true,
            "channels": [{"id": format!("C-{name}"), "name": name, "is_private": name == "soc"}, {"odd": 1}],
            "response_metadata": {"next_cursor": cursor},
        }))
    };
    Mock::given(path("/conversations.list"))
        .and(body_string_contains("cursor=next%3D"))
        .respond_with(page("alerts", ""))
        .mount(&server)
        .await;
    Mock::given(path("/conversations.list"))
        .and(header("content-type", "application/x-www-form-urlencoded"))
        .and(body_string_contains(
            "types=public_channel%2Cprivate_channel&exclude_archived=true",
        ))
        .respond_with(page("soc", "next="))
        .mount(&server)
        .await;
    let places = bot(&server.uri(), None).places().await.unwrap();
    let shown: Vec<_> = places
        .iter()
        .map(|p| (&*p.id, &*p.name, &*p.what))
        .collect();
    assert_eq!(
        shown,
        [
            ("C-alerts", "#alerts", "channel"),
            ("C-soc", "#soc", "private")
        ]
    );
}

#[tokio::test]
async fn without_a_scope_the_public_places_are_listed_or_the_scope_is_named() {
    let lacks = |scope: &str| {
        let body = json!({"ok": false, "error": "missing_scope", "needed": scope});
        ResponseTemplate::new(200).set_body_json(body)
    };
    let server = MockServer::start().await;
    Mock::given(body_string_contains("private_channel"))
        .respond_with(lacks("groups:read"))
        .mount(&server)
        .await;
    let listed = json!({"ok": true, "channels": [{"id": "C1", "name": "general"}]});
    Mock::given(body_string_contains("types=public_channel"))
        .respond_with(ResponseTemplate::new(200).set_body_json(listed))
        .mount(&server)
        .await;
    assert_eq!(bot(&server.uri(), None).places().await.unwrap().len(), 1);

    let server = serve(lacks("channels:read")).await;
    let fault = bot(&server.uri(), None).places().await.unwrap_err();
    assert_eq!(fault.code, "slack_missing_scope");
    assert_eq!(fault.params["needed"], "channels:read");
}

#[test]
fn what_is_missing_is_named() {
    let check = |channel: Option<&str>, token, webhook, expect: &str| {
        let settings = SlackSettings {
            channel: channel.map(str::to_owned),
            ..SlackSettings::default()
        };
        let made = Slack::new(&settings, token, webhook, None, &http());
        let fault = made.err().unwrap();
        assert_eq!(fault.code, expect);
        assert!(!format!("{fault:?}").contains("tocsin-test-secret"));
    };
    check(Some("#a"), None, None, "slack_no_token");
    check(
        None,
        None,
        secret("tocsin-test-secret"),
        "slack_webhook_invalid",
    );
    check(
        None,
        None,
        secret("http://hooks.slack.com/tocsin-test-secret"),
        "slack_webhook_invalid",
    );
}

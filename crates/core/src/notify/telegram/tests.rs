use std::sync::atomic::Ordering;

use wiremock::matchers::{body_partial_json, method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::super::service::tests::{Kind, assert_row, breaking_off, http, nobody, secret};
use super::*;
use crate::notify::render::tests::{alert, message};

pub(super) const TOKEN: &str = "12345:AAtocsin-test-secret_x-y";

pub(super) fn bot(base_url: &str, chat: Option<&str>) -> Telegram {
    let settings = TelegramSettings {
        base_url: base_url.to_owned(),
        chat_id: chat.map(str::to_owned),
    };
    Telegram::new(&settings, secret(TOKEN), None, &http()).unwrap()
}

pub(super) async fn send(telegram: &Telegram) -> Result<Receipt, SendError> {
    let message = message(vec![alert()], 0);
    telegram.send(&message, &telegram.render(&message)).await
}

pub(super) async fn serve(answer: ResponseTemplate) -> MockServer {
    let server = MockServer::start().await;
    Mock::given(method("POST"))
        .respond_with(answer)
        .mount(&server)
        .await;
    server
}

pub(super) fn refuses(code: u16, description: &str) -> ResponseTemplate {
    let body = json!({"ok": false, "error_code": code, "description": description});
    ResponseTemplate::new(code).set_body_json(body)
}

fn good(result: &Value) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_json(json!({"ok": true, "result": result}))
}

fn at(what: &str) -> wiremock::matchers::PathExactMatcher {
    path(format!("/bot{TOKEN}/{what}"))
}

#[tokio::test]
async fn a_cut_connection_is_unknown_and_a_refused_one_a_retry() {
    for answer in [
        &b""[..],
        b"HTTP/1.1 200 OK\r\nContent-",
        b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"ok\":true,",
    ] {
        let (url, count) = breaking_off(answer).await;
        let error = send(&bot(&url, Some("1"))).await.unwrap_err();
        let expect = (Kind::Unknown, "telegram_unknown", "ended before the answer");
        assert_row("cut", error, expect, "tocsin-test-secret");
        assert_eq!(count.load(Ordering::SeqCst), 1, "sent twice");
    }
    let error = send(&bot(&nobody().await, Some("1"))).await.unwrap_err();
    let expect = (Kind::Retry, "connect_failed", "did not take the connection");
    assert_row("nobody", error, expect, "tocsin-test-secret");
}

#[tokio::test]
async fn a_message_goes_out_whole_and_its_number_comes_back() {
    let server = MockServer::start().await;
    Mock::given(at("sendMessage"))
        .and(body_partial_json(json!({
            "chat_id": -100,
            "parse_mode": "HTML",
            "link_preview_options": {"is_disabled": true},
            "disable_notification": false,
        })))
        .respond_with(good(&json!({"message_id": 77})))
        .expect(1)
        .mount(&server)
        .await;
    let receipt = send(&bot(&server.uri(), Some(" -100 "))).await.unwrap();
    assert_eq!(receipt.reference.as_deref(), Some("77"));
    assert_eq!((receipt.refused, receipt.moved_to), (Vec::new(), None));
}

#[tokio::test]
async fn what_is_below_high_makes_no_sound() {
    let telegram = bot("http://127.0.0.1:1/", Some("1"));
    let is_silent = |severity, exploited| {
        let mut alert = alert();
        (alert.severity, alert.exploited) = (severity, exploited);
        match telegram.render(&message(vec![alert], 0)) {
            Rendered::Telegram { silent, .. } => silent,
            other => panic!("{other:?}"),
        }
    };
    use crate::model::Severity;
    assert!(!is_silent(Some(Severity::High), false));
    assert!(is_silent(Some(Severity::Medium), false));
    assert!(is_silent(None, false));
    assert!(!is_silent(None, true));
}

#[tokio::test]
async fn tags_that_are_refused_go_once_more_as_plain_text() {
    let server = MockServer::start().await;
    let cannot = "Bad Request: can't parse entities: Unsupported start tag \"x\" at byte offset 3";
    Mock::given(body_partial_json(json!({"parse_mode": "HTML"})))
        .respond_with(refuses(400, cannot))
        .expect(1)
        .mount(&server)
        .await;
    Mock::given(at("sendMessage"))
        .respond_with(good(&json!({"message_id": 78})))
        .expect(1)
        .mount(&server)
        .await;
    let telegram = bot(&server.uri(), Some("@soc"));
    let receipt = send(&telegram).await.unwrap();
    assert_eq!(receipt.reference.as_deref(), Some("78"));
    let sent = server.received_requests().await.unwrap();
    let plain: Value = serde_json::from_slice(&sent[1].body).unwrap();
    let text = plain["text"].as_str().unwrap();
    assert!(
        !text.contains("<b>") && text.contains("CVE-2026-1"),
        "{text}"
    );
    assert_eq!(plain["chat_id"], "@soc");

    // Refused again: given up, and not tried a third time.
    let server = serve(refuses(400, cannot)).await;
    let error = send(&bot(&server.uri(), Some("1"))).await.unwrap_err();
    let expect = (Kind::Refused, "telegram_message_refused", "can't parse");
    assert_row("again", error, expect, "tocsin-test-secret");
    assert_eq!(server.received_requests().await.unwrap().len(), 2);
}

fn moved() -> ResponseTemplate {
    ResponseTemplate::new(400).set_body_json(json!({
        "ok": false,
        "error_code": 400,
        "description": "Bad Request: group chat was upgraded to a supergroup chat",
        "parameters": {"migrate_to_chat_id": -100_500_i64},
    }))
}

#[tokio::test]
async fn a_group_that_moved_is_followed_at_once() {
    let server = MockServer::start().await;
    Mock::given(body_partial_json(json!({"chat_id": -5})))
        .respond_with(moved())
        .mount(&server)
        .await;
    Mock::given(body_partial_json(json!({"chat_id": -100_500})))
        .and(at("sendMessage"))
        .respond_with(good(&json!({"message_id": 1})))
        .expect(2)
        .mount(&server)
        .await;
    Mock::given(at("getMe"))
        .respond_with(good(&json!({"username": "tocsin_bot"})))
        .mount(&server)
        .await;
    let telegram = bot(&server.uri(), Some("-5"));
    let receipt = send(&telegram).await.unwrap();
    assert_eq!(receipt.moved_to.as_deref(), Some("-100500"));
    assert_eq!(receipt.reference.as_deref(), Some("1"));
    let steps = telegram.check().await;
    assert_eq!(steps.len(), 4, "{steps:?}");
    assert!(steps.iter().all(|s| s.fault.is_none()), "{steps:?}");

    // A group that moves for ever stops the channel.
    let server = serve(moved()).await;
    let error = send(&bot(&server.uri(), Some("-5"))).await.unwrap_err();
    let expect = (Kind::Stop, "telegram_chat_not_found", "no chat -5");
    assert_row("for ever", error, expect, "tocsin-test-secret");
    assert_eq!(server.received_requests().await.unwrap().len(), 2);
}

fn steps(steps: &[TestStep]) -> Vec<String> {
    let shown = |s: &TestStep| match (&s.found, &s.fault) {
        (Some(found), None) => format!("{}: {found}", s.step),
        (None, Some(fault)) => format!("{}! {}", s.step, fault.code),
        _ => panic!("{s:?}"),
    };
    steps.iter().map(shown).collect()
}

#[tokio::test]
async fn a_test_says_each_step_and_ends_where_it_fails() {
    let server = MockServer::start().await;
    let host = server.address().to_string();
    Mock::given(at("getMe"))
        .respond_with(good(&json!({"id": 12345, "username": "tocsin_bot"})))
        .mount(&server)
        .await;
    Mock::given(at("getChat"))
        .and(body_partial_json(json!({"chat_id": -100})))
        .respond_with(good(
            &json!({"id": -100, "type": "supergroup", "title": "SOC\nteam"}),
        ))
        .mount(&server)
        .await;
    Mock::given(at("getChat"))
        .respond_with(refuses(400, "Bad Request: chat not found"))
        .mount(&server)
        .await;
    Mock::given(at("sendMessage"))
        .respond_with(good(&json!({"message_id": 1})))
        .expect(1)
        .mount(&server)
        .await;
    let begin = [format!("connect: {host}"), "log_in: @tocsin_bot".to_owned()];
    let found = steps(&bot(&server.uri(), Some("-100")).check().await);
    assert_eq!(found[..2], begin);
    assert_eq!(
        found[2..],
        [
            "destination: SOC team (supergroup)",
            "message: SOC team (supergroup)"
        ]
    );
    let found = steps(&bot(&server.uri(), Some("-7")).check().await);
    assert_eq!(found[2..], ["destination! telegram_chat_not_found"]);
    let found = steps(&bot(&server.uri(), None).check().await);
    assert_eq!(found[2..], ["destination! telegram_no_chat"]);

    let server = serve(refuses(401, "Unauthorized")).await;
    let found = steps(&bot(&server.uri(), Some("1")).check().await);
    assert_eq!(found[1..], ["log_in! telegram_bad_token"]);
    let found = steps(&bot(&nobody().await, Some("1")).check().await);
    assert_eq!(found, ["connect! connect_failed"]);
    let (url, _) = breaking_off(b"").await;
    let found = steps(&bot(&url, Some("1")).check().await);
    assert_eq!(found, ["connect! telegram_no_answer"]);
}

#[tokio::test]
async fn chats_are_found_in_what_the_bot_was_sent() {
    let server = MockServer::start().await;
    let chat = |id: i64, kind: &str| json!({"id": id, "type": kind, "title": format!("Chat {id}")});
    let person = json!({"id": 9, "type": "private", "first_name": "Ada", "last_name": "L"});
    Mock::given(at("getUpdates"))
        .respond_with(good(&json!([
            {"update_id": 1, "message": {"message_id": 1, "chat": person}},
            {"update_id": 2, "my_chat_member": {"chat": chat(-100, "supergroup")}},
            {"update_id": 3, "channel_post": {"chat": chat(-200, "channel")}},
            {"update_id": 4, "message": {"message_id": 2, "chat": chat(-100, "supergroup")}},
            {"update_id": 5, "callback_query": {"message": {"chat": chat(-300, "group")}}},
            {"update_id": 6, "poll": {"odd": 1}},
            "nonsense",
        ])))
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
            ("9", "Ada L", "private"),
            ("-100", "Chat -100", "supergroup"),
            ("-200", "Chat -200", "channel"),
            ("-300", "Chat -300", "group"),
        ]
    );
    let server = serve(refuses(
        409,
        "Conflict: can't use getUpdates method while webhook is active",
    ))
    .await;
    let fault = bot(&server.uri(), None).places().await.unwrap_err();
    assert_eq!(fault.code, "telegram_webhook_set");
}

#[test]
fn what_is_missing_or_wrong_is_named() {
    let settings = TelegramSettings::default();
    for (token, expect) in [
        (None, "telegram_no_token"),
        (secret("tocsin-test-secret"), "telegram_token_invalid"),
        (
            secret("1:tocsin-test-secret/../x"),
            "telegram_token_invalid",
        ),
        (secret("1:"), "telegram_token_invalid"),
        (secret(":tocsin-test-secret"), "telegram_token_invalid"),
        (secret("1:tocsin-test-secret?x"), "telegram_token_invalid"),
    ] {
        let fault = Telegram::new(&settings, token, None, &http())
            .err()
            .unwrap();
        assert_eq!(fault.code, expect);
        assert!(!format!("{fault:?}").contains("tocsin-test-secret"));
    }
    assert!(
        Telegram::new(
            &settings,
            secret(" 1:tocsin-test-secret-B_\n"),
            None,
            &http()
        )
        .is_ok()
    );
}

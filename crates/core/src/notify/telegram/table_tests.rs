//! Every answer of Telegram, a row each: what it says, what follows, and what the user reads.

use serde_json::json;
use wiremock::ResponseTemplate;

use super::super::service::tests::{Kind, assert_row};
use super::tests::{TOKEN, bot, refuses, send, serve};

type Row = (
    &'static str,
    ResponseTemplate,
    Kind,
    &'static str,
    &'static str,
);

fn rows() -> Vec<Row> {
    use Kind::{Refused, Retry, RetryAfter, Stop, Unknown};
    let status = |status: u16| ResponseTemplate::new(status);
    let page = |code| status(code).set_body_raw("<html>log in</html>", "text/html");
    let wait = json!({"ok": false, "error_code": 429, "description": "Too Many Requests: retry after 17", "parameters": {"retry_after": 17}});
    vec![
        (
            "chat",
            refuses(400, "Bad Request: chat not found"),
            Stop,
            "telegram_chat_not_found",
            "press Start, or add it to the group",
        ),
        (
            "empty chat",
            refuses(400, "Bad Request: chat_id is empty"),
            Stop,
            "telegram_chat_not_found",
            "no chat -100",
        ),
        (
            "peer",
            refuses(400, "Bad Request: PEER_ID_INVALID"),
            Stop,
            "telegram_chat_not_found",
            "check the number",
        ),
        (
            "deactivated",
            refuses(403, "Forbidden: user is deactivated"),
            Stop,
            "telegram_blocked",
            "Unblock",
        ),
        (
            "blocked",
            refuses(403, "Forbidden: bot was blocked by the user"),
            Stop,
            "telegram_blocked",
            "press Start or Unblock",
        ),
        (
            "first",
            refuses(
                403,
                "Forbidden: bot can't initiate conversation with a user",
            ),
            Stop,
            "telegram_not_started",
            "A bot may not write first",
        ),
        (
            "kicked",
            refuses(403, "Forbidden: bot was kicked from the supergroup chat"),
            Stop,
            "telegram_kicked",
            "Add it there again",
        ),
        (
            "not a member",
            refuses(403, "Forbidden: bot is not a member of the channel chat"),
            Stop,
            "telegram_kicked",
            "removed from the chat -100",
        ),
        (
            "403",
            refuses(403, "Forbidden: something else"),
            Stop,
            "telegram_forbidden",
            "It said: Forbidden: something else",
        ),
        (
            "rights",
            refuses(
                400,
                "Bad Request: not enough rights to send text messages to the chat",
            ),
            Stop,
            "telegram_no_rights",
            "Allow it to post there",
        ),
        (
            "administrator",
            refuses(
                400,
                "Bad Request: need administrator rights in the channel chat",
            ),
            Stop,
            "telegram_no_rights",
            "as an administrator",
        ),
        (
            "401",
            refuses(401, "Unauthorized"),
            Stop,
            "telegram_bad_token",
            "Copy it again from @BotFather",
        ),
        (
            "404",
            refuses(404, "Not Found"),
            Stop,
            "telegram_bad_token",
            "does not know the bot's token",
        ),
        (
            "too long",
            refuses(400, "Bad Request: message is too long"),
            Refused,
            "telegram_message_refused",
            "message is too long",
        ),
        (
            "odd",
            refuses(400, "Bad Request: something <new>"),
            Refused,
            "telegram_message_refused",
            "It said: Bad Request: something <new>",
        ),
        (
            "repeats the token",
            refuses(400, &format!("bad {TOKEN}")),
            Refused,
            "telegram_message_refused",
            "not shown",
        ),
        (
            "429",
            status(429).set_body_json(&wait),
            RetryAfter(17),
            "telegram_rate_limited",
            "waits 17 s",
        ),
        (
            "429 in 200",
            status(200).set_body_json(&wait),
            RetryAfter(17),
            "telegram_rate_limited",
            "waits 17 s",
        ),
        (
            "429 by header",
            refuses(429, "Too Many Requests").insert_header("retry-after", "5"),
            RetryAfter(5),
            "telegram_rate_limited",
            "waits 5 s",
        ),
        (
            "429 bare",
            status(429),
            RetryAfter(30),
            "telegram_rate_limited",
            "waits 30 s",
        ),
        (
            "500",
            refuses(500, "Internal Server Error"),
            Retry,
            "telegram_server_error",
            "sent again later",
        ),
        (
            "502 page",
            page(502),
            Retry,
            "telegram_server_error",
            "HTTP status 502",
        ),
        (
            "500 in 200",
            status(200).set_body_json(json!({"ok": false, "error_code": 500})),
            Retry,
            "telegram_server_error",
            "fault of its own",
        ),
        (
            "200 page",
            page(200),
            Retry,
            "telegram_not_itself",
            "Something else answered",
        ),
        (
            "200 of nothing",
            status(200),
            Unknown,
            "telegram_unknown",
            "cannot be read",
        ),
        (
            "200 broken",
            status(200).set_body_string("{\"ok\":tr"),
            Unknown,
            "telegram_unknown",
            "nobody knows whether it was taken",
        ),
        (
            "200 huge",
            status(200).set_body_bytes(vec![b' '; 5 * 1024 * 1024]),
            Unknown,
            "telegram_unknown",
            "too large",
        ),
        (
            "404 page",
            page(404),
            Stop,
            "telegram_http_status",
            "HTTP status 404",
        ),
        (
            "301",
            status(301).insert_header("location", "http://evil.example/"),
            Stop,
            "telegram_http_status",
            "301",
        ),
        (
            "413",
            status(413),
            Refused,
            "telegram_message_refused",
            "too large",
        ),
    ]
}

#[tokio::test]
async fn every_answer_of_telegram_is_a_decision() {
    for (name, answer, kind, code, sentence) in rows() {
        let server = serve(answer).await;
        let error = send(&bot(&server.uri(), Some("-100"))).await.unwrap_err();
        assert_row(name, error, (kind, code, sentence), "tocsin-test-secret");
        assert_eq!(server.received_requests().await.unwrap().len(), 1, "{name}");
    }
}

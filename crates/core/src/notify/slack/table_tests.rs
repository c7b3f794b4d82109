//! Every answer of Slack, a row each: what it says, what follows, and what the user reads.

use serde_json::json;
use wiremock::ResponseTemplate;

use super::super::service::tests::{Kind, assert_row};
use super::tests::{TOKEN, bot, says, send, serve, webhook};

type Row = (
    &'static str,
    ResponseTemplate,
    Kind,
    &'static str,
    &'static str,
);

fn rows() -> Vec<Row> {
    use Kind::{Refused, Retry, RetryAfter, Stop, Unknown};
    let words: [(&str, Kind, &str, &str); 35] = [
        (
            "not_in_channel",
            Stop,
            "slack_not_in_channel",
            "Invite the app to #alerts: /invite @Tocsin",
        ),
        (
            "channel_not_found",
            Stop,
            "slack_channel_not_found",
            "no channel #alerts. Check its name",
        ),
        (
            "is_archived",
            Stop,
            "slack_is_archived",
            "#alerts is archived. Unarchive it",
        ),
        (
            "invalid_auth",
            Stop,
            "slack_invalid_auth",
            "Copy the Bot User OAuth Token",
        ),
        (
            "not_allowed_token_type",
            Stop,
            "slack_invalid_auth",
            "Copy the Bot User OAuth Token",
        ),
        (
            "not_authed",
            Stop,
            "slack_not_authed",
            "No token reached Slack",
        ),
        (
            "token_revoked",
            Stop,
            "slack_token_revoked",
            "revoked. Install the app in the workspace again",
        ),
        (
            "token_expired",
            Stop,
            "slack_token_expired",
            "expired. Set a new one",
        ),
        (
            "account_inactive",
            Stop,
            "slack_account_inactive",
            "Install it again",
        ),
        (
            "missing_scope",
            Stop,
            "slack_missing_scope",
            "lacks the scope chat:write. Add it",
        ),
        (
            "restricted_action",
            Stop,
            "slack_restricted_action",
            "Ask an administrator",
        ),
        (
            "restricted_action_read_only_channel",
            Stop,
            "slack_restricted_action",
            "post in #alerts",
        ),
        (
            "team_access_not_granted",
            Stop,
            "slack_restricted_action",
            "Ask an administrator",
        ),
        (
            "ekm_access_denied",
            Stop,
            "slack_ekm_access_denied",
            "(EKM), so nobody can post",
        ),
        (
            "msg_too_long",
            Refused,
            "slack_message_refused",
            "(msg_too_long)",
        ),
        ("no_text", Refused, "slack_message_refused", "(no_text)"),
        (
            "invalid_blocks",
            Refused,
            "slack_message_refused",
            "(invalid_blocks)",
        ),
        (
            "msg_blocks_too_long",
            Refused,
            "slack_message_refused",
            "the alerts are in its window",
        ),
        (
            "invalid_arguments",
            Refused,
            "slack_message_refused",
            "(invalid_arguments)",
        ),
        (
            "ratelimited",
            RetryAfter(30),
            "slack_rate_limited",
            "waits 30 s",
        ),
        (
            "rate_limited",
            RetryAfter(30),
            "slack_rate_limited",
            "waits 30 s",
        ),
        (
            "message_limit_exceeded",
            RetryAfter(600),
            "slack_rate_limited",
            "waits 600 s",
        ),
        (
            "internal_error",
            Retry,
            "slack_busy",
            "(internal_error). It is sent again later",
        ),
        ("fatal_error", Retry, "slack_busy", "(fatal_error)"),
        ("request_timeout", Retry, "slack_busy", "(request_timeout)"),
        (
            "service_unavailable",
            Retry,
            "slack_busy",
            "(service_unavailable)",
        ),
        ("something_new", Retry, "slack_busy", "(something_new)"),
        // What is no word of Slack's is not repeated.
        (
            "Something <b>odd</b>",
            Retry,
            "slack_busy",
            "(unknown_error)",
        ),
        (TOKEN, Retry, "slack_busy", "(unknown_error)"),
        (
            "user_not_found",
            Stop,
            "slack_channel_not_found",
            "no channel #alerts",
        ),
        (
            "org_login_required",
            Stop,
            "slack_restricted_action",
            "Ask an administrator",
        ),
        (
            "channel_is_archived",
            Stop,
            "slack_is_archived",
            "Unarchive it",
        ),
        (
            "no_permission",
            Stop,
            "slack_restricted_action",
            "Ask an administrator",
        ),
        (
            "thread_not_found",
            Retry,
            "slack_busy",
            "(thread_not_found)",
        ),
        ("", Retry, "slack_busy", "(unknown_error)"),
    ];
    let mut rows: Vec<Row> = words
        .into_iter()
        .map(|(word, kind, code, sentence)| (word, says(word), kind, code, sentence))
        .collect();
    let status = |status: u16| ResponseTemplate::new(status);
    let page = |code| status(code).set_body_raw("<html>log in</html>", "text/html");
    rows.extend([
        ("429", status(429).insert_header("retry-after", "7"), RetryAfter(7), "slack_rate_limited", "waits 7 s"),
        ("429 without a time", status(429), RetryAfter(30), "slack_rate_limited", "waits 30 s"),
        ("429 for ever", status(429).insert_header("retry-after", "99999999999"), RetryAfter(86_400), "slack_rate_limited", ""),
        ("429 of no seconds", status(429).insert_header("retry-after", "0"), RetryAfter(1), "slack_rate_limited", ""),
        (
            "429 with a word",
            status(429).insert_header("retry-after", "3").set_body_json(json!({"ok": false, "error": "ratelimited"})),
            RetryAfter(3),
            "slack_rate_limited",
            "waits 3 s",
        ),
        ("200 with a time", says("ratelimited").insert_header("retry-after", "9"), RetryAfter(9), "slack_rate_limited", "waits 9 s"),
        (
            "missing scope",
            status(200).set_body_json(json!({"ok": false, "error": "missing_scope", "needed": "chat:write.public", "provided": "x"})),
            Stop,
            "slack_missing_scope",
            "lacks the scope chat:write.public",
        ),
        ("500", status(500), Retry, "slack_server_error", "HTTP status 500"),
        ("502 page", page(502), Retry, "slack_server_error", "sent again later"),
        ("503", status(503).insert_header("retry-after", "60"), RetryAfter(60), "slack_server_error", "503"),
        (
            "503 with a word",
            status(503).set_body_json(json!({"ok": false, "error": "service_unavailable"})),
            Retry,
            "slack_busy",
            "(service_unavailable)",
        ),
        ("200 page", page(200), Retry, "slack_not_itself", "a proxy, a portal, or a wrong address"),
        ("200 of nothing", status(200), Unknown, "slack_unknown", "cannot be read"),
        ("200 broken", status(200).set_body_string("{\"ok\":tr"), Unknown, "slack_unknown", "cannot be read"),
        ("200 other JSON", status(200).set_body_string("[1]"), Unknown, "slack_unknown", "cannot be read"),
        ("200 huge", status(200).set_body_bytes(vec![b'x'; 5 * 1024 * 1024]), Unknown, "slack_unknown", "too large to be read"),
        ("500 huge", status(500).set_body_bytes(vec![b'x'; 5 * 1024 * 1024]), Retry, "slack_server_error", "500"),
        ("404 page", page(404), Stop, "slack_http_status", "HTTP status 404, which is not its way"),
        ("403", status(403), Stop, "slack_http_status", "whether a proxy is in the way"),
        ("302", status(302).insert_header("location", "https://evil.example/"), Stop, "slack_http_status", "302"),
        ("413", status(413), Refused, "slack_message_refused", "too large"),
    ]);
    rows
}

#[tokio::test]
async fn every_answer_of_slack_is_a_decision() {
    for (name, answer, kind, code, sentence) in rows() {
        let server = serve(answer).await;
        let error = send(&bot(&server.uri(), Some("#alerts")))
            .await
            .unwrap_err();
        assert_row(name, error, (kind, code, sentence), "tocsin-test-secret");
    }
}

#[tokio::test]
async fn every_answer_to_a_webhook_is_a_decision() {
    use Kind::{Refused, Retry, RetryAfter, Stop, Unknown};
    let text = |status, text: &str| ResponseTemplate::new(status).set_body_string(text);
    let rows = [
        (
            "payload",
            text(400, "invalid_payload"),
            Refused,
            "slack_message_refused",
            "(invalid_payload)",
        ),
        (
            "no text",
            text(400, "no_text"),
            Refused,
            "slack_message_refused",
            "(no_text)",
        ),
        (
            "gone",
            text(404, "no_service\n"),
            Stop,
            "slack_webhook_gone",
            "Make a new one",
        ),
        (
            "no team",
            text(404, "no_team"),
            Stop,
            "slack_webhook_gone",
            "Make a new one",
        ),
        (
            "bad token",
            text(403, "invalid_token"),
            Stop,
            "slack_webhook_gone",
            "Make a new one",
        ),
        (
            "channel",
            text(404, "channel_not_found"),
            Stop,
            "slack_channel_not_found",
            "its channel",
        ),
        (
            "archived",
            text(410, "channel_is_archived"),
            Stop,
            "slack_is_archived",
            "its channel is archived",
        ),
        (
            "prohibited",
            text(403, "action_prohibited"),
            Stop,
            "slack_restricted_action",
            "Ask an administrator",
        ),
        (
            "rollup",
            text(500, "rollup_error"),
            Retry,
            "slack_busy",
            "(rollup_error)",
        ),
        (
            "500",
            text(500, "Oh no!"),
            Retry,
            "slack_server_error",
            "500",
        ),
        (
            "429",
            text(429, "").insert_header("retry-after", "5"),
            RetryAfter(5),
            "slack_rate_limited",
            "waits 5 s",
        ),
        (
            "page",
            text(200, "<html>"),
            Retry,
            "slack_not_itself",
            "Something else answered",
        ),
        (
            "nothing",
            text(200, ""),
            Unknown,
            "slack_unknown",
            "nobody knows",
        ),
        (
            "403 page",
            text(403, "<html>tocsin-test-secret"),
            Stop,
            "slack_http_status",
            "403",
        ),
    ];
    for (name, answer, kind, code, sentence) in rows {
        let server = serve(answer).await;
        let url = format!("{}/services/T/B/tocsin-test-secret", server.uri());
        let error = send(&webhook(&url)).await.unwrap_err();
        assert_row(name, error, (kind, code, sentence), "tocsin-test-secret");
    }
}

//! Slack as a sink, asked over real connections: what it takes, what it refuses and how, its limits and its troubles.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use std::time::Duration;

use reqwest::{Response, StatusCode};
use serde_json::{Value, json};
use tocsin_replay::{ChatBehaviour, ChatLimits, RandomTrouble, Replay, SlackChannel, Trouble};

use common::{client, fixtures, header, json_of};

const POST: &str = "/slack/api/chat.postMessage";

fn unlimited() -> Replay {
    let replay = fixtures();
    replay.slack().set_limits(ChatLimits::NONE);
    replay
}

async fn post(replay: &Replay, path: &str, body: &Value) -> reqwest::Result<Response> {
    let request = client().post(replay.url(path)).json(body);
    request.bearer_auth(replay.slack().token()).send().await
}

/// Slack's answer to a message: `ok`, or the error.
async fn answer(replay: &Replay, body: &Value) -> String {
    let answer = json_of(post(replay, POST, body).await.unwrap()).await;
    if answer["ok"] == true {
        return "ok".to_owned();
    }
    assert_eq!(answer["ok"], false);
    answer["error"].as_str().unwrap().to_owned()
}

fn to(channel: &str, text: &str) -> Value {
    json!({ "channel": channel, "text": text })
}

fn with_blocks(blocks: Value) -> Value {
    json!({ "channel": "#alerts", "text": "Fallback", "blocks": blocks })
}

fn section(text: &str) -> Value {
    json!({ "type": "section", "text": { "type": "mrkdwn", "text": text } })
}

#[tokio::test]
async fn takes_a_message_names_it_and_threads_under_it() {
    let replay = unlimited();
    let first = json_of(post(&replay, POST, &to("#alerts", "One")).await.unwrap()).await;
    assert_eq!(
        (&first["ok"], &first["channel"]),
        (&json!(true), &json!("C0ALERTS"))
    );
    let ts = first["ts"].as_str().unwrap();
    let (seconds, millionths) = ts.split_once('.').unwrap();
    assert!(seconds.len() == 10 && millionths.len() == 6, "{ts}");

    let mut reply = with_blocks(json!([section("*Two*"), { "type": "divider" }]));
    reply["thread_ts"] = json!(ts);
    assert_eq!(answer(&replay, &reply).await, "ok");
    assert_eq!(answer(&replay, &to("C0ALERTS", "Three")).await, "ok");
    reply["thread_ts"] = json!("1.000001");
    assert_eq!(answer(&replay, &reply).await, "thread_not_found");

    let messages = replay
        .slack()
        .messages_reach(3, Duration::from_secs(5))
        .await;
    assert_eq!(messages.len(), 3);
    assert_eq!(messages[1].thread_ts.as_deref(), Some(ts));
    assert_eq!(messages[1].blocks[0]["text"]["text"], "*Two*");
    let mut names: Vec<_> = messages.iter().map(|m| m.ts.clone().unwrap()).collect();
    names.dedup();
    assert!(names.len() == 3 && names.is_sorted());
    assert!(
        messages
            .iter()
            .all(|m| m.channel == "C0ALERTS" && m.answer == "ok")
    );
    assert_eq!(replay.slack().arrivals().len(), 4);
    assert_eq!(replay.slack().arrivals()[3].answer, "thread_not_found");
}

#[tokio::test]
async fn asks_for_the_token_and_for_scopes() {
    let replay = unlimited();
    let without = client().post(replay.url(POST)).json(&to("#alerts", "a"));
    assert_eq!(
        json_of(without.send().await.unwrap()).await["error"],
        "not_authed"
    );
    let wrong = client().post(replay.url(POST)).bearer_auth("xoxb-other");
    let wrong = wrong.json(&to("#alerts", "a")).send().await.unwrap();
    assert_eq!(json_of(wrong).await["error"], "invalid_auth");

    let test = post(&replay, "/slack/api/auth.test", &json!({}))
        .await
        .unwrap();
    assert!(header(&test, "x-oauth-scopes").contains("chat:write"));
    let test = json_of(test).await;
    assert_eq!((&test["ok"], &test["team"]), (&json!(true), &json!("Acme")));
    replay.slack().set_scopes(&["channels:read"]);
    assert_eq!(answer(&replay, &to("#alerts", "a")).await, "missing_scope");
    // Nothing with a bad token is recorded, and no record holds the token.
    assert_eq!(replay.slack().arrivals().len(), 1);
    let requests = serde_json::to_string(&replay.requests()).unwrap();
    assert!(!requests.contains(replay.slack().token()));
}

#[tokio::test]
async fn writes_only_where_the_app_may() {
    let replay = unlimited();
    replay
        .slack()
        .set_channel(SlackChannel::new("C0NEW", "new"));
    for (channel, expect) in [
        ("#alerts", "ok"),
        ("alerts", "ok"),
        ("C0ALERTS", "ok"),
        ("#new", "ok"),
        ("#soc", "ok"),
        ("#general", "ok"),
        ("#board", "channel_not_found"),
        ("#none", "channel_not_found"),
        ("", "channel_not_found"),
        ("#old", "is_archived"),
    ] {
        assert_eq!(
            answer(&replay, &to(channel, "a")).await,
            expect,
            "{channel}"
        );
    }
    // Without this scope the app must be invited to public channels too.
    replay.slack().set_scopes(&["chat:write"]);
    assert_eq!(
        answer(&replay, &to("#general", "a")).await,
        "not_in_channel"
    );
}

#[tokio::test]
async fn refuses_texts_and_blocks_as_slack_does() {
    let replay = unlimited();
    let header =
        |text: &str| json!([{ "type": "header", "text": { "type": "plain_text", "text": text } }]);
    let button = |url: &str| {
        json!([{ "type": "actions", "elements": [{
            "type": "button", "url": url, "text": { "type": "plain_text", "text": "Open" },
        }] }])
    };
    let sections = |count, size| {
        let sections = vec![section(&"é".repeat(size)); count];
        with_blocks(Value::Array(sections))
    };
    let cases = [
        (to("#alerts", ""), "no_text"),
        (to("#alerts", " \n"), "no_text"),
        (
            json!({ "channel": "#alerts", "blocks": [section("a")] }),
            "no_text",
        ),
        (to("#alerts", &"é".repeat(39_999)), "ok"),
        (to("#alerts", &"é".repeat(40_000)), "msg_too_long"),
        (sections(50, 1), "ok"),
        (sections(51, 1), "invalid_blocks"),
        (sections(1, 3_000), "ok"),
        (sections(1, 3_001), "invalid_blocks"),
        (sections(1, 0), "invalid_blocks"),
        (sections(4, 2_500), "ok"),
        (sections(4, 2_501), "msg_blocks_too_long"),
        (with_blocks(header(&"a".repeat(150))), "ok"),
        (with_blocks(header(&"a".repeat(151))), "invalid_blocks"),
        (with_blocks(button("https://e.example/")), "ok"),
        (with_blocks(button("javascript:alert(1)")), "invalid_blocks"),
        (
            with_blocks(json!([{ "type": "context", "elements": [] }])),
            "invalid_blocks",
        ),
        (with_blocks(json!([{ "type": "tables" }])), "invalid_blocks"),
        (
            with_blocks(json!([{ "type": "section" }])),
            "invalid_blocks",
        ),
        (with_blocks(json!("[")), "invalid_blocks_format"),
    ];
    for (body, expect) in &cases {
        let shown = body.to_string().chars().take(120).collect::<String>();
        assert_eq!(answer(&replay, body).await, *expect, "{shown}");
    }
    // It says where.
    let refused = json_of(post(&replay, POST, &sections(51, 1)).await.unwrap()).await;
    let said = &refused["response_metadata"]["messages"][0];
    assert_eq!(
        said,
        "[ERROR] no more than 50 items allowed [json-pointer:/blocks]"
    );
}

#[tokio::test]
async fn lists_channels_in_pages() {
    let replay = unlimited();
    let list = |args: Value| {
        let replay = &replay;
        async move {
            json_of(
                post(replay, "/slack/api/conversations.list", &args)
                    .await
                    .unwrap(),
            )
            .await
        }
    };
    let names = |page: &Value| -> Vec<String> {
        let channels = page["channels"].as_array().unwrap().iter();
        channels
            .map(|c| c["name"].as_str().unwrap().to_owned())
            .collect()
    };
    let public = list(json!({ "exclude_archived": true })).await;
    assert_eq!(names(&public), ["alerts", "general"]);
    let args = json!({ "types": "public_channel,private_channel", "limit": 3 });
    let first = list(args.clone()).await;
    assert_eq!(names(&first), ["alerts", "general", "old"]);
    let mut args = args;
    args["cursor"] = first["response_metadata"]["next_cursor"].clone();
    let second = list(args).await;
    assert_eq!(names(&second), ["soc"]);
    assert_eq!(second["response_metadata"]["next_cursor"], "");
    replay.slack().set_scopes(&["chat:write"]);
    let refused = list(json!({})).await;
    assert_eq!(
        (&refused["error"], &refused["needed"]),
        (&json!("missing_scope"), &json!("channels:read"))
    );
}

#[tokio::test]
async fn beyond_its_limit_it_answers_429_and_counts_that() {
    let replay = fixtures();
    assert_eq!(answer(&replay, &to("#alerts", "1")).await, "ok");
    assert_eq!(answer(&replay, &to("#soc", "another channel")).await, "ok");
    let refused = post(&replay, POST, &to("#alerts", "2")).await.unwrap();
    assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(header(&refused, "retry-after"), "1");
    assert_eq!(replay.slack().exceeded(), 1);
    // The replay's clock counts, not the machine's.
    replay.advance(Duration::from_secs(1));
    assert_eq!(answer(&replay, &to("#alerts", "2")).await, "ok");
    assert_eq!(replay.slack().exceeded(), 1);
    assert_eq!(replay.slack().messages().len(), 3);
    let at: Vec<i64> = replay.slack().messages().iter().map(|m| m.at_ms).collect();
    assert!(at[2] - at[0] >= 1_000, "{at:?}");
    let faster = ChatLimits::SLACK.faster(100).per_destination.unwrap();
    assert_eq!(faster.window, Duration::from_millis(10));
}

#[tokio::test]
async fn goes_wrong_as_it_is_told_to_and_only_there() {
    let replay = unlimited();
    let slack = replay.slack();
    for error in [
        "not_in_channel",
        "token_revoked",
        "internal_error",
        "ekm_access_denied",
    ] {
        slack.set_behaviour(ChatBehaviour::failing(Trouble::error(error)).times(1));
        assert_eq!(answer(&replay, &to("#alerts", "a")).await, error);
        assert_eq!(answer(&replay, &to("#alerts", "a")).await, "ok");
    }
    slack.clear();
    slack.set_behaviour(ChatBehaviour::failing(Trouble::error("invalid_auth")).only("auth.test"));
    let test = post(&replay, "/slack/api/auth.test", &json!({}))
        .await
        .unwrap();
    assert_eq!(json_of(test).await["error"], "invalid_auth");
    assert_eq!(answer(&replay, &to("#alerts", "a")).await, "ok");

    slack.set_behaviour(ChatBehaviour::failing(Trouble::TooMany {
        retry_after_s: 30,
    }));
    let refused = post(&replay, POST, &to("#alerts", "a")).await.unwrap();
    assert_eq!(
        (refused.status().as_u16(), header(&refused, "retry-after")),
        (429, "30")
    );
    slack.set_behaviour(ChatBehaviour::failing(Trouble::Status { status: 503 }));
    assert_eq!(
        post(&replay, POST, &to("#alerts", "a"))
            .await
            .unwrap()
            .status(),
        503
    );
    slack.set_behaviour(ChatBehaviour::failing(Trouble::Garbage));
    let page = post(&replay, POST, &to("#alerts", "a")).await.unwrap();
    assert!(page.text().await.unwrap().starts_with("<html>"));
    assert_eq!(slack.messages().len(), 1);
    assert_eq!(slack.exceeded(), 0);
}

#[tokio::test]
async fn may_break_off_before_and_after_it_took_a_message() {
    let replay = unlimited();
    let slack = replay.slack();
    let body = to("#alerts", "a");
    slack.set_behaviour(ChatBehaviour::failing(Trouble::CloseUntaken));
    let error = post(&replay, POST, &body).await.unwrap_err();
    assert!(!error.is_connect() && !error.is_timeout(), "{error:?}");
    assert!(slack.messages().is_empty());
    slack.set_behaviour(ChatBehaviour::failing(Trouble::CloseTaken));
    assert!(post(&replay, POST, &body).await.is_err());
    assert_eq!(slack.messages().len(), 1);
    slack.set_behaviour(ChatBehaviour::failing(Trouble::CutTaken));
    let cut = post(&replay, POST, &body).await.unwrap();
    assert_eq!(cut.status(), 200);
    assert!(cut.bytes().await.is_err());
    assert_eq!((slack.messages().len(), slack.duplicates()), (2, 1));
    // The server goes on.
    slack.set_behaviour(ChatBehaviour {
        answer_delay: Duration::from_millis(50),
        ..ChatBehaviour::default()
    });
    let begun = std::time::Instant::now();
    assert_eq!(answer(&replay, &to("#alerts", "b")).await, "ok");
    assert!(begun.elapsed() >= Duration::from_millis(50));
}

#[tokio::test]
async fn fails_at_random_in_the_same_way_for_the_same_seed() {
    let mut runs = Vec::new();
    for seed in [7, 7, 8] {
        let replay = unlimited();
        replay.slack().set_behaviour(ChatBehaviour {
            random: Some(RandomTrouble {
                seed,
                percent: 30,
                troubles: vec![
                    Trouble::Status { status: 500 },
                    Trouble::error("internal_error"),
                    Trouble::CloseTaken,
                ],
            }),
            ..ChatBehaviour::default()
        });
        for n in 0..60 {
            let _ = post(&replay, POST, &to("#alerts", &n.to_string())).await;
        }
        let arrived = replay.slack().arrivals();
        assert_eq!(arrived.len(), 60);
        let failed = arrived.iter().filter(|m| m.answer != "ok").count();
        assert!((2..40).contains(&failed), "{failed}");
        runs.push(arrived.into_iter().map(|m| m.answer).collect::<Vec<_>>());
    }
    assert_eq!(runs[0], runs[1]);
    assert_ne!(runs[0], runs[2]);
}

#[tokio::test]
async fn a_webhook_answers_ok_and_refuses_by_status() {
    let replay = unlimited();
    let path = replay.slack().webhook_path();
    let ask = |path: String, body: Value| {
        let replay = &replay;
        async move {
            let answer = client()
                .post(replay.url(&path))
                .json(&body)
                .send()
                .await
                .unwrap();
            (answer.status().as_u16(), answer.text().await.unwrap())
        }
    };
    let good = json!({ "text": "a", "blocks": [section("b")] });
    assert_eq!(
        ask(path.clone(), good.clone()).await,
        (200, "ok".to_owned())
    );
    let messages = replay.slack().messages();
    assert!(messages[0].by_webhook && messages[0].channel == "C0ALERTS");
    let cases = [
        (path.clone(), json!({}), 400, "no_text"),
        (path.clone(), json!([1]), 400, "invalid_payload"),
        (path.clone() + "x", good.clone(), 403, "invalid_token"),
        (
            "/slack/services/T1/B1/x".to_owned(),
            good.clone(),
            404,
            "no_service",
        ),
    ];
    for (path, body, status, word) in cases {
        assert_eq!(ask(path, body).await, (status, word.to_owned()));
    }
    let archived = SlackChannel {
        is_archived: true,
        ..SlackChannel::new("C0ALERTS", "alerts")
    };
    replay.slack().set_channel(archived);
    assert_eq!(
        ask(path.clone(), good.clone()).await,
        (410, "channel_is_archived".to_owned())
    );
    replay
        .slack()
        .set_behaviour(ChatBehaviour::failing(Trouble::error("no_service")));
    assert_eq!(
        ask(path.clone(), good).await,
        (404, "no_service".to_owned())
    );
    let requests = serde_json::to_string(&replay.requests()).unwrap();
    let secret = path.rsplit('/').next().unwrap();
    assert!(!requests.contains(secret));
}

#[tokio::test]
async fn is_steered_over_http_too() {
    let replay = unlimited();
    let control = replay.url("/_replay/slack");
    let told = json!({
        "behaviour": { "trouble": { "kind": "error", "error": "is_archived" }, "times": 1, "delay_ms": 1 },
        "limits": { "per_destination": { "requests": 2, "window_ms": 60_000 } },
        "destinations": [{
            "id": "C1", "name": "one", "is_private": false, "is_archived": false, "is_member": true,
        }],
    });
    let set = client().post(&control).json(&told).send().await.unwrap();
    assert_eq!(set.status(), 204);
    assert_eq!(answer(&replay, &to("#one", "a")).await, "is_archived");
    assert_eq!(answer(&replay, &to("#one", "a")).await, "ok");
    assert_eq!(
        post(&replay, POST, &to("#one", "a"))
            .await
            .unwrap()
            .status(),
        429
    );
    let told = json_of(client().get(&control).send().await.unwrap()).await;
    assert_eq!(
        (&told["arrivals"], &told["exceeded"]),
        (&json!(3), &json!(1))
    );
    assert_eq!(told["messages"][0]["text"], "a");
    let wrong = client()
        .post(&control)
        .json(&json!({ "behavior": {} }))
        .send()
        .await
        .unwrap();
    assert_eq!(wrong.status(), 400);
    assert_eq!(
        client().delete(&control).send().await.unwrap().status(),
        204
    );
    assert!(replay.slack().arrivals().is_empty());
}

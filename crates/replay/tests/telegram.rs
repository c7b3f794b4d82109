//! Telegram as a sink, asked over real connections: what it takes, what it refuses and how, its limits and its troubles.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use std::time::Duration;

use reqwest::Response;
use serde_json::{Value, json};
use tocsin_replay::{ChatBehaviour, ChatLimits, ChatState, Replay, TelegramChat, Trouble};

use common::{client, fixtures, header, json_of};

const GROUP: i64 = -1_001_000_000_001;

fn unlimited() -> Replay {
    let replay = fixtures();
    replay.telegram().set_limits(ChatLimits::NONE);
    replay
}

fn method(replay: &Replay, name: &str) -> String {
    replay.url(&format!(
        "/telegram/bot{}/{name}",
        replay.telegram().token()
    ))
}

async fn call(replay: &Replay, name: &str, body: &Value) -> reqwest::Result<Response> {
    client().post(method(replay, name)).json(body).send().await
}

/// Status, description and parameters of the answer to a message; `ok` where it was taken.
async fn answer(replay: &Replay, body: &Value) -> (u16, String, Value) {
    let answer = call(replay, "sendMessage", body).await.unwrap();
    let status = answer.status().as_u16();
    let body: Value = answer.json().await.unwrap();
    if body["ok"] == true {
        return (status, "ok".to_owned(), Value::Null);
    }
    assert_eq!(body["error_code"], status);
    let description = body["description"].as_str().unwrap().to_owned();
    (status, description, body["parameters"].clone())
}

async fn check(replay: &Replay, body: Value, status: u16, description: &str) {
    let (found, said, _) = answer(replay, &body).await;
    let shown: String = body.to_string().chars().take(120).collect();
    assert_eq!((found, said.as_str()), (status, description), "{shown}");
}

fn html(text: &str) -> Value {
    json!({ "chat_id": GROUP, "text": text, "parse_mode": "HTML" })
}

#[tokio::test]
async fn takes_a_message_and_shows_what_people_see() {
    let replay = unlimited();
    let body = json!({
        "chat_id": GROUP.to_string(), "parse_mode": "HTML", "disable_notification": true,
        "text": "<b>High</b> 🔥 a &lt; b <a href=\"https://e.example/\">x</a>",
    });
    let sent = json_of(call(&replay, "sendMessage", &body).await.unwrap()).await;
    assert_eq!(sent["result"]["text"], "High 🔥 a < b x");
    assert_eq!(sent["result"]["chat"]["title"], "SOC team");
    assert_eq!(sent["result"]["entities"][1]["offset"], 14);
    let form = client().post(method(&replay, "sendmessage"));
    let form = form.form(&[("chat_id", "@acme_alerts"), ("text", "1 < 2 & 3")]);
    assert_eq!(json_of(form.send().await.unwrap()).await["ok"], true);
    let query = client().get(method(&replay, "sendMessage"));
    let query = query.query(&[("chat_id", "10001"), ("text", "<b>")]);
    assert_eq!(json_of(query.send().await.unwrap()).await["ok"], true);

    let messages = replay
        .telegram()
        .messages_reach(3, Duration::from_secs(5))
        .await;
    assert!(messages[0].is_silent && !messages[1].is_silent);
    assert_eq!(messages[0].text, "High 🔥 a < b x");
    assert_eq!(messages[1].text, "1 < 2 & 3");
    assert_eq!(messages[2].text, "<b>");
    let ids: Vec<_> = messages.iter().map(|m| m.message_id.unwrap()).collect();
    assert_eq!(ids, [1, 2, 3]);
    assert_eq!(replay.telegram().duplicates(), 0);
}

#[tokio::test]
async fn the_token_is_in_the_path_and_in_no_record() {
    let replay = unlimited();
    for (path, status, description) in [
        ("/telegram/bot1:other/getMe", 401, "Unauthorized"),
        ("/telegram/botother/getMe", 404, "Not Found"),
        ("/telegram/other/getMe", 404, "Not Found"),
    ] {
        let answer = client().get(replay.url(path)).send().await.unwrap();
        assert_eq!(answer.status().as_u16(), status, "{path}");
        let body: Value = answer.json().await.unwrap();
        assert_eq!(body["description"], description, "{path}");
    }
    let me = json_of(call(&replay, "getMe", &json!({})).await.unwrap()).await;
    assert_eq!(me["result"]["username"], "tocsin_bot");
    assert_eq!(
        call(&replay, "sendPhoto", &json!({}))
            .await
            .unwrap()
            .status(),
        404
    );
    let requests = serde_json::to_string(&replay.requests()).unwrap();
    assert!(requests.contains("/telegram/bot***/getMe"));
    assert!(!requests.contains(replay.telegram().token()));
}

#[tokio::test]
async fn refuses_what_it_cannot_parse_what_is_empty_and_what_is_too_long() {
    let replay = unlimited();
    let entities = "Bad Request: can't parse entities: ";
    for (text, why) in [
        (
            "a <b>b",
            "Can't find end tag corresponding to start tag \"b\"",
        ),
        ("a <3", "Unclosed start tag at byte offset 2"),
        ("<p>a</p>", "Unsupported start tag \"p\" at byte offset 0"),
        ("a</b>", "Unexpected end tag at byte offset 1"),
    ] {
        check(&replay, html(text), 400, &format!("{entities}{why}")).await;
    }
    let long = |count| "𝒂".repeat(count);
    check(&replay, html(&format!("<b>{}</b>", long(2_048))), 200, "ok").await;
    let too_long = "Bad Request: message is too long";
    check(
        &replay,
        html(&format!("<b>{}a</b>", long(2_048))),
        400,
        too_long,
    )
    .await;
    check(&replay, html(&"&lt;".repeat(4_096)), 200, "ok").await;
    check(&replay, html(&"&lt;".repeat(4_097)), 400, too_long).await;
    check(&replay, html(""), 400, "Bad Request: message text is empty").await;
    check(
        &replay,
        html("<b> </b>"),
        400,
        "Bad Request: text must be non-empty",
    )
    .await;
    let mode = json!({ "chat_id": GROUP, "text": "a", "parse_mode": "BBCode" });
    check(&replay, mode, 400, "Bad Request: unsupported parse_mode").await;
    assert_eq!(replay.telegram().messages().len(), 2);
    assert_eq!(replay.telegram().arrivals().len(), 11);
}

#[tokio::test]
async fn says_why_it_may_not_write_to_a_chat() {
    let replay = unlimited();
    let telegram = replay.telegram();
    let to = |chat: Value| json!({ "chat_id": chat, "text": "a" });
    check(&replay, to(json!(5)), 400, "Bad Request: chat not found").await;
    check(&replay, to(json!("")), 400, "Bad Request: chat_id is empty").await;
    let states = [
        (ChatState::Unknown, 400, "Bad Request: chat not found"),
        (
            ChatState::Blocked,
            403,
            "Forbidden: bot was blocked by the user",
        ),
        (
            ChatState::Kicked,
            403,
            "Forbidden: bot was kicked from the group chat",
        ),
        (
            ChatState::NoRights,
            400,
            "Bad Request: not enough rights to send text messages to the chat",
        ),
    ];
    for (state, status, description) in states {
        telegram.set_chat(TelegramChat::new(-4_001, "group", "Night shift").state(state));
        check(&replay, to(json!(-4_001)), status, description).await;
    }
    let moved = ChatState::MovedTo { id: GROUP };
    telegram.set_chat(TelegramChat::new(-4_001, "group", "Night shift").state(moved));
    let (status, description, parameters) = answer(&replay, &to(json!("-4001"))).await;
    assert_eq!(status, 400);
    assert_eq!(
        description,
        "Bad Request: group chat was upgraded to a supergroup chat"
    );
    assert_eq!(parameters["migrate_to_chat_id"], GROUP);
    check(&replay, to(json!(GROUP)), 200, "ok").await;

    let chat = call(&replay, "getChat", &json!({ "chat_id": GROUP }))
        .await
        .unwrap();
    assert_eq!(json_of(chat).await["result"]["type"], "supergroup");
    let chat = call(&replay, "getChat", &json!({ "chat_id": 5 }))
        .await
        .unwrap();
    assert_eq!(chat.status(), 400);
}

#[tokio::test]
async fn tells_who_wrote_to_the_bot_until_it_is_confirmed() {
    let replay = unlimited();
    let updates = |args: Value| {
        let replay = &replay;
        async move {
            let answer = json_of(call(replay, "getUpdates", &args).await.unwrap()).await;
            answer["result"].as_array().unwrap().clone()
        }
    };
    let first = updates(json!({})).await;
    let chats: Vec<_> = first
        .iter()
        .map(|u| {
            if u["message"].is_null() {
                &u["channel_post"]
            } else {
                &u["message"]
            }
        })
        .map(|message| message["chat"]["id"].as_i64().unwrap())
        .collect();
    assert_eq!(chats, [10_001, GROUP, -4_001, -1_001_000_000_002]);
    assert_eq!(updates(json!({ "limit": 1 })).await.len(), 1);
    assert_eq!(updates(json!({ "offset": 3 })).await.len(), 2);
    assert_eq!(updates(json!({})).await.len(), 2);
    assert_eq!(updates(json!({ "offset": -1 })).await.len(), 1);
    replay
        .telegram()
        .hear(&TelegramChat::new(7, "private", "Bo"), "hello");
    let heard = updates(json!({ "offset": 5 })).await;
    assert_eq!(heard[0]["message"]["chat"]["first_name"], "Bo");
    replay.telegram().clear_updates();
    assert!(updates(json!({})).await.is_empty());
    let webhook = "Conflict: can't use getUpdates method while webhook is active";
    let behaviour = ChatBehaviour::failing(Trouble::error(webhook)).only("getUpdates");
    replay.telegram().set_behaviour(behaviour);
    assert_eq!(
        call(&replay, "getUpdates", &json!({}))
            .await
            .unwrap()
            .status(),
        409
    );
}

#[tokio::test]
async fn keeps_the_limits_of_chats_groups_and_bots() {
    let replay = fixtures();
    let to = |chat: Value| json!({ "chat_id": chat, "text": "a" });
    check(&replay, to(json!(10_001)), 200, "ok").await;
    let refused = call(&replay, "sendMessage", &to(json!(10_001)))
        .await
        .unwrap();
    assert_eq!(
        (refused.status().as_u16(), header(&refused, "retry-after")),
        (429, "1")
    );
    let body: Value = refused.json().await.unwrap();
    assert_eq!(body["parameters"]["retry_after"], 1);
    assert_eq!(body["description"], "Too Many Requests: retry after 1");
    // A name and its number are one chat.
    for n in 0..20 {
        let chat = if n % 2 == 0 {
            json!("@acme_alerts")
        } else {
            json!(-1_001_000_000_002_i64)
        };
        check(&replay, to(chat), 200, "ok").await;
        replay.advance(Duration::from_secs(1));
    }
    let (status, _, parameters) = answer(&replay, &to(json!("@acme_alerts"))).await;
    assert_eq!(status, 429);
    let wait = parameters["retry_after"].as_u64().unwrap();
    assert!((39..=40).contains(&wait), "{wait}");
    check(&replay, to(json!(GROUP)), 200, "ok").await;
    assert_eq!(replay.telegram().exceeded(), 2);

    replay.telegram().set_limits(ChatLimits {
        per_destination: None,
        ..ChatLimits::TELEGRAM
    });
    replay.advance(Duration::from_secs(60));
    for _ in 0..30 {
        check(&replay, to(json!(10_001)), 200, "ok").await;
    }
    let (status, _, _) = answer(&replay, &to(json!(10_001))).await;
    assert_eq!(status, 429);
}

#[tokio::test]
async fn goes_wrong_as_it_is_told_to() {
    let replay = unlimited();
    let telegram = replay.telegram();
    let body = html("a");
    let cases = [
        (Trouble::error("Unauthorized"), 401),
        (Trouble::error("Internal Server Error: later"), 500),
        (Trouble::TooMany { retry_after_s: 7 }, 429),
        (Trouble::Status { status: 502 }, 502),
        (Trouble::Garbage, 200),
    ];
    for (trouble, status) in cases {
        telegram.set_behaviour(ChatBehaviour::failing(trouble).times(1));
        let answer = call(&replay, "sendMessage", &body).await.unwrap();
        assert_eq!(answer.status().as_u16(), status);
    }
    assert!(telegram.messages().is_empty());
    telegram.set_behaviour(ChatBehaviour::failing(Trouble::CloseUntaken).times(1));
    assert!(call(&replay, "sendMessage", &body).await.is_err());
    telegram.set_behaviour(ChatBehaviour::failing(Trouble::CloseTaken).times(1));
    assert!(call(&replay, "sendMessage", &body).await.is_err());
    telegram.set_behaviour(ChatBehaviour::failing(Trouble::CutTaken).times(1));
    let cut = call(&replay, "sendMessage", &body).await.unwrap();
    assert!(cut.bytes().await.is_err());
    check(&replay, body, 200, "ok").await;
    assert_eq!((telegram.messages().len(), telegram.duplicates()), (3, 2));
}

#[tokio::test]
async fn is_steered_over_http_too() {
    let replay = unlimited();
    let control = replay.url("/_replay/telegram");
    let told = json!({
        "behaviour": { "random": {
            "seed": 1, "percent": 100, "troubles": [{ "kind": "too_many", "retry_after_s": 9 }],
        } },
        "destinations": [{
            "id": -9, "kind": "group", "title": "Nine", "username": null, "state": { "kind": "open" },
        }],
    });
    let set = client().post(&control).json(&told).send().await.unwrap();
    assert_eq!(set.status(), 204);
    let body = json!({ "chat_id": -9, "text": "a" });
    assert_eq!(answer(&replay, &body).await.0, 429);
    assert_eq!(
        client().delete(&control).send().await.unwrap().status(),
        204
    );
    assert_eq!(answer(&replay, &body).await.0, 200);
    let told = json_of(client().get(&control).send().await.unwrap()).await;
    assert_eq!(told["messages"][0]["chat_id"], "-9");
}

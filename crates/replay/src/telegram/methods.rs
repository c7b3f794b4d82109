//! The methods of the Bot API: who may ask, what is refused and how.

use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};

use super::{ChatState, TelegramChat, TelegramMessage, TelegramSink, html};
use crate::RateLimit;
use crate::http::query;
use crate::http::reply::Reply;
use crate::sink::desk::{Answer, Asked, moment, whole_seconds};
use crate::sink::trouble::Trouble;

/// The longest text as people see it, in UTF-16 units.
const MAX_TEXT: usize = 4_096;

/// The updates that are told at once.
const MAX_UPDATES: usize = 100;

pub(super) fn answer(sink: &TelegramSink, asked: &Asked<'_>, now: DateTime<Utc>) -> Answer {
    let Some((token, method)) = asked
        .path
        .strip_prefix("/bot")
        .and_then(|path| path.split_once('/'))
    else {
        return error("Not Found").into();
    };
    // A number, a colon and a word is what a token looks like; anything else is no address of a bot.
    let looks_right = token.split_once(':').is_some_and(|(id, word)| {
        id.parse::<u64>().is_ok() && !word.is_empty() && !word.contains(' ')
    });
    if !looks_right {
        return error("Not Found").into();
    }
    if token != sink.token {
        return error("Unauthorized").into();
    }
    let Some(args) = arguments(asked) else {
        return error("Bad Request: can't parse JSON object").into();
    };
    match method.to_ascii_lowercase().as_str() {
        "sendmessage" => send_message(sink, args, now),
        "getme" => read(sink, "getMe", || ok(&bot())),
        "getupdates" => read(sink, "getUpdates", || {
            let offset = number(&args["offset"]).unwrap_or(0);
            let limit = number(&args["limit"]).and_then(|n| usize::try_from(n).ok());
            let limit = limit.filter(|n| *n > 0).unwrap_or(MAX_UPDATES);
            ok(&sink.updates(offset, limit.min(MAX_UPDATES)))
        }),
        "getchat" => read(sink, "getChat", || {
            let chat = sink.chat(&text(&args["chat_id"]));
            match chat.map(|chat| (may_write(&chat), chat)) {
                // Where the bot may not write it may still look.
                Some((Ok(()), chat)) => ok(&described(&chat)),
                Some((Err(_), chat)) if chat.state == ChatState::NoRights => ok(&described(&chat)),
                Some((Err(reply), _)) => *reply,
                None => error("Bad Request: chat not found"),
            }
        }),
        _ => error("Not Found").into(),
    }
}

/// A method that only reads.
fn read(sink: &TelegramSink, method: &str, good: impl FnOnce() -> Reply) -> Answer {
    match sink.desk.trouble(method, false) {
        Some(trouble) => spoilt(&trouble),
        None => good().into(),
    }
}

fn send_message(sink: &TelegramSink, args: Value, now: DateTime<Utc>) -> Answer {
    let (at, at_ms) = moment(now);
    let sent = args["text"].as_str().unwrap_or_default().to_owned();
    let mode = args["parse_mode"].as_str().filter(|mode| !mode.is_empty());
    let mut arrived = TelegramMessage {
        chat_id: text(&args["chat_id"]),
        sent,
        parse_mode: mode.map(str::to_owned),
        text: String::new(),
        entities: Vec::new(),
        is_silent: is_true(&args["disable_notification"]),
        payload: args,
        message_id: None,
        answer: String::new(),
        at,
        at_ms,
    };
    let refuse = |arrived: TelegramMessage, answer: &str| {
        let answer = answer.to_owned();
        sink.desk.inbox.push(TelegramMessage { answer, ..arrived });
    };
    let limits = limits(sink, &arrived.chat_id);
    if let Err(wait) = sink.desk.counts.admit(&limits, now) {
        refuse(arrived, "limit exceeded");
        return too_many(whole_seconds(wait)).into();
    }
    let trouble = sink.desk.trouble("sendMessage", true);
    if let Some(trouble) = &trouble
        && !matches!(trouble, Trouble::CloseTaken | Trouble::CutTaken)
    {
        refuse(arrived, &format!("{trouble:?}"));
        return spoilt(trouble);
    }
    let chat = match destination(sink, &arrived.chat_id) {
        Ok(chat) => chat,
        Err(reply) => {
            refuse(arrived, &description(&reply));
            return (*reply).into();
        }
    };
    match seen(&arrived) {
        Ok((text, entities)) => {
            arrived.text = text;
            arrived.entities = entities;
        }
        Err(why) => {
            refuse(arrived, &why);
            return error(&why).into();
        }
    }
    let id = sink.desk.number(1);
    arrived.message_id = Some(id);
    arrived.answer = "ok".to_owned();
    let reply = ok(&json!({
        "message_id": id,
        "from": { "id": bot()["id"], "is_bot": true, "first_name": "Tocsin" },
        "chat": described(&chat),
        "date": now.timestamp(),
        "text": arrived.text,
        "entities": arrived.entities,
    }));
    sink.desk.inbox.push(arrived);
    Answer::of_taken(reply, trouble.as_ref())
}

/// What a message counts against: a chat by its number, whatever it was called.
fn limits(sink: &TelegramSink, wanted: &str) -> Vec<(String, RateLimit)> {
    let limits = sink.desk.limits();
    let id = sink
        .chat(wanted)
        .map_or_else(|| wanted.to_owned(), |chat| chat.id.to_string());
    let is_group = id.starts_with(['-', '@']);
    let group = limits.per_group.filter(|_| is_group);
    let keyed = [
        (format!("chat {id}"), limits.per_destination),
        (format!("group {id}"), group),
        ("bot".to_owned(), limits.per_bot),
    ];
    let set = keyed
        .into_iter()
        .filter_map(|(key, limit)| Some((key, limit?)));
    set.collect()
}

fn destination(sink: &TelegramSink, wanted: &str) -> Result<TelegramChat, Box<Reply>> {
    if wanted.is_empty() {
        return Err(Box::new(error("Bad Request: chat_id is empty")));
    }
    let chat = sink.chat(wanted);
    let chat = chat.ok_or_else(|| Box::new(error("Bad Request: chat not found")))?;
    may_write(&chat).map(|()| chat)
}

fn may_write(chat: &TelegramChat) -> Result<(), Box<Reply>> {
    let worded = match chat.state {
        ChatState::Open => return Ok(()),
        ChatState::Unknown => "Bad Request: chat not found".to_owned(),
        ChatState::Blocked => "Forbidden: bot was blocked by the user".to_owned(),
        ChatState::Kicked if chat.kind == "channel" => {
            "Forbidden: bot is not a member of the channel chat".to_owned()
        }
        ChatState::Kicked => format!("Forbidden: bot was kicked from the {} chat", chat.kind),
        ChatState::NoRights => {
            "Bad Request: not enough rights to send text messages to the chat".to_owned()
        }
        ChatState::MovedTo { id } => {
            let mut body = error_body("Bad Request: group chat was upgraded to a supergroup chat");
            body["parameters"] = json!({ "migrate_to_chat_id": id });
            return Err(Box::new(Reply::json(StatusCode::BAD_REQUEST, &body)));
        }
    };
    Err(Box::new(error(&worded)))
}

/// The text as people will see it.
fn seen(message: &TelegramMessage) -> Result<(String, Vec<html::Entity>), String> {
    if message.sent.is_empty() {
        return Err("Bad Request: message text is empty".to_owned());
    }
    let clean = html::clean(&message.sent);
    let (text, entities) = match message.parse_mode.as_deref() {
        None => (clean, Vec::new()),
        Some(mode) if mode.eq_ignore_ascii_case("html") => html::parse(&clean)
            .map_err(|why| format!("Bad Request: can't parse entities: {why}"))?,
        Some(_) => return Err("Bad Request: unsupported parse_mode".to_owned()),
    };
    if text.trim().is_empty() {
        return Err("Bad Request: text must be non-empty".to_owned());
    }
    if text.trim().encode_utf16().count() > MAX_TEXT {
        return Err("Bad Request: message is too long".to_owned());
    }
    Ok((text, entities))
}

/// The arguments: of the query, then of a form or of JSON. `None` where they cannot be read.
fn arguments(asked: &Asked<'_>) -> Option<Value> {
    let body = std::str::from_utf8(asked.body).ok()?;
    let pairs = |text: &str| {
        let pairs = query::parse(text).into_iter();
        pairs.map(|(name, value)| (name, Value::String(value)))
    };
    let mut args: Map<String, Value> = pairs(asked.query).collect();
    if asked.method == axum::http::Method::POST && !body.trim().is_empty() {
        if asked.header("content-type").starts_with("application/json") {
            match serde_json::from_str(body).ok()? {
                Value::Object(object) => args.extend(object),
                _ => return None,
            }
        } else {
            args.extend(pairs(body));
        }
    }
    Some(Value::Object(args))
}

/// An argument as text: numbers come as both.
fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => String::new(),
    }
}

fn number(value: &Value) -> Option<i64> {
    text(value).parse().ok()
}

fn is_true(value: &Value) -> bool {
    matches!(value, Value::Bool(true)) || matches!(text(value).as_str(), "true" | "1")
}

fn bot() -> Value {
    json!({
        "id": 123_456_789,
        "is_bot": true,
        "first_name": "Tocsin",
        "username": "tocsin_bot",
        "can_join_groups": true,
        "can_read_all_group_messages": false,
        "supports_inline_queries": false,
    })
}

fn described(chat: &TelegramChat) -> Value {
    let name = if chat.kind == "private" {
        "first_name"
    } else {
        "title"
    };
    let mut described = json!({ "id": chat.id, "type": chat.kind, name: chat.title });
    if let Some(username) = &chat.username {
        described["username"] = json!(username);
    }
    described
}

/// What `getUpdates` tells of a message in a chat.
pub(super) fn update(id: i64, chat: &TelegramChat, text: &str, now: DateTime<Utc>) -> Value {
    let kind = if chat.kind == "channel" {
        "channel_post"
    } else {
        "message"
    };
    let mut message = json!({
        "message_id": id,
        "date": now.timestamp(),
        "chat": described(chat),
        "text": text,
    });
    if chat.kind != "channel" {
        message["from"] = json!({ "id": 10_001, "is_bot": false, "first_name": "Ana" });
    }
    json!({ "update_id": id, kind: message })
}

fn ok(result: &impl serde::Serialize) -> Reply {
    Reply::json(StatusCode::OK, &json!({ "ok": true, "result": result }))
}

/// A refusal; its beginning says the status, as in all of Telegram's.
fn error(description: &str) -> Reply {
    Reply::json(status_of(description), &error_body(description))
}

fn error_body(description: &str) -> Value {
    let code = status_of(description).as_u16();
    json!({ "ok": false, "error_code": code, "description": description })
}

fn status_of(description: &str) -> StatusCode {
    let words = description.split(':').next().unwrap_or_default();
    match words {
        "Unauthorized" => StatusCode::UNAUTHORIZED,
        "Forbidden" => StatusCode::FORBIDDEN,
        "Not Found" => StatusCode::NOT_FOUND,
        "Conflict" => StatusCode::CONFLICT,
        "Too Many Requests" => StatusCode::TOO_MANY_REQUESTS,
        "Internal Server Error" => StatusCode::INTERNAL_SERVER_ERROR,
        "Bad Gateway" => StatusCode::BAD_GATEWAY,
        _ => StatusCode::BAD_REQUEST,
    }
}

/// What a refusal says, for whoever reads what arrived.
fn description(reply: &Reply) -> String {
    let body: Value = serde_json::from_slice(&reply.body).unwrap_or_default();
    text(&body["description"])
}

fn too_many(seconds: u64) -> Reply {
    let mut body = error_body(&format!("Too Many Requests: retry after {seconds}"));
    body["parameters"] = json!({ "retry_after": seconds });
    let mut reply = Reply::json(StatusCode::TOO_MANY_REQUESTS, &body);
    reply.header("retry-after", &seconds.to_string());
    reply
}

/// What goes wrong before anything is taken.
fn spoilt(trouble: &Trouble) -> Answer {
    match trouble {
        Trouble::Error { error: worded } => error(worded).into(),
        Trouble::TooMany { retry_after_s } => too_many(*retry_after_s).into(),
        Trouble::Status { status } => Reply::proxy_page(*status).into(),
        Trouble::Garbage => Reply::log_in_page().into(),
        Trouble::CloseUntaken | Trouble::CloseTaken | Trouble::CutTaken => Answer::closed(),
    }
}

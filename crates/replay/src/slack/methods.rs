//! The methods of Slack's Web API, and the webhook: who may ask, what is refused and how.

use axum::http::StatusCode;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::{SlackChannel, SlackMessage, SlackSink, blocks};
use crate::http::query;
use crate::http::reply::Reply;
use crate::sink::desk::{Answer, Asked, moment, whole_seconds};
use crate::sink::trouble::Trouble;

/// Longer texts are refused. Characters; Slack's own documentation.
const MAX_TEXT: usize = 40_000;

/// Why a message is refused: Slack's word, and what it says besides.
pub(super) struct Refused {
    pub(super) word: &'static str,
    pub(super) messages: Vec<String>,
}

impl From<&'static str> for Refused {
    fn from(word: &'static str) -> Self {
        let messages = Vec::new();
        Self { word, messages }
    }
}

pub(super) fn answer(sink: &SlackSink, asked: &Asked<'_>, now: DateTime<Utc>) -> Answer {
    if let Some(parts) = asked.path.strip_prefix("/services/") {
        return webhook(sink, asked, parts, now);
    }
    match asked.path.strip_prefix("/api/") {
        Some("chat.postMessage") => post_message(sink, asked, now),
        Some(method @ "auth.test") => read(sink, asked, method, |_| auth_test(sink)),
        Some(method @ "conversations.list") => {
            read(sink, asked, method, |args| conversations(sink, args))
        }
        Some(_) => error(&"unknown_method".into()).into(),
        None => Reply::status(StatusCode::NOT_FOUND).into(),
    }
}

/// A method that only reads.
fn read(
    sink: &SlackSink,
    asked: &Asked<'_>,
    method: &str,
    good: impl FnOnce(&Value) -> Reply,
) -> Answer {
    if let Some(trouble) = sink.desk.trouble(method, false) {
        return spoilt(&trouble, error_of);
    }
    match token(sink, asked).and_then(|()| arguments(asked)) {
        Ok(args) => good(&args).into(),
        Err(refused) => error(&refused).into(),
    }
}

fn post_message(sink: &SlackSink, asked: &Asked<'_>, now: DateTime<Utc>) -> Answer {
    let payload = match token(sink, asked).and_then(|()| arguments(asked)) {
        Ok(payload) => payload,
        Err(refused) => return error(&refused).into(),
    };
    let wanted = payload["channel"].as_str().unwrap_or_default().to_owned();
    let channel = sink.channel(&wanted);
    let id = channel.as_ref().map_or(wanted, |c| c.id.clone());
    let arrived = arrived(id, payload, false, now);
    let trouble = match weigh(sink, "chat.postMessage", &arrived, now) {
        Ok(trouble) => trouble,
        Err(answer) => return *answer,
    };
    let checked = may_write(sink, channel.as_ref()).and_then(|()| content(sink, &arrived));
    match checked {
        Ok(()) => {
            let ts = sink.next_ts(now);
            let reply = Reply::json(
                StatusCode::OK,
                &json!({
                    "ok": true,
                    "channel": arrived.channel,
                    "ts": ts,
                    "message": {
                        "type": "message",
                        "subtype": "bot_message",
                        "bot_id": "B0TOCSIN",
                        "text": arrived.text,
                        "blocks": arrived.blocks,
                        "ts": ts,
                    },
                }),
            );
            take(sink, arrived, ts);
            Answer::of_taken(reply, trouble.as_ref())
        }
        Err(refused) => {
            refuse(sink, arrived, refused.word);
            error(&refused).into()
        }
    }
}

fn webhook(sink: &SlackSink, asked: &Asked<'_>, parts: &str, now: DateTime<Utc>) -> Answer {
    let mut parts = parts.split('/');
    let known = (parts.next(), parts.next()) == (Some("T0ACME"), Some("B0TOCSIN"));
    if !known {
        return webhook_error("no_service").into();
    }
    if parts.next() != Some(sink.webhook_secret.as_str()) || parts.next().is_some() {
        return webhook_error("invalid_token").into();
    }
    // A form's `payload` is the JSON, too.
    let form = || {
        let text = std::str::from_utf8(asked.body).ok()?;
        let pairs = query::parse(text);
        let payload = pairs.into_iter().find(|(name, _)| name == "payload")?;
        serde_json::from_str(&payload.1).ok()
    };
    let payload = serde_json::from_slice(asked.body).ok().or_else(form);
    let Some(payload) = payload.filter(Value::is_object) else {
        return webhook_error("invalid_payload").into();
    };
    let channel = sink.channel(&sink.webhook_channel);
    let arrived = arrived(sink.webhook_channel.clone(), payload, true, now);
    let trouble = match weigh(sink, "webhook", &arrived, now) {
        Ok(trouble) => trouble,
        Err(answer) => return *answer,
    };
    let checked = match channel {
        None => Err("channel_not_found".into()),
        Some(channel) if channel.is_archived => Err("channel_is_archived".into()),
        Some(_) => content(sink, &arrived),
    };
    match checked {
        Ok(()) => {
            let ts = sink.next_ts(now);
            take(sink, arrived, ts);
            let reply = Reply::new(StatusCode::OK, "text/html", "ok");
            Answer::of_taken(reply, trouble.as_ref())
        }
        Err(refused) => {
            refuse(sink, arrived, refused.word);
            webhook_error(refused.word).into()
        }
    }
}

/// Counts a message against the limits and asks what goes wrong. What is left is trouble after it was taken.
fn weigh(
    sink: &SlackSink,
    method: &str,
    arrived: &SlackMessage,
    now: DateTime<Utc>,
) -> Result<Option<Trouble>, Box<Answer>> {
    let limit = sink.desk.limits().per_destination;
    let limits: Vec<_> = limit
        .into_iter()
        .map(|l| (arrived.channel.clone(), l))
        .collect();
    let trouble = match sink.desk.counts.admit(&limits, now) {
        Ok(()) => sink.desk.trouble(method, true),
        Err(wait) => {
            refuse(sink, arrived.clone(), "limit exceeded");
            return Err(Box::new(too_many(wait).into()));
        }
    };
    match trouble {
        Some(trouble) if !matches!(trouble, Trouble::CloseTaken | Trouble::CutTaken) => {
            refuse(sink, arrived.clone(), &format!("{trouble:?}"));
            let worded = if arrived.by_webhook {
                webhook_error
            } else {
                error_of
            };
            Err(Box::new(spoilt(&trouble, worded)))
        }
        trouble => Ok(trouble),
    }
}

fn arrived(channel: String, payload: Value, by_webhook: bool, now: DateTime<Utc>) -> SlackMessage {
    let text = |name: &str| payload[name].as_str().map(str::to_owned);
    let (at, at_ms) = moment(now);
    SlackMessage {
        channel,
        text: text("text").unwrap_or_default(),
        // As a form they come as text.
        blocks: match &payload["blocks"] {
            Value::String(blocks) => serde_json::from_str(blocks).unwrap_or_else(|_| json!(blocks)),
            blocks => blocks.clone(),
        },
        thread_ts: text("thread_ts").filter(|ts| !ts.is_empty()),
        payload,
        ts: None,
        by_webhook,
        answer: String::new(),
        at,
        at_ms,
    }
}

fn take(sink: &SlackSink, arrived: SlackMessage, ts: String) {
    let (ts, answer) = (Some(ts), "ok".to_owned());
    sink.desk.inbox.push(SlackMessage {
        ts,
        answer,
        ..arrived
    });
}

fn refuse(sink: &SlackSink, arrived: SlackMessage, answer: &str) {
    let answer = answer.to_owned();
    sink.desk.inbox.push(SlackMessage { answer, ..arrived });
}

/// The token of the header; one in the body counts in forms alone, and is not accepted here.
fn token(sink: &SlackSink, asked: &Asked<'_>) -> Result<(), Refused> {
    match asked.header("authorization").strip_prefix("Bearer ") {
        None => Err("not_authed".into()),
        Some(token) if token == sink.token => Ok(()),
        Some(_) => Err("invalid_auth".into()),
    }
}

/// The arguments: of the query, then of a form or of JSON.
fn arguments(asked: &Asked<'_>) -> Result<Value, Refused> {
    let body = std::str::from_utf8(asked.body).map_err(|_| Refused::from("invalid_charset"))?;
    let kind = asked.header("content-type");
    let kind = kind.split(';').next().unwrap_or_default().trim();
    let pairs = |text: &str| {
        let pairs = query::parse(text).into_iter();
        pairs.map(|(name, value)| (name, Value::String(value)))
    };
    let mut args: serde_json::Map<String, Value> = pairs(asked.query).collect();
    match kind {
        _ if body.trim().is_empty() => {}
        "application/json" => match serde_json::from_str(body) {
            Ok(Value::Object(object)) => args.extend(object),
            Ok(_) => return Err("json_not_object".into()),
            Err(_) => return Err("invalid_json".into()),
        },
        "application/x-www-form-urlencoded" => args.extend(pairs(body)),
        _ => return Err("invalid_post_type".into()),
    }
    Ok(Value::Object(args))
}

fn may_write(sink: &SlackSink, channel: Option<&SlackChannel>) -> Result<(), Refused> {
    let scopes = sink.scopes();
    let has = |scope: &str| scopes.iter().any(|known| known == scope);
    if !has("chat:write") {
        return Err("missing_scope".into());
    }
    let channel = channel.ok_or("channel_not_found")?;
    if channel.is_private && !channel.is_member {
        return Err("channel_not_found".into());
    }
    if channel.is_archived {
        return Err("is_archived".into());
    }
    if !channel.is_member && !has("chat:write.public") {
        return Err("not_in_channel".into());
    }
    Ok(())
}

fn content(sink: &SlackSink, message: &SlackMessage) -> Result<(), Refused> {
    if message.text.trim().is_empty() {
        return Err("no_text".into());
    }
    if message.text.chars().count() >= MAX_TEXT {
        return Err("msg_too_long".into());
    }
    blocks::check(&message.blocks)?;
    let Some(thread) = &message.thread_ts else {
        return Ok(());
    };
    let taken = sink.desk.inbox.taken();
    let begun = taken.iter().any(|m| {
        m.channel == message.channel && m.ts.as_ref() == Some(thread) && m.thread_ts.is_none()
    });
    if begun {
        Ok(())
    } else {
        Err("thread_not_found".into())
    }
}

fn auth_test(sink: &SlackSink) -> Reply {
    let mut reply = Reply::json(
        StatusCode::OK,
        &json!({
            "ok": true,
            "url": "https://acme.slack.example/",
            "team": "Acme",
            "user": "tocsin",
            "team_id": "T0ACME",
            "user_id": "U0TOCSIN",
            "bot_id": "B0TOCSIN",
            "is_enterprise_install": false,
        }),
    );
    reply.header("x-oauth-scopes", &sink.scopes().join(","));
    reply
}

/// The channels that the app may see, in pages of `limit`, going on at `cursor`.
fn conversations(sink: &SlackSink, args: &Value) -> Reply {
    let text = |name: &str| args[name].as_str().unwrap_or_default();
    let number = |name: &str| match &args[name] {
        Value::String(text) => text.parse().ok(),
        value => value.as_u64().and_then(|n| usize::try_from(n).ok()),
    };
    let types = match text("types") {
        "" => "public_channel",
        types => types,
    };
    let scopes = sink.scopes();
    let wants = |kind: &str| types.split(',').any(|t| t.trim() == kind);
    let (public, private) = (wants("public_channel"), wants("private_channel"));
    for (wanted, scope) in [(public, "channels:read"), (private, "groups:read")] {
        if wanted && !scopes.iter().any(|known| known == scope) {
            return missing_scope(&scopes, scope);
        }
    }
    let hides_archived = args["exclude_archived"] == true || text("exclude_archived") == "true";
    let mut seen = sink.channels();
    seen.retain(|c| {
        let kind = if c.is_private {
            private && c.is_member
        } else {
            public
        };
        kind && !(hides_archived && c.is_archived)
    });
    let from: usize = text("cursor").parse().unwrap_or(0);
    let limit = number("limit").filter(|n| *n > 0).unwrap_or(100).min(1000);
    let next = if from + limit < seen.len() {
        (from + limit).to_string()
    } else {
        String::new()
    };
    let page: Vec<Value> = seen.iter().skip(from).take(limit).map(described).collect();
    Reply::json(
        StatusCode::OK,
        &json!({ "ok": true, "channels": page, "response_metadata": { "next_cursor": next } }),
    )
}

fn described(channel: &SlackChannel) -> Value {
    json!({
        "id": channel.id,
        "name": channel.name,
        "is_channel": !channel.is_private,
        "is_group": channel.is_private,
        "is_private": channel.is_private,
        "is_archived": channel.is_archived,
        "is_member": channel.is_member,
    })
}

fn missing_scope(scopes: &[String], needed: &str) -> Reply {
    let body = json!({
        "ok": false, "error": "missing_scope", "needed": needed, "provided": scopes.join(","),
    });
    Reply::json(StatusCode::OK, &body)
}

/// Slack's way to say no: a 200.
fn error(refused: &Refused) -> Reply {
    let mut body = json!({ "ok": false, "error": refused.word });
    if refused.word == "missing_scope" {
        body["needed"] = json!("chat:write");
    }
    if !refused.messages.is_empty() {
        body["errors"] = json!(refused.messages);
        let messages: Vec<_> = refused
            .messages
            .iter()
            .map(|m| format!("[ERROR] {m}"))
            .collect();
        body["response_metadata"] = json!({ "messages": messages });
    }
    Reply::json(StatusCode::OK, &body)
}

fn error_of(word: &str) -> Reply {
    Reply::json(StatusCode::OK, &json!({ "ok": false, "error": word }))
}

/// A webhook says no by a status and a word.
fn webhook_error(word: &str) -> Reply {
    let status = match word {
        "invalid_token" | "action_prohibited" | "posting_to_general_channel_denied" => 403,
        "no_service" | "no_team" | "channel_not_found" | "user_not_found" => 404,
        "channel_is_archived" => 410,
        "ratelimited" | "rate_limited" => 429,
        "rollup_error" | "internal_error" | "fatal_error" => 500,
        "service_unavailable" => 503,
        _ => 400,
    };
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST);
    Reply::new(status, "text/html", word.to_owned())
}

fn too_many(wait: TimeDelta) -> Reply {
    let body = json!({ "ok": false, "error": "ratelimited" });
    let mut reply = Reply::json(StatusCode::TOO_MANY_REQUESTS, &body);
    reply.header("retry-after", &whole_seconds(wait).to_string());
    reply
}

/// What goes wrong before anything is taken.
fn spoilt(trouble: &Trouble, worded: fn(&str) -> Reply) -> Answer {
    match trouble {
        Trouble::Error { error } => worded(error).into(),
        Trouble::TooMany { retry_after_s } => too_many(TimeDelta::seconds(
            i64::try_from(*retry_after_s).unwrap_or(1),
        ))
        .into(),
        Trouble::Status { status } => Reply::proxy_page(*status).into(),
        Trouble::Garbage => Reply::log_in_page().into(),
        Trouble::CloseUntaken | Trouble::CloseTaken | Trouble::CutTaken => Answer::closed(),
    }
}

//! `/_replay/...`: the clock, faults, requests, mail and chat, for tests in other processes. Only what listens on loopback
//! has these paths, and they give no more than the library does.

use std::time::Duration;

use axum::http::{Method, StatusCode};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::http::Site;
use crate::http::faults::Fault;
use crate::http::reply::Reply;
use crate::sink::desk::Desk;
use crate::sink::inbox::Arrival;
use crate::times::format_rfc3339;
use crate::{ChatBehaviour, ChatLimits, SmtpBehaviour};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Advance {
    advance_s: u64,
}

pub(crate) fn answer(site: &Site, method: &Method, path: &str, body: &[u8]) -> Reply {
    match (method.as_str(), path) {
        ("GET" | "HEAD", "/_replay/clock") => clock(site),
        ("POST", "/_replay/clock") => match serde_json::from_slice::<Advance>(body) {
            Ok(advance) => {
                site.clock.advance(Duration::from_secs(advance.advance_s));
                clock(site)
            }
            Err(error) => refused(&error),
        },
        ("POST", "/_replay/faults") => match serde_json::from_slice::<Fault>(body) {
            Ok(fault) => {
                site.faults.set(fault);
                Reply::status(StatusCode::NO_CONTENT)
            }
            Err(error) => refused(&error),
        },
        ("DELETE", "/_replay/faults") => {
            site.faults.clear();
            Reply::status(StatusCode::NO_CONTENT)
        }
        ("GET" | "HEAD", "/_replay/requests") => Reply::json(StatusCode::OK, &site.requests.all()),
        ("DELETE", "/_replay/requests") => {
            site.requests.clear();
            Reply::status(StatusCode::NO_CONTENT)
        }
        (_, "/_replay/mail") => mail(site, method, body),
        (_, "/_replay/slack") => {
            let sink = &site.slack;
            chat(&sink.desk, |c| sink.set_channel(c), method, body)
        }
        (_, "/_replay/telegram") => {
            let sink = &site.telegram;
            chat(&sink.desk, |c| sink.set_chat(c), method, body)
        }
        _ => Reply::status(StatusCode::NOT_FOUND),
    }
}

/// What a chat service is told: how to behave, what to take, who is there.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Chat<D> {
    behaviour: Option<ChatBehaviour>,
    limits: Option<ChatLimits>,
    #[serde(default = "Vec::new")]
    destinations: Vec<D>,
}

/// Steers a chat service: POST sets what is given, DELETE forgets what arrived and ends all trouble.
fn chat<M: Arrival + Serialize, D: DeserializeOwned>(
    desk: &Desk<M>,
    add: impl Fn(D),
    method: &Method,
    body: &[u8],
) -> Reply {
    match method.as_str() {
        "GET" | "HEAD" => Reply::json(
            StatusCode::OK,
            &json!({
                "messages": desk.inbox.taken(),
                "arrivals": desk.inbox.count(),
                "exceeded": desk.counts.exceeded(),
                "duplicates": desk.inbox.duplicates(),
            }),
        ),
        "POST" => match serde_json::from_slice::<Chat<D>>(body) {
            Ok(chat) => {
                chat.behaviour
                    .into_iter()
                    .for_each(|b| desk.set_behaviour(b));
                chat.limits.into_iter().for_each(|l| desk.set_limits(l));
                chat.destinations.into_iter().for_each(add);
                Reply::status(StatusCode::NO_CONTENT)
            }
            Err(error) => refused(&error),
        },
        "DELETE" => {
            desk.set_behaviour(ChatBehaviour::default());
            desk.clear();
            Reply::status(StatusCode::NO_CONTENT)
        }
        _ => Reply::status(StatusCode::METHOD_NOT_ALLOWED),
    }
}

fn mail(site: &Site, method: &Method, body: &[u8]) -> Reply {
    match method.as_str() {
        "GET" | "HEAD" => Reply::json(StatusCode::OK, &site.smtp.messages()),
        "POST" => match serde_json::from_slice::<SmtpBehaviour>(body) {
            Ok(behaviour) => {
                site.smtp.set_behaviour(behaviour);
                Reply::status(StatusCode::NO_CONTENT)
            }
            Err(error) => refused(&error),
        },
        "DELETE" => {
            site.smtp.set_behaviour(SmtpBehaviour::default());
            site.smtp.clear();
            Reply::status(StatusCode::NO_CONTENT)
        }
        _ => Reply::status(StatusCode::METHOD_NOT_ALLOWED),
    }
}

fn clock(site: &Site) -> Reply {
    let now = format_rfc3339(site.clock.now());
    Reply::json(StatusCode::OK, &json!({ "now": now }))
}

fn refused(error: &serde_json::Error) -> Reply {
    Reply::json(
        StatusCode::BAD_REQUEST,
        &json!({ "error": error.to_string() }),
    )
}

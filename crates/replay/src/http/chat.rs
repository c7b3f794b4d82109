//! The chat services among what is served: their requests have bodies, wait as they are told to, and may end without an
//! answer.

use axum::body::to_bytes;
use axum::http::StatusCode;
use axum::http::request::Parts;

use crate::http::Site;
use crate::http::reply::Reply;
use crate::sink::desk::{Answer, Asked, End};

/// The largest body that is read; both services refuse far smaller ones.
const MAX_BODY: usize = 4 * 1024 * 1024;

/// The roots of the services.
const SLACK: &str = "/slack";
const TELEGRAM: &str = "/telegram";

/// What a token's or a webhook's place shows in records.
const HIDDEN: &str = "***";

/// Whether a path is one of theirs.
pub(crate) fn is_chat(path: &str) -> bool {
    below(path, SLACK)
        .or_else(|| below(path, TELEGRAM))
        .is_some()
}

fn below<'a>(path: &'a str, root: &str) -> Option<&'a str> {
    path.strip_prefix(root).filter(|rest| rest.starts_with('/'))
}

/// The path without the secret that is a part of it, for records.
pub(crate) fn shown(path: &str) -> String {
    if let Some(rest) = path.strip_prefix("/telegram/bot") {
        let (_, method) = rest.split_once('/').unwrap_or((rest, ""));
        return format!("/telegram/bot{HIDDEN}/{method}");
    }
    match path.strip_prefix("/slack/services/") {
        Some(_) => format!("/slack/services/{HIDDEN}"),
        None => path.to_owned(),
    }
}

pub(crate) async fn answer(site: &Site, head: &Parts, body: axum::body::Body) -> (Reply, End) {
    let path = head.uri.path();
    let is_slack = below(path, SLACK).is_some();
    let behaviour = if is_slack {
        site.slack.behaviour()
    } else {
        site.telegram.behaviour()
    };
    let Ok(body) = to_bytes(body, MAX_BODY).await else {
        return (Reply::status(StatusCode::PAYLOAD_TOO_LARGE), End::Whole);
    };
    tokio::time::sleep(behaviour.delay).await;
    let asked = Asked {
        method: &head.method,
        path: &path[if is_slack { SLACK } else { TELEGRAM }.len()..],
        query: head.uri.query().unwrap_or_default(),
        headers: &head.headers,
        body: &body,
    };
    let Answer { reply, end } = if is_slack {
        site.slack.answer(&asked)
    } else {
        site.telegram.answer(&asked)
    };
    tokio::time::sleep(behaviour.answer_delay).await;
    (reply, end)
}

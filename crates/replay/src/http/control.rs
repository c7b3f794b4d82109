//! `/_replay/...`: the clock, faults, requests and mail, for tests in other processes. Only what listens on loopback
//! has these paths, and they give no more than the library does.

use std::time::Duration;

use axum::http::{Method, StatusCode};
use serde::Deserialize;
use serde_json::json;

use crate::http::Site;
use crate::http::faults::Fault;
use crate::http::reply::Reply;
use crate::times::format_rfc3339;

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
        ("GET" | "HEAD", "/_replay/mail") => Reply::json(StatusCode::OK, &site.smtp.messages()),
        _ => Reply::status(StatusCode::NOT_FOUND),
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

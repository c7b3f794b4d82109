//! What clients asked, for tests to read. Values of headers that carry secrets are never kept.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use axum::http::request::Parts;
use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::http::chat;
use crate::times::format_rfc3339;

/// The oldest are forgotten beyond this many.
const KEPT: usize = 50_000;

/// Headers whose values are replaced by `***`.
const SECRET: [&str; 5] = [
    "apikey",
    "authorization",
    "cookie",
    "proxy-authorization",
    "x-api-key",
];

/// One recorded request. Requests to `/_replay/` are not recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Request {
    /// `GET`, `HEAD` ...
    pub method: String,
    /// The path as it was sent, percent signs included; a token or a webhook's secret in it is `***`.
    pub path: String,
    /// What followed `?`, as it was sent.
    pub query: Option<String>,
    /// Names in lower case, in the order of arrival; values of keys, tokens and cookies are `***`.
    pub headers: Vec<(String, String)>,
    /// When, by the replay's clock; RFC 3339 with `Z`.
    pub at: String,
}

impl Request {
    /// The value of a header, by its name in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }
}

#[derive(Debug, Default)]
pub(crate) struct Requests(Mutex<VecDeque<Request>>);

impl Requests {
    pub(crate) fn record(&self, head: &Parts, now: DateTime<Utc>) {
        let headers = head.headers.iter().map(|(name, value)| {
            let shown = if SECRET.contains(&name.as_str()) {
                "***".to_owned()
            } else {
                String::from_utf8_lossy(value.as_bytes()).into_owned()
            };
            (name.as_str().to_owned(), shown)
        });
        let request = Request {
            method: head.method.as_str().to_owned(),
            path: chat::shown(head.uri.path()),
            query: head.uri.query().map(str::to_owned),
            headers: headers.collect(),
            at: format_rfc3339(now),
        };
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() == KEPT {
            kept.pop_front();
        }
        kept.push_back(request);
    }

    pub(crate) fn all(&self) -> Vec<Request> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.iter().cloned().collect()
    }

    pub(crate) fn clear(&self) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.clear();
    }
}

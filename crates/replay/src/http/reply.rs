//! A reply before it is sent: status, headers, body; and what is done to every reply alike.

use std::io::Write;

use axum::http::StatusCode;
use axum::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use bytes::Bytes;
use chrono::{DateTime, Utc};
use flate2::Compression;
use flate2::write::GzEncoder;
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::times;

/// Bodies below this are sent as they are.
const WORTH_COMPRESSING: usize = 256;

/// What marks the tag of a compressed body, which must differ from the plain one's (RFC 9110, 8.8.3).
const GZIP_TAG: &str = "-gzip\"";

#[derive(Debug, Clone)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Reply {
    /// A reply without a body.
    pub(crate) fn status(status: StatusCode) -> Self {
        Self {
            status,
            headers: HeaderMap::new(),
            body: Bytes::new(),
        }
    }

    pub(crate) fn new(status: StatusCode, content_type: &str, body: impl Into<Bytes>) -> Self {
        let mut reply = Self::status(status);
        reply.header("content-type", content_type);
        reply.body = body.into();
        reply
    }

    pub(crate) fn json(status: StatusCode, value: &impl Serialize) -> Self {
        match serde_json::to_vec(value) {
            Ok(body) => Self::new(status, "application/json", body),
            Err(_) => Self::status(StatusCode::INTERNAL_SERVER_ERROR),
        }
    }

    /// What a proxy before a service says when the service does not answer: a page for people.
    pub(crate) fn proxy_page(status: u16) -> Self {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let page = format!("<html><body><h1>{status}</h1></body></html>");
        Self::new(status, "text/html", page)
    }

    /// What a network says that wants a log-in first: a page for people, and a 200.
    pub(crate) fn log_in_page() -> Self {
        let page = "<html><body><h1>Welcome! Please log in.</h1></body></html>";
        Self::new(StatusCode::OK, "text/html; charset=utf-8", page)
    }

    /// Sets a header; a name or value that HTTP cannot carry is left out.
    pub(crate) fn header(&mut self, name: &str, value: &str) {
        if let (Ok(name), Ok(value)) = (
            HeaderName::from_bytes(name.as_bytes()),
            HeaderValue::from_str(value),
        ) {
            self.headers.insert(name, value);
        }
    }

    /// The replay's time, so that a client that trusts the server's clock lives in the replay's present.
    pub(crate) fn date(&mut self, now: DateTime<Utc>) {
        self.header("date", &times::format_http(now));
    }

    /// A document with validators: `ETag` (a hash of the bytes) and `Last-Modified`; 304 where the client has it.
    pub(crate) fn document(
        content_type: &str,
        body: impl Into<Bytes>,
        modified: DateTime<Utc>,
        asked: &HeaderMap,
    ) -> Self {
        let mut reply = Self::new(StatusCode::OK, content_type, body);
        let hash = Sha256::digest(&reply.body);
        let hash: String = hash[..16]
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        reply.header("etag", &format!("\"{hash}\""));
        reply.header("last-modified", &times::format_http(modified));
        if is_unchanged(asked, &hash, modified) {
            reply.status = StatusCode::NOT_MODIFIED;
            reply.body = Bytes::new();
            reply.headers.remove(header::CONTENT_TYPE);
        }
        reply
    }

    /// The reply in gzip where the client accepts it and the body gains by it.
    pub(crate) fn compressed_for(mut self, asked: &HeaderMap) -> Self {
        let kind = self.headers.get(header::CONTENT_TYPE);
        let is_packed = kind.is_some_and(|kind| {
            let kind = kind.to_str().unwrap_or_default();
            kind.contains("gzip") || kind.starts_with("image/")
        });
        if is_packed || self.body.len() < WORTH_COMPRESSING {
            return self;
        }
        self.header("vary", "Accept-Encoding");
        if !accepts_gzip(asked) {
            return self;
        }
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        // Writing into memory does not fail; if it did, the plain body is as good.
        if encoder.write_all(&self.body).is_err() {
            return self;
        }
        if let Ok(packed) = encoder.finish() {
            self.body = packed.into();
            self.header("content-encoding", "gzip");
            let tag = self.headers.get(header::ETAG);
            if let Some(tag) = tag.and_then(|tag| tag.to_str().ok()) {
                let tag = format!("{}{GZIP_TAG}", tag.trim_end_matches('"'));
                self.header("etag", &tag);
            }
        }
        self
    }
}

/// `If-None-Match` wins over `If-Modified-Since` (RFC 9110, 13.2.2). Both encodings' tags mean the same document.
fn is_unchanged(asked: &HeaderMap, hash: &str, modified: DateTime<Utc>) -> bool {
    if let Some(tags) = asked.get(header::IF_NONE_MATCH) {
        return tags.to_str().unwrap_or_default().split(',').any(|tag| {
            let tag = tag.trim();
            let tag = tag.strip_prefix("W/").unwrap_or(tag);
            let tag = tag.strip_suffix(GZIP_TAG).unwrap_or(tag);
            tag == "*" || tag.trim_matches('"') == hash
        });
    }
    let since = asked.get(header::IF_MODIFIED_SINCE);
    let since = since.and_then(|since| times::parse_http(since.to_str().ok()?));
    since.is_some_and(|since| times::whole_seconds(modified) <= since)
}

fn accepts_gzip(asked: &HeaderMap) -> bool {
    let accepted = asked.get(header::ACCEPT_ENCODING);
    let accepted = accepted.and_then(|value| value.to_str().ok());
    accepted.unwrap_or_default().split(',').any(|coding| {
        let (name, quality) = coding.split_once(';').unwrap_or((coding, ""));
        let refused = matches!(quality.trim(), "q=0" | "q=0.0" | "q=0.00" | "q=0.000");
        matches!(name.trim(), "gzip" | "x-gzip" | "*") && !refused
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asking(name: &'static str, value: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(name, HeaderValue::from_str(value).unwrap());
        headers
    }

    #[test]
    fn answers_304_to_either_validator_in_either_encoding() {
        let time = times::parse_nvd("2026-03-11T10:15:12.293").unwrap();
        let body = vec![b'a'; 1000];
        let get = |asked: &HeaderMap| {
            Reply::document("text/html", body.clone(), time, asked).compressed_for(asked)
        };
        let tag = |reply: &Reply| reply.headers["etag"].to_str().unwrap().to_owned();
        let plain = get(&HeaderMap::new());
        let packed = get(&asking("accept-encoding", "br, gzip;q=0.5"));
        assert_ne!(tag(&plain), tag(&packed));
        assert!(packed.body.len() < plain.body.len());

        let check = |name, value: &str, expect: u16| {
            let reply = get(&asking(name, value));
            assert_eq!(reply.status.as_u16(), expect, "{name}: {value}");
            assert_eq!(reply.body.is_empty(), expect == 304);
        };
        check("if-none-match", &tag(&plain), 304);
        check("if-none-match", &tag(&packed), 304);
        check("if-none-match", &format!("\"x\", W/{}", tag(&plain)), 304);
        check("if-none-match", "\"other\"", 200);
        check("if-modified-since", "Wed, 11 Mar 2026 10:15:12 GMT", 304);
        check("if-modified-since", "Wed, 11 Mar 2026 10:15:11 GMT", 200);
        check("if-modified-since", "yesterday", 200);
        check("accept-encoding", "gzip;q=0", 200);
    }
}

//! The one polite HTTP client. Every request of the app goes through here: one at a time for each host,
//! a time-out, a size cap counted after decompression, at most five redirects with every hop checked,
//! conditional GET, a User-Agent that says who calls, and an address policy that keeps a hostile page
//! from reaching into the user's network. It never retries, never follows a redirect it has not checked, and never puts a
//! header's value, a query string or a password into an error.

mod address;
mod client;
mod error;
mod hosts;
mod post;
mod redact;

use std::time::Duration;

use chrono::DateTime;
use reqwest::header::{DATE, ETAG, HeaderMap, LAST_MODIFIED, RETRY_AFTER};
use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::model::Time;

pub use address::{Names, is_loopback_url, is_public};
pub use client::Http;
pub use error::{CertificateFault, HttpError};
pub use hosts::host_of;
pub use post::{Post, PostError, is_public_url};
pub use redact::redacted;

/// The body cap of a request that states none, in bytes after decompression (protocols.md, Feeds).
pub const DEFAULT_MAX_BYTES: usize = 15 * 1024 * 1024;
/// The time that a whole request may take, redirects and body included, where it states none.
pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(20);

/// How the client is built.
#[derive(Clone, Debug)]
pub struct HttpOptions {
    /// Who calls.
    pub user_agent: String,
    /// How long a connection may take.
    pub connect_timeout: Duration,
    /// Root certificates that are trusted besides the system's.
    pub more_roots: Vec<reqwest::Certificate>,
}

impl Default for HttpOptions {
    fn default() -> Self {
        Self {
            user_agent: concat!(
                "Tocsin/",
                env!("CARGO_PKG_VERSION"),
                " (+https://github.com/tocsin-app/tocsin)"
            )
            .to_owned(),
            connect_timeout: Duration::from_secs(10),
            more_roots: Vec::new(),
        }
    }
}

/// What a server said of a document's version; both are sent back as they came.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Validators {
    /// `ETag`, weak ones too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub etag: Option<String>,
    /// `Last-Modified`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_modified: Option<String>,
}

impl Validators {
    /// Whether there is nothing to send.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.etag.is_none() && self.last_modified.is_none()
    }

    fn of(headers: &HeaderMap) -> Self {
        Self {
            etag: text(headers, &ETAG),
            last_modified: text(headers, &LAST_MODIFIED),
        }
    }
}

/// One GET. It has no `Debug`: a header's value may be a secret.
pub struct Request {
    /// http or https.
    pub url: String,
    /// Sent to this origin only: a redirect to another one does not get them.
    pub headers: Vec<(&'static str, String)>,
    /// Sent as `If-None-Match` and `If-Modified-Since`.
    pub validators: Option<Validators>,
    /// The cap of the body in bytes, after decompression.
    pub max_bytes: usize,
    /// For the whole request, redirects and body included.
    pub timeout: Duration,
    /// Whether private, loopback and link-local addresses may be called.
    pub allow_private: bool,
    /// Stops it.
    pub cancel: CancellationToken,
}

impl Request {
    /// A GET with the default caps and nothing private.
    #[must_use]
    pub fn new(url: &str, cancel: CancellationToken) -> Self {
        Self {
            url: url.to_owned(),
            headers: Vec::new(),
            validators: None,
            max_bytes: DEFAULT_MAX_BYTES,
            timeout: DEFAULT_TIMEOUT,
            allow_private: false,
            cancel,
        }
    }
}

/// What came.
#[derive(Clone, Debug)]
pub enum Answer {
    /// An answer with a body, whatever its status.
    Response(Box<Response>),
    /// 304: the document is the one that the validators belong to.
    NotModified {
        /// Where the document lives now, if every redirect on the way was permanent.
        moved_to: Option<String>,
    },
}

/// An answer with its body.
#[derive(Clone, Debug)]
pub struct Response {
    /// The HTTP status; redirects and 304 never come here.
    pub status: u16,
    /// All headers.
    pub headers: HeaderMap,
    /// The address that answered, after redirects.
    pub final_url: Url,
    /// Where the document lives now, if every redirect on the way was permanent (301, 308).
    pub moved_to: Option<String>,
    /// Decompressed; where the status is no success at most the first 64 KiB.
    pub body: Vec<u8>,
    /// To be kept; only a 200 has any.
    pub validators: Option<Validators>,
}

impl Response {
    /// A header's value, if it is text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|v| v.to_str().ok())
    }

    /// When the server answered, by its own clock.
    #[must_use]
    pub fn date(&self) -> Option<Time> {
        let date = DateTime::parse_from_rfc2822(self.header(DATE.as_str())?).ok()?;
        Some(Time(date.timestamp_millis()))
    }

    /// `Retry-After` in seconds or as a date, as the time from `now` on; a date gone by is zero.
    #[must_use]
    pub fn retry_after(&self, now: Time) -> Option<Duration> {
        parse_retry_after(self.header(RETRY_AFTER.as_str())?, now)
    }

    /// This answer if its status is 2xx.
    ///
    /// # Errors
    /// [`HttpError::Status`] with everything else, `Retry-After` read relative to `now`.
    pub fn success(self, now: Time) -> Result<Self, HttpError> {
        if (200..300).contains(&self.status) {
            return Ok(self);
        }
        Err(HttpError::Status {
            url: redacted(self.final_url.as_str()),
            status: self.status,
            retry_after: self.retry_after(now),
        })
    }
}

fn text(headers: &HeaderMap, name: &reqwest::header::HeaderName) -> Option<String> {
    let value = headers.get(name)?.to_str().ok()?.trim();
    (!value.is_empty()).then(|| value.to_owned())
}

fn parse_retry_after(value: &str, now: Time) -> Option<Duration> {
    let value = value.trim();
    if let Ok(seconds) = value.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    let date = DateTime::parse_from_rfc2822(value).ok()?;
    let left = date.timestamp_millis().saturating_sub(now.ms()).max(0);
    u64::try_from(left).ok().map(Duration::from_millis)
}

#[cfg(test)]
mod tests;

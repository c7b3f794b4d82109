//! The one polite HTTP client. Every request of the app goes through here: a time-out, a size cap
//! counted after decompression, at most five redirects with every hop checked, conditional GET, a
//! User-Agent that says who calls, and an address policy that keeps a hostile page from reaching into
//! the user's network. It never retries, never follows a redirect it has not checked, and never puts a
//! header's value, a query string or a password into an error.

mod address;
mod error;
mod redact;

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::DateTime;
use reqwest::header::{
    ETAG, HeaderMap, IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED, LOCATION, RETRY_AFTER,
};
use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::model::Time;

pub use address::is_public;
pub use error::HttpError;
pub use redact::redacted;

use address::{FilteringResolver, Guarded, check_literal, is_loopback};

/// The body cap of a request that states none, in bytes after decompression (protocols.md, Feeds).
pub const DEFAULT_MAX_BYTES: usize = 15 * 1024 * 1024;
/// The time that a whole request may take, redirects and body included, where it states none.
pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(20);
const MAX_REDIRECTS: usize = 5;
const ERROR_BODY_BYTES: usize = 64 * 1024;

/// How the client is built.
#[derive(Clone, Debug)]
pub struct HttpOptions {
    /// Who calls.
    pub user_agent: String,
    /// How long a connection may take.
    pub connect_timeout: Duration,
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

/// The client. One for the app; cheap to share by reference.
#[derive(Debug)]
pub struct Http {
    /// For sources that may not reach private addresses; its resolver drops those.
    strict: reqwest::Client,
    /// For sources that the user allowed to. Apart from `strict`, so that no connection is shared.
    open: reqwest::Client,
    /// For loopback, which no proxy could reach.
    loopback: reqwest::Client,
    guarded: Guarded,
}

impl Http {
    /// Builds the client. The system's proxy settings are honoured, except for loopback.
    ///
    /// # Errors
    /// Where TLS cannot be set up, for instance without any root certificate.
    pub fn new(options: HttpOptions) -> Result<Self, HttpError> {
        let builder = || {
            reqwest::Client::builder()
                .user_agent(options.user_agent.clone())
                .connect_timeout(options.connect_timeout)
                .redirect(reqwest::redirect::Policy::none())
                .referer(false)
                .pool_max_idle_per_host(1)
        };
        let build = |b: reqwest::ClientBuilder| b.build().map_err(|_| HttpError::Setup);
        let guarded: Guarded = Arc::new(Mutex::new(HashSet::new()));
        Ok(Self {
            strict: build(
                builder().dns_resolver(Arc::new(FilteringResolver::new(guarded.clone()))),
            )?,
            open: build(builder())?,
            loopback: build(builder().no_proxy())?,
            guarded,
        })
    }

    /// Sends a GET and reads the whole answer.
    ///
    /// # Errors
    /// Everything but an answer: see [`HttpError`]. Any status except 304 and a redirect is an answer.
    pub async fn get(&self, request: Request) -> Result<Answer, HttpError> {
        let shown = redacted(&request.url);
        tokio::select! {
            biased;
            () = request.cancel.cancelled() => Err(HttpError::Cancelled),
            done = tokio::time::timeout(request.timeout, self.follow(&request)) => {
                done.unwrap_or(Err(HttpError::TimedOut { url: shown }))
            }
        }
    }

    async fn follow(&self, request: &Request) -> Result<Answer, HttpError> {
        let start = parse(&request.url)?;
        let mut url = start.clone();
        let mut permanent = true;
        for _ in 0..=MAX_REDIRECTS {
            let response = self.send(request, &url, &start).await?;
            let status = response.status().as_u16();
            let moved_to = (permanent && url != start).then(|| url.to_string());
            let target = text(response.headers(), &LOCATION);
            match (status, target) {
                (304, _) => return Ok(Answer::NotModified { moved_to }),
                (301 | 302 | 303 | 307 | 308, Some(target)) => {
                    permanent &= matches!(status, 301 | 308);
                    url = url
                        .join(&target)
                        .map_err(|_| HttpError::BadUrl {
                            url: redacted(&target),
                        })
                        .and_then(|u| parse(u.as_str()))?;
                }
                _ => return read(request, url, moved_to, response).await,
            }
        }
        Err(HttpError::TooManyRedirects {
            url: redacted(start.as_str()),
            limit: MAX_REDIRECTS,
        })
    }

    async fn send(
        &self,
        request: &Request,
        url: &Url,
        start: &Url,
    ) -> Result<reqwest::Response, HttpError> {
        let client = self.client(url, request.allow_private)?;
        let mut call = client.get(url.clone());
        if url.origin() == start.origin() {
            for (name, value) in &request.headers {
                call = call.header(*name, value);
            }
        }
        if let Some(validators) = &request.validators {
            if let Some(etag) = &validators.etag {
                call = call.header(IF_NONE_MATCH, etag);
            }
            if let Some(date) = &validators.last_modified {
                call = call.header(IF_MODIFIED_SINCE, date);
            }
        }
        match call.send().await {
            Ok(response) => Ok(response),
            Err(e) => Err(HttpError::of_call(&e, url.as_str())),
        }
    }

    fn client(&self, url: &Url, allow_private: bool) -> Result<&reqwest::Client, HttpError> {
        if allow_private {
            return Ok(if is_loopback(url) {
                &self.loopback
            } else {
                &self.open
            });
        }
        check_literal(url)?;
        if let Some(host) = url.host_str() {
            self.guarded
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .insert(host.to_ascii_lowercase());
        }
        Ok(&self.strict)
    }
}

async fn read(
    request: &Request,
    url: Url,
    moved_to: Option<String>,
    mut response: reqwest::Response,
) -> Result<Answer, HttpError> {
    let status = response.status().as_u16();
    let success = response.status().is_success();
    let limit = if success {
        request.max_bytes
    } else {
        request.max_bytes.min(ERROR_BODY_BYTES)
    };
    let headers = response.headers().clone();
    let mut body = Vec::new();
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) if body.len() + chunk.len() > limit => {
                if success {
                    return Err(HttpError::TooLarge {
                        url: redacted(url.as_str()),
                        limit,
                    });
                }
                body.extend_from_slice(&chunk[..limit - body.len()]);
                break;
            }
            Ok(Some(chunk)) => body.extend_from_slice(&chunk),
            Ok(None) => break,
            Err(_) if !success => break,
            Err(e) => return Err(HttpError::of_body(&e, url.as_str())),
        }
    }
    let validators = (status == 200)
        .then(|| Validators::of(&headers))
        .filter(|v| !v.is_empty());
    Ok(Answer::Response(Box::new(Response {
        status,
        headers,
        final_url: url,
        moved_to,
        body,
        validators,
    })))
}

fn parse(url: &str) -> Result<Url, HttpError> {
    let bad = || HttpError::BadUrl { url: redacted(url) };
    let parsed = Url::parse(url).map_err(|_| bad())?;
    if !matches!(parsed.scheme(), "http" | "https") || parsed.host_str().is_none_or(str::is_empty) {
        return Err(bad());
    }
    Ok(parsed)
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

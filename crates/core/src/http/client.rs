//! Sending: which client, whose turn, how long, and every hop checked.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use reqwest::Method;
use reqwest::header::{CONTENT_ENCODING, HeaderValue, IF_MODIFIED_SINCE, IF_NONE_MATCH, LOCATION};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use url::Url;

use super::address::{FilteringResolver, Guarded, Names, Reach, check, is_loopback};
use super::error::HttpError;
use super::hosts::{Hosts, Turn, host_key};
use super::redact::redacted;
use super::{Answer, HttpOptions, Request, Response, Validators, text};

const MAX_REDIRECTS: usize = 5;
const ERROR_BODY_BYTES: usize = 64 * 1024;
/// Between two requests to one host, but for this machine itself.
const GAP: Duration = Duration::from_secs(1);
/// How long a server may say nothing, where a request gives it more time in all: NVD thinks for long.
const READ_TIMEOUT: Duration = Duration::from_secs(45);
/// How long is waited for a host of which only is asked whether it answers.
const REACH_TIMEOUT: Duration = Duration::from_secs(10);

/// The client. One for the app; cheap to share by reference.
#[derive(Debug)]
pub struct Http {
    options: HttpOptions,
    names: Arc<Names>,
    /// The hosts of requests by reach: any other name that such a client resolves is the proxy's.
    guarded: [Guarded; 2],
    /// By where they may go, so that no connection is shared between them: made when first needed.
    clients: [OnceLock<reqwest::Client>; 7],
    hosts: Hosts,
    /// The longest that any request may take, milliseconds.
    longest_ms: AtomicU64,
    has_no_gap: AtomicBool,
}

/// Which client: what it may reach and whether by the system's proxy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    Public,
    Lan,
    Any,
    /// This machine itself, which no proxy could reach.
    Loopback,
    /// The same for messages, each on a connection of its own.
    SendPublic,
    SendAny,
    SendLoopback,
}

impl Http {
    /// Builds the client. The system's proxy settings are honoured, except for loopback.
    ///
    /// # Errors
    /// Where TLS cannot be set up, for instance without any root certificate.
    pub fn new(options: HttpOptions) -> Result<Self, HttpError> {
        let http = Self {
            options,
            names: Arc::default(),
            guarded: Default::default(),
            clients: Default::default(),
            hosts: Hosts::default(),
            longest_ms: AtomicU64::new(u64::MAX),
            has_no_gap: AtomicBool::new(false),
        };
        http.client(Way::Public)?;
        Ok(http)
    }

    /// The names that this client knows by itself; a test sets some.
    #[must_use]
    pub fn names(&self) -> &Names {
        &self.names
    }

    /// For a test, which is not to wait: no request takes longer than this from now on, whatever it says,
    /// and hosts are asked without a pause.
    pub fn hurry(&self, longest: Duration) {
        let ms = u64::try_from(longest.as_millis()).unwrap_or(u64::MAX);
        self.longest_ms.store(ms, Ordering::Relaxed);
        self.has_no_gap.store(true, Ordering::Relaxed);
    }

    /// Sends a GET and reads the whole answer. Waits for the host's turn first, which counts for no
    /// time-out.
    ///
    /// # Errors
    /// Everything but an answer: see [`HttpError`]. Any status except 304 and a redirect is an answer.
    pub async fn get(&self, request: Request) -> Result<Answer, HttpError> {
        tokio::select! {
            biased;
            () = request.cancel.cancelled() => Err(HttpError::Cancelled),
            done = self.follow(&request) => done,
        }
    }

    /// Whether the host of an address answers at all, whatever it says.
    pub async fn reaches(&self, url: &str, allow_private: bool, cancel: CancellationToken) -> bool {
        let Ok(mut url) = parse(url) else {
            return false;
        };
        url.set_path("/");
        url.set_query(None);
        let request = Request {
            timeout: REACH_TIMEOUT,
            allow_private,
            ..Request::new(url.as_str(), cancel)
        };
        let call = self.send(Method::HEAD, &request, &url, &url);
        let limit = self.limited(REACH_TIMEOUT);
        let answered = tokio::select! {
            () = request.cancel.cancelled() => return false,
            answered = tokio::time::timeout(limit, call) => answered,
        };
        match answered {
            Ok(Ok(_)) => true,
            Ok(Err(e)) => !matches!(
                e,
                HttpError::Offline
                    | HttpError::DnsFailed { .. }
                    | HttpError::ConnectFailed { .. }
                    | HttpError::TimedOut { .. }
            ),
            Err(_) => false,
        }
    }

    pub(super) fn limited(&self, timeout: Duration) -> Duration {
        timeout.min(Duration::from_millis(
            self.longest_ms.load(Ordering::Relaxed),
        ))
    }

    fn gap(&self, url: &Url) -> Duration {
        if is_loopback(url) || self.has_no_gap.load(Ordering::Relaxed) {
            Duration::ZERO
        } else {
            GAP
        }
    }

    async fn follow(&self, request: &Request) -> Result<Answer, HttpError> {
        let start = parse(&request.url)?;
        let mut url = start.clone();
        let mut permanent = true;
        let mut left = self.limited(request.timeout);
        let mut turn: Option<Turn> = None;
        for _ in 0..=MAX_REDIRECTS {
            let host = host_key(&url).unwrap_or_default();
            if !turn.as_ref().is_some_and(|turn| turn.is_for(&host)) {
                // Given back first: who holds one and waits for another could wait for ever.
                drop(turn.take());
                turn = Some(self.hosts.turn(&host, self.gap(&url)).await);
            }
            let begun = Instant::now();
            let hop = tokio::time::timeout(left, self.hop(request, &url, &start, permanent)).await;
            let timed_out = || HttpError::TimedOut {
                url: redacted(start.as_str()),
            };
            match hop.map_err(|_| timed_out())?? {
                Hop::Answer(answer) => return Ok(answer),
                Hop::Redirect { to, is_permanent } => {
                    permanent &= is_permanent;
                    url = to;
                }
            }
            left = left.saturating_sub(begun.elapsed());
        }
        Err(HttpError::TooManyRedirects {
            url: redacted(start.as_str()),
            limit: MAX_REDIRECTS,
        })
    }

    async fn hop(
        &self,
        request: &Request,
        url: &Url,
        start: &Url,
        permanent: bool,
    ) -> Result<Hop, HttpError> {
        let response = self.send(Method::GET, request, url, start).await?;
        let status = response.status().as_u16();
        let moved_to = (permanent && url != start).then(|| url.to_string());
        let target = text(response.headers(), &LOCATION);
        match (status, target) {
            (304, _) => Ok(Hop::Answer(Answer::NotModified { moved_to })),
            (301 | 302 | 303 | 307 | 308, Some(target)) => {
                let bad = |_| HttpError::BadUrl {
                    url: redacted(&target),
                };
                Ok(Hop::Redirect {
                    to: url
                        .join(&target)
                        .map_err(bad)
                        .and_then(|u| parse(u.as_str()))?,
                    is_permanent: matches!(status, 301 | 308),
                })
            }
            _ => read(request.max_bytes, url.clone(), moved_to, response)
                .await
                .map(Hop::Answer),
        }
    }

    async fn send(
        &self,
        method: Method,
        request: &Request,
        url: &Url,
        start: &Url,
    ) -> Result<reqwest::Response, HttpError> {
        let way = self.way(request, url, start)?;
        let mut call = self.client(way)?.request(method, url.clone());
        if url.origin() == start.origin() {
            for (name, value) in &request.headers {
                let bad = |_| HttpError::BadHeader { name };
                let mut value = HeaderValue::from_str(value).map_err(bad)?;
                // Neither shown nor kept in a compression table.
                value.set_sensitive(!name.eq_ignore_ascii_case("accept"));
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
        call.send()
            .await
            .map_err(|e| HttpError::of_call(&e, url.as_str()))
    }

    /// Where a hop may lead. A source that may go to private addresses was allowed to go to its own host:
    /// a redirect elsewhere may stay in the local network, but reaches neither this machine nor what
    /// listens on link-local addresses (a cloud's metadata).
    fn way(&self, request: &Request, url: &Url, start: &Url) -> Result<Way, HttpError> {
        let is_own = url.host_str() == start.host_str();
        let (way, reach) = match (request.allow_private, is_own) {
            (true, true) if is_loopback(url) => return Ok(Way::Loopback),
            (true, true) => return Ok(Way::Any),
            (true, false) => (Way::Lan, Reach::Lan),
            (false, _) => (Way::Public, Reach::Public),
        };
        check(url, reach)?;
        if let Some(host) = url.host_str() {
            self.guard(reach).add(host);
        }
        Ok(way)
    }

    pub(super) fn guard(&self, reach: Reach) -> &Guarded {
        match reach {
            Reach::Public => &self.guarded[0],
            Reach::Lan => &self.guarded[1],
        }
    }

    pub(super) fn client(&self, way: Way) -> Result<&reqwest::Client, HttpError> {
        let place = &self.clients[way as usize];
        if let Some(client) = place.get() {
            return Ok(client);
        }
        let client = self.build(way).map_err(|_| HttpError::Setup)?;
        Ok(place.get_or_init(|| client))
    }

    fn build(&self, way: Way) -> reqwest::Result<reqwest::Client> {
        let filter = match way {
            Way::Public | Way::SendPublic => {
                Some((Reach::Public, self.guard(Reach::Public).clone()))
            }
            Way::Lan => Some((Reach::Lan, self.guard(Reach::Lan).clone())),
            Way::Any | Way::Loopback | Way::SendAny | Way::SendLoopback => None,
        };
        let is_sending = matches!(way, Way::SendPublic | Way::SendAny | Way::SendLoopback);
        let mut builder = reqwest::Client::builder()
            .user_agent(self.options.user_agent.clone())
            .connect_timeout(self.options.connect_timeout)
            .read_timeout(READ_TIMEOUT)
            .tls_version_min(reqwest::tls::Version::TLS_1_2)
            .tls_certs_merge(self.options.more_roots.iter().cloned())
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            .pool_max_idle_per_host(usize::from(!is_sending))
            .dns_resolver(Arc::new(FilteringResolver::new(
                Arc::clone(&self.names),
                filter,
            )));
        if matches!(way, Way::Loopback | Way::SendLoopback) {
            builder = builder.no_proxy();
        }
        if is_sending {
            builder = builder.http1_only().retry(reqwest::retry::never());
        }
        builder.build()
    }
}

enum Hop {
    Answer(Answer),
    Redirect { to: Url, is_permanent: bool },
}

pub(super) async fn read(
    max_bytes: usize,
    url: Url,
    moved_to: Option<String>,
    mut response: reqwest::Response,
) -> Result<Answer, HttpError> {
    let status = response.status().as_u16();
    let success = response.status().is_success();
    let limit = if success {
        max_bytes
    } else {
        max_bytes.min(ERROR_BODY_BYTES)
    };
    let headers = response.headers().clone();
    // What the client could decode it has, and taken the header away: nothing packed twice or otherwise
    // than was asked for is read.
    if let Some(encoding) = text(&headers, &CONTENT_ENCODING)
        && success
        && !encoding.eq_ignore_ascii_case("identity")
    {
        return Err(HttpError::BadEncoding {
            url: redacted(url.as_str()),
        });
    }
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

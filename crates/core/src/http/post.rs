//! Sending: one POST to a service of messages. What matters more than anything is whether it can have arrived:
//! the services have no idempotency key, so a message that may have been taken is never sent again by itself.
//! Each call has a connection of its own (one that the server closed while it lay idle would make a message's
//! fate unknown for nothing), no redirect is followed, and nothing is tried again. An error names the service's
//! origin only: a path can be the secret.

use std::time::Duration;

use reqwest::Method;
use reqwest::header::{CONTENT_TYPE, HeaderValue};
use url::Url;

use super::address::{Reach, check, is_loopback};
use super::client::{Http, Way, read};
use super::error::HttpError;
use super::{Answer, Response};

/// The time that a whole POST may take, where it states none.
const TIMEOUT: Duration = Duration::from_secs(30);
/// The cap of an answer's body: a list of some hundred places.
const MAX_BYTES: usize = 4 * 1024 * 1024;

/// One POST. It has no `Debug`: its address, headers and body may be secrets.
pub struct Post {
    /// http or https. Plain http goes to addresses of this machine and of local networks only.
    pub url: String,
    /// Besides the content type.
    pub headers: Vec<(&'static str, String)>,
    /// What the body is.
    pub content_type: &'static str,
    /// What is sent.
    pub body: Vec<u8>,
    /// For the whole call, the answer's body included.
    pub timeout: Duration,
    /// The cap of the answer's body.
    pub max_bytes: usize,
    /// Whether this machine and local networks may be called: only where the user's settings say that address.
    pub allow_private: bool,
}

impl Post {
    /// JSON, with the default caps and nothing private.
    #[must_use]
    pub fn json(url: &str, body: &serde_json::Value) -> Self {
        Self {
            url: url.to_owned(),
            headers: Vec::new(),
            content_type: "application/json; charset=utf-8",
            body: body.to_string().into_bytes(),
            timeout: TIMEOUT,
            max_bytes: MAX_BYTES,
            allow_private: false,
        }
    }

    /// A form, with the default caps and nothing private.
    #[must_use]
    pub fn form(url: &str, fields: &[(&str, &str)]) -> Self {
        let mut body = url::form_urlencoded::Serializer::new(String::new());
        body.extend_pairs(fields);
        Self {
            content_type: "application/x-www-form-urlencoded",
            body: body.finish().into_bytes(),
            ..Self::json(url, &serde_json::Value::Null)
        }
    }
}

/// Why a POST brought no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PostError {
    /// What happened; names the origin only.
    pub error: HttpError,
    /// Whether the request can have arrived all the same: the connection stood, and then no answer came or
    /// none that could be read.
    pub may_have_arrived: bool,
}

impl From<HttpError> for PostError {
    fn from(error: HttpError) -> Self {
        Self {
            error,
            may_have_arrived: false,
        }
    }
}

/// Whether an address is one of the public Internet as far as it says itself.
#[must_use]
pub fn is_public_url(url: &Url) -> bool {
    check(url, Reach::Public).is_ok()
}

impl Http {
    /// Sends a POST and reads the whole answer, whatever its status. Keeps no pace: whoever sends messages
    /// does.
    ///
    /// # Errors
    /// See [`PostError`].
    pub async fn post(&self, post: &Post) -> Result<Response, PostError> {
        let shown = |url: &Url| format!("{}/", url.origin().ascii_serialization());
        let unreadable = || HttpError::BadUrl {
            url: "The service's address".to_owned(),
        };
        let url = Url::parse(&post.url).map_err(|_| unreadable())?;
        let is_web = matches!(url.scheme(), "http" | "https") && url.host_str().is_some();
        if !is_web || (url.scheme() == "http" && is_public_url(&url)) {
            return Err(unreadable().into());
        }
        let origin = shown(&url);
        let origin_url = Url::parse(&origin).map_err(|_| unreadable())?;
        let call = async {
            let way = if !post.allow_private {
                check(&origin_url, Reach::Public)?;
                if let Some(host) = url.host_str() {
                    self.guard(Reach::Public).add(host);
                }
                Way::SendPublic
            } else if is_loopback(&url) {
                Way::SendLoopback
            } else {
                Way::SendAny
            };
            let mut call = self
                .client(way)?
                .request(Method::POST, url.clone())
                .header(CONTENT_TYPE, post.content_type)
                .body(post.body.clone());
            for (name, value) in &post.headers {
                let bad = |_| HttpError::BadHeader { name };
                let mut value = HeaderValue::from_str(value).map_err(bad)?;
                value.set_sensitive(true);
                call = call.header(*name, value);
            }
            let response = call.send().await.map_err(|e| PostError {
                may_have_arrived: !(e.is_connect() || e.is_builder()),
                error: HttpError::of_call(&e, &origin),
            })?;
            match read(post.max_bytes, origin_url, None, response).await {
                Ok(Answer::Response(response)) => Ok(*response),
                Ok(Answer::NotModified { .. }) => Err(PostError::from(unreadable())),
                Err(error) => Err(PostError {
                    error,
                    may_have_arrived: true,
                }),
            }
        };
        let limit = self.limited(post.timeout);
        // A call that is given up may have been written already: connecting has a shorter limit of its own.
        tokio::time::timeout(limit, call).await.unwrap_or_else(|_| {
            Err(PostError {
                error: HttpError::TimedOut {
                    url: origin.clone(),
                },
                may_have_arrived: true,
            })
        })
    }
}

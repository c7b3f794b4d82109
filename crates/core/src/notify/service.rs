//! What Slack and Telegram have in common: an address, calls through the app's one HTTP client, and what a call
//! without an answer, or with one that is not the service's, means for the message.

use std::sync::Arc;
use std::time::Duration;

use url::Url;

use super::{SendError, render};
use crate::error::Fault;
use crate::http::{Http, HttpError, Post, PostError, Response, is_loopback_url, is_public_url};
use crate::secrets::Secret;

/// The longest that a service may ask us to wait; what asks for more is asked again then.
const LONGEST_WAIT_S: u64 = 24 * 60 * 60;
/// What is waited where a service asks for fewer messages and does not say how long.
const USUAL_WAIT: Duration = Duration::from_secs(30);

/// A service that takes messages by HTTP.
pub(super) struct Service {
    /// For people: `Slack`.
    pub name: &'static str,
    /// What its faults' codes begin with: `slack`.
    pub code: &'static str,
    /// Where it is, for people: a host.
    pub host: String,
    http: Arc<Http>,
    /// Whether its address is one of the user's own machine or network, which was set so.
    allow_private: bool,
    /// What is never repeated, whoever says it.
    secret: Secret<String>,
}

impl Service {
    /// At an address that the settings or a secret name.
    ///
    /// # Errors
    /// `channel_bad_url`: not a web address, or one that is not this machine's without TLS.
    pub fn new(
        name: &'static str,
        code: &'static str,
        url: &str,
        secret: Secret<String>,
        http: &Arc<Http>,
    ) -> Result<Self, Fault> {
        let bad = || {
            let fault = Fault::new(
                "channel_bad_url",
                format!(
                    "The address of {name} is no https address. Check it in Settings, Channels; http is for servers on this machine."
                ),
            );
            fault.with("service", name)
        };
        let parsed = Url::parse(url).map_err(|_| bad())?;
        let is_public = is_public_url(&parsed);
        let is_safe = match parsed.scheme() {
            "https" => true,
            // As the settings have it; a webhook of the environment comes past them.
            "http" => is_loopback_url(url),
            _ => false,
        };
        let host = parsed.host_str().filter(|_| is_safe).ok_or_else(bad)?;
        Ok(Self {
            name,
            code,
            host: match parsed.port() {
                Some(port) => format!("{host}:{port}"),
                None => host.to_owned(),
            },
            http: Arc::clone(http),
            allow_private: !is_public,
            secret,
        })
    }

    /// What is never repeated.
    pub fn secret(&self) -> &str {
        self.secret.expose()
    }

    /// Sends a request and gives what the service, or whatever stands in its place, answered.
    pub async fn call(&self, post: Post) -> Result<Response, SendError> {
        let post = Post {
            allow_private: self.allow_private,
            ..post
        };
        self.http.post(&post).await.map_err(|e| self.no_answer(e))
    }

    /// A fault of this service: `slack_rate_limited`.
    pub fn fault(&self, code: &str, message: impl Into<String>) -> Fault {
        Fault::new(&format!("{}_{code}", self.code), message).with("host", &self.host)
    }

    /// What somebody else wrote, as one clean line without our secrets.
    pub fn quoted(&self, text: &str) -> String {
        if text.contains(self.secret()) {
            return "(its answer repeats a secret and is not shown)".to_owned();
        }
        render::line(text, 200)
    }

    /// The wait that an answer asks for by its header, in seconds or until a date by the sender's own clock; never
    /// none, never more than a day.
    pub fn asked_wait(&self, response: &Response) -> Option<Duration> {
        let asked = match response.date() {
            Some(now) => response.retry_after(now),
            None => {
                let seconds = response.header("retry-after")?.trim().parse();
                seconds.ok().map(Duration::from_secs)
            }
        };
        asked.map(|asked| wait(asked.as_secs()))
    }

    /// Too many messages.
    pub fn rate_limited(&self, after: Option<Duration>) -> SendError {
        let after = after.unwrap_or(USUAL_WAIT);
        let fault = self.fault(
            "rate_limited",
            format!(
                "{} asks for fewer messages. Tocsin waits {} s and goes on then.",
                self.name,
                after.as_secs()
            ),
        );
        SendError::Retry {
            fault: fault.with("seconds", after.as_secs()),
            after: Some(after),
        }
    }

    /// A status that says everything, whatever the body holds; `None` where the body is to be read.
    pub fn by_status(&self, response: &Response) -> Option<SendError> {
        let status = response.status;
        match status {
            429 => Some(self.rate_limited(self.asked_wait(response))),
            500.. => {
                let message = format!(
                    "{} has a fault of its own (HTTP status {status}). The message is sent again later.",
                    self.name
                );
                Some(SendError::Retry {
                    fault: self.fault("server_error", message).with("status", status),
                    after: self.asked_wait(response),
                })
            }
            _ => None,
        }
    }

    /// An answer that is not the service's own: by its status, or by what it looks like.
    pub fn strange_answer(&self, response: &Response) -> SendError {
        let status = response.status;
        // Not by its content type: a webhook's own answers are called HTML, too.
        let is_page = response.body.trim_ascii_start().starts_with(b"<");
        match status {
            200..300 if !is_page => self.unknown("its answer cannot be read"),
            // A page is no answer of the service: nothing of it saw the message.
            200..300 | 408 | 425 => {
                let message = format!(
                    "Something else answered in the place of {} ({}): a proxy, a portal, or a wrong address. The message is sent again later.",
                    self.name, self.host
                );
                SendError::Retry {
                    fault: self.fault("not_itself", message).with("status", status),
                    after: None,
                }
            }
            413 => SendError::Refused {
                fault: self
                    .fault(
                        "message_refused",
                        format!("{} refused the message as too large.", self.name),
                    )
                    .with("reply", "HTTP 413"),
            },
            _ => {
                let message = format!(
                    "{} answered with HTTP status {status}, which is not its way. Check its address in Settings, Channels, and whether a proxy is in the way.",
                    self.host
                );
                SendError::Stop {
                    fault: self.fault("http_status", message).with("status", status),
                }
            }
        }
    }

    /// Nobody knows whether the message was taken.
    pub fn unknown(&self, reason: &str) -> SendError {
        let message = format!(
            "The message was handed over to {} ({}), but {reason}, so nobody knows whether it was taken. Look there, then resend it or give it up.",
            self.name, self.host
        );
        SendError::Unknown {
            fault: self.fault("unknown", message).with("reason", reason),
        }
    }

    /// The same for a question, of which it does not matter whether it was heard.
    pub fn of_question(&self, error: SendError) -> Fault {
        match error {
            SendError::Unknown { fault } => {
                let reason = fault.params.get("reason").cloned().unwrap_or_default();
                let message = format!(
                    "{} ({}) was asked, but {reason}. Try again.",
                    self.name, self.host
                );
                self.fault("no_answer", message).with("reason", reason)
            }
            other => other.into_fault(),
        }
    }

    fn no_answer(&self, e: PostError) -> SendError {
        if e.may_have_arrived {
            return self.unknown(match e.error {
                HttpError::TimedOut { .. } => "no answer came in time",
                HttpError::TooLarge { .. } => "its answer was too large to be read",
                _ => "the connection ended before the answer",
            });
        }
        let lasts = matches!(
            e.error,
            HttpError::Certificate { .. }
                | HttpError::TlsFailed { .. }
                | HttpError::BadUrl { .. }
                | HttpError::BadHeader { .. }
                | HttpError::Setup
        );
        let fault = match e.error {
            HttpError::AddressRefused { .. } => Fault::new(
                "channel_address_refused",
                format!(
                    "The name {} leads into a private network here, so nothing was sent. Check the DNS settings of this machine; a portal or a filter looks the same.",
                    self.host
                ),
            ),
            other => Fault::from(other),
        };
        let fault = fault.with("service", self.name).with("host", &self.host);
        if lasts {
            SendError::Stop { fault }
        } else {
            SendError::Retry { fault, after: None }
        }
    }
}

/// So many seconds, never none, never more than a day.
pub(super) fn wait(seconds: u64) -> Duration {
    Duration::from_secs(seconds.clamp(1, LONGEST_WAIT_S))
}

#[cfg(test)]
#[path = "service_tests.rs"]
pub(super) mod tests;

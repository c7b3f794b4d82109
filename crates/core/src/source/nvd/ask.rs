//! One request to NVD, in its manners: paced, alone, and with the status read before the JSON, because NVD's
//! refusals are HTML, plain text or nothing.

use std::time::Duration;

use tokio_util::sync::CancellationToken;
use url::Url;

use super::adapter::{NvdPage, read_page};
use super::windows::Window;
use super::{ApiKey, NvdConfig};
use crate::error::Fault;
use crate::http::{Answer, Http, HttpError, Request, Response};
use crate::model::{SourceId, Time};
use crate::source::off_thread;

const MAX_BYTES: usize = 256 * 1024 * 1024;
const TIMEOUT: Duration = Duration::from_secs(60);
/// The longest back-off, and the longest that a refusal may ask for.
const MAX_WAIT: Duration = Duration::from_secs(15 * 60);

/// What is asked for.
#[derive(Clone, Copy, Debug)]
pub(super) enum Wanted<'a> {
    /// A page of what was modified in a window.
    Modified(Window, u32),
    /// A page of what was published in a window.
    Published(Window, u32),
    /// One record.
    Named(&'a str),
    /// One record of all, for their number.
    Count,
}

/// Asks NVD.
#[derive(Clone, Debug)]
pub(super) struct Asker<'a> {
    pub id: &'a SourceId,
    pub config: &'a NvdConfig,
    pub http: &'a Http,
    pub now: Time,
    pub cancel: CancellationToken,
}

impl Asker<'_> {
    /// One page, with repetitions.
    pub async fn page(&self, wanted: Wanted<'_>) -> Result<NvdPage, Refusal> {
        let mut attempt = 0;
        loop {
            let refusal = match self.once(wanted).await {
                Ok(page) => return Ok(page),
                Err(refusal) => refusal,
            };
            if !refusal.again || attempt >= self.config.retries {
                return Err(refusal);
            }
            tracing::debug!(code = refusal.fault.code, attempt, "NVD refused a page");
            let wait = self.config.backoff(attempt, refusal.after, self.now);
            self.wait(wait).await?;
            attempt += 1;
        }
    }

    /// One page, asked for once.
    pub async fn once(&self, wanted: Wanted<'_>) -> Result<NvdPage, Refusal> {
        let url = self.url(wanted).map_err(Refusal::stop)?;
        self.wait(self.config.pace.next(self.config.limits()))
            .await?;
        let mut request = Request::new(&url, self.cancel.clone());
        request.max_bytes = MAX_BYTES;
        request.timeout = TIMEOUT;
        request.allow_private = self.config.allow_private;
        if let Some(ApiKey(key)) = &self.config.key {
            request.headers.push(("apiKey", key.clone()));
        }
        let response = match self.http.get(request).await {
            Ok(Answer::Response(response)) => *response,
            Ok(Answer::NotModified { .. }) => {
                return Err(Refusal::again(unexpected(304)));
            }
            Err(e) => return Err(Refusal::of_http(e)),
        };
        if response.status != 200 {
            return Err(self.refusal(&response));
        }
        let id = self.id.clone();
        off_thread(move || read_page(&id, &response.body))
            .await
            .and_then(|page| match page.total {
                Some(_) => Ok(page),
                // Other JSON than NVD's, from a proxy for example, must not complete a window.
                None => Err(Fault::new(
                    "nvd_bad_json",
                    "NVD's answer is JSON, but not the one that was asked for: it does not say how many records there are. A proxy may have answered instead.",
                )),
            })
            .map_err(Refusal::again)
    }

    /// Both dates of a window, always: NVD refuses one alone.
    fn url(&self, wanted: Wanted<'_>) -> Result<String, Fault> {
        let mut url = Url::parse(&self.config.url).map_err(|_| {
            Fault::from(HttpError::BadUrl {
                url: crate::http::redacted(&self.config.url),
            })
        })?;
        let page_size = self.config.page_size.clamp(1, 2000).to_string();
        {
            let mut query = url.query_pairs_mut();
            let mut put = |name: &str, value: &str| {
                query.append_pair(name, value);
            };
            match wanted {
                Wanted::Modified(window, index) => {
                    put("lastModStartDate", &window.start.to_rfc3339());
                    put("lastModEndDate", &window.end.to_rfc3339());
                    put("resultsPerPage", &page_size);
                    put("startIndex", &index.to_string());
                }
                Wanted::Published(window, index) => {
                    put("pubStartDate", &window.start.to_rfc3339());
                    put("pubEndDate", &window.end.to_rfc3339());
                    put("resultsPerPage", &page_size);
                    put("startIndex", &index.to_string());
                }
                Wanted::Named(id) => put("cveId", id),
                Wanted::Count => {
                    put("resultsPerPage", "1");
                    put("startIndex", "0");
                }
            }
        }
        Ok(url.into())
    }

    fn refusal(&self, response: &Response) -> Refusal {
        let status = response.status;
        let said = response.header("message").unwrap_or_default().trim();
        let said: String = said.chars().take(200).collect();
        let fault = match status {
            403 if self.config.key.is_some() => Fault::new(
                "nvd_refused",
                "NVD refused the key (403), or too many requests were made. Check the key in Sources.",
            ),
            403 => Fault::new(
                "nvd_refused",
                "NVD refused the request (403): too many requests were made from this network, or a firewall is in the way. A free key in Sources raises the limit.",
            ),
            404 if said.to_ascii_lowercase().contains("apikey") => {
                return Refusal::stop(
                    Fault::new(
                        "nvd_key_refused",
                        "NVD does not know the key (404). Check it in Sources.",
                    )
                    .with("status", status),
                );
            }
            404 if said.is_empty() => {
                return Refusal::stop(
                    Fault::new(
                        "nvd_not_found",
                        "NVD has nothing at this address (404). Check it in Sources.",
                    )
                    .with("status", status),
                );
            }
            400..=499 if !said.is_empty() && status != 429 => {
                return Refusal::stop(
                    Fault::new("nvd_bad_request", format!("NVD refused the request ({status}): \"{said}\". Check NVD's address and options in Sources."))
                        .with("status", status)
                        .with("said", said),
                );
            }
            429 => Fault::new(
                "nvd_rate_limited",
                "NVD asks for fewer requests (429). Tocsin waits and tries again; a free key in Sources raises the limit.",
            ),
            500.. => Fault::new(
                "nvd_overloaded",
                format!("NVD is overloaded or down ({status}). Tocsin waits and tries again."),
            ),
            _ => return Refusal::stop(unexpected(status)),
        };
        let after = response.retry_after(self.now);
        let mut fault = fault.with("status", status);
        if let Some(after) = after {
            fault = fault.with("retry_after_s", after.as_secs());
        }
        Refusal {
            fault,
            again: true,
            after,
        }
    }

    async fn wait(&self, time: Duration) -> Result<(), Refusal> {
        tokio::select! {
            biased;
            () = self.cancel.cancelled() => Err(Refusal::stop(HttpError::Cancelled.into())),
            () = tokio::time::sleep(time) => Ok(()),
        }
    }
}

impl NvdConfig {
    /// Doubling from the floor with up to a quarter more, so that many clients do not come back at
    /// once; a longer `Retry-After` is obeyed, a shorter one is not believed. The jitter comes from the
    /// run's own time, for a run is repeatable.
    pub(super) fn backoff(&self, attempt: u32, after: Option<Duration>, now: Time) -> Duration {
        let base = self.backoff_ms.saturating_mul(1 << attempt.min(16));
        let jitter = base / 1024 * (now.ms().unsigned_abs() % 256);
        Duration::from_millis(base.saturating_add(jitter))
            .max(after.unwrap_or_default())
            .min(MAX_WAIT)
    }
}

/// Why NVD did not answer, and whether asking again may help.
#[derive(Clone, Debug)]
pub struct Refusal {
    /// What to tell people.
    pub fault: Fault,
    /// Whether asking again later may help.
    pub again: bool,
    /// How long NVD asks to wait.
    pub after: Option<Duration>,
}
impl Refusal {
    pub(super) fn stop(fault: Fault) -> Self {
        Self {
            fault,
            again: false,
            after: None,
        }
    }

    pub(super) fn again(fault: Fault) -> Self {
        Self {
            again: true,
            ..Self::stop(fault)
        }
    }

    fn of_http(e: HttpError) -> Self {
        Self {
            again: e.is_passing(),
            ..Self::stop(e.into())
        }
    }
}

fn unexpected(status: u16) -> Fault {
    Fault::new(
        "nvd_unexpected_status",
        format!(
            "NVD answered with HTTP status {status}, which it should not. It is tried again later."
        ),
    )
    .with("status", status)
}

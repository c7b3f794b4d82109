//! Asking NVD: windows, pages, pauses, repetitions. The status is read before the JSON, because NVD's
//! refusals are HTML, plain text or nothing. A run that meets a refusal tries a page a few times, then
//! ends with a fault; waiting longer is the schedule's part.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use url::Url;

use super::adapter::{NvdPage, read_page};
use super::windows::{Window, start, windows};
use super::{ApiKey, NvdConfig};
use crate::error::Fault;
use crate::http::{Answer, HttpError, Request, Response};
use crate::model::{Memory, Page, SourceId};
use crate::source::{Fetch, Pages, off_thread};

const MAX_BYTES: usize = 256 * 1024 * 1024;
const TIMEOUT: Duration = Duration::from_secs(60);
const MAX_WAIT: Duration = Duration::from_secs(15 * 60);
/// How often one window may step back because records left it; then it goes on as it is.
const MAX_STEPS_BACK: u32 = 8;

/// What NVD's run remembers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct Checkpoint {
    /// The end of the last window that was read whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    done_to: Option<crate::model::Time>,
    /// A window in the middle of which the last run ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    open: Option<OpenWindow>,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct OpenWindow {
    #[serde(flatten)]
    window: Window,
    /// The `startIndex` of the next page.
    next: u32,
    /// `totalResults` of the page before.
    total: u32,
}

/// One run.
pub(super) struct Run<'a> {
    id: &'a SourceId,
    config: &'a NvdConfig,
    fetch: Fetch<'a>,
    checkpoint: Checkpoint,
    asked: bool,
    done_before: u32,
}

impl<'a> Run<'a> {
    pub fn new(id: &'a SourceId, config: &'a NvdConfig, fetch: Fetch<'a>) -> Self {
        let checkpoint = serde_json::from_value(fetch.memory.0.clone()).unwrap_or_default();
        Self {
            id,
            config,
            fetch,
            checkpoint,
            asked: false,
            done_before: 0,
        }
    }

    pub async fn collect(mut self, pages: &mut dyn Pages) -> Result<(), Fault> {
        if let Some(open) = self
            .checkpoint
            .open
            .filter(|o| o.window.end <= self.fetch.now)
        {
            self.window(open, pages).await?;
        }
        let from = start(
            self.fetch.now,
            self.checkpoint.done_to,
            self.config.overlap_hours,
            self.config.first_days,
        );
        for window in windows(from, self.fetch.now) {
            let open = OpenWindow {
                window,
                next: 0,
                total: 0,
            };
            self.window(open, pages).await?;
        }
        Ok(())
    }

    async fn window(&mut self, mut open: OpenWindow, pages: &mut dyn Pages) -> Result<(), Fault> {
        let mut steps_back = 0;
        loop {
            let page = self.page(open.window, open.next).await?;
            let end_of_page = open.next.saturating_add(page.records);
            let total = page.total.unwrap_or(end_of_page);
            let left = open.total.saturating_sub(total);
            if page.records == 0 && total > open.next {
                return Err(incomplete(open.next, total));
            }
            // Records that changed meanwhile have left this window (the next one has them), and those
            // behind them moved up: what moved over the edge of the page before is read again.
            let steps = left > 0 && open.next > 0 && steps_back < MAX_STEPS_BACK;
            let next = if steps {
                steps_back += 1;
                open.next.saturating_sub(left)
            } else {
                end_of_page
            };
            let complete = !steps && next >= total;
            open = OpenWindow {
                window: open.window,
                next,
                total,
            };
            if complete {
                self.checkpoint.done_to =
                    Some(self.checkpoint.done_to.map_or(open.window.end, |d| {
                        // A clock that was set back must not be skipped over later.
                        if d > self.fetch.now {
                            open.window.end
                        } else {
                            d.max(open.window.end)
                        }
                    }));
            }
            self.checkpoint.open = (!complete).then_some(open);
            pages
                .page(self.hand_over(page, next.min(total), total)?)
                .await?;
            if complete {
                self.done_before = self.done_before.saturating_add(total);
                return Ok(());
            }
        }
    }

    fn hand_over(&self, page: NvdPage, done: u32, total: u32) -> Result<Page, Fault> {
        let memory = serde_json::to_value(&self.checkpoint).map_err(|e| {
            Fault::new(
                "nvd_bad_checkpoint",
                format!("NVD's checkpoint could not be written: {e}. Report this as a bug."),
            )
        })?;
        Ok(Page {
            drafts: page.drafts,
            problems: page.problems,
            memory: Memory(memory),
            progress: Some((
                self.done_before.saturating_add(done),
                self.done_before.saturating_add(total),
            )),
            ..Page::default()
        })
    }

    /// One page, with repetitions.
    async fn page(&mut self, window: Window, index: u32) -> Result<NvdPage, Fault> {
        let url = self.url(window, index)?;
        let mut attempt = 0;
        loop {
            if self.asked {
                self.wait(Duration::from_millis(self.config.pause_ms()))
                    .await?;
            }
            self.asked = true;
            let refusal = match self.ask(&url).await {
                Ok(page) => return Ok(page),
                Err(refusal) => refusal,
            };
            if !refusal.again || attempt >= self.config.retries {
                return Err(refusal.fault);
            }
            tracing::debug!(code = refusal.fault.code, attempt, "NVD refused a page");
            self.wait(self.backoff(attempt, refusal.after)).await?;
            attempt += 1;
        }
    }

    async fn ask(&self, url: &str) -> Result<NvdPage, Refusal> {
        let mut request = Request::new(url, self.fetch.cancel.clone());
        request.max_bytes = MAX_BYTES;
        request.timeout = TIMEOUT;
        request.allow_private = self.config.allow_private;
        if let Some(ApiKey(key)) = &self.config.key {
            request.headers.push(("apiKey", key.clone()));
        }
        let response = match self.fetch.http.get(request).await {
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

    /// Both dates, always: NVD refuses one alone.
    fn url(&self, window: Window, index: u32) -> Result<String, Fault> {
        let mut url = Url::parse(&self.config.url).map_err(|_| {
            Fault::from(HttpError::BadUrl {
                url: crate::http::redacted(&self.config.url),
            })
        })?;
        url.query_pairs_mut()
            .append_pair("lastModStartDate", &window.start.to_rfc3339())
            .append_pair("lastModEndDate", &window.end.to_rfc3339())
            .append_pair(
                "resultsPerPage",
                &self.config.page_size.clamp(1, 2000).to_string(),
            )
            .append_pair("startIndex", &index.to_string());
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
        let after = response.retry_after(self.fetch.now);
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

    /// Doubling from the floor with up to a quarter more, so that many clients do not come back at
    /// once; a longer `Retry-After` is obeyed, a shorter one is not believed. The jitter comes from the
    /// run's own time, for a run is repeatable.
    fn backoff(&self, attempt: u32, after: Option<Duration>) -> Duration {
        let base = self.config.backoff_ms.saturating_mul(1 << attempt.min(16));
        let jitter = base / 1024 * (self.fetch.now.ms().unsigned_abs() % 256);
        Duration::from_millis(base.saturating_add(jitter))
            .max(after.unwrap_or_default())
            .min(MAX_WAIT)
    }

    async fn wait(&self, time: Duration) -> Result<(), Fault> {
        tokio::select! {
            biased;
            () = self.fetch.cancel.cancelled() => Err(HttpError::Cancelled.into()),
            () = tokio::time::sleep(time) => Ok(()),
        }
    }
}

/// Why a page did not come, and whether asking again may help.
struct Refusal {
    fault: Fault,
    again: bool,
    after: Option<Duration>,
}

impl Refusal {
    fn stop(fault: Fault) -> Self {
        Self {
            fault,
            again: false,
            after: None,
        }
    }

    fn again(fault: Fault) -> Self {
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

fn incomplete(got: u32, total: u32) -> Fault {
    Fault::new(
        "nvd_incomplete",
        format!("NVD gave {got} of {total} records and then an empty page. The rest is asked for in the next run."),
    )
    .with("got", got)
    .with("total", total)
}

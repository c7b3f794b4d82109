//! Reading all years: window by window of PUBLICATION, oldest first, a page at a time. Both dates of a window
//! are fixed before its first page; where the next page is, is remembered with every page.

use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;

use super::Nvd;
use super::ask::{Asker, Refusal, Wanted};
use super::fetch::{got, incomplete, remember};
use super::plan::Open;
use super::windows::next_window;
use crate::http::Http;
use crate::model::{BackfillStep, Memory, Page, Time};

/// The first publication in NVD is of October 1988.
pub const FIRST_YEAR: u16 = 1988;

/// Where the reading of all years is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// The first publication that is wanted.
    pub from: Time,
    /// The last one.
    pub to: Time,
    /// What is done.
    pub step: BackfillStep,
}

impl Reading {
    /// At its beginning.
    #[must_use]
    pub fn new(from: Time, to: Time, started: Time) -> Self {
        Self {
            from,
            to,
            step: BackfillStep {
                started,
                done: 0,
                at: from,
                cursor: Memory::default(),
                is_done: from >= to,
            },
        }
    }

    /// The window to read on in; `None` where all are read.
    pub(super) fn open(&self) -> Option<Open> {
        let cursor: Cursor = serde_json::from_value(self.step.cursor.0.clone()).unwrap_or_default();
        let fits = |open: &Open| {
            open.window.start >= self.from.min(self.step.at) && open.window.end <= self.to
        };
        cursor
            .open
            .filter(fits)
            .or_else(|| next_window(self.step.at, self.to).map(Open::new))
    }

    /// After a page of a window.
    pub(super) fn after(
        &self,
        before: Open,
        open: Open,
        is_complete: bool,
    ) -> Result<BackfillStep, Refusal> {
        let cursor = Cursor {
            open: (!is_complete).then_some(open),
        };
        let at = if is_complete {
            open.window.end
        } else {
            self.step.at
        };
        // A step back takes back what it will count again.
        let done = (self.step.done + open.next).saturating_sub(before.next);
        Ok(BackfillStep {
            started: self.step.started,
            done,
            at,
            cursor: remember(&cursor).map_err(Refusal::stop)?,
            is_done: is_complete && at >= self.to,
        })
    }
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Cursor {
    open: Option<Open>,
}

/// What a request to NVD needs.
#[derive(Debug)]
pub struct Ask<'a> {
    /// The one HTTP client.
    pub http: &'a Http,
    /// Now.
    pub now: Time,
    /// Stops it.
    pub cancel: CancellationToken,
}

impl Nvd {
    /// The next page of all years, asked for once; `None` where all is read.
    ///
    /// # Errors
    /// Why NVD did not answer.
    pub async fn backfill_page(
        &self,
        ask: Ask<'_>,
        reading: &Reading,
    ) -> Result<Option<Page>, Refusal> {
        let Some(open) = reading.open() else {
            return Ok(None);
        };
        let now = ask.now;
        let page = self
            .asker(ask)
            .once(Wanted::Published(open.window, open.next))
            .await?;
        let (after, is_complete) = open
            .after(got(&page))
            .map_err(|e| Refusal::again(incomplete(e)))?;
        Ok(Some(Page {
            backfill: Some(reading.after(open, after, is_complete)?),
            drafts: page.drafts,
            problems: page.problems,
            as_of: page.as_of.or(Some(now)),
            is_quiet: true,
            ..Page::default()
        }))
    }

    /// How many records NVD has in all.
    ///
    /// # Errors
    /// Why NVD did not answer.
    pub async fn count_all(&self, ask: Ask<'_>) -> Result<Option<u32>, Refusal> {
        Ok(self.asker(ask).once(Wanted::Count).await?.total)
    }

    /// The records with these ids, and how many of the ids were gone through: what a window of `lastModified`
    /// missed comes this way. It stops where NVD refuses for a while; an id that NVD does not take is passed
    /// over.
    pub async fn reread(&self, ask: Ask<'_>, ids: &[String]) -> (Page, usize) {
        let mut all = Page::default();
        let asker = self.asker(ask);
        for (read, id) in ids.iter().enumerate() {
            match asker.once(Wanted::Named(id)).await {
                Ok(page) => {
                    all.drafts.extend(page.drafts);
                    all.problems.extend(page.problems);
                    // The earliest: each is at least as new as that.
                    all.as_of = match (all.as_of, page.as_of) {
                        (Some(a), Some(b)) => Some(a.min(b)),
                        (a, b) => a.or(b),
                    };
                }
                Err(refusal) if refusal.again || asker.cancel.is_cancelled() => {
                    tracing::debug!(code = refusal.fault.code, "NVD refused to be read again");
                    return (all, read);
                }
                Err(refusal) => tracing::debug!(code = refusal.fault.code, id, "not read again"),
            }
        }
        (all, ids.len())
    }

    /// How long to wait after a number of refusals in a row (0 = the first).
    #[must_use]
    pub fn backoff(&self, refusals: u32, refusal: &Refusal, now: Time) -> std::time::Duration {
        self.config.backoff(refusals, refusal.after, now)
    }

    fn asker<'a>(&'a self, ask: Ask<'a>) -> Asker<'a> {
        Asker {
            id: &self.id,
            config: &self.config,
            http: ask.http,
            now: ask.now,
            cancel: ask.cancel,
        }
    }
}

//! Which page to ask NVD for next, and what is known once it came. Pure: no clock, no network. Windows are
//! fixed before their first page and kept for all their pages; after each page there is a checkpoint.

use serde::{Deserialize, Serialize};

use super::windows::{Window, start, windows};
use crate::model::Time;

/// How often one window may step back because records left it; then it goes on as it is. Each step needs a
/// record that left, so this is for an NVD that contradicts itself.
const MAX_STEPS_BACK: u32 = 200;

/// A window that is being read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Open {
    #[serde(flatten)]
    pub window: Window,
    /// The `startIndex` of the next page.
    pub next: u32,
    /// `totalResults` of the page before.
    pub total: u32,
    /// When NVD answered with the first page, by its own clock.
    #[serde(default)]
    pub as_of: Option<Time>,
    #[serde(default)]
    pub steps_back: u32,
}

/// What a page said.
#[derive(Clone, Copy, Debug)]
pub(super) struct Got {
    /// Records in it.
    pub records: u32,
    /// `totalResults`.
    pub total: Option<u32>,
    /// When NVD made it, by its own clock.
    pub as_of: Option<Time>,
}

/// An empty page where records were promised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Incomplete {
    pub got: u32,
    pub total: u32,
}

impl Open {
    pub fn new(window: Window) -> Self {
        Self {
            window,
            next: 0,
            total: 0,
            as_of: None,
            steps_back: 0,
        }
    }

    /// The same window after a page of it, and whether that was its last.
    pub fn after(self, got: Got) -> Result<(Self, bool), Incomplete> {
        let end_of_page = self.next.saturating_add(got.records);
        let total = got.total.unwrap_or(end_of_page);
        if got.records == 0 && total > self.next {
            return Err(Incomplete {
                got: self.next,
                total,
            });
        }
        // Records that changed meanwhile have left this window (the next one has them), and those
        // behind them moved up: what moved over the edge of the page before is read again.
        let left = self.total.saturating_sub(total);
        let steps_back = left > 0 && self.next > 0 && self.steps_back < MAX_STEPS_BACK;
        let next = if steps_back {
            self.next.saturating_sub(left)
        } else {
            end_of_page
        };
        let after = Self {
            window: self.window,
            next,
            total,
            as_of: self.as_of.or(got.as_of),
            steps_back: self.steps_back + u32::from(steps_back),
        };
        Ok((after, !steps_back && next >= total))
    }
}

/// What the incremental reading remembers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Checkpoint {
    /// Up to where everything that was modified is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub done_to: Option<Time>,
    /// A window in the middle of which the last run ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub open: Option<Open>,
}

impl Checkpoint {
    /// The windows to read now, the one that was left in the middle first.
    pub fn work(&self, now: Time, overlap_hours: u32, first_days: u32) -> Vec<Open> {
        // One that ends after now was made by a clock that was set back since.
        let left = self.open.filter(|o| o.window.end <= now);
        // It is done before the others begin.
        let done_to = match left {
            Some(left) => Some(left.done_to(self.done_to)),
            None => self.done_to,
        };
        let from = start(now, done_to, overlap_hours, first_days);
        let fresh = windows(from, now).into_iter().map(Open::new);
        left.into_iter().chain(fresh).collect()
    }

    /// The checkpoint after a page of a window.
    pub fn after(&self, open: Open, is_complete: bool) -> Self {
        if !is_complete {
            return Self {
                done_to: self.done_to,
                open: Some(open),
            };
        }
        Self {
            done_to: Some(open.done_to(self.done_to)),
            open: None,
        }
    }
}

impl Open {
    /// Up to where everything is known once this window is read.
    fn done_to(&self, before: Option<Time>) -> Time {
        // What is modified after NVD answered is not in it, however far it reaches by a clock that ran ahead.
        let end = self.window.end;
        let covered = self.as_of.map_or(end, |as_of| end.min(as_of));
        let Some(before) = before else {
            return covered;
        };
        // Nothing can be known beyond NVD's own now.
        let known = self.as_of.map_or(before, |as_of| before.min(as_of));
        // A window that begins later leaves a gap before it.
        if self.window.start <= known {
            known.max(covered)
        } else {
            known
        }
    }
}

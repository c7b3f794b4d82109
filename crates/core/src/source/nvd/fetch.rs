//! A run: the windows that are due, page by page. A page that NVD refuses is asked for a few times, then the
//! run ends with a fault; waiting longer is the schedule's part.

use super::NvdConfig;
use super::adapter::NvdPage;
use super::ask::{Asker, Wanted};
use super::plan::{Checkpoint, Got, Incomplete, Open};
use crate::error::Fault;
use crate::model::{Memory, Page, SourceId};
use crate::source::{Fetch, Pages};

/// One run.
pub(super) struct Run<'a> {
    asker: Asker<'a>,
    checkpoint: Checkpoint,
    done_before: u32,
}

impl<'a> Run<'a> {
    pub fn new(id: &'a SourceId, config: &'a NvdConfig, fetch: Fetch<'a>) -> Self {
        Self {
            asker: Asker {
                id,
                config,
                http: fetch.http,
                now: fetch.now,
                cancel: fetch.cancel,
            },
            checkpoint: serde_json::from_value(fetch.memory.0).unwrap_or_default(),
            done_before: 0,
        }
    }

    pub async fn collect(mut self, pages: &mut dyn Pages) -> Result<(), Fault> {
        let config = self.asker.config;
        let work = self
            .checkpoint
            .work(self.asker.now, config.overlap_hours, config.first_days);
        for open in work {
            self.window(open, pages).await?;
        }
        Ok(())
    }

    async fn window(&mut self, mut open: Open, pages: &mut dyn Pages) -> Result<(), Fault> {
        loop {
            let wanted = Wanted::Modified(open.window, open.next);
            let page = self.asker.page(wanted).await.map_err(|r| r.fault)?;
            let (after, is_complete) = open.after(got(&page)).map_err(incomplete)?;
            open = after;
            self.checkpoint = self.checkpoint.after(open, is_complete);
            let done = open.next.min(open.total);
            pages.page(self.hand_over(page, done, open.total)?).await?;
            if is_complete {
                self.done_before = self.done_before.saturating_add(open.total);
                return Ok(());
            }
        }
    }

    fn hand_over(&self, page: NvdPage, done: u32, total: u32) -> Result<Page, Fault> {
        Ok(Page {
            drafts: page.drafts,
            problems: page.problems,
            memory: remember(&self.checkpoint)?,
            progress: Some((
                self.done_before.saturating_add(done),
                self.done_before.saturating_add(total),
            )),
            as_of: page.as_of.or(Some(self.asker.now)),
            ..Page::default()
        })
    }
}

pub(super) fn got(page: &NvdPage) -> Got {
    Got {
        records: page.records,
        total: page.total,
        as_of: page.as_of,
    }
}

pub(super) fn remember(checkpoint: &impl serde::Serialize) -> Result<Memory, Fault> {
    serde_json::to_value(checkpoint).map(Memory).map_err(|e| {
        Fault::new(
            "nvd_bad_checkpoint",
            format!("NVD's checkpoint could not be written: {e}. Report this as a bug."),
        )
    })
}

pub(super) fn incomplete(Incomplete { got, total }: Incomplete) -> Fault {
    Fault::new(
        "nvd_incomplete",
        format!("NVD gave {got} of {total} records and then an empty page. The rest is asked for in the next run."),
    )
    .with("got", got)
    .with("total", total)
}

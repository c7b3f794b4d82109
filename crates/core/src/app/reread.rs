//! CVEs that are watched or in somebody's hands are read again by their ids, a few after each good run and
//! one after another, because a window of `lastModified` misses a change now and then.

use std::sync::Arc;

use super::App;
use super::backfill::{NoReader, job};
use crate::error::Fault;
use crate::model::SourceId;
use crate::source::nvd::{Ask, Nvd};
use crate::store::backfills;

/// CVEs of one run: with NVD's pause of six seconds, half a minute.
const MOST: u32 = 5;

impl App {
    /// Reads the next few again. NVD's refusal is no fault of the run's: the next one goes on here.
    pub(super) async fn reread(&self, source: &SourceId, nvd: &Nvd) -> Result<(), Fault> {
        let hold = self.hold().await;
        let of = source.clone();
        let ids = self
            .db()
            .read(move |r| {
                let after = backfills::reread_after(r)?;
                let mut ids = backfills::tracked(r, &of, &after, MOST)?;
                if ids.is_empty() && !after.is_empty() {
                    // Round again from the first.
                    ids = backfills::tracked(r, &of, "", MOST)?;
                }
                Ok(ids)
            })
            .await?;
        if ids.is_empty() {
            return Ok(());
        }
        let stopped = self.token();
        let ask = Ask {
            http: &self.0.pipeline.http,
            now: self.now(),
            cancel: hold.leave.child_token(),
        };
        let (page, read) = tokio::select! {
            biased;
            () = stopped.cancelled() => return Ok(()),
            answer = nvd.reread(ask, &ids) => answer,
        };
        if !page.drafts.is_empty() {
            let routing = Arc::clone(&self.in_force().routing);
            let job = job(source, &NoReader, routing);
            self.0.pipeline.take(job, page).await?;
        }
        if let Some(last) = read.checked_sub(1).and_then(|i| ids.get(i).cloned()) {
            self.db()
                .write(move |w| backfills::set_reread_after(w, &last))
                .await?;
        }
        Ok(())
    }
}

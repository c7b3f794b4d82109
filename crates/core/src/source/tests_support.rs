//! What the tests of sources share: a run against a server on loopback, its pages kept.

use async_trait::async_trait;
use tokio_util::sync::CancellationToken;

use super::{Fetch, Pages, Source};
use crate::error::Fault;
use crate::http::{Http, HttpOptions};
use crate::model::{Memory, Page, Time};

/// When runs are made.
pub(super) const NOW: Time = Time(1_800_000_000_000);

#[derive(Default)]
struct Kept(Vec<Page>);

#[async_trait]
impl Pages for Kept {
    async fn page(&mut self, page: Page) -> Result<(), Fault> {
        self.0.push(page);
        Ok(())
    }
}

/// Makes a run: its pages, and how it ended.
pub(super) async fn run(
    source: &dyn Source,
    memory: Memory,
    fresh: bool,
) -> (Vec<Page>, Result<(), Fault>) {
    let http = Http::new(HttpOptions::default()).unwrap();
    let fetch = Fetch {
        http: &http,
        now: NOW,
        memory,
        fresh,
        cancel: CancellationToken::new(),
    };
    let mut kept = Kept::default();
    let ended = source.collect(fetch, &mut kept).await;
    (kept.0, ended)
}

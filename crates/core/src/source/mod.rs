//! Sources: where alerts come from. One trait, a folder per kind.
//!
//! A run reads its source page by page and hands each page on before it asks for the next; the pipeline
//! stores a page together with what the source wants to remember, so an interrupted run goes on where
//! it stopped. A source never reads a clock, a file or the database: everything comes in by [`Fetch`].

mod cve;
pub mod epss;
pub mod feed;
pub mod kev;
pub mod nvd;
pub mod owasp;
#[cfg(test)]
mod tests_support;

use async_trait::async_trait;
use tokio_util::sync::CancellationToken;

use crate::error::Fault;
use crate::http::Http;
use crate::model::{Memory, Page, Time};

/// What a run gets.
#[derive(Debug)]
pub struct Fetch<'a> {
    /// The one HTTP client.
    pub http: &'a Http,
    /// Now, fixed for the run.
    pub now: Time,
    /// What this source remembered when its last page was stored.
    pub memory: Memory,
    /// Whether validators are to be ignored ("collect now").
    pub fresh: bool,
    /// Stops the run between two requests and within one.
    pub cancel: CancellationToken,
}

/// Where a run hands its pages over. It returns once the page is stored.
#[async_trait]
pub trait Pages: Send {
    /// Stores a page.
    ///
    /// # Errors
    /// Where it could not be stored; the run ends with that fault.
    async fn page(&mut self, page: Page) -> Result<(), Fault>;
}

/// One source of alerts.
#[async_trait]
pub trait Source: Send + Sync {
    /// Reads everything that is new since `fetch.memory`.
    ///
    /// # Errors
    /// A fault for the source's health. Pages handed over before it stay stored.
    async fn collect(&self, fetch: Fetch<'_>, pages: &mut dyn Pages) -> Result<(), Fault>;
}

/// Reads a document on a blocking thread: a page of NVD's is megabytes.
async fn off_thread<T: Send + 'static>(
    read: impl FnOnce() -> Result<T, Fault> + Send + 'static,
) -> Result<T, Fault> {
    tokio::task::spawn_blocking(read).await.map_err(|_| {
        Fault::new(
            "document_unreadable",
            "A document could not be read: the reader stopped. Report this as a bug.",
        )
    })?
}

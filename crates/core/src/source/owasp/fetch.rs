//! Asking owasp.org: one conditional GET, and the redirect stubs that stand where the list used to be.

use serde::{Deserialize, Serialize};

use super::OwaspConfig;
use super::{adapter, wire};
use crate::error::Fault;
use crate::http::{Answer, HttpError, Request, Response, Validators, redacted};
use crate::model::{Draft, Memory, Page, SourceId, Time};
use crate::source::{Fetch, Pages, off_thread};

const MAX_STUBS: usize = 3;
/// Validators older than this are not sent (protocols.md, Feeds).
const VALIDATORS_LIVE_S: i64 = 8 * 86_400;

/// What the list's run remembers.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Remembered {
    /// The address from the settings that this belongs to.
    url: String,
    /// The page that holds the list, after all stubs.
    list_url: String,
    validators: Option<Validators>,
    read_at: Option<Time>,
}

pub(super) async fn collect(
    source: &SourceId,
    config: &OwaspConfig,
    fetch: Fetch<'_>,
    pages: &mut dyn Pages,
) -> Result<(), Fault> {
    let memory: Remembered = serde_json::from_value(fetch.memory.0.clone()).unwrap_or_default();
    let live = memory.url == config.url
        && !fetch.fresh
        && memory
            .read_at
            .is_some_and(|t| t.plus_s(VALIDATORS_LIVE_S) > fetch.now && t <= fetch.now);

    let mut url = config.url.clone();
    for _ in 0..=MAX_STUBS {
        let mut request = Request::new(&url, fetch.cancel.clone());
        request.allow_private = config.allow_private;
        if live && url == memory.list_url {
            request.validators = memory.validators.clone();
        }
        let response = match fetch.http.get(request).await? {
            Answer::NotModified { .. } => {
                return pages
                    .page(Page {
                        memory: fetch.memory,
                        ..Page::default()
                    })
                    .await;
            }
            Answer::Response(response) => response.success(fetch.now)?,
        };
        let memory = remember(config, url.clone(), &response, fetch.now);
        let id = source.clone();
        match off_thread(move || read(&id, &response)).await? {
            Found::Stub(next) => url = next.into(),
            Found::List(drafts) => return pages.page(whole(drafts, memory)).await,
        }
    }
    Err(HttpError::TooManyRedirects {
        url: redacted(&config.url),
        limit: MAX_STUBS,
    }
    .into())
}

/// What stands at an address.
enum Found {
    /// A page that leads to another one.
    Stub(url::Url),
    /// The list.
    List(Vec<Draft>),
}

fn read(source: &SourceId, response: &Response) -> Result<Found, Fault> {
    let html = String::from_utf8_lossy(&response.body);
    match wire::refresh(&html, &response.final_url) {
        Some(next) => Ok(Found::Stub(next)),
        None => adapter::read_list(source, &response.final_url, &html).map(Found::List),
    }
}

fn remember(config: &OwaspConfig, list_url: String, response: &Response, now: Time) -> Memory {
    let memory = Remembered {
        url: config.url.clone(),
        list_url,
        validators: response.validators.clone(),
        read_at: Some(now),
    };
    Memory(serde_json::to_value(memory).unwrap_or_default())
}

fn whole(mut drafts: Vec<Draft>, memory: Memory) -> Page {
    // What is stored last stands first in a list: that is to be A01.
    drafts.reverse();
    let count = u32::try_from(drafts.len()).unwrap_or(u32::MAX);
    Page {
        drafts,
        memory,
        progress: Some((count, count)),
        ..Page::default()
    }
}

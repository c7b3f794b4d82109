//! The articles behind a feed's entries, where somebody wants them whole. Each is asked for once, one at
//! a time and a bounded number a run; where none can be had the feed's own text stays. What was read is
//! remembered, so that an entry that is still in the feed does not go back to its short text.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::article::article_text;
use super::{FeedConfig, encoding};
use crate::http::{Answer, Request};
use crate::model::{Body, Draft, Identity};
use crate::source::{Fetch, off_thread};

/// At most so many articles are read in one run, the newest first.
const MAX_ARTICLES: usize = 20;
/// The cap of one page, in bytes after decompression.
const MAX_BYTES: usize = 3 * 1024 * 1024;
const TIMEOUT: Duration = Duration::from_secs(15);
/// Between two pages.
const PAUSE: Duration = Duration::from_millis(500);
/// The readers' share of a run: later articles keep the feed's text.
const ALL: Duration = Duration::from_secs(120);
/// More failures than this one after another, and the site is left alone.
const MAX_FAILURES: u32 = 3;

/// Entries whose article was asked for: each with what the feed said of it then.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Known(BTreeMap<String, String>);

impl Known {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Puts the articles' words into the drafts that are new, and takes those out that were handed over with
/// theirs before and have not changed.
pub(super) async fn complete(
    config: &FeedConfig,
    fetch: &Fetch<'_>,
    drafts: Vec<Draft>,
    known: &mut Known,
) -> Vec<Draft> {
    let before = std::mem::take(&mut known.0);
    let mut kept: Vec<Draft> = Vec::new();
    for draft in drafts {
        let (key, mark) = (key(&draft), mark(&draft));
        let same = before.get(&key) == Some(&mark);
        // Only what the feed still lists is remembered.
        if same || config.full_text {
            known.0.insert(key, mark);
        }
        if !same {
            kept.push(draft);
        }
    }
    if config.full_text {
        // What was put in before the time is over stays.
        let _ = tokio::time::timeout(ALL, put_in(config, fetch, &mut kept)).await;
    }
    kept
}

/// The newest first: an article after the bound keeps the feed's own text.
async fn put_in(config: &FeedConfig, fetch: &Fetch<'_>, drafts: &mut [Draft]) {
    let mut failures = 0;
    for (i, draft) in drafts.iter_mut().rev().take(MAX_ARTICLES).enumerate() {
        if fetch.cancel.is_cancelled() || failures >= MAX_FAILURES {
            break;
        }
        if i > 0 {
            tokio::time::sleep(PAUSE).await;
        }
        match one(config, fetch, draft).await {
            Some(text) => {
                failures = 0;
                draft.body = Body::Text(text);
            }
            None => failures += 1,
        }
    }
}

/// One article's words, if they say more than the feed does.
async fn one(config: &FeedConfig, fetch: &Fetch<'_>, draft: &Draft) -> Option<String> {
    let base = url::Url::parse(draft.base.as_deref()?).ok()?;
    let link = base.join(draft.link.as_deref()?).ok()?;
    let own = url::Url::parse(&config.url).ok()?;
    let mut request = Request::new(link.as_str(), fetch.cancel.clone());
    // Whoever may be private is the feed's own host, not what a feed points to.
    request.allow_private = config.allow_private && link.origin() == own.origin();
    request.max_bytes = MAX_BYTES;
    request.timeout = TIMEOUT;
    let accept = "text/html, application/xhtml+xml;q=0.9";
    request.headers.push(("accept", accept.to_owned()));
    let Ok(Answer::Response(response)) = fetch.http.get(request).await else {
        return None;
    };
    let response = response.success(fetch.now).ok()?;
    let header = response.header("content-type").map(ToOwned::to_owned);
    if !header.as_deref().is_none_or(|h| h.contains("html")) {
        return None;
    }
    let text = off_thread(move || {
        let page = encoding::decode(&response.body, header.as_deref());
        Ok(article_text(&page))
    });
    let text = text.await.ok()??;
    let (Body::Text(short) | Body::Html(short)) = &draft.body;
    (text.len() * 2 > short.len()).then_some(text)
}

fn key(draft: &Draft) -> String {
    let guid = match &draft.identity {
        Identity::Feed { guid, .. } => guid.as_deref(),
        _ => None,
    };
    hash(&[guid, draft.link.as_deref()])
}

/// What the feed itself says of the entry.
fn mark(draft: &Draft) -> String {
    let (Body::Text(body) | Body::Html(body)) = &draft.body;
    let mut all = vec![draft.title.as_deref(), Some(body), draft.link.as_deref()];
    all.push(draft.facts.issued_by.as_deref());
    all.extend(draft.facts.tags.iter().map(|t| Some(t.as_str())));
    hash(&all)
}

fn hash(parts: &[Option<&str>]) -> String {
    let mut hasher = Sha256::new();
    for part in parts {
        let part = part.unwrap_or("\0");
        hasher.update(part.len().to_le_bytes());
        hasher.update(part);
    }
    let hash = hasher.finalize();
    hash[..8].iter().map(|b| format!("{b:02x}")).collect()
}

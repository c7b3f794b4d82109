//! Asking for a feed: one conditional GET. Validators, where the feed has moved to and which articles were
//! read live in the source's memory.

use serde::{Deserialize, Serialize};

use super::adapter::{FeedDocument, host, read_feed};
use super::discover::feeds_named;
use super::{FeedConfig, encoding, fulltext};
use crate::error::Fault;
use crate::http::{Answer, Request, Response, Validators, redacted};
use crate::model::{Memory, Page, RhythmHint, RunNote, Time};
use crate::source::{Fetch, Pages, off_thread};

/// Validators older than this are not sent: a server that answers 304 for ever is found out.
const VALIDATORS_LIVE_S: i64 = 8 * 86_400;
pub(super) const ACCEPT: &str = "application/rss+xml, application/atom+xml, application/feed+json, application/rdf+xml;q=0.9, application/xml;q=0.8, text/xml;q=0.8, */*;q=0.1";
/// So many of the newest entries say enough about a feed's rhythm.
const MAX_TIMES: usize = 100;

/// What a feed's run remembers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct Remembered {
    /// The address from the settings that this belongs to; another one starts anew.
    url: String,
    /// Where the feed has moved to for good.
    #[serde(skip_serializing_if = "Option::is_none")]
    moved_to: Option<String>,
    /// Of the last 200.
    #[serde(skip_serializing_if = "Option::is_none")]
    validators: Option<Validators>,
    /// Whether the feed has ever repeated a guid: then the link is part of each entry's identity for good.
    repeats_guids: bool,
    /// When the document was last read.
    #[serde(skip_serializing_if = "Option::is_none")]
    read_at: Option<Time>,
    /// The entries whose article was asked for.
    #[serde(skip_serializing_if = "fulltext::Known::is_empty")]
    articles: fulltext::Known,
}

pub(super) async fn collect(
    config: &FeedConfig,
    fetch: Fetch<'_>,
    pages: &mut dyn Pages,
) -> Result<(), Fault> {
    let mut memory = recall(config, &fetch.memory);
    let (answer, url) = ask(config, &fetch, &mut memory).await?;
    let mut page = Page::default();
    match answer {
        Answer::NotModified { moved_to } => {
            page.notes.push(RunNote::NotModified);
            note_move(&mut memory, moved_to, &url, &mut page);
        }
        Answer::Response(response) => {
            let response = accept(*response, fetch.now)?;
            let (document, response) = read(config, response, memory.repeats_guids).await?;
            memory.repeats_guids = document.repeats_guids;
            page.rhythm = Some(rhythm(&document, &response));
            if document.drafts.is_empty() && document.problems.is_empty() {
                page.notes.push(RunNote::Empty);
            }
            if document.is_salvaged {
                page.notes.push(RunNote::Salvaged);
            }
            page.problems = document.problems;
            page.drafts =
                fulltext::complete(config, &fetch, document.drafts, &mut memory.articles).await;
            note_move(&mut memory, response.moved_to, &url, &mut page);
            memory.validators = response.validators;
            memory.read_at = Some(fetch.now);
        }
    }
    let done = u32::try_from(page.drafts.len() + page.problems.len()).unwrap_or(u32::MAX);
    page.progress = Some((done, done));
    page.memory = Memory(serde_json::to_value(&memory).unwrap_or_default());
    pages.page(page).await
}

fn recall(config: &FeedConfig, memory: &Memory) -> Remembered {
    let remembered: Remembered = serde_json::from_value(memory.0.clone()).unwrap_or_default();
    if remembered.url == config.url {
        return remembered;
    }
    Remembered {
        url: config.url.clone(),
        ..Remembered::default()
    }
}

/// Asks where the feed has moved to, and where that place is gone the address from the settings once
/// more: some sites move back.
async fn ask(
    config: &FeedConfig,
    fetch: &Fetch<'_>,
    memory: &mut Remembered,
) -> Result<(Answer, String), Fault> {
    if let Some(moved) = memory.moved_to.clone() {
        match get(config, fetch, memory, &moved).await {
            Ok(Answer::Response(r)) if matches!(r.status, 404 | 410) => {}
            Err(fault) if fault.code == "dns_failed" => {}
            answer => return Ok((answer?, moved)),
        }
        memory.moved_to = None;
        memory.validators = None;
    }
    let answer = get(config, fetch, memory, &config.url).await?;
    Ok((answer, config.url.clone()))
}

async fn get(
    config: &FeedConfig,
    fetch: &Fetch<'_>,
    memory: &Remembered,
    url: &str,
) -> Result<Answer, Fault> {
    let mut request = Request::new(url, fetch.cancel.clone());
    request.allow_private = config.allow_private;
    request.headers.push(("accept", ACCEPT.to_owned()));
    let live = memory
        .read_at
        .is_some_and(|t| t.plus_s(VALIDATORS_LIVE_S) > fetch.now && t <= fetch.now);
    if live && !fetch.fresh {
        request.validators = memory.validators.clone();
    }
    Ok(fetch.http.get(request).await?)
}

fn accept(response: Response, now: Time) -> Result<Response, Fault> {
    if response.status == 410 {
        let url = response.final_url.as_str();
        return Err(Fault::new(
            "feed_gone",
            format!("{} says that this feed is gone for good (410). Give its new address in Sources, or remove it there.", host(url)),
        )
        .with("host", host(url))
        .with("url", redacted(url)));
    }
    Ok(response.success(now)?)
}

/// Reads the document on a blocking thread. A page that came instead says which feed it names.
async fn read(
    config: &FeedConfig,
    response: Response,
    repeats_guids: bool,
) -> Result<(FeedDocument, Response), Fault> {
    let id = config.id.clone();
    off_thread(move || {
        let url = response.final_url.as_str();
        let header = response.header("content-type");
        let document = read_feed(&id, url, header, &response.body, repeats_guids);
        match document {
            Ok(document) => Ok((document, response)),
            Err(fault) if fault.params.get("came").is_some_and(|c| c.contains("HTML")) => {
                let page = encoding::decode(&response.body, header);
                let (named, looking) = feeds_named(&page, url);
                let feed = named.into_iter().chain(looking).next();
                Err(feed.map_or(fault, |feed| page_instead(&host(url), &feed)))
            }
            Err(fault) => Err(fault),
        }
    })
    .await
}

fn page_instead(host: &str, feed: &str) -> Fault {
    let feed = redacted(feed);
    Fault::new(
        "feed_is_a_page",
        format!("{host} sent a web page instead of a feed. The page names the feed {feed}: give that address in Sources."),
    )
    .with("host", host)
    .with("feed", feed)
}

/// What the document and its answer say about how often to come.
fn rhythm(document: &FeedDocument, response: &Response) -> RhythmHint {
    let mut times: Vec<Time> = document.drafts.iter().filter_map(|d| d.published).collect();
    times.sort_unstable();
    RhythmHint {
        ttl_min: document.ttl_min,
        cache_max_age_s: response.header("cache-control").and_then(max_age),
        entry_times: times.split_off(times.len().saturating_sub(MAX_TIMES)),
    }
}

fn max_age(header: &str) -> Option<u32> {
    header.split(',').find_map(|part| {
        let (name, value) = part.split_once('=')?;
        let is_age = name.trim().eq_ignore_ascii_case("max-age");
        is_age.then(|| value.trim().trim_matches('"').parse().ok())?
    })
}

fn note_move(memory: &mut Remembered, moved_to: Option<String>, from: &str, page: &mut Page) {
    let Some(to) = moved_to.filter(|to| to != from) else {
        return;
    };
    page.notes.push(RunNote::Moved { to: redacted(&to) });
    memory.moved_to = Some(to);
}

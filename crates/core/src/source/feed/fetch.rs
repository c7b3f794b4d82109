//! Asking a feed's server: one conditional GET. Validators, and where the feed has moved to, live in
//! the source's memory.

use serde::{Deserialize, Serialize};

use super::FeedConfig;

use super::adapter::{host, read_feed};
use crate::error::Fault;
use crate::http::{Answer, Request, Response, Validators, redacted};
use crate::model::{Memory, Page, Problem, Time};
use crate::source::{Fetch, Pages, off_thread};

/// Validators older than this are not sent: a server that answers 304 for ever is found out.
const VALIDATORS_LIVE_S: i64 = 8 * 86_400;
const ACCEPT: &str = "application/rss+xml, application/rdf+xml;q=0.9, application/xml;q=0.8, text/xml;q=0.8, */*;q=0.1";

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
    /// When that was.
    #[serde(skip_serializing_if = "Option::is_none")]
    read_at: Option<Time>,
}

pub(super) async fn collect(
    config: &FeedConfig,
    fetch: Fetch<'_>,
    pages: &mut dyn Pages,
) -> Result<(), Fault> {
    let mut memory = recall(config, &fetch.memory);
    let url = memory
        .moved_to
        .clone()
        .unwrap_or_else(|| config.url.clone());
    let mut request = Request::new(&url, fetch.cancel.clone());
    request.allow_private = config.allow_private;
    request.headers.push(("accept", ACCEPT.to_owned()));
    let live = memory
        .read_at
        .is_some_and(|t| t.plus_s(VALIDATORS_LIVE_S) > fetch.now && t <= fetch.now);
    if live && !fetch.fresh {
        request.validators = memory.validators.clone();
    }

    let answer = fetch.http.get(request).await?;
    let mut page = Page::default();
    match answer {
        Answer::NotModified { moved_to } => note_move(&mut memory, moved_to, &url, &mut page),
        Answer::Response(response) => {
            let response = accept(*response, fetch.now)?;
            let id = config.id.clone();
            let repeats_guids = memory.repeats_guids;
            let (document, response) = off_thread(move || {
                let document = read_feed(
                    &id,
                    response.final_url.as_str(),
                    response.header("content-type"),
                    &response.body,
                    repeats_guids,
                )?;
                Ok((document, response))
            })
            .await?;
            memory.repeats_guids = document.repeats_guids;
            page.drafts = document.drafts;
            page.problems = document.problems;
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

fn accept(response: Response, now: Time) -> Result<Response, Fault> {
    if response.status == 410 {
        let url = response.final_url.as_str();
        return Err(Fault::new(
            "feed_gone",
            format!("{} says that this feed is gone for good (410). Give its new address in Sources, or remove it from settings.toml.", host(url)),
        )
        .with("host", host(url))
        .with("url", redacted(url)));
    }
    Ok(response.success(now)?)
}

fn note_move(memory: &mut Remembered, moved_to: Option<String>, from: &str, page: &mut Page) {
    let Some(to) = moved_to else {
        return;
    };
    page.problems.push(Problem {
        subject: redacted(from),
        fault: Fault::new(
            "feed_moved",
            format!(
                "The feed moved for good to {}. Tocsin uses the new address; change it in Sources.",
                redacted(&to)
            ),
        )
        .with("from", redacted(from))
        .with("to", redacted(&to)),
    });
    memory.moved_to = Some(to);
}

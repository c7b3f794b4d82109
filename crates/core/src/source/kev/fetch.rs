//! Asking cisa.gov: one conditional GET, and the same of the mirror where cisa.gov refuses. A mirror that
//! is older than what was read before says nothing new: nothing is taken back because of it.

use serde::{Deserialize, Serialize};

use super::KevConfig;
use super::adapter::{self, Listed};
use crate::error::Fault;
use crate::http::{Answer, Request, Response, Validators, redacted};
use crate::model::{Enrichment, Memory, Page, RunNote, Time};
use crate::source::{Fetch, Pages, off_thread};

/// Validators older than this are not sent: a server that answers 304 for ever is found out.
const VALIDATORS_LIVE_S: i64 = 8 * 86_400;

/// What a run remembers.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Remembered {
    /// The address that the validators belong to.
    from: String,
    validators: Option<Validators>,
    read_at: Option<Time>,
    /// When what was read was published.
    released: Option<Time>,
    /// How many entries it had.
    entries: u32,
}

/// What an address had.
enum Found {
    NotModified,
    Catalogue(Box<Listed>, Option<Validators>),
}

pub(super) async fn collect(
    config: &KevConfig,
    fetch: Fetch<'_>,
    pages: &mut dyn Pages,
) -> Result<(), Fault> {
    let memory: Remembered = serde_json::from_value(fetch.memory.0.clone()).unwrap_or_default();
    let mut notes = Vec::new();
    let mut from = &config.url;
    let found = match ask(config, &config.url, &memory, &fetch).await {
        Err(refused) if !config.mirror.is_empty() && is_refused(&refused) => {
            from = &config.mirror;
            let found = ask(config, &config.mirror, &memory, &fetch).await;
            // Of two addresses that fail, the source's own is the one to look at.
            let found = found.map_err(|_| refused)?;
            notes.push(RunNote::Mirror {
                url: redacted(&config.mirror),
            });
            found
        }
        found => found?,
    };
    let page = match found {
        Found::NotModified => {
            notes.push(RunNote::NotModified);
            Page {
                memory: fetch.memory,
                ..Page::default()
            }
        }
        Found::Catalogue(listed, _) if is_older(&listed, &memory) => {
            notes.push(RunNote::NotModified);
            Page {
                memory: fetch.memory,
                ..Page::default()
            }
        }
        Found::Catalogue(listed, validators) => {
            let remembered = Remembered {
                from: from.clone(),
                validators,
                read_at: Some(fetch.now),
                released: listed.released,
                entries: count(listed.entries.len()),
            };
            whole(*listed, &memory, remembered, &mut notes)
        }
    };
    pages.page(Page { notes, ..page }).await
}

/// What comes of a whole document.
fn whole(
    listed: Listed,
    before: &Remembered,
    mut remembered: Remembered,
    notes: &mut Vec<RunNote>,
) -> Page {
    let found = count(listed.entries.len());
    let stated = listed.stated.unwrap_or(found);
    // CISA takes single entries back. A document that has lost more than a tenth was cut somewhere: what
    // it has counts, and nothing is taken back.
    let expected = stated.max(before.entries.saturating_sub((before.entries / 10).max(5)));
    let is_complete = listed.problems.is_empty() && found >= expected;
    if !is_complete {
        notes.push(RunNote::FewEntries);
        // It is read again as soon as it is another one, and measured by the whole one.
        remembered.validators = None;
        remembered.entries = before.entries.max(found);
    }
    let all = found.saturating_add(count(listed.problems.len()));
    Page {
        problems: listed.problems,
        memory: Memory(serde_json::to_value(remembered).unwrap_or_default()),
        progress: Some((all, all)),
        enrichments: vec![Enrichment::Kev {
            entries: listed.entries,
            is_complete,
        }],
        ..Page::default()
    }
}

fn is_older(listed: &Listed, memory: &Remembered) -> bool {
    let both = listed.released.zip(memory.released);
    both.is_some_and(|(this, before)| this < before)
}

/// Whether another address may have what this one did not give.
fn is_refused(fault: &Fault) -> bool {
    !matches!(
        fault.code.as_str(),
        "offline" | "cancelled" | "address_refused" | "bad_url" | "tls_setup_failed"
    )
}

async fn ask(
    config: &KevConfig,
    url: &str,
    memory: &Remembered,
    fetch: &Fetch<'_>,
) -> Result<Found, Fault> {
    let mut request = Request::new(url, fetch.cancel.clone());
    request.allow_private = config.allow_private;
    request
        .headers
        .push(("accept", "application/json, */*;q=0.1".to_owned()));
    let live = memory
        .read_at
        .is_some_and(|t| t.plus_s(VALIDATORS_LIVE_S) > fetch.now && t <= fetch.now);
    if live && !fetch.fresh && memory.from == url {
        request.validators = memory.validators.clone();
    }
    match fetch.http.get(request).await? {
        Answer::NotModified { .. } => Ok(Found::NotModified),
        Answer::Response(response) => {
            let response = response.success(fetch.now)?;
            let validators = response.validators.clone();
            let listed = off_thread(move || read(&response)).await?;
            Ok(Found::Catalogue(Box::new(listed), validators))
        }
    }
}

fn read(response: &Response) -> Result<Listed, Fault> {
    let begins = response.body.iter().find(|b| !b.is_ascii_whitespace());
    if begins == Some(&b'<') {
        let url = redacted(response.final_url.as_str());
        return Err(Fault::new(
            "kev_unreadable",
            format!("{url} answered with a web page and not with CISA's catalogue. What was known stays; it is tried again later."),
        )
        .with("reason", "it is a web page")
        .with("url", url));
    }
    adapter::read(&response.body)
}

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

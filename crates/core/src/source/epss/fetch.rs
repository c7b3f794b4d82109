//! Asking for the newest file: one conditional GET. It is handed over in parts; what it was is remembered
//! with the last one, so a run that breaks off is made again from its beginning.

use serde::{Deserialize, Serialize};

use super::EpssConfig;
use super::adapter;
use super::wire::{File, unreadable};
use crate::error::Fault;
use crate::http::{Answer, Request, Validators};
use crate::model::{Enrichment, Memory, Page, RunNote, Time};
use crate::source::{Fetch, Pages, off_thread};

/// Validators older than this are not sent: a server that answers 304 for ever is found out.
const VALIDATORS_LIVE_S: i64 = 8 * 86_400;
const DAY_MS: i64 = 86_400_000;

/// What a run remembers.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Remembered {
    url: String,
    validators: Option<Validators>,
    read_at: Option<Time>,
    /// The day of the scores.
    day: Option<Time>,
    /// How many there were.
    scores: u32,
}

pub(super) async fn collect(
    config: &EpssConfig,
    fetch: Fetch<'_>,
    pages: &mut dyn Pages,
) -> Result<(), Fault> {
    let memory: Remembered = serde_json::from_value(fetch.memory.0.clone()).unwrap_or_default();
    let mut request = Request::new(&config.url, fetch.cancel.clone());
    request.allow_private = config.allow_private;
    let live = memory.url == config.url
        && memory
            .read_at
            .is_some_and(|t| t.plus_s(VALIDATORS_LIVE_S) > fetch.now && t <= fetch.now);
    if live && !fetch.fresh {
        request.validators = memory.validators.clone();
    }
    let response = match fetch.http.get(request).await? {
        Answer::NotModified { .. } => return nothing_new(fetch, pages).await,
        Answer::Response(response) => response.success(fetch.now)?,
    };
    let validators = response.validators.clone();
    let file = off_thread(move || File::open(response.body)).await?;
    let today = Time(fetch.now.ms() - fetch.now.ms().rem_euclid(DAY_MS));
    let day = file.day.unwrap_or(today);
    // A server that is behind the one that was asked before.
    if memory.day.is_some_and(|known| day < known) {
        return nothing_new(fetch, pages).await;
    }
    let remembered = Remembered {
        url: config.url.clone(),
        validators,
        read_at: Some(fetch.now),
        day: Some(day),
        scores: 0,
    };
    hand_over(file, day, &memory, remembered, &fetch, pages).await
}

async fn nothing_new(fetch: Fetch<'_>, pages: &mut dyn Pages) -> Result<(), Fault> {
    pages
        .page(Page {
            memory: fetch.memory,
            notes: vec![RunNote::NotModified],
            ..Page::default()
        })
        .await
}

async fn hand_over(
    mut file: File,
    day: Time,
    before: &Remembered,
    mut remembered: Remembered,
    fetch: &Fetch<'_>,
    pages: &mut dyn Pages,
) -> Result<(), Fault> {
    let (mut read, mut bad) = (0_u32, 0_u32);
    loop {
        if fetch.cancel.is_cancelled() {
            return Err(crate::http::HttpError::Cancelled.into());
        }
        let (part, rest) = off_thread(move || {
            let part = adapter::next(&mut file);
            Ok((part, file))
        })
        .await?;
        file = rest;
        read = read.saturating_add(u32::try_from(part.scores.len()).unwrap_or(u32::MAX));
        bad = bad.saturating_add(part.bad);
        // A page of another kind has thousands of lines too.
        if read == 0 || bad > read {
            return Err(unreadable("most of its lines hold no score"));
        }
        let mut page = Page {
            problems: part.problems,
            memory: fetch.memory.clone(),
            ..Page::default()
        };
        let mut is_complete = false;
        if part.is_last {
            // What was cut somewhere, or could not be read, takes no score back.
            let expected = (before.scores - before.scores / 10).max(read.saturating_add(bad));
            is_complete = read >= expected;
            remembered.scores = read;
            if !is_complete {
                page.notes.push(RunNote::FewEntries);
                remembered.validators = None;
                remembered.scores = read.max(before.scores);
            }
            page.memory = Memory(serde_json::to_value(&remembered).unwrap_or_default());
            page.progress = Some((read, read));
        } else {
            page.progress = Some((read, before.scores.max(read)));
        }
        page.enrichments.push(Enrichment::Epss {
            day,
            scores: part.scores,
            is_complete,
        });
        pages.page(page).await?;
        if part.is_last {
            return Ok(());
        }
    }
}

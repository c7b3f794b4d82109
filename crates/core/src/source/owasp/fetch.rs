//! Asking owasp.org, edition by edition: the list, behind the redirect stubs that stand where it used to
//! be or from the older project page; then the page of each entry. Each is a conditional GET; what a page
//! said is remembered as far as a later run needs it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use url::Url;

use super::adapter::{Edition, draft, entries};
use super::page::{self, EntryPage};
use super::wire::{self, Entry};
use super::{OwaspConfig, address};
use crate::error::Fault;
use crate::http::{Answer, HttpError, Request, Response, Validators, redacted};
use crate::model::{Draft, Enrichment, Memory, Page, Problem, RunNote, Time};
use crate::source::{Fetch, Pages, off_thread};

const MAX_STUBS: usize = 3;
/// Lists that the project page may lead to.
const MAX_LISTS: usize = 3;
/// The largest page has 200 KB.
const MOST_BYTES: usize = 2 * 1024 * 1024;
/// Validators older than this are not sent (protocols.md, Feeds).
const VALIDATORS_LIVE_S: i64 = 8 * 86_400;

/// What the runs remember, by edition.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Remembered {
    /// The address from the settings that this belongs to.
    url: String,
    editions: BTreeMap<String, OfEdition>,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct OfEdition {
    /// The page that holds the list, after all stubs.
    list_url: String,
    read: Seen,
    entries: Vec<Entry>,
    /// By code.
    pages: BTreeMap<String, OfPage>,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct OfPage {
    entry: Entry,
    read: Seen,
    cwes: Vec<String>,
}

/// When a document was read, and in which version.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Seen {
    at: Option<Time>,
    validators: Option<Validators>,
}

impl Seen {
    fn of(response: &Response, now: Time) -> Self {
        Self {
            at: Some(now),
            validators: response.validators.clone(),
        }
    }

    /// The validators to send.
    fn live(&self, fetch: &Fetch<'_>) -> Option<Validators> {
        let at = self.at?;
        let is_live = at.plus_s(VALIDATORS_LIVE_S) > fetch.now && at <= fetch.now;
        self.validators.clone().filter(|_| is_live && !fetch.fresh)
    }
}

pub(super) async fn collect(
    config: &OwaspConfig,
    fetch: Fetch<'_>,
    pages: &mut dyn Pages,
) -> Result<(), Fault> {
    let mut memory: Remembered = serde_json::from_value(fetch.memory.0.clone()).unwrap_or_default();
    if memory.url != config.url {
        memory = Remembered {
            url: config.url.clone(),
            ..Remembered::default()
        };
    }
    memory
        .editions
        .retain(|edition, _| config.editions.contains(edition));
    let mut failed = None;
    for year in &config.editions {
        let edition = Edition {
            list: config.list,
            year,
        };
        let mut run = Run {
            config,
            fetch: &fetch,
            edition,
            notes: Vec::new(),
        };
        let before = memory.editions.get(year).cloned().unwrap_or_default();
        match run.edition(before).await {
            Ok((kept, mut page)) => {
                memory.editions.insert(year.clone(), kept);
                page.memory = Memory(serde_json::to_value(&memory).unwrap_or_default());
                page.notes = run.notes;
                pages.page(page).await?;
            }
            // The other editions have their own addresses.
            Err(fault) if !fetch.cancel.is_cancelled() => {
                failed.get_or_insert(fault);
            }
            Err(fault) => return Err(fault),
        }
    }
    failed.map_or(Ok(()), Err)
}

/// The run of one edition.
struct Run<'a> {
    config: &'a OwaspConfig,
    fetch: &'a Fetch<'a>,
    edition: Edition<'a>,
    notes: Vec<RunNote>,
}

/// What became of the page of an entry.
enum Of {
    Read(Box<EntryPage>, Seen),
    NotModified,
    Failed(Fault),
}

impl Run<'_> {
    async fn edition(&mut self, before: OfEdition) -> Result<(OfEdition, Page), Fault> {
        let mut kept = self.list(before).await?;
        let mut page = Page::default();
        let mut is_whole = true;
        for entry in &kept.entries {
            let code = entry.code.clone();
            let known = kept.pages.get(&code).filter(|p| p.entry == *entry);
            match self.entry(entry, known).await? {
                Of::NotModified => {}
                Of::Read(read, seen) => {
                    let of_page = OfPage {
                        entry: entry.clone(),
                        read: seen,
                        cwes: read.cwes.clone(),
                    };
                    page.drafts
                        .push(self.draft(&kept.list_url, entry, Some(*read)));
                    kept.pages.insert(code, of_page);
                }
                Of::Failed(fault) => {
                    // What its page said before stays; what was never read has the words of the list.
                    if !kept.pages.contains_key(&code) {
                        is_whole &= is_missing(&fault);
                        page.drafts.push(self.draft(&kept.list_url, entry, None));
                    }
                    let subject = format!("{}:{}", entry.code, self.edition.year);
                    page.problems.push(Problem { subject, fault });
                }
            }
        }
        if page.drafts.is_empty() && page.problems.is_empty() {
            self.notes.push(RunNote::NotModified);
        }
        if is_whole {
            page.enrichments.push(self.map(&kept));
        }
        // What is stored last stands first in a list: that is to be A01.
        page.drafts.reverse();
        let count = u32::try_from(kept.entries.len()).unwrap_or(u32::MAX);
        page.progress = Some((count, count));
        Ok((kept, page))
    }

    fn draft(&self, list_url: &str, entry: &Entry, page: Option<EntryPage>) -> Draft {
        draft(&self.config.id, self.edition, list_url, entry, page)
    }

    fn map(&self, kept: &OfEdition) -> Enrichment {
        let of_page = |(code, page): (&String, &OfPage)| {
            let code = code.clone();
            page.cwes
                .iter()
                .map(move |cwe| (cwe.clone(), code.clone()))
                .collect::<Vec<_>>()
        };
        Enrichment::OwaspMap {
            list: self.config.list.as_str().to_owned(),
            edition: self.edition.year.to_owned(),
            cwes: kept.pages.iter().flat_map(of_page).collect(),
            editions: self.config.editions.clone(),
        }
    }

    /// The list as it is now. The older project page knows where it is when its own address does not.
    async fn list(&mut self, before: OfEdition) -> Result<OfEdition, Fault> {
        let own = address(&self.config.url, self.edition.year);
        let fault = match self.list_at(own.clone(), &before).await {
            Err(fault) if is_missing(&fault) || fault.code == "owasp_incomplete" => fault,
            found => return found,
        };
        for url in self.lists_elsewhere(&own).await.unwrap_or_default() {
            if url != own
                && let Ok(found) = self.list_at(url.clone(), &before).await
            {
                self.notes.push(RunNote::Mirror {
                    url: redacted(&url),
                });
                return Ok(found);
            }
        }
        Err(fault)
    }

    async fn list_at(&self, start: String, before: &OfEdition) -> Result<OfEdition, Fault> {
        let mut url = start.clone();
        for _ in 0..=MAX_STUBS {
            let is_known =
                url == before.list_url && before.entries.len() >= super::adapter::ENTRIES;
            let validators = before.read.live(self.fetch).filter(|_| is_known);
            let Some(response) = self.get(&url, validators).await? else {
                return Ok(before.clone());
            };
            let read = Seen::of(&response, self.fetch.now);
            let (list, year) = (self.edition.list, self.edition.year.to_owned());
            let found = off_thread(move || {
                let html = String::from_utf8_lossy(&response.body);
                if let Some(next) = wire::refresh(&html, &response.final_url) {
                    return Ok(Err(next));
                }
                let edition = Edition { list, year: &year };
                entries(edition, &response.final_url, &html).map(Ok)
            });
            match found.await? {
                Err(next) => url = next.into(),
                Ok(entries) => {
                    let pages = before.pages.clone();
                    return Ok(OfEdition {
                        list_url: url,
                        read,
                        entries,
                        pages,
                    });
                }
            }
        }
        Err(HttpError::TooManyRedirects {
            url: redacted(&start),
            limit: MAX_STUBS,
        }
        .into())
    }

    /// Where the older project page says that the edition's list is, and where that page's own site had
    /// the lists before they had a site each.
    async fn lists_elsewhere(&self, own: &str) -> Option<Vec<String>> {
        if self.config.list != crate::settings::OwaspList::Top10 {
            return None;
        }
        let project = Url::parse(own).ok()?.join("/www-project-top-ten/").ok()?;
        let year = self.edition.year.to_owned();
        let mut all: Vec<String> = Vec::new();
        if let Ok(Some(response)) = self.get(project.as_str(), None).await {
            let found = off_thread(move || {
                let html = String::from_utf8_lossy(&response.body);
                Ok(wire::lists_of(&html, &response.final_url, &year))
            });
            all.extend(found.await.ok()?.into_iter().map(String::from));
        }
        let older = project
            .join(&format!("{}/Top_10", self.edition.year))
            .ok()?;
        all.truncate(MAX_LISTS);
        all.push(older.into());
        Some(all)
    }

    async fn entry(&self, entry: &Entry, known: Option<&OfPage>) -> Result<Of, Fault> {
        let Some(url) = &entry.link else {
            return Ok(Of::Failed(Fault::new(
                "owasp_no_page",
                "The list names no page of this entry; it has the words of the list. Only OWASP can mend it.",
            )));
        };
        let validators = known.and_then(|page| page.read.live(self.fetch));
        let response = match self.get(url, validators).await {
            Ok(Some(response)) => response,
            Ok(None) => return Ok(Of::NotModified),
            // Nothing of this site can be read now.
            Err(fault) if matches!(fault.code.as_str(), "offline" | "cancelled") => {
                return Err(fault);
            }
            Err(fault) => return Ok(Of::Failed(fault)),
        };
        let read = Seen::of(&response, self.fetch.now);
        let page = off_thread(move || {
            let html = String::from_utf8_lossy(&response.body);
            Ok(page::read(&html, &response.final_url))
        })
        .await?;
        if page.html.is_empty() {
            return Ok(Of::Failed(
                Fault::new(
                    "owasp_page_unreadable",
                    format!("{} has no description; the last good text stays. If the page shows one, report this as a bug.", redacted(url)),
                )
                .with("url", redacted(url)),
            ));
        }
        Ok(Of::Read(Box::new(page), read))
    }

    /// A document; `None`: it is the one of these validators.
    async fn get(
        &self,
        url: &str,
        validators: Option<Validators>,
    ) -> Result<Option<Response>, Fault> {
        let mut request = Request::new(url, self.fetch.cancel.clone());
        request.allow_private = self.config.allow_private;
        request.max_bytes = MOST_BYTES;
        request.validators = validators;
        match self.fetch.http.get(request).await? {
            Answer::NotModified { .. } => Ok(None),
            Answer::Response(response) => Ok(Some(response.success(self.fetch.now)?)),
        }
    }
}

/// Whether there is nothing at an address.
fn is_missing(fault: &Fault) -> bool {
    fault.code == "owasp_no_page"
        || (fault.code == "http_status"
            && matches!(
                fault.params.get("status").map(String::as_str),
                Some("404" | "410")
            ))
}

//! Feeds: finding those of a site, and lists of them as files (OPML).

use std::io::Read;
use std::path::Path;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::data::absolute;
use crate::app::{App, save_file};
use crate::error::Fault;
use crate::model::{Problem, SourceId, Time};
use crate::normalise::{canonical_url, html_to_text};
use crate::settings::{Edit, SourceKind, edit, same_address};
use crate::source::feed::{self, Entry, Format, Found, opml};

/// A list of feeds larger than this is none, in bytes.
const MAX_LIST_BYTES: u64 = 8 * 1024 * 1024;
/// Entries that a preview shows.
const SHOWN: usize = 5;

/// Looks for feeds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct FeedDiscover {
    /// A site's address, or a feed's; `https://` may be left out.
    pub address: String,
    /// Whether private, link-local and loopback addresses may be called.
    #[serde(default)]
    pub allow_private: bool,
}

/// What was found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct Discovered {
    /// The best one first; at least one.
    pub feeds: Vec<FoundFeed>,
}

/// A feed that was found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct FoundFeed {
    /// Its address.
    pub url: String,
    /// Its title; its host where it has none.
    pub title: String,
    /// Its format.
    pub format: FeedFormat,
    /// How many entries it has.
    pub entries: u32,
    /// The newest of them, at most five.
    pub newest: Vec<FoundEntry>,
    /// The site that it belongs to.
    pub site: Option<String>,
    /// The source that reads this address already.
    pub known: Option<SourceId>,
}

/// The format of a feed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum FeedFormat {
    /// RSS 0.9x, 1.0 and 2.0.
    Rss,
    /// Atom.
    Atom,
    /// JSON Feed.
    Json,
}

/// An entry of a feed that was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct FoundEntry {
    /// Its title; the beginning of its text where it has none.
    pub title: String,
    /// Its page.
    pub url: Option<String>,
    /// When it was published.
    pub published: Option<Time>,
}

/// Takes a list of feeds over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct OpmlImport {
    /// The file: absolute.
    pub path: String,
}

/// What of a list was taken over.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, TS)]
pub struct OpmlImported {
    /// Feeds added.
    pub added: u32,
    /// Feeds that are read already, or that the list names twice.
    pub known: u32,
    /// Outlines that could not be used.
    pub refused: Vec<Problem>,
}

/// Writes the feeds into a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct OpmlExport {
    /// Where: absolute, in a folder that exists.
    pub path: String,
    /// Whether a file that is there already is replaced; otherwise it is the fault `file_exists`.
    #[serde(default)]
    pub overwrite: bool,
}

/// What was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct OpmlExported {
    /// The file.
    pub path: String,
    /// Feeds in it.
    pub feeds: u32,
}

pub(super) async fn feed_discover(app: &App, request: FeedDiscover) -> Result<Discovered, Fault> {
    let cancel = app.token();
    let found = feed::discover(
        app.http(),
        &request.address,
        request.allow_private,
        app.now(),
        &cancel,
    )
    .await?;
    let in_force = app.in_force();
    let known = |url: &str| {
        let mut sources = in_force.settings.sources.iter();
        let same = sources.find(|(_, s)| same_address(&s.url, url));
        same.map(|(id, _)| id.clone())
    };
    let feeds = found
        .into_iter()
        .map(|found| FoundFeed {
            known: known(&found.url),
            ..preview(found)
        })
        .collect();
    Ok(Discovered { feeds })
}

fn preview(found: Found) -> FoundFeed {
    let Found { url, content } = found;
    let base = feed::base(&url, content.site.as_deref());
    let entries = u32::try_from(content.entries.len()).unwrap_or(u32::MAX);
    let mut newest = content.entries;
    // Feeds list the newest first; where all entries are dated the dates decide.
    let date = |e: &Entry| e.published.or(e.updated);
    if newest.iter().all(|e| date(e).is_some()) {
        newest.sort_by_key(|e| std::cmp::Reverse(date(e)));
    }
    let title = content.title.map(|t| line(&html_to_text(&t.into_html())));
    let host = || {
        let host = url::Url::parse(&url).ok();
        host.and_then(|u| u.host_str().map(ToOwned::to_owned))
            .unwrap_or_default()
    };
    FoundFeed {
        title: title.filter(|t| !t.is_empty()).unwrap_or_else(host),
        format: match content.format {
            Format::Rss => FeedFormat::Rss,
            Format::Atom => FeedFormat::Atom,
            Format::Json => FeedFormat::Json,
        },
        entries,
        newest: newest
            .into_iter()
            .take(SHOWN)
            .map(|e| entry(e, &base))
            .collect(),
        site: content.site.and_then(|s| canonical_url(&s, Some(&url))),
        known: None,
        url,
    }
}

fn entry(entry: Entry, base: &str) -> FoundEntry {
    let base = entry.base.as_deref().unwrap_or(base);
    let words = [entry.title, entry.summary, entry.content];
    let title = words
        .into_iter()
        .flatten()
        .map(|w| line(&html_to_text(&w.into_html())))
        .find(|t| !t.is_empty());
    FoundEntry {
        title: title.unwrap_or_default(),
        url: entry.link.and_then(|l| canonical_url(&l, Some(base))),
        published: entry.published.or(entry.updated),
    }
}

/// One line of at most 200 characters.
fn line(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ").chars().take(200).collect()
}

pub(super) async fn opml_import(app: &App, request: OpmlImport) -> Result<OpmlImported, Fault> {
    let path = absolute(&request.path)?;
    let app = app.clone();
    blocking(move || {
        let list = opml::read(&read_file(&path)?)?;
        let mut done = OpmlImported {
            refused: list.problems,
            ..OpmlImported::default()
        };
        for outline in list.outlines {
            let edit = Edit::AddFeed {
                name: named(&outline),
                url: outline.url.clone(),
                group: outline.group.map(|g| g.chars().take(60).collect()),
                full_text: false,
                allow_private: false,
            };
            match edit::apply(app.paths(), &app.environment(), &edit) {
                Ok(()) => done.added += 1,
                Err(fault) if fault.code == "source_exists" => done.known += 1,
                // What says no to every feed is no fault of this one.
                Err(fault) if is_of_file(&fault) => {
                    app.reload();
                    return Err(fault);
                }
                Err(fault) => done.refused.push(Problem {
                    subject: outline.name,
                    fault,
                }),
            }
        }
        app.reload();
        Ok(done)
    })
    .await
}

/// A name that settings take: one line, not too long.
fn named(outline: &opml::Outline) -> String {
    let name: String = outline
        .name
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(60)
        .collect();
    name.trim().to_owned()
}

fn is_of_file(fault: &Fault) -> bool {
    fault.code.starts_with("file_") || fault.code.starts_with("settings_")
}

fn read_file(path: &Path) -> Result<Vec<u8>, Fault> {
    let not_read = |error: &std::io::Error| {
        Fault::new(
            "file_not_read",
            format!("{} could not be read: {error}", path.display()),
        )
        .with("path", path.display())
        .with("reason", error)
    };
    let file = std::fs::File::open(path).map_err(|e| not_read(&e))?;
    let mut bytes = Vec::new();
    file.take(MAX_LIST_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(|e| not_read(&e))?;
    if bytes.len() as u64 > MAX_LIST_BYTES {
        return Err(Fault::new(
            "opml_too_large",
            format!("{} is too large to be a list of feeds.", path.display()),
        )
        .with("path", path.display()));
    }
    Ok(bytes)
}

pub(super) async fn opml_export(app: &App, request: OpmlExport) -> Result<OpmlExported, Fault> {
    let path = absolute(&request.path)?;
    let in_force = app.in_force();
    let outlines: Vec<opml::Outline> = in_force
        .settings
        .sources
        .values()
        .filter_map(|source| match &source.kind {
            SourceKind::Feed(own) => Some(opml::Outline {
                name: source.name.clone(),
                url: source.url.clone(),
                site: None,
                group: own.group.clone(),
            }),
            _ => None,
        })
        .collect();
    let feeds = u32::try_from(outlines.len()).unwrap_or(u32::MAX);
    let text = opml::write(&outlines, app.now());
    let app = app.clone();
    blocking(move || save_file(path, request.overwrite, app.paths(), text.as_bytes())).await?;
    Ok(OpmlExported {
        path: request.path,
        feeds,
    })
}

/// Files are read and written where that holds nobody up.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Fault> + Send + 'static,
) -> Result<T, Fault> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|_| Fault::new("settings_failed", "The settings could not be changed."))?
}

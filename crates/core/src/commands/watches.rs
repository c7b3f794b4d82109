//! Watches and mutes: what they match, what one would match before it is saved, and the products that can
//! be watched.

use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;
use ts_rs::TS;

use super::status::Nothing;
use crate::app::{App, told_subject};
use crate::error::Fault;
use crate::model::{
    AlertId, Facet, Mute, Severity, Time, Watch, WatchMatch, WatchSet, normal_value,
};
use crate::query::node::{Leaf, Node, Value};
use crate::settings::editor;
use crate::store::watches::{self, Told, Which};
use crate::store::{Read, StoreError, alerts, list, search};

/// A watch as the interface shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct WatchRow {
    /// The watch.
    pub watch: Watch,
    /// Whether `KEYWORDS` brought it; then it is read-only.
    pub from_environment: bool,
    /// Stored alerts that it matches; `None` while they are being counted.
    pub alerts: Option<u32>,
    /// Of these, the ones of the last 30 days.
    pub recent: Option<u32>,
}

/// A mute as the interface shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct MuteRow {
    /// The mute.
    pub mute: Mute,
    /// Whether its time is over; then it silences nothing any more.
    pub has_ended: bool,
    /// Stored alerts that it silences; `None` while they are being counted.
    pub alerts: Option<u32>,
    /// Of these, the ones of the last 30 days.
    pub recent: Option<u32>,
}

/// Asks what a watch would match before it is saved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PreviewWatch {
    /// The watch.
    pub watch: Watch,
    /// The term of the watch that it would replace.
    #[serde(default)]
    pub instead_of: Option<String>,
}

/// Asks what a mute would match before it is saved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PreviewMute {
    /// The mute.
    pub mute: Mute,
    /// The term of the mute that it would replace.
    #[serde(default)]
    pub instead_of: Option<String>,
}

/// What a watch or a mute would match.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct WatchPreview {
    /// The days that were looked through: the last ones, by publication.
    pub days: u32,
    /// Alerts of these that it matches.
    pub count: u32,
    /// Alerts of these in all.
    pub of: u32,
    /// Whether all of them were looked through; otherwise the newest were, and there may be more.
    pub is_complete: bool,
    /// Alerts that the one that it replaces matches, and it would not.
    pub would_lose: u32,
    /// The newest few that it matches.
    pub examples: Vec<PreviewHit>,
}

/// An alert that would match.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct PreviewHit {
    /// Which.
    pub id: AlertId,
    /// Its stable name: `CVE-2026-21413`.
    pub uid: String,
    /// Plain text, one line.
    pub title: String,
    /// Publication, or first seen if that was earlier or nothing is stated.
    pub published: Time,
    /// The level; `None` = unscored.
    pub severity: Option<Severity>,
    /// Where it would match.
    pub matches: Vec<WatchMatch>,
}

/// Asks for products that begin so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ProductSuggest {
    /// What is typed: beginnings of words of the vendor or the product.
    pub text: String,
}

/// A product that is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ProductSuggestion {
    /// Its vendor, as its source names it; may be empty.
    pub vendor: String,
    /// Its name.
    pub product: String,
    /// Stored alerts about it.
    pub alerts: u32,
}

/// The days that a preview looks through.
const DAYS: u32 = 30;
/// Alerts that a preview looks at: those of 30 days are about 6,000.
const MOST_LOOKED_AT: usize = 20_000;
/// Alerts read at once; between two readings it stops where nobody waits any more.
const READ: u32 = 500;
/// Alerts that a preview shows.
const EXAMPLES: usize = 10;

pub(super) async fn watches_list(app: &App, _: Nothing) -> Result<Vec<WatchRow>, Fault> {
    let set = app.in_force().settings.watches.clone();
    let from = recently(app.now());
    let read = app.db().read(move |r| {
        let complete = watches::complete(r, Which::Watches)?.into_iter().collect();
        set.into_iter()
            .map(|w| {
                let is_counted = !w.watch.enabled || App::is_counted(&w.watch, &complete);
                let (alerts, recent) = hits(r, Which::Watches, &w.watch, is_counted, from)?;
                Ok(WatchRow {
                    watch: w.watch,
                    from_environment: w.from_environment,
                    alerts,
                    recent,
                })
            })
            .collect()
    });
    Ok(read.await?)
}

pub(super) async fn mutes_list(app: &App, _: Nothing) -> Result<Vec<MuteRow>, Fault> {
    let set = app.in_force().settings.mutes.clone();
    let now = app.now();
    let from = recently(now);
    let read = app.db().read(move |r| {
        let complete = watches::complete(r, Which::Mutes)?.into_iter().collect();
        set.into_iter()
            .map(|mute| {
                let has_ended = mute.has_ended(now);
                let is_off = has_ended || !mute.watch.enabled;
                let is_counted = is_off || App::is_counted(&mute.watch, &complete);
                let (alerts, recent) = hits(r, Which::Mutes, &mute.watch, is_counted, from)?;
                Ok(MuteRow {
                    mute,
                    has_ended,
                    alerts,
                    recent,
                })
            })
            .collect()
    });
    Ok(read.await?)
}

fn hits(
    r: &Read<'_>,
    which: Which,
    watch: &Watch,
    is_counted: bool,
    from: AlertId,
) -> Result<(Option<u32>, Option<u32>), StoreError> {
    if !is_counted {
        return Ok((None, None));
    }
    let alerts = watches::hits(r, which, &watch.term, AlertId(0))?;
    let recent = watches::hits(r, which, &watch.term, from)?;
    Ok((Some(alerts), Some(recent)))
}

pub(super) async fn watch_preview(app: &App, request: PreviewWatch) -> Result<WatchPreview, Fault> {
    let in_force = app.in_force();
    let replaced = request.instead_of.as_deref().and_then(|term| {
        let mut all = in_force.settings.watches.iter().map(|w| &w.watch);
        all.find(|watch| watch.term == term)
    });
    preview(app, request.watch, replaced.cloned()).await
}

pub(super) async fn mute_preview(app: &App, request: PreviewMute) -> Result<WatchPreview, Fault> {
    let (in_force, now) = (app.in_force(), app.now());
    let replaced = request.instead_of.as_deref().and_then(|term| {
        let all = in_force.settings.mutes.iter();
        let mut all = all.filter(|mute| !mute.has_ended(now)).map(|m| &m.watch);
        all.find(|watch| watch.term == term)
    });
    preview(app, request.mute.watch, replaced.cloned()).await
}

/// Looks a watch up in the alerts of the last days, beside the one that it would replace.
async fn preview(app: &App, watch: Watch, replaced: Option<Watch>) -> Result<WatchPreview, Fault> {
    editor::check_watch(&watch)?;
    // One that is switched off is shown as it would be if it were on.
    let watch = Watch {
        term: watch.term.trim().to_owned(),
        enabled: true,
        ..watch
    };
    let from = recently(app.now());
    let token = app.token();
    // Whoever asked may no longer wait: typing goes on, a page is left.
    let _stop = token.clone().drop_guard();
    let read = app.db().read(move |r| {
        let mut looked = Looked {
            set: WatchSet::new(vec![watch.clone()]),
            replaced: WatchSet::new(replaced.iter().cloned().collect()),
            count: 0,
            would_lose: 0,
            examples: Vec::new(),
        };
        let both: Vec<&Watch> = std::iter::once(&watch).chain(&replaced).collect();
        let is_complete = if both.iter().all(|watch| watch.is_found_by_words()) {
            let spellings: Vec<&str> = both.iter().flat_map(|watch| watch.spellings()).collect();
            looked.at_candidates(r, &spellings, from, &token)?
        } else {
            looked.at_everything(r, from, &token)?
        };
        let ids: Vec<AlertId> = looked.examples.iter().map(|(id, _)| *id).collect();
        let examples = alerts::summaries(r, &ids)?
            .into_iter()
            .zip(looked.examples)
            .map(|(row, (_, matches))| PreviewHit {
                id: row.id,
                uid: row.uid,
                title: row.title,
                published: row.published,
                severity: row.severity,
                matches,
            });
        Ok(WatchPreview {
            days: DAYS,
            count: looked.count,
            of: alerts::count_from(r, from)?,
            is_complete,
            would_lose: looked.would_lose,
            examples: examples.collect(),
        })
    });
    Ok(read.await?)
}

/// What a preview has seen so far.
struct Looked {
    set: WatchSet,
    replaced: WatchSet,
    count: u32,
    would_lose: u32,
    examples: Vec<(AlertId, Vec<WatchMatch>)>,
}

impl Looked {
    /// Looks at the alerts that have a spelling. Says whether at all of them.
    fn at_candidates(
        &mut self,
        r: &Read<'_>,
        spellings: &[&str],
        from: AlertId,
        token: &CancellationToken,
    ) -> Result<bool, StoreError> {
        let most = u32::try_from(MOST_LOOKED_AT + 1).unwrap_or(u32::MAX);
        let mut ids = search::candidates(r, spellings, from, most)?;
        let is_complete = ids.len() <= MOST_LOOKED_AT;
        ids.truncate(MOST_LOOKED_AT);
        for ids in ids.chunks(READ as usize) {
            if token.is_cancelled() {
                return Ok(false);
            }
            self.at(&watches::told(r, ids)?);
        }
        Ok(is_complete)
    }

    /// Looks at all alerts, the newest first. Says whether it came to the end.
    fn at_everything(
        &mut self,
        r: &Read<'_>,
        from: AlertId,
        token: &CancellationToken,
    ) -> Result<bool, StoreError> {
        let mut below = AlertId(i64::MAX);
        for _ in 0..MOST_LOOKED_AT / READ as usize {
            if token.is_cancelled() {
                return Ok(false);
            }
            let told = watches::told_between(r, from, below, READ)?;
            self.at(&told);
            match told.last() {
                Some(last) if told.len() == READ as usize => below = last.id,
                _ => return Ok(true),
            }
        }
        Ok(watches::told_between(r, from, below, 1)?.is_empty())
    }

    fn at(&mut self, all: &[Told]) {
        for told in all {
            let subject = told_subject(told);
            let matches = self.set.find(&subject);
            if matches.is_empty() {
                self.would_lose += u32::from(!self.replaced.find(&subject).is_empty());
                continue;
            }
            self.count += 1;
            if self.examples.len() < EXAMPLES {
                self.examples.push((told.id, matches));
            }
        }
    }
}

pub(super) async fn product_suggest(
    app: &App,
    request: ProductSuggest,
) -> Result<Vec<ProductSuggestion>, Fault> {
    let read = app.db().read(move |r| {
        let found = watches::products(r, &request.text)?;
        let is = |field, value: &str| {
            Node::Leaf(Leaf::Facet {
                field,
                value: Value::Is(normal_value(value)),
            })
        };
        let nodes: Vec<Node> = found
            .iter()
            .map(|(vendor, product)| {
                let mut all = vec![is(Facet::Product, product)];
                if !vendor.is_empty() {
                    all.push(is(Facet::Vendor, vendor));
                }
                Node::And(all)
            })
            .collect();
        let counts = list::counts(r, &nodes)?;
        let mut all: Vec<ProductSuggestion> = found
            .into_iter()
            .zip(counts)
            .map(|((vendor, product), (alerts, _))| ProductSuggestion {
                vendor,
                product,
                alerts,
            })
            .collect();
        all.sort_by(|a, b| b.alerts.cmp(&a.alerts));
        Ok(all)
    });
    Ok(read.await?)
}

/// The first id of what was published in the days that are looked through.
fn recently(now: Time) -> AlertId {
    AlertId::first_at(now.plus_s(-i64::from(DAYS) * 86_400))
}

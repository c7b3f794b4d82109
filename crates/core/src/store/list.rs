//! Lists: what a condition finds, in an order, as a whole, as a page or as a count.

use std::collections::HashSet;

use roaring::RoaringBitmap;

use super::index::{Index, Place};
use super::words::{Split, split};
use super::{Read, StoreError, search};
use crate::model::{AlertId, Facet, Flag, Sort, Time};
use crate::query::node::Node;

/// Matches that are ranked by text: the newest ones. Ranking reads each of them, so it is bounded where a
/// word is common.
pub const MOST_RANKED: usize = 3_000;

/// A list in its order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The alerts.
    pub ids: Vec<AlertId>,
    /// Where only the newest so many were ranked by text; the rest follows, newest first.
    pub ranked: Option<u32>,
}

/// What a condition finds, in order.
///
/// # Errors
/// Where the database fails.
pub fn ids(r: &Read<'_>, node: &Node, sort: Sort) -> Result<Found, StoreError> {
    let index = r.index();
    let docs = index.find(node, r)?;
    if sort != Sort::TextMatch || node.texts().is_empty() {
        return Ok(Found {
            ids: index.ordered(&docs, sort),
            ranked: None,
        });
    }
    let best = best(r, &index, node)?;
    let ranked = (best.is_bounded && docs.len() > best.ids.len() as u64).then_some(best.ids.len());
    let known: HashSet<AlertId> = best.ids.iter().copied().collect();
    let rest = index.ordered(&docs, Sort::Newest);
    let mut ids = best.ids;
    ids.extend(rest.into_iter().filter(|id| !known.contains(id)));
    Ok(Found {
        ids,
        ranked: ranked.map(|ranked| small(ranked as u64)),
    })
}

/// Alerts ranked by text.
struct Best {
    ids: Vec<AlertId>,
    /// Whether they are only the newest ones.
    is_bounded: bool,
}

/// The newest alerts that a condition finds by its words, the best match first.
fn best(r: &Read<'_>, index: &Index, node: &Node) -> Result<Best, StoreError> {
    // Where words are one way of several to be found, those that have some are ranked.
    let split = split(node).unwrap_or_else(|| Split {
        words: search::any_of(&node.texts()),
        rest: node.clone(),
    });
    let wanted = found_by(r, index, &split.rest)?;
    let is_wanted = |id| wanted.as_ref().is_none_or(|docs| index.has(docs, id));
    let (mut count, mut from) = (0, None);
    search::newest(r, &split.words, AlertId(i64::MAX), |id| {
        if is_wanted(id) {
            count += 1;
            from = Some(id);
        }
        count < MOST_RANKED
    })?;
    let mut ids = Vec::new();
    if let Some(from) = from {
        ids = search::ranked(r, &split.words, from)?;
        ids.retain(|id| is_wanted(*id));
    }
    Ok(Best {
        ids,
        is_bounded: count == MOST_RANKED,
    })
}

/// The alerts that a condition finds; `None` = all.
fn found_by(r: &Read<'_>, index: &Index, node: &Node) -> Result<Option<RoaringBitmap>, StoreError> {
    (!node.is_everything())
        .then(|| index.find(node, r))
        .transpose()
}

/// How many alerts a condition finds.
///
/// # Errors
/// Where the database fails.
pub fn count(r: &Read<'_>, node: &Node) -> Result<u32, StoreError> {
    Ok(small(r.index().find(node, r)?.len()))
}

/// How many alerts each condition finds and how many of these are unread.
///
/// # Errors
/// Where the database fails.
pub fn counts(r: &Read<'_>, nodes: &[Node]) -> Result<Vec<(u32, u32)>, StoreError> {
    let index = r.index();
    let unread = index.flagged(Flag::Unread);
    nodes
        .iter()
        .map(|node| {
            let docs = index.find(node, r)?;
            Ok((small(docs.len()), small(docs.intersection_len(unread))))
        })
        .collect()
}

/// The first alerts after a place, in order.
///
/// # Errors
/// Where the database fails.
pub fn page(
    r: &Read<'_>,
    node: &Node,
    sort: Sort,
    after: Option<Cursor>,
    limit: u32,
) -> Result<Vec<Cursor>, StoreError> {
    let index = r.index();
    let limit = limit as usize;
    if sort == Sort::Newest
        && let Some(split) = split(node)
    {
        return newest_with_words(r, &index, &split, after, limit);
    }
    if sort == Sort::TextMatch && !node.texts().is_empty() {
        let place = |id: &AlertId| Cursor(Place { key: 0, id: *id });
        let best = best(r, &index, node)?.ids;
        // Most people look no further than the first page: what follows the ranked ones can wait.
        if after.is_none() && best.len() >= limit {
            return Ok(best.iter().take(limit).map(place).collect());
        }
        drop(index);
        let all = ids(r, node, sort)?.ids;
        let from = after.map_or(0, |after| {
            all.iter()
                .position(|id| *id == after.0.id)
                .map_or(all.len(), |at| at + 1)
        });
        return Ok(all[from..].iter().take(limit).map(place).collect());
    }
    let docs = index.find(node, r)?;
    let places = index.page(&docs, sort, after.map(|cursor| cursor.0), limit);
    Ok(places.into_iter().map(Cursor).collect())
}

/// Walks the words' alerts from the newest and stops when the page is full: the common words are the ones
/// that fill it at once.
fn newest_with_words(
    r: &Read<'_>,
    index: &Index,
    split: &Split,
    after: Option<Cursor>,
    limit: usize,
) -> Result<Vec<Cursor>, StoreError> {
    let rest = found_by(r, index, &split.rest)?;
    let mut page = Vec::with_capacity(limit);
    if limit == 0 || rest.as_ref().is_some_and(RoaringBitmap::is_empty) {
        return Ok(page);
    }
    let below = after.map_or(AlertId(i64::MAX), |cursor| cursor.0.id);
    search::newest(r, &split.words, below, |id| {
        if rest.as_ref().is_none_or(|rest| index.has(rest, id)) {
            page.push(Cursor(Place { key: 0, id }));
        }
        page.len() < limit
    })?;
    Ok(page)
}

/// Where a page ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor(Place);

impl Cursor {
    /// The alert there.
    #[must_use]
    pub fn id(self) -> AlertId {
        self.0.id
    }

    /// As other tools hand it back.
    #[must_use]
    pub fn to_text(self) -> String {
        if self.0.key == 0 {
            self.0.id.0.to_string()
        } else {
            format!("{}-{}", self.0.key, self.0.id.0)
        }
    }

    /// Reads what [`Cursor::to_text`] wrote.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (key, id) = match text.split_once('-') {
            Some((key, id)) => (key.parse().ok()?, id),
            None => (0, text),
        };
        Some(Self(Place {
            key,
            id: AlertId(id.parse().ok()?),
        }))
    }
}

/// How many alerts that a condition finds were stored after a moment.
///
/// # Errors
/// Where the database fails.
pub fn added_after(r: &Read<'_>, node: &Node, after: Time) -> Result<u32, StoreError> {
    let index = r.index();
    if index.last_added() <= after.ms() {
        return Ok(0);
    }
    let docs = index.find(node, r)?;
    Ok(small(index.added_after(&docs, after.ms())))
}

/// When the newest alert was stored.
#[must_use]
pub fn last_added(r: &Read<'_>) -> Time {
    Time(r.index().last_added())
}

/// Alerts stored.
#[must_use]
pub fn total(r: &Read<'_>) -> u32 {
    small(r.index().len())
}

/// Alerts with exactly this value of a facet, in its normal form.
#[must_use]
pub fn with(r: &Read<'_>, facet: Facet, value: &str) -> u32 {
    small(r.index().with(facet, value))
}

/// Values of a facet that alerts have, with how many: those of which a word begins so, the most frequent
/// first.
#[must_use]
pub fn values(r: &Read<'_>, facet: Facet, beginning: &str, most: usize) -> Vec<(String, u32)> {
    let found = r.index().values(facet, beginning, most);
    found
        .into_iter()
        .map(|(value, count)| (value, small(count)))
        .collect()
}

fn small(n: u64) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

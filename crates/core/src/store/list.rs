//! Lists: what a condition finds, in an order, as a whole, as a page or as a count.

use std::collections::HashSet;

use super::index::{Index, Place};
use super::{Read, StoreError, search};
use crate::model::{AlertId, Facet, Flag, Sort, Time};
use crate::query::node::{Leaf, Node, Text};

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
    let texts: Vec<Text> = node.texts().into_iter().cloned().collect();
    if sort != Sort::TextMatch || texts.is_empty() {
        return Ok(Found {
            ids: index.ordered(&docs, sort),
            ranked: None,
        });
    }
    // Bounded by what the words find, not by what is left of it: ranking reads that.
    let words = Node::Or(
        texts
            .iter()
            .cloned()
            .map(Leaf::Text)
            .map(Node::Leaf)
            .collect(),
    );
    let with_words = index.find(&words, r)?;
    let candidates = index.newest(&with_words, MOST_RANKED);
    let is_bounded = (with_words - &candidates).intersection_len(&docs) > 0;
    let mut ids = Vec::new();
    if let Some(from) = index.oldest(&candidates) {
        ids = search::ranked(r, &texts, from)?;
        ids.retain(|id| index.has(&docs, *id));
    }
    let known: HashSet<AlertId> = ids.iter().copied().collect();
    let rest = index.ordered(&docs, Sort::Newest);
    ids.extend(rest.into_iter().filter(|id| !known.contains(id)));
    Ok(Found {
        ids,
        ranked: is_bounded.then(|| small(candidates.len())),
    })
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
        && let Some((words, rest)) = words_apart(node)
    {
        return newest_with_words(r, &index, &words, &rest, after, limit);
    }
    let docs = index.find(node, r)?;
    if sort == Sort::TextMatch && !node.texts().is_empty() {
        drop(index);
        let all = ids(r, node, sort)?.ids;
        let from = after.map_or(0, |after| {
            all.iter()
                .position(|id| *id == after.0.id)
                .map_or(all.len(), |at| at + 1)
        });
        let place = |id: &AlertId| Cursor(Place { key: 0, id: *id });
        return Ok(all[from..].iter().take(limit).map(place).collect());
    }
    let places = index.page(&docs, sort, after.map(|cursor| cursor.0), limit);
    Ok(places.into_iter().map(Cursor).collect())
}

/// Walks the words' alerts from the newest and stops when the page is full: the common words are the ones
/// that fill it at once.
fn newest_with_words(
    r: &Read<'_>,
    index: &Index,
    words: &[&Text],
    rest: &Node,
    after: Option<Cursor>,
    limit: usize,
) -> Result<Vec<Cursor>, StoreError> {
    let rest = (!rest.is_everything())
        .then(|| index.find(rest, r))
        .transpose()?;
    let mut page = Vec::with_capacity(limit);
    if limit == 0 || rest.as_ref().is_some_and(roaring::RoaringBitmap::is_empty) {
        return Ok(page);
    }
    let below = after.map_or(AlertId(i64::MAX), |cursor| cursor.0.id);
    search::newest(r, words, below, |id| {
        if rest.as_ref().is_none_or(|rest| index.has(rest, id)) {
            page.push(Cursor(Place { key: 0, id }));
        }
        page.len() < limit
    })?;
    Ok(page)
}

/// The words that all alerts must have, and the other conditions; `None` where there are no such words or
/// words stand elsewhere too.
fn words_apart(node: &Node) -> Option<(Vec<&Text>, Node)> {
    let (mut words, mut rest) = (Vec::new(), Vec::new());
    let mut parts = vec![node];
    while let Some(part) = parts.pop() {
        match part {
            Node::And(more) => parts.extend(more),
            Node::Leaf(Leaf::Text(text)) => words.push(text),
            other => rest.push(other.clone()),
        }
    }
    (!words.is_empty()).then_some((words, Node::And(rest)))
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

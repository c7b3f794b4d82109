//! Alerts in the order of a list.

use roaring::RoaringBitmap;

use super::Index;
use super::ranks::{STEP, is_one_key, step};
use crate::model::{AlertId, Facet, Flag, Measure, Sort};

/// A place in a list's order: what comes after it is lower. Larger keys come first; among equal ones
/// the newer alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    /// What the list is ordered by, as a number that compares like it.
    pub key: u64,
    /// The alert.
    pub id: AlertId,
}

impl Index {
    /// All of these alerts in order. (Text match is the caller's: see `list`.)
    pub fn ordered(&self, docs: &RoaringBitmap, sort: Sort) -> Vec<AlertId> {
        if sort == Sort::TextMatch {
            return self.newest_first(docs).map(|doc| self.id(doc)).collect();
        }
        let places = self.page(docs, sort, None, usize::MAX);
        places.into_iter().map(|place| place.id).collect()
    }

    /// The first of these alerts after a place, in order.
    pub fn page(
        &self,
        docs: &RoaringBitmap,
        sort: Sort,
        after: Option<Place>,
        limit: usize,
    ) -> Vec<Place> {
        let Some(steps) = self.steps(sort) else {
            let below = after.map_or(i64::MAX, |place| place.id.0);
            return self
                .newest_first_below(docs, AlertId(below))
                .take(limit)
                .map(|doc| Place {
                    key: 0,
                    id: self.id(doc),
                })
                .collect();
        };
        let keys = self.keys(sort);
        let last = after.map_or(u64::MAX, |place| step(sort, place.key));
        let mut page = Vec::new();
        for (at, all) in steps.range(..=last).rev() {
            let left = limit - page.len();
            if left == 0 {
                break;
            }
            let here = docs & all;
            if is_one_key(sort, *at) {
                let after = after.filter(|place| step(sort, place.key) == *at);
                let below = after.map_or(i64::MAX, |place| place.id.0);
                let newest = self.newest_first_below(&here, AlertId(below)).take(left);
                page.extend(newest.map(|doc| Place {
                    key: *at,
                    id: self.id(doc),
                }));
                continue;
            }
            let mut places: Vec<Place> = here
                .iter()
                .map(|doc| Place {
                    key: keys(doc),
                    id: self.id(doc),
                })
                .filter(|place| after.is_none_or(|after| *place < after))
                .collect();
            if places.len() > left {
                places.select_nth_unstable_by(left - 1, |a, b| b.cmp(a));
                places.truncate(left);
            }
            places.sort_unstable_by(|a, b| b.cmp(a));
            page.append(&mut places);
        }
        page
    }

    /// Whether an alert is in a set.
    pub fn has(&self, docs: &RoaringBitmap, id: AlertId) -> bool {
        self.doc(id).is_some_and(|doc| docs.contains(doc))
    }

    fn newest_first<'a>(&'a self, docs: &'a RoaringBitmap) -> Box<dyn Iterator<Item = u32> + 'a> {
        self.newest_first_below(docs, AlertId(i64::MAX))
    }

    /// Walks the order where the set is large, and orders the set where it is small.
    fn newest_first_below<'a>(
        &'a self,
        docs: &'a RoaringBitmap,
        below: AlertId,
    ) -> Box<dyn Iterator<Item = u32> + 'a> {
        const RARE: u64 = 64;
        if docs.len() * RARE < self.order.len() as u64 {
            let mut few: Vec<u32> = docs
                .iter()
                .filter(|doc| self.columns.id(*doc) < below.0)
                .collect();
            few.sort_unstable_by_key(|doc| std::cmp::Reverse(self.columns.id(*doc)));
            return Box::new(few.into_iter());
        }
        let end = self.place_of(below);
        let walk = self.order[..end].iter().rev().copied();
        if docs.len() == self.live.len() {
            return Box::new(walk);
        }
        Box::new(walk.filter(|doc| docs.contains(*doc)))
    }

    /// What a doc is ordered by, as a number that compares like it.
    pub(super) fn keys(&self, sort: Sort) -> impl Fn(u32) -> u64 {
        let levels = ["low", "medium", "high"].map(|level| self.terms.get(Facet::Severity, level));
        move |doc| match sort {
            Sort::Newest | Sort::TextMatch => 0,
            Sort::Severity => {
                let level = Some(self.columns.singles(doc)[0]);
                let place = levels.iter().position(|known| *known == level);
                place.map_or(0, |place| place as u64 + 1)
            }
            Sort::Score => number(self.columns.measure(Measure::Cvss, doc)),
            Sort::Epss => number(self.columns.measure(Measure::Epss, doc)),
            Sort::Relevance => {
                let probability = self.columns.measure(Measure::Relevance, doc);
                let certain = f64::from(u8::from(self.flagged(Flag::Relevant).contains(doc)));
                number(if probability.is_nan() {
                    certain
                } else {
                    certain + probability
                })
            }
        }
    }

    /// Puts new docs where they belong. The order is walked from its end, which is where most belong.
    pub(super) fn merge_into_order(&mut self, mut fresh: Vec<u32>) {
        fresh.sort_unstable_by_key(|doc| self.columns.id(*doc));
        let mut old = self.order.len();
        self.order.resize(old + fresh.len(), 0);
        let mut place = self.order.len();
        while let Some(newest) = fresh.last() {
            place -= 1;
            let is_older =
                old > 0 && self.columns.id(self.order[old - 1]) > self.columns.id(*newest);
            if is_older {
                old -= 1;
                self.order[place] = self.order[old];
            } else {
                self.order[place] = *newest;
                fresh.pop();
            }
        }
    }
}

/// A number that is at least 0 as bits that compare like it; none is below all.
fn number(value: f64) -> u64 {
    if value.is_nan() {
        0
    } else {
        value.max(0.0).to_bits() + STEP
    }
}

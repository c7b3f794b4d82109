//! Alerts in steps of what lists are ordered by: whoever wants the first page of an order looks at the
//! highest steps only, however many alerts there are. An order is made when it is first asked for.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use roaring::RoaringBitmap;

use super::Index;
use crate::model::Sort;

/// The orders by a value.
const SORTS: [Sort; 4] = [Sort::Severity, Sort::Score, Sort::Epss, Sort::Relevance];

/// Docs by step; dead ones among them.
pub(super) type Steps = BTreeMap<u64, RoaringBitmap>;

#[derive(Debug, Default)]
pub(super) struct Ranks([OnceLock<Steps>; SORTS.len()]);

/// How far the keys of a step may be apart. A key is the bits of a number: a step is one of 32 between a power
/// of two and the next. Keys below are of alerts without a number.
pub(super) const STEP: u64 = 1 << 47;

/// The step of a key.
pub(super) fn step(sort: Sort, key: u64) -> u64 {
    if sort == Sort::Severity {
        key
    } else {
        key / STEP
    }
}

/// Whether all docs of a step have the same key.
pub(super) fn is_one_key(sort: Sort, step: u64) -> bool {
    sort == Sort::Severity || step == 0
}

impl Index {
    /// The steps of an order by a value.
    pub(super) fn steps(&self, sort: Sort) -> Option<&Steps> {
        let place = SORTS.iter().position(|known| *known == sort)?;
        Some(self.ranks.0[place].get_or_init(|| self.make_steps(sort)))
    }

    fn make_steps(&self, sort: Sort) -> Steps {
        // A step is less than 2^17, so that each has a place of its own.
        let mut docs: Vec<Vec<u32>> = Vec::new();
        let keys = self.keys(sort);
        for doc in &self.live {
            let step = usize::try_from(step(sort, keys(doc))).unwrap_or(0);
            if docs.len() <= step {
                docs.resize_with(step + 1, Vec::new);
            }
            docs[step].push(doc);
        }
        (0..)
            .zip(docs)
            .filter(|(_, docs)| !docs.is_empty())
            .map(|(step, docs)| {
                let docs = RoaringBitmap::from_sorted_iter(docs).unwrap_or_default();
                (step, docs)
            })
            .collect()
    }

    /// Takes a doc into the orders that are made.
    pub(super) fn rank(&mut self, doc: u32) {
        self.change_rank(doc, |steps, step| {
            steps.entry(step).or_default().insert(doc);
        });
    }

    /// Takes a doc, as it is now, out of the orders that are made.
    pub(super) fn unrank(&mut self, doc: u32) {
        self.change_rank(doc, |steps, step| {
            if let Some(docs) = steps.get_mut(&step) {
                docs.remove(doc);
            }
        });
    }

    fn change_rank(&mut self, doc: u32, change: impl Fn(&mut Steps, u64)) {
        for (place, sort) in SORTS.into_iter().enumerate() {
            if self.ranks.0[place].get().is_none() {
                continue;
            }
            let step = step(sort, self.keys(sort)(doc));
            if let Some(steps) = self.ranks.0[place].get_mut() {
                change(steps, step);
            }
        }
    }
}

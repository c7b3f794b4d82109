//! The index in memory: what queries count, filter and order by, for every stored alert. A query becomes
//! a set of alerts by unions, intersections and differences of bitmaps; words alone are left to the
//! full-text index in SQLite.
//!
//! An alert has a *doc* here, a small number. The index is made from the narrow table `alerts` when the
//! database is opened, and follows each commit: SQLite tells which rows a transaction touched. It holds
//! nothing that is not in the database, so a crash costs nothing. About 130 bytes an alert.

mod columns;
mod find;
mod follow;
mod image;
mod load;
mod order;
mod ranks;
mod rows;
mod terms;

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use roaring::RoaringBitmap;

use crate::model::{AlertId, Facet, Flag, Flags, Moment, Time};
use crate::query::node::Text;

use columns::Columns;
pub(super) use find::Words;
pub(super) use follow::{Touched, follow, replace};
pub(super) use load::load;
pub(super) use order::Place;
use ranks::Ranks;
use terms::Terms;

/// One alert as the index has it.
#[derive(Clone, Debug)]
struct Row {
    id: i64,
    /// Terms of the facets that have one value: severity, kind, source, state, category.
    singles: [u32; SINGLES.len()],
    flags: Flags,
    cvss: Option<f64>,
    epss: Option<f64>,
    relevance: Option<f64>,
    published: i64,
    updated: Option<i64>,
    added: i64,
    /// Terms of the other facets, and a hash of them.
    listed: Vec<u32>,
    listed_hash: u64,
}

/// The facets that have one value at most.
const SINGLES: [Facet; 5] = [
    Facet::Severity,
    Facet::Kind,
    Facet::Source,
    Facet::State,
    Facet::Category,
];
/// No term.
const NONE: u32 = u32::MAX;

/// The index. Empty until it is loaded.
#[derive(Debug, Default)]
pub(crate) struct Index {
    columns: Columns,
    /// Docs that are alerts; the others were removed or have a newer doc.
    live: RoaringBitmap,
    /// Live docs, oldest alert first.
    order: Vec<u32>,
    flagged: [RoaringBitmap; Flag::ALL.len()],
    terms: Terms,
    ranks: Ranks,
    last_added: i64,
    /// Counts the commits that it followed.
    generation: u64,
    /// What words matched, until a text changes.
    words: Mutex<HashMap<Text, RoaringBitmap>>,
}

impl Index {
    /// Which commit it follows: two readings of one number are of the same state.
    pub fn generation(&self) -> u64 {
        self.generation
    }

    /// Alerts stored.
    pub fn len(&self) -> u64 {
        self.live.len()
    }

    /// Alerts that have exactly this value, in its normal form.
    pub fn with(&self, facet: Facet, value: &str) -> u64 {
        self.terms
            .get(facet, value)
            .map_or(0, |term| self.terms.docs(term).intersection_len(&self.live))
    }

    /// The number of a facet's value in the table `terms`, where a commit has stored it.
    pub fn number_of(&self, facet: Facet, value: &str) -> Option<u32> {
        self.terms.number_of(facet, value)
    }

    /// Numbers of the table `terms` that are gone: their values get other ones when they come back.
    pub fn forget_numbers(&mut self, numbers: &[u32]) {
        for number in numbers {
            self.terms.forget_number(*number);
        }
    }

    /// Alerts with a flag.
    pub fn flagged(&self, flag: Flag) -> &RoaringBitmap {
        &self.flagged[flag as usize]
    }

    /// The newest moment at which an alert was stored, in milliseconds.
    pub fn last_added(&self) -> i64 {
        self.last_added
    }

    /// Of these alerts, the ones that were stored after a moment.
    pub fn added_after(&self, docs: &RoaringBitmap, after_ms: i64) -> u64 {
        let after = Time(after_ms.saturating_add(1));
        self.columns
            .between(Moment::Added, Some(after), None)
            .intersection_len(docs)
    }

    /// Values of a facet that alerts have, with how many: those of which a word begins so, the most
    /// frequent first.
    pub fn values(&self, facet: Facet, beginning: &str, most: usize) -> Vec<(String, u64)> {
        let mut found: Vec<(u64, &str)> = self
            .terms
            .of(facet)
            .filter(|(value, _)| begins_a_word(value, beginning))
            .map(|(value, docs)| (docs.intersection_len(&self.live), value))
            .filter(|(count, _)| *count > 0)
            .collect();
        found.sort_unstable_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(b.1)));
        found.truncate(most);
        found
            .into_iter()
            .map(|(count, value)| (value.to_owned(), count))
            .collect()
    }

    fn id(&self, doc: u32) -> AlertId {
        AlertId(self.columns.id(doc))
    }

    /// The doc of an alert.
    fn doc(&self, id: AlertId) -> Option<u32> {
        let place = self.place_of(id);
        let doc = *self.order.get(place)?;
        (self.columns.id(doc) == id.0).then_some(doc)
    }

    /// The place in `order` of an alert or of where it would stand.
    fn place_of(&self, id: AlertId) -> usize {
        self.order
            .partition_point(|doc| self.columns.id(*doc) < id.0)
    }

    /// Takes over how alerts are now, and that some are gone.
    fn change(&mut self, rows: &[Row], gone: &[AlertId]) {
        self.generation += 1;
        let mut fresh = Vec::new();
        let mut moved = Vec::new();
        let mut is_thinner = false;
        for id in gone {
            if let Some(doc) = self.doc(*id) {
                self.forget(doc);
                is_thinner = true;
            }
        }
        for row in rows {
            match self
                .doc(AlertId(row.id))
                .filter(|doc| self.live.contains(*doc))
            {
                // The usual case, triage and scores: what lists values of facets is as it was.
                Some(doc) if self.columns.lists_the_same(doc, row) => self.replace(doc, row),
                known => {
                    let doc = self.add(row);
                    fresh.push(doc);
                    if let Some(old) = known {
                        self.forget(old);
                        is_thinner = true;
                        moved.push((old, doc));
                    }
                }
            }
        }
        if is_thinner {
            self.order.retain(|doc| self.live.contains(*doc));
        }
        self.merge_into_order(fresh);
        self.move_in_words(&moved);
    }

    /// What words matched holds for an alert's new doc as well: its texts are the same, or all answers
    /// are forgotten anyway.
    fn move_in_words(&self, moved: &[(u32, u32)]) {
        let mut words = self.words.lock().unwrap_or_else(PoisonError::into_inner);
        for docs in words.values_mut() {
            for (old, new) in moved {
                if docs.contains(*old) {
                    docs.insert(*new);
                }
            }
        }
    }

    fn forget(&mut self, doc: u32) {
        self.live.remove(doc);
        for flagged in &mut self.flagged {
            flagged.remove(doc);
        }
    }

    fn add(&mut self, row: &Row) -> u32 {
        let doc = self.columns.push(row);
        self.last_added = self.last_added.max(row.added);
        self.live.insert(doc);
        for term in row.listed.iter().chain(&row.singles) {
            self.terms.insert(*term, doc);
        }
        self.set_flags(doc, row.flags);
        self.rank(doc);
        doc
    }

    fn replace(&mut self, doc: u32, row: &Row) {
        self.unrank(doc);
        let before = self.columns.singles(doc);
        for (old, new) in before.into_iter().zip(row.singles) {
            if old != new {
                self.terms.remove(old, doc);
                self.terms.insert(new, doc);
            }
        }
        self.columns.set(doc, row);
        self.set_flags(doc, row.flags);
        self.rank(doc);
    }

    fn set_flags(&mut self, doc: u32, flags: Flags) {
        for flag in Flag::ALL {
            let flagged = &mut self.flagged[flag as usize];
            if flags.has(flag) {
                flagged.insert(doc);
            } else {
                flagged.remove(doc);
            }
        }
    }

    /// Docs whose alerts changed stay behind as dead ones: whether they are so many that the index
    /// should be made anew.
    fn is_worn(&self) -> bool {
        let all = self.columns.len() as u64;
        all > 10_000 && all > self.live.len() * 2
    }

    fn forget_words(&self) {
        self.words
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
    }
}

fn begins_a_word(value: &str, beginning: &str) -> bool {
    value
        .match_indices(beginning)
        .any(|(at, _)| at == 0 || value.as_bytes().get(at.wrapping_sub(1)) == Some(&b' '))
}

#[cfg(test)]
mod tests;

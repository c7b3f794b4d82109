//! A condition becomes the set of alerts that fulfil it.

use std::sync::PoisonError;

use roaring::RoaringBitmap;

use super::Index;
use crate::model::AlertId;
use crate::query::node::{Leaf, Node, Text};
use crate::store::StoreError;

/// Answers what only SQLite knows. Ids come in ascending order.
pub(crate) trait Words {
    /// Whether what it reads is not older than the index: an older answer must not be kept.
    fn is_current(&self, generation: u64) -> bool;
    /// Alerts with these words.
    fn text(&self, text: &Text, found: &mut dyn FnMut(AlertId)) -> Result<(), StoreError>;
    /// Alerts with this uid, or whose uid begins so.
    fn uid(&self, uid: &str, prefix: bool) -> Result<Vec<AlertId>, StoreError>;
    /// The CVE and what names it.
    fn cve(&self, cve: &str) -> Result<Vec<AlertId>, StoreError>;
}

impl Index {
    /// The alerts that fulfil a condition.
    pub fn find(&self, node: &Node, words: &dyn Words) -> Result<RoaringBitmap, StoreError> {
        match node {
            Node::And(all) => self.all_of(all, words),
            Node::Or(any) => {
                let mut found = RoaringBitmap::new();
                for node in any {
                    found |= self.find(node, words)?;
                }
                Ok(found)
            }
            Node::Not(not) => Ok(&self.live - self.find(not, words)?),
            Node::Leaf(leaf) => Ok(self.leaf(leaf, words)? & &self.live),
        }
    }

    /// Cheap conditions first: where nothing is left, words are not looked for.
    fn all_of(&self, all: &[Node], words: &dyn Words) -> Result<RoaringBitmap, StoreError> {
        let mut found: Option<RoaringBitmap> = None;
        let (costly, cheap): (Vec<&Node>, Vec<&Node>) =
            all.iter().partition(|node| asks_for_words(node));
        for node in cheap.into_iter().chain(costly) {
            let left = match (found, node) {
                (Some(left), Node::Not(not)) => left - self.find(not, words)?,
                (Some(left), node) => left & self.find(node, words)?,
                (None, node) => self.find(node, words)?,
            };
            if left.is_empty() {
                return Ok(left);
            }
            found = Some(left);
        }
        Ok(found.unwrap_or_else(|| self.live.clone()))
    }

    fn leaf(&self, leaf: &Leaf, words: &dyn Words) -> Result<RoaringBitmap, StoreError> {
        Ok(match leaf {
            Leaf::Text(text) => self.text(text, words)?,
            Leaf::Id { uid, prefix } => self.docs(&words.uid(uid, *prefix)?),
            Leaf::Cve(cve) => self.docs(&words.cve(cve)?),
            Leaf::Facet { field, value } => self.terms.find(*field, value),
            Leaf::Flag(flag) => self.flagged(*flag).clone(),
            Leaf::Measure { field, low, high } => self.columns.in_range(*field, *low, *high),
            Leaf::Moment {
                field,
                from,
                before,
            } => self.columns.between(*field, *from, *before),
        })
    }

    fn text(&self, text: &Text, words: &dyn Words) -> Result<RoaringBitmap, StoreError> {
        let known = |index: &Self| {
            let cache = index.words.lock().unwrap_or_else(PoisonError::into_inner);
            cache.get(text).cloned()
        };
        if let Some(docs) = known(self) {
            return Ok(docs);
        }
        let mut bits = vec![0_u8; self.columns.len() / 8 + 1];
        let mut place = 0;
        words.text(text, &mut |id| {
            place = self.place_from(place, id);
            if let Some(doc) = self.order.get(place)
                && self.columns.id(*doc) == id.0
            {
                bits[*doc as usize / 8] |= 1 << (doc % 8);
            }
        })?;
        let docs = RoaringBitmap::from_lsb0_bytes(0, &bits);
        if !words.is_current(self.generation) {
            return Ok(docs);
        }
        let mut cache = self.words.lock().unwrap_or_else(PoisonError::into_inner);
        if cache.len() >= MOST_WORDS {
            cache.clear();
        }
        cache.insert(text.clone(), docs.clone());
        Ok(docs)
    }

    /// The place of an id at or after a place: steps that double, because ids come in order and the next
    /// one of a common word is near.
    fn place_from(&self, from: usize, id: AlertId) -> usize {
        let is_before = |place: usize| {
            self.order
                .get(place)
                .is_some_and(|doc| self.columns.id(*doc) < id.0)
        };
        let (mut low, mut step) = (from, 1);
        while is_before(low + step) {
            low += step;
            step *= 2;
        }
        let high = (low + step + 1).min(self.order.len());
        let low = low.min(high);
        low + self.order[low..high].partition_point(|doc| self.columns.id(*doc) < id.0)
    }

    fn docs(&self, ids: &[AlertId]) -> RoaringBitmap {
        ids.iter().filter_map(|id| self.doc(*id)).collect()
    }
}

/// Answers about words that are kept; each is at most 51 KiB at 400,000 alerts.
const MOST_WORDS: usize = 64;

fn asks_for_words(node: &Node) -> bool {
    match node {
        Node::And(nodes) | Node::Or(nodes) => nodes.iter().any(asks_for_words),
        Node::Not(not) => asks_for_words(not),
        Node::Leaf(leaf) => matches!(leaf, Leaf::Text(_)),
    }
}

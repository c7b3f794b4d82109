//! What an alert means, as one hash: two records with the same hash say the same. Order and the dates
//! are no part of it (NVD bumps `lastModified` on all records at once, feeds bump dates at will). Every
//! field stands behind its length and every list behind its count, so nothing can move between fields.

use std::ops::Range;

use sha2::{Digest, Sha256};

use crate::model::{Alert, Time};

/// SHA-256 over everything of an alert but its identity, its source and its dates.
pub(super) fn content_hash(alert: &Alert) -> [u8; 32] {
    let facts = &alert.facts;
    let mut h = Fields::default();
    h.text(alert.kind.as_str());
    h.text(&alert.title);
    h.text(&alert.text);
    h.maybe(alert.url.as_deref());
    h.maybe(facts.status.as_deref());
    h.maybe(facts.issued_by.as_deref());
    h.maybe(facts.ssvc_exploitation.as_deref());
    h.set(&facts.scores, |item, s| {
        item.part(s.version.as_str());
        item.part(&s.source);
        item.part(if s.primary { "primary" } else { "" });
        item.part(&s.score.to_string());
        item.part(&s.vector);
    });
    h.set(&facts.cwes, |item, c| item.part(c));
    h.set(&facts.products, |item, p| {
        item.part(&p.vendor);
        item.part(&p.product);
        item.part(&p.versions);
    });
    h.set(&facts.ranges, |item, p| {
        item.part(&p.vendor);
        item.part(&p.product);
        item.part(p.source.as_deref().unwrap_or_default());
        for r in &p.ranges {
            for end in [&r.exactly, &r.from, &r.after, &r.through, &r.before] {
                item.part(end.as_deref().unwrap_or_default());
            }
        }
    });
    h.set(&facts.ssvc, |item, s| {
        item.part(&s.source);
        for (name, word) in &s.options {
            item.part(name);
            item.part(word);
        }
    });
    h.set(&facts.other_metrics, |item, m| {
        item.part(&m.kind);
        item.part(&m.json);
    });
    h.set(&facts.references, |item, r| {
        let mut tags: Vec<&str> = r.tags.iter().map(String::as_str).collect();
        tags.sort_unstable();
        item.part(&r.url);
        tags.into_iter().for_each(|t| item.part(t));
    });
    h.set(&facts.tags, |item, t| item.part(t));
    h.set(&facts.cves, |item, c| item.part(c));
    h.set(&facts.other_languages, |item, l| {
        item.part(&l.lang);
        item.part(&l.text);
    });
    h.set(&facts.kev, |item, k| {
        let day = |t: Option<Time>| t.map(|t| t.ms().to_string()).unwrap_or_default();
        item.part(&day(k.added));
        item.part(&day(k.due));
        item.part(k.name.as_deref().unwrap_or_default());
        item.part(k.action.as_deref().unwrap_or_default());
    });
    h.hash.finalize().into()
}

#[derive(Default)]
struct Fields {
    hash: Sha256,
    /// The items of the set that is being made, one after another, and where each is.
    items: Items,
    places: Vec<Range<usize>>,
}

/// Bytes to which items write their parts, each behind its length.
#[derive(Default)]
struct Items(Vec<u8>);

impl Fields {
    fn text(&mut self, text: &str) {
        self.hash.update((text.len() as u64).to_le_bytes());
        self.hash.update(text.as_bytes());
    }

    fn maybe(&mut self, text: Option<&str>) {
        self.hash.update([u8::from(text.is_some())]);
        self.text(text.unwrap_or_default());
    }

    fn set<T>(&mut self, all: impl IntoIterator<Item = T>, write: impl Fn(&mut Items, T)) {
        self.items.0.clear();
        self.places.clear();
        for item in all {
            let start = self.items.0.len();
            write(&mut self.items, item);
            self.places.push(start..self.items.0.len());
        }
        let bytes = |place: &Range<usize>| &self.items.0[place.clone()];
        self.places.sort_unstable_by(|a, b| bytes(a).cmp(bytes(b)));
        self.places.dedup_by(|a, b| bytes(a) == bytes(b));
        self.hash.update((self.places.len() as u64).to_le_bytes());
        for place in &self.places {
            self.hash.update((place.len() as u64).to_le_bytes());
            self.hash.update(bytes(place));
        }
    }
}

impl Items {
    fn part(&mut self, text: &str) {
        self.0.extend_from_slice(&(text.len() as u64).to_le_bytes());
        self.0.extend_from_slice(text.as_bytes());
    }
}

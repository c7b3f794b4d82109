//! What an alert means, as one hash: two records with the same hash say the same. Order and the dates
//! are no part of it (NVD bumps `lastModified` on all records at once, feeds bump dates at will). Every
//! field stands behind its length and every list behind its count, so nothing can move between fields.

use sha2::{Digest, Sha256};

use crate::model::{Alert, Time};

/// SHA-256 over everything of an alert but its identity, its source and its dates.
pub(super) fn content_hash(alert: &Alert) -> [u8; 32] {
    let facts = &alert.facts;
    let mut h = Fields(Sha256::new());
    h.text(alert.kind.as_str());
    h.text(&alert.title);
    h.text(&alert.text);
    h.maybe(alert.url.as_deref());
    h.maybe(facts.status.as_deref());
    h.maybe(facts.issued_by.as_deref());
    h.maybe(facts.ssvc_exploitation.as_deref());
    h.set(facts.scores.iter().map(|s| {
        let primary = if s.primary { "primary" } else { "" };
        let score = s.score.to_string();
        joined(&[s.version.as_str(), &s.source, primary, &score, &s.vector])
    }));
    h.set(facts.cwes.iter().map(|c| joined(&[c])));
    h.set(
        facts
            .products
            .iter()
            .map(|p| joined(&[&p.vendor, &p.product, &p.versions])),
    );
    h.set(facts.references.iter().map(|r| {
        let mut tags: Vec<&str> = r.tags.iter().map(String::as_str).collect();
        tags.sort_unstable();
        tags.insert(0, &r.url);
        joined(&tags)
    }));
    h.set(facts.tags.iter().map(|t| joined(&[t])));
    h.set(facts.cves.iter().map(|c| joined(&[c])));
    h.set(
        facts
            .other_languages
            .iter()
            .map(|l| joined(&[&l.lang, &l.text])),
    );
    h.set(facts.kev.iter().map(|k| {
        let day = |t: Option<Time>| t.map(|t| t.ms().to_string()).unwrap_or_default();
        let text = |t: &Option<String>| t.clone().unwrap_or_default();
        joined(&[&day(k.added), &day(k.due), &text(&k.name), &text(&k.action)])
    }));
    h.0.finalize().into()
}

struct Fields(Sha256);

impl Fields {
    fn text(&mut self, text: &str) {
        self.0.update((text.len() as u64).to_le_bytes());
        self.0.update(text.as_bytes());
    }

    fn maybe(&mut self, text: Option<&str>) {
        self.0.update([u8::from(text.is_some())]);
        self.text(text.unwrap_or_default());
    }

    fn set(&mut self, items: impl Iterator<Item = Vec<u8>>) {
        let mut items: Vec<Vec<u8>> = items.collect();
        items.sort_unstable();
        items.dedup();
        self.0.update((items.len() as u64).to_le_bytes());
        for item in items {
            self.0.update((item.len() as u64).to_le_bytes());
            self.0.update(item);
        }
    }
}

fn joined(parts: &[&str]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(parts.iter().map(|p| p.len() + 8).sum());
    for part in parts {
        bytes.extend_from_slice(&(part.len() as u64).to_le_bytes());
        bytes.extend_from_slice(part.as_bytes());
    }
    bytes
}

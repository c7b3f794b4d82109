//! One rule for names that overlap: the longer stays, then the more specific.

use super::{EntityKind, FoundBy, VersionSpan};

/// A name that was found: bytes of one field, half open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Candidate {
    pub start: usize,
    pub end: usize,
    pub kind: EntityKind,
    pub id: Option<String>,
    pub by: FoundBy,
    pub range: Option<VersionSpan>,
}

/// Keeps of overlapping names the longer; of equally long ones that of the surer finder, then the one with
/// an id, then the first in the order of kinds. The rest comes back in the order of the text.
pub(super) fn settle(mut found: Vec<Candidate>) -> Vec<Candidate> {
    found.sort_by(|a, b| {
        (b.end - b.start)
            .cmp(&(a.end - a.start))
            .then(a.by.cmp(&b.by))
            .then(b.id.is_some().cmp(&a.id.is_some()))
            .then(a.kind.cmp(&b.kind))
            .then(a.start.cmp(&b.start))
    });
    // Kept spans by their start; they never overlap, so the neighbour before a place says all.
    let mut kept: std::collections::BTreeMap<usize, Candidate> = std::collections::BTreeMap::new();
    for one in found {
        let before = kept.range(..one.end).next_back();
        if before.is_none_or(|(_, other)| other.end <= one.start) {
            kept.insert(one.start, one);
        }
    }
    kept.into_values().collect()
}

//! Finding the names of an alert: everything that speaks, in one order.

use std::collections::HashSet;
use std::sync::{Arc, OnceLock};

use super::fields::{Fields, one_word};
use super::gazetteer::{Gazetteer, Guard};
use super::overlap::{Candidate, settle};
use super::read::read;
use super::tag::Tagger;
use super::tag::hash::hash_bytes;
use super::words::{Cut, Gap, Word, words};
use super::{Entity, EntityKind, FoundBy, ids, known, versions};
use crate::classify::embedded_file;
use crate::model::{ModelError, ModelFile};
use crate::text::{Document, Span};
use crate::{Field, Subject};

/// The most words of a field that are read.
const MOST_WORDS: usize = 100_000;
/// How many words are looked at together.
const CHUNK: usize = 4_096;

/// What kind of prose a text is: it decides which tagger reads it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// The description of a vulnerability.
    Advisory,
    /// A report or an article.
    Report,
}

/// Everything that finds names.
#[derive(Debug, Default)]
pub struct Names {
    lists: Gazetteer,
    advisory: Option<Tagger>,
    report: Option<Tagger>,
}

impl Names {
    /// Reads the sections `gazetteer`, `crf.advisory` and `crf.report`. A section that is missing is not
    /// used; without any, patterns and fields still speak.
    ///
    /// # Errors
    /// [`ModelError::Malformed`] where a section is not what it should be.
    pub fn read(file: &ModelFile) -> Result<Self, ModelError> {
        let tagger = |name: &str| {
            let section = file.section(name);
            section.map(|bytes| Tagger::read(name, bytes)).transpose()
        };
        Ok(Self {
            lists: match file.section("gazetteer") {
                Some(section) => Gazetteer::read(section)?,
                None => Gazetteer::default(),
            },
            advisory: tagger("crf.advisory")?,
            report: tagger("crf.report")?,
        })
    }

    /// What the model file within the program finds names with, read once.
    ///
    /// # Errors
    /// [`ModelError`] where the file that was built in cannot be read.
    pub fn embedded() -> Result<Arc<Self>, ModelError> {
        static NAMES: OnceLock<Result<Arc<Names>, ModelError>> = OnceLock::new();
        NAMES
            .get_or_init(|| Ok(Arc::new(Self::read(&embedded_file()?)?)))
            .clone()
    }

    /// Patterns and fields alone.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// The lists of names.
    #[must_use]
    pub fn lists(&self) -> &Gazetteer {
        &self.lists
    }

    /// The names of an alert, in the order of fields and places, at most [`Entity::MOST`]. `taken` is what
    /// indicators hold: no name lies in one.
    #[must_use]
    pub fn find(&self, document: &Document<'_>, subject: &Subject<'_>, taken: &[Span]) -> Vec<Entity> {
        let style = style_of(document.text());
        self.find_as(style, document, subject, taken)
    }

    /// [`Self::find`] for a text whose style is known.
    #[must_use]
    pub fn find_as(
        &self,
        style: Style,
        document: &Document<'_>,
        subject: &Subject<'_>,
        taken: &[Span],
    ) -> Vec<Entity> {
        let fields = Fields::read(subject.products, &self.lists);
        let mut found = Vec::new();
        for field in [Field::Title, Field::Text] {
            let text = document.field(field);
            let taken = bytes_of(text, taken.iter().filter(|s| s.field == field));
            let mut names = self.field(style, text, &fields);
            names.retain(|n| !overlaps(&taken, n));
            let room = Entity::MOST - found.len();
            found.extend(entities(text, field, settle(names)).take(room));
        }
        let room = Entity::MOST - found.len();
        let lines = fields.lines().collect();
        found.extend(entities(subject.products, Field::Products, lines).take(room));
        found
    }

    /// What the report tagger calls an indicator, for the measure of corpora that label them; the room of
    /// indicators finds those that are shown.
    #[must_use]
    pub fn indicators(&self, text: &str) -> Vec<Span> {
        let Some(tagger) = self.report.as_ref() else {
            return Vec::new();
        };
        let mut all = words(text, Cut::Fine, MOST_WORDS);
        let read = read(text, &mut all, Style::Report, &self.lists);
        let found = runs(tagger, &read, |label| (label == "Indicator").then_some(()));
        let places = found.into_iter().map(|(from, to, ())| Candidate {
            start: all[from].start as usize,
            end: all[to - 1].end as usize,
            kind: EntityKind::Vulnerability,
            id: None,
            by: FoundBy::Model,
            range: None,
        });
        entities(text, Field::Text, places.collect())
            .map(|e| Span {
                field: e.field,
                start: e.start,
                end: e.end,
            })
            .collect()
    }

    /// The names of one field, which may overlap.
    fn field(&self, style: Style, text: &str, fields: &Fields) -> Vec<Candidate> {
        let mut all = words(text, Cut::Fine, MOST_WORDS);
        let mut found = Vec::new();
        let mut from = 0;
        while from < all.len() && found.len() < Entity::MOST * 4 {
            let to = chunk_end(text, &all, from);
            self.chunk(style, text, &mut all[from..to], fields, &mut found);
            from = to;
        }
        found
    }

    fn chunk(
        &self,
        style: Style,
        text: &str,
        words: &mut [Word],
        fields: &Fields,
        found: &mut Vec<Candidate>,
    ) {
        let read = read(text, words, style, &self.lists);
        let words = &*words;
        let candidate = |from: usize, to: usize, kind, id, by| Candidate {
            start: words[from].start as usize,
            end: words[to - 1].end as usize,
            kind,
            id,
            by,
            range: None,
        };
        found.extend(fields.find(words, &read.seen));
        for id in ids::find(text, words, &self.lists) {
            found.push(candidate(id.from, id.to, id.kind, Some(id.id), FoundBy::Pattern));
        }
        let tagged = self.tagged(style, &read);
        let marked: Vec<(usize, usize)> = tagged
            .iter()
            .filter(|t| t.2 == EntityKind::Version)
            .map(|t| (t.0, t.1))
            .collect();
        let as_malware: HashSet<(usize, usize)> = tagged
            .iter()
            .filter(|t| t.2 == EntityKind::Malware)
            .map(|t| (t.0, t.1))
            .collect();
        for version in versions::find(text, words, &marked) {
            let is_marked = marked.binary_search(&(version.from, version.to)).is_ok();
            // The tagger of advisories knows better which numbers are versions.
            if is_marked || (version.is_sure && (style == Style::Report || self.advisory.is_none())) {
                let by = if is_marked { FoundBy::Model } else { FoundBy::Pattern };
                found.push(Candidate {
                    range: version.range,
                    ..candidate(version.from, version.to, EntityKind::Version, None, by)
                });
            }
        }
        for hit in known::meant(text, words, &read.seen, &read.hits, &self.lists, &as_malware) {
            let (_, what) = self.lists.name(hit.name);
            let id = Some(what.id.clone());
            found.push(candidate(hit.from, hit.to, what.kind, id, FoundBy::Gazetteer));
        }
        let mut last_vendor: Option<(usize, String)> = None;
        for (from, to, kind) in tagged {
            if kind == EntityKind::Version {
                continue;
            }
            let mut one = candidate(from, to, kind, None, FoundBy::Model);
            let name = text.get(one.start..one.end).unwrap_or_default();
            (one.kind, one.id) = self.identify(kind, name, last_vendor.as_ref().filter(|v| v.0 + 3 >= from).map(|v| v.1.as_str()));
            if one.kind == EntityKind::Vendor {
                last_vendor = Some((to, name.to_lowercase()));
            }
            found.push(one);
        }
    }

    /// What a tagger finds: words, half open, and the kind.
    fn tagged(&self, style: Style, read: &super::Read) -> Vec<(usize, usize, EntityKind)> {
        let tagger = match style {
            Style::Advisory => self.advisory.as_ref(),
            Style::Report => self.report.as_ref(),
        };
        tagger.map_or_else(Vec::new, |tagger| runs(tagger, read, kind_of))
    }

    /// The kind and id of what a tagger found, as the lists know it.
    fn identify(&self, kind: EntityKind, name: &str, vendor: Option<&str>) -> (EntityKind, Option<String>) {
        match kind {
            EntityKind::Malware => match self.lists.find(name) {
                Some((found, what))
                    if found.guard != Guard::List
                        && matches!(
                            what.kind,
                            EntityKind::Malware | EntityKind::Ransomware | EntityKind::Tool
                        ) =>
                {
                    (what.kind, Some(what.id.clone()))
                }
                _ => (kind, None),
            },
            EntityKind::Vendor => {
                let id = self.lists.is_vendor(name).then(|| one_word(name));
                (kind, id)
            }
            EntityKind::Organisation if self.lists.is_vendor(name) => {
                (EntityKind::Vendor, Some(one_word(name)))
            }
            EntityKind::Product => {
                let makers = self.lists.makers(name);
                let maker = match vendor {
                    Some(vendor) => makers
                        .iter()
                        .find(|m| m.eq_ignore_ascii_case(vendor))
                        .or(makers.first().filter(|_| makers.len() == 1)),
                    None => makers.first(),
                };
                let id = maker.map(|m| format!("{}/{}", one_word(m), one_word(name)));
                (kind, id)
            }
            _ => (kind, None),
        }
    }
}

/// Runs of words with one label, as what `kind` makes of the label.
fn runs<K: Copy>(
    tagger: &Tagger,
    read: &super::Read,
    kind: impl Fn(&str) -> Option<K>,
) -> Vec<(usize, usize, K)> {
    let kinds: Vec<Option<K>> = tagger
        .labels()
        .iter()
        .map(|label| kind(label.get(2..).unwrap_or_default()))
        .collect();
    let mut found: Vec<(usize, usize, K)> = Vec::new();
    for sequence in &read.sequences {
        let mut is_open = false;
        for (at, label) in sequence.clone().zip(tagger.tag(&read.seen, sequence.clone())) {
            let is_first = tagger.labels()[usize::from(label)].starts_with('B');
            match (kinds[usize::from(label)], found.last_mut()) {
                (None, _) => is_open = false,
                (Some(_), Some(last)) if is_open && !is_first => last.1 = at + 1,
                (Some(kind), _) => {
                    found.push((at, at + 1, kind));
                    is_open = true;
                }
            }
        }
    }
    found
}

/// The labels of the texts that taggers learnt from, as kinds. An indicator is not a name: the room of
/// indicators finds those.
fn kind_of(label: &str) -> Option<EntityKind> {
    match label {
        "PRODUCT" | "System" => Some(EntityKind::Product),
        "VENDOR" => Some(EntityKind::Vendor),
        "VERSION" => Some(EntityKind::Version),
        "Malware" => Some(EntityKind::Malware),
        "Organization" => Some(EntityKind::Organisation),
        "Vulnerability" => Some(EntityKind::Vulnerability),
        _ => None,
    }
}

/// How many words are read to tell the style of a text.
const HEAD: usize = 150;

/// What kind of prose a text is, by the words of its beginning.
#[must_use]
pub fn style_of(text: &str) -> Style {
    const CUES: &[&str] = &[
        "vulnerability", "vulnerabilities", "allows", "allow", "attacker", "attackers", "versions", "version",
        "before", "prior", "affected", "affects", "issue", "crafted", "arbitrary", "via", "remote", "execute",
        "authenticated", "unauthenticated", "injection", "overflow", "parameter", "plugin", "exploited",
        "privileges", "function", "component", "through", "fixed", "leads", "manipulation", "cve",
    ];
    let head = words(text, Cut::Fine, HEAD);
    let cues: HashSet<u64> = CUES.iter().map(|c| hash_bytes(c.as_bytes())).collect();
    let count = head
        .iter()
        .filter(|w| cues.contains(&super::tag::observe::word(w.of(text), Gap::Blank).lower))
        .count();
    if count >= 3 && count * 14 >= head.len() {
        Style::Advisory
    } else {
        Style::Report
    }
}

/// Where a chunk that begins at `from` ends: at a line or a stop, if there is one in its second half.
fn chunk_end(text: &str, words: &[Word], from: usize) -> usize {
    let most = from + CHUNK;
    if most >= words.len() {
        return words.len();
    }
    (from + CHUNK / 2..most)
        .rev()
        .find(|at| words[*at].gap == Gap::Line || words[at - 1].of(text) == ".")
        .unwrap_or(most)
}

/// The bytes of some places of a text, sorted.
fn bytes_of<'s>(text: &str, spans: impl Iterator<Item = &'s Span>) -> Vec<(usize, usize)> {
    let mut spans: Vec<(usize, usize)> = spans.map(|s| (s.start as usize, s.end as usize)).collect();
    if text.is_ascii() || spans.is_empty() {
        spans.sort_unstable();
        return spans;
    }
    let places: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
    let byte = |at: usize| places.get(at).copied().unwrap_or(text.len());
    for span in &mut spans {
        *span = (byte(span.0), byte(span.1));
    }
    spans.sort_unstable();
    spans
}

/// Whether a name overlaps one of some sorted places.
fn overlaps(taken: &[(usize, usize)], name: &Candidate) -> bool {
    let behind = taken.partition_point(|t| t.0 < name.end);
    // Indicators do not overlap one another, so the last one that begins before the end says all.
    taken[..behind].iter().rev().take(4).any(|t| t.1 > name.start)
}

/// Candidates in the order of the text as entities, with their places in characters.
fn entities(text: &str, field: Field, found: Vec<Candidate>) -> impl Iterator<Item = Entity> {
    let (mut byte, mut chars) = (0, 0u32);
    found.into_iter().map(move |one| {
        let mut count = |to: usize| {
            let part = text.get(byte..to).unwrap_or_default();
            let length = if part.is_ascii() { part.len() } else { part.chars().count() };
            chars += u32::try_from(length).unwrap_or(0);
            byte = to;
            chars
        };
        let (start, end) = (count(one.start), count(one.end));
        Entity {
            kind: one.kind,
            name: text.get(one.start..one.end).unwrap_or_default().to_string(),
            id: one.id,
            field,
            start,
            end,
            by: one.by,
            range: one.range,
        }
    })
}

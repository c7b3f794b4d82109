//! Names that structured fields give: the affected products, where they stand in the field and in the text.

use super::gazetteer::Gazetteer;
use super::overlap::Candidate;
use super::tag::Seen;
use super::tag::hash::mix;
use super::tag::observe::{CAPITAL, CAPITALS, DIGIT, HashedMap, MIXED};
use super::words::{Cut, Gap, Word, words};
use super::{EntityKind, FoundBy};

/// The most products that are read of an alert.
const MOST: usize = 60;
/// The most words of a product's name.
const LONGEST: usize = 8;

/// The products of an alert: their lines, and their names as paths of word hashes.
#[derive(Debug, Default)]
pub(super) struct Fields {
    /// Bytes of each line, and its id.
    lines: Vec<(usize, usize, String)>,
    /// What begins or is a name: 0, or the place of its line plus one.
    paths: HashedMap<u32>,
}

impl Fields {
    /// Reads the affected products, one a line as `vendor product`.
    pub fn read(products: &str, names: &Gazetteer) -> Self {
        let mut made = Self::default();
        let mut at = 0;
        for line in products.split_inclusive('\n') {
            let start = at;
            at += line.len();
            let name = line.trim();
            if name.is_empty() || made.lines.len() == MOST {
                continue;
            }
            let start = start + (line.len() - line.trim_start().len());
            let (vendor, product) = part(name, names);
            let id = if vendor.is_empty() {
                one_word(product)
            } else {
                format!("{}/{}", one_word(vendor), one_word(product))
            };
            made.lines.push((start, start + name.len(), id));
            made.add(product);
            made.add(name);
        }
        made
    }

    fn add(&mut self, name: &str) {
        let name = name.replace('_', " ");
        let cut = words(&name, Cut::Fine, LONGEST + 1);
        if name.chars().filter(|c| c.is_alphanumeric()).count() < 2 || cut.len() > LONGEST {
            return;
        }
        let line = u32::try_from(self.lines.len()).unwrap_or(u32::MAX);
        let mut hash = 1;
        for w in &cut {
            hash = mix(hash, super::tag::observe::word(w.of(&name), Gap::Blank).lower);
            self.paths.entry(hash).or_default();
        }
        if let Some(end) = self.paths.get_mut(&hash)
            && *end == 0
        {
            *end = line;
        }
    }

    /// The lines themselves, as names in the field.
    pub fn lines(&self) -> impl Iterator<Item = Candidate> {
        self.lines.iter().map(|(start, end, id)| Candidate {
            start: *start,
            end: *end,
            kind: EntityKind::Product,
            id: Some(id.clone()),
            by: FoundBy::Field,
            range: None,
        })
    }

    /// Where the text names them. A name of one plain word needs a capital or a digit there.
    pub fn find(&self, words: &[Word], seen: &[Seen]) -> Vec<Candidate> {
        let mut found = Vec::new();
        if self.paths.is_empty() {
            return found;
        }
        for at in 0..seen.len() {
            let mut hash = 1;
            let mut best = (0, 0);
            for to in at..seen.len().min(at + LONGEST) {
                if to > at && words[to].gap == Gap::Line {
                    break;
                }
                hash = mix(hash, seen[to].lower);
                match self.paths.get(&hash) {
                    None => break,
                    Some(0) => {}
                    Some(line) => best = (to + 1, *line),
                }
            }
            let (to, line) = best;
            if to == 0 {
                continue;
            }
            let is_plain = to == at + 1 && seen[at].class & (CAPITAL | CAPITALS | MIXED | DIGIT) == 0;
            if !is_plain {
                found.push(Candidate {
                    start: words[at].start as usize,
                    end: words[to - 1].end as usize,
                    kind: EntityKind::Product,
                    id: Some(self.lines[line as usize - 1].2.clone()),
                    by: FoundBy::Field,
                    range: None,
                });
            }
        }
        found
    }
}

/// Parts `vendor product`: the longest beginning that is a known vendor, else the first word.
fn part<'a>(name: &'a str, names: &Gazetteer) -> (&'a str, &'a str) {
    let ends: Vec<usize> = name.match_indices(' ').map(|(at, _)| at).take(4).collect();
    let known = ends.iter().rev().find(|at| names.is_vendor(&name[..**at]));
    match known.or(ends.first()) {
        Some(at) => (&name[..*at], name[*at..].trim_start()),
        None => ("", name),
    }
}

/// A name as ids write it: small letters, `_` for blanks.
pub(super) fn one_word(name: &str) -> String {
    name.to_lowercase().split_whitespace().collect::<Vec<_>>().join("_")
}

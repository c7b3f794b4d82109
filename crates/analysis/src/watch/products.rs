//! Watched products: which of them an alert speaks of, and which of the team's versions it affects.
//!
//! What a source states as data decides. A source that names a product without versions says that some are
//! affected and not which; then the text is asked, and where it says nothing either, the watch matches.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::scan::{Dictionary, Meaning};
use super::versions::Span;
use super::{Field, Watch, mentions};
use crate::fold::fold_term;
use crate::{ProductRanges, Subject, VersionRange};

/// The watched products, by name.
#[derive(Debug, Default)]
pub(super) struct Products {
    by_watch: HashMap<u32, Product>,
    /// Folded names with the watch and the number of the spelling.
    names: HashMap<String, Vec<(u32, u32)>>,
    /// The same behind the vendor's name.
    full_names: HashMap<String, Vec<(u32, u32)>>,
}

/// A watched product.
#[derive(Debug)]
pub(super) struct Product {
    /// Folded.
    vendor: Option<String>,
    versions: Vec<(String, Span)>,
}

/// A place in a text where a product is named; characters.
#[derive(Clone, Debug)]
pub(super) struct Mention {
    pub field: Field,
    pub spelling: u32,
    pub start: u32,
    pub end: u32,
}

/// What texts name.
#[derive(Debug, Default)]
pub(super) struct Seen {
    pub mentions: BTreeMap<u32, Vec<Mention>>,
    /// Watches whose vendor is named.
    pub vendors: HashSet<u32>,
}

/// What sources state of one watched product.
#[derive(Debug, Default)]
pub(super) struct Stated<'a> {
    ranges: Vec<&'a VersionRange>,
    /// First and one past the last character among the products, and the number of the spelling. Nothing
    /// (0 to 0) where it is not among them.
    pub places: Vec<(u32, u32, u32)>,
}

impl Products {
    /// Watches a product that can be watched.
    pub fn add(&mut self, number: u32, watch: &Watch, dictionary: &mut Dictionary) {
        let Some(product) = &watch.product else {
            return;
        };
        let vendor = product.vendor.as_deref().map(fold_term);
        let names = std::iter::once(&product.product).chain(&watch.aliases);
        for (spelling, name) in (0..).zip(names) {
            let folded = fold_term(name);
            let meaning = Meaning::Spelling {
                watch: number,
                spelling,
            };
            dictionary.add_folded(folded.clone(), meaning);
            if let Some(vendor) = &vendor {
                let full = format!("{vendor} {folded}");
                dictionary.add_folded(full.clone(), meaning);
                put(&mut self.full_names, full, number, spelling);
            }
            put(&mut self.names, folded, number, spelling);
        }
        if let Some(vendor) = &vendor {
            let meaning = Meaning::Vendor { watch: number };
            dictionary.add_folded(vendor.clone(), meaning);
        }
        let versions = product.versions.iter();
        let versions = versions.filter_map(|v| Some((v.trim().to_owned(), Span::of_team(v)?)));
        self.by_watch.insert(
            number,
            Product {
                vendor,
                versions: versions.collect(),
            },
        );
    }

    pub fn of(&self, watch: u32) -> Option<&Product> {
        self.by_watch.get(&watch)
    }

    /// The watched products that sources state, by watch.
    pub fn stated<'a>(&self, subject: &Subject<'a>) -> BTreeMap<u32, Stated<'a>> {
        let mut all: BTreeMap<u32, Stated<'a>> = BTreeMap::new();
        if self.by_watch.is_empty() {
            return all;
        }
        let mut lines = Lines::new(subject.products);
        for entry in subject.ranges {
            self.take(
                &mut all,
                &mut lines,
                &entry.vendor,
                &entry.product,
                Some(entry),
            );
        }
        if subject.ranges.is_empty() {
            for line in subject.products.lines() {
                // CPE's vendors are one word.
                let (vendor, product) = line.split_once(' ').unwrap_or(("", line));
                self.take(&mut all, &mut lines, vendor, product, None);
            }
        }
        all
    }

    fn take<'a>(
        &self,
        all: &mut BTreeMap<u32, Stated<'a>>,
        lines: &mut Lines<'_>,
        vendor: &str,
        product: &str,
        entry: Option<&'a ProductRanges>,
    ) {
        let vendor = known_vendor(fold_term(vendor));
        let name = fold_term(product);
        let full = format!("{vendor} {name}");
        let of = |names: &HashMap<String, Vec<(u32, u32)>>, key: &str| {
            names.get(key).cloned().unwrap_or_default()
        };
        let mut found: Vec<(u32, u32)> = of(&self.names, &name);
        found.retain(|(watch, _)| {
            let own = self.of(*watch).and_then(|p| p.vendor.as_deref());
            own.is_none_or(|own| vendor.is_empty() || is_same_vendor(own, &vendor))
        });
        // A source may put the vendor into the name (`Apache HTTP Server`), and so may a watch.
        found.extend(of(&self.full_names, &name));
        if !vendor.is_empty() {
            let own_vendor = |watch: &u32| self.of(*watch).is_some_and(|p| p.vendor.is_some());
            let named_whole = of(&self.names, &full).into_iter();
            found.extend(named_whole.filter(|(watch, _)| !own_vendor(watch)));
        }
        found.sort_unstable();
        found.dedup_by_key(|(watch, _)| *watch);
        for (watch, spelling) in found {
            let stated = all.entry(watch).or_default();
            stated
                .ranges
                .extend(entry.into_iter().flat_map(|e| &e.ranges));
            let place = lines.place(&full).or_else(|| lines.place(&name));
            let (start, end) = place.unwrap_or_default();
            if !stated.places.contains(&(start, end, spelling)) {
                stated.places.push((start, end, spelling));
            }
        }
    }
}

impl Product {
    /// Whether a spelling counts in a text only where the vendor is named too. An alias is a name of its own.
    pub fn needs_vendor(&self, spelling: u32) -> bool {
        self.vendor.is_some() && spelling == 0
    }

    /// Whether the alert is about the product as the team runs it: `None` = it is not; else which of the
    /// team's versions are affected, as far as that is known.
    pub fn verdict(
        &self,
        stated: Option<&Stated<'_>>,
        named: &[Mention],
        subject: &Subject<'_>,
    ) -> Option<Option<String>> {
        if stated.is_none() && named.is_empty() {
            return None;
        }
        if self.versions.is_empty() {
            return Some(None);
        }
        let ranges = stated.map_or(&[][..], |stated| &stated.ranges);
        let mut spans: Vec<Span> = ranges.iter().flat_map(|range| spans_of(range)).collect();
        if spans.is_empty() {
            for mention in named {
                let text = subject.field(mention.field);
                let behind = text.char_indices().nth(mention.end as usize);
                spans.extend(behind.map_or_else(Vec::new, |(at, _)| mentions::behind(&text[at..])));
            }
        }
        if spans.is_empty() {
            return Some(None);
        }
        let affected: Vec<&str> = self
            .versions
            .iter()
            .filter(|(_, own)| spans.iter().any(|span| span.meets(own)))
            .map(|(version, _)| version.as_str())
            .collect();
        (!affected.is_empty()).then(|| Some(affected.join(", ")))
    }
}

/// The spans of what a source states; none where it is in words that say nothing, or in commits.
fn spans_of(range: &VersionRange) -> Vec<Span> {
    let ends = [
        &range.exactly,
        &range.from,
        &range.after,
        &range.through,
        &range.before,
    ];
    if ends.into_iter().flatten().any(|end| is_commit(end)) {
        return Vec::new();
    }
    match &range.exactly {
        None => vec![Span::of_range(range)],
        // Some CNAs write `>= 1.0, < 1.5` or `1.0 and earlier` where a version is asked for.
        Some(text) if text.contains(['<', '>']) => Span::of_team(text).into_iter().collect(),
        Some(text) if text.split_whitespace().count() > 1 => {
            let worded = mentions::worded(text);
            match &worded[..] {
                // A version of two words: `1.0 rc1`.
                [] => Span::of_team(text).into_iter().collect(),
                [one] if one.low == one.high => Span::of_team(text).into_iter().collect(),
                _ => worded,
            }
        }
        Some(text) => Span::of_team(text).into_iter().collect(),
    }
}

/// Whether an end is a commit, which no version can be compared with.
fn is_commit(end: &str) -> bool {
    const SHORTEST: usize = 12;
    end.len() >= SHORTEST
        && end.bytes().all(|b| b.is_ascii_hexdigit())
        && end.bytes().any(|b| b.is_ascii_alphabetic())
}

fn put(names: &mut HashMap<String, Vec<(u32, u32)>>, name: String, watch: u32, spelling: u32) {
    names.entry(name).or_default().push((watch, spelling));
}

/// Without the words for "not stated".
fn known_vendor(folded: String) -> String {
    match folded.as_str() {
        "n/a" | "unknown" | "unspecified" | "none" => String::new(),
        _ => folded,
    }
}

/// `apache` is the Apache Software Foundation, `paloaltonetworks` is Palo Alto Networks.
fn is_same_vendor(one: &str, other: &str) -> bool {
    let begins = |long: &str, short: &str| {
        long.strip_prefix(short)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
    };
    let bare = |text: &str| text.replace(' ', "");
    begins(one, other) || begins(other, one) || bare(one) == bare(other)
}

/// The lines of the products, folded when the first is asked for.
struct Lines<'a> {
    text: &'a str,
    places: Option<HashMap<String, (u32, u32)>>,
}

impl<'a> Lines<'a> {
    fn new(text: &'a str) -> Self {
        Self { text, places: None }
    }

    fn place(&mut self, folded: &str) -> Option<(u32, u32)> {
        let places = self.places.get_or_insert_with(|| {
            let mut places = HashMap::new();
            let mut start = 0;
            for line in self.text.split('\n') {
                let length = u32::try_from(line.chars().count()).unwrap_or(u32::MAX);
                places
                    .entry(fold_term(line))
                    .or_insert((start, start + length));
                start += length + 1;
            }
            places
        });
        places.get(folded).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_sources_write_for_versions_is_read() {
        let exactly = |text: &str| VersionRange {
            exactly: Some(text.into()),
            ..VersionRange::default()
        };
        let check =
            |text: &str, expect: &[Span]| assert_eq!(spans_of(&exactly(text)), expect, "{text}");
        check("2.4.1", &[Span::one("2.4.1")]);
        check("1.0 rc1", &[Span::one("1.0 rc1")]);
        check("< 2.4.0", &[Span::until("2.4.0", false)]);
        check(">= 1.0, < 1.5", &[Span::between("1.0", "1.5", false)]);
        check("2.4.x", &[Span::between("2.4", "2.5", false)]);
        check("2.1 and earlier", &[Span::until("2.1", true)]);
        check("1.0 through 1.4", &[Span::between("1.0", "1.4", true)]);
        check("all", &[]);
        check("all versions before 3.1", &[Span::until("3.1", false)]);
        check("1da177e4c3f41524e886b7f1b8a0c1fc7321cac2", &[]);
        let kernel = VersionRange {
            from: Some("1da177e4c3f41524e886b7f1b8a0c1fc7321cac2".into()),
            before: Some("9ab177e4c3f41524e886b7f1b8a0c1fc7321cac2".into()),
            ..VersionRange::default()
        };
        assert_eq!(spans_of(&kernel), []);
        assert_eq!(spans_of(&VersionRange::default()), [Span::default()]);
    }

    #[test]
    fn a_vendor_is_known_by_its_first_words() {
        for (one, other, expect) in [
            ("apache", "apache software foundation", true),
            ("palo alto networks", "paloaltonetworks", true),
            ("microsoft", "microsoft", true),
            ("app", "apple", false),
            ("apache", "f5", false),
        ] {
            assert_eq!(is_same_vendor(one, other), expect, "{one} {other}");
            assert_eq!(is_same_vendor(other, one), expect, "{other} {one}");
        }
    }
}

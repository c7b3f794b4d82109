//! All watches, compiled for one scan, and what they find in an alert.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::products::{Mention, Products, Seen};
use super::regexes::WatchedRegex;
use super::scan::{Dictionary, Listener, Meaning, Scanner};
use super::{Field, Watch, WatchKind, WatchMatch, check_term, check_watch};
use crate::Subject;
use crate::fold::Folded;

/// All watches, compiled for one scan.
#[derive(Debug, Default)]
pub struct WatchSet {
    watches: Vec<Watch>,
    scanner: Scanner,
    regexes: Vec<WatchedRegex>,
    /// Regexes that no literal announces.
    unannounced: Vec<u32>,
    products: Products,
    is_empty: bool,
}

/// One place, before it is put into words.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Found {
    field: Field,
    start: u32,
    end: u32,
    watch: u32,
    spelling: u32,
    version: Option<String>,
}

impl WatchSet {
    /// The longest term, in characters.
    pub const LONGEST_TERM: usize = 200;
    /// The longest regex, in characters.
    pub const LONGEST_REGEX: usize = 1_000;
    /// The most matches that are kept of one alert; every watch that matched keeps its first.
    pub const MOST_MATCHES: usize = 50;

    /// Compiles watches. What [`check_watch`] refuses is left out, part by part; so are watches that are
    /// switched off.
    #[must_use]
    pub fn new(watches: Vec<Watch>) -> Self {
        let mut dictionary = Dictionary::default();
        let mut regexes = Vec::new();
        let mut unannounced = Vec::new();
        let mut products = Products::default();
        let mut is_empty = true;
        for (number, watch) in (0..).zip(&watches) {
            if !watch.enabled {
                continue;
            }
            match watch.kind {
                WatchKind::Term => {
                    let spellings = std::iter::once(&watch.term).chain(&watch.aliases);
                    for (spelling, text) in (0..).zip(spellings) {
                        if check_term(text).is_ok() {
                            let watch = number;
                            dictionary.add(text, Meaning::Spelling { watch, spelling });
                            is_empty = false;
                        }
                    }
                }
                WatchKind::Regex => {
                    let spellings = std::iter::once(&watch.term).chain(&watch.aliases);
                    for (spelling, pattern) in (0..).zip(spellings) {
                        let made = WatchedRegex::new(number, spelling, pattern);
                        let Some((regex, literals)) = made else {
                            continue;
                        };
                        let own = u32::try_from(regexes.len()).unwrap_or(u32::MAX);
                        regexes.push(regex);
                        is_empty = false;
                        match literals {
                            None => unannounced.push(own),
                            Some(all) => all.into_iter().for_each(|text| {
                                dictionary.add_folded(text, Meaning::Literal { regex: own });
                            }),
                        }
                    }
                }
                WatchKind::Product => {
                    // One bad version less would be a wider watch than somebody asked for.
                    if check_watch(watch).is_ok() {
                        products.add(number, watch, &mut dictionary);
                        is_empty = false;
                    }
                }
            }
            for text in &watch.exceptions {
                if check_term(text).is_ok() {
                    dictionary.add(text, Meaning::Exception { watch: number });
                }
            }
        }
        Self {
            watches,
            scanner: dictionary.compile(),
            regexes,
            unannounced,
            products,
            is_empty,
        }
    }

    /// The watches as given.
    #[must_use]
    pub fn watches(&self) -> &[Watch] {
        &self.watches
    }

    /// Whether nothing is watched.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.is_empty
    }

    /// Every place at which a watch matches, in the order title, text, products and by place; at most
    /// [`Self::MOST_MATCHES`], and of every watch the first.
    #[must_use]
    pub fn find(&self, subject: &Subject<'_>) -> Vec<WatchMatch> {
        if self.is_empty {
            return Vec::new();
        }
        let mut search = Search {
            set: self,
            subject,
            field: Field::Title,
            found: Vec::new(),
            counts: HashMap::new(),
            seen: Seen::default(),
            announced: HashSet::new(),
            excepted: HashMap::new(),
        };
        for field in Field::ALL {
            search.look_at(field);
        }
        search.products();
        let mut found = search.found;
        found.sort_by(|a, b| {
            let key = |f: &Found| (f.field, f.start, u32::MAX - f.end, f.watch);
            key(a).cmp(&key(b))
        });
        let mut named = HashSet::new();
        let mut matches = Vec::new();
        for one in found {
            if named.insert(one.watch) || matches.len() < Self::MOST_MATCHES {
                matches.push(self.describe(one));
            }
        }
        matches
    }

    fn describe(&self, found: Found) -> WatchMatch {
        let watch = &self.watches[found.watch as usize];
        WatchMatch {
            watch: watch.term.clone(),
            term: watch.spelling(found.spelling as usize).to_owned(),
            field: found.field,
            start: found.start,
            end: found.end,
            version: found.version,
        }
    }
}

/// A search through one alert.
struct Search<'s, 'a> {
    set: &'s WatchSet,
    subject: &'s Subject<'a>,
    field: Field,
    found: Vec<Found>,
    counts: HashMap<u32, usize>,
    /// Where products and their vendors are named.
    seen: Seen,
    /// Regexes whose literals are in the field.
    announced: HashSet<u32>,
    /// Exceptions of watches by regex in the field, characters, by their beginnings.
    excepted: HashMap<u32, Vec<(u32, u32)>>,
}

impl Search<'_, '_> {
    fn look_at(&mut self, field: Field) {
        let text = self.subject.field(field);
        if text.is_empty() {
            return;
        }
        self.field = field;
        self.announced.clear();
        self.excepted.clear();
        let scanner = &self.set.scanner;
        scanner.scan(&Folded::new(text), self);
        let mut regexes: Vec<u32> = self.announced.drain().collect();
        regexes.extend(&self.set.unannounced);
        regexes.sort_unstable();
        for number in regexes {
            let regex = &self.set.regexes[number as usize];
            self.regex(regex, text);
        }
    }

    fn regex(&mut self, regex: &WatchedRegex, text: &str) {
        if !self.takes(regex.watch) {
            return;
        }
        let exceptions = self.excepted.remove(&regex.watch).unwrap_or_default();
        let mut next = exceptions.iter().peekable();
        let mut excepted_until = 0;
        let mut chars = Chars::default();
        regex.find(text, |start, end| {
            let (start, end) = (chars.at(text, start), chars.at(text, end));
            while let Some((_, until)) = next.next_if(|(from, _)| *from <= start) {
                excepted_until = excepted_until.max(*until);
            }
            if end > excepted_until && self.wants(regex.watch) {
                self.put(regex.watch, regex.spelling, start, end, None);
            }
        });
        // Another regex of the same watch has the same exceptions.
        self.excepted.insert(regex.watch, exceptions);
    }

    /// Whether the watch is looked for in this field of this alert.
    fn takes(&self, watch: u32) -> bool {
        let scope = &self.set.watches[watch as usize].scope;
        scope.takes_field(self.field) && scope.takes(self.subject.kind, self.subject.source)
    }

    fn put(&mut self, watch: u32, spelling: u32, start: u32, end: u32, version: Option<String>) {
        *self.counts.entry(watch).or_default() += 1;
        self.found.push(Found {
            field: self.field,
            start,
            end,
            watch,
            spelling,
            version,
        });
    }

    /// Decides about the products that are stated or named.
    fn products(&mut self) {
        let stated = self.set.products.stated(self.subject);
        let mut mentions: BTreeMap<u32, Vec<Mention>> = std::mem::take(&mut self.seen.mentions);
        let mut watches: Vec<u32> = stated.keys().copied().collect();
        watches.extend(mentions.keys());
        watches.sort_unstable();
        watches.dedup();
        for number in watches {
            let watch = &self.set.watches[number as usize];
            if !watch.scope.takes(self.subject.kind, self.subject.source) {
                continue;
            }
            let product = self.set.products.of(number);
            let Some(product) = product else { continue };
            let own = stated.get(&number);
            let mut named = mentions.remove(&number).unwrap_or_default();
            if !self.seen.vendors.contains(&number) {
                named.retain(|mention| !product.needs_vendor(mention.spelling));
            }
            let Some(version) = product.verdict(own, &named, self.subject) else {
                continue;
            };
            let stated_places = own.map_or(&[][..], |own| &own.places);
            let places = named.iter().map(|m| (m.field, m.spelling, m.start, m.end));
            let stated_places = stated_places
                .iter()
                .map(|(start, end, spelling)| (Field::Products, *spelling, *start, *end));
            let mut all: Vec<_> = places
                .chain(stated_places)
                .filter(|(field, ..)| watch.scope.takes_field(*field))
                .collect();
            // A product that is in the data alone has no place in any text.
            if all.iter().any(|(_, _, start, end)| start < end) {
                all.retain(|(_, _, start, end)| start < end);
            } else {
                all.truncate(1);
            }
            for (field, spelling, start, end) in all.into_iter().take(WatchSet::MOST_MATCHES) {
                self.field = field;
                self.put(number, spelling, start, end, version.clone());
            }
        }
    }
}

impl Listener for Search<'_, '_> {
    fn found(&mut self, watch: u32, spelling: u32, start: u32, end: u32) {
        if self.set.watches[watch as usize].kind == WatchKind::Product {
            // What sources state is read as data.
            if self.field != Field::Products {
                *self.counts.entry(watch).or_default() += 1;
                self.seen.mentions.entry(watch).or_default().push(Mention {
                    field: self.field,
                    spelling,
                    start,
                    end,
                });
            }
        } else if self.wants(watch) && self.takes(watch) {
            self.put(watch, spelling, start, end, None);
        }
    }

    fn excepted(&mut self, watch: u32, start: u32, end: u32) {
        if self.set.watches[watch as usize].kind == WatchKind::Regex {
            self.excepted.entry(watch).or_default().push((start, end));
        }
    }

    fn vendor(&mut self, watch: u32) {
        self.seen.vendors.insert(watch);
    }

    fn literal(&mut self, regex: u32) {
        self.announced.insert(regex);
    }

    fn wants(&self, watch: u32) -> bool {
        self.counts
            .get(&watch)
            .is_none_or(|count| *count < WatchSet::MOST_MATCHES)
    }
}

/// Characters before a byte, of bytes that come in order.
#[derive(Default)]
struct Chars {
    byte: usize,
    count: u32,
}

impl Chars {
    fn at(&mut self, text: &str, byte: usize) -> u32 {
        let between = text[self.byte..byte].chars().count();
        self.count += u32::try_from(between).unwrap_or(u32::MAX);
        self.byte = byte;
        self.count
    }
}

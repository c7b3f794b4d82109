//! The one scan of a text for everything that is watched: terms, exceptions, names of products, literals of
//! regexes. It runs over folded text once; what comes of it is bounded by what is found, whatever the text.

use std::cmp::Reverse;
use std::collections::HashMap;

use aho_corasick::{AhoCorasick, MatchKind};

use crate::fold::{Folded, fold_term};

/// Hits that are put in order at once. Bounds what a hostile text holds in memory.
const CHUNK: usize = 4_096;

/// What a folded text that is looked for stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    /// A spelling of a watch, by its number.
    Spelling { watch: u32, spelling: u32 },
    /// An exception of a watch.
    Exception { watch: u32 },
    /// The vendor of a watched product.
    Vendor { watch: u32 },
    /// A literal without which a regex matches nothing.
    Literal { regex: u32 },
}

/// The texts that are looked for, each once, with all that they stand for.
#[derive(Debug, Default)]
pub(super) struct Dictionary {
    texts: Vec<String>,
    meanings: Vec<Vec<Meaning>>,
    numbers: HashMap<String, usize>,
}

impl Dictionary {
    /// Looks for a text that is not folded yet.
    pub fn add(&mut self, text: &str, meaning: Meaning) {
        self.add_folded(fold_term(text), meaning);
    }

    pub fn add_folded(&mut self, text: String, meaning: Meaning) {
        let number = *self.numbers.entry(text).or_insert_with_key(|text| {
            self.texts.push(text.clone());
            self.meanings.push(Vec::new());
            self.texts.len() - 1
        });
        self.meanings[number].push(meaning);
    }

    pub fn compile(self) -> Scanner {
        let longest = self.texts.iter().map(String::len).max().unwrap_or(0);
        let automaton = (!self.texts.is_empty())
            .then(|| {
                AhoCorasick::builder()
                    .match_kind(MatchKind::Standard)
                    .build(&self.texts)
                    .ok()
            })
            .flatten();
        Scanner {
            automaton,
            meanings: self.meanings,
            longest,
        }
    }
}

/// The compiled dictionary.
#[derive(Debug, Default)]
pub(super) struct Scanner {
    automaton: Option<AhoCorasick>,
    meanings: Vec<Vec<Meaning>>,
    /// Bytes of the longest text.
    longest: usize,
}

/// What a scan tells, in the order of the places within a watch.
pub(super) trait Listener {
    /// A spelling of a watch, outside of its exceptions; characters. Of two spellings at one place the
    /// longer one.
    fn found(&mut self, watch: u32, spelling: u32, start: u32, end: u32);
    /// An exception of a watch; characters, by their beginnings.
    fn excepted(&mut self, watch: u32, start: u32, end: u32);
    /// The vendor of a watch's product is named.
    fn vendor(&mut self, watch: u32);
    /// A regex may match.
    fn literal(&mut self, regex: u32);
    /// Whether more matches of a watch are of use.
    fn wants(&self, watch: u32) -> bool;
}

/// A spelling or an exception in folded text.
#[derive(Clone, Copy)]
struct Hit {
    start: usize,
    end: usize,
    watch: u32,
    /// `None` is an exception.
    spelling: Option<u32>,
}

/// How far a watch is known in the text, in bytes of the folded text.
#[derive(Clone, Copy, Default)]
struct Reach {
    excepted: usize,
    covered: usize,
}

impl Scanner {
    pub fn scan(&self, folded: &Folded, listener: &mut impl Listener) {
        let Some(automaton) = &self.automaton else {
            return;
        };
        let mut pending: Vec<Hit> = Vec::new();
        let mut reaches: HashMap<u32, Reach> = HashMap::new();
        let mut most = CHUNK;
        for found in automaton.find_overlapping_iter(&folded.text) {
            let (start, end) = (found.start(), found.end());
            let mut is_whole = None;
            for meaning in &self.meanings[found.pattern().as_usize()] {
                if let Meaning::Literal { regex } = *meaning {
                    listener.literal(regex);
                    continue;
                }
                let (watch, spelling) = match *meaning {
                    Meaning::Spelling { watch, .. } if !listener.wants(watch) => continue,
                    Meaning::Spelling { watch, spelling } => (watch, Some(spelling)),
                    Meaning::Exception { watch } | Meaning::Vendor { watch } => (watch, None),
                    Meaning::Literal { .. } => continue,
                };
                if !*is_whole.get_or_insert_with(|| stands_alone(&folded.text, start, end)) {
                    continue;
                }
                if matches!(meaning, Meaning::Vendor { .. }) {
                    listener.vendor(watch);
                    continue;
                }
                pending.push(Hit {
                    start,
                    end,
                    watch,
                    spelling,
                });
            }
            if pending.len() >= most {
                // Whatever holds a hit that begins before this has ended, and was found.
                let known = end.saturating_sub(self.longest);
                settle(&mut pending, known, &mut reaches, folded, listener);
                most = CHUNK.max(pending.len() * 2);
            }
        }
        settle(&mut pending, usize::MAX, &mut reaches, folded, listener);
    }
}

/// Tells of the hits that begin before `known` and leaves the others.
fn settle(
    pending: &mut Vec<Hit>,
    known: usize,
    reaches: &mut HashMap<u32, Reach>,
    folded: &Folded,
    listener: &mut impl Listener,
) {
    pending.sort_unstable_by_key(|hit| (hit.start, Reverse(hit.end), hit.spelling, hit.watch));
    let count = pending.partition_point(|hit| hit.start < known);
    for hit in pending.drain(..count) {
        let reach = reaches.entry(hit.watch).or_default();
        let (start, end) = folded.char_range(hit.start, hit.end);
        match hit.spelling {
            None => {
                reach.excepted = reach.excepted.max(hit.end);
                listener.excepted(hit.watch, start, end);
            }
            // An exception that began no later ends no sooner.
            Some(_) if hit.end <= reach.excepted => {}
            Some(spelling) if hit.end > reach.covered => {
                reach.covered = hit.end;
                listener.found(hit.watch, spelling, start, end);
            }
            Some(_) => {}
        }
    }
}

/// Whether a match begins and ends at a word's edge. `c` is not in `c++` or `c#`.
fn stands_alone(text: &str, start: usize, end: usize) -> bool {
    let inner_first = text[start..end].chars().next();
    let inner_last = text[start..end].chars().next_back();
    let before = text[..start].chars().next_back();
    let rest = &text[end..];
    let after = rest.chars().next();
    let is_word = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    if is_word(inner_first) && is_word(before) {
        return false;
    }
    if is_word(inner_last) && (is_word(after) || rest.starts_with("++") || rest.starts_with('#')) {
        return false;
    }
    true
}

//! Which words are parts of known names: the taggers' view of the gazetteers.

use super::hash::mix;
use super::observe::{HashedMap, Seen};
use crate::entity::words::{Gap, Word};

/// How many lists there are.
pub const LISTS: usize = 5;
/// Malware and ransomware.
pub const MALWARE: usize = 0;
/// Threat actors.
pub const ACTOR: usize = 1;
/// Tools.
pub const TOOL: usize = 2;
/// Vendors.
pub const VENDOR: usize = 3;
/// Products.
pub const PRODUCT: usize = 4;

/// Names as paths of word hashes, and classes of words.
#[derive(Debug, Default)]
pub struct Lexicon {
    nodes: HashedMap<[u8; LISTS]>,
    clusters: HashedMap<u16>,
}

/// The most words that a name may have.
const LONGEST: usize = 9;
const START: u64 = 0x51ed_270b_3a1f_9c11;

impl Lexicon {
    /// Adds a name, given as the hashes of its words, to a list; `known` is 1 to 3: how often it was seen.
    pub fn add(&mut self, words: &[u64], list: usize, known: u8) {
        if words.is_empty() || words.len() > LONGEST {
            return;
        }
        let mut hash = START;
        for w in words {
            hash = mix(hash, *w);
            self.nodes.entry(hash).or_default();
        }
        if let Some(node) = self.nodes.get_mut(&hash) {
            node[list] = node[list].max(known.min(3));
        }
    }

    /// Puts a word into a class.
    pub fn add_cluster(&mut self, word: u64, cluster: u16) {
        self.clusters.insert(word, cluster);
    }

    /// The class of a word.
    #[inline]
    #[must_use]
    pub fn cluster(&self, word: u64) -> u16 {
        self.clusters.get(&word).copied().unwrap_or(0)
    }

    /// Marks the words that are parts of known names, list by list, longest names first from the left.
    pub fn mark(&self, words: &[Word], seen: &mut [Seen]) {
        let hyphen = super::hash::hash_bytes(b"-");
        let mut free = [0usize; LISTS];
        for at in 0..seen.len() {
            let mut hash = START;
            let mut best = [(0usize, 0u8); LISTS];
            let mut to = at;
            let mut taken = 0;
            while to < seen.len() && taken < LONGEST {
                if to > at && words[to].gap == Gap::Line {
                    break;
                }
                if to > at && seen[to].lower == hyphen && words[to].gap == Gap::None {
                    to += 1;
                    continue;
                }
                hash = mix(hash, seen[to].lower);
                let Some(node) = self.nodes.get(&hash) else {
                    break;
                };
                to += 1;
                taken += 1;
                for (list, known) in node.iter().enumerate() {
                    if *known > 0 {
                        best[list] = (to, *known);
                    }
                }
            }
            for (list, (end, known)) in best.into_iter().enumerate() {
                if end == 0 || at < free[list] {
                    continue;
                }
                free[list] = end;
                for (place, s) in seen[at..end].iter_mut().enumerate() {
                    let role = match (place, at + place + 1 == end) {
                        (0, true) => 4,
                        (0, false) => 1,
                        (_, false) => 2,
                        (_, true) => 3,
                    };
                    s.lists[list] = role * 4 + known;
                }
            }
        }
    }
}

//! The lists of names: malware, actors, tools, techniques, vendors and products, with what they are
//! called in one word (an id), and the classes of words that taggers know.
//!
//! The section of the model file is text, a line each, in the order of ids:
//!
//! ```text
//! e <kind> <id> <guard><name> <guard><name> ...   fields are parted by tabs
//! v <known> <vendor>                              vendors count from 0
//! p <known> <product> <vendor>,<vendor> ...       most CVEs first
//! c <class> <word> <word> ...                     words are parted by blanks
//! ```
//!
//! Names are paths of word hashes, so the search looks at each word of a text a few times at most,
//! however many names there are.

use super::EntityKind;
use super::tag::hash::{hash_bytes, mix};
use super::tag::observe::{HashedMap, LISTS, Seen, word};
use super::words::{Cut, Gap, Word, words};
use crate::model::ModelError;

/// The list of malware and ransomware, as taggers see it.
const MALWARE: usize = 0;
/// The list of threat actors.
const ACTOR: usize = 1;
/// The list of tools.
const TOOL: usize = 2;
/// The list of vendors.
const VENDOR: usize = 3;
/// The list of products.
const PRODUCT: usize = 4;

/// The most words that a name may have.
const LONGEST: usize = 9;
const START: u64 = 0x51ed_270b_3a1f_9c11;

/// How sure a name is by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Guard {
    /// In any spelling of case.
    Sure,
    /// With a capital where the name has one.
    Capital,
    /// An ordinary word too: only where the words around it say what it is.
    Context,
    /// Known to taggers only.
    List,
}

/// A name of the lists.
#[derive(Clone, Copy, Debug)]
pub struct Name {
    /// Place among the entities.
    pub entity: u32,
    /// How sure it is.
    pub guard: Guard,
    /// Whether it begins with a capital as the lists write it.
    pub is_capital: bool,
}

/// What names stand for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// What it is.
    pub kind: EntityKind,
    /// Its one name or id.
    pub id: String,
}

/// A name of the lists that stands in a text: words, half open, and the name's place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hit {
    /// First word.
    pub from: usize,
    /// One past the last word.
    pub to: usize,
    /// Place in [`Gazetteer::name`].
    pub name: u32,
}

#[derive(Clone, Copy, Debug, Default)]
struct Node {
    lists: [u8; LISTS],
    /// Place of a name, plus one.
    name: u32,
    /// Makers of a product: first and number.
    makers: (u32, u16),
}

/// The lists, read once.
#[derive(Debug, Default)]
pub struct Gazetteer {
    nodes: HashedMap<Node>,
    names: Vec<Name>,
    known: Vec<Known>,
    vendors: Vec<String>,
    makers: Vec<u32>,
    classes: HashedMap<u16>,
}

impl Gazetteer {
    /// Reads the section `gazetteer`.
    ///
    /// # Errors
    /// [`ModelError::Malformed`] with the first line that cannot be read.
    pub fn read(section: &[u8]) -> Result<Self, ModelError> {
        let bad = |line: usize| ModelError::malformed("gazetteer", format!("line {}", line + 1));
        let text = std::str::from_utf8(section)
            .map_err(|_| ModelError::malformed("gazetteer", "it is no text"))?;
        let mut made = Self::default();
        made.nodes.reserve(section.len() / 16);
        for (number, line) in text.lines().enumerate() {
            let mut fields = line.split('\t');
            let (Some(tag), Some(first), Some(second)) =
                (fields.next(), fields.next(), fields.next())
            else {
                return Err(bad(number));
            };
            let read = match tag {
                "e" => made.read_entity(first, second, fields),
                "v" => made.read_vendor(first, second),
                "p" => made.read_product(first, second, fields.next()),
                "c" => made.read_class(first, second),
                _ => None,
            };
            read.ok_or_else(|| bad(number))?;
        }
        Ok(made)
    }

    fn read_entity<'a>(
        &mut self,
        kind: &str,
        id: &str,
        names: impl Iterator<Item = &'a str>,
    ) -> Option<()> {
        let (kind, list) = match kind {
            "m" => (EntityKind::Malware, Some(MALWARE)),
            "r" => (EntityKind::Ransomware, Some(MALWARE)),
            "a" => (EntityKind::Actor, Some(ACTOR)),
            "t" => (EntityKind::Tool, Some(TOOL)),
            "q" => (EntityKind::Technique, None),
            "o" => (EntityKind::Organisation, Some(VENDOR)),
            _ => return None,
        };
        let entity = u32::try_from(self.known.len()).ok()?;
        self.known.push(Known {
            kind,
            id: id.to_string(),
        });
        for name in names {
            let (guard, name) = name.split_at_checked(1)?;
            let (guard, known) = match guard {
                "s" => (Guard::Sure, 3),
                "c" => (Guard::Capital, 2),
                "x" => (Guard::Context, 1),
                "l" => (Guard::List, 1),
                _ => return None,
            };
            let place = u32::try_from(self.names.len()).ok()?;
            self.names.push(Name {
                entity,
                guard,
                is_capital: name.starts_with(char::is_uppercase),
            });
            if let Some(node) = self.path(name) {
                if let Some(list) = list {
                    node.lists[list] = node.lists[list].max(known);
                }
                if node.name == 0 && guard != Guard::List {
                    node.name = place + 1;
                }
            }
        }
        Some(())
    }

    fn read_vendor(&mut self, known: &str, name: &str) -> Option<()> {
        let known = level(known)?;
        self.vendors.push(name.to_string());
        if let Some(node) = self.path(name) {
            node.lists[VENDOR] = node.lists[VENDOR].max(known);
        }
        Some(())
    }

    fn read_product(&mut self, known: &str, name: &str, makers: Option<&str>) -> Option<()> {
        let known = level(known)?;
        let first = u32::try_from(self.makers.len()).ok()?;
        for maker in makers?.split(',') {
            let maker: u32 = maker.parse().ok()?;
            if maker as usize >= self.vendors.len() {
                return None;
            }
            self.makers.push(maker);
        }
        let count = u16::try_from(self.makers.len() - first as usize).ok()?;
        if let Some(node) = self.path(name) {
            node.lists[PRODUCT] = node.lists[PRODUCT].max(known);
            node.makers = (first, count);
        }
        Some(())
    }

    fn read_class(&mut self, class: &str, members: &str) -> Option<()> {
        let class: u16 = class.parse().ok()?;
        for member in members.split(' ') {
            self.classes.insert(hash_bytes(member.as_bytes()), class);
        }
        Some(())
    }

    /// The end of a name's path, made where it is missing; `None` where the name is too long or empty.
    fn path(&mut self, name: &str) -> Option<&mut Node> {
        let hashes = name_words(name);
        if hashes.is_empty() || hashes.len() > LONGEST {
            return None;
        }
        let mut hash = START;
        for word in &hashes {
            hash = mix(hash, *word);
            self.nodes.entry(hash).or_default();
        }
        self.nodes.get_mut(&hash)
    }

    /// A name of the lists.
    #[must_use]
    pub fn name(&self, place: u32) -> (&Name, &Known) {
        let name = &self.names[place as usize];
        (name, &self.known[name.entity as usize])
    }

    /// What a whole name stands for, whatever its guard.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<(&Name, &Known)> {
        let node = self.node(name)?;
        (node.name > 0).then(|| self.name(node.name - 1))
    }

    /// Whether an ATT&CK technique of this id is known.
    #[must_use]
    pub fn has_technique(&self, id: &str) -> bool {
        let first = self
            .known
            .partition_point(|k| k.kind != EntityKind::Technique);
        self.known[first..]
            .binary_search_by(|k| k.id.as_str().cmp(id))
            .is_ok()
    }

    /// Whether a name is that of a vendor.
    #[must_use]
    pub fn is_vendor(&self, name: &str) -> bool {
        self.node(name).is_some_and(|n| n.lists[VENDOR] > 0)
    }

    /// The vendors of a product of this name, those with most CVEs first.
    #[must_use]
    pub fn makers(&self, product: &str) -> Vec<&str> {
        let Some(node) = self.node(product) else {
            return Vec::new();
        };
        let (first, count) = (node.makers.0 as usize, usize::from(node.makers.1));
        self.makers[first..first + count]
            .iter()
            .map(|v| self.vendors[*v as usize].as_str())
            .collect()
    }

    fn node(&self, name: &str) -> Option<&Node> {
        let hashes = name_words(name);
        let hash = hashes.iter().fold(START, |hash, word| mix(hash, *word));
        self.nodes.get(&hash)
    }

    /// The class of a word, given as the hash of its normal form; 0: none.
    #[inline]
    #[must_use]
    pub fn class(&self, normal: u64) -> u16 {
        self.classes.get(&normal).copied().unwrap_or(0)
    }

    /// Marks the words that are parts of names, list by list, longest names first from the left, and
    /// returns the names that may be entities.
    pub fn mark(&self, words: &[Word], seen: &mut [Seen]) -> Vec<Hit> {
        let hyphen = hash_bytes(b"-");
        let mut hits = Vec::new();
        let mut free = [0usize; LISTS];
        let mut free_name = 0;
        for at in 0..seen.len() {
            let mut hash = mix(START, seen[at].lower);
            let Some(mut node) = self.nodes.get(&hash) else {
                continue;
            };
            let mut best = [(0usize, 0u8); LISTS];
            let mut name = (0usize, 0u32);
            let mut to = at + 1;
            let mut taken = 1;
            loop {
                for (best, known) in best.iter_mut().zip(node.lists) {
                    if known > 0 {
                        *best = (to, known);
                    }
                }
                if node.name > 0 {
                    name = (to, node.name);
                }
                while to < seen.len() && seen[to].lower == hyphen && words[to].gap == Gap::None {
                    to += 1;
                }
                if taken == LONGEST || to >= seen.len() || words[to].gap == Gap::Line {
                    break;
                }
                hash = mix(hash, seen[to].lower);
                let Some(next) = self.nodes.get(&hash) else {
                    break;
                };
                node = next;
                to += 1;
                taken += 1;
            }
            if name.1 > 0 && at >= free_name {
                free_name = name.0;
                hits.push(Hit {
                    from: at,
                    to: name.0,
                    name: name.1 - 1,
                });
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
        hits
    }
}

fn level(known: &str) -> Option<u8> {
    known.parse().ok().filter(|k| (1..=3).contains(k))
}

/// The hashes of a name's words; `_` and `-` part words.
fn name_words(name: &str) -> Vec<u64> {
    let name = name.replace('_', " ");
    words(&name, Cut::Fine, LONGEST * 3)
        .iter()
        .map(|w| w.of(&name))
        .filter(|w| *w != "-")
        .map(|w| word(w, Gap::Blank).lower)
        .collect()
}

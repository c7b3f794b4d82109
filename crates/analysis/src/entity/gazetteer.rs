//! The lists of names: malware, actors, tools, techniques, vendors and products, with what they are
//! called in one word (an id), and the classes of words that taggers know.
//!
//! Names are paths of word hashes, so the search looks at each word of a text a few times at most,
//! however many names there are. The section of the model file holds the paths' nodes ready made; its
//! numbers are little-endian, and each part begins with how many there are (32 bits):
//!
//! - entities: kind (a letter), length of the id (8 bits), id;
//! - names: place of the entity, the guard in bits 28 and 29, "begins with a capital" in bit 31 (32 bits);
//! - vendors: length (8 bits), name;
//! - makers of products: places of vendors (16 bits);
//! - classes: hash of a word's normal form (64 bits), class (8 bits);
//! - nodes: the upper 48 bits of the path's hash; two bits a list, how well it is known (16 bits); place of
//!   the name plus one (16 bits); makers: first in the lower 28 bits, how many above (32 bits).

use super::EntityKind;
use super::bytes::Reader;
use super::tag::hash::{hash_bytes, mix};
use super::tag::observe::{HashedMap, LISTS, Seen, word};
use super::words::{Cut, Gap, Word, words};
use crate::model::ModelError;

/// The list of malware and ransomware, as taggers see it.
pub const MALWARE: usize = 0;
/// The list of threat actors.
pub const ACTOR: usize = 1;
/// The list of tools.
pub const TOOL: usize = 2;
/// The list of vendors.
pub const VENDOR: usize = 3;
/// The list of products.
pub const PRODUCT: usize = 4;

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

/// What stands at the end of a path.
#[derive(Clone, Copy, Debug, Default)]
struct Node {
    /// The upper 48 bits of the path's hash; 0: the slot is free.
    key: u64,
    /// How well each list knows it, two bits a list.
    lists: u16,
    /// Place of a name, plus one.
    name: u16,
    /// Makers of a product: first in the lower 28 bits, how many above.
    makers: u32,
}

/// The lists, read once.
#[derive(Debug, Default)]
pub struct Gazetteer {
    /// An open table of the nodes; its length is a power of two, or nothing.
    nodes: Vec<Node>,
    names: Vec<Name>,
    known: Vec<Known>,
    vendors: Vec<Box<str>>,
    makers: Vec<u16>,
    classes: HashedMap<u8>,
}

impl Gazetteer {
    /// Reads the section `gazetteer`.
    ///
    /// # Errors
    /// [`ModelError::Malformed`] with the part that cannot be read.
    pub fn read(section: &[u8]) -> Result<Self, ModelError> {
        let mut bytes = Reader::new("gazetteer", section);
        let mut made = Self::default();
        for _ in 0..bytes.count(2)? {
            let kind = kind_of(bytes.byte()?).ok_or_else(|| bytes.malformed("a kind is unknown"))?;
            let id = bytes.text()?.to_string();
            made.known.push(Known { kind, id });
        }
        for _ in 0..bytes.count(4)? {
            let bits = bytes.number()?;
            let name = Name {
                entity: bits & 0x0fff_ffff,
                guard: [Guard::Sure, Guard::Capital, Guard::Context, Guard::List]
                    [(bits >> 28 & 3) as usize],
                is_capital: bits >> 31 == 1,
            };
            if name.entity as usize >= made.known.len() {
                return Err(bytes.malformed("a name has no entity"));
            }
            made.names.push(name);
        }
        for _ in 0..bytes.count(1)? {
            made.vendors.push(bytes.text()?.into());
        }
        for _ in 0..bytes.count(2)? {
            let maker = bytes.short()?;
            if usize::from(maker) >= made.vendors.len() {
                return Err(bytes.malformed("a maker is no vendor"));
            }
            made.makers.push(maker);
        }
        let classes = bytes.count(9)?;
        made.classes.reserve(classes);
        for _ in 0..classes {
            made.classes.insert(bytes.long()?, bytes.byte()?);
        }
        made.read_nodes(&mut bytes)?;
        Ok(made)
    }

    fn read_nodes(&mut self, bytes: &mut Reader<'_>) -> Result<(), ModelError> {
        let count = bytes.count(14)?;
        self.nodes = vec![Node::default(); (count * 3 / 2).next_power_of_two().max(2)];
        for _ in 0..count {
            let upper = bytes.number()?;
            let key = u64::from(upper) << 32 | u64::from(bytes.short()?) << 16;
            let node = Node {
                key: key.max(1 << 16),
                lists: bytes.short()?,
                name: bytes.short()?,
                makers: bytes.number()?,
            };
            let (first, many) = makers_of(node.makers);
            if usize::from(node.name) > self.names.len() || first + many > self.makers.len() {
                return Err(bytes.malformed("a node leads nowhere"));
            }
            let mut at = self.place(node.key);
            while self.nodes[at].key != 0 {
                at = (at + 1) & (self.nodes.len() - 1);
            }
            self.nodes[at] = node;
        }
        Ok(())
    }

    #[inline]
    fn place(&self, key: u64) -> usize {
        (key >> 24) as usize & (self.nodes.len() - 1)
    }

    /// The node of a path.
    #[inline]
    fn at(&self, hash: u64) -> Option<&Node> {
        if self.nodes.is_empty() {
            return None;
        }
        let key = (hash >> 16 << 16).max(1 << 16);
        let mut at = self.place(key);
        loop {
            let node = &self.nodes[at];
            if node.key == key {
                return Some(node);
            }
            if node.key == 0 {
                return None;
            }
            at = (at + 1) & (self.nodes.len() - 1);
        }
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
        (node.name > 0).then(|| self.name(u32::from(node.name) - 1))
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
        self.node(name).is_some_and(|n| level(n.lists, VENDOR) > 0)
    }

    /// The vendors of a product of this name, those with most CVEs first.
    #[must_use]
    pub fn makers(&self, product: &str) -> Vec<&str> {
        let Some(node) = self.node(product) else {
            return Vec::new();
        };
        let (first, count) = makers_of(node.makers);
        self.makers[first..first + count]
            .iter()
            .map(|v| &*self.vendors[usize::from(*v)])
            .collect()
    }

    fn node(&self, name: &str) -> Option<&Node> {
        self.at(*path(name).last()?)
    }

    /// The class of a word, given as the hash of its normal form; 0: none.
    #[inline]
    #[must_use]
    pub fn class(&self, normal: u64) -> u16 {
        self.classes.get(&normal).map_or(0, |c| u16::from(*c))
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
            let Some(mut node) = self.at(hash) else {
                continue;
            };
            let mut best = [(0usize, 0u8); LISTS];
            let mut name = (0usize, 0u16);
            let mut to = at + 1;
            let mut taken = 1;
            loop {
                for (list, best) in best.iter_mut().enumerate() {
                    let known = level(node.lists, list);
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
                let Some(next) = self.at(hash) else {
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
                    name: u32::from(name.1) - 1,
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

/// How well a list knows a name: 0 to 3.
#[inline]
fn level(lists: u16, list: usize) -> u8 {
    (lists >> (2 * list) & 3) as u8
}

fn makers_of(bits: u32) -> (usize, usize) {
    ((bits & 0x0fff_ffff) as usize, (bits >> 28) as usize)
}

fn kind_of(letter: u8) -> Option<EntityKind> {
    Some(match letter {
        b'm' => EntityKind::Malware,
        b'r' => EntityKind::Ransomware,
        b'a' => EntityKind::Actor,
        b't' => EntityKind::Tool,
        b'q' => EntityKind::Technique,
        b'o' => EntityKind::Organisation,
        _ => return None,
    })
}

/// The path of a name: a hash for each of its beginnings, the whole last. `_` and `-` part words. Empty
/// where the name has no word or more than nine.
#[must_use]
pub fn path(name: &str) -> Vec<u64> {
    let name = name.replace('_', " ");
    let mut hash = START;
    let path: Vec<u64> = words(&name, Cut::Fine, LONGEST * 3)
        .iter()
        .map(|w| w.of(&name))
        .filter(|w| *w != "-")
        .map(|w| {
            hash = mix(hash, word(w, Gap::Blank).lower);
            hash
        })
        .collect();
    if path.len() > LONGEST { Vec::new() } else { path }
}

//! Writing the lists of names as `Gazetteer::read` takes them.

use std::collections::BTreeMap;

use tocsin_analysis::entity::gazetteer::{ACTOR, MALWARE, PRODUCT, TOOL, VENDOR, path};
use tocsin_analysis::entity::tag::hash::hash_bytes;

use crate::corpus::Failure;

#[derive(Default)]
struct Node {
    lists: [u8; 5],
    name: u16,
    makers: u32,
}

/// The lists while they are made.
#[derive(Default)]
pub struct Lists {
    entities: Vec<u8>,
    entity_count: u32,
    names: Vec<u32>,
    vendors: Vec<u8>,
    vendor_count: u32,
    makers: Vec<u16>,
    classes: BTreeMap<u64, u8>,
    nodes: BTreeMap<u64, Node>,
}

impl Lists {
    /// Begins an entity; names that follow are its own.
    pub fn entity(&mut self, kind: char, id: &str) -> Result<(), Failure> {
        let length = u8::try_from(id.len()).map_err(|_| format!("the id `{id}` is too long"))?;
        self.entities.extend([kind as u8, length]);
        self.entities.extend(id.as_bytes());
        self.entity_count += 1;
        Ok(())
    }

    /// Adds a name of the last entity with its guard: `s`ure, `c`apital, conte`x`t, `l`ist.
    pub fn name(&mut self, kind: char, name: &str, guard: char) -> Result<(), Failure> {
        let (bits, known) = match guard {
            's' => (0, 3),
            'c' => (1, 2),
            'x' => (2, 1),
            _ => (3, 1),
        };
        let is_capital = name.starts_with(char::is_uppercase);
        let entity = self.entity_count - 1;
        self.names
            .push(entity | bits << 28 | u32::from(is_capital) << 31);
        let place = u16::try_from(self.names.len()).map_err(|_| "too many names".to_string())?;
        let list = match kind {
            'm' | 'r' => Some(MALWARE),
            'a' => Some(ACTOR),
            't' => Some(TOOL),
            'o' => Some(VENDOR),
            _ => None,
        };
        if let Some(node) = self.end(name) {
            if let Some(list) = list {
                node.lists[list] = node.lists[list].max(known);
            }
            if node.name == 0 {
                node.name = place;
            }
        }
        Ok(())
    }

    /// Adds a vendor; they count from 0.
    pub fn vendor(&mut self, name: &str, known: u8) {
        let mut end = name.len().min(255);
        while !name.is_char_boundary(end) {
            end -= 1;
        }
        self.vendors.push(end as u8);
        self.vendors.extend(&name.as_bytes()[..end]);
        self.vendor_count += 1;
        if let Some(node) = self.end(name) {
            node.lists[VENDOR] = node.lists[VENDOR].max(known);
        }
    }

    /// Adds a product with the places of its vendors, at most 15.
    pub fn product(&mut self, name: &str, known: u8, makers: &[usize]) -> Result<(), Failure> {
        let first = self.makers.len() as u32;
        for maker in makers.iter().take(15) {
            let maker = u16::try_from(*maker).map_err(|_| "too many vendors".to_string())?;
            self.makers.push(maker);
        }
        let many = self.makers.len() as u32 - first;
        if let Some(node) = self.end(name) {
            node.lists[PRODUCT] = node.lists[PRODUCT].max(known);
            node.makers = first | many << 28;
        }
        Ok(())
    }

    /// Puts a word, in its normal form, into a class.
    pub fn class(&mut self, word: &str, class: u16) -> Result<(), Failure> {
        let class = u8::try_from(class).map_err(|_| "too many classes".to_string())?;
        self.classes.insert(hash_bytes(word.as_bytes()), class);
        Ok(())
    }

    fn end(&mut self, name: &str) -> Option<&mut Node> {
        let path = path(name);
        for hash in &path {
            self.nodes.entry(hash >> 16).or_default();
        }
        self.nodes.get_mut(&(path.last()? >> 16))
    }

    /// The section.
    pub fn section(&self) -> Vec<u8> {
        let mut out = Vec::new();
        let number = |out: &mut Vec<u8>, n: usize| out.extend((n as u32).to_le_bytes());
        out.extend(self.entity_count.to_le_bytes());
        out.extend(&self.entities);
        number(&mut out, self.names.len());
        out.extend(self.names.iter().flat_map(|n| n.to_le_bytes()));
        out.extend(self.vendor_count.to_le_bytes());
        out.extend(&self.vendors);
        number(&mut out, self.makers.len());
        out.extend(self.makers.iter().flat_map(|m| m.to_le_bytes()));
        number(&mut out, self.classes.len());
        for (hash, class) in &self.classes {
            out.extend(hash.to_le_bytes());
            out.push(*class);
        }
        number(&mut out, self.nodes.len());
        for (key, node) in &self.nodes {
            out.extend(((key >> 16) as u32).to_le_bytes());
            out.extend(((key & 0xffff) as u16).to_le_bytes());
            let lists = node.lists.iter().rev().fold(0u16, |bits, l| bits << 2 | u16::from(*l));
            out.extend(lists.to_le_bytes());
            out.extend(node.name.to_le_bytes());
            out.extend(node.makers.to_le_bytes());
        }
        out
    }
}

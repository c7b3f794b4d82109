//! The values of facets and which docs have them.

use std::collections::HashMap;

use roaring::RoaringBitmap;

use super::NONE;
use super::image::{In, Out};
use crate::model::Facet;
use crate::query::node::Value;

#[derive(Debug, Default)]
pub(super) struct Terms {
    all: Vec<Term>,
    by_value: [HashMap<Box<str>, u32>; Facet::ALL.len()],
    of_facet: [Vec<u32>; Facet::ALL.len()],
    /// Terms by their number in the table `terms`, and the other way round.
    numbered: Vec<u32>,
    numbers: Vec<u32>,
}

#[derive(Debug)]
struct Term {
    value: Box<str>,
    docs: RoaringBitmap,
}

impl Terms {
    pub fn write(&self, out: &mut Out) {
        for terms in &self.of_facet {
            out.numbers(terms, u32::to_le_bytes);
        }
        out.number(u32::try_from(self.all.len()).unwrap_or(NONE));
        for term in &self.all {
            out.text(&term.value);
            out.set(&term.docs);
        }
        out.numbers(&self.numbered, u32::to_le_bytes);
        out.numbers(&self.numbers, u32::to_le_bytes);
    }

    pub fn read(input: &mut In<'_>) -> Option<Self> {
        let mut terms = Self::default();
        for of_facet in &mut terms.of_facet {
            *of_facet = input.numbers(u32::from_le_bytes)?;
        }
        for _ in 0..input.number()? {
            terms.all.push(Term {
                value: input.text()?.into(),
                docs: input.set()?,
            });
        }
        for (by_value, of_facet) in terms.by_value.iter_mut().zip(&terms.of_facet) {
            by_value.reserve(of_facet.len());
            for term in of_facet {
                by_value.insert(terms.all.get(*term as usize)?.value.clone(), *term);
            }
        }
        terms.numbered = input.numbers(u32::from_le_bytes)?;
        terms.numbers = input.numbers(u32::from_le_bytes)?;
        Some(terms)
    }

    /// The term of a value in its normal form, made where it is new.
    pub fn make(&mut self, facet: Facet, value: &str) -> u32 {
        let place = usize::from(facet.number());
        if let Some(term) = self.by_value[place].get(value) {
            return *term;
        }
        let term = u32::try_from(self.all.len()).unwrap_or(NONE);
        self.all.push(Term {
            value: value.into(),
            docs: RoaringBitmap::new(),
        });
        self.by_value[place].insert(value.into(), term);
        self.of_facet[place].push(term);
        term
    }

    /// All docs of a term at once.
    pub fn set(&mut self, term: usize, docs: RoaringBitmap) {
        if let Some(term) = self.all.get_mut(term) {
            term.docs = docs;
        }
    }

    /// Notes the number that a term has in the database.
    pub fn number(&mut self, small: u32, term: u32) {
        let number = small as usize;
        if self.numbered.len() <= number {
            self.numbered.resize(number + 1, NONE);
        }
        self.numbered[number] = term;
        let term = term as usize;
        if self.numbers.len() <= term {
            self.numbers.resize(term + 1, NONE);
        }
        self.numbers[term] = small;
    }

    /// The number of a value, if it has one.
    pub fn number_of(&self, facet: Facet, value: &str) -> Option<u32> {
        let term = self.get(facet, value)?;
        let number = self.numbers.get(term as usize).copied()?;
        (number != NONE).then_some(number)
    }

    /// Forgets a number; the term stays, with the docs that it still has.
    pub fn forget_number(&mut self, number: u32) {
        let Some(term) = self.numbered.get_mut(number as usize) else {
            return;
        };
        if let Some(number) = self.numbers.get_mut(*term as usize) {
            *number = NONE;
        }
        *term = NONE;
    }

    /// The highest number that is known.
    pub fn last_number(&self) -> usize {
        self.numbered.len().saturating_sub(1)
    }

    pub fn by_number(&self, number: u32) -> u32 {
        self.numbered.get(number as usize).copied().unwrap_or(NONE)
    }

    pub fn get(&self, facet: Facet, value: &str) -> Option<u32> {
        self.by_value[usize::from(facet.number())]
            .get(value)
            .copied()
    }

    pub fn docs(&self, term: u32) -> &RoaringBitmap {
        &self.all[term as usize].docs
    }

    /// The values of a facet with their docs, dead ones among them.
    pub fn of(&self, facet: Facet) -> impl Iterator<Item = (&str, &RoaringBitmap)> {
        self.of_facet[usize::from(facet.number())].iter().map(|i| {
            let term = &self.all[*i as usize];
            (&*term.value, &term.docs)
        })
    }

    pub fn insert(&mut self, term: u32, doc: u32) {
        if let Some(term) = self.all.get_mut(term as usize) {
            term.docs.insert(doc);
        }
    }

    pub fn remove(&mut self, term: u32, doc: u32) {
        if let Some(term) = self.all.get_mut(term as usize) {
            term.docs.remove(doc);
        }
    }

    /// Docs with a value that is accepted, dead ones among them.
    pub fn find(&self, facet: Facet, value: &Value) -> RoaringBitmap {
        if let Value::Is(value) = value {
            return self
                .get(facet, value)
                .map(|term| self.docs(term).clone())
                .unwrap_or_default();
        }
        let mut found = RoaringBitmap::new();
        let wanted = Needle::of(value);
        for (have, docs) in self.of(facet) {
            if wanted.is_in(have) && value.accepts(have) {
                found |= docs;
            }
        }
        found
    }
}

/// What a value that is accepted contains: looked for first, because it costs little.
struct Needle(String);

impl Needle {
    fn of(value: &Value) -> Self {
        Self(match value {
            Value::Has { words, .. } => words.join(" "),
            Value::Any | Value::Is(_) => String::new(),
        })
    }

    fn is_in(&self, value: &str) -> bool {
        value.contains(&self.0)
    }
}

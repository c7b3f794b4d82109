//! The values of each doc that have a place of their own: eight bytes a number, none a NaN.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::ops::Bound;

use roaring::RoaringBitmap;

use super::image::{In, Out};
use super::{NONE, Row, SINGLES};
use crate::model::{Measure, Moment, Time};

/// No moment.
const NEVER: i64 = i64::MIN;

#[derive(Debug, Default)]
pub(super) struct Columns {
    ids: Vec<i64>,
    measures: [Vec<f64>; Measure::ALL.len()],
    moments: [Vec<i64>; Moment::ALL.len()],
    singles: Vec<[u32; SINGLES.len()]>,
    /// A hash of the other facets as they are stored.
    listed: Vec<u64>,
}

impl Columns {
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    pub fn push(&mut self, row: &Row) -> u32 {
        let doc = u32::try_from(self.ids.len()).unwrap_or(u32::MAX);
        self.ids.push(row.id);
        for (column, value) in self.measures.iter_mut().zip(measures(row)) {
            column.push(value);
        }
        for (column, value) in self.moments.iter_mut().zip(moments(row)) {
            column.push(value);
        }
        self.singles.push(row.singles);
        self.listed.push(row.listed_hash);
        doc
    }

    /// Adds the docs of others; the words of their facets with one value are looked up in `terms`.
    pub fn append(&mut self, mut others: Self, terms: &[Vec<u32>; SINGLES.len()]) {
        self.ids.append(&mut others.ids);
        for (column, other) in self.measures.iter_mut().zip(&mut others.measures) {
            column.append(other);
        }
        for (column, other) in self.moments.iter_mut().zip(&mut others.moments) {
            column.append(other);
        }
        let term = |place: usize, word: u32| terms[place].get(word as usize).copied();
        self.singles.extend(
            others.singles.iter().map(|words| {
                std::array::from_fn(|place| term(place, words[place]).unwrap_or(NONE))
            }),
        );
        self.listed.append(&mut others.listed);
    }

    pub fn set(&mut self, doc: u32, row: &Row) {
        let doc = doc as usize;
        for (column, value) in self.measures.iter_mut().zip(measures(row)) {
            column[doc] = value;
        }
        for (column, value) in self.moments.iter_mut().zip(moments(row)) {
            column[doc] = value;
        }
        self.singles[doc] = row.singles;
    }

    pub fn write(&self, out: &mut Out) {
        out.numbers(&self.ids, i64::to_le_bytes);
        for column in &self.measures {
            out.numbers(column, f64::to_le_bytes);
        }
        for column in &self.moments {
            out.numbers(column, i64::to_le_bytes);
        }
        for place in 0..SINGLES.len() {
            let single: Vec<u32> = self.single(place).collect();
            out.numbers(&single, u32::to_le_bytes);
        }
        out.numbers(&self.listed, u64::to_le_bytes);
    }

    pub fn read(input: &mut In<'_>) -> Option<Self> {
        let mut columns = Self {
            ids: input.numbers(i64::from_le_bytes)?,
            ..Self::default()
        };
        for column in &mut columns.measures {
            *column = input.numbers(f64::from_le_bytes)?;
        }
        for column in &mut columns.moments {
            *column = input.numbers(i64::from_le_bytes)?;
        }
        columns.singles = vec![[NONE; SINGLES.len()]; columns.ids.len()];
        for place in 0..SINGLES.len() {
            let single = input.numbers(u32::from_le_bytes)?;
            for (singles, single) in columns.singles.iter_mut().zip(single) {
                singles[place] = single;
            }
        }
        columns.listed = input.numbers(u64::from_le_bytes)?;
        let lengths = columns.measures.iter().map(Vec::len);
        let mut lengths = lengths
            .chain(columns.moments.iter().map(Vec::len))
            .chain([columns.listed.len()]);
        lengths.all(|n| n == columns.ids.len()).then_some(columns)
    }

    pub fn id(&self, doc: u32) -> i64 {
        self.ids[doc as usize]
    }

    pub fn singles(&self, doc: u32) -> [u32; SINGLES.len()] {
        self.singles[doc as usize]
    }

    /// One of the single values of every doc.
    pub fn single(&self, place: usize) -> impl Iterator<Item = u32> {
        self.singles.iter().map(move |singles| singles[place])
    }

    pub fn measure(&self, measure: Measure, doc: u32) -> f64 {
        self.measures[measure as usize][doc as usize]
    }

    pub fn lists_the_same(&self, doc: u32, row: &Row) -> bool {
        self.listed[doc as usize] == row.listed_hash
    }

    /// Docs whose number is in a range.
    pub fn in_range(&self, field: Measure, low: Bound<f64>, high: Bound<f64>) -> RoaringBitmap {
        let column = &self.measures[field as usize];
        // A NaN is in no range: both comparisons fail.
        match (low, high) {
            (Bound::Unbounded, Bound::Unbounded) => set(column, |v| !v.is_nan()),
            (Bound::Unbounded, Bound::Included(high)) => set(column, |v| v <= high),
            (Bound::Unbounded, Bound::Excluded(high)) => set(column, |v| v < high),
            (Bound::Included(low), Bound::Unbounded) => set(column, |v| v >= low),
            (Bound::Excluded(low), Bound::Unbounded) => set(column, |v| v > low),
            (Bound::Included(low), Bound::Included(high)) => set(column, |v| v >= low && v <= high),
            (Bound::Included(low), Bound::Excluded(high)) => set(column, |v| v >= low && v < high),
            (Bound::Excluded(low), Bound::Included(high)) => set(column, |v| v > low && v <= high),
            (Bound::Excluded(low), Bound::Excluded(high)) => set(column, |v| v > low && v < high),
        }
    }

    /// Docs whose moment is in a range: from one, before the other.
    pub fn between(
        &self,
        field: Moment,
        from: Option<Time>,
        before: Option<Time>,
    ) -> RoaringBitmap {
        // A missing moment is before every other.
        let from = from.map_or(NEVER + 1, |t| t.ms().max(NEVER + 1));
        let column = &self.moments[field as usize];
        match before {
            Some(before) => set(column, |v| v >= from && v < before.ms()),
            None => set(column, |v| v >= from),
        }
    }
}

/// The places of a column whose value passes, made without a branch per value.
fn set<T: Copy>(column: &[T], passes: impl Fn(T) -> bool) -> RoaringBitmap {
    let mut bytes = Vec::with_capacity(column.len() / 8 + 1);
    for values in column.chunks(8) {
        let mut byte = 0_u8;
        for (bit, value) in values.iter().enumerate() {
            byte |= u8::from(passes(*value)) << bit;
        }
        bytes.push(byte);
    }
    RoaringBitmap::from_lsb0_bytes(0, &bytes)
}

fn measures(row: &Row) -> [f64; Measure::ALL.len()] {
    [row.cvss, row.epss, row.relevance].map(|v| v.unwrap_or(f64::NAN))
}

fn moments(row: &Row) -> [i64; Moment::ALL.len()] {
    [row.published, row.updated.unwrap_or(NEVER), row.added]
}

/// Tells facets as they are stored apart.
pub(super) fn hash(facets: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    facets.hash(&mut hasher);
    hasher.finish()
}

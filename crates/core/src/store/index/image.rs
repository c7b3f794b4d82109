//! The index as bytes and back: reading these takes a tenth of what reading all alerts takes. Written and
//! read by the same version of the same program only, so nothing in it is for ever.

use std::thread;

use roaring::RoaringBitmap;

use super::columns::Columns;
use super::terms::Terms;
use super::{Index, SINGLES};
use crate::model::{Facet, Flag, Measure, Moment};

/// The form of the bytes: whoever changes what is written, or what an index holds, raises it.
const FORM: u32 = 2;

impl Index {
    /// As bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut columns = Out::default();
        self.columns.write(&mut columns);
        columns.set(&self.live);
        columns.numbers(&self.order, |n| n.to_le_bytes());
        for flagged in &self.flagged {
            columns.set(flagged);
        }
        let mut terms = Out::default();
        self.terms.write(&mut terms);

        let mut out = Out::default();
        for number in form() {
            out.number(number);
        }
        out.numbers(&[self.last_added], |n| n.to_le_bytes());
        out.number(u32::try_from(columns.0.len()).unwrap_or(u32::MAX));
        out.0.append(&mut columns.0);
        out.0.append(&mut terms.0);
        out.0
    }

    /// From bytes; `None` where they are of another version or no index at all.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let mut input = In(bytes);
        for number in form() {
            if input.number()? != number {
                return None;
            }
        }
        let last_added = *input.numbers(i64::from_le_bytes)?.first()?;
        let length = input.number()? as usize;
        let (columns, rest) = input.0.split_at_checked(length)?;
        thread::scope(|scope| {
            let terms = scope.spawn(move || Terms::read(&mut In(rest)));
            let mut input = In(columns);
            let mut index = Self {
                columns: Columns::read(&mut input)?,
                live: input.set()?,
                order: input.numbers(u32::from_le_bytes)?,
                last_added,
                ..Self::default()
            };
            for flagged in &mut index.flagged {
                *flagged = input.set()?;
            }
            index.terms = terms.join().ok()??;
            Some(index)
        })
    }
}

/// What the bytes depend on besides the alerts.
fn form() -> [u32; 7] {
    let small = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    let version = env!("CARGO_PKG_VERSION");
    [
        FORM,
        crc32fast::hash(version.as_bytes()),
        small(Facet::ALL.len()),
        small(Flag::ALL.len()),
        small(Measure::ALL.len()),
        small(Moment::ALL.len()),
        small(SINGLES.len()),
    ]
}

/// Bytes that are written. All numbers are little-endian.
#[derive(Default)]
pub(super) struct Out(Vec<u8>);

impl Out {
    pub fn number(&mut self, number: u32) {
        self.0.extend(number.to_le_bytes());
    }

    pub fn text(&mut self, text: &str) {
        self.number(u32::try_from(text.len()).unwrap_or(u32::MAX));
        self.0.extend(text.as_bytes());
    }

    pub fn numbers<T: Copy, const N: usize>(&mut self, all: &[T], bytes: impl Fn(T) -> [u8; N]) {
        self.number(u32::try_from(all.len()).unwrap_or(u32::MAX));
        self.0.reserve(all.len() * N);
        for number in all {
            self.0.extend(bytes(*number));
        }
    }

    /// Small sets, which most are, as their numbers.
    pub fn set(&mut self, set: &RoaringBitmap) {
        if set.len() <= FEW {
            self.number(u32::try_from(set.len()).unwrap_or(0));
            for number in set {
                self.number(number);
            }
            return;
        }
        self.number(u32::MAX);
        // Writing to memory does not fail.
        let _ = set.serialize_into(&mut self.0);
    }
}

/// A set of at most so many is written as its numbers.
const FEW: u64 = 32;

/// Bytes that are read; `None` where they end too early or make no sense.
pub(super) struct In<'a>(&'a [u8]);

impl<'a> In<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    pub fn number(&mut self) -> Option<u32> {
        Some(u32::from_le_bytes(self.take(4)?.try_into().ok()?))
    }

    pub fn text(&mut self) -> Option<&'a str> {
        let length = self.number()? as usize;
        std::str::from_utf8(self.take(length)?).ok()
    }

    pub fn numbers<T, const N: usize>(&mut self, from: impl Fn([u8; N]) -> T) -> Option<Vec<T>> {
        let count = self.number()? as usize;
        let (all, _) = self.take(count.checked_mul(N)?)?.as_chunks::<N>();
        Some(all.iter().map(|bytes| from(*bytes)).collect())
    }

    pub fn set(&mut self) -> Option<RoaringBitmap> {
        let count = self.number()?;
        if count == u32::MAX {
            return RoaringBitmap::deserialize_from(&mut self.0).ok();
        }
        let (all, _) = self.take(count as usize * 4)?.as_chunks::<4>();
        RoaringBitmap::from_sorted_iter(all.iter().map(|n| u32::from_le_bytes(*n))).ok()
    }
}

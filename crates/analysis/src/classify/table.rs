//! The table of features: a hash in, a row of weights out.
//!
//! A row holds the feature's inverse document frequency and one byte for each column of weights; each column
//! has a scale of its own. The hash is looked up by its highest bits (a bucket of one feature on average)
//! and then by 32 of the others, so some fifty of its bits count; the writer refuses two features that
//! would be one.
//!
//! Bytes, all numbers little-endian: features (u32), bits of a bucket's number (u32), columns (u32), stride
//! (u32); 2^bits + 1 first features (u32 each); 32 bits of each feature's hash (u32 each); rows of `stride`
//! bytes: frequency times 4096 (u16), second row (u16, `0xffff` for none), weights (i8 each), zeros.

use crate::model::ModelError;

/// What precedes the weights in a row.
const BEFORE_WEIGHTS: usize = 4;
/// Weights are padded to a multiple of this, which is what a loop takes at once.
pub(super) const LANES: usize = 8;
/// The unit of the stored inverse document frequency.
const IDF_UNIT: f32 = 4096.0;
/// No second row.
pub(super) const NO_ROW: u16 = u16::MAX;

/// A feature table, as it is used.
#[derive(Debug, Default)]
pub struct Table {
    bits: u32,
    firsts: Vec<u32>,
    hashes: Vec<u32>,
    stride: usize,
    columns: usize,
    rows: Vec<u8>,
}

/// One row.
#[derive(Clone, Copy)]
pub(super) struct Row<'a>(&'a [u8]);

impl Row<'_> {
    /// Inverse document frequency.
    #[inline]
    pub fn idf(&self) -> f32 {
        f32::from(u16::from_le_bytes([self.0[0], self.0[1]])) / IDF_UNIT
    }

    /// The row in the second table.
    #[inline]
    pub fn second(&self) -> Option<usize> {
        let row = u16::from_le_bytes([self.0[2], self.0[3]]);
        (row != NO_ROW).then_some(row as usize)
    }

    /// The weights in units of their column's scale.
    #[inline]
    pub fn weights(&self) -> &[u8] {
        &self.0[BEFORE_WEIGHTS..]
    }
}

impl Table {
    /// Reads the section `name`.
    ///
    /// # Errors
    /// [`ModelError::Malformed`] where its parts are not as long as it says.
    pub fn read(name: &str, bytes: &[u8]) -> Result<Self, ModelError> {
        let malformed = |what: &str| ModelError::malformed(name, what);
        let numbers = |range: std::ops::Range<usize>| -> Result<Vec<u32>, ModelError> {
            let (four, _) = bytes
                .get(range)
                .ok_or_else(|| malformed("it is too short"))?
                .as_chunks::<4>();
            Ok(four.iter().map(|b| u32::from_le_bytes(*b)).collect())
        };
        let header = numbers(0..16)?;
        let (features, bits) = (header[0] as usize, header[1]);
        let (columns, stride) = (header[2] as usize, header[3] as usize);
        if !(1..=24).contains(&bits) || features > 1 << 24 {
            return Err(malformed("it is larger than any model"));
        }
        if stride != stride_of(columns) || columns > super::models::MOST_COLUMNS {
            return Err(malformed("its columns are not as wide as they must be"));
        }
        let hashes_from = 16 + 4 * ((1 << bits) + 1);
        let rows_from = hashes_from + 4 * features;
        let firsts = numbers(16..hashes_from)?;
        let hashes = numbers(hashes_from..rows_from)?;
        let rows = bytes
            .get(rows_from..rows_from + features * stride)
            .ok_or_else(|| malformed("it is too short"))?
            .to_vec();
        if firsts.windows(2).any(|pair| pair[0] > pair[1])
            || firsts.last().copied() != u32::try_from(features).ok()
        {
            return Err(malformed("its buckets are out of order"));
        }
        Ok(Self {
            bits,
            firsts,
            hashes,
            stride,
            columns,
            rows,
        })
    }

    /// How many features there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.hashes.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.hashes.is_empty()
    }

    /// How many columns of weights there are.
    #[must_use]
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// The number of a feature.
    #[must_use]
    #[inline]
    pub fn find(&self, hash: u64) -> Option<u32> {
        if self.firsts.is_empty() {
            return None;
        }
        let bucket = bucket(hash, self.bits);
        let (first, end) = (self.firsts[bucket], self.firsts[bucket + 1]);
        let wanted = short(hash);
        let found = self.hashes[first as usize..end as usize]
            .iter()
            .position(|h| *h == wanted)?;
        Some(first + found as u32)
    }

    /// The row of a feature that [`Self::find`] found.
    #[inline]
    pub(super) fn row(&self, feature: u32) -> Row<'_> {
        let at = feature as usize * self.stride;
        Row(&self.rows[at..at + self.stride])
    }
}

#[inline]
fn bucket(hash: u64, bits: u32) -> usize {
    (hash >> (64 - bits)) as usize
}

#[inline]
fn short(hash: u64) -> u32 {
    (hash & 0xffff_ffff) as u32
}

fn stride_of(columns: usize) -> usize {
    BEFORE_WEIGHTS + columns.next_multiple_of(LANES)
}

/// Collects features and writes the table.
#[derive(Debug, Default)]
pub struct TableWriter {
    columns: usize,
    /// Hash, idf, second row, weights.
    rows: Vec<(u64, f32, Option<u16>, Vec<i8>)>,
}

impl TableWriter {
    /// A table with so many columns.
    #[must_use]
    pub fn new(columns: usize) -> Self {
        Self {
            columns,
            rows: Vec::new(),
        }
    }

    /// Adds a feature with its weights in units of their column's scale.
    pub fn push(&mut self, hash: u64, idf: f32, second: Option<u16>, weights: Vec<i8>) {
        self.rows.push((hash, idf, second, weights));
    }

    /// The section's bytes; `None` where two features have the same hash.
    #[must_use]
    pub fn finish(mut self) -> Option<Vec<u8>> {
        let bits = (self.rows.len().max(2) as u32).ilog2().max(1);
        self.rows
            .sort_by_key(|(hash, ..)| (bucket(*hash, bits), short(*hash)));
        let same = |a: u64, b: u64| (bucket(a, bits), short(a)) == (bucket(b, bits), short(b));
        if self.rows.windows(2).any(|two| same(two[0].0, two[1].0)) {
            return None;
        }
        let stride = stride_of(self.columns);
        let mut out = Vec::new();
        for number in [self.rows.len(), bits as usize, self.columns, stride] {
            out.extend_from_slice(&(number as u32).to_le_bytes());
        }
        for bucket_number in 0..=1_usize << bits {
            let first = self
                .rows
                .partition_point(|(hash, ..)| bucket(*hash, bits) < bucket_number);
            out.extend_from_slice(&(first as u32).to_le_bytes());
        }
        for (hash, ..) in &self.rows {
            out.extend_from_slice(&short(*hash).to_le_bytes());
        }
        for (_, idf, second, weights) in &self.rows {
            let end = out.len() + stride;
            let idf = (idf * IDF_UNIT).round().clamp(0.0, 65_535.0) as u16;
            out.extend_from_slice(&idf.to_le_bytes());
            out.extend_from_slice(&second.unwrap_or(NO_ROW).to_le_bytes());
            out.extend(weights.iter().map(|w| w.cast_unsigned()));
            out.resize(end, 0);
        }
        Some(out)
    }
}

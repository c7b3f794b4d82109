//! The table `terms`: each value of a facet that alerts can have several of gets a number, and an alert
//! keeps its numbers in `alerts.facets`: ascending, as LEB128.

use rusqlite::params;

use super::row::Columns;
use super::{StoreError, Write};
use crate::model::Facet;

/// No number.
const UNKNOWN: u32 = u32::MAX;

/// The blob of these values; ones that were never seen get a number.
///
/// # Errors
/// Where the database fails.
pub(super) fn number(w: &Write<'_>, facets: &[(Facet, String)]) -> Result<Vec<u8>, StoreError> {
    let mut numbers: Vec<u32> = {
        let index = w.index();
        let known = facets
            .iter()
            .map(|(facet, value)| index.number_of(*facet, value));
        known.map(|number| number.unwrap_or(UNKNOWN)).collect()
    };
    for (number, (facet, value)) in numbers.iter_mut().zip(facets) {
        if *number == UNKNOWN {
            *number = number_of(w, *facet, value)?;
        }
    }
    numbers.sort_unstable();
    numbers.dedup();
    Ok(encode(&numbers))
}

/// The number of a value; one that was never seen gets one.
///
/// # Errors
/// Where the database fails.
pub(super) fn number_of(w: &Write<'_>, facet: Facet, value: &str) -> Result<u32, StoreError> {
    let facet = facet.number();
    let known = w.first(
        "SELECT id FROM terms WHERE facet = ?1 AND value = ?2",
        params![facet, value],
        |row| row.col::<u32>("id"),
    )?;
    if let Some(id) = known {
        return Ok(id);
    }
    let id = w.insert(
        "INSERT INTO terms (facet, value) VALUES (?1, ?2)",
        params![facet, value],
    )?;
    u32::try_from(id).map_err(|_| StoreError::Unreadable {
        what: "term",
        reason: "no number is free".into(),
    })
}

/// Numbers as LEB128: seven bits a byte, the lowest first, the high bit on all but the last.
pub(super) fn encode(numbers: &[u32]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(numbers.len() * 3);
    for number in numbers {
        let mut rest = *number;
        while rest >= 0x80 {
            bytes.push((rest & 0x7f) as u8 | 0x80);
            rest >>= 7;
        }
        bytes.push(rest as u8);
    }
    bytes
}

/// Reads what [`encode`] wrote; a damaged tail is left out.
pub(super) fn decode(bytes: &[u8]) -> impl Iterator<Item = u32> {
    let mut rest = bytes.iter();
    std::iter::from_fn(move || {
        let mut number = 0_u32;
        for (byte, shift) in rest.by_ref().zip((0..).step_by(7)) {
            number |= u32::from(byte & 0x7f).checked_shl(shift)?;
            if byte & 0x80 == 0 {
                return Some(number);
            }
        }
        None
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_survive() {
        let numbers = [0, 1, 127, 128, 16_383, 16_384, u32::MAX];
        let read: Vec<u32> = decode(&encode(&numbers)).collect();
        assert_eq!(read, numbers);
        assert_eq!(decode(&[0x80]).count(), 0);
        assert_eq!(decode(&[0xff; 9]).count(), 0);
    }
}

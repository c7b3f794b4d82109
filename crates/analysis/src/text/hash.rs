//! Hashes of words without regard to case. They are part of the model file's format: a change here asks
//! for a new format and new training.

const SEED: u64 = 0x9e37_79b9_7f4a_7c15;
const FIRST: u64 = 0xa076_1d64_78bd_642f;
const SECOND: u64 = 0xe703_7ed1_a0b4_28db;

/// Two numbers made one, each bit of it hanging on all bits of both (the folded multiplication of wyhash).
#[must_use]
#[inline]
pub fn mix(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    #[allow(clippy::cast_possible_truncation)]
    let low = product as u64;
    low ^ (product >> 64) as u64
}

/// The hash of a word without regard to case.
#[must_use]
#[inline]
pub fn hash_word(word: &str) -> u64 {
    if word.is_ascii() {
        hash_ascii(word.as_bytes())
    } else {
        hash_ascii(word.to_lowercase().as_bytes())
    }
}

/// The hash of one word followed by another.
#[must_use]
#[inline]
pub fn hash_pair(first: u64, second: u64) -> u64 {
    mix(first ^ FIRST, second ^ SECOND)
}

/// The hash of bytes in which capital letters of ASCII count as small ones.
#[inline]
pub(super) fn hash_ascii(bytes: &[u8]) -> u64 {
    let mut hash = SEED ^ bytes.len() as u64;
    let mut rest = bytes;
    while let Some((eight, more)) = rest.split_first_chunk::<8>() {
        hash = mix(hash ^ lower(u64::from_le_bytes(*eight)), FIRST);
        rest = more;
    }
    if !rest.is_empty() {
        let mut last = 0_u64;
        for (at, byte) in rest.iter().enumerate() {
            last |= u64::from(*byte) << (8 * at);
        }
        hash = mix(hash ^ lower(last), SECOND);
    }
    hash
}

/// Eight bytes with `A` to `Z` made small, all at once.
#[inline]
fn lower(bytes: u64) -> u64 {
    const ONES: u64 = 0x0101_0101_0101_0101;
    let low = bytes & (ONES * 0x7f);
    let above_z = low + ONES * (0x7f - b'Z' as u64);
    let from_a = low + ONES * (0x80 - b'A' as u64);
    let is_upper = !bytes & (above_z ^ from_a) & (ONES * 0x80);
    bytes | (is_upper >> 2)
}

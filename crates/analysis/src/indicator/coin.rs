//! Where cryptocurrencies are paid to. Only what its own checksum confirms is one.

use sha3::{Digest, Keccak256};

use super::IndicatorKind;
use super::text::{Hit, Text};

/// Addresses of Bitcoin and its like: the first byte of what base58 with a checksum holds, and the letter that it shows as.
/// Bitcoin (1, 3), Litecoin (L, M), Dogecoin (D), Dash (X), Tron (T).
const BASE58: [(u8, u8); 8] = [
    (b'1', 0x00),
    (b'3', 0x05),
    (b'L', 0x30),
    (b'M', 0x32),
    (b'D', 0x1e),
    (b'X', 0x4c),
    (b'T', 0x41),
    (b'7', 0x10),
];

/// The address that a run of letters and digits is.
pub(super) fn coin(t: Text, start: usize, end: usize) -> Option<Hit> {
    let word = &t.text[start..end];
    let is_one = match word.len() {
        42 if word.starts_with("0x") => is_ethereum(&word[2..]),
        95 | 106 if word.starts_with(['4', '8']) => is_monero(word),
        26..=35 => is_base58(word),
        _ => false,
    } || is_segwit(word);
    is_one.then(|| Hit::of(t, IndicatorKind::CryptoAddress, start, end))
}

fn is_base58(word: &str) -> bool {
    let first = word.as_bytes()[0];
    if word.bytes().all(|b| b.is_ascii_hexdigit()) && word.len() == 32 {
        return false;
    }
    let Some((_, version)) = BASE58.iter().find(|(letter, _)| *letter == first) else {
        return first == b't' && zcash(word);
    };
    bs58::decode(word)
        .with_check(Some(*version))
        .into_vec()
        .is_ok_and(|bytes| bytes.len() == 21)
}

/// Zcash's have two bytes before.
fn zcash(word: &str) -> bool {
    bs58::decode(word)
        .with_check(None)
        .into_vec()
        .is_ok_and(|bytes| bytes.len() == 22 && bytes[0] == 0x1c && matches!(bytes[1], 0xb8 | 0xbd))
}

/// Bitcoin's and Litecoin's newer ones (BIP 173 and 350).
fn is_segwit(word: &str) -> bool {
    let is_prefixed = ["bc1", "BC1", "ltc1", "LTC1"]
        .iter()
        .any(|p| word.starts_with(p));
    is_prefixed
        && word.len() <= 90
        && bech32::primitives::decode::UncheckedHrpstring::new(word).is_ok()
        && bech32::primitives::decode::SegwitHrpstring::new_bech32(word).is_ok()
        || is_prefixed
            && word.len() <= 90
            && bech32::primitives::decode::SegwitHrpstring::new(word).is_ok()
}

/// Forty digits; where they are in both cases, the cases are the checksum (EIP-55).
fn is_ethereum(digits: &str) -> bool {
    if !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
        return false;
    }
    let has = |test: fn(&u8) -> bool| digits.as_bytes().iter().any(test);
    if !(has(u8::is_ascii_uppercase) && has(u8::is_ascii_lowercase)) {
        return true;
    }
    let hash = Keccak256::digest(digits.to_ascii_lowercase().as_bytes());
    digits.bytes().enumerate().all(|(i, b)| {
        let half = (hash[i / 2] >> (4 * (1 - i % 2))) & 0xf;
        b.is_ascii_digit() || b.is_ascii_uppercase() == (half >= 8)
    })
}

/// Blocks of 11 letters are 8 bytes each; the last 4 bytes are the beginning of the hash of all before.
fn is_monero(word: &str) -> bool {
    let mut bytes = Vec::with_capacity(80);
    for block in word.as_bytes().chunks(11) {
        let size = match block.len() {
            11 => 8,
            7 => 5,
            10 => 7,
            6 => 4,
            9 => 6,
            5 => 3,
            3 => 2,
            2 => 1,
            _ => return false,
        };
        let Some(number) = number(block) else {
            return false;
        };
        let whole = number.to_be_bytes();
        if whole[..16 - size].iter().any(|b| *b != 0) {
            return false;
        }
        bytes.extend_from_slice(&whole[16 - size..]);
    }
    let (body, sum) = bytes.split_at(bytes.len() - 4);
    Keccak256::digest(body)[..4] == *sum
}

/// A number in Bitcoin's alphabet of 58.
fn number(block: &[u8]) -> Option<u128> {
    const LETTERS: &[u8] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
    block.iter().try_fold(0u128, |n, b| {
        let digit = LETTERS.iter().position(|l| l == b)?;
        Some(n * 58 + u128::try_from(digit).ok()?)
    })
}

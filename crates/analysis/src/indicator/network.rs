//! Numbers of autonomous systems and addresses of network cards.

use super::IndicatorKind;
use super::text::{Hit, Text};

/// `AS1234`, `asn1234`, `AS 1234`: the digits end at `end`, the word that holds them begins at `start`.
pub(super) fn asn(t: Text, start: usize, end: usize) -> Option<Hit> {
    let word = &t.text[start..end];
    let letters = word.trim_end_matches(|c: char| c.is_ascii_digit());
    let digits = &word[letters.len()..];
    if digits.is_empty() || digits.len() > 10 || t.get(end) == b'_' {
        return None;
    }
    let start = match letters {
        "AS" | "as" | "ASN" | "asn" => start,
        "" => apart(t, start)?,
        _ => return None,
    };
    let number: u32 = digits.parse().ok()?;
    if matches!(t.before(start), b'-' | b'_' | b'.') || number == 0 {
        return None;
    }
    Some(Hit {
        kind: IndicatorKind::Asn,
        start,
        end,
        value: format!("AS{number}"),
    })
}

/// Where `AS ` before a number begins. "as 2014" is prose.
fn apart(t: Text, digits: usize) -> Option<usize> {
    [&b"AS "[..], b"ASN ", b"asn ", b"ASN: ", b"ASN:"]
        .into_iter()
        .filter_map(|word| {
            digits
                .checked_sub(word.len())
                .filter(|at| t.starts(*at, word))
        })
        .find(|at| !t.is_word(at.wrapping_sub(1)) || *at == 0)
}

/// Six pairs of digits, or three fours with dots.
pub(super) fn mac(t: Text, start: usize) -> Option<Hit> {
    if matches!(t.before(start), b':' | b'-' | b'.' | b'_') {
        return None;
    }
    let pairs = || groups(t, start, 6, 2, |b| matches!(b, b':' | b'-'));
    let end = pairs().or_else(|| groups(t, start, 3, 4, |b| b == b'.'))?;
    let goes_on = t.is_alnum(end)
        || t.get(end) == b'_'
        || (matches!(t.get(end), b':' | b'-' | b'.') && t.is_alnum(end + 1));
    // Three fours of digits alone are a number with dots.
    let text = &t.text[start..end];
    let is_number = text.len() == 14 && text.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    (!goes_on && !is_number).then(|| Hit::of(t, IndicatorKind::Mac, start, end))
}

fn groups(
    t: Text,
    start: usize,
    count: usize,
    len: usize,
    is_between: impl Fn(u8) -> bool,
) -> Option<usize> {
    let mut i = start;
    for n in 0..count {
        if n > 0 {
            if !is_between(t.get(i)) {
                return None;
            }
            i += 1;
        }
        if !(i..i + len).all(|k| t.get(k).is_ascii_hexdigit()) {
            return None;
        }
        i += len;
    }
    Some(i)
}

//! IPv4 and IPv6 addresses and networks.
//!
//! Four numbers with dots are a version as often as an address in texts on vulnerabilities. What the words around say
//! decides: "before 1.2.3.4", "version 1.2.3.4", "1.2.3.4 and earlier" are versions, and so is what follows one in the same
//! list. Nothing in 0.0.0.0/8 but 0.0.0.0 is an address of anything. Addresses that nobody outside can reach are kept:
//! a report names them for a reason; [`is_private`] tells them apart.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::IndicatorKind;
use super::text::{Hit, Text};

/// Words before a version.
const VERSION: &[&str] = &[
    "version",
    "versions",
    "v",
    "v.",
    "ver",
    "ver.",
    "release",
    "releases",
    "build",
    "builds",
    "firmware",
    "before",
    "until",
    "patch",
    "update",
    "kernel",
    "software",
    "hotfix",
    "<",
    "<=",
    ">",
    ">=",
    "==",
    "≤",
    "≥",
    "upto",
    "sdk",
    "framework",
    "driver",
    "bios",
    "agent",
];

/// Words behind a version.
const VERSION_BEHIND: &[&str] = &[
    " and earlier",
    " and prior",
    " and below",
    " and later",
    " and above",
    " and older",
    " or earlier",
    " or prior",
    " or later",
    " or newer",
    " or below",
    " or above",
    " and newer",
    " build ",
    " firmware",
    " beta",
];

/// Four numbers at a place and where they end.
pub(super) fn quad(t: Text, from: usize) -> Option<(Ipv4Addr, usize)> {
    let mut octets = [0u8; 4];
    let mut i = from;
    for (n, octet) in octets.iter_mut().enumerate() {
        if n > 0 {
            if t.get(i) != b'.' {
                return None;
            }
            i += 1;
        }
        let end = t.run(i, |b| b.is_ascii_digit());
        let digits = t.bytes.get(i..end)?;
        if digits.is_empty() || digits.len() > 3 || (digits.len() > 1 && digits[0] == b'0') {
            return None;
        }
        let number = digits
            .iter()
            .fold(0u16, |n, d| n * 10 + u16::from(d - b'0'));
        *octet = u8::try_from(number).ok()?;
        i = end;
    }
    Some((Ipv4Addr::from(octets), i))
}

/// Whether four numbers may stand where they do: nothing goes on before or behind.
pub(super) fn is_apart(t: Text, start: usize, end: usize) -> bool {
    let before = t.before(start);
    let is_tail = before == b'.'
        || (matches!(before, b'-' | b'_') && start > 1 && t.bytes[start - 2].is_ascii_alphabetic())
        || before.is_ascii_alphanumeric();
    let behind = t.get(end);
    let next = t.get(end + 1);
    let goes_on = behind.is_ascii_alphanumeric()
        || behind == b'_'
        || (behind == b'.' && (next.is_ascii_alphanumeric() || next == b'_'))
        || (matches!(behind, b'-' | b'+') && next.is_ascii_alphabetic());
    !is_tail && !goes_on
}

/// Whether the words around say that four numbers are a version.
pub(super) fn is_version(t: Text, start: usize, end: usize) -> bool {
    let mut words = t.words_before(start);
    let near = words.next().unwrap_or_default().to_lowercase();
    let near = near.trim_start_matches(['(', '"', '\'']);
    let far = words.next().unwrap_or_default().to_lowercase();
    let is_up_to = near == "to"
        && matches!(
            far.as_str(),
            "prior"
                | "up"
                | "upgrade"
                | "upgraded"
                | "upgrading"
                | "updated"
                | "update"
                | "updating"
                | "downgrade"
        );
    if VERSION.contains(&near) || is_up_to || (near == "through" && VERSION.contains(&far.as_str()))
    {
        return true;
    }
    let behind = t.behind(end).to_lowercase();
    VERSION_BEHIND.iter().any(|w| behind.starts_with(w))
}

/// Whether what stands between two makes them one list or range.
pub(super) fn is_same_list(t: Text, last: usize, next: usize) -> bool {
    const JOINTS: &[&str] = &[
        "and", "or", "to", "through", "until", "before", "from", "up", "prior", "-", "–", "<", "<=",
    ];
    next > last
        && next - last <= 32
        && t.text[last..next]
            .split(|c: char| c.is_whitespace() || matches!(c, ',' | '/' | '(' | ')'))
            .all(|w| w.is_empty() || JOINTS.contains(&w))
}

/// The network that an address begins, if one does: its end.
pub(super) fn prefix(t: Text, end: usize, most: u32) -> Option<usize> {
    if t.get(end) != b'/' {
        return None;
    }
    let until = t.run(end + 1, |b| b.is_ascii_digit());
    let bits = t.text.get(end + 1..until)?;
    let goes_on = t.is_alnum(until)
        || matches!(t.get(until), b'/' | b'.' | b'-' | b'_') && t.is_alnum(until + 1);
    (bits.len() <= 3 && !goes_on && bits.parse::<u32>().ok()? <= most).then_some(until)
}

/// An IPv6 address or network at a place.
pub(super) fn ipv6(t: Text, from: usize) -> Option<Hit> {
    if matches!(t.before(from), b':' | b'.') || t.is_word(from.wrapping_sub(1)) && from > 0 {
        return None;
    }
    let mut end = t.run(from, |b| b.is_ascii_hexdigit() || matches!(b, b':' | b'.'));
    if end - from > 48 || t.is_word(end) {
        return None;
    }
    while end > from && t.bytes[end - 1] == b'.' {
        end -= 1;
    }
    if t.bytes[end - 1] == b':' && !t.text[from..end].ends_with("::") {
        end -= 1;
    }
    let text = &t.text[from..end];
    let colons = text.bytes().filter(|b| *b == b':').count();
    if colons < 2
        || text == "::"
        || is_fingerprint(text)
        || !text.bytes().any(|b| b.is_ascii_digit())
    {
        return None;
    }
    text.parse::<Ipv6Addr>().ok()?;
    Some(match prefix(t, end, 128) {
        Some(until) => Hit::of(t, IndicatorKind::Cidr, from, until),
        None => Hit::of(t, IndicatorKind::Ipv6, from, end),
    })
}

/// Eight pairs of digits: a piece of a key's fingerprint.
fn is_fingerprint(text: &str) -> bool {
    text.split(':').count() == 8 && text.split(':').all(|g| g.len() == 2)
}

/// Whether nobody outside can reach an address or network: private, loopback, link-local, documentation, multicast,
/// reserved.
pub fn is_private(value: &str) -> bool {
    let address = value.split('/').next().unwrap_or_default();
    if let Ok(v4) = address.parse::<Ipv4Addr>() {
        let [a, b, ..] = v4.octets();
        return v4.is_private()
            || v4.is_loopback()
            || v4.is_link_local()
            || v4.is_documentation()
            || v4.is_unspecified()
            || a >= 224
            || (a == 100 && (64..128).contains(&b));
    }
    address.parse::<Ipv6Addr>().is_ok_and(|v6| {
        let first = v6.segments()[0];
        v6.is_loopback()
            || v6.is_unspecified()
            || (first & 0xfe00) == 0xfc00
            || (first & 0xffc0) == 0xfe80
            || (first & 0xff00) == 0xff00
            || (first == 0x2001 && v6.segments()[1] == 0xdb8)
    })
}

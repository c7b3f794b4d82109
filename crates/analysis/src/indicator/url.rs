//! Addresses of the web and of other services, with or without a scheme, and mailboxes.

use super::address::{ipv6, is_apart, quad};
use super::domain::{host, run_end};
use super::refang::scheme_of;
use super::text::{Hit, Text, letter_at};
use super::{IndicatorKind, refang};

/// Longer than any address that is worth keeping.
const MOST: usize = 4096;

/// The most that stands between `://` and a path.
const MOST_AUTHORITY: usize = 512;

/// The address whose `://` is at a place; nothing before `floor` belongs to it.
pub(super) fn url(t: Text, at: usize, floor: usize) -> Option<Hit> {
    let word = refang::word_before(&t.text[floor..at]);
    let (scheme, taken) = scheme_of(word)?;
    let start = at - taken;
    let from = at + 3;
    let host_at = from + user_len(t, from);
    let (host, after) = authority(t, host_at)?;
    let end = ending(t, start, after);
    Some(address(start, end, || {
        format!(
            "{scheme}://{}{host}{}",
            &t.text[from..host_at],
            &t.text[after..end]
        )
    }))
}

/// The address without scheme whose host is known: it has a path.
pub(super) fn without_scheme(t: Text, start: usize, host_end: usize) -> Option<Hit> {
    let after = port_end(t, host_end);
    if t.get(after) != b'/' {
        return None;
    }
    let end = ending(t, start, after);
    Some(address(start, end, || {
        format!(
            "{}{}",
            t.text[start..host_end].to_lowercase(),
            &t.text[host_end..end]
        )
    }))
}

/// One that is too long to keep is read all the same, so that its text is not read again: it has no value.
fn address(start: usize, end: usize, value: impl FnOnce() -> String) -> Hit {
    let is_kept = end - start <= MOST;
    Hit {
        kind: IndicatorKind::Url,
        start,
        end,
        value: if is_kept { value() } else { String::new() },
    }
}

/// The mailbox whose `@` is at a place; nothing before `floor` belongs to it.
pub(super) fn email(t: Text, at: usize, floor: usize) -> Option<Hit> {
    let mut start = at;
    while start > floor && at - start < 65 && is_local(t.bytes[start - 1]) {
        start -= 1;
    }
    while start < at && !(t.is_alnum(start) || t.get(start) == b'_') {
        start += 1;
    }
    if start == at || at - start > 64 {
        return None;
    }
    let from = at + 1;
    let (host, end) = if t.get(from) == b'[' {
        literal(t, from)?
    } else {
        let run = run_end(t, from);
        let (first, end) = host(t, from, run)?;
        if first != from {
            return None;
        }
        (t.text[first..end].to_lowercase(), end)
    };
    Some(Hit {
        kind: IndicatorKind::Email,
        start,
        end,
        value: format!("{}@{host}", &t.text[start..at]),
    })
}

fn is_local(b: u8) -> bool {
    b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-' | b'+' | b'%')
}

/// `[192.168.0.1]`, `[IPv6:2001:db8::1]`
fn literal(t: Text, from: usize) -> Option<(String, usize)> {
    let close = t.run(from + 1, |b| {
        b.is_ascii_alphanumeric() || matches!(b, b'.' | b':')
    });
    if t.get(close) != b']' || close - from > 64 {
        return None;
    }
    let inner = &t.text[from + 1..close];
    let is_address = match inner.get(..5) {
        Some(p) if p.eq_ignore_ascii_case("ipv6:") => {
            inner[5..].parse::<std::net::Ipv6Addr>().is_ok()
        }
        _ => inner.parse::<std::net::Ipv4Addr>().is_ok(),
    };
    is_address.then(|| (t.text[from..=close].to_string(), close + 1))
}

/// The length of `user:password@`.
fn user_len(t: Text, from: usize) -> usize {
    let end = t.len().min(from + 192);
    for i in from..end {
        match t.bytes[i] {
            b'@' => return i + 1 - from,
            b'/' | b'?' | b'#' | b'"' | b'<' | b'>' | b'\\' | b' ' | b'\n' | b'\t' | b'\r' => break,
            _ => {}
        }
    }
    0
}

/// Host and port at a place, the host in lower case, and where they end.
fn authority(t: Text, from: usize) -> Option<(String, usize)> {
    if t.get(from) == b'[' {
        let close = t.run(from + 1, |b| {
            b.is_ascii_hexdigit() || matches!(b, b':' | b'.')
        });
        let inner = t.text.get(from + 1..close)?;
        inner.parse::<std::net::Ipv6Addr>().ok()?;
        if t.get(close) != b']' {
            return None;
        }
        let after = port_end(t, close + 1);
        return Some((t.text[from..after].to_string(), after));
    }
    if let Some((_, end)) = quad(t, from).filter(|(_, end)| is_apart(t, from, *end)) {
        let after = port_end(t, end);
        return Some((t.text[from..after].to_string(), after));
    }
    if let Some(hit) = ipv6(t, from).filter(|h| h.kind == IndicatorKind::Ipv6) {
        return Some((hit.value, hit.end));
    }
    let run = run_end(t, from);
    if run - from > MOST_AUTHORITY {
        return None;
    }
    let (first, end) = host(t, from, run)?;
    if first != from {
        return None;
    }
    // What the run leaves over (`_`, `-`, `.`) is behind the address.
    let after = port_end(t, end);
    let text = format!(
        "{}{}",
        t.text[first..end].to_lowercase(),
        &t.text[end..after]
    );
    Some((text, after))
}

/// The end of `:8080`, if that is what stands there.
fn port_end(t: Text, at: usize) -> usize {
    if t.get(at) != b':' {
        return at;
    }
    let end = t.run(at + 1, |b| b.is_ascii_digit());
    if (2..=6).contains(&(end - at)) {
        end
    } else {
        at
    }
}

/// The end of an address that began at `start` and whose host and port end at `after`.
fn ending(t: Text, start: usize, after: usize) -> usize {
    if !matches!(t.get(after), b'/' | b'?' | b'#') {
        return after;
    }
    let mut end = path_end(t, after, t.before(start));
    while end - start <= MOST && end > after && is_loose_end(t.bytes[end - 1]) {
        end -= 1;
    }
    end
}

/// What ends a sentence rather than an address.
fn is_loose_end(b: u8) -> bool {
    matches!(
        b,
        b'.' | b',' | b';' | b':' | b'!' | b'?' | b'\'' | b'"' | b'*'
    )
}

/// The end of a path, query and fragment: at what cannot stand in one, or closes what was open before it.
fn path_end(t: Text, from: usize, quote: u8) -> usize {
    let (mut round, mut square, mut curly) = (0u32, 0u32, 0u32);
    let mut i = from;
    while i < t.len() {
        match t.bytes[i] {
            b'(' => round += 1,
            b'[' => square += 1,
            b'{' => curly += 1,
            b')' if round == 0 => break,
            b']' if square == 0 => break,
            b'}' if curly == 0 => break,
            b')' => round -= 1,
            b']' => square -= 1,
            b'}' => curly -= 1,
            b'\'' if quote == b'\'' || is_behind_quote(t.get(i + 1)) => break,
            b',' if t.starts(i + 1, b"http") => break,
            b'<' | b'>' | b'"' | b'`' | b'|' | b'\\' | b'^' => break,
            b if b.is_ascii_whitespace() || b.is_ascii_control() => break,
            b if b >= 0x80 => match letter_at(t, i) {
                Some(len) => {
                    i += len;
                    continue;
                }
                None => break,
            },
            _ => {}
        }
        i += 1;
    }
    i
}

fn is_behind_quote(b: u8) -> bool {
    b.is_ascii_whitespace() || matches!(b, b')' | b']' | b';' | b',' | b'>' | b'}')
}

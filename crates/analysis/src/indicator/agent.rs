//! What programs call themselves in HTTP, where it is sure: Mozilla's form, and names that nothing else has.

use super::IndicatorKind;
use super::text::{Hit, Text};

/// Programs whose name with a version is said as a user agent only.
const PROGRAMS: &[&str] = &[
    "python-requests",
    "Go-http-client",
    "python-urllib",
    "Python-urllib",
    "okhttp",
    "aiohttp",
    "libwww-perl",
    "Apache-HttpClient",
];

/// Words without a version that go on a user agent.
const BARE: &[&str] = &[
    "Gecko", "Safari", "Mobile", "like", "KHTML", "Version", "Chrome", "Firefox", "Edge",
];

/// Longer than any user agent.
const MOST: usize = 1024;

/// The user agent that begins at a place.
pub(super) fn agent(t: Text, start: usize) -> Option<Hit> {
    let is_mozilla = t.starts(start, b"Mozilla/") || t.starts(start, b"mozilla/");
    if is_mozilla {
        return mozilla(t, start);
    }
    let program = PROGRAMS.iter().find(|p| t.starts(start, p.as_bytes()))?;
    let slash = start + program.len();
    let end = version_end(t, slash + 1);
    (t.get(slash) == b'/' && end > slash + 1)
        .then(|| Hit::of(t, IndicatorKind::UserAgent, start, end))
}

/// `Mozilla/5.0 (...)` and what belongs to it.
fn mozilla(t: Text, start: usize) -> Option<Hit> {
    let limit = t.len().min(start + MOST);
    let version = version_end(t, start + 8);
    if version == start + 8 || t.get(version) != b' ' || t.get(version + 1) != b'(' {
        return None;
    }
    let mut end = details(t, version + 1, limit)?;
    while t.get(end) == b' ' {
        let at = end + 1;
        if t.get(at) == b'(' {
            match details(t, at, limit) {
                Some(behind) => end = behind,
                None => break,
            }
            continue;
        }
        let word = t.run(at, |b| {
            b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-')
        });
        let name = &t.text[at..word];
        if name.is_empty() || name.eq_ignore_ascii_case("mozilla") || word > limit {
            break;
        }
        if t.get(word) == b'/' && t.is_alnum(word + 1) {
            end = version_end(t, word + 1);
        } else if BARE.contains(&name) && t.get(word) != b':' {
            end = word;
        } else {
            break;
        }
    }
    Some(Hit::of(t, IndicatorKind::UserAgent, start, end))
}

/// The end of what stands in brackets.
fn details(t: Text, open: usize, limit: usize) -> Option<usize> {
    let mut depth = 0;
    for i in open..limit {
        match t.bytes[i] {
            b'(' => depth += 1,
            b')' if depth == 1 => return Some(i + 1),
            b')' => depth -= 1,
            b'\n' => return None,
            _ => {}
        }
    }
    None
}

/// The end of a version, without the full stop behind it.
fn version_end(t: Text, from: usize) -> usize {
    let mut end = t.run(from, |b| {
        b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-' | b'+')
    });
    while end > from && matches!(t.bytes[end - 1], b'.' | b'-') {
        end -= 1;
    }
    end
}

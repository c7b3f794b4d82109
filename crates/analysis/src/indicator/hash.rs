//! Hashes of files.

use super::IndicatorKind;
use super::text::{Hit, Text};

/// The hash that a run of letters and digits is.
pub(super) fn hash(t: Text, start: usize, end: usize) -> Option<Hit> {
    // `x<hash>` is how some tools write one.
    let start = start + usize::from(is_hex_sign(t, start, end));
    let kind = match end - start {
        32 => IndicatorKind::Md5,
        40 => IndicatorKind::Sha1,
        64 => IndicatorKind::Sha256,
        128 => IndicatorKind::Sha512,
        _ => return None,
    };
    let digits = &t.bytes[start..end];
    if !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    let label = label_before(t, start);
    let kind = match kind {
        IndicatorKind::Md5 if label.ends_with("imphash") || label.ends_with("import hash") => {
            IndicatorKind::Imphash
        }
        IndicatorKind::Sha256 if label.ends_with("authentihash") => IndicatorKind::Authentihash,
        // A change in a repository has such a name too.
        IndicatorKind::Sha1 if label.ends_with("commit") || label.ends_with("commit id") => {
            return None;
        }
        kind => kind,
    };
    Some(Hit {
        kind,
        start,
        end,
        value: t.text[start..end].to_ascii_lowercase(),
    })
}

fn is_hex_sign(t: Text, start: usize, end: usize) -> bool {
    matches!(t.get(start), b'x' | b'X') && matches!(end - start, 33 | 41 | 65 | 129)
}

/// What stands before a hash, without what separates them.
fn label_before(t: Text, start: usize) -> String {
    let mut end = start;
    while end > 0 && start - end < 32 && !t.is_alnum(end - 1) && t.bytes[end - 1].is_ascii() {
        end -= 1;
    }
    let mut least = end.saturating_sub(12);
    while !t.text.is_char_boundary(least) {
        least += 1;
    }
    t.text[least..end].to_ascii_lowercase()
}

/// A fuzzy hash: `size:chunks:chunks of double size`. Sizes are 3 times a power of two.
pub(super) fn ssdeep(t: Text, start: usize, colon: usize) -> Option<Hit> {
    let size: u64 = t
        .text
        .get(start..colon)
        .filter(|s| s.len() <= 12)?
        .parse()
        .ok()?;
    if size < 3 || !size.is_multiple_of(3) || !(size / 3).is_power_of_two() {
        return None;
    }
    let is_chunk = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'/' | b'+');
    let middle = t.run(colon + 1, is_chunk);
    if t.get(middle) != b':' {
        return None;
    }
    let end = t.run(middle + 1, is_chunk);
    let (first, second) = (middle - colon - 1, end - middle - 1);
    let is_one = (3..=64).contains(&first)
        && (3..=64).contains(&second)
        && first >= second
        && first + second >= 12;
    is_one.then(|| Hit::of(t, IndicatorKind::Ssdeep, start, end))
}

//! Files, folders and keys of the registry.
//!
//! Names of folders have blanks. A blank belongs to a path where the same name goes on to a separator, and in the last name only
//! where every further word begins with a capital or a digit and an ending follows, or the path stands in quotes or alone in its
//! line. A path of a Unix without ending is one only under a folder that every Unix has: `and/or` is prose.

use super::IndicatorKind;
use super::text::{Hit, Text};

/// Longer than any path that is worth keeping.
const MOST: usize = 512;

/// The most blanks in the name of a folder.
const MOST_BLANKS: usize = 5;

/// Where all files of a Unix lie.
const ROOTS: &[&str] = &[
    "etc",
    "usr",
    "var",
    "tmp",
    "home",
    "opt",
    "bin",
    "sbin",
    "root",
    "dev",
    "proc",
    "sys",
    "lib",
    "lib64",
    "mnt",
    "srv",
    "boot",
    "run",
    "media",
    "Library",
    "Users",
    "Applications",
    "System",
    "private",
    "Volumes",
    "data",
    "sdcard",
];

/// The roots of the registry; longer ones first.
const HIVES: &[&str] = &[
    "HKEY_LOCAL_MACHINE",
    "HKEY_CURRENT_USER",
    "HKEY_CURRENT_CONFIG",
    "HKEY_CLASSES_ROOT",
    "HKEY_PERFORMANCE_DATA",
    "HKEY_DYN_DATA",
    "HKEY_USERS",
    "HKLM",
    "HKCU",
    "HKCR",
    "HKCC",
    "HKU",
    "HKPD",
    "HKDD",
];

/// A path of Windows: it begins at `start`, and its separators from `from` on.
pub(super) fn windows(t: Text, start: usize, from: usize) -> Option<Hit> {
    let separator = t.get(from);
    let names = Names {
        separator,
        is_key: false,
    };
    let end = names.end(t, start, from)?;
    // `C:/` alone is a drive, `a:/b` may be anything.
    let is_sure = separator == b'\\' && end > from + 1 || has_ending(&t.text[from..end]);
    is_sure.then(|| kept(Hit::of(t, IndicatorKind::FilePath, start, end)))
}

/// A path of a Unix that begins at `start` and whose first `/` is at `from`.
pub(super) fn unix(t: Text, start: usize, from: usize) -> Option<Hit> {
    if matches!(t.get(from + 1), b'/' | b' ') {
        return None;
    }
    let names = Names {
        separator: b'/',
        is_key: false,
    };
    let end = names.end(t, start, from)?;
    let path = &t.text[from..end];
    if path.contains("//") {
        return None;
    }
    let mut parts = path.split('/').skip(1);
    let first = parts.next().unwrap_or_default();
    let is_rooted = (ROOTS.contains(&first) || t.get(start) == b'~' || start < from)
        && parts.next().is_some_and(|p| !p.is_empty());
    (is_rooted || has_ending(path)).then(|| kept(Hit::of(t, IndicatorKind::FilePath, start, end)))
}

/// What is too long to keep is read all the same, so that its text is not read again: it has no value.
fn kept(mut hit: Hit) -> Hit {
    if hit.end - hit.start >= MOST - 1 {
        hit.value.clear();
    }
    hit
}

/// A key of the registry that begins at `start`, in angle brackets or not.
pub(super) fn registry(t: Text, start: usize) -> Option<Hit> {
    let hive = HIVES.iter().find(|h| t.starts(start, h.as_bytes()))?;
    let mut from = start + hive.len();
    let is_bracketed = t.before(start) == b'<' && t.get(from) == b'>';
    // PowerShell writes `HKLM:\`.
    if is_bracketed || t.get(from) == b':' {
        from += 1;
    }
    if t.get(from) != b'\\' {
        return None;
    }
    let names = Names {
        separator: b'\\',
        is_key: true,
    };
    let end = names.end(t, start, from)?;
    let value = format!("{hive}{}", &t.text[from..end]);
    let hit = Hit {
        kind: IndicatorKind::RegistryKey,
        start: start - usize::from(is_bracketed),
        end,
        value,
    };
    (end > from + 1).then(|| kept(hit))
}

/// Whether a path's last name has an ending of one to five letters and digits.
fn has_ending(path: &str) -> bool {
    let last = path.rsplit(['/', '\\']).next().unwrap_or_default();
    last.rsplit_once('.').is_some_and(|(name, ending)| {
        (1..=5).contains(&ending.len())
            && !name.is_empty()
            && ending.bytes().all(|b| b.is_ascii_alphanumeric())
            && ending.bytes().any(|b| b.is_ascii_alphabetic())
    })
}

/// How names of folders and files are read.
struct Names {
    separator: u8,
    is_key: bool,
}

impl Names {
    /// The end of the path whose first separator is at `from`.
    fn end(&self, t: Text, start: usize, from: usize) -> Option<usize> {
        let limit = t.len().min(start + MOST);
        let mut end = from;
        let mut at = from;
        while t.get(at) == self.separator {
            let name = at + t.run(at, |b| b == self.separator).min(at + 2) - at;
            let Some((stop, is_folder)) = self.name(t, start, name, limit) else {
                end = name.min(limit);
                break;
            };
            end = stop;
            if !is_folder {
                break;
            }
            at = stop;
        }
        let least = from + 1;
        while end > least && is_loose_end(t.bytes[end - 1]) {
            end -= 1;
        }
        (end > from).then_some(end)
    }

    /// The end of the name at a place, and whether a separator follows.
    fn name(&self, t: Text, start: usize, from: usize, limit: usize) -> Option<(usize, bool)> {
        let mut i = from;
        let mut word_end = None;
        let mut blanks = 0;
        let mut is_titled = true;
        while i < limit {
            let b = t.get(i);
            if b == self.separator {
                // `AppData \Local` has a blank too many; `a.dll \\server` and `/bin or usr/lib` are two things.
                let is_two = t.before(i) == b' '
                    && (self.separator == b'/'
                        || t.get(i + 1) == b'\\'
                        || has_ending(&t.text[from..i - 1]));
                if is_two || (word_end.is_some() && self.separator == b'/' && !is_titled) {
                    break;
                }
                return Some((i, true));
            } else if b == b' ' {
                word_end = word_end.or(Some(i));
                blanks += 1;
                if blanks > MOST_BLANKS || i == from || t.get(i + 1) == b' ' {
                    break;
                }
                let next = t.get(i + 1);
                is_titled &= next.is_ascii_uppercase()
                    || next.is_ascii_digit()
                    || matches!(next, b'(' | b'-');
            } else if b == b'<' && self.is_key && t.starts(i + 1, b"HK") {
                break;
            } else if b == b'<' {
                i = self.placeholder(t, i)?;
                continue;
            } else if !self.is_in(t, i) || (self.is_key && is_hive(t, i)) {
                break;
            }
            i += 1;
        }
        match word_end {
            Some(first) => Some((self.last(t, start, from, first, i, is_titled), false)),
            None if i == from => None,
            None => Some((i, false)),
        }
    }

    /// The end of a last name that has blanks: at its first, or behind its ending.
    fn last(
        &self,
        t: Text,
        start: usize,
        from: usize,
        first: usize,
        until: usize,
        is_titled: bool,
    ) -> usize {
        if self.is_key || has_ending(&t.text[from..first]) {
            return first;
        }
        let mut end = until;
        while end > first && matches!(t.bytes[end - 1], b' ' | b'.' | b',' | b';') {
            end -= 1;
        }
        let is_quoted =
            matches!(t.before(start), b'"' | b'\'' | b'`') && t.get(until) == t.before(start);
        let is_alone = matches!(t.before(start), b'\n' | b' ')
            && (until >= t.len() || matches!(t.get(until), b'\n' | b'\r'))
            && t.text[..start]
                .trim_end_matches(' ')
                .bytes()
                .next_back()
                .is_none_or(|b| b == b'\n');
        let is_whole =
            has_ending(&t.text[from..end]) && t.text[from..end].matches('.').count() == 1;
        if is_whole && (is_titled || is_quoted || is_alone) {
            end
        } else {
            first
        }
    }

    /// Behind `<username>`.
    fn placeholder(&self, t: Text, at: usize) -> Option<usize> {
        let end = t.run(at + 1, |b| {
            b.is_ascii_alphanumeric() || matches!(b, b' ' | b'_' | b'-' | b'.')
        });
        (t.get(end) == b'>' && end - at < 40 && end > at + 1).then_some(end + 1)
    }

    fn is_in(&self, t: Text, i: usize) -> bool {
        let b = t.get(i);
        if b >= 0x80 {
            return super::text::letter_at(t, i).is_some() || !t.text.is_char_boundary(i);
        }
        let is_common = b.is_ascii_alphanumeric()
            || matches!(
                b,
                b'.' | b'_'
                    | b'-'
                    | b'~'
                    | b'+'
                    | b'@'
                    | b'%'
                    | b'$'
                    | b'&'
                    | b'#'
                    | b'{'
                    | b'}'
                    | b'!'
                    | b'='
            );
        is_common
            || (matches!(b, b'(' | b')') && self.separator == b'\\' && is_round_inside(t, i))
            || (b == b'*' && !self.is_key)
            || (b == b'[' || b == b']') && self.separator == b'\\' && t.is_alnum(i + 1)
    }
}

/// Whether a round bracket has its other one near, so that it belongs to a name.
fn is_round_inside(t: Text, i: usize) -> bool {
    let is_end = |b: u8| b == b'\n' || b == b'\\';
    if t.get(i) == b'(' {
        let end = t.len().min(i + 24);
        t.bytes[i..end]
            .iter()
            .take_while(|b| !is_end(**b))
            .any(|b| *b == b')')
    } else {
        let least = i.saturating_sub(24);
        t.bytes[least..i]
            .iter()
            .rev()
            .take_while(|b| !is_end(**b))
            .any(|b| *b == b'(')
    }
}

/// Whether another key begins at a place.
fn is_hive(t: Text, i: usize) -> bool {
    t.starts(i, b"HK")
        && t.before(i) == b' '
        && HIVES
            .iter()
            .any(|h| t.starts(i, h.as_bytes()) && matches!(t.get(i + h.len()), b'\\' | b':'))
}

/// What ends a sentence, or a folder's name that is whole without it.
fn is_loose_end(b: u8) -> bool {
    matches!(
        b,
        b'\\' | b'.' | b',' | b';' | b':' | b'!' | b' ' | b'*' | b'@' | b'='
    )
}

//! Versions, and the ranges that the words around them make: `before 2.17.1`, `2.0 through 2.3`,
//! `up to and including 1.4`, `5.x before 5.4.2`, `>= 1.0, < 2.0`, `1.4 and earlier`.
//!
//! A number alone (`130`) is a version only where the tagger or the words say so. A version that fixes
//! (`fixed in 2.17.1`, `upgrade to 2.17.1 or later`) makes no range: it says what is not affected.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::words::{Gap, Word};

/// Versions between two ends; an end that is missing is open.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct VersionSpan {
    /// The first version.
    pub from: Option<String>,
    /// Whether it is meant too.
    pub from_included: bool,
    /// The last version.
    pub to: Option<String>,
    /// Whether it is meant too.
    pub to_included: bool,
}

/// A version in a text: words, half open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Version {
    pub from: usize,
    pub to: usize,
    pub range: Option<VersionSpan>,
    /// Whether its form and the words around it are enough to call it a version.
    pub is_sure: bool,
}

/// What the words before a version say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Says {
    Nothing,
    /// `version 1.2`
    This,
    /// `before`, `<`
    Before,
    /// `through`, `<=`
    UpTo,
    /// `from`, `>=`
    From,
    /// `after`, `>`
    After,
    /// `between`
    Between,
    /// `fixed in`, `upgrade to`
    Fixed,
}

/// The versions of some words, in their order. `marked` are those that the tagger found, in order.
pub(super) fn find(text: &str, words: &[Word], marked: &[(usize, usize)]) -> Vec<Version> {
    let low: Vec<Cow<'_, str>> = words.iter().map(|w| small(w.of(text))).collect();
    let mut spans: Vec<(usize, usize, bool, bool)> = Vec::new();
    let mut next_marked = marked.iter().copied().peekable();
    let mut at = 0;
    while at < words.len() {
        if let Some((from, to)) = next_marked.peek().copied() {
            if from < at {
                next_marked.next();
                continue;
            }
            if from == at {
                spans.push((from, to, true, false));
                at = to.max(at + 1);
                continue;
            }
        }
        match version_at(text, words, at) {
            Some((to, bare)) => {
                let limit = next_marked.peek().map_or(usize::MAX, |m| m.0);
                let to = to.min(limit);
                spans.push((at, to, false, bare));
                at = to;
            }
            None => at += 1,
        }
    }
    let says: Vec<(Says, bool)> = spans.iter().map(|s| before(&low, s.0)).collect();
    let mut found: Vec<Version> = Vec::with_capacity(spans.len());
    let mut skip = 0;
    for k in 0..spans.len() {
        let (from, to, is_marked, bare) = spans[k];
        let (said, is_named) = says[k];
        let range = if skip > 0 {
            skip -= 1;
            found.last().and_then(|v: &Version| v.range.clone())
        } else {
            let pair = spans
                .get(k + 1)
                .and_then(|next| pair(&low[to..next.0], said).map(|p| (p, *next)));
            match pair {
                Some(((from_included, to_included), next)) if said != Says::Fixed => {
                    skip = 1;
                    Some(VersionSpan {
                        from: Some(lower_end(&value(text, words, from, to))),
                        from_included,
                        to: Some(value(text, words, next.0, next.1)),
                        to_included,
                    })
                }
                _ => single(value(text, words, from, to), said, &low, to),
            }
        };
        // Whether the words before or behind it speak of versions, not only of some number.
        let speaks = is_named || matches!(said, Says::Before | Says::UpTo | Says::From | Says::Fixed);
        let is_sure = is_marked || if bare { is_named } else { speaks || range.is_some() };
        found.push(Version {
            from,
            to,
            range: range.filter(|_| is_sure || !bare),
            is_sure,
        });
    }
    found
}

/// A word in small letters; of ASCII, because nothing else speaks of versions.
fn small(word: &str) -> Cow<'_, str> {
    if word.len() <= 24 && word.bytes().any(|b| b.is_ascii_uppercase()) {
        Cow::Owned(word.to_ascii_lowercase())
    } else {
        Cow::Borrowed(word)
    }
}

/// A version that begins at a word: where it ends, and whether it is a number alone.
fn version_at(text: &str, words: &[Word], at: usize) -> Option<(usize, bool)> {
    let first = words[at].of(text);
    let body = first.strip_prefix(['v', 'V']).unwrap_or(first);
    let body = body.strip_prefix('.').unwrap_or(body);
    if !body.starts_with(|c: char| c.is_ascii_digit()) || first.len() > 40 {
        return None;
    }
    // What touches something before it (`CVE-2024`, `foo/1.2`) is part of that.
    if words[at].gap == Gap::None && at > 0 {
        let before = words[at - 1].of(text);
        if matches!(before, "-" | "/" | "_" | "$" | "#" | "\\" | "%" | "@") {
            return None;
        }
    }
    let dots = body.matches('.').count();
    let digits = body.chars().filter(char::is_ascii_digit).count();
    let letters = body.chars().filter(|c| c.is_alphabetic()).count();
    if letters > 12 || (dots == 0 && letters > 0 && body.len() == first.len()) {
        return None;
    }
    // A dot makes a version of it, or the letter before it.
    let bare = dots == 0 && body.len() == first.len();
    if dots > 0 && letters > digits + 6 {
        return None;
    }
    let mut to = at + 1;
    while to + 1 < words.len() && to - at < 8 {
        let joins = matches!(words[to].of(text), "-" | "+");
        let part = words[to + 1].of(text);
        if !joins || words[to].gap != Gap::None || words[to + 1].gap != Gap::None {
            break;
        }
        // `1.0-1.3` is two versions; `1.0-rc.1`, `1.0-2` is one.
        let is_version = part.contains('.') && part.starts_with(|c: char| c.is_ascii_digit());
        if is_version || bare || part.len() > 16 || !part.starts_with(|c: char| c.is_ascii_alphanumeric()) {
            break;
        }
        to += 2;
    }
    Some((to, bare))
}

/// A version's text without what is before its first digit.
fn value(text: &str, words: &[Word], from: usize, to: usize) -> String {
    let (Some(first), Some(last)) = (words.get(from), words.get(to.saturating_sub(1))) else {
        return String::new();
    };
    let whole = text
        .get(first.start as usize..last.end as usize)
        .unwrap_or_default();
    let bare = whole.trim_start_matches(['v', 'V', '.']);
    if bare.starts_with(|c: char| c.is_ascii_digit()) {
        bare.to_string()
    } else {
        whole.to_string()
    }
}

/// `5.x` begins with 5.
fn lower_end(version: &str) -> String {
    let cut = version
        .strip_suffix(".x")
        .or_else(|| version.strip_suffix(".X"));
    cut.unwrap_or(version).to_string()
}

/// Words that may stand between what is said and the version.
fn is_noise(word: &str) -> bool {
    matches!(
        word,
        "version" | "versions" | "v" | "v." | "ver" | "the" | "firmware" | "release" | "releases" | "build"
            | "builds" | "all" | "`" | "(" | "\"" | "'" | ":" | "*" | "software" | "of" | "=" | "affected"
            | "patch" | "commit" | "revision"
    )
}

/// What the words before a version say, and whether one of them is "version".
fn before(low: &[Cow<'_, str>], at: usize) -> (Says, bool) {
    let mut end = at;
    let mut is_named = false;
    let mut equal = false;
    while end > 0 && at - end < 5 && is_noise(&low[end - 1]) {
        end -= 1;
        is_named |= low[end].starts_with("ver") || low[end] == "release" || low[end] == "releases";
        equal |= low[end] == "=";
    }
    let back = |n: usize| end.checked_sub(n).map_or("", |i| low[i].as_ref());
    let says = match (back(2), back(1)) {
        ("prior", "to") | ("earlier" | "older" | "lower" | "less", "than") => Says::Before,
        ("later" | "newer" | "greater" | "higher", "than") => Says::After,
        (_, "before" | "below") => Says::Before,
        (_, "<") => {
            if equal {
                Says::UpTo
            } else {
                Says::Before
            }
        }
        (_, "≤") => Says::UpTo,
        (_, "≥") => Says::From,
        (_, ">") => {
            if equal {
                Says::From
            } else {
                Says::After
            }
        }
        (_, "excluding") if back(3) == "to" || back(2) == "to" => Says::Before,
        ("not", "including") => Says::Before,
        (_, "through" | "thru" | "until" | "till") | ("up", "to") => Says::UpTo,
        _ if is_up_to_and_including(low, end) => Says::UpTo,
        (_, "from" | "since") | ("starting" | "beginning", "with" | "in" | "at") => Says::From,
        (_, "after") => Says::After,
        (_, "between") => Says::Between,
        _ if is_fixed(low, end) => Says::Fixed,
        _ if is_named => Says::This,
        _ => Says::Nothing,
    };
    (says, is_named)
}

/// `up to and including`, `up to, and including,`.
fn is_up_to_and_including(low: &[Cow<'_, str>], end: usize) -> bool {
    let mut words = low[..end].iter().rev().filter(|w| *w != ",").take(4);
    let mut is = |word: &str| words.next().is_some_and(|w| w == word);
    is("including") && is("and") && is("to") && is("up")
}

/// `fixed in`, `patched in`, `upgrade to`, `update to at least`.
fn is_fixed(low: &[Cow<'_, str>], end: usize) -> bool {
    let from = end.saturating_sub(4);
    let near = &low[from..end];
    let last = near.last().map_or("", |w| w.as_ref());
    matches!(last, "in" | "to" | "with" | "by" | "least" | "at" | "upgrading" | "updating")
        && near.iter().any(|w| {
            ["fix", "patch", "upgrad", "updat", "resolv", "address", "remediat", "correct"]
                .iter()
                .any(|stem| w.starts_with(stem))
        })
}

/// What lies between two versions of one range: whether its first and last are meant too.
fn pair(between: &[Cow<'_, str>], said: Says) -> Option<(bool, bool)> {
    if between.len() > 8 || matches!(said, Says::Before | Says::UpTo) {
        return None;
    }
    let mut equal = false;
    let mut parts: Vec<&str> = Vec::with_capacity(between.len());
    for word in between {
        if word == "=" {
            equal = true;
        } else if !is_noise(word) && !matches!(word.as_ref(), "," | ")" | "including" | "inclusive") {
            parts.push(word);
        }
    }
    let first = said != Says::After;
    let to_included = match parts.as_slice() {
        ["through" | "thru" | "to" | "until" | "till" | "-" | "–" | "—" | "≤"]
        | ["up", "to"]
        | ["up", "to", "and"]
        | ["and", "up", "to"]
        | ["to", "and"]
        | ["through", "and"] => true,
        ["before" | "below"]
        | ["prior", "to"]
        | ["and", "before" | "below"]
        | ["and", "prior", "to"]
        | ["up", "to", "but", "not"]
        | ["to", "before"]
        | ["up", "to", "excluding"] => false,
        ["<"] | ["and", "<"] | ["&", "<"] => equal,
        ["and"] if said == Says::Between => true,
        _ => return None,
    };
    Some((first, to_included))
}

/// The range of one version.
fn single(version: String, said: Says, low: &[Cow<'_, str>], to: usize) -> Option<VersionSpan> {
    let after = behind(low, to);
    let span = match (said, after) {
        (Says::Fixed, _) => return None,
        (Says::Before, _) => VersionSpan {
            to: Some(version),
            ..VersionSpan::default()
        },
        (Says::UpTo, _) | (Says::This | Says::Nothing, Says::UpTo) => VersionSpan {
            to: Some(version),
            to_included: true,
            ..VersionSpan::default()
        },
        (Says::From, _) | (Says::This | Says::Nothing, Says::From) => VersionSpan {
            from: Some(lower_end(&version)),
            from_included: true,
            ..VersionSpan::default()
        },
        (Says::After, _) => VersionSpan {
            from: Some(version),
            ..VersionSpan::default()
        },
        (Says::This, _) => VersionSpan {
            from: Some(version.clone()),
            from_included: true,
            to: Some(version),
            to_included: true,
        },
        _ => return None,
    };
    Some(span)
}

/// What the words behind a version say: `and earlier`, `or later`.
fn behind(low: &[Cow<'_, str>], mut at: usize) -> Says {
    let word = |at: usize| low.get(at).map_or("", |w| w.as_ref());
    while matches!(word(at), "," | "(" | "`" | ")" | "\"") {
        at += 1;
    }
    let joined = matches!(word(at), "and" | "or");
    if joined {
        at += 1;
    }
    if matches!(word(at), "all" | "any") {
        at += 1;
    }
    match word(at) {
        "earlier" | "prior" | "below" | "older" | "lower" | "previous" | "before" if joined => Says::UpTo,
        "later" | "newer" | "above" | "higher" | "greater" | "up" | "after" | "onwards" | "onward"
        | "upwards"
            if joined =>
        {
            Says::From
        }
        "onwards" | "onward" => Says::From,
        _ => Says::Nothing,
    }
}

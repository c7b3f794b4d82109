//! Ids that are known by their form: CVE, CWE, GHSA and the techniques of ATT&CK.

use super::EntityKind;
use super::gazetteer::Gazetteer;
use super::words::{Gap, Word};

/// An id in a text: words, half open, with its canonical spelling.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Id {
    pub from: usize,
    pub to: usize,
    pub kind: EntityKind,
    pub id: String,
}

/// The ids of some words.
pub(super) fn find(text: &str, words: &[Word], names: &Gazetteer) -> Vec<Id> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < words.len() {
        match id_at(text, words, at, names) {
            Some(id) => {
                at = id.to;
                found.push(id);
            }
            None => at += 1,
        }
    }
    found
}

fn id_at(text: &str, words: &[Word], at: usize, names: &Gazetteer) -> Option<Id> {
    let first = words[at].of(text);
    let bytes = first.as_bytes();
    if !(3..=9).contains(&bytes.len()) || !matches!(bytes[0], b'C' | b'c' | b'G' | b'g' | b'T') {
        return None;
    }
    // Nothing begins inside a word that a hyphen makes.
    if words[at].gap == Gap::None && at > 0 && is_hyphen(words[at - 1].of(text)) {
        return None;
    }
    let part = |n: usize| -> Option<&str> {
        let hyphen = words.get(at + 2 * n - 1)?;
        let part = words.get(at + 2 * n)?;
        let joined = hyphen.gap == Gap::None && part.gap == Gap::None && is_hyphen(hyphen.of(text));
        joined.then(|| part.of(text))
    };
    let is_number = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
    let made = |parts: usize, kind, id| Id {
        from: at,
        to: at + 2 * parts + 1,
        kind,
        id,
    };
    if first.eq_ignore_ascii_case("cve") {
        let (year, number) = (part(1)?, part(2)?);
        let is_id = year.len() == 4
            && is_number(year)
            && (4..=10).contains(&number.len())
            && is_number(number);
        return is_id.then(|| made(2, EntityKind::Cve, format!("CVE-{year}-{number}")));
    }
    if first.eq_ignore_ascii_case("cwe") {
        let number = part(1)?;
        let is_id = number.len() <= 5 && is_number(number);
        return is_id.then(|| made(1, EntityKind::Cwe, format!("CWE-{number}")));
    }
    if first.eq_ignore_ascii_case("ghsa") {
        let parts = [part(1)?, part(2)?, part(3)?];
        let is_id = parts
            .iter()
            .all(|p| p.len() == 4 && p.bytes().all(|b| b.is_ascii_alphanumeric()));
        return is_id.then(|| {
            let id = format!("GHSA-{}", parts.join("-").to_lowercase());
            made(3, EntityKind::Ghsa, id)
        });
    }
    let (digits, sub) = match first.strip_prefix('T')?.split_once('.') {
        Some((digits, sub)) => (digits, Some(sub)),
        None => (first.strip_prefix('T')?, None),
    };
    let is_form = digits.len() == 4
        && is_number(digits)
        && sub.is_none_or(|s| s.len() == 3 && is_number(s));
    (is_form && (sub.is_some() || names.has_technique(first)))
        .then(|| made(0, EntityKind::Technique, first.to_string()))
}

fn is_hyphen(word: &str) -> bool {
    matches!(word, "-" | "\u{2010}" | "\u{2011}" | "\u{2012}" | "\u{2013}")
}

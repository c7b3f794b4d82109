//! Sentences, articles, versions and product names in descriptions.

use super::markers::{Markers, markers};
use crate::model::Product;

/// The sentences of a text. A full stop ends one where a capital, a line end or nothing follows, unless
/// the word before it is an abbreviation.
pub(super) fn sentences(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text.trim();
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let (sentence, after) = rest.split_at(sentence_end(rest));
        rest = after.trim_start();
        Some(sentence.trim())
    })
    .filter(|sentence| !sentence.is_empty())
}

pub(super) fn first_sentence(text: &str) -> &str {
    let text = text.trim();
    text[..sentence_end(text)].trim()
}

fn sentence_end(text: &str) -> usize {
    let bytes = text.as_bytes();
    for (i, b) in bytes.iter().enumerate() {
        match b {
            b'\n' if bytes.get(i + 1) == Some(&b'\n') => return i,
            b'.' | b'!' | b'?' => {
                let after = text[i + 1..].trim_start_matches([')', '"', '\'']);
                let parted = after.starts_with([' ', '\n']) || after.is_empty();
                let next = after.trim_start().chars().next();
                let glued = !parted && after.starts_with("This ");
                let opens = next.is_none_or(|c| !c.is_lowercase());
                if glued || (parted && opens && !is_abbreviation(&text[..i])) {
                    return text.len() - after.len();
                }
            }
            _ => {}
        }
    }
    text.len()
}

fn is_abbreviation(before: &str) -> bool {
    let word = before
        .rsplit(|c: char| c.is_whitespace() || c == '(')
        .next()
        .unwrap_or_default();
    matches!(
        word.to_ascii_lowercase().as_str(),
        "e.g"
            | "i.e"
            | "inc"
            | "ltd"
            | "vs"
            | "v"
            | "co"
            | "corp"
            | "etc"
            | "no"
            | "ver"
            | "dr"
            | "s.r.l"
    )
}

/// The earliest of several markers: what stands before it, it, what stands behind it.
pub(super) fn find_any<'a>(
    text: &'a str,
    markers: &Markers,
) -> Option<(&'a str, &'static str, &'a str)> {
    let (at, marker) = markers.find(text)?;
    Some((&text[..at], marker, &text[at + marker.len()..]))
}

/// The text before the earliest of several markers.
pub(super) fn cut_at<'a>(text: &'a str, markers: &Markers) -> &'a str {
    find_any(text, markers).map_or(text, |(before, ..)| before)
}

pub(super) fn without_article(text: &str) -> &str {
    let text = text.trim();
    ["The ", "the ", "A ", "a ", "An ", "an "]
        .iter()
        .find_map(|a| text.strip_prefix(a))
        .unwrap_or(text)
}

/// `trim_start_matches`, without its preparation of a search.
pub(super) fn without_leads<'a>(mut text: &'a str, lead: &str) -> &'a str {
    while let Some(rest) = text.strip_prefix(lead) {
        text = rest;
    }
    text
}

/// Lower case at the start, unless the first word is a name or an abbreviation.
pub(super) fn decapitalised(text: &str) -> String {
    let word = text.split_whitespace().next().unwrap_or_default();
    let plain = word
        .chars()
        .skip(1)
        .all(|c| c.is_lowercase() || c == '-' || c == ',' || c == '\'');
    let mut chars = text.chars();
    match chars.next() {
        Some(c) if plain => c.to_lowercase().chain(chars).collect(),
        _ => text.to_owned(),
    }
}

/// Words for kinds of weaknesses, which many authors write with capitals.
const KINDS: &[&str] = &[
    "access",
    "arbitrary",
    "authenticated",
    "authentication",
    "authorization",
    "bash",
    "blind",
    "broken",
    "buffer",
    "bypass",
    "code",
    "command",
    "control",
    "cross",
    "cross-site",
    "data",
    "denial",
    "deserialization",
    "direct",
    "directory",
    "disclosure",
    "download",
    "escalation",
    "execution",
    "exposure",
    "external",
    "file",
    "forgery",
    "heap",
    "heap-based",
    "html",
    "improper",
    "inclusion",
    "incorrect",
    "information",
    "injection",
    "insecure",
    "insufficient",
    "integer",
    "local",
    "management",
    "missing",
    "neutralization",
    "null",
    "object",
    "of",
    "open",
    "out-of-bounds",
    "overflow",
    "path",
    "php",
    "pointer",
    "dereference",
    "privilege",
    "privileges",
    "prototype",
    "pollution",
    "race",
    "condition",
    "read",
    "redirect",
    "redirection",
    "reference",
    "reflected",
    "regular",
    "expression",
    "remote",
    "request",
    "resource",
    "consumption",
    "scripting",
    "sensitive",
    "server-side",
    "service",
    "site",
    "sql",
    "smuggling",
    "stack-based",
    "stored",
    "template",
    "time-based",
    "traversal",
    "type",
    "confusion",
    "unauthenticated",
    "unauthorized",
    "uncontrolled",
    "unrestricted",
    "untrusted",
    "upload",
    "use",
    "after",
    "free",
    "user",
    "validation",
    "vulnerability",
    "weak",
    "with",
    "write",
    "xss",
    "check",
    "dom-based",
    "deletion",
    "modification",
    "enumeration",
];

/// `Stored Cross-Site Scripting via Foo` -> `stored cross-site scripting via Foo`.
pub(super) fn calmed(what: &str) -> String {
    let mut out = String::with_capacity(what.len());
    let mut rest = what;
    while !rest.is_empty() {
        let end = rest.find(' ').map_or(rest.len(), |at| at + 1);
        let (word, next) = rest.split_at(end);
        let bare = word.trim_matches(|c: char| !c.is_alphanumeric() && c != '-');
        let lower = bare.to_lowercase();
        if !KINDS.contains(&lower.as_str()) {
            break;
        }
        let is_capitalised = bare.chars().skip(1).any(char::is_lowercase);
        out.push_str(&if is_capitalised {
            word.to_lowercase()
        } else {
            word.to_owned()
        });
        rest = next;
    }
    out.push_str(rest);
    out
}

/// A product's name without the versions, the brackets and the words around it.
pub(super) fn bare_product(text: &str) -> String {
    let text = without_leads(text.trim(), "All versions of ");
    let text = without_leads(text, "all versions of ");
    static ENDS: &Markers = markers![
        " before ",
        " prior to",
        " through ",
        " up to",
        " version",
        " Version",
        " versions",
        " <",
        " >",
        " (",
        " and earlier",
        " and prior",
        " all versions",
        ", ",
        " from ",
        " until ",
        " below ",
        " firmware version",
        " running ",
        " starting ",
        " on Windows",
        " on macOS",
        " on Linux",
        " in all ",
        " v.",
        " when ",
        " as used in ",
        " which ",
        " that ",
        " after ",
        " via ",
        " = ",
        " (aka",
        " allows ",
        " prior ",
        " between ",
        " at ",
        " by ",
        " using ",
        "; ",
        " release ",
        " build ",
        " provided ",
        " developed by",
        " version(s)",
        " contains ",
    ];
    let text = without_article(text);
    let text = cut_at(text, ENDS);
    let mut kept: Vec<&str> = Vec::new();
    for (i, word) in text.split_whitespace().enumerate() {
        if i > 0 && is_version(word) {
            break;
        }
        kept.push(word);
    }
    while kept.last().is_some_and(|w| {
        matches!(
            *w,
            "and" | "that" | "which" | "in" | "of" | "for" | "the" | "on" | "product" | "with"
        )
    }) {
        kept.pop();
    }
    kept.join(" ")
        .trim_matches(|c: char| {
            matches!(c, '`' | '"' | '\'' | ',' | '.' | ':' | '*') || c.is_whitespace()
        })
        .to_owned()
}

fn is_version(word: &str) -> bool {
    let word = word.trim_start_matches(['v', 'V', '(', '=', '<', '>']);
    word.starts_with(|c: char| c.is_ascii_digit()) && word.contains('.')
}

/// What stands where a product should, and is none.
pub(super) fn is_weak_product(text: &str) -> bool {
    if text.ends_with("plugin)") || text.ends_with("theme)") {
        return false;
    }
    let lower = text.to_lowercase();
    let first = lower.split_whitespace().next().unwrap_or_default();
    matches!(
        first,
        "this"
            | "it"
            | "there"
            | "certain"
            | "some"
            | "multiple"
            | "several"
            | "improper"
            | "an"
            | "a"
            | "insufficient"
            | "incorrect"
            | "missing"
            | "unauthenticated"
            | "attackers"
            | "in"
            | "when"
            | "if"
            | "by"
            | "all"
            | "no"
            | "vulnerability"
            | "vulnerabilities"
            | "these"
            | "versions"
            | "version"
            | "because"
            | "under"
            | "due"
            | "remote"
            | "local"
            | "attacker"
            | "affected"
            | "unprotected"
            | "default"
    ) || lower.split_whitespace().count() > 7
}

/// A CPE product as the text writes it, else with capitals: `http_server` -> `HTTP Server`.
pub(super) fn pretty_product(product: &Product, text: &str) -> String {
    let name = product
        .product
        .trim_end_matches("_firmware")
        .replace('_', " ");
    let vendor = product.vendor.replace('_', " ");
    if let Some(found) = written(&name, text) {
        return match written(&format!("{vendor} {name}"), text) {
            Some(both) if both.chars().count() < 40 => both.to_owned(),
            _ => found.to_owned(),
        };
    }
    let name = capitals(&name);
    let lead = vendor.split_whitespace().next().unwrap_or_default();
    let says_vendor = name.to_lowercase().contains(&lead.to_lowercase());
    if says_vendor || lead.is_empty() || vendor.ends_with("project") || name.chars().count() > 24 {
        name
    } else {
        let vendor = written(&vendor, text).map_or_else(|| capitals(&vendor), ToOwned::to_owned);
        format!("{vendor} {name}")
    }
}

fn capitals(name: &str) -> String {
    name.split_whitespace()
        .map(|word| {
            let mut chars = word.chars();
            let known = matches!(
                word,
                "http"
                    | "api"
                    | "os"
                    | "ios"
                    | "sql"
                    | "ssl"
                    | "tls"
                    | "vpn"
                    | "php"
                    | "ip"
                    | "xml"
                    | "pdf"
                    | "sdk"
                    | "ui"
                    | "cms"
                    | "erp"
                    | "dns"
                    | "ftp"
                    | "ssh"
                    | "nas"
                    | "ibm"
                    | "sap"
                    | "hp"
            );
            match chars.next() {
                _ if known => word.to_uppercase(),
                Some(c) if c.is_lowercase() => c.to_uppercase().chain(chars).collect(),
                _ => word.to_owned(),
            }
        })
        .collect::<Vec<String>>()
        .join(" ")
}

/// How the text writes a name, blanks, hyphens and capitals aside.
pub(super) fn written<'a>(name: &str, text: &'a str) -> Option<&'a str> {
    if name.len() < 2 || name.len() > 80 {
        return None;
    }
    let first = fold_byte(*name.as_bytes().first()?);
    text.bytes()
        .enumerate()
        .filter(|(_, b)| fold_byte(*b) == first)
        .find_map(|(at, _)| {
            let (before, rest) = text.split_at(at);
            let starts_word = !before.ends_with(char::is_alphanumeric);
            starts_word.then(|| written_first(name, rest)).flatten()
        })
}

/// With which bytes the words of a text begin: most names begin with none of them, and need no search.
pub(super) struct Beginnings([bool; 256]);

impl Beginnings {
    pub(super) fn of(text: &str) -> Self {
        let mut all = [false; 256];
        let mut in_word = false;
        for (at, c) in text.char_indices() {
            if !in_word {
                all[usize::from(fold_byte(text.as_bytes()[at]))] = true;
            }
            in_word = c.is_alphanumeric();
        }
        Self(all)
    }

    /// Whether [`written`] may find a name.
    pub(super) fn may_have(&self, name: &str) -> bool {
        let first = name.as_bytes().first();
        first.is_some_and(|b| self.0[usize::from(fold_byte(*b))])
    }
}

/// The same at the start of a text, as whole words.
fn written_first<'a>(name: &str, text: &'a str) -> Option<&'a str> {
    let mut rest = text.chars();
    let is_same = name
        .chars()
        .all(|c| rest.next().is_some_and(|r| fold(r) == fold(c)));
    let rest = rest.as_str();
    let ends_word = !rest.starts_with(|c: char| c.is_alphanumeric());
    (is_same && ends_word).then(|| &text[..text.len() - rest.len()])
}

fn fold(c: char) -> char {
    u8::try_from(c).map_or(c, |b| char::from(fold_byte(b)))
}

/// Of a character that is not ASCII the first byte stays as it is.
fn fold_byte(b: u8) -> u8 {
    match b {
        b'-' | b'_' => b' ',
        _ => b.to_ascii_lowercase(),
    }
}

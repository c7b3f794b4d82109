//! The made title of a CVE, which has none of its own (ui.md): the product first, then what goes wrong,
//! at most 100 characters, never cut inside a word. It comes from the forms in which descriptions are
//! written (those of the Linux kernel, VulDB, Patchstack, Wordfence, Microsoft, GitHub and MITRE cover
//! nearly all), and from products and weaknesses where the text is in no known form.

use super::cwe;
use super::text::{cut_chars, into_line, line};
use crate::model::Facts;

mod form;
mod markers;
mod prose;
mod words;

use markers::{Markers, markers};
use words::{
    calmed, cut_at, decapitalised, find_any, first_sentence, is_weak_product, pretty_product,
    sentences, without_article,
};

const MAX: usize = 100;
const MAX_PRODUCT: usize = 52;
/// How much of a description is read, in characters.
const MAX_READ: usize = 4000;

/// A title for the CVE `id` with this (plain) description.
#[must_use]
pub fn cve_title(id: &str, text: &str, facts: &Facts) -> String {
    let text = first_chars(text, MAX_READ);
    if facts.is_rejected() || is_reject_notice(text) {
        return rejected(id, text);
    }
    let weakness = cwe::phrase(&facts.cwes);
    let first = first_sentence(text);
    let listed = listed_product(facts, text, first);
    let found = form::read(text, weakness);

    let product = found
        .product
        .map(into_line)
        .filter(|p| !p.is_empty() && p.chars().count() <= MAX_PRODUCT && !is_weak_product(p))
        .filter(|p| {
            listed
                .as_deref()
                .is_none_or(|l| shares_word(p, l) || words::written(l, first).is_none())
        })
        .or(listed);
    let what = found
        .what
        .map(|w| calmed(&into_line(w)))
        .filter(|w| w.chars().count() > 3)
        .or_else(|| weakness.map(ToOwned::to_owned));
    match (product, what) {
        (Some(product), Some(what)) => joined(&product, &what, weakness),
        (Some(product), None) if !text.is_empty() => {
            joined(&product, &decapitalised(&line(first)), None)
        }
        (None, Some(what)) if found.whole_sentence => capitalised(&fitted(&what, MAX)),
        (None, _) if !text.is_empty() => fitted(&line(first), MAX),
        (Some(product), None) => format!("{product}: no description yet"),
        (None, Some(what)) => capitalised(&fitted(&what, MAX)),
        (None, None) => format!("{id}: no description yet"),
    }
}

fn first_chars(text: &str, most: usize) -> &str {
    if text.len() <= most {
        return text;
    }
    text.char_indices()
        .nth(most)
        .map_or(text, |(end, _)| &text[..end])
}

/// The listed product that the first sentence names, else the first one.
fn listed_product(facts: &Facts, text: &str, first: &str) -> Option<String> {
    let begins = words::Beginnings::of(first);
    let named = facts
        .products
        .iter()
        .take(50)
        .filter(|p| begins.may_have(&p.product))
        .find(|p| words::written(&p.product, first).is_some());
    let product = named.or(facts.products.first())?;
    Some(pretty_product(product, text))
}

fn shares_word(one: &str, other: &str) -> bool {
    let lower = other.to_lowercase();
    one.to_lowercase()
        .split(|c: char| !c.is_alphanumeric())
        .any(|w| w.len() > 1 && lower.contains(w))
}

fn is_reject_notice(text: &str) -> bool {
    text.starts_with("** REJECT") || text.starts_with("Rejected reason:")
}

fn rejected(id: &str, text: &str) -> String {
    let reason = text
        .trim_start_matches("** REJECT **")
        .trim_start()
        .trim_start_matches("Rejected reason:")
        .trim_start();
    let others = super::named_cves([reason]);
    let other = others.iter().find(|other| other.as_str() != id);
    let lower = reason.to_lowercase();
    let why = match other {
        Some(other) if lower.contains("duplicate") => format!(" (duplicate of {other})"),
        Some(other) if lower.contains("consultid") => format!(" (see {other})"),
        _ if lower.contains("not used") || lower.contains("unused") => " (not used)".to_owned(),
        _ if lower.contains("not a vulnerability") || lower.contains("not a security issue") => {
            " (not a vulnerability)".to_owned()
        }
        _ if lower.contains("withdrawn by its cna") || lower.contains("withdrawn") => {
            " (withdrawn)".to_owned()
        }
        _ => String::new(),
    };
    format!("Rejected: {id}{why}")
}

/// `product: what`, shortened at a clause; where nothing sensible is left, the weakness speaks.
fn joined(product: &str, what: &str, weakness: Option<&str>) -> String {
    let product = cut_chars(
        product.trim_end_matches([':', ',', ' ']).to_owned(),
        MAX_PRODUCT,
    );
    // `OpenSSL: OpenSSL allows ...` says it twice.
    let again = what
        .get(..product.len())
        .filter(|s| s.eq_ignore_ascii_case(&product))
        .and_then(|s| what[s.len()..].strip_prefix([' ', ':', ',']));
    let what = again.map_or(what, str::trim_start);
    let room = MAX.saturating_sub(product.chars().count() + 2);
    let mut short = fitted(what, room);
    if short.ends_with('…')
        && let Some(words) = weakness
        && short.chars().count() < words.chars().count() + 8
    {
        short = fitted(words, room);
    }
    format!("{product}: {short}")
}

/// At most `room` characters: whole, or up to the last clause that fits, or up to the last word.
fn fitted(text: &str, room: usize) -> String {
    let text = text.trim().trim_end_matches(['.', ',', ';', ':', ' ']);
    if text.chars().count() <= room {
        return text.to_owned();
    }
    let end = text.char_indices().nth(room).map_or(text.len(), |(i, _)| i);
    let head = &text[..end];
    static CLAUSES: &Markers = markers![
        ", ",
        "; ",
        " lets ",
        " that ",
        " allowing ",
        " to allow ",
        " because ",
        " due to ",
        " when ",
        " which ",
        " via ",
        " by ",
        " while ",
        " where ",
        " through ",
        " resulting in ",
        " leading to ",
        " and thereby ",
        " if ",
        " as ",
        " before ",
        " (",
        " without ",
        " during ",
        " using ",
    ];
    match CLAUSES.rfind(head) {
        Some(at) if at * 5 >= end * 2 => without_loose_end(&head[..at]).to_owned(),
        _ => match head[..head.len() - head.chars().next_back().map_or(0, char::len_utf8)]
            .rfind(char::is_whitespace)
        {
            Some(at) => format!("{}…", without_loose_end(&head[..at])),
            None => cut_chars(text.to_owned(), room),
        },
    }
}

/// `SQL injection via` -> `SQL injection`.
fn without_loose_end(text: &str) -> &str {
    const LOOSE: &[&str] = &[
        " via", " in", " the", " and", " or", " of", " to", " a", " an", " for", " by", " on",
        " with", " from",
    ];
    let mut rest = text.trim_end_matches([',', ' ']);
    while let Some(shorter) = LOOSE.iter().find_map(|l| rest.strip_suffix(l)) {
        rest = shorter.trim_end_matches([',', ' ']);
    }
    rest
}

fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    chars
        .next()
        .map(|c| c.to_uppercase().chain(chars).collect())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests;

//! The words of an alert as the user's model sees them: the document's tokens, single and in pairs, and the
//! affected products, by their hash.
//!
//! Only the beginning of a text is read: what an alert is about stands there, and a label must cost
//! little to learn from. Hashes are no part of any file; the model keeps the words themselves.

use std::collections::HashMap;

use super::traits::Traits;
use crate::text::{Document, Shape, Span, Token, hash_pair, hash_word};

/// Words of a field that are read.
const MOST_WORDS: usize = 300;
/// The longest word in bytes; what is longer is encoded data.
const LONGEST: u32 = 40;
/// Product lines that are read.
const MOST_PRODUCTS: usize = 20;
/// What stands before the name of a product in a term.
const PRODUCT: &str = "product:";
/// What stands before the name of a vendor in a term.
const VENDOR: &str = "vendor:";

/// Terms of one alert: hash and weight, ascending by hash, each once. A word of the title counts as two
/// of the text.
pub(super) fn weigh(traits: &Traits<'_>) -> Vec<(u64, f32)> {
    let mut all = Vec::with_capacity(256);
    words(traits.document, &mut |hash, first, _| {
        let in_title = first.field == crate::Field::Title;
        all.push((hash, if in_title { 2.0 } else { 1.0 }));
    });
    products(traits.products, &mut |hash, _, _| all.push((hash, 1.0)));
    all.sort_unstable_by_key(|(hash, _)| *hash);
    let mut merged: Vec<(u64, f32)> = Vec::with_capacity(all.len());
    for (hash, weight) in all {
        match merged.last_mut() {
            Some((last, sum)) if *last == hash => *sum += weight,
            _ => merged.push((hash, weight)),
        }
    }
    for (_, weight) in &mut merged {
        *weight = 1.0 + weight.ln();
    }
    merged
}

/// The written forms of the terms that are wanted: hash to place in `spelt`.
pub(super) fn spell(
    traits: &Traits<'_>,
    wanted: &HashMap<u64, usize>,
    spelt: &mut [Option<String>],
) {
    let mut put = |hash: u64, written: &dyn Fn() -> String| {
        if let Some(place) = wanted.get(&hash)
            && spelt[*place].is_none()
        {
            spelt[*place] = Some(written());
        }
    };
    words(traits.document, &mut |hash, first, last| {
        put(hash, &|| {
            let word = |token| traits.document.word(token).to_lowercase();
            if std::ptr::eq(first, last) {
                word(first)
            } else {
                format!("{} {}", word(first), word(last))
            }
        });
    });
    products(traits.products, &mut |hash, what, name| {
        put(hash, &|| format!("{what}{name}"));
    });
}

/// Where terms stand in title and text, in order.
pub(super) fn places(document: &Document<'_>, found: &mut dyn FnMut(u64, Span)) {
    words(document, &mut |hash, first, last| {
        found(hash, Document::span(first, last));
    });
}

/// The hash of a term as [`spell`] wrote it.
pub(super) fn hash_of(term: &str) -> u64 {
    if let Some(line) = term.strip_prefix(PRODUCT) {
        return hash_pair(PRODUCTS, hash_word(line));
    }
    if let Some(vendor) = term.strip_prefix(VENDOR) {
        return hash_pair(VENDORS, hash_word(vendor));
    }
    match term.split_once(' ') {
        Some((first, second)) => hash_pair(hash_word(first), hash_word(second)),
        None => hash_word(term),
    }
}

/// Hears each word and each pair of neighbours: hash, first and last token.
fn words(document: &Document<'_>, hear: &mut dyn FnMut(u64, &Token, &Token)) {
    for field in [document.title_tokens(), document.text_tokens()] {
        let mut before: Option<&Token> = None;
        let tells = |token: &&Token| tells(document, token);
        for token in field.iter().filter(tells).take(MOST_WORDS) {
            hear(token.hash, token, token);
            if let Some(first) = before {
                hear(hash_pair(first.hash, token.hash), first, token);
            }
            before = Some(token);
        }
    }
}

/// Whether a word says something: numbers alone, single letters and the commonest words do not.
fn tells(document: &Document<'_>, token: &Token) -> bool {
    let length = token.end - token.start;
    let has_letter = [Shape::LOWER, Shape::UPPER, Shape::WIDE]
        .into_iter()
        .any(|mark| token.shape.has(mark));
    has_letter
        && (2..=LONGEST).contains(&length)
        && !(length <= 5
            && STOP_WORDS
                .iter()
                .any(|stop| stop.eq_ignore_ascii_case(document.word(token))))
}

/// Hears each affected product and vendor: hash, what it is, its name.
fn products(lines: &str, hear: &mut dyn FnMut(u64, &str, &str)) {
    for line in lines.lines().take(MOST_PRODUCTS) {
        hear(hash_pair(PRODUCTS, hash_word(line)), PRODUCT, line);
        if let Some(vendor) = line.split(' ').next() {
            hear(hash_pair(VENDORS, hash_word(vendor)), VENDOR, vendor);
        }
    }
}

const PRODUCTS: u64 = 1;
const VENDORS: u64 = 2;

/// Words that say nothing of what a text is about, as they stand most often.
const STOP_WORDS: [&str; 34] = [
    "the", "an", "of", "to", "in", "is", "and", "or", "on", "for", "by", "with", "as", "at", "be",
    "it", "its", "this", "that", "are", "was", "were", "has", "have", "had", "from", "which",
    "been", "not", "but", "their", "they", "you", "will",
];

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn every_term_is_spelt_as_it_hashes_and_stands_where_it_is_said() {
        let document = Document::new(
            "Größe of Log4j2 — a C++ flaw",
            "Remote code execution in .NET and 日本語 текст 1234 x",
        );
        let traits = Traits {
            products: "apache log4j2\nmicrosoft windows 10",
            ..Traits::of(&document)
        };
        let terms = weigh(&traits);
        let wanted: HashMap<u64, usize> = terms.iter().map(|t| t.0).zip(0..).collect();
        let mut spelt = vec![None; terms.len()];
        spell(&traits, &wanted, &mut spelt);
        for ((hash, _), term) in terms.iter().zip(&spelt) {
            assert_eq!(hash_of(term.as_deref().unwrap()), *hash, "{term:?}");
        }
        let has = |term: &str| spelt.iter().flatten().any(|t| t == term);
        for term in [
            "log4j2",
            "c++",
            "remote code",
            "product:microsoft windows 10",
            "vendor:apache",
            "größe",
        ] {
            assert!(has(term), "{term}");
        }
        assert!(!has("1234") && !has("x") && !has("of"));
        places(&document, &mut |hash, span| {
            let text: Vec<char> = document.field(span.field).chars().collect();
            let slice: String = text[span.start as usize..span.end as usize]
                .iter()
                .collect();
            // What is no word of its own is a pair: signs of Chinese and Japanese stand without a blank.
            if Document::new("", &slice).tokens().len() == 1 {
                assert_eq!(hash_word(&slice), hash, "{slice}");
            }
        });
    }
}

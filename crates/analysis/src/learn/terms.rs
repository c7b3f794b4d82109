//! The words of an alert as the user's model sees them: lower case, single and in pairs, by their hash.
//!
//! Only the beginning of a text is read: what an alert is about stands there, and a label must cost
//! little to learn from. Hashes are no part of any file; the model keeps the words themselves.

use std::collections::HashMap;

/// Words of a text that are read.
const MOST_WORDS: usize = 300;
/// The longest word in bytes; what is longer is encoded data.
const LONGEST: usize = 40;
/// Product lines that are read.
const MOST_PRODUCTS: usize = 20;

/// Hears each term: its hash and how much one occurrence counts.
pub(super) type Emit<'a> = &'a mut dyn FnMut(u64, f32);

/// Terms of one alert: hash and weight, ascending by hash, each once.
pub(super) fn weigh(title: &str, text: &str, products: &str) -> Vec<(u64, f32)> {
    let mut all = Vec::with_capacity(256);
    each(title, text, products, &mut |hash, weight| {
        all.push((hash, weight));
    });
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

/// Every term in its order. A word of the title counts as two of the text.
fn each(title: &str, text: &str, products: &str, emit: Emit<'_>) {
    let mut buffer = String::new();
    for (field, weight) in [(title, 2.0), (text, 1.0)] {
        let mut before = None;
        for word in words(field).take(MOST_WORDS) {
            let hash = hash_lower(word, &mut buffer);
            emit(hash, weight);
            if let Some(before) = before {
                emit(pair(before, hash), weight);
            }
            before = Some(hash);
        }
    }
    for line in products.lines().take(MOST_PRODUCTS) {
        emit(product_hash(line, &mut buffer), 1.0);
        if let Some(vendor) = line.split(' ').next() {
            emit(vendor_hash(vendor, &mut buffer), 1.0);
        }
    }
}

/// The written forms of some terms, found by reading an alert again.
pub(super) fn spell(
    title: &str,
    text: &str,
    products: &str,
    wanted: &HashMap<u64, usize>,
    spelt: &mut [Option<String>],
) {
    let mut buffer = String::new();
    let mut put = |hash: u64, written: &dyn Fn() -> String| {
        if let Some(place) = wanted.get(&hash)
            && spelt[*place].is_none()
        {
            spelt[*place] = Some(written());
        }
    };
    for field in [title, text] {
        let mut before: Option<(u64, &str)> = None;
        for word in words(field).take(MOST_WORDS) {
            let hash = hash_lower(word, &mut buffer);
            put(hash, &|| word.to_lowercase());
            if let Some((first, first_word)) = before {
                put(pair(first, hash), &|| {
                    format!("{} {}", first_word.to_lowercase(), word.to_lowercase())
                });
            }
            before = Some((hash, word));
        }
    }
    for line in products.lines().take(MOST_PRODUCTS) {
        put(product_hash(line, &mut buffer), &|| {
            format!("{PRODUCT}{line}")
        });
        if let Some(vendor) = line.split(' ').next() {
            put(vendor_hash(vendor, &mut buffer), &|| {
                format!("{VENDOR}{vendor}")
            });
        }
    }
}

/// What stands before the name of a product in a term.
pub(super) const PRODUCT: &str = "product:";
/// What stands before the name of a vendor in a term.
pub(super) const VENDOR: &str = "vendor:";

/// The hash of a term as [`spell`] wrote it.
pub(super) fn hash_of(term: &str) -> u64 {
    let mut buffer = String::new();
    if let Some(line) = term.strip_prefix(PRODUCT) {
        return product_hash(line, &mut buffer);
    }
    if let Some(vendor) = term.strip_prefix(VENDOR) {
        return vendor_hash(vendor, &mut buffer);
    }
    match term.split_once(' ') {
        Some((first, second)) => {
            let first = hash_lower(first, &mut buffer);
            pair(first, hash_lower(second, &mut buffer))
        }
        None => hash_lower(term, &mut buffer),
    }
}

/// Where in a field the terms of a model stand: byte ranges with the term's hash, in order.
pub(super) fn places(field: &str, mut found: impl FnMut(u64, usize, usize)) {
    let mut buffer = String::new();
    let mut before: Option<(u64, usize)> = None;
    for word in words(field).take(MOST_WORDS) {
        let start = word.as_ptr() as usize - field.as_ptr() as usize;
        let end = start + word.len();
        let hash = hash_lower(word, &mut buffer);
        found(hash, start, end);
        if let Some((first, first_start)) = before {
            found(pair(first, hash), first_start, end);
        }
        before = Some((hash, start));
    }
}

/// Words: runs of letters and digits, with `+`, `#`, `.`, `_` and `-` inside them. Numbers alone and single
/// letters are none.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !(c.is_alphanumeric() || matches!(c, '+' | '#' | '.' | '_' | '-')))
        .map(|run| run.trim_matches(|c| matches!(c, '.' | '_' | '-')))
        .filter(|word| {
            (2..=LONGEST).contains(&word.len())
                && word.chars().any(char::is_alphabetic)
                && !STOP_WORDS.contains(word)
        })
}

/// Words that say nothing of what a text is about, as they stand most often.
const STOP_WORDS: [&str; 40] = [
    "the", "an", "of", "to", "in", "is", "and", "or", "on", "for", "by", "with", "as", "at", "be",
    "it", "its", "this", "that", "are", "was", "were", "has", "have", "had", "from", "which",
    "The", "This", "In", "It", "An", "been", "not", "but", "their", "his", "her", "they", "you",
];

fn hash_lower(word: &str, buffer: &mut String) -> u64 {
    if word.is_ascii() {
        return word
            .bytes()
            .fold(BASIS, |h, b| step(h, b.to_ascii_lowercase()));
    }
    buffer.clear();
    buffer.extend(word.chars().flat_map(char::to_lowercase));
    buffer.bytes().fold(BASIS, step)
}

fn product_hash(line: &str, buffer: &mut String) -> u64 {
    hash_lower(line, buffer) ^ 0x9e37_79b9_7f4a_7c15
}

fn vendor_hash(vendor: &str, buffer: &mut String) -> u64 {
    hash_lower(vendor, buffer) ^ 0xc2b2_ae3d_27d4_eb4f
}

fn pair(first: u64, second: u64) -> u64 {
    (first.rotate_left(17) ^ second).wrapping_mul(PRIME)
}

/// FNV-1a.
const BASIS: u64 = 0xcbf2_9ce4_8422_2325;
const PRIME: u64 = 0x0100_0000_01b3;

fn step(hash: u64, byte: u8) -> u64 {
    (hash ^ u64::from(byte)).wrapping_mul(PRIME)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_term_is_spelt_as_it_hashes() {
        let title = "Größe of Log4j2 — a C++ flaw";
        let text = "Remote code execution in .NET and 日本語 текст 1234 x";
        let products = "apache log4j2\nmicrosoft windows 10";
        let terms = weigh(title, text, products);
        let wanted: HashMap<u64, usize> = terms.iter().map(|t| t.0).zip(0..).collect();
        let mut spelt = vec![None; terms.len()];
        spell(title, text, products, &wanted, &mut spelt);
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
    }

    #[test]
    fn places_are_where_the_words_stand() {
        let field = "Ein Böser Fehler";
        let mut all = Vec::new();
        places(field, |hash, start, end| {
            all.push((hash, &field[start..end]))
        });
        for (hash, slice) in all {
            assert_eq!(hash_of(&slice.to_lowercase()), hash);
        }
    }
}

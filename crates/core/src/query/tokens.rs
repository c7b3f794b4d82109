//! Words as the search index has them: what SQLite's tokenizer `unicode61 remove_diacritics 2` makes of
//! a text, so that a query asked of one alert in memory finds what the same query finds in the database.
//!
//! A token is a run of letters, numbers and private characters, in lower case and without diacritics;
//! diacritics that stand by themselves belong to the token before them. The tests compare this with the
//! real FTS5 for every character.

use std::ops::Range;

use icu_normalizer::properties::{CanonicalDecompositionBorrowed, Decomposed};
use icu_properties::CodePointMapData;
use icu_properties::props::GeneralCategory;

/// One token of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// In lower case, without diacritics.
    pub word: String,
    /// Where it stands, in characters (Unicode scalar values).
    pub place: Range<usize>,
}

/// The tokens of a text, in order.
#[must_use]
pub fn tokens(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut word = String::new();
    let mut start = None;
    let mut end = 0;
    for (at, c) in text.chars().enumerate() {
        end = at + 1;
        if is_word(c) || (start.is_some() && is_loose_diacritic(c)) {
            start.get_or_insert(at);
            word.extend(fold(c));
        } else if let Some(start) = start.take() {
            tokens.push(Token {
                word: std::mem::take(&mut word),
                place: start..at,
            });
        }
    }
    if let Some(start) = start {
        tokens.push(Token {
            word,
            place: start..end,
        });
    }
    tokens
}

/// The words of a text, in order.
#[must_use]
pub fn words(text: &str) -> Vec<String> {
    tokens(text).into_iter().map(|token| token.word).collect()
}

fn is_word(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_alphanumeric();
    }
    if is_within(younger::WORDS, c) {
        return true;
    }
    if is_within(younger::SEPARATORS, c) {
        return false;
    }
    matches!(
        CodePointMapData::<GeneralCategory>::new().get(c),
        GeneralCategory::UppercaseLetter
            | GeneralCategory::LowercaseLetter
            | GeneralCategory::TitlecaseLetter
            | GeneralCategory::ModifierLetter
            | GeneralCategory::OtherLetter
            | GeneralCategory::DecimalNumber
            | GeneralCategory::LetterNumber
            | GeneralCategory::OtherNumber
            | GeneralCategory::PrivateUse
            | GeneralCategory::Unassigned
    )
}

/// Combining marks that FTS5 drops inside a token; other marks end it.
fn is_loose_diacritic(c: char) -> bool {
    matches!(c,
        '\u{300}'..='\u{304}' | '\u{306}'..='\u{30c}' | '\u{30f}' | '\u{311}' | '\u{31b}'
        | '\u{323}'..='\u{328}' | '\u{32d}'..='\u{32e}' | '\u{330}'..='\u{331}')
}

fn fold(c: char) -> Option<char> {
    if c.is_ascii() {
        return Some(c.to_ascii_lowercase());
    }
    if is_loose_diacritic(c) {
        return None;
    }
    let lower = lower(c);
    let base = base(lower);
    let has_base = base.is_ascii_alphabetic() && lower != '\u{1e1}';
    Some(if has_base { base } else { lower })
}

fn lower(c: char) -> char {
    match c {
        // Unicode's folding knows these, its lower case does not.
        'µ' => 'μ',
        'ſ' | '\u{1e9b}' => 's',
        'ς' => 'σ',
        'ϐ' => 'β',
        'ϑ' => 'θ',
        'ϕ' => 'φ',
        'ϖ' => 'π',
        'ϰ' => 'κ',
        'ϱ' => 'ρ',
        'ϵ' => 'ε',
        '\u{1fbe}' => 'ι',
        'İ' => 'i',
        '\u{10400}'..='\u{10427}' => one_lower(c),
        '\u{10000}'.. => c,
        _ if is_within(younger::CAPITALS, c) => c,
        _ => one_lower(c),
    }
}

fn one_lower(c: char) -> char {
    let mut lower = c.to_lowercase();
    match (lower.next(), lower.next()) {
        (Some(lower), None) => lower,
        _ => c,
    }
}

fn is_within(ranges: &[(char, char)], c: char) -> bool {
    let after = ranges.partition_point(|(first, _)| *first <= c);
    after
        .checked_sub(1)
        .and_then(|at| ranges.get(at))
        .is_some_and(|(_, last)| c <= *last)
}

/// The character without what is combined with it.
fn base(c: char) -> char {
    let decomposition = CanonicalDecompositionBorrowed::new();
    let mut base = c;
    loop {
        base = match decomposition.decompose(base) {
            Decomposed::Default => return base,
            Decomposed::Singleton(c) | Decomposed::Expansion(c, _) => c,
        };
    }
}

mod younger;

#[cfg(test)]
#[path = "tokens_tests.rs"]
mod tests;

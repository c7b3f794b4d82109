//! An alert's title and text with their tokens.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::hash::{hash_ascii, hash_word};
use super::token::{Shape, Token, next};
use crate::Field;

/// A place in an alert: characters (Unicode scalar values) of one field, half open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
pub struct Span {
    /// The field.
    pub field: Field,
    /// First character.
    pub start: u32,
    /// One past the last character.
    pub end: u32,
}

/// An alert's title and text, taken apart once for all readers.
#[derive(Clone, Debug)]
pub struct Document<'a> {
    title: &'a str,
    text: &'a str,
    tokens: Vec<Token>,
    title_tokens: usize,
    is_cut: bool,
}

impl<'a> Document<'a> {
    /// The most tokens that are read of title and text together; what lies behind is not looked at.
    pub const MOST_TOKENS: usize = 200_000;

    /// Takes title and text apart.
    #[must_use]
    pub fn new(title: &'a str, text: &'a str) -> Self {
        // A word with its blank is six or seven bytes in English.
        let guess = ((title.len() + text.len()) / 6 + 8).min(Self::MOST_TOKENS);
        let mut tokens = Vec::with_capacity(guess);
        let title_cut = read(title, Field::Title, &mut tokens);
        let title_tokens = tokens.len();
        let is_cut = read(text, Field::Text, &mut tokens) || title_cut;
        Self {
            title,
            text,
            tokens,
            title_tokens,
            is_cut,
        }
    }

    /// The title as it was given.
    #[must_use]
    pub fn title(&self) -> &'a str {
        self.title
    }

    /// The text as it was given.
    #[must_use]
    pub fn text(&self) -> &'a str {
        self.text
    }

    /// A field as it was given; products are no part of a document.
    #[must_use]
    pub fn field(&self, field: Field) -> &'a str {
        match field {
            Field::Title => self.title,
            Field::Text => self.text,
            Field::Products => "",
        }
    }

    /// All tokens: the title's, then the text's.
    #[must_use]
    pub fn tokens(&self) -> &[Token] {
        &self.tokens
    }

    /// The title's tokens.
    #[must_use]
    pub fn title_tokens(&self) -> &[Token] {
        &self.tokens[..self.title_tokens]
    }

    /// The text's tokens.
    #[must_use]
    pub fn text_tokens(&self) -> &[Token] {
        &self.tokens[self.title_tokens..]
    }

    /// Whether there was more than [`Self::MOST_TOKENS`].
    #[must_use]
    pub fn is_cut(&self) -> bool {
        self.is_cut
    }

    /// A token as written.
    #[must_use]
    #[inline]
    pub fn word(&self, token: &Token) -> &'a str {
        self.field(token.field)
            .get(token.start as usize..token.end as usize)
            .unwrap_or_default()
    }

    /// Where some neighbouring tokens of one field stand.
    #[must_use]
    pub fn span(first: &Token, last: &Token) -> Span {
        Span {
            field: first.field,
            start: first.char_start,
            end: last.char_end,
        }
    }
}

/// Appends the tokens of a field; whether some did not fit.
fn read(text: &str, field: Field, tokens: &mut Vec<Token>) -> bool {
    // Positions are 32 bits; a text that long has more tokens than are read anyway, or is one word.
    let mut limit = text.len().min(u32::MAX as usize);
    while !text.is_char_boundary(limit) {
        limit -= 1;
    }
    let text = &text[..limit];
    let mut at = 0;
    // Bytes so far that are no characters of their own: position in bytes less position in characters.
    let mut skipped = 0_u32;
    while let Some(found) = next(text, at) {
        if tokens.len() >= Document::MOST_TOKENS {
            return true;
        }
        skipped += found.skipped_before;
        let (start, end) = (found.start as u32, found.end as u32);
        let char_start = start - skipped;
        skipped += found.skipped_within;
        let word = &text[found.start..found.end];
        let hash = if found.shape.has(Shape::WIDE) {
            hash_word(word)
        } else {
            hash_ascii(word.as_bytes())
        };
        tokens.push(Token {
            start,
            end,
            char_start,
            char_end: end - skipped,
            hash,
            field,
            shape: found.shape,
        });
        at = found.end;
    }
    false
}

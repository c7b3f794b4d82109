//! Why a text is no query, and where.

use serde::{Deserialize, Serialize};

/// Why a text is no query.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct QueryError {
    /// Where it begins: characters (Unicode scalar values) from 0.
    pub start: usize,
    /// Where it ends, in characters; not before `start`, and never behind the text.
    pub end: usize,
    /// What is wrong.
    pub reason: Reason,
    /// What was found and what was expected, in English.
    pub message: String,
    /// What could stand there instead; empty where anything could.
    pub expected: Vec<String>,
}

impl QueryError {
    pub(super) fn new(place: std::ops::Range<usize>, reason: Reason, message: String) -> Self {
        Self {
            start: place.start,
            end: place.end,
            reason,
            message,
            expected: Vec::new(),
        }
    }

    pub(super) fn expecting<S: Into<String>>(
        mut self,
        expected: impl IntoIterator<Item = S>,
    ) -> Self {
        self.expected = expected.into_iter().map(Into::into).collect();
        self
    }
}

/// What is wrong with a text that is no query.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// More than [`super::MAX_CHARS`] characters.
    TooLong,
    /// More than [`super::MAX_DEPTH`] levels of parentheses and negations.
    TooDeep,
    /// More than [`super::MAX_TERMS`] terms.
    TooManyTerms,
    /// A quote without its end.
    UnclosedQuote,
    /// `(` without `)`.
    UnclosedParenthesis,
    /// `)` without `(`.
    UnopenedParenthesis,
    /// `()`.
    EmptyParentheses,
    /// AND, OR, NOT or `-` without something that it is about.
    MissingTerm,
    /// A word without any letter or digit.
    NothingToSearch,
    /// `name:` that is no field.
    UnknownField,
    /// A field without its value.
    EmptyValue,
    /// `title>x`, `kev>1`.
    OperatorNotTaken,
    /// A value that the field does not have.
    BadValue,
    /// Not a number.
    BadNumber,
    /// A number outside of its scale.
    OutOfScale,
    /// A range whose low end is above its high end, or that has no end.
    BadRange,
    /// Not a date.
    BadDate,
    /// A `*` where it says nothing.
    BadStar,
}

impl Reason {
    /// All reasons.
    pub const ALL: [Self; 18] = [
        Self::TooLong,
        Self::TooDeep,
        Self::TooManyTerms,
        Self::UnclosedQuote,
        Self::UnclosedParenthesis,
        Self::UnopenedParenthesis,
        Self::EmptyParentheses,
        Self::MissingTerm,
        Self::NothingToSearch,
        Self::UnknownField,
        Self::EmptyValue,
        Self::OperatorNotTaken,
        Self::BadValue,
        Self::BadNumber,
        Self::OutOfScale,
        Self::BadRange,
        Self::BadDate,
        Self::BadStar,
    ];

    /// The code word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::TooLong => "too_long",
            Self::TooDeep => "too_deep",
            Self::TooManyTerms => "too_many_terms",
            Self::UnclosedQuote => "unclosed_quote",
            Self::UnclosedParenthesis => "unclosed_parenthesis",
            Self::UnopenedParenthesis => "unopened_parenthesis",
            Self::EmptyParentheses => "empty_parentheses",
            Self::MissingTerm => "missing_term",
            Self::NothingToSearch => "nothing_to_search",
            Self::UnknownField => "unknown_field",
            Self::EmptyValue => "empty_value",
            Self::OperatorNotTaken => "operator_not_taken",
            Self::BadValue => "bad_value",
            Self::BadNumber => "bad_number",
            Self::OutOfScale => "out_of_scale",
            Self::BadRange => "bad_range",
            Self::BadDate => "bad_date",
            Self::BadStar => "bad_star",
        }
    }
}

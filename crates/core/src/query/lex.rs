//! A text cut into tokens: parentheses, operators between terms, words, and fields with raw values.
//!
//! What looks like a field and is none is an error with a hint; what people mean as text is text:
//! `https://x`, `std::vector`, `C:\x`, `10:30`, `fe80::1`, `aa:bb:cc`, `cpe:2.3:a`, `id` followed by
//! nothing but a colon and a space.

use std::ops::Range;

use super::error::{QueryError, Reason};
use super::field::{Field, Operator, nearest_field};

/// One token.
#[derive(Clone, Debug, PartialEq)]
pub struct Token {
    /// What it is.
    pub what: What,
    /// Where, in characters.
    pub place: Range<usize>,
}

/// What a token is.
#[derive(Clone, Debug, PartialEq)]
pub enum What {
    /// `(`
    Open,
    /// `)`
    Close,
    /// `AND`
    And,
    /// `OR`
    Or,
    /// `NOT`, or `-` before something.
    Not,
    /// A word or phrase.
    Word(Raw),
    /// A field with its values.
    Field {
        /// Which.
        field: Field,
        /// Where its name stands.
        name: Range<usize>,
        /// What follows it.
        operator: Operator,
        /// Where that stands.
        operator_place: Range<usize>,
        /// One or more, as typed.
        values: Vec<Raw>,
    },
}

/// A word or a value as typed.
#[derive(Clone, Debug, PartialEq)]
pub struct Raw {
    /// Without quotes and without a `*` at its end.
    pub text: String,
    /// Whether it stood in quotes.
    pub quoted: bool,
    /// Whether a `*` followed.
    pub star: bool,
    /// Where its text begins, behind a quote.
    pub inner: usize,
    /// Where it stands, with quotes and `*`.
    pub place: Range<usize>,
}

/// How to take what is unfinished.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// As an error.
    Strict,
    /// A quote may be open: the phrase is still being typed.
    Typing,
    /// Nothing is an error: for completion.
    Lenient,
}

/// Cuts a text into tokens. In [`Mode::Lenient`] it never fails.
pub fn lex(chars: &[char], mode: Mode) -> Result<Vec<Token>, QueryError> {
    let mut lexer = Lexer { chars, at: 0, mode };
    let mut tokens = Vec::new();
    while let Some(token) = lexer.next()? {
        tokens.push(token);
    }
    Ok(tokens)
}

/// Whether a character separates tokens: white space, and the two that nobody sees.
pub fn is_space(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{200b}' | '\u{feff}')
}

/// Whether a character begins or ends a phrase: also as word processors write it.
pub fn is_quote(c: char) -> bool {
    matches!(c, '"' | '“' | '”' | '„')
}

struct Lexer<'a> {
    chars: &'a [char],
    at: usize,
    mode: Mode,
}

impl Lexer<'_> {
    fn next(&mut self) -> Result<Option<Token>, QueryError> {
        while self.peek(0).is_some_and(is_space) {
            self.at += 1;
        }
        let start = self.at;
        let Some(c) = self.peek(0) else {
            return Ok(None);
        };
        let what = match c {
            '(' => self.one(What::Open),
            ')' => self.one(What::Close),
            '-' if self.negates() => self.one(What::Not),
            c if is_quote(c) => What::Word(self.quoted()?),
            _ => self.word_or_field()?,
        };
        Ok(Some(Token {
            what,
            place: start..self.at,
        }))
    }

    fn one(&mut self, what: What) -> What {
        self.at += 1;
        what
    }

    /// A hyphen directly before something negates it. `--flag` is a word: an option of some program.
    fn negates(&self) -> bool {
        match self.peek(1) {
            Some('-') => false,
            Some(c) if !is_space(c) && c != ')' => true,
            _ => self.mode == Mode::Lenient,
        }
    }

    fn word_or_field(&mut self) -> Result<What, QueryError> {
        if let Some(field) = self.field()? {
            return Ok(field);
        }
        let raw = self.bare(false)?;
        Ok(match (raw.text.as_str(), raw.star) {
            ("AND", false) => What::And,
            ("OR", false) => What::Or,
            ("NOT", false) => What::Not,
            _ => What::Word(raw),
        })
    }

    fn field(&mut self) -> Result<Option<What>, QueryError> {
        let start = self.at;
        let length = self.chars[start..]
            .iter()
            .take_while(|c| c.is_ascii_alphabetic() || **c == '_')
            .count();
        let name = start..start + length;
        let Some(mut operator) = self.operator(name.end).filter(|_| length > 0) else {
            return Ok(None);
        };
        let mut end = name.end + operator.as_str().len();
        if operator == Operator::Has && matches!(self.chars.get(end), Some(':')) {
            return Ok(None);
        }
        let typed: String = self.chars[name.clone()].iter().collect();
        let slashes = self.chars.get(end) == Some(&'/') && self.chars.get(end + 1) == Some(&'/');
        if operator == Operator::Has && slashes {
            return Ok(None);
        }
        let Some(field) = Field::parse(&typed) else {
            return self.no_field(&typed, name, operator);
        };
        // `cvss:>7` is `cvss>7`.
        if operator == Operator::Has
            && !matches!(field, Field::Column(_))
            && let Some(second) = self.operator(end).filter(|o| *o != Operator::Has)
        {
            operator = second;
            end += second.as_str().len();
        }
        self.at = end;
        let values = self.values(field, name.start)?;
        Ok(Some(What::Field {
            field,
            name: name.clone(),
            operator,
            operator_place: name.end..end,
            values,
        }))
    }

    fn operator(&self, at: usize) -> Option<Operator> {
        Operator::ALL.into_iter().find(|o| {
            o.as_str()
                .chars()
                .enumerate()
                .all(|(i, c)| self.chars.get(at + i) == Some(&c))
        })
    }

    /// Text, or an error where a person seems to have meant a field.
    fn no_field(
        &self,
        typed: &str,
        name: Range<usize>,
        operator: Operator,
    ) -> Result<Option<What>, QueryError> {
        let rest: Vec<char> = self.chars[name.end..]
            .iter()
            .copied()
            .take_while(|c| !is_space(*c) && !matches!(c, '(' | ')'))
            .collect();
        let near = nearest_field(typed);
        let is_text = match operator {
            Operator::Has => {
                rest.len() < 2
                    || (typed.len() == 1 && matches!(rest.get(1), Some('\\' | '/')))
                    || TEXT_BEFORE_COLON.contains(&typed.to_ascii_lowercase().as_str())
                    || is_address(typed, &rest)
            }
            _ => near.is_none(),
        };
        if is_text || self.mode == Mode::Lenient {
            return Ok(None);
        }
        let hint = near.map_or_else(String::new, |near| format!(" Did you mean \"{near}\"?"));
        let whole: String = typed
            .chars()
            .chain(rest)
            .take(40)
            .filter(|c| !is_quote(*c))
            .collect();
        let message = format!(
            "\"{typed}\" is no field.{hint} To search for the text, put it in quotes: \"{whole}\""
        );
        let expected: Vec<&str> = near.map_or_else(
            || Field::all().map(Field::as_str).collect(),
            |near| vec![near],
        );
        Err(QueryError::new(name, Reason::UnknownField, message).expecting(expected))
    }

    fn values(&mut self, field: Field, start: usize) -> Result<Vec<Raw>, QueryError> {
        let mut values = Vec::new();
        loop {
            let value = match self.peek(0) {
                Some(c) if is_quote(c) => self.quoted()?,
                _ => self.bare(true)?,
            };
            if value.text.trim().is_empty() && !value.star && self.mode != Mode::Lenient {
                let name = field.as_str();
                let message = if self.peek(0).is_some_and(is_space) {
                    format!("\"{name}\" needs a value directly behind it, without a space")
                } else {
                    format!("\"{name}\" needs a value")
                };
                let place = if value.quoted {
                    value.place
                } else {
                    start..self.at
                };
                return Err(
                    QueryError::new(place, Reason::EmptyValue, message).expecting(samples(field))
                );
            }
            values.push(value);
            if self.peek(0) != Some(',') {
                return Ok(values);
            }
            self.at += 1;
        }
    }

    fn quoted(&mut self) -> Result<Raw, QueryError> {
        let start = self.at;
        let straight = self.peek(0) == Some('"');
        self.at += 1;
        let inner = self.at;
        while self
            .peek(0)
            .is_some_and(|c| c != '"' && (straight || !is_quote(c)))
        {
            self.at += 1;
        }
        // Typographic quotes inside straight ones say nothing, and could not be printed again.
        let text: String = self.chars[inner..self.at].iter().collect();
        if self.peek(0).is_some() {
            self.at += 1;
        } else if self.mode == Mode::Strict {
            let message = "the quote has no end: put \" behind the phrase".to_owned();
            return Err(
                QueryError::new(start..self.at, Reason::UnclosedQuote, message).expecting(["\""]),
            );
        }
        let star = self.peek(0) == Some('*');
        self.at += usize::from(star);
        Ok(Raw {
            text,
            quoted: true,
            star,
            inner,
            place: start..self.at,
        })
    }

    fn bare(&mut self, in_list: bool) -> Result<Raw, QueryError> {
        let start = self.at;
        while let Some(c) = self.peek(0) {
            if is_space(c) || is_quote(c) || c == ')' || (in_list && c == ',') {
                break;
            }
            if c == '(' {
                // `strcpy()` is one word; `OR(a b)` and `foo(a b)` are not.
                let word: String = self.chars[start..self.at].iter().collect();
                let is_operator = matches!(word.as_str(), "AND" | "OR" | "NOT");
                match self.closing().filter(|_| !is_operator) {
                    Some(end) => self.at = end,
                    None => break,
                }
            }
            self.at += 1;
        }
        let mut typed = &self.chars[start..self.at];
        let star = typed.last() == Some(&'*');
        if star {
            typed = &typed[..typed.len() - 1];
        }
        if let Some(at) = typed.iter().position(|c| *c == '*')
            && self.mode != Mode::Lenient
        {
            let message =
                "a * can only stand at the end of a word; in quotes it is text".to_owned();
            return Err(QueryError::new(
                start + at..start + at + 1,
                Reason::BadStar,
                message,
            ));
        }
        Ok(Raw {
            text: typed.iter().collect(),
            quoted: false,
            star,
            inner: start,
            place: start..self.at,
        })
    }

    /// Where the parenthesis here is closed, if that is in the same word.
    fn closing(&self) -> Option<usize> {
        let mut depth = 0usize;
        for (at, c) in self.chars.iter().enumerate().skip(self.at) {
            match c {
                '(' => depth += 1,
                ')' => depth -= 1,
                c if is_space(*c) || is_quote(*c) => return None,
                _ => {}
            }
            if depth == 0 {
                return Some(at);
            }
        }
        None
    }

    fn peek(&self, ahead: usize) -> Option<char> {
        self.chars.get(self.at + ahead).copied()
    }
}

/// Values that a field could have, to show what was expected.
pub fn samples(field: Field) -> Vec<&'static str> {
    match field {
        Field::Facet(facet) => super::field::choices(facet).map_or_else(Vec::new, <[_]>::to_vec),
        Field::Flag(_) => vec!["true", "false"],
        Field::Measure(_) | Field::Moment(_) | Field::Id | Field::Cve | Field::Column(_) => {
            Vec::new()
        }
    }
}

/// What people write with a colon that is no field of any search.
const TEXT_BEFORE_COLON: &[&str] = &["cpe", "javascript", "jndi", "mailto", "urn"];

/// IPv6 and MAC addresses can begin with letters: `dead:beef:1`.
fn is_address(typed: &str, rest: &[char]) -> bool {
    typed.chars().all(|c| c.is_ascii_hexdigit())
        && rest.iter().filter(|c| **c == ':').count() > 1
        && rest.iter().all(|c| c.is_ascii_hexdigit() || *c == ':')
}

//! Tokens into a query. AND (or nothing) binds tighter than OR; NOT and `-` tightest.

use super::ast::{Expr, Query, Term};
use super::error::{QueryError, Reason};
use super::lex::{Mode, Token, What, lex};
use super::value;

/// The most characters of a query.
pub const MAX_CHARS: usize = 4_096;
/// The most levels of parentheses and negations.
pub const MAX_DEPTH: usize = 64;
/// The most terms; each value of a list is one.
pub const MAX_TERMS: usize = 256;

/// Reads a query.
///
/// # Errors
/// Where the text is no query: why, and where.
pub fn parse(text: &str) -> Result<Query, QueryError> {
    read(text, Mode::Strict)
}

/// Reads a query that is still being typed: a bare word at its very end counts as a beginning, and a quote
/// may be open.
///
/// # Errors
/// Where the text is no query: why, and where.
pub fn parse_typing(text: &str) -> Result<Query, QueryError> {
    read(text, Mode::Typing)
}

fn read(text: &str, mode: Mode) -> Result<Query, QueryError> {
    let chars: Vec<char> = text.chars().collect();
    let too_long = || {
        let message = format!("a query has at most {MAX_CHARS} characters");
        QueryError::new(
            MAX_CHARS.min(chars.len())..chars.len(),
            Reason::TooLong,
            message,
        )
    };
    if chars.len() > MAX_CHARS {
        return Err(too_long());
    }
    let tokens = lex(&chars, mode)?;
    let mut parser = Parser {
        tokens: &tokens,
        at: 0,
        depth: 0,
        terms: 0,
        end: chars.len(),
        typing: mode == Mode::Typing,
    };
    let query = parser.query()?;
    // What was read can be printed and read again, always.
    if chars.len() > MAX_CHARS / 4 && query.to_string().chars().count() > MAX_CHARS {
        return Err(too_long());
    }
    Ok(query)
}

/// A piece of what was typed, for a message.
pub(super) fn excerpt(text: &str) -> String {
    let mut start: String = text.chars().take(40).collect();
    if start.len() < text.len() {
        start.push('…');
    }
    start
}

struct Parser<'a> {
    tokens: &'a [Token],
    at: usize,
    depth: usize,
    terms: usize,
    end: usize,
    typing: bool,
}

impl<'a> Parser<'a> {
    fn query(&mut self) -> Result<Query, QueryError> {
        if self.tokens.is_empty() {
            return Ok(Query::default());
        }
        let expr = self.or()?;
        match self.peek() {
            None => Ok(Query { expr: Some(expr) }),
            Some(token) => {
                let message = "this ) closes nothing: there is no ( before it".to_owned();
                Err(QueryError::new(
                    token.place.clone(),
                    Reason::UnopenedParenthesis,
                    message,
                ))
            }
        }
    }

    fn or(&mut self) -> Result<Expr, QueryError> {
        let mut all = vec![self.and()?];
        while self.takes(&What::Or) {
            all.push(self.and()?);
        }
        Expr::or(all).ok_or_else(|| self.missing())
    }

    fn and(&mut self) -> Result<Expr, QueryError> {
        let mut all = vec![self.unary()?];
        loop {
            let joined = self.takes(&What::And);
            let ends = matches!(
                self.peek().map(|token| &token.what),
                None | Some(What::Or | What::Close)
            );
            if ends && !joined {
                return Expr::and(all).ok_or_else(|| self.missing());
            }
            all.push(self.unary()?);
        }
    }

    fn unary(&mut self) -> Result<Expr, QueryError> {
        let Some(token) = self.peek() else {
            return Err(self.missing());
        };
        match &token.what {
            What::Not => {
                self.at += 1;
                self.deeper(token)?;
                let expr = self.unary()?;
                self.depth -= 1;
                Ok(Expr::Not(Box::new(expr)))
            }
            What::Open => {
                self.at += 1;
                self.deeper(token)?;
                let expr = self.parenthesis(token)?;
                self.depth -= 1;
                Ok(expr)
            }
            What::Word(_) | What::Field { .. } => self.term(token),
            What::Close | What::And | What::Or => Err(self.missing()),
        }
    }

    fn parenthesis(&mut self, open: &Token) -> Result<Expr, QueryError> {
        if let Some(close) = self.peek().filter(|token| token.what == What::Close) {
            let message = "the parentheses are empty".to_owned();
            let place = open.place.start..close.place.end;
            return Err(QueryError::new(place, Reason::EmptyParentheses, message));
        }
        let expr = self.or()?;
        if self.takes(&What::Close) {
            return Ok(expr);
        }
        let message = "this ( is not closed: put ) behind the group".to_owned();
        Err(
            QueryError::new(open.place.clone(), Reason::UnclosedParenthesis, message)
                .expecting([")"]),
        )
    }

    fn term(&mut self, token: &Token) -> Result<Expr, QueryError> {
        self.at += 1;
        let (term, negated) = match &token.what {
            What::Field {
                field,
                name,
                operator,
                operator_place,
                values,
            } => value::field(*field, name, *operator, operator_place, values)?,
            What::Word(raw) => {
                let being_typed = self.typing && token.place.end == self.end;
                (value::word(raw, being_typed)?, false)
            }
            _ => return Err(self.missing()),
        };
        self.count(&term, token)?;
        let expr = Expr::Term(term);
        if !negated {
            return Ok(expr);
        }
        self.deeper(token)?;
        self.depth -= 1;
        Ok(Expr::Not(Box::new(expr)))
    }

    fn count(&mut self, term: &Term, token: &Token) -> Result<(), QueryError> {
        self.terms += match term {
            Term::Text { phrases, .. } => phrases.len(),
            Term::Id(ids) | Term::Cve(ids) => ids.len(),
            Term::Facet { values, .. } => values.len(),
            Term::Flag { .. } => 1,
            Term::Measure { ranges, .. } => ranges.len(),
            Term::Moment { spans, .. } => spans.len(),
        };
        if self.terms <= MAX_TERMS {
            return Ok(());
        }
        let message = format!("a query has at most {MAX_TERMS} terms");
        Err(QueryError::new(
            token.place.clone(),
            Reason::TooManyTerms,
            message,
        ))
    }

    fn deeper(&mut self, token: &Token) -> Result<(), QueryError> {
        self.depth += 1;
        if self.depth <= MAX_DEPTH {
            return Ok(());
        }
        let message = format!("parentheses and negations go at most {MAX_DEPTH} levels deep");
        Err(QueryError::new(
            token.place.clone(),
            Reason::TooDeep,
            message,
        ))
    }

    /// The error where a term should stand: at the operator before, which has nothing to be about.
    fn missing(&self) -> QueryError {
        let before = self.at.checked_sub(1).and_then(|at| self.tokens.get(at));
        let here = self.peek();
        let found = |token: &Token| match token.what {
            What::And => "AND",
            What::Or => "OR",
            What::Not => "NOT",
            What::Open => "(",
            _ => ")",
        };
        if let Some(before) = before.filter(|t| matches!(t.what, What::And | What::Or | What::Not))
        {
            let message = format!(
                "something to search for is missing behind {}",
                found(before)
            );
            return QueryError::new(before.place.clone(), Reason::MissingTerm, message);
        }
        let Some(here) = here else {
            let Some(before) = before else {
                return QueryError::new(
                    self.end..self.end,
                    Reason::MissingTerm,
                    "something to search for is missing".to_owned(),
                );
            };
            let message = "this ( is not closed: put ) behind the group".to_owned();
            return QueryError::new(before.place.clone(), Reason::UnclosedParenthesis, message)
                .expecting([")"]);
        };
        if here.what == What::Close {
            let message = "this ) closes nothing: there is no ( before it".to_owned();
            return QueryError::new(here.place.clone(), Reason::UnopenedParenthesis, message);
        }
        let word = found(here);
        let message = format!(
            "something to search for is missing before {word}; for the word, write \"{}\"",
            word.to_lowercase()
        );
        QueryError::new(here.place.clone(), Reason::MissingTerm, message)
    }

    fn takes(&mut self, what: &What) -> bool {
        let takes = self.peek().is_some_and(|token| token.what == *what);
        self.at += usize::from(takes);
        takes
    }

    fn peek(&self) -> Option<&'a Token> {
        self.tokens.get(self.at)
    }
}

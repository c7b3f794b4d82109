//! Queries as text, in one canonical form: what is printed is read as the same query, and printed again it
//! is the same text.

use std::fmt::{self, Display, Formatter};
use std::ops::Bound;

use super::ast::{Expr, FacetValue, Id, Phrase, Query, Range, Term};
use super::date::Span;
use super::field::Field;
use super::lex::{Mode, What, is_quote, is_space, lex};
use super::value::bare_cve;

/// A query for both: a view's and the search box's.
#[must_use]
pub fn and(a: &Query, b: &Query) -> Query {
    let both = [a, b].into_iter().filter_map(|query| query.expr.clone());
    Query {
        expr: Expr::and(both.collect()),
    }
}

/// A value behind a field: in quotes where it must be. A double quote in it becomes a space, which says the
/// same: values are compared by their words.
#[must_use]
pub fn quoted_value(text: &str) -> String {
    let text = text.replace('"', " ");
    let plain = |c: char| !is_space(c) && !is_quote(c) && !matches!(c, ',' | '(' | ')' | '*');
    let operator = text.starts_with([':', '=', '!', '<', '>']);
    if !text.is_empty() && !operator && text.chars().all(plain) {
        return text;
    }
    format!("\"{text}\"")
}

impl Display for Query {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match &self.expr {
            None => Ok(()),
            Some(expr) => write!(f, "{expr}"),
        }
    }
}

impl Display for Expr {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::And(all) => list(f, all, " ", |f, expr| match expr {
                Self::Or(_) => write!(f, "({expr})"),
                _ => write!(f, "{expr}"),
            }),
            Self::Or(all) => list(f, all, " OR ", |f, expr| write!(f, "{expr}")),
            Self::Not(expr) => match **expr {
                Self::And(_) | Self::Or(_) => write!(f, "-({expr})"),
                // `--x` is a word.
                Self::Not(_) => write!(f, "NOT {expr}"),
                Self::Term(_) => write!(f, "-{expr}"),
            },
            Self::Term(term) => write!(f, "{term}"),
        }
    }
}

impl Display for Term {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let is = |f: &mut Formatter<'_>, field: Field| write!(f, "{}:", field.as_str());
        match self {
            Self::Text {
                column: None,
                phrases,
            } => list(f, phrases, " ", word),
            Self::Text {
                column: Some(column),
                phrases,
            } => {
                is(f, Field::Column(*column))?;
                list(f, phrases, ",", |f, phrase| {
                    starred(f, &quoted_value(&phrase.text), phrase.prefix)
                })
            }
            Self::Id(ids) => {
                is(f, Field::Id)?;
                list(f, ids, ",", id)
            }
            Self::Cve(ids) => {
                let alone = matches!(&ids[..], [one] if bare_cve(&one.id, one.prefix).as_ref() == Some(one));
                if !alone {
                    is(f, Field::Cve)?;
                }
                list(f, ids, ",", id)
            }
            Self::Facet {
                field,
                exactly,
                values,
            } => {
                let operator = if *exactly { '=' } else { ':' };
                write!(f, "{}{operator}", field.as_str())?;
                list(f, values, ",", |f, value| match value {
                    FacetValue::Any => f.write_str("*"),
                    FacetValue::Missing => f.write_str("none"),
                    FacetValue::Named { text, prefix } => starred(f, &quoted_value(text), *prefix),
                })
            }
            Self::Flag { field, is } => write!(f, "{}:{is}", field.as_str()),
            Self::Measure { field, ranges } => {
                f.write_str(field.as_str())?;
                if let [range] = &ranges[..]
                    && let Some((operator, number)) = comparison(*range)
                {
                    return write!(f, "{operator}{number}");
                }
                f.write_str(":")?;
                list(f, ranges, ",", |f, range| write!(f, "{range}"))
            }
            Self::Moment { field, spans } => {
                f.write_str(field.as_str())?;
                if let [Span::Compare(operator, date)] = &spans[..] {
                    return write!(f, "{}{date}", operator.as_str());
                }
                f.write_str(":")?;
                list(f, spans, ",", |f, span| write!(f, "{span}"))
            }
        }
    }
}

fn list<T>(
    f: &mut Formatter<'_>,
    all: &[T],
    between: &str,
    one: impl Fn(&mut Formatter<'_>, &T) -> fmt::Result,
) -> fmt::Result {
    for (at, item) in all.iter().enumerate() {
        if at > 0 {
            f.write_str(between)?;
        }
        one(f, item)?;
    }
    Ok(())
}

fn id(f: &mut Formatter<'_>, id: &Id) -> fmt::Result {
    starred(f, &quoted_value(&id.id), id.prefix)
}

fn starred(f: &mut Formatter<'_>, text: &str, star: bool) -> fmt::Result {
    write!(f, "{text}{}", if star { "*" } else { "" })
}

/// Bare where it is read as this word wherever it stands, else in quotes.
fn word(f: &mut Formatter<'_>, phrase: &Phrase) -> fmt::Result {
    let text = &phrase.text;
    if is_bare(phrase) {
        return starred(f, text, phrase.prefix);
    }
    starred(f, &format!("\"{text}\""), phrase.prefix)
}

fn is_bare(phrase: &Phrase) -> bool {
    let text = &phrase.text;
    if text.starts_with('-') || text.contains(['(', ')', '*']) || bare_cve(text, false).is_some() {
        return false;
    }
    let mut chars: Vec<char> = text.chars().collect();
    chars.extend(phrase.prefix.then_some('*'));
    let tokens = lex(&chars, Mode::Strict);
    tokens.is_ok_and(|tokens| {
        matches!(&tokens[..], [token]
            if matches!(&token.what, What::Word(raw) if raw.text == *text && !raw.quoted))
    })
}

/// A range with one end, as an operator.
fn comparison(range: Range) -> Option<(&'static str, f64)> {
    match (range.low, range.high) {
        (Bound::Included(number), Bound::Unbounded) => Some((">=", number)),
        (Bound::Excluded(number), Bound::Unbounded) => Some((">", number)),
        (Bound::Unbounded, Bound::Included(number)) => Some(("<=", number)),
        (Bound::Unbounded, Bound::Excluded(number)) => Some(("<", number)),
        _ => None,
    }
}

impl Display for Range {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let number = |bound| match bound {
            Bound::Included(number) | Bound::Excluded(number) => Some(number),
            Bound::Unbounded => None,
        };
        match (number(self.low), number(self.high)) {
            (None, None) => f.write_str("*"),
            (Some(low), None) => write!(f, "{low}.."),
            (None, Some(high)) => write!(f, "..{high}"),
            (Some(low), Some(high)) if low.to_bits() == high.to_bits() => write!(f, "{low}"),
            (Some(low), Some(high)) => write!(f, "{low}..{high}"),
        }
    }
}

impl Display for Span {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => f.write_str("*"),
            Self::In(date) => write!(f, "{date}"),
            Self::Compare(operator, date) => write!(f, "{}{date}", operator.as_str()),
            Self::Between(low, high) => {
                if let Some(low) = low {
                    write!(f, "{low}")?;
                }
                f.write_str("..")?;
                high.map_or(Ok(()), |high| write!(f, "{high}"))
            }
        }
    }
}

//! A query as it was typed, understood but not yet tied to a moment: `published:<7d` stays that until it
//! is lowered. [`super::parse`] makes it and keeps what the comments here promise.

use std::ops::Bound;

use super::date::Span;
use super::node::Column;
use crate::model::{Facet, Flag, Measure, Moment};

/// A query. The default is the empty one: everything.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Query {
    pub(super) expr: Option<Expr>,
}

impl Query {
    /// The condition; `None` = everything.
    #[must_use]
    pub fn expr(&self) -> Option<&Expr> {
        self.expr.as_ref()
    }

    /// Whether it asks for nothing in particular.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.expr.is_none()
    }
}

/// A condition.
#[derive(Clone, Debug, PartialEq)]
pub enum Expr {
    /// All hold: two or more, none of them an `And`.
    And(Vec<Expr>),
    /// One holds: two or more, none of them an `Or`.
    Or(Vec<Expr>),
    /// It does not hold.
    Not(Box<Expr>),
    /// One term.
    Term(Term),
}

impl Expr {
    /// All of them hold; `And`s among them are opened.
    pub(super) fn and(all: Vec<Self>) -> Option<Self> {
        Self::join(all, Self::And, |expr| match expr {
            Self::And(inner) => Ok(inner),
            other => Err(other),
        })
    }

    /// One of them holds; `Or`s among them are opened.
    pub(super) fn or(all: Vec<Self>) -> Option<Self> {
        Self::join(all, Self::Or, |expr| match expr {
            Self::Or(inner) => Ok(inner),
            other => Err(other),
        })
    }

    fn join(
        all: Vec<Self>,
        make: fn(Vec<Self>) -> Self,
        open: fn(Self) -> Result<Vec<Self>, Self>,
    ) -> Option<Self> {
        let mut flat = Vec::with_capacity(all.len());
        for expr in all {
            match open(expr) {
                Ok(inner) => flat.extend(inner),
                Err(expr) => flat.push(expr),
            }
        }
        if flat.len() > 1 {
            return Some(make(flat));
        }
        flat.pop()
    }
}

/// One term. Where it has a list, one of the list is enough; a list is never empty.
#[derive(Clone, Debug, PartialEq)]
pub enum Term {
    /// Words in a row.
    Text {
        /// Where; `None` = title, text or products, and then there is one phrase.
        column: Option<Column>,
        /// What.
        phrases: Vec<Phrase>,
    },
    /// `id:`: the alert's own id.
    Id(Vec<Id>),
    /// `cve:` or a bare CVE id: the record, or what names it. Upper case; a whole id has its number.
    Cve(Vec<Id>),
    /// A value of a facet.
    Facet {
        /// Which.
        field: Facet,
        /// `=`: the whole value, not words of it. Only where a value can have words
        /// ([`super::field::has_names`]).
        exactly: bool,
        /// What.
        values: Vec<FacetValue>,
    },
    /// A yes or no.
    Flag {
        /// Which.
        field: Flag,
        /// Which of the two.
        is: bool,
    },
    /// A number.
    Measure {
        /// Which.
        field: Measure,
        /// Where it lies. In a list of several, both ends belong to a range.
        ranges: Vec<Range>,
    },
    /// A moment.
    Moment {
        /// Which.
        field: Moment,
        /// Where it lies. Several are never comparisons.
        spans: Vec<Span>,
    },
}

/// Words in a row, as typed.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Phrase {
    /// Has a letter or digit, and no double quote.
    pub text: String,
    /// Whether the last word is only a beginning.
    pub prefix: bool,
}

/// An id.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Id {
    /// Never empty, and without double quotes.
    pub id: String,
    /// Whether it is only a beginning.
    pub prefix: bool,
}

/// What a facet's value is asked to be.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum FacetValue {
    /// `*`: there is one.
    Any,
    /// `severity:none`: there is none.
    Missing,
    /// This value, or these words of it. As typed; of severity, kind, state, cwe and owasp the one
    /// canonical word. Not empty, and without double quotes.
    Named {
        /// The value.
        text: String,
        /// Whether the last word is only a beginning. Never together with `=`.
        prefix: bool,
    },
}

/// A range of numbers, which are finite and in the field's scale.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Range {
    /// From here.
    pub low: Bound<f64>,
    /// To here.
    pub high: Bound<f64>,
}

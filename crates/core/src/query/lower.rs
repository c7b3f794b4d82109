//! A query made plain at a moment: groups become alternatives, relative dates become moments, values get
//! the form in which they are stored.

use super::ast::{Expr, FacetValue, Id, Phrase, Query, Term};
use super::date::Span;
use super::field::{CLOSED, has_names};
use super::node::{Column, Leaf, Node, Text, Value};
use super::tokens;
use crate::model::{Facet, Moment, Time, normal_value};

impl Query {
    /// What it asks of an alert, where `now` is now.
    #[must_use]
    pub fn lower(&self, now: Time) -> Node {
        self.expr
            .as_ref()
            .map_or_else(Node::everything, |expr| lower(expr, now))
    }
}

fn lower(expr: &Expr, now: Time) -> Node {
    let each = |all: &[Expr]| all.iter().map(|expr| lower(expr, now)).collect();
    match expr {
        Expr::And(all) => Node::And(each(all)),
        Expr::Or(all) => Node::Or(each(all)),
        Expr::Not(expr) => Node::Not(Box::new(lower(expr, now))),
        Expr::Term(term) => lower_term(term, now),
    }
}

fn lower_term(term: &Term, now: Time) -> Node {
    match term {
        Term::Text { column, phrases } => one_of(phrases, |phrase| text(*column, phrase)),
        Term::Id(ids) => one_of(ids, id),
        Term::Cve(ids) => one_of(ids, cve),
        Term::Facet {
            field,
            exactly,
            values,
        } => one_of(values, |value| facet(*field, *exactly, value)),
        Term::Flag { field, is } => {
            let flag = Node::Leaf(Leaf::Flag(*field));
            if *is { flag } else { Node::Not(Box::new(flag)) }
        }
        Term::Measure { field, ranges } => one_of(ranges, |range| {
            Node::Leaf(Leaf::Measure {
                field: *field,
                low: range.low,
                high: range.high,
            })
        }),
        Term::Moment { field, spans } => one_of(spans, |span| moment(*field, *span, now)),
    }
}

fn one_of<T>(all: &[T], lower: impl Fn(&T) -> Node) -> Node {
    match all {
        [one] => lower(one),
        all => Node::Or(all.iter().map(lower).collect()),
    }
}

fn text(column: Option<Column>, phrase: &Phrase) -> Node {
    Node::Leaf(Leaf::Text(Text {
        column,
        words: tokens::words(&phrase.text),
        prefix: phrase.prefix,
    }))
}

fn id(id: &Id) -> Node {
    Node::Leaf(Leaf::Id {
        uid: id.id.clone(),
        prefix: id.prefix,
    })
}

fn cve(cve: &Id) -> Node {
    if cve.prefix {
        id(cve)
    } else {
        Node::Leaf(Leaf::Cve(cve.id.clone()))
    }
}

fn facet(field: Facet, exactly: bool, value: &FacetValue) -> Node {
    let leaf = |value| Node::Leaf(Leaf::Facet { field, value });
    let (text, prefix) = match value {
        FacetValue::Any => return leaf(Value::Any),
        FacetValue::Missing => return Node::Not(Box::new(leaf(Value::Any))),
        FacetValue::Named { text, prefix } => (text, *prefix),
    };
    let normal = normal_value(text);
    if has_names(field) && !exactly {
        let words = normal.split(' ').map(str::to_owned).collect();
        return leaf(Value::Has { words, prefix });
    }
    if field == Facet::State && matches!(normal.as_str(), "open" | "closed") {
        let closed = CLOSED.map(|state| leaf(Value::Is(normal_value(state))));
        let closed = Node::Or(closed.into());
        return if normal == "open" {
            Node::Not(Box::new(closed))
        } else {
            closed
        };
    }
    leaf(Value::Is(normal))
}

fn moment(field: Moment, span: Span, now: Time) -> Node {
    let (from, before) = span.bounds(now);
    Node::Leaf(Leaf::Moment {
        field,
        from,
        before,
    })
}

//! A query asked of one alert in memory. It must answer as the store does for the same alert.

use std::cell::OnceCell;
use std::ops::{Bound, Range};

use super::node::{Column, Leaf, Node, Text};
use super::tokens::{Token, tokens, words};
use crate::model::Keys;

/// One alert, as a query sees it.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// Its own id.
    pub uid: &'a str,
    /// The CVEs that it is or names.
    pub cves: &'a [String],
    /// Its title.
    pub title: &'a str,
    /// Its text.
    pub body: &'a str,
    /// Its products, as the search index has them.
    pub products: &'a str,
    /// Everything else.
    pub keys: &'a Keys,
}

/// Whether an alert fulfils a query.
#[must_use]
pub fn matches(node: &Node, subject: &Subject<'_>) -> bool {
    Asked::of(subject).matches(node)
}

/// Where the words of a query stand in a text of this column: characters, in order, not overlapping. For
/// highlighting: `texts` are [`Node::texts`].
#[must_use]
pub fn hits(texts: &[&Text], column: Column, text: &str) -> Vec<Range<usize>> {
    let tokens = tokens(text);
    let mut hits: Vec<Range<usize>> = Vec::new();
    for asked in texts
        .iter()
        .filter(|t| t.column.is_none_or(|c| c == column))
    {
        let rows = tokens.windows(asked.words.len().max(1));
        let rows = rows.filter(|row| is_row(row.iter().map(|t: &Token| t.word.as_str()), asked));
        hits.extend(rows.filter_map(|row| Some(row.first()?.place.start..row.last()?.place.end)));
    }
    hits.sort_by_key(|hit| (hit.start, hit.end));
    hits.dedup_by(|next, hit| {
        let overlap = next.start < hit.end;
        if overlap {
            hit.end = hit.end.max(next.end);
        }
        overlap
    });
    hits
}

/// One alert of which several queries are asked: the words of a text are made once, when the first asks.
#[derive(Debug)]
pub struct Asked<'a> {
    subject: &'a Subject<'a>,
    title: OnceCell<Vec<String>>,
    body: OnceCell<Vec<String>>,
    products: OnceCell<Vec<String>>,
}

impl<'a> Asked<'a> {
    /// Of an alert.
    #[must_use]
    pub fn of(subject: &'a Subject<'a>) -> Self {
        Self {
            subject,
            title: OnceCell::new(),
            body: OnceCell::new(),
            products: OnceCell::new(),
        }
    }

    /// Whether it fulfils a query.
    #[must_use]
    pub fn matches(&self, node: &Node) -> bool {
        self.node(node)
    }

    fn node(&self, node: &Node) -> bool {
        match node {
            Node::And(all) => all.iter().all(|node| self.node(node)),
            Node::Or(all) => all.iter().any(|node| self.node(node)),
            Node::Not(node) => !self.node(node),
            Node::Leaf(leaf) => self.leaf(leaf),
        }
    }

    fn leaf(&self, leaf: &Leaf) -> bool {
        let Subject {
            uid, cves, keys, ..
        } = self.subject;
        match leaf {
            Leaf::Text(text) => self.text(text),
            Leaf::Id { uid: asked, prefix } => {
                let start = if *prefix {
                    uid.get(..asked.len())
                } else {
                    Some(*uid)
                };
                start.is_some_and(|start| start.eq_ignore_ascii_case(asked))
            }
            Leaf::Cve(cve) => {
                uid.eq_ignore_ascii_case(cve) || cves.iter().any(|c| c.eq_ignore_ascii_case(cve))
            }
            Leaf::Facet { field, value } => keys
                .facets
                .iter()
                .any(|(facet, have)| facet == field && value.accepts(have)),
            Leaf::Flag(flag) => keys.flags.has(*flag),
            Leaf::Measure { field, low, high } => keys
                .measure(*field)
                .is_some_and(|number| is_within(number, *low, *high)),
            Leaf::Moment {
                field,
                from,
                before,
            } => keys.moment(*field).is_some_and(|time| {
                from.is_none_or(|from| time >= from) && before.is_none_or(|before| time < before)
            }),
        }
    }

    fn text(&self, text: &Text) -> bool {
        match text.column {
            Some(column) => self.column(column, text),
            None => [Column::Title, Column::Products, Column::Body]
                .into_iter()
                .any(|column| self.column(column, text)),
        }
    }

    fn column(&self, column: Column, text: &Text) -> bool {
        let (cell, source) = match column {
            Column::Title => (&self.title, self.subject.title),
            Column::Body => (&self.body, self.subject.body),
            Column::Products => (&self.products, self.subject.products),
        };
        cell.get_or_init(|| words(source))
            .windows(text.words.len().max(1))
            .any(|row| is_row(row.iter().map(String::as_str), text))
    }
}

/// Whether as many words as were asked for are those.
fn is_row<'a>(mut have: impl Iterator<Item = &'a str>, asked: &Text) -> bool {
    let last = asked.words.len().saturating_sub(1);
    !asked.words.is_empty()
        && asked.words.iter().enumerate().all(|(i, want)| {
            have.next().is_some_and(|have| {
                have == want || (asked.prefix && i == last && have.starts_with(want.as_str()))
            })
        })
}

fn is_within(number: f64, low: Bound<f64>, high: Bound<f64>) -> bool {
    let above = match low {
        Bound::Included(low) => number >= low,
        Bound::Excluded(low) => number > low,
        Bound::Unbounded => true,
    };
    let below = match high {
        Bound::Included(high) => number <= high,
        Bound::Excluded(high) => number < high,
        Bound::Unbounded => true,
    };
    above && below
}

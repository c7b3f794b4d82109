//! A query made plain: relative dates are moments, groups of values are alternatives, values are in
//! their normal form. The store compiles it; [`super::matches`] asks it of one alert in memory.

use std::ops::Bound;

use crate::model::{Facet, Flag, Measure, Moment, Time};

/// A condition.
#[derive(Clone, Debug, PartialEq)]
pub enum Node {
    /// All of them hold; none of them = everything.
    And(Vec<Node>),
    /// One of them holds; none of them = nothing.
    Or(Vec<Node>),
    /// It does not hold.
    Not(Box<Node>),
    /// One test.
    Leaf(Leaf),
}

impl Node {
    /// What every alert fulfils.
    #[must_use]
    pub fn everything() -> Self {
        Self::And(Vec::new())
    }

    /// Whether every alert fulfils it by its form.
    #[must_use]
    pub fn is_everything(&self) -> bool {
        matches!(self, Self::And(all) if all.is_empty())
    }

    /// The words that an alert is wanted for, in order: those under no negation, or under an even number
    /// of them. For ranking and highlighting.
    #[must_use]
    pub fn texts(&self) -> Vec<&Text> {
        let mut texts = Vec::new();
        self.collect_texts(true, &mut texts);
        texts
    }

    fn collect_texts<'a>(&'a self, wanted: bool, texts: &mut Vec<&'a Text>) {
        match self {
            Self::And(all) | Self::Or(all) => {
                for node in all {
                    node.collect_texts(wanted, texts);
                }
            }
            Self::Not(node) => node.collect_texts(!wanted, texts),
            Self::Leaf(Leaf::Text(text)) if wanted => texts.push(text),
            Self::Leaf(_) => {}
        }
    }
}

/// One test of an alert.
#[derive(Clone, Debug, PartialEq)]
pub enum Leaf {
    /// Words in a row.
    Text(Text),
    /// The alert's own uid, letter case aside.
    Id {
        /// A whole uid, or its beginning.
        uid: String,
        /// Whether it is only the beginning.
        prefix: bool,
    },
    /// The CVE itself, or whatever names it. Upper case, complete.
    Cve(String),
    /// A value of a facet.
    Facet {
        /// Which.
        field: Facet,
        /// What its value is.
        value: Value,
    },
    /// A yes.
    Flag(Flag),
    /// A number in a range. An alert without the number fails.
    Measure {
        /// Which.
        field: Measure,
        /// From here.
        low: Bound<f64>,
        /// To here.
        high: Bound<f64>,
    },
    /// A moment in a range. An alert without the moment fails.
    Moment {
        /// Which.
        field: Moment,
        /// At or after.
        from: Option<Time>,
        /// Before.
        before: Option<Time>,
    },
}

/// Words in a row, in one column of the search index.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Text {
    /// Where; `None` = title, body or products.
    pub column: Option<Column>,
    /// Tokens as the index has them: without case and diacritics. Never empty.
    pub words: Vec<String>,
    /// Whether the last word is only a beginning.
    pub prefix: bool,
}

/// A column of the search index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Column {
    /// The title.
    Title,
    /// The text.
    Body,
    /// Products; only found by a search everywhere.
    Products,
}

/// What a facet's value is asked to be. In the form of [`crate::model::normal_value`].
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Value {
    /// Any: the alert has one.
    Any,
    /// Exactly this.
    Is(String),
    /// Has these words in a row. Never empty.
    Has {
        /// The words.
        words: Vec<String>,
        /// Whether the last is only the beginning of a word.
        prefix: bool,
    },
}

impl Value {
    /// Whether a value in its normal form fulfils it.
    #[must_use]
    pub fn accepts(&self, value: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Is(is) => is == value,
            Self::Has { words, prefix } => {
                let have: Vec<&str> = value.split(' ').collect();
                have.windows(words.len()).any(|row| {
                    let last = words.len() - 1;
                    row.iter().zip(words).enumerate().all(|(i, (have, want))| {
                        have == want || (*prefix && i == last && have.starts_with(want.as_str()))
                    })
                })
            }
        }
    }
}

//! Watches: what a team cares about, found in title, text and products. Mutes, which silence, are the
//! same with the opposite meaning: one engine serves both.
//!
//! - A **term** matches without regard to case, as a whole word or phrase: `java` is not in `javascript`,
//!   and `http server` is in `HTTP_Server`. A term without a letter or digit matches nothing and is
//!   refused, so an empty term can never match everything.
//! - A **regex** is asked for by name, reads the text as it is written, and takes linear time.
//! - A **product** is a vendor and a product with the versions that the team runs; what sources state of
//!   affected versions decides, and where they state nothing, the text.
//!
//! A match that lies within one of the watch's exceptions does not count (`apache` with the exception
//! `apache license`). All watches are found in one scan (`scan`): what a text costs depends on what is
//! found in it, not on how many watches there are.

mod check;
mod literals;
mod mentions;
mod products;
mod regexes;
mod scan;
mod set;
mod versions;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

pub use check::{WatchPart, WatchProblem, check_term, check_watch};
pub use set::WatchSet;

/// A keyword, phrase, regex or product that the team cares about, or that is to be silent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Watch {
    /// The term or the regex; it also names the watch. Of a product: its name for people.
    pub term: String,
    /// Other spellings that count as the term; of a regex, further ones.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// Phrases that do not count, although the term is in them.
    #[serde(default)]
    pub exceptions: Vec<String>,
    /// How it is looked for.
    #[serde(default)]
    pub kind: WatchKind,
    /// What is looked for where it is a product.
    #[serde(default)]
    pub product: Option<WatchedProduct>,
    /// Where it is looked for.
    #[serde(default)]
    pub scope: Scope,
    /// Whether it is looked for at all.
    #[serde(default = "yes")]
    pub enabled: bool,
}

impl Default for Watch {
    fn default() -> Self {
        Self {
            term: String::new(),
            aliases: Vec::new(),
            exceptions: Vec::new(),
            kind: WatchKind::Term,
            product: None,
            scope: Scope::default(),
            enabled: true,
        }
    }
}

impl Watch {
    /// The words by which a full-text search finds what it may match: of a term its spellings, of a
    /// product its names, of a regex none.
    #[must_use]
    pub fn spellings(&self) -> Vec<&str> {
        let count = match (self.kind, &self.product) {
            (WatchKind::Regex, _) | (WatchKind::Product, None) => 0,
            _ => self.aliases.len() + 1,
        };
        (0..count).map(|number| self.spelling(number)).collect()
    }

    /// Whether [`Watch::spellings`] find all that it may match. A regex has none, and a product may be in
    /// a source's data alone.
    #[must_use]
    pub fn is_found_by_words(&self) -> bool {
        self.kind == WatchKind::Term
    }

    /// Its spellings in their order; [`WatchMatch::term`] is one of them.
    fn spelling(&self, number: usize) -> &str {
        match number.checked_sub(1) {
            Some(alias) => self.aliases.get(alias).map_or("", String::as_str),
            None => match (&self.product, self.kind) {
                (Some(product), WatchKind::Product) => &product.product,
                _ => &self.term,
            },
        }
    }
}

/// How a watch is looked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum WatchKind {
    /// A word or a phrase.
    #[default]
    Term,
    /// A regular expression, without regard to case unless it says `(?-i)`.
    Regex,
    /// A product, by what sources state of it.
    Product,
}

impl WatchKind {
    /// All kinds.
    pub const ALL: [Self; 3] = [Self::Term, Self::Regex, Self::Product];

    /// The word in the settings.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Term => "term",
            Self::Regex => "regex",
            Self::Product => "product",
        }
    }

    /// Reads the word in the settings.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|k| k.as_str() == text)
    }
}

/// A product that the team runs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct WatchedProduct {
    /// Its vendor: `apache`. With one, the product of another vendor is not it, and in a text its name
    /// counts only where the vendor is named too.
    #[serde(default)]
    pub vendor: Option<String>,
    /// Its name: `http_server`.
    pub product: String,
    /// The versions that the team runs: `2.4.1`, `2.4.x`, or spans: `>=2.0 <2.4`. Empty = any.
    #[serde(default)]
    pub versions: Vec<String>,
}

/// Where a watch is looked for. An empty list is everywhere.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct Scope {
    /// Kinds of alerts: `vulnerability`, `article`, `guidance`.
    pub kinds: Vec<String>,
    /// Sources, by id.
    pub sources: Vec<String>,
    /// Parts of an alert.
    pub fields: Vec<Field>,
}

impl Scope {
    fn takes(&self, kind: &str, source: &str) -> bool {
        let takes = |list: &[String], one: &str| list.is_empty() || list.iter().any(|l| l == one);
        takes(&self.kinds, kind) && takes(&self.sources, source)
    }

    fn takes_field(&self, field: Field) -> bool {
        self.fields.is_empty() || self.fields.contains(&field)
    }
}

/// The part of an alert in which a watch was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "lowercase")]
pub enum Field {
    /// The title.
    Title,
    /// The description or article.
    Text,
    /// The affected products.
    Products,
}

impl Field {
    /// All parts, in the order in which matches are given.
    pub const ALL: [Self; 3] = [Self::Title, Self::Text, Self::Products];

    /// The word in the settings.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Title => "title",
            Self::Text => "text",
            Self::Products => "products",
        }
    }

    /// Reads the word in the settings.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|f| f.as_str() == text)
    }
}

/// One place at which a watch matched.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct WatchMatch {
    /// The watch's term.
    pub watch: String,
    /// What was found: the term, the regex, the product's name or one of the aliases, as the user wrote it.
    pub term: String,
    /// Where it was found.
    pub field: Field,
    /// First character in that field, counted in Unicode scalar values. Where a product is in its
    /// source's data alone and no text names it, it is `end`.
    pub start: u32,
    /// One past the last character.
    pub end: u32,
    /// Of a product: which of the versions that the team runs are affected, `2.4.1, 2.4.2`; `None` where
    /// the watch names none, or nobody says which are.
    #[serde(default)]
    pub version: Option<String>,
}

fn yes() -> bool {
    true
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;

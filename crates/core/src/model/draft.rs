//! What a source yields before anything is made uniform.

use serde::{Deserialize, Serialize};

use super::{Enrichment, Facts, Kind, RunNote, SourceId, Time};
use crate::error::Fault;

/// One item as its source gave it, in Tocsin's shape but with the source's own text and dates.
#[derive(Clone, Debug)]
pub struct Draft {
    /// The source.
    pub source: SourceId,
    /// What it is.
    pub kind: Kind,
    /// How it is recognised when it is seen again.
    pub identity: Identity,
    /// The source's title; CVEs have none.
    pub title: Option<String>,
    /// The description or article.
    pub body: Body,
    /// Where it is, as given; may be relative to `base`.
    pub link: Option<String>,
    /// The address that relative links start from.
    pub base: Option<String>,
    /// When it was published, if the source said so in a form that could be read.
    pub published: Option<Time>,
    /// When it was last changed.
    pub updated: Option<Time>,
    /// Structured fields; links as given.
    pub facts: Facts,
}

/// How an item is recognised when it is seen again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Identity {
    /// A CVE id.
    Cve(String),
    /// A feed's entry: its guid or id, if it has one that is its own.
    Feed {
        /// `guid` or `id` as given.
        guid: Option<String>,
        /// Whether other entries of the document carry the same guid.
        guid_repeats: bool,
    },
    /// An entry of an OWASP list.
    Owasp {
        /// `top10`.
        list: String,
        /// `2025`.
        edition: String,
        /// `A01`.
        code: String,
    },
}

/// A description in the form in which it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body {
    /// Plain text: a `<` is a `<`.
    Text(String),
    /// HTML, hostile.
    Html(String),
}

/// Something about one record that could not be used. It does not fail the run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ts_rs::TS)]
pub struct Problem {
    /// Which record: an id, a link or a place ("item 7").
    pub subject: String,
    /// What is wrong with it.
    pub fault: Fault,
}

/// What a source remembers between runs: validators, checkpoint, window. Opaque to all but that source;
/// stored in the transaction that stores the page it came with.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Memory(pub serde_json::Value);

/// A part of a run that is committed whole.
#[derive(Clone, Debug, Default)]
pub struct Page {
    /// The items.
    pub drafts: Vec<Draft>,
    /// Records that could not be used.
    pub problems: Vec<Problem>,
    /// What to remember once this page is stored.
    pub memory: Memory,
    /// Records seen so far and in all, where the source knows.
    pub progress: Option<(u32, u32)>,
    /// What is said of alerts that other sources bring, stored ones and those that come later.
    pub enrichments: Vec<Enrichment>,
    /// What a person should know of the run.
    pub notes: Vec<RunNote>,
    /// What the document says about how often to come.
    pub rhythm: Option<RhythmHint>,
}

/// What a document says about how often to come.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RhythmHint {
    /// RSS' `ttl`, or what `sy:updatePeriod` comes to, in minutes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ttl_min: Option<u32>,
    /// `max-age` of `Cache-Control`, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cache_max_age_s: Option<u32>,
    /// When its entries were published, in any order.
    pub entry_times: Vec<Time>,
}

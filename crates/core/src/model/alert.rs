//! An alert: one thing to look at.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{Facts, SourceId, Time};

/// An alert's integer id: `(publication in seconds, clamped to now) << 20 | counter`, 53 bits, so that
/// row order is time order and JavaScript holds it exactly. It never changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[ts(type = "number")]
pub struct AlertId(pub i64);

impl AlertId {
    /// The first id of a moment: what was published from then on has this or a later one.
    #[must_use]
    pub fn first_at(at: Time) -> Self {
        Self(at.ms().div_euclid(1000).max(0) << 20)
    }
}

/// What kind of thing an alert is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A CVE.
    Vulnerability,
    /// An entry of a feed.
    Article,
    /// An entry of a list such as the OWASP Top 10.
    Guidance,
}

impl Kind {
    /// The stored and sent word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Vulnerability => "vulnerability",
            Self::Article => "article",
            Self::Guidance => "guidance",
        }
    }

    /// Reads the stored word.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Vulnerability, Self::Article, Self::Guidance]
            .into_iter()
            .find(|k| k.as_str() == text)
    }
}

/// A draft made uniform, before it is stored: what normalise yields and analysis reads.
#[derive(Clone, Debug, PartialEq)]
pub struct Alert {
    /// Unique and stable: `CVE-2026-21413`, `feed:<source>:<hash>`, `owasp:top10:2025:A01`.
    pub uid: String,
    /// The source that brought it.
    pub source: SourceId,
    /// What it is.
    pub kind: Kind,
    /// Plain text, one line, never empty.
    pub title: String,
    /// Plain text; paragraphs are separated by one empty line.
    pub text: String,
    /// Canonical http(s) address, if it has one.
    pub url: Option<String>,
    /// When the source says that it was published.
    pub published: Option<Time>,
    /// When the source says that it was last changed. Not news by itself.
    pub updated: Option<Time>,
    /// Structured fields.
    pub facts: Facts,
    /// SHA-256 over what the alert means: title, text, address, scores, status, exploitation, products,
    /// references. Neither order nor `updated` is part of it.
    pub hash: [u8; 32],
}

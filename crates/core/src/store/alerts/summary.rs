//! What a list shows of a stored alert, and the whole of one: types and how a row becomes one.

use rusqlite::Row;
use rusqlite::types::FromSql;

use super::shown::parse_issuer;
use crate::model::{
    AlertId, CvssVersion, Facts, Finding, Issuer, Kind, Severity, SourceId, State, Time,
};
use crate::store::StoreError;
use crate::store::row::{Columns, severity};

/// The columns of a list's row, by the name that [`Summary::from_row`] reads them by.
pub(super) const COLUMNS: [&str; 28] = [
    "a.id",
    "a.uid",
    "a.source",
    "a.kind",
    "c.title",
    "c.url",
    "a.published",
    "a.updated",
    "a.added",
    "a.changed",
    "a.looked",
    "a.severity",
    "a.estimated",
    "a.score",
    "a.score_version",
    "a.score_issuer",
    "a.epss",
    "a.exploited",
    "a.kev",
    "a.ransomware",
    "a.relevant",
    "a.relevance",
    "a.muted",
    "a.category",
    "a.state",
    "a.reason",
    "a.until",
    "a.unread",
];

/// A row of [`COLUMNS`]: SQLite is not asked for the name of each column of each row.
pub(super) struct Listed<'a>(pub(super) &'a Row<'a>);

impl Columns for Listed<'_> {
    fn col<T: FromSql>(&self, name: &str) -> Result<T, StoreError> {
        // Each begins with `a.` or `c.`.
        let place = COLUMNS.iter().position(|column| &column[2..] == name);
        let place = place.ok_or_else(|| rusqlite::Error::InvalidColumnName(name.to_owned()))?;
        Ok(self.0.get(place)?)
    }
}

/// A stored alert as a list shows it.
#[derive(Clone, Debug, PartialEq)]
pub struct Summary {
    /// Which.
    pub id: AlertId,
    /// Its stable name.
    pub uid: String,
    /// The source that brought it.
    pub source: SourceId,
    /// What it is.
    pub kind: Kind,
    /// One line of plain text.
    pub title: String,
    /// http(s) address.
    pub url: Option<String>,
    /// Publication, or first seen where that was earlier.
    pub published: Time,
    /// When the source last changed it.
    pub updated: Option<Time>,
    /// First stored.
    pub added: Time,
    /// The last change of meaning after it was added.
    pub changed: Option<Time>,
    /// When somebody last looked at it.
    pub looked: Option<Time>,
    /// The level that is shown.
    pub severity: Option<Severity>,
    /// Whether the level is an estimate.
    pub estimated: bool,
    /// The score that is shown: value, version, issuer.
    pub score: Option<(f64, CvssVersion, Issuer)>,
    /// The probability of exploitation.
    pub epss: Option<f64>,
    /// Whether it is exploited.
    pub exploited: bool,
    /// Whether it is in CISA's catalogue.
    pub kev: bool,
    /// Whether ransomware uses it.
    pub ransomware: bool,
    /// Whether it matters.
    pub is_relevant: bool,
    /// Whether a mute silences it.
    pub is_muted: bool,
    /// The probability that it matters.
    pub relevance: Option<f64>,
    /// The threat category.
    pub category: Option<String>,
    /// Its state.
    pub state: State,
    /// Why it was closed.
    pub reason: Option<String>,
    /// Until when it sleeps.
    pub until: Option<Time>,
    /// Whether it is new to the user.
    pub unread: bool,
    /// The watches that matched, by term.
    pub matched: Vec<String>,
    /// The user's tags.
    pub tags: Vec<String>,
}

impl Summary {
    /// Whether its meaning changed after somebody last looked. What nobody looked at yet is new, not
    /// changed.
    #[must_use]
    pub fn changed_since(&self) -> bool {
        let looked_and_changed = self.looked.zip(self.changed);
        looked_and_changed.is_some_and(|(looked, changed)| changed > looked)
    }

    pub(super) fn from_row(row: &Listed<'_>) -> Result<Self, StoreError> {
        let score = match (
            row.col::<Option<f64>>("score")?,
            row.col::<Option<String>>("score_version")?,
            row.col::<Option<String>>("score_issuer")?,
        ) {
            (Some(score), Some(version), Some(issuer)) => CvssVersion::parse(&version)
                .zip(parse_issuer(&issuer))
                .map(|(version, issuer)| (score, version, issuer)),
            _ => None,
        };
        Ok(Self {
            id: AlertId(row.col("id")?),
            uid: row.col("uid")?,
            source: SourceId(row.col("source")?),
            kind: row.word("kind", Kind::parse)?,
            title: row.col("title")?,
            url: row.col("url")?,
            published: row.time("published")?,
            updated: row.opt_time("updated")?,
            added: row.time("added")?,
            changed: row.opt_time("changed")?,
            looked: row.opt_time("looked")?,
            severity: severity(row.col("severity")?),
            estimated: row.col("estimated")?,
            score,
            epss: row.col("epss")?,
            exploited: row.col("exploited")?,
            kev: row.col("kev")?,
            ransomware: row.col("ransomware")?,
            is_relevant: row.col("relevant")?,
            is_muted: row.col("muted")?,
            relevance: row.col("relevance")?,
            category: row.col("category")?,
            state: row.word("state", State::parse)?,
            reason: row.col("reason")?,
            until: row.opt_time("until")?,
            unread: row.col("unread")?,
            matched: Vec::new(),
            tags: Vec::new(),
        })
    }
}

/// A stored alert in full.
#[derive(Clone, Debug, PartialEq)]
pub struct Stored {
    /// What a list shows.
    pub summary: Summary,
    /// The description as plain text.
    pub text: String,
    /// Affected products as analysis reads them.
    pub products: String,
    /// Structured fields.
    pub facts: Facts,
    /// What analysis said.
    pub finding: Finding,
    /// Its values of the facet `owasp`, by the map in force.
    pub risks: Vec<String>,
}

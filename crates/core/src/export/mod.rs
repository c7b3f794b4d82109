//! Alerts written for other programs and for people: CSV, JSON, STIX 2.1, Markdown. Pure: a writer gets
//! whole records, a batch at a time, and writes bytes; it never reads the store, a clock or a path, and
//! never holds more than one batch (a STIX bundle also the names of what it wrote, 16 bytes each).

mod csv;
pub mod json;
mod markdown;
mod stix;

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::model::{SeverityBasis, SourceId, Time};
use crate::store::records::Record;

pub use markdown::Tally;

/// A form in which alerts are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ExportFormat {
    /// A table for spreadsheets (RFC 4180).
    Csv,
    /// Everything that is kept; the one form that can be imported.
    Json,
    /// A bundle of STIX 2.1 for other security tools.
    Stix,
    /// A report for people, such as at the end of a shift.
    Markdown,
}

/// The order in which a format wants its alerts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// As they were chosen.
    AsChosen,
    /// The oldest first: an import gives ids in the order of the file, and so keeps the order.
    OldestFirst,
    /// The worst first, each level as chosen.
    BySeverity,
}

impl ExportFormat {
    /// All formats.
    pub const ALL: [Self; 4] = [Self::Csv, Self::Json, Self::Stix, Self::Markdown];

    /// Its word on the command line.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Json => "json",
            Self::Stix => "stix",
            Self::Markdown => "markdown",
        }
    }

    /// Reads the word.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|f| f.as_str() == text)
    }

    /// How names of its files end. STIX is JSON, and tools look for that.
    #[must_use]
    pub fn extension(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Json => "json",
            Self::Stix => "stix.json",
            Self::Markdown => "md",
        }
    }

    /// The order in which it wants its alerts.
    #[must_use]
    pub fn order(self) -> Order {
        match self {
            Self::Csv | Self::Stix => Order::AsChosen,
            Self::Json => Order::OldestFirst,
            Self::Markdown => Order::BySeverity,
        }
    }
}

/// What is known before the first alert.
#[derive(Clone, Debug)]
pub struct Header {
    /// The version of Tocsin.
    pub version: String,
    /// When it is written.
    pub now: Time,
    /// What was chosen, for people: a view's name, a query.
    pub title: String,
    /// The sources' names for people.
    pub sources: BTreeMap<SourceId, String>,
    /// What a report counts; empty for the other formats.
    pub tally: Tally,
}

impl Header {
    fn source_name<'a>(&'a self, id: &'a SourceId) -> &'a str {
        self.sources.get(id).map_or(id.as_str(), String::as_str)
    }
}

/// Writes one file: `begin`, then batches of records, then `end`.
pub trait Writer: Send {
    /// What stands before the first record.
    ///
    /// # Errors
    /// Where writing fails.
    fn begin(&mut self, out: &mut dyn Write) -> io::Result<()>;

    /// Some records.
    ///
    /// # Errors
    /// Where writing fails.
    fn records(&mut self, records: &[Record], out: &mut dyn Write) -> io::Result<()>;

    /// Uids of alerts that were not chosen but that the file speaks of, and so should hold too where
    /// they are stored: some of them, until there are no more. Asked for once all records are written.
    fn missing(&mut self) -> Vec<String> {
        Vec::new()
    }

    /// What stands after the last record.
    ///
    /// # Errors
    /// Where writing fails.
    fn end(&mut self, out: &mut dyn Write) -> io::Result<()>;
}

/// The writer of a format.
#[must_use]
pub fn writer(format: ExportFormat, header: Header) -> Box<dyn Writer> {
    match format {
        ExportFormat::Csv => Box::new(csv::Csv::default()),
        ExportFormat::Json => Box::new(json::Json::new(header)),
        ExportFormat::Stix => Box::new(stix::Stix::new(header)),
        ExportFormat::Markdown => Box::new(markdown::Markdown::new(header)),
    }
}

/// The word for where a level comes from.
fn basis(basis: &SeverityBasis) -> &'static str {
    match basis {
        SeverityBasis::Score { .. } => "score",
        SeverityBasis::Exploited { .. } => "exploited",
        SeverityBasis::NamedCve { .. } => "named_cve",
        SeverityBasis::Estimated { .. } => "estimated",
        SeverityBasis::Unscored => "unscored",
    }
}

/// A product as people write it: vendor, product, versions.
fn product(product: &crate::model::Product) -> String {
    let name = format!("{} {}", product.vendor, product.product).replace('_', " ");
    match (name.trim(), product.versions.as_str()) {
        (name, "") => name.to_owned(),
        (name, versions) => format!("{name} ({versions})"),
    }
}

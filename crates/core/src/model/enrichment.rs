//! What a source says of alerts that another one brings: of those that are stored, and of those that
//! come later.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{AlertId, Kev, Time};

/// A part of what such a source says.
#[derive(Clone, Debug, PartialEq)]
pub enum Enrichment {
    /// CISA's catalogue.
    Kev {
        /// CVE ids in upper case, each once, and what CISA says of them.
        entries: Vec<(String, Kev)>,
        /// Whether this is the whole catalogue: what is not in it is taken back.
        is_complete: bool,
    },
    /// EPSS' scores, some of a day's.
    Epss {
        /// The day that they are of.
        day: Time,
        /// CVE ids in upper case, probability and percentile, each 0.0 to 1.0.
        scores: Vec<(String, f32, f32)>,
        /// Whether this is the last part of a whole day: a CVE that had no score in any part has none.
        is_complete: bool,
    },
    /// Which weaknesses an edition of an OWASP list maps to which of its entries; the whole of that
    /// edition's map.
    OwaspMap {
        /// `top10` or `api`.
        list: String,
        /// `2025`.
        edition: String,
        /// `CWE-79` and `A05`.
        cwes: Vec<(String, String)>,
        /// All editions of this list that are collected: the map of another one is forgotten.
        editions: Vec<String>,
    },
}

/// EPSS' score of a CVE.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct EpssScore {
    /// The probability of exploitation within 30 days, 0.0 to 1.0.
    pub probability: f64,
    /// The share of all scored CVEs with a score that is as high or lower, 0.0 to 1.0.
    pub percentile: f64,
    /// The day that it is of.
    pub day: Time,
}

/// An entry of an OWASP list that an alert belongs to: by the weaknesses that it names.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS)]
pub struct OwaspRisk {
    /// `top10` or `api`.
    pub list: String,
    /// `2025`.
    pub edition: String,
    /// `A05`, `API1`.
    pub code: String,
    /// Whether this is the newest edition that is collected: `owasp:a05` finds it without its year.
    pub is_newest: bool,
    /// What it is called, where its own page is stored.
    pub title: Option<String>,
    /// Its own page, where that is stored.
    pub alert: Option<AlertId>,
}

//! The structured fields of an alert, whatever its kind. Kept as one JSON document beside the row.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{ExploitedBy, ProductRanges, Score, Time};

/// Structured fields. Empty where a source has none.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct Facts {
    /// The source's own status (`vulnStatus`): open text.
    pub status: Option<String>,
    /// The CVE's assigner, or an article's author.
    pub issued_by: Option<String>,
    /// Every score of every source.
    pub scores: Vec<Score>,
    /// `CWE-79` ..., sorted, without repeats.
    pub cwes: Vec<String>,
    /// Affected products, sorted, without repeats.
    pub products: Vec<Product>,
    /// The same as data, each source's own: NVD's CPE configurations, and what the CNA states.
    pub ranges: Vec<ProductRanges>,
    /// Links, in the source's order, without repeats.
    pub references: Vec<Reference>,
    /// The source's tags (`disputed`, a feed's categories).
    pub tags: Vec<String>,
    /// The KEV fields.
    pub kev: Option<Kev>,
    /// SSVC's decision point `Exploitation`: `none`, `poc`, `active`.
    pub ssvc_exploitation: Option<String>,
    /// Every SSVC decision, whoever made it.
    pub ssvc: Vec<Ssvc>,
    /// Metrics of kinds that Tocsin does not know, as the source gave them.
    pub other_metrics: Vec<OtherMetric>,
    /// Descriptions in other languages.
    pub other_languages: Vec<LocalText>,
    /// CVE ids that an article or a guidance names, sorted, upper case.
    pub cves: Vec<String>,
    /// The entry of an OWASP list.
    pub owasp: Option<OwaspEntry>,
}

impl Facts {
    /// Who says that it is exploited.
    #[must_use]
    pub fn exploited(&self) -> Option<ExploitedBy> {
        if self.kev.is_some() {
            Some(ExploitedBy::Kev)
        } else if self.ssvc_exploitation.as_deref() == Some("active") {
            Some(ExploitedBy::Ssvc)
        } else {
            None
        }
    }

    /// Whether the source withdrew it.
    #[must_use]
    pub fn is_rejected(&self) -> bool {
        self.status
            .as_deref()
            .is_some_and(|s| s.eq_ignore_ascii_case("rejected"))
    }

    /// Affected products, one a line, as `vendor product`: what watches and the search index read.
    #[must_use]
    pub fn product_lines(&self) -> String {
        let mut lines: Vec<String> = self
            .products
            .iter()
            .map(|p| format!("{} {}", p.vendor, p.product).trim().to_owned())
            .collect();
        lines.dedup();
        lines.join("\n")
    }
}

/// An affected product.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS)]
pub struct Product {
    /// The vendor as CPE names it, unescaped: `apache`.
    pub vendor: String,
    /// The product as CPE names it, unescaped: `http_server`.
    pub product: String,
    /// Affected versions for people: `2.4.57 to 2.4.62`, `before 3.1`, `1.0, 1.1`; empty = not stated.
    pub versions: String,
}

/// A link that a source gives.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS)]
pub struct Reference {
    /// http or https only.
    pub url: String,
    /// What the source says of it: `Patch`, `Vendor Advisory`.
    #[serde(default)]
    pub tags: Vec<String>,
}

/// CISA's entry for a known exploited vulnerability.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Kev {
    /// When CISA added it (a day).
    pub added: Option<Time>,
    /// By when US agencies must act (a day).
    pub due: Option<Time>,
    /// CISA's name for it.
    pub name: Option<String>,
    /// What CISA requires.
    pub action: Option<String>,
    /// Whether ransomware is known to use it.
    #[serde(default)]
    pub ransomware: bool,
}

/// A decision by SSVC (certcc.github.io/SSVC).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Ssvc {
    /// Who decided, as the source names it.
    pub source: String,
    /// When.
    pub at: Option<Time>,
    /// The decision points in their order, by name: `exploitation` is `none`, `poc` or `active`.
    pub options: Vec<(String, String)>,
}

/// A metric of a kind that Tocsin does not know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct OtherMetric {
    /// The source's name for its kind: `cvssMetricV50`.
    pub kind: String,
    /// The metric as JSON text.
    pub json: String,
}

/// Text in a language other than English.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct LocalText {
    /// BCP 47 tag: `es`.
    pub lang: String,
    /// The text, plain.
    pub text: String,
}

/// An entry of an OWASP list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct OwaspEntry {
    /// `top10` or `api`.
    pub list: String,
    /// The edition: `2025`.
    pub edition: String,
    /// `A01` ... `A10`, `API1` ... `API10`.
    pub code: String,
}

//! Label schemes of the corpora, and how our kinds map to them.

use std::str::FromStr;

use crate::entity::{EntityKind, Style};

/// CyNER's label for indicators.
pub(super) const INDICATOR: &str = "Indicator";

/// A corpus's labels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// Threat reports: Malware, Indicator, System, Organization, Vulnerability.
    Cyner,
    /// Descriptions of CVEs: PRODUCT, VENDOR, VERSION.
    Nvd,
    /// Threat reports: of its eleven labels the five that we have kinds for.
    Annoctr,
}

impl Scheme {
    /// The labels that are counted.
    #[must_use]
    pub fn labels(self) -> &'static [&'static str] {
        match self {
            Self::Cyner => &["Malware", INDICATOR, "System", "Organization", "Vulnerability"],
            Self::Nvd => &["PRODUCT", "VENDOR", "VERSION"],
            Self::Annoctr => &["MALWARE", "TOOL", "GROUP", "ORG", "TECHNIQUE"],
        }
    }

    /// The label of a kind; `None` where the scheme has none.
    #[must_use]
    pub fn label(self, kind: EntityKind) -> Option<&'static str> {
        use EntityKind as K;
        match (self, kind) {
            (Self::Cyner, K::Malware | K::Ransomware) => Some("Malware"),
            (Self::Cyner, K::Product | K::Tool) => Some("System"),
            (Self::Cyner, K::Vendor | K::Organisation | K::Actor) => Some("Organization"),
            (Self::Cyner, K::Vulnerability | K::Cve) => Some("Vulnerability"),
            (Self::Nvd, K::Product) => Some("PRODUCT"),
            (Self::Nvd, K::Vendor) => Some("VENDOR"),
            (Self::Nvd, K::Version) => Some("VERSION"),
            (Self::Annoctr, K::Malware | K::Ransomware) => Some("MALWARE"),
            (Self::Annoctr, K::Tool) => Some("TOOL"),
            (Self::Annoctr, K::Actor) => Some("GROUP"),
            (Self::Annoctr, K::Vendor | K::Organisation) => Some("ORG"),
            (Self::Annoctr, K::Technique) => Some("TECHNIQUE"),
            _ => None,
        }
    }

    /// The scheme that has a label.
    pub(super) fn of(label: &str) -> Option<Self> {
        [Self::Nvd, Self::Cyner, Self::Annoctr]
            .into_iter()
            .find(|s| s.labels().contains(&label))
    }

    /// As it is written on the command line.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Cyner => "cyner",
            Self::Nvd => "nvd",
            Self::Annoctr => "annoctr",
        }
    }

    /// The style of its texts.
    #[must_use]
    pub fn style(self) -> Style {
        match self {
            Self::Nvd => Style::Advisory,
            Self::Cyner | Self::Annoctr => Style::Report,
        }
    }
}

impl FromStr for Scheme {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        match word.to_lowercase().as_str() {
            "cyner" => Ok(Self::Cyner),
            "nvd" => Ok(Self::Nvd),
            "annoctr" => Ok(Self::Annoctr),
            _ => Err(format!("there is no scheme `{word}`: cyner, nvd, annoctr")),
        }
    }
}

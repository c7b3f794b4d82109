//! Names in text: vendors, products, versions, malware, actors, tools, organisations, techniques and the
//! ids of vulnerabilities and weaknesses.
//!
//! What is sure speaks first: structured fields, then patterns (ids, versions and their ranges), then the
//! lists of names, then a linear-chain tagger: one for the prose of advisories, one for reports and
//! articles. Where two overlap the longer stays, then the more specific; nothing is taken from inside an
//! indicator. Pure, linear in the text, and the same for the same text.

mod bytes;
pub mod eval;
mod fields;
pub mod gazetteer;
mod ids;
mod known;
mod names;
mod overlap;
mod read;
pub(crate) mod style;
pub mod tag;
mod versions;
pub mod words;

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests;

pub use names::Names;
pub use read::{Read, read};
pub use style::{Style, style_of};
pub use versions::VersionSpan;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::Field;

/// Something that an alert names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Entity {
    /// What it is.
    pub kind: EntityKind,
    /// The name as written.
    pub name: String,
    /// Its one name or id, where it is known: `APT28`, `T1059.001`, `CVE-2024-3094`,
    /// `microsoft/windows_10`.
    pub id: Option<String>,
    /// Where it stands.
    pub field: Field,
    /// First character in that field, counted in Unicode scalar values.
    pub start: u32,
    /// One past the last character.
    pub end: u32,
    /// What found it.
    pub by: FoundBy,
    /// For a version: which versions are meant, where the words around it say so. The two ends of one
    /// range (`2.0 through 2.3`) are two entities with the same range.
    pub range: Option<VersionSpan>,
}

impl Entity {
    /// The most entities that are kept of one alert.
    pub const MOST: usize = 200;
}

/// What a name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum EntityKind {
    /// Who makes or publishes a product.
    Vendor,
    /// A product, library, device or plugin.
    Product,
    /// A version of a product.
    Version,
    /// Malware that is no ransomware.
    Malware,
    /// Ransomware.
    Ransomware,
    /// A threat actor or group.
    Actor,
    /// A tool that attackers use and others may.
    Tool,
    /// An organisation that is known for no product here.
    Organisation,
    /// A technique of ATT&CK.
    Technique,
    /// A CVE id.
    Cve,
    /// A CWE id.
    Cwe,
    /// An id of GitHub's advisories.
    Ghsa,
    /// A vulnerability by name.
    Vulnerability,
}

impl EntityKind {
    /// As it is written in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Vendor => "vendor",
            Self::Product => "product",
            Self::Version => "version",
            Self::Malware => "malware",
            Self::Ransomware => "ransomware",
            Self::Actor => "actor",
            Self::Tool => "tool",
            Self::Organisation => "organisation",
            Self::Technique => "technique",
            Self::Cve => "cve",
            Self::Cwe => "cwe",
            Self::Ghsa => "ghsa",
            Self::Vulnerability => "vulnerability",
        }
    }
}

/// What found a name, the surest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum FoundBy {
    /// A structured field of the alert.
    Field,
    /// Its form.
    Pattern,
    /// The lists of names.
    Gazetteer,
    /// A tagger.
    Model,
}

//! What a query can ask of an alert besides its words: values of facets, flags, numbers, moments. One
//! shape for the store's index and for a single alert in memory.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{Facts, Finding, Time};

/// A field with values from a list that grows: an alert has none, one or several of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Facet {
    /// `low`, `medium`, `high`; none = unscored and not estimated.
    Severity,
    /// `vulnerability`, `article`, `guidance`.
    Kind,
    /// The id of the source that brought it.
    Source,
    /// The state of triage.
    State,
    /// `cwe-79`.
    Cwe,
    /// `a01 2025`, `api1 2023` ... of the OWASP Top 10 lists; of the newest edition also `a01`, `api1`.
    Owasp,
    /// The vendor of an affected product.
    Vendor,
    /// An affected product.
    Product,
    /// The threat category.
    Category,
    /// Anything that the text names.
    Entity,
    /// A threat actor that the text names.
    Actor,
    /// Malware that the text names.
    Malware,
    /// A tag of the user's, or of the source's (`disputed`).
    Tag,
    /// A watch that matched, by its term.
    Watch,
    /// A mute that matched, by its term.
    Mute,
}

impl Facet {
    /// All facets.
    pub const ALL: [Self; 15] = [
        Self::Severity,
        Self::Kind,
        Self::Source,
        Self::State,
        Self::Cwe,
        Self::Owasp,
        Self::Vendor,
        Self::Product,
        Self::Category,
        Self::Entity,
        Self::Actor,
        Self::Malware,
        Self::Tag,
        Self::Watch,
        Self::Mute,
    ];

    /// The word in a query.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Severity => "severity",
            Self::Kind => "kind",
            Self::Source => "source",
            Self::State => "state",
            Self::Cwe => "cwe",
            Self::Owasp => "owasp",
            Self::Vendor => "vendor",
            Self::Product => "product",
            Self::Category => "category",
            Self::Entity => "entity",
            Self::Actor => "actor",
            Self::Malware => "malware",
            Self::Tag => "tag",
            Self::Watch => "watch",
            Self::Mute => "mute",
        }
    }

    /// Reads the word.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|f| f.as_str() == text)
    }

    /// Its bit-sized number: stored in the database, so it never changes.
    #[must_use]
    pub fn number(self) -> u8 {
        match self {
            Self::Severity => 0,
            Self::Kind => 1,
            Self::Source => 2,
            Self::State => 3,
            Self::Cwe => 4,
            Self::Owasp => 5,
            Self::Vendor => 6,
            Self::Product => 7,
            Self::Category => 8,
            Self::Entity => 9,
            Self::Actor => 10,
            Self::Malware => 11,
            Self::Tag => 12,
            Self::Watch => 13,
            Self::Mute => 14,
        }
    }
}

/// A yes or no of an alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Flag {
    /// In CISA's catalogue.
    Kev,
    /// Known to be exploited, whoever says so.
    Exploited,
    /// Used by ransomware, as CISA knows.
    Ransomware,
    /// Its level is an estimate.
    Estimated,
    /// A vulnerability that nobody scored.
    Unscored,
    /// It matters to this team.
    Relevant,
    /// New to the user and not opened yet.
    Unread,
    /// A mute silences it.
    Muted,
}

impl Flag {
    /// All flags.
    pub const ALL: [Self; 8] = [
        Self::Kev,
        Self::Exploited,
        Self::Ransomware,
        Self::Estimated,
        Self::Unscored,
        Self::Relevant,
        Self::Unread,
        Self::Muted,
    ];

    /// The word in a query.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Kev => "kev",
            Self::Exploited => "exploited",
            Self::Ransomware => "ransomware",
            Self::Estimated => "estimated",
            Self::Unscored => "unscored",
            Self::Relevant => "relevant",
            Self::Unread => "unread",
            Self::Muted => "muted",
        }
    }

    /// Reads the word.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|f| f.as_str() == text)
    }

    /// Its bit in [`Flags`].
    #[must_use]
    pub fn bit(self) -> u16 {
        1 << (self as u8)
    }
}

/// The flags that an alert has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flags(pub u16);

impl Flags {
    /// With this flag where `is` says so.
    #[must_use]
    pub fn with(self, flag: Flag, is: bool) -> Self {
        Self(if is { self.0 | flag.bit() } else { self.0 })
    }

    /// Whether it has a flag.
    #[must_use]
    pub fn has(self, flag: Flag) -> bool {
        self.0 & flag.bit() != 0
    }
}

/// A field with a number. An alert without one is in no range.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// The CVSS score that is shown, 0.0 to 10.0.
    Cvss,
    /// The probability of exploitation, 0.0 to 1.0.
    Epss,
    /// The probability that it matters, 0.0 to 1.0, where a model has spoken.
    Relevance,
}

impl Measure {
    /// All measures.
    pub const ALL: [Self; 3] = [Self::Cvss, Self::Epss, Self::Relevance];

    /// The word in a query.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Cvss => "cvss",
            Self::Epss => "epss",
            Self::Relevance => "relevance",
        }
    }
}

/// A field with a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Moment {
    /// Publication, or first seen where that was earlier.
    Published,
    /// When the source last changed it; an alert without that is in no range.
    Updated,
    /// First stored here.
    Added,
}

impl Moment {
    /// All moments.
    pub const ALL: [Self; 3] = [Self::Published, Self::Updated, Self::Added];

    /// The word in a query.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Published => "published",
            Self::Updated => "updated",
            Self::Added => "added",
        }
    }
}

/// Everything of one alert that a query can ask for besides its words and ids.
#[derive(Clone, Debug, PartialEq)]
pub struct Keys {
    /// Values of facets in their normal form ([`normal_value`]), sorted, without repeats.
    pub facets: Vec<(Facet, String)>,
    /// Yes or no.
    pub flags: Flags,
    /// The score that is shown.
    pub cvss: Option<f64>,
    /// The probability of exploitation.
    pub epss: Option<f64>,
    /// The probability that it matters.
    pub relevance: Option<f64>,
    /// Publication, or first seen where that was earlier.
    pub published: Time,
    /// When the source last changed it.
    pub updated: Option<Time>,
    /// First stored.
    pub added: Time,
}

impl Keys {
    /// A number of it.
    #[must_use]
    pub fn measure(&self, measure: Measure) -> Option<f64> {
        match measure {
            Measure::Cvss => self.cvss,
            Measure::Epss => self.epss,
            Measure::Relevance => self.relevance,
        }
    }

    /// A moment of it.
    #[must_use]
    pub fn moment(&self, moment: Moment) -> Option<Time> {
        match moment {
            Moment::Published => Some(self.published),
            Moment::Updated => self.updated,
            Moment::Added => Some(self.added),
        }
    }
}

/// The facets of an alert that can have several values, in their normal form: sorted, without repeats.
/// `tags` are the user's; `risks` are its values of [`Facet::Owasp`], which come from a map that changes.
#[must_use]
pub fn listed_facets(
    facts: &Facts,
    finding: &Finding,
    tags: &[String],
    risks: &[String],
) -> Vec<(Facet, String)> {
    let mut all = Vec::new();
    let mut add = |facet, value: &str| {
        let value = normal_value(value);
        if !value.is_empty() {
            all.push((facet, value));
        }
    };
    for cwe in &facts.cwes {
        add(Facet::Cwe, cwe);
    }
    for risk in risks {
        add(Facet::Owasp, risk);
    }
    for product in &facts.products {
        add(Facet::Vendor, &product.vendor);
        add(Facet::Product, &product.product);
    }
    for entity in &finding.entities {
        add(Facet::Entity, &entity.name);
        match entity.kind.as_str() {
            "actor" => add(Facet::Actor, &entity.name),
            "malware" => add(Facet::Malware, &entity.name),
            _ => {}
        }
    }
    for tag in facts.tags.iter().chain(tags) {
        add(Facet::Tag, tag);
    }
    for found in &finding.relevance.matches {
        add(Facet::Watch, &found.watch);
    }
    for found in &finding.relevance.muted_by {
        add(Facet::Mute, &found.watch);
    }
    all.sort_unstable();
    all.dedup();
    all
}

/// The form in which values of facets are compared: words of letters and digits in lower case, one
/// space between them. `http_server` and `HTTP Server` are the same, `CWE-79` is `cwe 79`. A value
/// without any letter or digit (there are tags such as `+1`'s emoji) stays as it is, in lower case.
#[must_use]
pub fn normal_value(text: &str) -> String {
    let lower = text.to_lowercase();
    let mut normal = String::with_capacity(lower.len());
    for word in lower
        .split(|c: char| !c.is_alphanumeric() && !matches!(c, '+' | '#'))
        .filter(|w| !w.is_empty())
    {
        if !normal.is_empty() {
            normal.push(' ');
        }
        normal.push_str(word);
    }
    if normal.is_empty() {
        lower.trim().to_owned()
    } else {
        normal
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_compared_by_their_words() {
        for (input, expect) in [
            ("http_server", "http server"),
            ("HTTP  Server", "http server"),
            ("CWE-79", "cwe 79"),
            ("c++", "c++"),
            ("action_needed", "action needed"),
            ("windows_10_21h2", "windows 10 21h2"),
            ("--", "--"),
            ("", ""),
        ] {
            assert_eq!(normal_value(input), expect, "{input:?}");
        }
    }

    #[test]
    fn every_word_is_read_again_and_numbers_differ() {
        for facet in Facet::ALL {
            assert_eq!(Facet::parse(facet.as_str()), Some(facet));
        }
        let mut numbers: Vec<u8> = Facet::ALL.into_iter().map(Facet::number).collect();
        numbers.dedup();
        assert_eq!(numbers.len(), Facet::ALL.len());
        for flag in Flag::ALL {
            assert_eq!(Flag::parse(flag.as_str()), Some(flag));
            assert!(Flags::default().with(flag, true).has(flag));
        }
    }
}

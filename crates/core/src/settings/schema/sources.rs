//! Sources: their kinds, what only a kind has, and those that are always there.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// One source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SourceSettings {
    /// For people: `NVD`, `The Hacker News`.
    pub name: String,
    /// Whether it is collected.
    pub enabled: bool,
    /// Where it is: http or https.
    pub url: String,
    /// Minutes between two runs.
    pub interval_min: u32,
    /// Whether it may be at a private, link-local or loopback address.
    pub allow_private: bool,
    /// What kind of source it is, with what only that kind has.
    #[serde(flatten)]
    pub kind: SourceKind,
}

/// A kind of source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum SourceKind {
    /// The NVD CVE API 2.0.
    Nvd(NvdSettings),
    /// CISA's catalogue of known exploited vulnerabilities.
    Kev(KevSettings),
    /// FIRST's daily file of EPSS scores.
    Epss,
    /// The pages of a Top 10 list of OWASP's.
    Owasp(OwaspSettings),
    /// RSS, Atom or JSON Feed.
    Feed(FeedSettings),
}

impl SourceKind {
    /// The word in the file.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Nvd(_) => "nvd",
            Self::Kev(_) => "kev",
            Self::Epss => "epss",
            Self::Owasp(_) => "owasp",
            Self::Feed(_) => "feed",
        }
    }
}

/// What only NVD has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct NvdSettings {
    /// How many days back the first collection goes.
    pub first_days: u32,
    /// How many hours a window reaches into the one before.
    pub overlap_hours: u32,
    /// Records a page, at most 2,000.
    pub page_size: u32,
    /// Milliseconds between two requests; without it what NVD asks for (6000, or 2000 with a key).
    pub pause_ms: Option<u32>,
    /// Milliseconds before the first retry; it doubles.
    pub backoff_ms: u32,
}

impl Default for NvdSettings {
    fn default() -> Self {
        Self {
            first_days: 7,
            overlap_hours: 4,
            page_size: 2000,
            pause_ms: None,
            backoff_ms: 30_000,
        }
    }
}

/// What only a feed has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct FeedSettings {
    /// Whether the time between two runs follows how often the feed brings something; `interval_min` is then
    /// where it starts from.
    pub adaptive: bool,
    /// Whether the article behind each entry is read too.
    pub full_text: bool,
    /// Under which heading it is listed.
    pub group: Option<String>,
}

impl Default for FeedSettings {
    fn default() -> Self {
        Self {
            adaptive: true,
            full_text: false,
            group: None,
        }
    }
}

impl FeedSettings {
    /// A feed under a heading.
    pub(in crate::settings) fn in_group(group: &str) -> Self {
        Self {
            group: Some(group.to_owned()),
            ..Self::default()
        }
    }
}

/// What only CISA's catalogue has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct KevSettings {
    /// Where it is read when its own address refuses; empty = nowhere.
    pub mirror: String,
}

impl Default for KevSettings {
    fn default() -> Self {
        Self {
            mirror: "https://raw.githubusercontent.com/cisagov/kev-data/develop/known_exploited_vulnerabilities.json".to_owned(),
        }
    }
}

/// What only a list of OWASP's has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct OwaspSettings {
    /// Which list.
    pub list: OwaspList,
    /// The editions that are collected, by year; never empty. The source's address is that of one of
    /// them; the others' differ from it by the year.
    pub editions: Vec<String>,
}

impl Default for OwaspSettings {
    fn default() -> Self {
        Self {
            list: OwaspList::Top10,
            editions: vec!["2025".to_owned()],
        }
    }
}

/// A list of OWASP's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "lowercase")]
pub enum OwaspList {
    /// The Top 10 of web applications.
    Top10,
    /// The API Security Top 10.
    Api,
}

impl OwaspList {
    /// The word in the file and in ids of alerts.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Top10 => "top10",
            Self::Api => "api",
        }
    }

    /// Reads the word in the file.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Top10, Self::Api]
            .into_iter()
            .find(|l| l.as_str() == text)
    }
}

/// Minutes between two runs of a feed for which nothing is said.
pub(in crate::settings) const FEED_INTERVAL_MIN: u32 = 30;

/// Minutes of a week.
const WEEK_MIN: u32 = 7 * 24 * 60;

/// The sources that are always there, by id.
#[must_use]
pub(in crate::settings) fn built_in_sources() -> Vec<(&'static str, SourceSettings)> {
    let source = |name: &str, url: &str, interval_min, kind| SourceSettings {
        name: name.to_owned(),
        enabled: true,
        url: url.to_owned(),
        interval_min,
        allow_private: false,
        kind,
    };
    vec![
        (
            "nvd",
            source(
                "NVD",
                "https://services.nvd.nist.gov/rest/json/cves/2.0",
                120,
                SourceKind::Nvd(NvdSettings::default()),
            ),
        ),
        (
            "thehackernews",
            source(
                "The Hacker News",
                "https://feeds.feedburner.com/TheHackersNews",
                FEED_INTERVAL_MIN,
                SourceKind::Feed(FeedSettings::in_group("News")),
            ),
        ),
        (
            "cisa",
            source(
                "CISA advisories",
                "https://www.cisa.gov/cybersecurity-advisories/all.xml",
                FEED_INTERVAL_MIN,
                SourceKind::Feed(FeedSettings::in_group("Advisories")),
            ),
        ),
        (
            "owasp",
            source(
                "OWASP Top 10",
                "https://owasp.org/Top10/2025/",
                WEEK_MIN,
                SourceKind::Owasp(OwaspSettings::default()),
            ),
        ),
        (
            "owasp-api",
            SourceSettings {
                enabled: false,
                ..source(
                    "OWASP API Security Top 10",
                    "https://owasp.org/API-Security/editions/2023/en/0x11-t10/",
                    WEEK_MIN,
                    SourceKind::Owasp(OwaspSettings {
                        list: OwaspList::Api,
                        editions: vec!["2023".to_owned()],
                    }),
                )
            },
        ),
        (
            "kev",
            source(
                "CISA KEV",
                "https://www.cisa.gov/sites/default/files/feeds/known_exploited_vulnerabilities.json",
                360,
                SourceKind::Kev(KevSettings::default()),
            ),
        ),
        (
            "epss",
            source(
                "EPSS",
                "https://epss.empiricalsecurity.com/epss_scores-current.csv.gz",
                720,
                SourceKind::Epss,
            ),
        ),
    ]
}

//! The fields of the language: their names, what they take, and what a person may have meant.

use super::node::Column;
use crate::model::{Facet, Flag, Measure, Moment};

/// What can stand before an operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Field {
    /// A facet.
    Facet(Facet),
    /// The alert's own id.
    Id,
    /// A CVE: the record or what names it.
    Cve,
    /// Yes or no.
    Flag(Flag),
    /// A number.
    Measure(Measure),
    /// A date.
    Moment(Moment),
    /// Words in one column: the title or the text.
    Column(Column),
}

/// What stands between a field and its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Operator {
    /// `:`
    Has,
    /// `=`
    Is,
    /// `!=`
    IsNot,
    /// `<`
    Less,
    /// `<=`
    AtMost,
    /// `>`
    More,
    /// `>=`
    AtLeast,
}

/// Levels of severity, lowest first.
pub const SEVERITIES: [&str; 3] = ["low", "medium", "high"];
/// Kinds of alerts.
pub const KINDS: [&str; 3] = ["vulnerability", "article", "guidance"];
/// States that are closed.
pub const CLOSED: [&str; 3] = ["done", "not_applicable", "accepted_risk"];
/// States, and the two groups of them.
pub const STATES: [&str; 9] = [
    "open",
    "closed",
    "new",
    "reviewing",
    "action_needed",
    "done",
    "not_applicable",
    "accepted_risk",
    "snoozed",
];

/// Whether a facet's values are names of several words: `:` asks for words of them, `=` for the whole.
#[must_use]
pub fn has_names(facet: Facet) -> bool {
    !matches!(
        facet,
        Facet::Severity | Facet::Kind | Facet::Source | Facet::State | Facet::Cwe | Facet::Owasp
    )
}

/// The words that a facet can have; `None` = any.
#[must_use]
pub fn choices(facet: Facet) -> Option<&'static [&'static str]> {
    match facet {
        Facet::Severity => Some(&["low", "medium", "high", "none"]),
        Facet::Kind => Some(&KINDS),
        Facet::State => Some(&STATES),
        _ => None,
    }
}

impl Operator {
    /// All operators; those that begin with another come first.
    pub const ALL: [Self; 7] = [
        Self::AtMost,
        Self::AtLeast,
        Self::IsNot,
        Self::Has,
        Self::Is,
        Self::Less,
        Self::More,
    ];

    /// As it is typed.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Has => ":",
            Self::Is => "=",
            Self::IsNot => "!=",
            Self::Less => "<",
            Self::AtMost => "<=",
            Self::More => ">",
            Self::AtLeast => ">=",
        }
    }

    /// Whether it is one of `<`, `<=`, `>`, `>=`.
    #[must_use]
    pub fn compares(self) -> bool {
        !matches!(self, Self::Has | Self::Is | Self::IsNot)
    }
}

impl Field {
    /// All fields, in the order in which they are offered.
    pub fn all() -> impl Iterator<Item = Self> {
        let facets = Facet::ALL.into_iter().map(Self::Facet);
        let ids = [Self::Id, Self::Cve].into_iter();
        let measures = Measure::ALL.into_iter().map(Self::Measure);
        let flags = Flag::ALL.into_iter().map(Self::Flag);
        let moments = Moment::ALL.into_iter().map(Self::Moment);
        let columns = [Self::Column(Column::Title), Self::Column(Column::Body)];
        facets
            .chain(ids)
            .chain(measures)
            .chain(flags)
            .chain(moments)
            .chain(columns)
    }

    /// The word in a query.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Facet(facet) => facet.as_str(),
            Self::Id => "id",
            Self::Cve => "cve",
            Self::Flag(flag) => flag.as_str(),
            Self::Measure(measure) => measure.as_str(),
            Self::Moment(moment) => moment.as_str(),
            Self::Column(Column::Title) => "title",
            Self::Column(Column::Body) => "text",
            Self::Column(Column::Products) => "products",
        }
    }

    /// Reads the word, in any letter case.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::all().find(|field| field.as_str().eq_ignore_ascii_case(name))
    }

    /// What it is, in a few English words.
    #[must_use]
    pub fn about(self) -> &'static str {
        match self {
            Self::Facet(Facet::Severity) => "low, medium, high or none",
            Self::Facet(Facet::Kind) => "vulnerability, article or guidance",
            Self::Facet(Facet::Source) => "the source that brought it",
            Self::Facet(Facet::State) => "the state of triage, or open, closed",
            Self::Facet(Facet::Cwe) => "a weakness: 79",
            Self::Facet(Facet::Owasp) => "of the OWASP Top 10: A01",
            Self::Facet(Facet::Vendor) => "the vendor of an affected product",
            Self::Facet(Facet::Product) => "an affected product",
            Self::Facet(Facet::Category) => "the category of threat",
            Self::Facet(Facet::Entity) => "anything that the text names",
            Self::Facet(Facet::Actor) => "a threat actor",
            Self::Facet(Facet::Malware) => "a malware",
            Self::Facet(Facet::Tag) => "a tag",
            Self::Facet(Facet::Watch) => "a watch that matched",
            Self::Facet(Facet::Mute) => "a mute that silences it",
            Self::Id => "the alert's id",
            Self::Cve => "a CVE, or what names it",
            Self::Flag(Flag::Kev) => "in CISA's catalogue of exploited vulnerabilities",
            Self::Flag(Flag::Exploited) => "known to be exploited",
            Self::Flag(Flag::Ransomware) => "used by ransomware",
            Self::Flag(Flag::Estimated) => "its severity is an estimate",
            Self::Flag(Flag::Unscored) => "nobody scored it",
            Self::Flag(Flag::Relevant) => "it matters to this team",
            Self::Flag(Flag::Unread) => "not opened yet",
            Self::Flag(Flag::Muted) => "a mute silences it",
            Self::Measure(Measure::Cvss) => "the score, 0 to 10",
            Self::Measure(Measure::Epss) => "the probability of exploitation, 0 to 1",
            Self::Measure(Measure::Relevance) => "the probability that it matters, 0 to 1",
            Self::Moment(Moment::Published) => "when it was published",
            Self::Moment(Moment::Updated) => "when its source changed it",
            Self::Moment(Moment::Added) => "when it was stored here",
            Self::Column(Column::Title) => "words of the title",
            Self::Column(Column::Body) => "words of the text",
            Self::Column(Column::Products) => "words of the products",
        }
    }

    /// What may follow it.
    #[must_use]
    pub fn operators(self) -> &'static [Operator] {
        use Operator::{AtLeast, AtMost, Has, Is, IsNot, Less, More};
        match self {
            Self::Column(_) => &[Has],
            Self::Measure(_) | Self::Moment(_) | Self::Facet(Facet::Severity) => {
                &[Has, Is, IsNot, Less, AtMost, More, AtLeast]
            }
            Self::Facet(_) | Self::Flag(_) | Self::Id | Self::Cve => &[Has, Is, IsNot],
        }
    }
}

/// The field that a person may have meant by a name that is none.
#[must_use]
pub fn nearest_field(name: &str) -> Option<&'static str> {
    let name = name.to_ascii_lowercase();
    if let Some((_, field)) = SYNONYMS.iter().find(|(word, _)| *word == name) {
        return Some(field);
    }
    nearest(&name, Field::all().map(Field::as_str))
}

/// What people call fields elsewhere.
const SYNONYMS: &[(&str, &str)] = &[
    ("body", "text"),
    ("content", "text"),
    ("created", "added"),
    ("date", "published"),
    ("feed", "source"),
    ("label", "tag"),
    ("level", "severity"),
    ("modified", "updated"),
    ("probability", "epss"),
    ("score", "cvss"),
    ("software", "product"),
    ("status", "state"),
    ("technology", "product"),
    ("type", "kind"),
];

/// The likeliest of some words, if one is near: it begins with what was typed, or differs by a letter or two.
#[must_use]
pub fn nearest(typed: &str, words: impl Iterator<Item = &'static str>) -> Option<&'static str> {
    let length = typed.chars().count();
    if !(2..=20).contains(&length) {
        return None;
    }
    let most = if length < 5 { 1 } else { 2 };
    words
        .filter_map(|word| {
            let distance = if length >= 3 && word.starts_with(typed) {
                0
            } else {
                distance(typed, word)
            };
            (distance <= most).then_some((distance, word))
        })
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, word)| word)
}

/// How many letters to add, remove, replace, or swap with the next to get from one to the other.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut rows = vec![(0..=b.len()).collect::<Vec<usize>>()];
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let same = usize::from(a[i - 1] != b[j - 1]);
            let mut least = (rows[i - 1][j] + 1)
                .min(row[j - 1] + 1)
                .min(rows[i - 1][j - 1] + same);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                least = least.min(rows[i - 2][j - 2] + 1);
            }
            row.push(least);
        }
        rows.push(row);
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_read_in_any_case_and_a_near_one_is_found() {
        for field in Field::all() {
            assert_eq!(
                Field::parse(&field.as_str().to_uppercase()),
                Some(field),
                "{field:?}"
            );
            assert!(!field.about().is_empty());
        }
        for (typed, expect) in [
            ("severty", Some("severity")),
            ("sev", Some("severity")),
            ("cvs", Some("cvss")),
            ("cvsss", Some("cvss")),
            ("porduct", Some("product")),
            ("Products", Some("product")),
            ("tags", Some("tag")),
            ("score", Some("cvss")),
            ("foo", None),
            ("x", None),
        ] {
            assert_eq!(nearest_field(typed), expect, "{typed}");
        }
    }
}

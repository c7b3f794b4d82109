//! Which versions of which products are affected, as data: what a watch for a product and its version
//! matches against. Sources state it; nothing here is read from text.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A product with its affected versions, as one source states them.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS)]
pub struct ProductRanges {
    /// The vendor as its source names it (CPE's word, unescaped: `apache`); empty = not stated.
    pub vendor: String,
    /// The product as its source names it: `http_server`.
    pub product: String,
    /// Who says so where it is not NVD's own list: the CNA.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub source: Option<String>,
    /// Affected versions, each span once; empty = the source states none.
    pub ranges: Vec<VersionRange>,
}

/// A span of affected versions. Without any end it is all versions.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct VersionRange {
    /// This version alone, with its update: `1.0 rc1`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub exactly: Option<String>,
    /// From this version on.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub from: Option<String>,
    /// From after this version on.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub after: Option<String>,
    /// Up to and with this version.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub through: Option<String>,
    /// Up to but without this version.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub before: Option<String>,
}

impl VersionRange {
    /// Whether a version is in the span.
    #[must_use]
    pub fn contains(&self, version: &str) -> bool {
        let is = |end: &Option<String>, wanted: fn(Ordering) -> bool| {
            end.as_deref()
                .is_none_or(|end| wanted(compare_versions(version, end)))
        };
        is(&self.exactly, Ordering::is_eq)
            && is(&self.from, Ordering::is_ge)
            && is(&self.after, Ordering::is_gt)
            && is(&self.through, Ordering::is_le)
            && is(&self.before, Ordering::is_lt)
    }

    /// The words of it, for cleaning.
    pub fn words_mut(&mut self) -> impl Iterator<Item = &mut String> {
        [
            &mut self.exactly,
            &mut self.from,
            &mut self.after,
            &mut self.through,
            &mut self.before,
        ]
        .into_iter()
        .flatten()
    }
}

/// The order of two versions: number by number, word by word; `1.0` is `1.0.0`; what is before a release
/// (`alpha`, `beta`, `rc`, `pre`, `dev`) comes before it, any other word after it (`1.0.2k`, `p1`).
#[must_use]
pub fn compare_versions(one: &str, other: &str) -> Ordering {
    let (mut one, mut other) = (Parts(one.trim()), Parts(other.trim()));
    loop {
        let (a, b) = (one.next(), other.next());
        if a.is_none() && b.is_none() {
            return Ordering::Equal;
        }
        let order = a
            .unwrap_or(Part::Number(""))
            .cmp(&b.unwrap_or(Part::Number("")));
        if order.is_ne() {
            return order;
        }
    }
}

/// A part of a version; the numbers without leading zeros.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part<'a> {
    Number(&'a str),
    Word(&'a str),
}

impl Part<'_> {
    /// A word before a release, nothing (which is 0), another word, a number.
    fn rank(self) -> u8 {
        match self {
            Self::Word(word) if is_before_release(word) => 0,
            Self::Number("") => 1,
            Self::Word(_) => 2,
            Self::Number(_) => 3,
        }
    }

    fn cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Number(a), Self::Number(b)) => a.len().cmp(&b.len()).then_with(|| a.cmp(b)),
            (Self::Word(a), Self::Word(b)) => self.rank().cmp(&other.rank()).then_with(|| {
                let lower = |w: &str| w.to_ascii_lowercase();
                lower(a).cmp(&lower(b))
            }),
            _ => self.rank().cmp(&other.rank()),
        }
    }
}

fn is_before_release(word: &str) -> bool {
    [
        "alpha",
        "beta",
        "rc",
        "pre",
        "preview",
        "dev",
        "snapshot",
        "milestone",
    ]
    .iter()
    .any(|w| w.eq_ignore_ascii_case(word))
}

struct Parts<'a>(&'a str);

impl<'a> Iterator for Parts<'a> {
    type Item = Part<'a>;

    fn next(&mut self) -> Option<Part<'a>> {
        self.0 = self.0.trim_start_matches(|c: char| !c.is_alphanumeric());
        let first = self.0.chars().next()?;
        let is_digit = first.is_ascii_digit();
        let end = self
            .0
            .find(|c: char| !c.is_alphanumeric() || c.is_ascii_digit() != is_digit)
            .unwrap_or(self.0.len());
        let (part, rest) = self.0.split_at(end);
        self.0 = rest;
        Some(if is_digit {
            Part::Number(part.trim_start_matches('0'))
        } else {
            Part::Word(part)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_ordered_as_people_order_them() {
        let ordered = [
            "0.9",
            "1.0-alpha",
            "1.0 beta2",
            "1.0 rc1",
            "1.0-rc2",
            "1.0",
            "1.0.2",
            "1.0.2a",
            "1.0.2k",
            "1.0.10",
            "1.2",
            "1.10",
            "2",
            "10.0",
            "2024.1",
            "99999999999999999999999",
        ];
        for (i, a) in ordered.iter().enumerate() {
            for (j, b) in ordered.iter().enumerate() {
                assert_eq!(compare_versions(a, b), i.cmp(&j), "{a} and {b}");
            }
        }
        for (a, b) in [
            ("1.0", "1"),
            ("1.0.0", "1.0"),
            ("01.2", "1.2"),
            ("1_2", "1.2"),
            ("RC1", "rc1"),
        ] {
            assert_eq!(compare_versions(a, b), Ordering::Equal, "{a} and {b}");
        }
    }

    #[test]
    fn a_span_says_what_is_in_it() {
        let text = |t: &str| Some(t.to_owned());
        let span = VersionRange {
            from: text("2.4"),
            before: text("2.4.58"),
            ..VersionRange::default()
        };
        for (version, expect) in [
            ("2.3.9", false),
            ("2.4", true),
            ("2.4.57", true),
            ("2.4.58", false),
        ] {
            assert_eq!(span.contains(version), expect, "{version}");
        }
        let span = VersionRange {
            after: text("1"),
            through: text("2"),
            ..VersionRange::default()
        };
        assert!(!span.contains("1.0") && span.contains("1.1") && span.contains("2.0"));
        assert!(VersionRange::default().contains("anything"));
        let one = VersionRange {
            exactly: text("1.0 rc1"),
            ..VersionRange::default()
        };
        assert!(one.contains("1.0rc1") && !one.contains("1.0"));
        assert_eq!(
            serde_json::to_string(&one).unwrap(),
            r#"{"exactly":"1.0 rc1"}"#
        );
    }
}

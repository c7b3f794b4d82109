//! The language, rule by rule: `parse_tests` what is read and printed, `error_tests` what is refused and
//! where, `meaning_tests` what it finds, `complete_tests`, and `random_tests` for everything at once.

mod complete_tests;
mod error_tests;
mod meaning_tests;
mod parse_tests;
mod random_tests;

use super::*;
use crate::model::{Facet, Flag, Flags, Keys, Time, normal_value};

/// 2026-11-22T12:00:00Z, a Sunday.
fn now() -> Time {
    time("2026-11-22T12:00:00Z")
}

fn time(text: &str) -> Time {
    Time::parse_rfc3339(text).unwrap()
}

/// Keys of a real sort of alert.
fn keys() -> Keys {
    Keys {
        facets: facets(&[
            (Facet::Severity, "high"),
            (Facet::Kind, "vulnerability"),
            (Facet::Source, "nvd"),
            (Facet::State, "new"),
            (Facet::Cwe, "CWE-79"),
            (Facet::Vendor, "apache"),
            (Facet::Product, "http_server"),
            (Facet::Product, "windows_10_21h2"),
            (Facet::Tag, "patch tuesday"),
        ]),
        flags: Flags::default().with(Flag::Kev, true),
        cvss: Some(9.8),
        epss: Some(0.5),
        relevance: None,
        published: time("2026-11-20T00:00:00Z"),
        updated: None,
        added: time("2026-11-21T23:59:59.999Z"),
    }
}

fn facets(all: &[(Facet, &str)]) -> Vec<(Facet, String)> {
    let mut facets: Vec<_> = all.iter().map(|(f, v)| (*f, normal_value(v))).collect();
    facets.sort();
    facets.dedup();
    facets
}

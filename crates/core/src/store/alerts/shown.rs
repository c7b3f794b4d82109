//! What the narrow row shows of an alert's facts and finding.

use crate::model::{Alert, Finding, Issuer, Score, SeverityBasis, best_score};
use crate::store::row::level;

/// The columns of `alerts` that come from facts and finding.
pub(super) struct Shown<'a> {
    pub severity: Option<i64>,
    pub estimated: bool,
    pub score: Option<f64>,
    pub version: Option<&'static str>,
    pub issuer: Option<&'static str>,
    pub exploited: bool,
    pub kev: bool,
    pub ransomware: bool,
    pub category: Option<&'a str>,
}

impl<'a> Shown<'a> {
    pub fn of(alert: &Alert, finding: &'a Finding) -> Self {
        let score: Option<&Score> = best_score(&alert.facts.scores);
        Self {
            severity: finding.severity.map(level),
            estimated: is_estimate(finding),
            score: score.map(|s| s.score),
            version: score.map(|s| s.version.as_str()),
            issuer: score.map(|s| issuer_word(s.issuer)),
            exploited: alert.facts.exploited().is_some(),
            kev: alert.facts.kev.is_some(),
            ransomware: alert.facts.kev.as_ref().is_some_and(|kev| kev.ransomware),
            category: finding.category.as_ref().map(|c| c.name.as_str()),
        }
    }
}

pub(super) fn is_estimate(finding: &Finding) -> bool {
    matches!(finding.severity_basis, SeverityBasis::Estimated { .. })
}

pub(super) fn is_muted(finding: &Finding) -> bool {
    !finding.relevance.muted_by.is_empty()
}

fn issuer_word(issuer: Issuer) -> &'static str {
    match issuer {
        Issuer::Nvd => "nvd",
        Issuer::Cna => "cna",
        Issuer::CisaAdp => "cisa-adp",
    }
}

pub(super) fn parse_issuer(text: &str) -> Option<Issuer> {
    [Issuer::Nvd, Issuer::Cna, Issuer::CisaAdp]
        .into_iter()
        .find(|i| issuer_word(*i) == text)
}

//! How bad an alert is: the score ladder and the bands of CVSS.
//!
//! Every score that a source gave is kept; one of them is shown. Bands are those of the CVSS
//! specifications (v3.1 section 5, v4.0 section 6), folded to three: critical counts as High, and a
//! score of 0.0 is Low. A missing score is never 0.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// The three levels that Tocsin shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// CVSS below 4.0.
    Low,
    /// CVSS 4.0 to 6.9.
    Medium,
    /// CVSS 7.0 and above, or known to be exploited.
    High,
}

/// The version of CVSS that a score was made with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
pub enum CvssVersion {
    /// CVSS 2.0.
    #[serde(rename = "2.0")]
    V2,
    /// CVSS 3.0.
    #[serde(rename = "3.0")]
    V30,
    /// CVSS 3.1.
    #[serde(rename = "3.1")]
    V31,
    /// CVSS 4.0.
    #[serde(rename = "4.0")]
    V40,
}

impl CvssVersion {
    /// The version as it is written: `"3.1"`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::V2 => "2.0",
            Self::V30 => "3.0",
            Self::V31 => "3.1",
            Self::V40 => "4.0",
        }
    }

    /// Reads `"2.0"`, `"3.0"`, `"3.1"` or `"4.0"`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::V2, Self::V30, Self::V31, Self::V40]
            .into_iter()
            .find(|v| v.as_str() == text)
    }
}

/// Who gave a score, as far as the ladder cares.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum Issuer {
    /// The National Vulnerability Database.
    Nvd,
    /// The CNA that assigned the id, or another contributor.
    Cna,
    /// CISA's Authorized Data Publisher container.
    CisaAdp,
}

/// One CVSS score of a vulnerability.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct Score {
    /// The version of CVSS.
    pub version: CvssVersion,
    /// Who gave it, for the ladder.
    pub issuer: Issuer,
    /// Who gave it, as the source names it (an e-mail address or a UUID).
    pub source: String,
    /// Whether NVD calls it `Primary`.
    pub primary: bool,
    /// 0.0 to 10.0.
    pub score: f64,
    /// The vector string as given.
    pub vector: String,
}

/// Why a vulnerability counts as exploited.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "lowercase")]
pub enum ExploitedBy {
    /// It is in CISA's catalogue of known exploited vulnerabilities.
    Kev,
    /// CISA's SSVC decision says that exploitation is active.
    Ssvc,
}

/// Where the severity that is shown comes from.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum SeverityBasis {
    /// A score of the ladder.
    Score {
        /// The score that was chosen.
        score: Score,
    },
    /// Raised to High because it is exploited.
    Exploited {
        /// Who says so.
        by: ExploitedBy,
        /// The score that it was raised from, if anybody scored it.
        score: Option<Score>,
    },
    /// An article takes the highest severity of the stored CVEs that it names.
    NamedCve {
        /// The CVE that gave it.
        cve: String,
    },
    /// Estimated from the text.
    Estimated {
        /// 0.0 to 1.0.
        probability: f64,
    },
    /// Nobody scored it and nothing was estimated.
    #[default]
    Unscored,
}

/// The band of a CVSS score of any version.
#[must_use]
pub fn band(score: f64) -> Severity {
    if score >= 7.0 {
        Severity::High
    } else if score >= 4.0 {
        Severity::Medium
    } else {
        Severity::Low
    }
}

/// The score that is shown: NVD's `Primary`, then the CNA's, then CISA-ADP's; within one of these the
/// newest version of CVSS; of equals the higher.
#[must_use]
pub fn best_score(scores: &[Score]) -> Option<&Score> {
    scores
        .iter()
        .filter(|s| s.score.is_finite())
        .max_by(|a, b| {
            (rung(a), a.version)
                .cmp(&(rung(b), b.version))
                .then(a.score.total_cmp(&b.score))
        })
}

fn rung(score: &Score) -> u8 {
    match (score.primary, score.issuer) {
        (true, _) => 3,
        (false, Issuer::Cna | Issuer::Nvd) => 2,
        (false, Issuer::CisaAdp) => 1,
    }
}

/// The severity of structured fields alone: scores, exploitation, named CVEs.
pub(crate) fn from_fields(
    scores: &[Score],
    exploited: Option<ExploitedBy>,
    named: Option<(Severity, &str)>,
) -> (Option<Severity>, SeverityBasis) {
    let best = best_score(scores).cloned();
    match (exploited, best, named) {
        (Some(by), score, _)
            if score
                .as_ref()
                .is_none_or(|s| band(s.score) < Severity::High) =>
        {
            (Some(Severity::High), SeverityBasis::Exploited { by, score })
        }
        (_, Some(score), _) => (Some(band(score.score)), SeverityBasis::Score { score }),
        (_, None, Some((severity, cve))) => (
            Some(severity),
            SeverityBasis::NamedCve {
                cve: cve.to_owned(),
            },
        ),
        (_, None, None) => (None, SeverityBasis::Unscored),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn score(issuer: Issuer, primary: bool, version: CvssVersion, score: f64) -> Score {
        Score {
            version,
            issuer,
            source: "x".into(),
            primary,
            score,
            vector: String::new(),
        }
    }

    #[test]
    fn bands_follow_the_specification_and_zero_is_low() {
        for (value, expect) in [
            (0.0, Severity::Low),
            (3.9, Severity::Low),
            (4.0, Severity::Medium),
            (6.9, Severity::Medium),
            (7.0, Severity::High),
            (10.0, Severity::High),
        ] {
            assert_eq!(band(value), expect, "{value}");
        }
    }

    #[test]
    fn the_ladder_prefers_primary_then_cna_then_cisa_then_newer_cvss() {
        let primary = score(Issuer::Nvd, true, CvssVersion::V31, 5.0);
        let cna = score(Issuer::Cna, false, CvssVersion::V40, 9.0);
        let old_cna = score(Issuer::Cna, false, CvssVersion::V31, 9.9);
        let cisa = score(Issuer::CisaAdp, false, CvssVersion::V40, 3.0);
        let all = [cisa.clone(), old_cna, cna.clone(), primary.clone()];
        assert_eq!(best_score(&all), Some(&primary));
        assert_eq!(best_score(&all[..3]), Some(&cna));
        assert_eq!(best_score(&all[..1]), Some(&cisa));
        assert_eq!(best_score(&[]), None);
    }

    #[test]
    fn exploitation_raises_to_high_and_a_high_score_stays_its_own_basis() {
        let low = score(Issuer::Cna, false, CvssVersion::V31, 3.1);
        let (severity, basis) = from_fields(&[low], Some(ExploitedBy::Kev), None);
        assert_eq!(severity, Some(Severity::High));
        assert!(matches!(
            basis,
            SeverityBasis::Exploited {
                by: ExploitedBy::Kev,
                score: Some(_)
            }
        ));

        let high = score(Issuer::Cna, false, CvssVersion::V31, 9.8);
        let (_, basis) = from_fields(&[high], Some(ExploitedBy::Kev), None);
        assert!(matches!(basis, SeverityBasis::Score { .. }));
    }

    #[test]
    fn nobody_scored_it_is_not_low() {
        assert_eq!(
            from_fields(&[], None, None),
            (None, SeverityBasis::Unscored)
        );
    }
}

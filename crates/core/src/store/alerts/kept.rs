//! What of a finding is stored. There are hundreds of thousands: what names, places and techniques there are
//! is made again from the text when somebody looks at an alert; only what lists show and facets find is
//! kept, and what is empty takes no byte.

use serde::Serialize;

use crate::model::{Category, Estimate, Finding, Named, Relevance, Severity, SeverityBasis};
use crate::store::StoreError;
use crate::store::row::to_json;

#[derive(Serialize)]
struct Kept<'a> {
    severity: Option<Severity>,
    severity_basis: &'a SeverityBasis,
    relevance: &'a Relevance,
    #[serde(skip_serializing_if = "Option::is_none")]
    category: Option<&'a Category>,
    #[serde(skip_serializing_if = "Option::is_none")]
    estimate: Option<&'a Estimate>,
    #[serde(skip_serializing_if = "<[Named]>::is_empty")]
    named: &'a [Named],
    #[serde(skip_serializing_if = "Option::is_none")]
    abstained: Option<crate::model::Why>,
}

/// A finding as it is stored.
pub(in crate::store) fn to_stored(finding: &Finding) -> Result<String, StoreError> {
    to_json(
        "finding",
        &Kept {
            severity: finding.severity,
            severity_basis: &finding.severity_basis,
            relevance: &finding.relevance,
            category: finding.category.as_ref(),
            estimate: finding.estimate.as_ref(),
            named: &finding.named,
            abstained: finding.abstained,
        },
    )
}

//! The objects that many alerts share: identities, vulnerabilities, malware, threat actors.

use serde_json::{Value, json};
use url::Url;

use super::ids;
use crate::model::{Severity, Time};
use crate::store::records::Record;

/// Tocsin, which makes every object.
pub(super) fn tocsin() -> Value {
    json!({
        "type": "identity",
        "spec_version": "2.1",
        "id": ids::tocsin(),
        "created": ids::EPOCH,
        "modified": ids::EPOCH,
        "name": "Tocsin",
        "description": "Collects threats and says which of them matter to a team.",
        "identity_class": "system",
    })
}

/// Who published what a source brings.
pub(super) fn source(id: &str, name: &str) -> Value {
    json!({
        "type": "identity",
        "spec_version": "2.1",
        "id": id,
        "created_by_ref": ids::tocsin(),
        "created": ids::EPOCH,
        "modified": ids::EPOCH,
        "name": name,
        "identity_class": "organization",
    })
}

/// A CVE that is stored.
pub(super) fn vulnerability(record: &Record) -> Value {
    let stored = &record.stored;
    let (row, facts) = (&stored.summary, &stored.facts);
    // The same wherever this CVE is named, stored or not: an id's `created` may never differ.
    let created = ids::EPOCH;
    let modified = modified(record, created);
    let mut object = json!({
        "type": "vulnerability",
        "spec_version": "2.1",
        "id": ids::vulnerability(&row.uid),
        "created_by_ref": ids::tocsin(),
        "created": created,
        "modified": modified,
        "name": row.uid,
        "lang": "en",
        "external_references": references(record),
        "labels": labels(record),
    });
    if !stored.text.is_empty() {
        object["description"] = json!(stored.text);
    }
    // Withdrawn by its source: whoever took it over must let go of it.
    if facts.is_rejected() {
        object["revoked"] = json!(true);
    }
    object
}

/// A CVE of which nothing is known but its id.
pub(super) fn named_vulnerability(cve: &str) -> Value {
    json!({
        "type": "vulnerability",
        "spec_version": "2.1",
        "id": ids::vulnerability(cve),
        "created_by_ref": ids::tocsin(),
        "created": ids::EPOCH,
        "modified": ids::EPOCH,
        "name": cve,
        "external_references": [cve_reference(cve), nvd_reference(cve)],
    })
}

/// Malware (a family) or a threat actor that a text names.
pub(super) fn named(kind: &str, name: &str) -> Value {
    let mut object = json!({
        "type": kind,
        "spec_version": "2.1",
        "id": ids::named(kind, name),
        "created_by_ref": ids::tocsin(),
        "created": ids::EPOCH,
        "modified": ids::EPOCH,
        "name": name,
    });
    if kind == "malware" {
        object["is_family"] = json!(true);
        object["malware_types"] = json!(["unknown"]);
    } else {
        object["threat_actor_types"] = json!(["unknown"]);
    }
    object
}

/// A moment as STIX can say it: years 1 to 9999.
pub(super) fn stated(at: Time) -> Time {
    const FIRST_MS: i64 = -62_135_596_800_000;
    const LAST_MS: i64 = 253_402_300_799_999;
    Time(at.ms().clamp(FIRST_MS, LAST_MS))
}

/// When it was last changed, at its source or by what was found out since; never before it was created.
pub(super) fn modified(record: &Record, created: Time) -> Time {
    let row = &record.stored.summary;
    let last = [row.updated, row.changed].into_iter().flatten().max();
    stated(last.unwrap_or(created).max(created))
}

/// What Tocsin says of an alert's weight, in the lower case with hyphens that STIX asks of labels.
pub(super) fn labels(record: &Record) -> Vec<String> {
    let row = &record.stored.summary;
    let severity = match row.severity {
        Some(Severity::High) => "severity-high",
        Some(Severity::Medium) => "severity-medium",
        Some(Severity::Low) => "severity-low",
        None => "severity-unknown",
    };
    let mut all = vec![severity.to_owned()];
    for (is, word) in [
        (row.estimated, "severity-estimated"),
        (row.exploited, "exploited"),
        (row.kev, "cisa-kev"),
        (row.ransomware, "ransomware"),
        (record.stored.facts.is_rejected(), "rejected"),
    ] {
        if is {
            all.push(word.to_owned());
        }
    }
    all
}

fn references(record: &Record) -> Vec<Value> {
    let (row, facts) = (&record.stored.summary, &record.stored.facts);
    let mut nvd = nvd_reference(&row.uid);
    nvd["description"] = json!(format!("Published {}", stated(row.published)));
    let mut all = vec![cve_reference(&row.uid), nvd];
    for cwe in facts.cwes.iter().filter(|cwe| is_cwe(cwe)) {
        all.push(json!({ "source_name": "cwe", "external_id": cwe }));
    }
    for score in &facts.scores {
        let said = format!("CVSS {} {:.1}", score.version.as_str(), score.score);
        let described = match score.vector.as_str() {
            "" => said,
            vector => format!("{said} ({vector})"),
        };
        let who = if score.source.is_empty() {
            "cvss"
        } else {
            &score.source
        };
        all.push(json!({ "source_name": who, "description": described }));
    }
    if facts.kev.is_some() {
        all.push(json!({
            "source_name": "cisa-kev",
            "url": "https://www.cisa.gov/known-exploited-vulnerabilities-catalog",
        }));
    }
    for reference in &facts.references {
        if let Some(host) = host(&reference.url) {
            all.push(json!({ "source_name": host, "url": reference.url }));
        }
    }
    all
}

fn cve_reference(cve: &str) -> Value {
    json!({ "source_name": "cve", "external_id": cve })
}

fn nvd_reference(cve: &str) -> Value {
    json!({ "source_name": "nvd", "url": format!("https://nvd.nist.gov/vuln/detail/{cve}") })
}

/// The host of an address, where it has one.
pub(super) fn host(url: &str) -> Option<String> {
    Some(Url::parse(url).ok()?.host_str()?.to_owned())
}

/// `CWE-79`; NVD also has `NVD-CWE-noinfo`.
fn is_cwe(text: &str) -> bool {
    text.strip_prefix("CWE-")
        .is_some_and(|number| !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()))
}

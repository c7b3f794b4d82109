//! Records for the replay server, in NVD's form.

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Value, json};

use crate::common::Session;

/// Serves a vulnerability of a minute ago: the app's clock runs a little behind the replay's.
pub fn put(session: &Session, id: &str, text: &str) {
    let at = session.replay.now() - chrono::TimeDelta::minutes(1);
    session.replay.put_nvd(&cve(id, text, at)).unwrap();
}

/// The same, scored as Medium.
pub fn put_medium(session: &Session, id: &str, text: &str) {
    let at = session.replay.now() - chrono::TimeDelta::minutes(1);
    let mut record = cve(id, text, at);
    let score = &mut record["metrics"]["cvssMetricV31"][0]["cvssData"];
    score["vectorString"] = json!("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:L/I:N/A:N");
    score["baseScore"] = json!(5.3);
    score["baseSeverity"] = json!("MEDIUM");
    session.replay.put_nvd(&record).unwrap();
}

/// A vulnerability that was published and scored at this moment.
pub fn cve(id: &str, text: &str, at: DateTime<Utc>) -> Value {
    let at = at.to_rfc3339_opts(SecondsFormat::Millis, true);
    let at = at.trim_end_matches('Z');
    json!({
        "id": id,
        "sourceIdentifier": "cve@example.org",
        "published": at,
        "lastModified": at,
        "vulnStatus": "Analyzed",
        "descriptions": [{ "lang": "en", "value": text }],
        "metrics": { "cvssMetricV31": [{
            "source": "nvd@nist.gov",
            "type": "Primary",
            "cvssData": {
                "version": "3.1",
                "vectorString": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
                "baseScore": 9.8,
                "baseSeverity": "CRITICAL"
            },
            "exploitabilityScore": 3.9,
            "impactScore": 5.9
        }] },
        "references": [{ "url": "https://advisories.example.org/one", "source": "cve@example.org" }]
    })
}

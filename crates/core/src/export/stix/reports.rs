//! An article or a guidance as a report, with what its text names and how that hangs together.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::objects::{host, labels, modified, named, stated};
use super::{ids, pattern};
use crate::model::{Named, Time, normal_value};
use crate::store::records::Record;

/// "Low" on STIX's scale of none, low, medium and high (appendix A): a program read it from a text.
const CONFIDENCE: u8 = 30;

/// A report and the objects that it is about, vulnerabilities aside.
pub(super) struct Found {
    pub report: Value,
    /// Malware and threat actors: other reports name them too.
    pub shared: Vec<Value>,
    /// Indicators and relationships: this report's alone.
    pub own: Vec<Value>,
}

/// What a text names.
struct Names {
    malware: Vec<Value>,
    actors: Vec<Value>,
    patterns: Vec<String>,
}

impl Names {
    fn of(record: &Record) -> Self {
        let mut seen = BTreeSet::new();
        let mut names = Self {
            malware: Vec::new(),
            actors: Vec::new(),
            patterns: Vec::new(),
        };
        for Named(kind, name) in &record.stored.finding.named {
            let key = match kind.as_str() {
                kind @ ("malware" | "ransomware" | "actor") => {
                    let name = normal_value(name);
                    if name.is_empty() {
                        continue;
                    }
                    (kind.to_owned(), name)
                }
                kind => match pattern::of(kind, name) {
                    Some(pattern) => (String::new(), pattern),
                    None => continue,
                },
            };
            if !seen.insert(key.clone()) {
                continue;
            }
            match key.0.as_str() {
                "malware" | "ransomware" => names.malware.push(named("malware", name)),
                "actor" => names.actors.push(named("threat-actor", name)),
                _ => names.patterns.push(key.1),
            }
        }
        for indicator in &record.stored.finding.indicators {
            let pattern = pattern::of(indicator.kind.name(), &indicator.value);
            if let Some(pattern) = pattern.filter(|_| !indicator.is_private)
                && seen.insert((String::new(), pattern.clone()))
            {
                names.patterns.push(pattern);
            }
        }
        names
    }
}

/// The report of an alert. `publisher` is the identity of its source.
pub(super) fn report(record: &Record, source_name: &str, publisher: &str) -> Found {
    let stored = &record.stored;
    let row = &stored.summary;
    let at = stated(row.published);
    let names = Names::of(record);
    let cves: Vec<String> = stored
        .facts
        .cves
        .iter()
        .map(|cve| ids::vulnerability(cve))
        .collect();
    let indicators: Vec<Value> = names
        .patterns
        .iter()
        .map(|pattern| indicator(pattern, &row.uid, &row.title, at))
        .collect();
    let relations = relations(record, &names, &indicators, &cves, at);

    let mut refs = vec![publisher.to_owned()];
    refs.extend(cves.iter().cloned());
    for object in names
        .malware
        .iter()
        .chain(&names.actors)
        .chain(&indicators)
        .chain(&relations)
    {
        refs.push(id_of(object));
    }
    let mut types = vec!["threat-report"];
    for (is, word) in [
        (!cves.is_empty(), "vulnerability"),
        (!names.malware.is_empty(), "malware"),
        (!names.actors.is_empty(), "threat-actor"),
        (!indicators.is_empty(), "indicator"),
    ] {
        if is {
            types.push(word);
        }
    }
    let mut report = json!({
        "type": "report",
        "spec_version": "2.1",
        "id": ids::report(&row.uid),
        "created_by_ref": ids::tocsin(),
        "created": at,
        "modified": modified(record, at),
        "name": row.title,
        "published": at,
        "report_types": types,
        "object_refs": refs,
        "labels": labels(record),
    });
    if !stored.text.is_empty() {
        report["description"] = json!(stored.text);
    }
    if let Some(url) = row.url.as_deref().filter(|url| host(url).is_some()) {
        report["external_references"] = json!([{ "source_name": source_name, "url": url }]);
    }
    Found {
        report,
        shared: names.malware.into_iter().chain(names.actors).collect(),
        own: indicators.into_iter().chain(relations).collect(),
    }
}

fn indicator(pattern: &str, uid: &str, title: &str, at: Time) -> Value {
    json!({
        "type": "indicator",
        "spec_version": "2.1",
        "id": ids::indicator(pattern, uid),
        "created_by_ref": ids::tocsin(),
        "created": at,
        "modified": at,
        "name": pattern.trim_matches(['[', ']']),
        "description": format!("Named in: {title}"),
        "indicator_types": ["unknown"],
        "pattern": pattern,
        "pattern_type": "stix",
        "pattern_version": "2.1",
        "valid_from": at,
        "confidence": CONFIDENCE,
    })
}

fn relations(
    record: &Record,
    names: &Names,
    indicators: &[Value],
    cves: &[String],
    at: Time,
) -> Vec<Value> {
    let row = &record.stored.summary;
    let mut all = Vec::new();
    let mut relate = |kind: &str, from: &str, to: &str| {
        all.push(json!({
            "type": "relationship",
            "spec_version": "2.1",
            "id": ids::relationship(kind, from, to, &row.uid),
            "created_by_ref": ids::tocsin(),
            "created": at,
            "modified": at,
            "relationship_type": kind,
            "description": format!("Named together in: {}", row.title),
            "source_ref": from,
            "target_ref": to,
            "confidence": CONFIDENCE,
        }));
    };
    if let [malware] = &names.malware[..] {
        let malware = id_of(malware);
        for indicator in indicators {
            relate("indicates", &id_of(indicator), &malware);
        }
        for cve in cves {
            relate("exploits", &malware, cve);
        }
    }
    if let [actor] = &names.actors[..] {
        let actor = id_of(actor);
        for cve in cves {
            relate("targets", &actor, cve);
        }
    }
    all
}

fn id_of(object: &Value) -> String {
    object["id"].as_str().unwrap_or_default().to_owned()
}

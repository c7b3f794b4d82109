//! NVD's data files, made from the records as they are now: in the 2.0 form, and in the 1.1 form that older mirrors and
//! archives still hold. One file a year, `recent` and `modified`, each with its `.meta`.

use std::io::Write;

use axum::http::{HeaderMap, StatusCode};
use chrono::{DateTime, Datelike, TimeDelta, Utc};
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use crate::corpus::nvd::Version;
use crate::http::Site;
use crate::http::reply::Reply;
use crate::times::{format_nvd, format_rfc3339};

/// Where the files are.
pub(crate) const FOLDER: &str = "/feeds/json/cve/";

/// NVD's first file holds this year and all before it.
const FIRST_YEAR: i32 = 2002;
/// How far `recent` and `modified` go back.
const RECENT: TimeDelta = TimeDelta::days(8);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    One,
    Two,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Year(i32),
    Recent,
    Modified,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Plain,
    Packed,
    Meta,
}

/// Answers for `/feeds/json/cve/<form>/nvdcve-<form>-<part>.<json|json.gz|meta>`; nothing for another path.
pub(crate) fn answer(site: &Site, path: &str, asked: &HeaderMap) -> Option<Reply> {
    let (form, part, kind) = read_path(path.strip_prefix(FOLDER)?)?;
    let now = site.clock.now();
    let records = site.nvd.records(now);
    let held: Vec<&Version> = records
        .iter()
        .map(|version| &**version)
        .filter(|version| holds(part, version, now))
        .collect();
    let newest = held.iter().map(|version| version.last_modified).max();
    let newest = newest.unwrap_or(site.corpus.newest);
    let plain = match form {
        Form::Two => form_2_0(&held, now),
        Form::One => form_1_1(&held, now),
    };
    let packed = || {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(plain.as_bytes())?;
        encoder.finish()
    };
    Some(match kind {
        Kind::Plain => Reply::document("application/json", plain, newest, asked),
        Kind::Packed => match packed() {
            Ok(packed) => Reply::document("application/gzip", packed, newest, asked),
            Err(_) => Reply::status(StatusCode::INTERNAL_SERVER_ERROR),
        },
        Kind::Meta => {
            let hash: String = Sha256::digest(plain.as_bytes())
                .iter()
                .map(|byte| format!("{byte:02X}"))
                .collect();
            let meta = format!(
                "lastModifiedDate:{}\r\nsize:{}\r\nzipSize:0\r\ngzSize:{}\r\nsha256:{hash}\r\n",
                format_rfc3339(newest),
                plain.len(),
                packed().map_or(0, |packed| packed.len()),
            );
            Reply::new(StatusCode::OK, "text/plain", meta)
        }
    })
}

fn read_path(rest: &str) -> Option<(Form, Part, Kind)> {
    let (folder, name) = rest.split_once('/')?;
    let form = match folder {
        "1.1" => Form::One,
        "2.0" => Form::Two,
        _ => return None,
    };
    let name = name.strip_prefix(&format!("nvdcve-{folder}-"))?;
    let (part, kind) = name.split_once('.')?;
    let kind = match kind {
        "json" => Kind::Plain,
        "json.gz" => Kind::Packed,
        "meta" => Kind::Meta,
        _ => return None,
    };
    let part = match part {
        "recent" => Part::Recent,
        "modified" => Part::Modified,
        year => Part::Year(year.parse().ok().filter(|y| *y >= FIRST_YEAR)?),
    };
    Some((form, part, kind))
}

fn holds(part: Part, version: &Version, now: DateTime<Utc>) -> bool {
    match part {
        Part::Recent => version.published >= now - RECENT,
        Part::Modified => version.last_modified >= now - RECENT,
        Part::Year(year) => {
            let of_id = version.id.get(4..8).and_then(|year| year.parse().ok());
            let of_id: i32 = of_id.unwrap_or_else(|| version.published.year());
            of_id.max(FIRST_YEAR) == year
        }
    }
}

fn form_2_0(held: &[&Version], now: DateTime<Utc>) -> String {
    let items: Vec<&str> = held.iter().map(|version| &*version.item).collect();
    let count = held.len();
    format!(
        r#"{{"resultsPerPage":{count},"startIndex":0,"totalResults":{count},"format":"NVD_CVE","version":"2.0","timestamp":"{}","vulnerabilities":[{}]}}"#,
        format_nvd(now),
        items.join(","),
    )
}

fn form_1_1(held: &[&Version], now: DateTime<Utc>) -> String {
    let items: Vec<String> = held.iter().map(|v| item_1_1(v).to_string()).collect();
    format!(
        r#"{{"CVE_data_type":"CVE","CVE_data_format":"MITRE","CVE_data_version":"4.0","CVE_data_numberOfCVEs":"{}","CVE_data_timestamp":"{}","CVE_Items":[{}]}}"#,
        held.len(),
        minutes(now),
        items.join(","),
    )
}

/// `2009-01-21T20:30Z`.
fn minutes(time: DateTime<Utc>) -> String {
    time.format("%Y-%m-%dT%H:%MZ").to_string()
}

/// A record as the 1.1 form has it: what that form has no place for is lost, as it was in NVD's own files.
fn item_1_1(version: &Version) -> Value {
    let item: Value = serde_json::from_str(&version.item).unwrap_or_default();
    let cve = &item["cve"];
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let weaknesses: Vec<Value> = list(&cve["weaknesses"])
        .iter()
        .map(|weakness| json!({ "description": weakness["description"] }))
        .collect();
    let references: Vec<Value> = list(&cve["references"])
        .iter()
        .map(|r| json!({ "url": r["url"], "name": r["url"], "refsource": "MISC", "tags": list(&r["tags"]) }))
        .collect();
    let mark = if version.rejected {
        "** REJECT ** "
    } else {
        ""
    };
    let descriptions: Vec<Value> = list(&cve["descriptions"])
        .iter()
        .map(|d| json!({ "lang": d["lang"], "value": format!("{mark}{}", d["value"].as_str().unwrap_or_default()) }))
        .collect();
    let nodes: Vec<Value> = list(&cve["configurations"]).iter().map(node).collect();
    json!({
        "cve": {
            "data_type": "CVE",
            "data_format": "MITRE",
            "data_version": "4.0",
            "CVE_data_meta": { "ID": &*version.id, "ASSIGNER": cve["sourceIdentifier"] },
            "problemtype": { "problemtype_data": weaknesses },
            "references": { "reference_data": references },
            "description": { "description_data": descriptions },
        },
        "configurations": { "CVE_data_version": "4.0", "nodes": nodes },
        "impact": impact(&cve["metrics"]),
        "publishedDate": minutes(version.published),
        "lastModifiedDate": minutes(version.last_modified),
    })
}

/// A configuration: its nodes alone, or under the operator that joins them.
fn node(configuration: &Value) -> Value {
    let nodes: Vec<Value> = configuration["nodes"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|node| {
            let matches: Vec<Value> = node["cpeMatch"]
                .as_array()
                .into_iter()
                .flatten()
                .map(cpe_match)
                .collect();
            json!({ "operator": node["operator"], "children": [], "cpe_match": matches })
        })
        .collect();
    match (nodes.as_slice(), configuration["operator"].as_str()) {
        ([only], None) => only.clone(),
        (_, operator) => {
            json!({ "operator": operator.unwrap_or("OR"), "children": nodes, "cpe_match": [] })
        }
    }
}

fn cpe_match(found: &Value) -> Value {
    let mut made = Map::new();
    made.insert("vulnerable".to_owned(), found["vulnerable"].clone());
    made.insert("cpe23Uri".to_owned(), found["criteria"].clone());
    for bound in [
        "versionStartIncluding",
        "versionStartExcluding",
        "versionEndIncluding",
        "versionEndExcluding",
    ] {
        if !found[bound].is_null() {
            made.insert(bound.to_owned(), found[bound].clone());
        }
    }
    made.insert("cpe_name".to_owned(), json!([]));
    Value::Object(made)
}

/// NVD's own scores: the 1.1 form knows no others.
fn impact(metrics: &Value) -> Value {
    let own = |kind: &str| {
        let all = metrics[kind].as_array()?;
        all.iter()
            .find(|metric| metric["source"] == "nvd@nist.gov")
            .cloned()
    };
    let mut made = Map::new();
    if let Some(metric) = own("cvssMetricV31").or_else(|| own("cvssMetricV30")) {
        let three = json!({
            "cvssV3": metric["cvssData"],
            "exploitabilityScore": metric["exploitabilityScore"],
            "impactScore": metric["impactScore"],
        });
        made.insert("baseMetricV3".to_owned(), three);
    }
    if let Some(metric) = own("cvssMetricV2") {
        let two = json!({
            "cvssV2": metric["cvssData"],
            "severity": metric["baseSeverity"],
            "exploitabilityScore": metric["exploitabilityScore"],
            "impactScore": metric["impactScore"],
        });
        made.insert("baseMetricV2".to_owned(), two);
    }
    Value::Object(made)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_names_of_nvds_files() {
        for (path, expect) in [
            (
                "1.1/nvdcve-1.1-2009.json.gz",
                Some((Form::One, Part::Year(2009), Kind::Packed)),
            ),
            (
                "2.0/nvdcve-2.0-modified.meta",
                Some((Form::Two, Part::Modified, Kind::Meta)),
            ),
            (
                "2.0/nvdcve-2.0-recent.json",
                Some((Form::Two, Part::Recent, Kind::Plain)),
            ),
            ("2.0/nvdcve-1.1-recent.json", None),
            ("1.1/nvdcve-1.1-1999.json", None),
            ("1.1/nvdcve-1.1-2009.xml", None),
        ] {
            assert_eq!(read_path(path), expect, "{path}");
        }
    }
}

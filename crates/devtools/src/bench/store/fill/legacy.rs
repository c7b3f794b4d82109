//! The legacy form of NVD's records (JSON 1.1, `CVE_Items`) in the form of its API 2.0: half of the real
//! texts of the corpus are in it. What the product reads is carried over; the rest is left out.

use serde_json::{Map, Value, json};

/// One record, as an entry of an API page. `None` where it is not of the form.
pub fn record(item: &Value) -> Option<Value> {
    let cve = item.get("cve")?;
    let id = cve.pointer("/CVE_data_meta/ID")?;
    let by = cve.pointer("/CVE_data_meta/ASSIGNER");
    let published = moment(item.get("publishedDate")?)?;
    let modified = item.get("lastModifiedDate").and_then(moment);
    Some(json!({ "cve": {
        "id": id,
        "sourceIdentifier": by,
        "published": published,
        "lastModified": modified,
        "vulnStatus": "Modified",
        "cveTags": [],
        "descriptions": list(cve, "/description/description_data"),
        "metrics": metrics(item.get("impact")),
        "weaknesses": weaknesses(cve),
        "configurations": configurations(item),
        "references": references(cve),
    }}))
}

/// `2021-04-22T20:15Z` -> `2021-04-22T20:15:00.000`.
fn moment(text: &Value) -> Option<String> {
    let minute = text.as_str()?.strip_suffix('Z')?;
    Some(format!("{minute}:00.000"))
}

fn list<'a>(value: &'a Value, place: &str) -> &'a [Value] {
    value
        .pointer(place)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

fn metrics(impact: Option<&Value>) -> Value {
    let mut all = Map::new();
    let Some(impact) = impact else {
        return Value::Object(all);
    };
    let mut add = |key: &str, data: &Value| {
        let metric = json!({ "source": "nvd@nist.gov", "type": "Primary", "cvssData": data });
        all.insert(key.to_owned(), json!([metric]));
    };
    if let Some(data) = impact.pointer("/baseMetricV3/cvssV3") {
        let is_30 = data.get("version").and_then(Value::as_str) == Some("3.0");
        add(
            if is_30 {
                "cvssMetricV30"
            } else {
                "cvssMetricV31"
            },
            data,
        );
    }
    if let Some(data) = impact.pointer("/baseMetricV2/cvssV2") {
        add("cvssMetricV2", data);
    }
    Value::Object(all)
}

fn weaknesses(cve: &Value) -> Vec<Value> {
    list(cve, "/problemtype/problemtype_data")
        .iter()
        .map(|problem| {
            json!({ "source": "nvd@nist.gov", "type": "Primary", "description": list(problem, "/description") })
        })
        .collect()
}

fn configurations(item: &Value) -> Vec<Value> {
    list(item, "/configurations/nodes")
        .iter()
        .map(|node| {
            let children = list(node, "/children");
            let nodes: Vec<Value> = std::iter::once(node)
                .chain(children)
                .map(|n| json!({ "operator": n.get("operator"), "negate": false, "cpeMatch": matches(n) }))
                .collect();
            json!({ "nodes": nodes })
        })
        .collect()
}

fn matches(node: &Value) -> Vec<Value> {
    let mut all: Vec<Value> = list(node, "/cpe_match").to_vec();
    for entry in &mut all {
        if let Some(fields) = entry.as_object_mut() {
            fields.remove("cpe_name");
            if let Some(criteria) = fields.remove("cpe23Uri") {
                fields.insert("criteria".to_owned(), criteria);
            }
        }
    }
    all
}

fn references(cve: &Value) -> Vec<Value> {
    list(cve, "/references/reference_data")
        .iter()
        .map(
            |r| json!({ "url": r.get("url"), "source": r.get("refsource"), "tags": r.get("tags") }),
        )
        .collect()
}

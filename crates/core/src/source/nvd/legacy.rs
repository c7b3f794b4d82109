//! NVD's old form (JSON 1.1, `CVE_Items`), which files of before 2024 and mirrors still have: read into the
//! words of the present form. It says less: no status, no CNA's scores, times to the minute.

use serde::Deserialize;
use serde_json::value::RawValue;
use std::borrow::Cow;

use super::wire::{
    ConfigurationWire, CveWire, CvssDataWire, CvssWire, LangWire, MatchWire, MetricsWire, NodeWire,
    RecordWire, ReferenceWire, Str, WeaknessWire, nullable,
};

/// NVD itself: the only one whose scores the old form has.
const NVD: &str = "nvd@nist.gov";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ItemWire<'a> {
    #[serde(borrow)]
    cve: OldCve<'a>,
    #[serde(borrow, default)]
    configurations: Option<OldConfigurations<'a>>,
    #[serde(borrow, default)]
    impact: Option<Impact<'a>>,
    #[serde(borrow, default)]
    published_date: Option<Str<'a>>,
    #[serde(borrow, default)]
    last_modified_date: Option<Str<'a>>,
}

#[derive(Deserialize)]
struct OldCve<'a> {
    #[serde(borrow, rename = "CVE_data_meta")]
    meta: Meta<'a>,
    #[serde(borrow, default)]
    problemtype: Option<ProblemType<'a>>,
    #[serde(borrow, default)]
    references: Option<References<'a>>,
    #[serde(borrow, default)]
    description: Option<Descriptions<'a>>,
}

#[derive(Deserialize)]
struct Meta<'a> {
    #[serde(borrow, rename = "ID")]
    id: Str<'a>,
    #[serde(borrow, default, rename = "ASSIGNER")]
    assigner: Option<Str<'a>>,
}

#[derive(Deserialize)]
struct ProblemType<'a> {
    #[serde(borrow, default, deserialize_with = "nullable")]
    problemtype_data: Vec<WeaknessWire<'a>>,
}

#[derive(Deserialize)]
struct References<'a> {
    #[serde(borrow, default, deserialize_with = "nullable")]
    reference_data: Vec<ReferenceWire<'a>>,
}

#[derive(Deserialize)]
struct Descriptions<'a> {
    #[serde(borrow, default, deserialize_with = "nullable")]
    description_data: Vec<LangWire<'a>>,
}

#[derive(Deserialize)]
struct OldConfigurations<'a> {
    #[serde(borrow, default, deserialize_with = "nullable")]
    nodes: Vec<OldNode<'a>>,
}

/// A node; its children are read when they are needed, for nodes may be nested.
#[derive(Deserialize)]
struct OldNode<'a> {
    #[serde(borrow, default, deserialize_with = "nullable")]
    children: Vec<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "nullable")]
    cpe_match: Vec<OldMatch<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OldMatch<'a> {
    #[serde(default)]
    vulnerable: bool,
    #[serde(borrow, default, rename = "cpe23Uri")]
    criteria: Str<'a>,
    #[serde(borrow, default)]
    version_start_including: Option<Str<'a>>,
    #[serde(borrow, default)]
    version_start_excluding: Option<Str<'a>>,
    #[serde(borrow, default)]
    version_end_including: Option<Str<'a>>,
    #[serde(borrow, default)]
    version_end_excluding: Option<Str<'a>>,
}

#[derive(Deserialize)]
struct Impact<'a> {
    #[serde(borrow, default, rename = "baseMetricV3")]
    v3: Option<V3<'a>>,
    #[serde(borrow, default, rename = "baseMetricV2")]
    v2: Option<V2<'a>>,
}

#[derive(Deserialize)]
struct V3<'a> {
    #[serde(borrow, rename = "cvssV3")]
    cvss: CvssDataWire<'a>,
}

#[derive(Deserialize)]
struct V2<'a> {
    #[serde(borrow, rename = "cvssV2")]
    cvss: CvssDataWire<'a>,
}

/// How deep nodes may be nested; NVD's are two deep.
const MAX_DEPTH: u32 = 8;

/// Reads an item of `CVE_Items` as a record of the present form.
pub(super) fn read(json: &str) -> serde_json::Result<RecordWire<'_>> {
    let item: ItemWire<'_> = serde_json::from_str(json)?;
    let OldCve {
        meta,
        problemtype,
        references,
        description,
    } = item.cve;
    let descriptions = description.map(|d| d.description_data).unwrap_or_default();
    let is_rejected = descriptions
        .iter()
        .any(|d| d.value.0.trim_start().starts_with("** REJECT **"));
    let mut cpe_match = Vec::new();
    for node in item.configurations.map(|c| c.nodes).unwrap_or_default() {
        matches(node, MAX_DEPTH, &mut cpe_match)?;
    }
    Ok(RecordWire {
        cve: CveWire {
            id: meta.id,
            source_identifier: meta.assigner,
            published: item.published_date,
            last_modified: item.last_modified_date,
            vuln_status: is_rejected.then_some(Str(Cow::Borrowed("Rejected"))),
            cve_tags: Vec::new(),
            descriptions,
            metrics: item.impact.map(metrics),
            weaknesses: problemtype.map(|p| p.problemtype_data).unwrap_or_default(),
            configurations: vec![ConfigurationWire {
                nodes: vec![NodeWire { cpe_match }],
            }],
            affected: Vec::new(),
            references: references.map(|r| r.reference_data).unwrap_or_default(),
            cisa_exploit_add: None,
            cisa_action_due: None,
            cisa_required_action: None,
            cisa_vulnerability_name: None,
        },
    })
}

fn matches<'a>(
    node: OldNode<'a>,
    depth: u32,
    all: &mut Vec<MatchWire<'a>>,
) -> serde_json::Result<()> {
    all.extend(node.cpe_match.into_iter().map(|m| MatchWire {
        vulnerable: m.vulnerable,
        criteria: m.criteria,
        version_start_including: m.version_start_including,
        version_start_excluding: m.version_start_excluding,
        version_end_including: m.version_end_including,
        version_end_excluding: m.version_end_excluding,
    }));
    if depth > 0 {
        for child in node.children {
            matches(serde_json::from_str(child.get())?, depth - 1, all)?;
        }
    }
    Ok(())
}

fn metrics(impact: Impact<'_>) -> MetricsWire<'_> {
    let mut all = MetricsWire::default();
    let own = |data| CvssWire {
        source: Str(Cow::Borrowed(NVD)),
        kind: Str(Cow::Borrowed("Primary")),
        cvss_data: Some(data),
    };
    if let Some(v3) = impact.v3 {
        let is_30 = v3.cvss.vector_string.0.starts_with("CVSS:3.0");
        let list = if is_30 { &mut all.v30 } else { &mut all.v31 };
        list.push(own(v3.cvss));
    }
    if let Some(v2) = impact.v2 {
        all.v2.push(own(v2.cvss));
    }
    all
}

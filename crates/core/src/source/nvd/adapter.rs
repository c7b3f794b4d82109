//! NVD's records -> drafts. One bad record is a problem; the page stands.

use std::collections::BTreeSet;

use super::cpe;
use super::wire::{
    self, CveWire, CvssWire, LangWire, MetricsWire, PageWire, RawPage, RecordWire, Str,
};
use super::{legacy, parallel};
use crate::error::Fault;
use crate::model::{
    Body, CvssVersion, Draft, Facts, Identity, Issuer, Kev, Kind, LocalText, OtherMetric, Problem,
    Reference, Score, SourceId, Ssvc, Time,
};

const NVD: &str = "nvd@nist.gov";
/// CISA's Authorized Data Publisher (github.com/cisagov/vulnrichment).
const CISA_ADP: &str = "134c704f-9b21-4f2e-91b3-4a467353bcc0";
/// The most of a metric of an unknown kind that is kept, in bytes.
const MAX_OTHER: usize = 16 << 10;

/// A page of the API, or a whole feed file of the same form.
#[derive(Clone, Debug, Default)]
pub struct NvdPage {
    /// The records that could be read.
    pub drafts: Vec<Draft>,
    /// Those that could not, and scores that make no sense.
    pub problems: Vec<Problem>,
    /// Records in this page, readable or not.
    pub records: u32,
    /// Records in the whole answer, as NVD counts them.
    pub total: Option<u32>,
    /// When NVD made the answer.
    pub as_of: Option<Time>,
}

/// The forms in which NVD's records come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// JSON 2.0, as the API gives it: `vulnerabilities`.
    Present,
    /// JSON 1.1: `CVE_Items`.
    Legacy,
}

/// Reads a page in NVD's JSON 2.0.
///
/// # Errors
/// `nvd_bad_json` where the page as a whole is no such JSON.
pub fn read_page(source: &SourceId, bytes: &[u8]) -> Result<NvdPage, Fault> {
    let mut page = NvdPage::default();
    // serde would take an array for a struct, field by field.
    if bytes.trim_ascii_start().first() != Some(&b'{') {
        return Err(bad_json(bytes, None));
    }
    // On all cores where every record is sound and stands where it is expected; else in one pass; else
    // record by record.
    if let Some((records, total, as_of)) = parallel::read(source, bytes) {
        page.count(records.len(), total, as_of);
        for (draft, problems) in records {
            page.drafts.push(draft);
            page.problems.extend(problems);
        }
        return Ok(page);
    }
    match sound_page(bytes) {
        Ok(sound) => {
            let as_of = sound.timestamp.as_deref().and_then(wire::time);
            page.count(sound.vulnerabilities.len(), sound.total_results, as_of);
            page.drafts.reserve(sound.vulnerabilities.len());
            for record in sound.vulnerabilities {
                page.adapt(source, &record.cve);
            }
        }
        Err(_) => {
            let raw: RawPage<'_> =
                serde_json::from_slice(bytes).map_err(|e| bad_json(bytes, Some(&e)))?;
            let as_of = raw.timestamp.as_deref().and_then(wire::time);
            page.count(raw.vulnerabilities.len(), raw.total_results, as_of);
            for (i, record) in raw.vulnerabilities.into_iter().enumerate() {
                match serde_json::from_str::<RecordWire<'_>>(record.get()) {
                    Ok(record) => page.adapt(source, &record.cve),
                    Err(e) => page.problems.push(bad_record(record.get(), i, &e)),
                }
            }
        }
    }
    Ok(page)
}

/// Reads one record of a file. `place` counts from 1, for one that says no name. The problems beside the
/// draft are what it lost.
///
/// # Errors
/// Why it could not be used.
pub fn read_record(
    source: &SourceId,
    form: Form,
    bytes: &[u8],
    place: usize,
) -> Result<(Draft, Vec<Problem>), Problem> {
    let text = String::from_utf8_lossy(bytes);
    let read = match form {
        Form::Present => serde_json::from_str::<RecordWire<'_>>(&text),
        Form::Legacy => legacy::read(&text),
    };
    let record = read.map_err(|e| bad_record(&text, place.saturating_sub(1), &e))?;
    let mut lost = Vec::new();
    let draft = draft(source, &record.cve, &mut lost);
    Ok((draft, lost))
}

/// When NVD made a file, by what stands in it: `timestamp`, `CVE_data_timestamp`.
#[must_use]
pub fn file_time(text: &str) -> Option<Time> {
    wire::time(text)
}

/// The bytes are checked to be UTF-8 once instead of string by string; where they are not, it may be
/// a string that nobody reads.
fn sound_page(bytes: &[u8]) -> serde_json::Result<PageWire<RecordWire<'_>>> {
    match std::str::from_utf8(bytes) {
        Ok(text) => serde_json::from_str(text),
        Err(_) => serde_json::from_slice(bytes),
    }
}

impl NvdPage {
    fn count(&mut self, records: usize, total: Option<u32>, as_of: Option<Time>) {
        self.records = u32::try_from(records).unwrap_or(u32::MAX);
        self.total = total;
        self.as_of = as_of;
    }

    fn adapt(&mut self, source: &SourceId, cve: &CveWire<'_>) {
        let draft = draft(source, cve, &mut self.problems);
        self.drafts.push(draft);
    }
}

fn bad_json(bytes: &[u8], e: Option<&serde_json::Error>) -> Fault {
    let (line, column) = e.map_or((1, 1), |e| (e.line(), e.column()));
    let start = String::from_utf8_lossy(&bytes[..bytes.len().min(60)]);
    let start = start.split_whitespace().collect::<Vec<_>>().join(" ");
    Fault::new(
        "nvd_bad_json",
        format!("NVD's answer is not the JSON that was asked for (line {line}, column {column}; it begins with \"{start}\"). It is tried again later; a proxy or firewall may have answered instead."),
    )
    .with("line", line)
    .with("column", column)
}

fn bad_record(raw: &str, index: usize, e: &serde_json::Error) -> Problem {
    let subject = wire::id_of(raw).unwrap_or_else(|| format!("record {}", index + 1));
    Problem {
        fault: Fault::new(
            "nvd_bad_record",
            format!("NVD's record {subject} has an unexpected form and was left out: {e}. It is read again when NVD changes it."),
        )
        .with("id", &subject)
        .with("reason", e),
        subject,
    }
}

pub(super) fn draft(source: &SourceId, cve: &CveWire<'_>, problems: &mut Vec<Problem>) -> Draft {
    let id = cve.id.0.trim().to_owned();
    let (text, other_languages) = descriptions(&cve.descriptions);
    let (products, ranges) = cpe::products(&cve.configurations, &cve.affected);
    let mut facts = Facts {
        status: own(&cve.vuln_status),
        issued_by: own(&cve.source_identifier),
        cwes: cwes(cve),
        products,
        ranges,
        references: references(cve),
        tags: unique(cve.cve_tags.iter().flat_map(|t| &t.tags)),
        kev: kev(cve),
        other_languages,
        ..Facts::default()
    };
    if let Some(metrics) = &cve.metrics {
        facts.scores = scores(metrics, &id, problems);
        facts.ssvc = ssvc(metrics);
        facts.ssvc_exploitation = exploitation(&facts.ssvc);
        facts.other_metrics = other_metrics(metrics, &id, problems);
    }
    Draft {
        source: source.clone(),
        kind: Kind::Vulnerability,
        link: Some(format!("https://nvd.nist.gov/vuln/detail/{id}")),
        identity: Identity::Cve(id),
        title: None,
        body: Body::Text(text),
        base: None,
        published: cve.published.as_ref().and_then(|t| wire::time(&t.0)),
        updated: cve.last_modified.as_ref().and_then(|t| wire::time(&t.0)),
        facts,
    }
}

fn own(text: &Option<Str<'_>>) -> Option<String> {
    text.as_ref().and_then(Str::trimmed).map(ToOwned::to_owned)
}

/// The English description, else the first one; and all others.
fn descriptions(all: &[LangWire<'_>]) -> (String, Vec<LocalText>) {
    let english = all
        .iter()
        .position(|d| d.lang.0 == "en")
        .or_else(|| all.iter().position(|d| d.lang.0.starts_with("en")))
        .or(if all.is_empty() { None } else { Some(0) });
    let text = english.map_or_else(String::new, |i| all[i].value.0.trim().to_owned());
    let others = all
        .iter()
        .enumerate()
        .filter(|(i, d)| Some(*i) != english && d.value.trimmed().is_some())
        .map(|(_, d)| LocalText {
            lang: d.lang.0.clone().into_owned(),
            text: d.value.0.trim().to_owned(),
        })
        .collect();
    (text, others)
}

fn scores(metrics: &MetricsWire<'_>, id: &str, problems: &mut Vec<Problem>) -> Vec<Score> {
    let mut all: Vec<Score> = Vec::new();
    for (version, list) in [
        (CvssVersion::V40, &metrics.v40),
        (CvssVersion::V31, &metrics.v31),
        (CvssVersion::V30, &metrics.v30),
        (CvssVersion::V2, &metrics.v2),
    ] {
        for wire in list {
            // A vector without a number is no score, and no score is not 0.
            let Some(value) = wire.cvss_data.as_ref().and_then(|d| d.base_score) else {
                continue;
            };
            if !(0.0..=10.0).contains(&value) {
                problems.push(bad_score(id, version, value));
                continue;
            }
            let score = score(version, wire, value);
            if !all.contains(&score) {
                all.push(score);
            }
        }
    }
    all
}

fn score(version: CvssVersion, wire: &CvssWire<'_>, value: f64) -> Score {
    let source = wire.source.0.as_ref();
    Score {
        version,
        issuer: match source {
            NVD => Issuer::Nvd,
            CISA_ADP => Issuer::CisaAdp,
            _ => Issuer::Cna,
        },
        source: source.to_owned(),
        primary: wire.kind.0.eq_ignore_ascii_case("primary"),
        score: value,
        vector: wire
            .cvss_data
            .as_ref()
            .map(|d| d.vector_string.0.clone().into_owned())
            .unwrap_or_default(),
    }
}

fn bad_score(id: &str, version: CvssVersion, value: f64) -> Problem {
    Problem {
        subject: id.to_owned(),
        fault: Fault::new(
            "nvd_bad_score",
            format!(
                "A CVSS {} score of {id} is {value}, which is not between 0 and 10; that score was left out.",
                version.as_str()
            ),
        )
        .with("id", id)
        .with("version", version.as_str())
        .with("score", value),
    }
}

fn ssvc(metrics: &MetricsWire<'_>) -> Vec<Ssvc> {
    metrics
        .ssvc
        .iter()
        .filter_map(|s| {
            let data = s.ssvc_data.as_ref()?;
            Some(Ssvc {
                source: s.source.0.trim().to_owned(),
                at: data.timestamp.as_ref().and_then(|t| wire::time(&t.0)),
                options: data
                    .options
                    .iter()
                    .flat_map(|o| &o.0)
                    .map(|(name, word)| (lower(name), lower(word)))
                    .collect(),
            })
        })
        .collect()
}

fn lower(text: &Str<'_>) -> String {
    text.0.trim().to_ascii_lowercase()
}

/// The gravest word that a decision gives to exploitation.
fn exploitation(all: &[Ssvc]) -> Option<String> {
    let rank = |word: &str| match word {
        "active" => 2,
        "poc" => 1,
        _ => 0,
    };
    all.iter()
        .flat_map(|s| &s.options)
        .filter(|(name, _)| name == "exploitation")
        .map(|(_, word)| word.clone())
        .max_by_key(|word| rank(word))
}

fn other_metrics(
    metrics: &MetricsWire<'_>,
    id: &str,
    problems: &mut Vec<Problem>,
) -> Vec<OtherMetric> {
    let mut all = Vec::new();
    for (kind, json) in &metrics.others {
        if json.get().len() > MAX_OTHER {
            problems.push(Problem {
                subject: id.to_owned(),
                fault: Fault::new(
                    "nvd_big_metric",
                    format!("The metric {} of {id} is of an unknown kind and too large to keep; it was left out.", kind.0),
                )
                .with("id", id)
                .with("kind", &kind.0),
            });
            continue;
        }
        all.push(OtherMetric {
            kind: kind.0.clone().into_owned(),
            json: json.get().to_owned(),
        });
    }
    all
}

fn cwes(cve: &CveWire<'_>) -> Vec<String> {
    cve.weaknesses
        .iter()
        .flat_map(|w| &w.description)
        .filter_map(|d| {
            let number = d.value.0.trim().strip_prefix("CWE-")?;
            let is_number = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
            is_number.then(|| format!("CWE-{number}"))
        })
        .collect::<BTreeSet<_>>()
        .into_iter()
        .collect()
}

fn references(cve: &CveWire<'_>) -> Vec<Reference> {
    /// From how many on a map says where an address is.
    const MANY: usize = 24;
    let mut all: Vec<Reference> = Vec::with_capacity(cve.references.len());
    let mut seen = std::collections::HashMap::new();
    let is_many = cve.references.len() > MANY;
    for r in &cve.references {
        let url = r.url.0.trim();
        if url.is_empty() {
            continue;
        }
        let known = if is_many {
            let next = all.len();
            let at = *seen.entry(url).or_insert(next);
            (at < next).then_some(at)
        } else {
            all.iter().position(|known| known.url == url)
        };
        let at = known.unwrap_or_else(|| {
            all.push(Reference {
                url: url.to_owned(),
                tags: Vec::with_capacity(r.tags.len()),
            });
            all.len() - 1
        });
        for tag in &r.tags {
            if !all[at].tags.iter().any(|t| *t == tag.0) {
                all[at].tags.push(tag.0.clone().into_owned());
            }
        }
    }
    all
}

fn kev(cve: &CveWire<'_>) -> Option<Kev> {
    cve.cisa_exploit_add.as_ref()?;
    let day = |t: &Option<Str<'_>>| t.as_ref().and_then(|t| wire::time(&t.0));
    Some(Kev {
        added: day(&cve.cisa_exploit_add),
        due: day(&cve.cisa_action_due),
        name: own(&cve.cisa_vulnerability_name),
        action: own(&cve.cisa_required_action),
        ransomware: false,
    })
}

fn unique<'a>(words: impl Iterator<Item = &'a Str<'a>>) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for word in words.filter_map(Str::trimmed) {
        if !all.iter().any(|w| w == word) {
            all.push(word.to_owned());
        }
    }
    all
}

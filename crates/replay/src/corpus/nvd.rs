//! NVD's records: every page of the JSON 2.0 form under `nvd/`, whatever the file's name. Records stay the bytes that
//! NVD sent; only what paging and windows need is parsed. All versions of a record are kept, told apart by
//! (id, `lastModified`).

use std::borrow::Cow;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde::de::{DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use crate::Error;
use crate::corpus::Problems;
use crate::corpus::source::{CorpusFile, beginning, decompress};
use crate::times::parse_nvd;

/// How much of a file is read to see that it is in NVD's legacy form.
const BEGINNING: usize = 4096;

/// One state of one CVE.
#[derive(Debug)]
pub(crate) struct Version {
    pub(crate) id: Box<str>,
    pub(crate) published: DateTime<Utc>,
    pub(crate) last_modified: DateTime<Utc>,
    pub(crate) rejected: bool,
    /// `{"cve": {...}}` as NVD wrote it.
    pub(crate) item: Box<str>,
}

#[derive(Deserialize)]
struct Item<'a> {
    #[serde(borrow)]
    cve: Head<'a>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Head<'a> {
    #[serde(borrow)]
    id: Cow<'a, str>,
    #[serde(borrow)]
    published: Cow<'a, str>,
    #[serde(borrow)]
    last_modified: Cow<'a, str>,
    #[serde(borrow, default)]
    vuln_status: Option<Cow<'a, str>>,
}

impl Version {
    /// Reads `{"cve": {...}}`, or a bare record, which is wrapped.
    pub(crate) fn from_json(json: &str) -> Result<Self, Error> {
        let bare = |error: serde_json::Error| Error::Record(error.to_string());
        let wrapped;
        let item = match serde_json::from_str::<Item<'_>>(json) {
            Ok(_) => json,
            Err(_) => {
                serde_json::from_str::<Head<'_>>(json).map_err(bare)?;
                wrapped = format!("{{\"cve\":{json}}}");
                &wrapped
            }
        };
        Self::from_item(item).ok_or_else(|| {
            Error::Record("its id, published or lastModified is not of NVD's form".to_owned())
        })
    }

    fn from_item(item: &str) -> Option<Self> {
        Facts::read(item).map(|facts| facts.version(item))
    }
}

/// What is parsed of a record.
struct Facts<'a> {
    id: Cow<'a, str>,
    published: DateTime<Utc>,
    last_modified: DateTime<Utc>,
    rejected: bool,
}

impl<'a> Facts<'a> {
    /// Nothing for what is no CVE record.
    fn read(item: &'a str) -> Option<Self> {
        let head = serde_json::from_str::<Item<'_>>(item).ok()?.cve;
        if !is_cve_id(&head.id) {
            return None;
        }
        Some(Self {
            published: parse_nvd(&head.published)?,
            last_modified: parse_nvd(&head.last_modified)?,
            rejected: head.vuln_status.is_some_and(|status| status == "Rejected"),
            id: head.id,
        })
    }

    /// Copies the record.
    fn version(&self, item: &str) -> Version {
        Version {
            id: self.id.as_ref().into(),
            published: self.published,
            last_modified: self.last_modified,
            rejected: self.rejected,
            item: item.into(),
        }
    }
}

/// `CVE-`, four digits, `-`, four or more digits.
pub(crate) fn is_cve_id(text: &str) -> bool {
    let Some((year, number)) = text.strip_prefix("CVE-").and_then(|t| t.split_once('-')) else {
        return false;
    };
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    year.len() == 4 && digits(year) && number.len() >= 4 && digits(number)
}

/// Reads all files, two or more at a time, and orders their versions by id and `lastModified`.
pub(crate) fn load(files: &[CorpusFile], problems: &mut Problems) -> Vec<Arc<Version>> {
    let merged = Mutex::new(Merge::default());
    let next = AtomicUsize::new(0);
    let threads = std::thread::available_parallelism().map_or(2, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads.min(files.len()) {
            scope.spawn(|| {
                while let Some(file) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
                    read_file(file, &merged);
                }
            });
        }
    });
    let merged = merged.into_inner().unwrap_or_else(PoisonError::into_inner);
    problems.files += merged.problems.files;
    problems.records += merged.problems.records;
    let mut versions: Vec<_> = merged.versions.into_values().map(|(_, v)| v).collect();
    versions.sort_unstable_by(|left, right| {
        (&left.id, left.last_modified).cmp(&(&right.id, right.last_modified))
    });
    versions
}

/// Of two copies of one version the one from the later envelope wins (NVD changes a status without touching
/// `lastModified`), then the one from the later path: the outcome does not depend on which thread was first.
type Rank = (Option<DateTime<Utc>>, String);

/// What makes a version: its id and its `lastModified`.
type Key = (Box<str>, DateTime<Utc>);

#[derive(Default)]
struct Merge {
    versions: HashMap<Key, (Arc<Rank>, Arc<Version>)>,
    problems: Problems,
}

fn read_file(file: &CorpusFile, merged: &Mutex<Merge>) {
    if !file.plain_path().ends_with(".json") {
        return;
    }
    let mut problems = Problems::default();
    let text = match read_text(file) {
        Ok(Some(text)) => text,
        Ok(None) => return,
        Err(_) => {
            problems.files += 1;
            String::new()
        }
    };
    let mut page = Page::default();
    if !text.is_empty() && page.read(&text).is_err() {
        problems.files += 1;
    }
    let rank = Arc::new((page.timestamp, file.path.clone()));
    let facts: Vec<_> = page.items.iter().map(|item| Facts::read(item)).collect();

    let mut merged = merged.lock().unwrap_or_else(PoisonError::into_inner);
    for (item, facts) in page.items.iter().zip(facts) {
        let Some(facts) = facts else {
            problems.records += 1;
            continue;
        };
        let ranked = || (rank.clone(), Arc::new(facts.version(item)));
        let key = (facts.id.as_ref().into(), facts.last_modified);
        match merged.versions.entry(key) {
            Entry::Vacant(slot) => {
                slot.insert(ranked());
            }
            Entry::Occupied(mut slot) if slot.get().0 < rank => {
                slot.insert(ranked());
            }
            Entry::Occupied(_) => {}
        }
    }
    merged.problems.files += problems.files;
    merged.problems.records += problems.records;
}

/// The file's text, or nothing where it is in the legacy form of `CVE_Items`.
fn read_text(file: &CorpusFile) -> std::io::Result<Option<String>> {
    let stored = file.read_stored()?;
    let head = beginning(&stored, BEGINNING);
    let head = String::from_utf8_lossy(&head);
    if head.contains("\"CVE_data_type\"") || head.contains("\"CVE_Items\"") {
        return Ok(None);
    }
    let plain = if file.path.ends_with(".gz") {
        decompress(&stored)?
    } else {
        stored
    };
    let text = String::from_utf8(plain)
        .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned());
    Ok(Some(match text.strip_prefix('\u{feff}') {
        Some(rest) => rest.to_owned(),
        None => text,
    }))
}

/// What a page holds. It is filled while the page is read, so that a page which breaks in the middle still gives the
/// records before the break.
#[derive(Default)]
struct Page<'a> {
    timestamp: Option<DateTime<Utc>>,
    items: Vec<&'a str>,
}

impl<'a> Page<'a> {
    fn read(&mut self, text: &'a str) -> Result<(), serde_json::Error> {
        let mut input = serde_json::Deserializer::from_str(text);
        Envelope(self).deserialize(&mut input)
    }
}

struct Envelope<'p, 'a>(&'p mut Page<'a>);

impl<'a> DeserializeSeed<'a> for Envelope<'_, 'a> {
    type Value = ();

    fn deserialize<D: serde::Deserializer<'a>>(self, input: D) -> Result<(), D::Error> {
        input.deserialize_map(self)
    }
}

impl<'a> Visitor<'a> for Envelope<'_, 'a> {
    type Value = ();

    fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("an NVD page")
    }

    fn visit_map<M: MapAccess<'a>>(self, mut map: M) -> Result<(), M::Error> {
        while let Some(key) = map.next_key::<Cow<'a, str>>()? {
            match &*key {
                "timestamp" => {
                    let value = map.next_value::<&RawValue>()?;
                    self.0.timestamp = parse_nvd(value.get().trim_matches('"'));
                }
                "vulnerabilities" => map.next_value_seed(Items(&mut self.0.items))?,
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }
}

struct Items<'p, 'a>(&'p mut Vec<&'a str>);

impl<'a> DeserializeSeed<'a> for Items<'_, 'a> {
    type Value = ();

    fn deserialize<D: serde::Deserializer<'a>>(self, input: D) -> Result<(), D::Error> {
        input.deserialize_seq(self)
    }
}

impl<'a> Visitor<'a> for Items<'_, 'a> {
    type Value = ();

    fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("a list of records")
    }

    fn visit_seq<S: SeqAccess<'a>>(self, mut list: S) -> Result<(), S::Error> {
        while let Some(item) = list.next_element::<&'a RawValue>()? {
            self.0.push(item.get());
        }
        Ok(())
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<(), E> {
        Err(E::custom("null instead of a list of records"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_a_cve_id_from_what_is_none() {
        for good in ["CVE-1999-0001", "CVE-2026-1234567"] {
            assert!(is_cve_id(good), "{good}");
        }
        for bad in [
            "CVE-99-0001",
            "CVE-2026-1",
            "cve-2026-1234",
            "CVE-2026-12a4",
            "",
        ] {
            assert!(!is_cve_id(bad), "{bad}");
        }
    }

    #[test]
    fn wraps_a_bare_record_and_refuses_what_is_none() {
        let bare = r#"{"id":"CVE-2026-1000","published":"2026-01-01T00:00:00.000","lastModified":"2026-01-01T00:00:00.000","vulnStatus":"Rejected"}"#;
        let version = Version::from_json(bare).unwrap();
        assert!(version.rejected && version.item.starts_with("{\"cve\":{"));
        assert!(Version::from_json("{}").is_err());
        assert!(Version::from_json(r#"{"id":"x","published":"","lastModified":""}"#).is_err());
    }
}

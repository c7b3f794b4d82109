//! Everything but NVD's records: which document lies at which path of the server, in which versions over time.
//! Paths are looked up in a table that is made once, so no request can reach a file outside the corpus.

use std::collections::BTreeMap;
use std::io;

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::corpus::source::{CorpusFile, beginning};
use crate::corpus::{Problems, fixtures, hackernews};
use crate::times::stamp_in;

pub(crate) const KEV_PATH: &str = "/sites/default/files/feeds/known_exploited_vulnerabilities.json";
const KEV_MIRROR: &str = "/cisagov/kev-data/develop/known_exploited_vulnerabilities.json";
pub(crate) const EPSS_PATH: &str = "/epss_scores-current.csv.gz";
const HACKER_NEWS: &str = "/TheHackersNews";
const CISA: &str = "/cybersecurity-advisories/all.xml";
const CISA_FIXTURE: &str = "feeds/security-sites/cisa-advisories.xml";

/// What a document is, for counting and for its media type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Kev,
    Epss,
    Owasp,
    Feed,
}

/// What is served at one path: one or more versions, ordered by time.
#[derive(Debug, Clone)]
pub(crate) struct Document {
    pub(crate) kind: Kind,
    versions: Vec<Dated>,
}

/// A file and the time from which it is current.
#[derive(Debug, Clone)]
pub(crate) struct Dated {
    pub(crate) since: Option<DateTime<Utc>>,
    pub(crate) file: CorpusFile,
}

impl Dated {
    /// The bytes that travel: EPSS is published compressed, everything else is stored so only to save space.
    pub(crate) fn read(&self, kind: Kind) -> io::Result<Vec<u8>> {
        match kind {
            Kind::Epss => self.file.read_packed(),
            Kind::Kev | Kind::Owasp | Kind::Feed => self.file.read(),
        }
    }
}

impl Document {
    fn new(kind: Kind, mut versions: Vec<Dated>) -> Option<Self> {
        versions.sort_by(|left, right| {
            (left.since, &left.file.path).cmp(&(right.since, &right.file.path))
        });
        (!versions.is_empty()).then_some(Self { kind, versions })
    }

    /// The newest version that is not after `now`, else the earliest.
    pub(crate) fn at(&self, now: DateTime<Utc>) -> &Dated {
        let current = |dated: &&Dated| dated.since.is_none_or(|since| since <= now);
        let newest = self.versions.iter().rfind(current);
        // `new` refuses an empty list, so the first version exists.
        newest.unwrap_or(&self.versions[0])
    }
}

/// The table of paths.
#[derive(Debug, Default)]
pub(crate) struct Documents {
    by_path: BTreeMap<String, Document>,
}

impl Documents {
    /// Sorts the files into the table by the folder that they lie in and by what they hold.
    pub(crate) fn read(files: &[CorpusFile], problems: &mut Problems) -> Self {
        let mut documents = Self::default();
        documents.add_kev(files, problems);
        documents.add_epss(files, problems);
        documents.add_owasp(files);
        documents.add_feeds(files);
        documents.add_missing();
        documents
    }

    pub(crate) fn get(&self, path: &str) -> Option<&Document> {
        self.by_path.get(path)
    }

    /// The paths that begin with `prefix`, in order.
    pub(crate) fn paths<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = &'a str> {
        self.by_path
            .range(prefix.to_owned()..)
            .map(|(path, _)| path.as_str())
            .take_while(move |path| path.starts_with(prefix))
    }

    pub(crate) fn count(&self, kind: Kind) -> usize {
        self.by_path.values().filter(|d| d.kind == kind).count()
    }

    /// The newest date of anything here; KEV's and EPSS' first, for they state theirs.
    pub(crate) fn newest(&self) -> Option<DateTime<Utc>> {
        let latest = |kinds: &[Kind]| {
            let known = self.by_path.values().filter(|d| kinds.contains(&d.kind));
            known
                .flat_map(|document| &document.versions)
                .filter_map(|dated| dated.since)
                .max()
        };
        latest(&[Kind::Kev, Kind::Epss]).or_else(|| latest(&[Kind::Feed]))
    }

    fn insert(&mut self, path: &str, kind: Kind, versions: Vec<Dated>) {
        if let Some(document) = Document::new(kind, versions) {
            self.by_path.insert(path.to_owned(), document);
        }
    }

    fn add_kev(&mut self, files: &[CorpusFile], problems: &mut Problems) {
        let mut versions = Vec::new();
        for file in files.iter().filter(|file| file.is_under("kev")) {
            if !file.plain_path().ends_with(".json") {
                continue;
            }
            let Ok(bytes) = file.read() else {
                problems.files += 1;
                continue;
            };
            match kev_release(&bytes) {
                Ok(Some(released)) => versions.push(Dated {
                    since: Some(released),
                    file: file.clone(),
                }),
                Ok(None) => {}
                Err(_) => problems.files += 1,
            }
        }
        self.insert(KEV_PATH, Kind::Kev, versions.clone());
        self.insert(KEV_MIRROR, Kind::Kev, versions);
    }

    fn add_epss(&mut self, files: &[CorpusFile], problems: &mut Problems) {
        let mut versions = Vec::new();
        for file in files.iter().filter(|file| file.is_under("epss")) {
            if !file.plain_path().ends_with(".csv") {
                continue;
            }
            let Ok(stored) = file.read_stored() else {
                problems.files += 1;
                continue;
            };
            let head = beginning(&stored, 512);
            let head = String::from_utf8_lossy(&head);
            if !head.contains("cve,epss") {
                problems.files += 1;
                continue;
            }
            let since = epss_date(&head);
            let dated = Dated {
                since,
                file: file.clone(),
            };
            if let Some(date) = since {
                let path = format!("/epss_scores-{}.csv.gz", date.format("%Y-%m-%d"));
                self.insert(&path, Kind::Epss, vec![dated.clone()]);
            }
            versions.push(dated);
        }
        self.insert(EPSS_PATH, Kind::Epss, versions);
    }

    fn add_owasp(&mut self, files: &[CorpusFile]) {
        for file in files {
            let Some(path) = file.plain_path().strip_prefix("owasp/") else {
                continue;
            };
            if path.contains('/') {
                self.insert(&format!("/{path}"), Kind::Owasp, vec![undated(file)]);
            }
        }
    }

    /// Pages that the app asks for and no corpus has.
    fn add_missing(&mut self) {
        for file in fixtures::always() {
            let Some(path) = file.path.strip_prefix("always") else {
                continue;
            };
            if self.get(path).is_none() {
                self.insert(path, Kind::Owasp, vec![undated(&file)]);
            }
        }
    }

    fn add_feeds(&mut self, files: &[CorpusFile]) {
        let mut series: BTreeMap<String, Vec<Dated>> = BTreeMap::new();
        for file in files.iter().filter(|file| file.is_under("feeds")) {
            let path = format!("/{}", file.plain_path());
            let since = stamp_in(file.name());
            let dated = Dated {
                since,
                file: file.clone(),
            };
            if since.is_some()
                && let Some((folder, name)) = path.rsplit_once('/')
            {
                let kind = name.rsplit_once('.').map_or("xml", |(_, kind)| kind);
                let current = format!("{folder}/current.{kind}");
                series.entry(current).or_default().push(dated.clone());
            }
            self.insert(&path, Kind::Feed, vec![dated]);
        }
        for (path, versions) in series {
            self.insert(&path, Kind::Feed, versions);
        }
        if let Some(file) = hackernews::choose(files) {
            self.insert(HACKER_NEWS, Kind::Feed, vec![undated(file)]);
        }
        // No corpus has this feed: it is always the invented one.
        if let Some(file) = fixtures::file(CISA_FIXTURE) {
            self.insert(CISA, Kind::Feed, vec![undated(&file)]);
        }
    }
}

fn undated(file: &CorpusFile) -> Dated {
    Dated {
        since: stamp_in(file.name()),
        file: file.clone(),
    }
}

/// The release time of a KEV catalogue; nothing for another JSON document (the catalogue's schema lies beside it).
fn kev_release(bytes: &[u8]) -> Result<Option<DateTime<Utc>>, serde_json::Error> {
    #[derive(Deserialize)]
    struct Catalogue {
        #[serde(rename = "dateReleased")]
        released: Option<String>,
        vulnerabilities: Option<IgnoredAny>,
    }

    let catalogue: Catalogue = serde_json::from_slice(bytes)?;
    if catalogue.vulnerabilities.is_none() {
        return Ok(None);
    }
    let released = catalogue.released.as_deref().unwrap_or_default();
    Ok(crate::times::parse_nvd(released))
}

/// `score_date` in the comment before EPSS' header.
pub(crate) fn epss_date(head: &str) -> Option<DateTime<Utc>> {
    let (_, rest) = head.split_once("score_date:")?;
    let date = rest.split(['\n', '\r', ',']).next()?;
    let date = date.trim();
    // Older files write the offset without its colon.
    crate::times::parse_nvd(date).or_else(|| {
        DateTime::parse_from_str(date, "%Y-%m-%dT%H:%M:%S%z")
            .ok()
            .map(|time| time.to_utc())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::corpus::source::Source;

    fn file(path: &str, bytes: &'static [u8]) -> CorpusFile {
        CorpusFile {
            path: path.to_owned(),
            source: Source::Embedded(bytes),
        }
    }

    fn time(text: &str) -> DateTime<Utc> {
        crate::times::parse_nvd(text).unwrap()
    }

    #[test]
    fn serves_the_newest_version_not_after_the_clock_else_the_earliest() {
        let kev = |released: &'static str| {
            format!(r#"{{"dateReleased":"{released}","vulnerabilities":[]}}"#).leak()
        };
        let files = [
            file("kev/x.json", kev("2026-03-01T00:00:00.1234Z").as_bytes()),
            file("kev/a.json", kev("2026-05-01T00:00:00Z").as_bytes()),
            file("kev/schema.json", br#"{"type":"object"}"#),
            file("kev/broken.json", b"{"),
        ];
        let mut problems = Problems::default();
        let documents = Documents::read(&files, &mut problems);
        let document = documents.get(KEV_PATH).unwrap();
        let at = |now: &str| document.at(time(now)).file.path.as_str();
        assert_eq!(at("2020-01-01T00:00:00"), "kev/x.json");
        assert_eq!(at("2026-04-30T00:00:00"), "kev/x.json");
        assert_eq!(at("2026-05-01T00:00:00"), "kev/a.json");
        assert_eq!(problems.files, 1);
    }

    #[test]
    fn a_series_of_stamped_feeds_has_a_current_one() {
        let files = [
            file("feeds/any/site/feed_20260102T000000.xml.gz", b""),
            file("feeds/any/site/feed_20260101T000000.xml.gz", b""),
            file("feeds/any/other.xml", b""),
        ];
        let documents = Documents::read(&files, &mut Problems::default());
        let current = documents.get("/feeds/any/site/current.xml").unwrap();
        let chosen = current.at(time("2026-01-01T12:00:00"));
        assert_eq!(
            chosen.file.path,
            "feeds/any/site/feed_20260101T000000.xml.gz"
        );
        assert!(documents.get("/feeds/any/other.xml").is_some());
        assert!(documents.get("/feeds/any/current.xml").is_none());
        assert_eq!(documents.paths("/feeds/any/site/").count(), 3);
    }

    #[test]
    fn reads_the_date_of_an_epss_file() {
        let check = |head: &str, expect: Option<&str>| {
            assert_eq!(epss_date(head), expect.map(time), "{head}");
        };
        check(
            "#model_version:v1,score_date:2026-01-30T12:55:00Z\ncve,epss",
            Some("2026-01-30T12:55:00"),
        );
        check(
            "#model_version:v1,score_date:2024-01-30T00:00:00+0000\ncve",
            Some("2024-01-30T00:00:00"),
        );
        check("cve,epss,percentile\n", None);
    }
}

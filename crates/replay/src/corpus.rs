//! Reads the recorded material: a folder in the corpus' layout, or the built-in fixtures, through the same loader.
//! Files are found by walking the folders and told apart by content, never by a known name. What cannot be read is
//! skipped and counted; it never fails a start.

pub(crate) mod documents;
pub(crate) mod epss;
mod fixtures;
mod hackernews;
pub(crate) mod nvd;
pub(crate) mod source;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::Error;
use crate::corpus::documents::Documents;
use crate::corpus::nvd::Version;
use crate::corpus::source::{CorpusFile, Source};

/// What was skipped while the material was read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Problems {
    /// Files that could not be read, or only in part.
    pub files: usize,
    /// Records that are no CVE record.
    pub records: usize,
}

/// Everything that can be served, immutable once loaded and shared by all replays of one process.
#[derive(Debug)]
pub(crate) struct Corpus {
    /// Every version of every CVE, ordered by id and then `lastModified`.
    pub(crate) nvd: Vec<Arc<Version>>,
    pub(crate) documents: Documents,
    /// Where the clock starts: the newest `lastModified` of NVD's records, else the newest date of anything else.
    pub(crate) newest: DateTime<Utc>,
    pub(crate) problems: Problems,
}

impl Corpus {
    /// Loads the folder, or the fixtures where there is none. Replays that run at the same time share one copy.
    pub(crate) fn open(root: Option<&Path>) -> Result<Arc<Self>, Error> {
        static LOADED: Mutex<Option<HashMap<Option<PathBuf>, Weak<Corpus>>>> = Mutex::new(None);

        let root = match root {
            Some(path) => Some(path.canonicalize().map_err(|source| Error::Corpus {
                path: path.to_owned(),
                source,
            })?),
            None => None,
        };
        // Held while loading, so that tests which start together load once.
        let mut loaded = LOADED.lock().unwrap_or_else(PoisonError::into_inner);
        let loaded = loaded.get_or_insert_default();
        if let Some(corpus) = loaded.get(&root).and_then(Weak::upgrade) {
            return Ok(corpus);
        }
        let files = match &root {
            Some(path) => walk(path)?,
            None => fixtures::files(),
        };
        let corpus = Arc::new(Self::read(files));
        loaded.insert(root, Arc::downgrade(&corpus));
        Ok(corpus)
    }

    fn read(files: Vec<CorpusFile>) -> Self {
        let mut problems = Problems::default();
        let (nvd_files, others): (Vec<_>, Vec<_>) =
            files.into_iter().partition(|file| file.is_under("nvd"));
        let nvd = nvd::load(&nvd_files, &mut problems);
        let documents = Documents::read(&others, &mut problems);
        let newest = nvd
            .iter()
            .map(|version| version.last_modified)
            .max()
            .or_else(|| documents.newest())
            .unwrap_or_default();
        Self {
            nvd,
            documents,
            newest,
            problems,
        }
    }
}

/// Every file below `root`, ordered by path. Links are not followed out of the folder's tree.
fn walk(root: &Path) -> Result<Vec<CorpusFile>, Error> {
    let mut files = Vec::new();
    let mut folders = vec![(root.to_owned(), String::new())];
    while let Some((folder, prefix)) = folders.pop() {
        let failed = |source| Error::Corpus {
            path: folder.clone(),
            source,
        };
        for entry in std::fs::read_dir(&folder).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let Ok(name) = entry.file_name().into_string() else {
                continue;
            };
            let path = format!("{prefix}{name}");
            let kind = entry.file_type().map_err(failed)?;
            if kind.is_dir() {
                folders.push((entry.path(), format!("{path}/")));
            } else if kind.is_file() {
                files.push(CorpusFile {
                    path,
                    source: Source::Disk(entry.path()),
                });
            }
        }
    }
    files.sort_by(|left, right| left.path.cmp(&right.path));
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::times::format_nvd;

    #[test]
    fn the_fixtures_load_without_a_problem_and_give_the_clock_its_start() {
        let corpus = Corpus::open(None).unwrap();
        assert_eq!(corpus.problems, Problems::default());
        assert!(!corpus.nvd.is_empty());
        let week = corpus.newest - chrono::TimeDelta::days(7);
        let recent = corpus.nvd.iter().filter(|v| v.last_modified >= week);
        assert!(recent.count() * 2 > corpus.nvd.len());
    }

    #[test]
    fn replays_of_one_process_share_the_material() {
        let first = Corpus::open(None).unwrap();
        let second = Corpus::open(None).unwrap();
        assert!(Arc::ptr_eq(&first, &second));
    }

    #[test]
    fn bad_files_and_records_are_skipped_and_counted() {
        let folder = tempfile::tempdir().unwrap();
        let nvd = folder.path().join("nvd/any");
        std::fs::create_dir_all(&nvd).unwrap();
        let good = |id: &str, modified: &str| {
            format!(
                r#"{{"cve":{{"id":"{id}","published":"2026-01-01T00:00:00.000","lastModified":"{modified}"}}}}"#
            )
        };
        let first = good("CVE-2026-1000", "2026-01-02T00:00:00.000");
        let second = good("CVE-2026-1001", "2026-01-03T00:00:00.000");
        let page = format!(r#"{{"vulnerabilities":[{first},{{"cve":{{"id":7}}}},null,{second}]}}"#);
        std::fs::write(nvd.join("a.json"), page).unwrap();
        let cut = format!(r#"{{"vulnerabilities":[{first},{{"cve":{{"id":"CVE-20"#);
        std::fs::write(nvd.join("b.json"), cut).unwrap();
        std::fs::write(nvd.join("c.json.gz"), b"\x1f\x8b\x08broken").unwrap();
        std::fs::write(nvd.join("d.json"), r#"{"CVE_Items":[]}"#).unwrap();

        let corpus = Corpus::open(Some(folder.path())).unwrap();
        let ids: Vec<&str> = corpus.nvd.iter().map(|v| &*v.id).collect();
        assert_eq!(ids, ["CVE-2026-1000", "CVE-2026-1001"]);
        let expect = Problems {
            files: 2,
            records: 2,
        };
        assert_eq!(corpus.problems, expect);
        assert_eq!(format_nvd(corpus.newest), "2026-01-03T00:00:00.000");
    }

    #[test]
    fn a_missing_folder_is_an_error_that_names_it() {
        let error = Corpus::open(Some(Path::new("/no/such/corpus"))).unwrap_err();
        assert!(error.to_string().contains("/no/such/corpus"));
    }
}

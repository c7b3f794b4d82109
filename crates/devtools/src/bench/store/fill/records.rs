//! The corpus' real CVEs in one file, a record a line, without the white space of the year files: as
//! NVD's API sends them. The file stays on the disk, so what is measured does not share its memory
//! with it; only ids, places and dates are held.

use std::collections::HashSet;
use std::fs::File;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{BufRead, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;
use tocsin_core::model::Time;

use super::legacy;
use crate::corpus;

/// A file of either form.
#[derive(Deserialize)]
struct YearFile<'a> {
    #[serde(borrow, default)]
    vulnerabilities: Vec<&'a RawValue>,
    #[serde(borrow, default, rename = "CVE_Items")]
    items: Vec<&'a RawValue>,
}

/// Real records, oldest publication first.
pub struct Records {
    file: Mutex<File>,
    places: Vec<Place>,
    /// Names the corpus and the form of the file.
    pub stamp: String,
}

struct Place {
    published: Time,
    id: String,
    from: u64,
    bytes: usize,
}

impl Records {
    /// Makes the file where it is missing.
    pub fn open(corpus: &Path, home: &Path) -> Result<Self, String> {
        let files = corpus::json_files(&corpus.join("nvd"));
        let stamp = stamp(&files);
        let path = home.join(format!("bench-store-records-{stamp}.ndjson"));
        if !path.exists() {
            eprintln!("gathering the corpus' records in {}", path.display());
            std::fs::create_dir_all(home).map_err(|e| e.to_string())?;
            remove_older(home);
            let unfinished = path.with_extension("unfinished");
            gather(&files, &unfinished)?;
            std::fs::rename(&unfinished, &path).map_err(|e| e.to_string())?;
        }
        let places = places(&path)?;
        if places.is_empty() {
            return Err(format!("no NVD records under {}", corpus.display()));
        }
        let file = File::open(&path).map_err(|e| e.to_string())?;
        Ok(Self {
            file: Mutex::new(file),
            places,
            stamp,
        })
    }

    pub fn len(&self) -> usize {
        self.places.len()
    }

    pub fn published(&self, record: usize) -> Time {
        self.places[record].published
    }

    pub fn id(&self, record: usize) -> &str {
        &self.places[record].id
    }

    /// One record's JSON.
    pub fn read(&self, record: usize) -> Result<String, String> {
        let place = &self.places[record];
        let mut bytes = vec![0; place.bytes];
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.seek(SeekFrom::Start(place.from))
            .and_then(|_| file.read_exact(&mut bytes))
            .map_err(|e| e.to_string())?;
        String::from_utf8(bytes).map_err(|e| e.to_string())
    }
}

/// What was gathered in another way is of no use any more.
fn remove_older(home: &Path) {
    for path in corpus::files_in(home, "bench-store-records-") {
        let _ = std::fs::remove_file(path);
    }
}

/// Changes when a file of the corpus does, or how records are gathered.
fn stamp(files: &[PathBuf]) -> String {
    let mut hasher = DefaultHasher::new();
    for file in files {
        file.hash(&mut hasher);
        let size = std::fs::metadata(file).map_or(0, |m| m.len());
        size.hash(&mut hasher);
    }
    (include_str!("records.rs"), include_str!("legacy.rs")).hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}

/// Each CVE once; files in the newer form come first, so theirs counts.
fn gather(files: &[PathBuf], to: &Path) -> Result<(), String> {
    let mut known = HashSet::new();
    let mut out = BufWriter::new(File::create(to).map_err(|e| e.to_string())?);
    let is_legacy = |path: &PathBuf| path.to_string_lossy().contains("1.1");
    let (legacy, newer): (Vec<&PathBuf>, Vec<&PathBuf>) =
        files.iter().partition(|path| is_legacy(path));
    for path in newer.into_iter().chain(legacy) {
        let Some(bytes) = corpus::read(path) else {
            continue;
        };
        let Ok(file) = serde_json::from_slice::<YearFile<'_>>(&bytes) else {
            continue;
        };
        // Small files hold odd records; a rate is measured on usual ones.
        if file.vulnerabilities.len() + file.items.len() < 200 {
            continue;
        }
        let converted = file.items.iter().filter_map(|item| {
            let item: Value = serde_json::from_str(item.get()).ok()?;
            Some(legacy::record(&item)?.to_string())
        });
        let records = file.vulnerabilities.iter().map(|r| without_space(r.get()));
        for record in records.chain(converted) {
            let is_new = text_of(&record, "id").is_some_and(|id| known.insert(id.to_owned()));
            if is_new && text_of(&record, "published").is_some() {
                writeln!(out, "{record}").map_err(|e| e.to_string())?;
            }
        }
    }
    out.flush().map_err(|e| e.to_string())
}

fn places(path: &Path) -> Result<Vec<Place>, String> {
    let mut reader = BufReader::new(File::open(path).map_err(|e| e.to_string())?);
    let (mut places, mut line, mut from) = (Vec::new(), String::new(), 0);
    loop {
        line.clear();
        let read = reader.read_line(&mut line).map_err(|e| e.to_string())?;
        if read == 0 {
            break;
        }
        let published = text_of(&line, "published")
            .and_then(|text| Time::parse_rfc3339(&format!("{text}Z")).ok());
        if let (Some(id), Some(published)) = (text_of(&line, "id"), published) {
            places.push(Place {
                published,
                id: id.to_owned(),
                from,
                bytes: line.trim_end().len(),
            });
        }
        from += read as u64;
    }
    places.sort_by(|a, b| (a.published, &a.id).cmp(&(b.published, &b.id)));
    Ok(places)
}

/// The first text under a key. Quotes within texts are escaped, so a key is not found in one.
pub fn text_of<'a>(json: &'a str, key: &str) -> Option<&'a str> {
    let (_, after) = json.split_once(&format!("\"{key}\":\""))?;
    after.split('"').next()
}

fn without_space(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    let (mut in_text, mut is_escaped) = (false, false);
    for c in json.chars() {
        if in_text {
            in_text = is_escaped || c != '"';
            is_escaped = !is_escaped && c == '\\';
        } else if c.is_ascii_whitespace() {
            continue;
        } else {
            in_text = c == '"';
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_space_goes_but_not_from_texts() {
        assert_eq!(
            without_space("{ \"a b\" : \"c \\\" d\",\r\n \"e\" : [ 1 ] }"),
            "{\"a b\":\"c \\\" d\",\"e\":[1]}"
        );
    }
}

//! Recorded material for measurements, found by its form and not by its name.

use std::io::Read;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::value::RawValue;

/// Records a page, as the API gives them at most.
const PAGE: usize = 2_000;

#[derive(Deserialize)]
struct File<'a> {
    #[serde(borrow)]
    vulnerabilities: Vec<&'a RawValue>,
}

/// NVD records (JSON 2.0) as pages of the API: the folder's year files, at most `most` records. Versions of
/// one record in several files are left as they are.
pub fn nvd_pages(corpus: &Path, most: usize) -> Result<Vec<Vec<u8>>, String> {
    let files = json_files(&corpus.join("nvd"));
    let mut records: Vec<Box<RawValue>> = Vec::new();
    for path in files {
        if records.len() >= most {
            break;
        }
        let Some(bytes) = read(&path) else { continue };
        let Ok(file) = serde_json::from_slice::<File<'_>>(&bytes) else {
            continue;
        };
        // Small files hold odd records; a rate is measured on usual ones.
        if file.vulnerabilities.len() < 1_000 {
            continue;
        }
        records.extend(file.vulnerabilities.iter().map(|r| (*r).to_owned()));
    }
    records.truncate(most);
    if records.is_empty() {
        return Err(format!(
            "there are no NVD records under {}",
            corpus.display()
        ));
    }
    Ok(records.chunks(PAGE).map(page).collect())
}

fn page(records: &[Box<RawValue>]) -> Vec<u8> {
    let list = records
        .iter()
        .map(|r| r.get())
        .collect::<Vec<_>>()
        .join(",");
    format!(
        "{{\"resultsPerPage\":{0},\"startIndex\":0,\"totalResults\":{0},\"format\":\"NVD_CVE\",\"version\":\"2.0\",\"timestamp\":\"2026-01-01T00:00:00.000\",\"vulnerabilities\":[{list}]}}",
        records.len()
    )
    .into_bytes()
}

/// The JSON files under a folder, in the order of their names.
pub fn json_files(dir: &Path) -> Vec<PathBuf> {
    files(dir, &[".json", ".json.gz"])
}

/// The files under a folder whose names end so, in the order of their names.
pub fn files(dir: &Path, endings: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    walk(dir, endings, &mut found);
    found.sort();
    found
}

/// The files directly in a folder whose names begin so.
pub fn files_in(dir: &Path, beginning: &str) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(dir) else {
        return Vec::new();
    };
    entries
        .flatten()
        .filter(|entry| entry.file_name().to_string_lossy().starts_with(beginning))
        .map(|entry| entry.path())
        .collect()
}

/// A file's bytes, unpacked where it is packed.
pub fn read(path: &Path) -> Option<Vec<u8>> {
    let bytes = std::fs::read(path).ok()?;
    if !bytes.starts_with(&[0x1f, 0x8b]) {
        return Some(bytes);
    }
    let mut plain = Vec::new();
    flate2::read::GzDecoder::new(&bytes[..])
        .read_to_end(&mut plain)
        .ok()?;
    Some(plain)
}

fn walk(dir: &Path, endings: &[&str], found: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(dir) else {
        return;
    };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() {
            walk(&path, endings, found);
        } else {
            let name = path.to_string_lossy();
            if endings.iter().any(|ending| name.ends_with(ending)) {
                found.push(path);
            }
        }
    }
}

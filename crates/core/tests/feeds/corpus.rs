//! The documents, and what the reference parser reads in them.

use std::io::Read;
use std::path::{Path, PathBuf};

use serde_json::Value;

/// One document with its expectation.
pub struct Document {
    /// `real-sites/feedjira/CRE.xml`.
    pub name: String,
    pub bytes: Vec<u8>,
    pub content_type: Option<String>,
    /// Where the document says that it came from.
    pub url: String,
    /// What the reference read.
    pub expected: Vec<Expected>,
}

/// An entry as the reference reads it.
#[derive(Debug, Default, Clone)]
pub struct Expected {
    pub title: Option<String>,
    pub link: Option<String>,
    pub id: Option<String>,
    pub published: Option<String>,
    pub updated: Option<String>,
}

/// The corpus's folder, or a line that says why there is none.
pub fn folder() -> Option<PathBuf> {
    let folder = std::env::var_os("TOCSIN_CORPUS").filter(|v| !v.is_empty());
    if folder.is_none() {
        println!("skipped: TOCSIN_CORPUS is not set");
    }
    folder.map(|f| PathBuf::from(f).join("feeds"))
}

pub fn is_full() -> bool {
    std::env::var_os("TOCSIN_FULL").is_some()
}

/// All documents with an expectation that counts, by name.
pub fn load(folder: &Path) -> Vec<Document> {
    let mut all = Vec::new();
    let files = std::fs::read_dir(folder).expect("the corpus has a folder feeds");
    for file in files.map(|f| f.unwrap().path()) {
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        if name.starts_with("expectations-") && name.ends_with(".json.gz") {
            let text = unpacked(&std::fs::read(&file).unwrap());
            let value: Value = serde_json::from_slice(&text).unwrap();
            let documents = value["files"].as_object().expect("files");
            all.extend(documents.iter().filter_map(|(n, v)| document(folder, n, v)));
        }
    }
    all.sort_by(|a, b| a.name.cmp(&b.name));
    all
}

fn document(folder: &Path, name: &str, value: &Value) -> Option<Document> {
    // An expectation that the reference itself does not meet is no truth.
    let holds = value.get("feedparser_expect_holds");
    if holds.is_some_and(|h| h.as_bool() != Some(true)) {
        return None;
    }
    let json = &value["json_feed"];
    let is_json = json["is_json_feed"].as_bool() != Some(false) && json.is_object();
    let entries = if is_json { json } else { value };
    let text = |entry: &Value, key: &str| {
        let value = entry.get(key)?;
        let text = value.as_str().map(ToOwned::to_owned);
        text.or_else(|| value.as_number().map(ToString::to_string))
            .filter(|t| !t.trim().is_empty())
    };
    let expected = entries["entries"].as_array()?.iter().map(|e| Expected {
        title: text(e, "title"),
        link: text(e, "link").or_else(|| text(e, "external_url")),
        id: text(e, "id"),
        published: text(e, "published"),
        updated: text(e, "updated"),
    });
    let header = |key: &str| {
        let headers = value.get("response_headers")?.as_object()?;
        let (_, value) = headers.iter().find(|(k, _)| k.eq_ignore_ascii_case(key))?;
        value.as_str().map(ToOwned::to_owned)
    };
    Some(Document {
        name: name.to_owned(),
        bytes: bytes(&folder.join(name))?,
        content_type: header("content-type"),
        url: header("content-location")
            .filter(|u| u.starts_with("http"))
            .unwrap_or_else(|| "https://corpus.example/feed.xml".to_owned()),
        expected: expected.collect(),
    })
}

/// A file's bytes; some are stored packed, under their own name with `.gz`.
fn bytes(path: &Path) -> Option<Vec<u8>> {
    if let Ok(bytes) = std::fs::read(path) {
        return Some(bytes);
    }
    let packed = format!("{}.gz", path.display());
    Some(unpacked(&std::fs::read(packed).ok()?))
}

fn unpacked(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    flate2::read::MultiGzDecoder::new(bytes)
        .read_to_end(&mut out)
        .unwrap();
    out
}

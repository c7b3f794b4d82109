//! The labelled texts, read from `TOCSIN_CORPUS/ml`, and the rule of what may train.

use std::io::Read;
use std::path::{Path, PathBuf};

use flate2::read::MultiGzDecoder;
use tocsin_analysis::eval::{VulnText, read_lines};

/// What went wrong, for people.
pub type Failure = String;

/// Nothing that was published on this day or later trains or tunes a model.
pub const NEWEST: &str = "2025-12-01";

/// A folder of labelled texts.
pub struct Corpus {
    ml: PathBuf,
}

impl Corpus {
    /// The folder `ml` of a corpus.
    pub fn open(corpus: &Path) -> Result<Self, Failure> {
        let ml = corpus.join("ml");
        if ml.is_dir() {
            Ok(Self { ml })
        } else {
            Err(format!("{} is no folder: set TOCSIN_CORPUS", ml.display()))
        }
    }

    /// The text of a file, by its name without `.gz`.
    pub fn lines(&self, name: &str) -> Result<String, Failure> {
        let plain = self.ml.join(name);
        if plain.is_file() {
            read_text(&plain)
        } else {
            read_text(&self.ml.join(format!("{name}.gz")))
        }
    }

    /// Vulnerabilities that may train: dated before [`NEWEST`], or undated with an id of 2024 or before (the
    /// only undated ones are of CISA's collection, which ends in 2024). The same text counts once.
    pub fn vulnerabilities(&self, name: &str) -> Result<Vec<VulnText>, Failure> {
        let mut texts: Vec<VulnText> =
            read_lines(&self.lines(name)?).map_err(|e| format!("{name}: {e}"))?;
        texts.retain(may_train);
        Ok(texts)
    }
}

fn may_train(text: &VulnText) -> bool {
    if text.published.is_empty() {
        text.id.get(4..8).is_some_and(|year| year <= "2024")
    } else {
        text.published.as_str() < NEWEST
    }
}

/// A text file; gzip is unpacked by its first bytes, whatever its name.
pub fn read_text(path: &Path) -> Result<String, Failure> {
    let bytes = std::fs::read(path).map_err(|e| format!("{}: {e}", path.display()))?;
    let mut text = String::new();
    if bytes.starts_with(&[0x1f, 0x8b]) {
        MultiGzDecoder::new(bytes.as_slice())
            .read_to_string(&mut text)
            .map_err(|e| format!("{}: {e}", path.display()))?;
        Ok(text)
    } else {
        String::from_utf8(bytes).map_err(|e| format!("{}: {e}", path.display()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_new_trains() {
        let check = |id: &str, published: &str, expect: bool| {
            let text = VulnText {
                id: id.into(),
                published: published.into(),
                ..VulnText::default()
            };
            assert_eq!(may_train(&text), expect, "{id} {published}");
        };
        check("CVE-2024-0001", "2024-08-14", true);
        check("CVE-2015-0001", "2025-12-01", false);
        check("CVE-2015-0001", "2026-03-01", false);
        check("CVE-2024-0001", "", true);
        check("CVE-2025-0001", "", false);
        check("", "", false);
    }
}

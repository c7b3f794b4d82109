//! The scores of an EPSS file, read when the API is first asked.

use std::collections::HashMap;
use std::io;

use crate::corpus::documents::{Dated, epss_date};
use crate::corpus::source::{decompress, is_gzip};

/// A score as the file writes it: probability and percentile.
#[derive(Debug, Clone)]
pub(crate) struct Score {
    pub(crate) epss: String,
    pub(crate) percentile: String,
}

/// One day's scores.
#[derive(Debug, Default)]
pub(crate) struct Scores {
    /// `YYYY-MM-DD`, as the API states it.
    pub(crate) date: String,
    /// In the file's order.
    pub(crate) ids: Vec<String>,
    pub(crate) by_id: HashMap<String, Score>,
}

impl Scores {
    pub(crate) fn read(dated: &Dated) -> io::Result<Self> {
        let stored = dated.file.read_stored()?;
        let plain = if is_gzip(&stored) {
            decompress(&stored)?
        } else {
            stored
        };
        Ok(Self::parse(&String::from_utf8_lossy(&plain)))
    }

    fn parse(text: &str) -> Self {
        let date = epss_date(text.get(..512).unwrap_or(text));
        let mut scores = Self {
            date: date.map_or(String::new(), |date| date.format("%Y-%m-%d").to_string()),
            ..Self::default()
        };
        for line in text.lines() {
            let mut columns = line.split(',').map(str::trim);
            let (Some(id), Some(epss), Some(percentile)) =
                (columns.next(), columns.next(), columns.next())
            else {
                continue;
            };
            if !id.starts_with("CVE-") {
                continue;
            }
            scores.ids.push(id.to_owned());
            let score = Score {
                epss: epss.to_owned(),
                percentile: percentile.to_owned(),
            };
            scores.by_id.insert(id.to_owned(), score);
        }
        scores
    }
}

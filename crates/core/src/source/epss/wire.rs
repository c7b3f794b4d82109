//! The file: gzip or plain, told by its first bytes; a comment `#model_version:...,score_date:...`, which
//! old files lack; a header; a line a CVE.

use std::io::Read;

use chrono::{DateTime, NaiveDate};
use flate2::read::MultiGzDecoder;

use crate::error::Fault;
use crate::model::Time;

/// The most that a file may be when unpacked: ten times what it is.
const MOST_BYTES: u64 = 96 * 1024 * 1024;

/// An unpacked file and how far it was read.
#[derive(Debug)]
pub(super) struct File {
    text: Vec<u8>,
    at: usize,
    columns: Columns,
    /// The day that the scores are of, where it says so.
    pub day: Option<Time>,
}

/// Which column is which.
#[derive(Clone, Copy, Debug)]
struct Columns {
    cve: usize,
    probability: usize,
    percentile: Option<usize>,
}

/// A line as it is written.
#[derive(Debug, PartialEq)]
pub(super) struct Line<'a> {
    pub cve: &'a str,
    pub probability: &'a str,
    pub percentile: Option<&'a str>,
}

impl File {
    /// Unpacks a file and reads what stands before its scores.
    ///
    /// # Errors
    /// `epss_unreadable`.
    pub fn open(bytes: Vec<u8>) -> Result<Self, Fault> {
        let mut file = Self {
            text: unpacked(bytes)?,
            at: 0,
            columns: Columns {
                cve: 0,
                probability: 1,
                percentile: None,
            },
            day: None,
        };
        while let Some(line) = file.next_text() {
            if line.starts_with('#') {
                let day = day(line);
                file.day = file.day.or(day);
                continue;
            }
            let columns =
                columns(line).ok_or_else(|| unreadable("it has no columns cve and epss"))?;
            file.columns = columns;
            return Ok(file);
        }
        Err(unreadable("it is empty"))
    }

    /// The next line with anything on it, its text as far as it is UTF-8.
    fn next_text(&mut self) -> Option<&str> {
        loop {
            let rest = self.text.get(self.at..).filter(|rest| !rest.is_empty())?;
            let end = rest.iter().position(|b| *b == b'\n').unwrap_or(rest.len());
            let (from, to) = (self.at, self.at + end);
            self.at = to + 1;
            let line = &self.text[from..to];
            let is_blank = line.iter().all(u8::is_ascii_whitespace);
            if !is_blank {
                let line = &self.text[from..to];
                let valid = match std::str::from_utf8(line) {
                    Ok(text) => text,
                    Err(error) => {
                        std::str::from_utf8(&line[..error.valid_up_to()]).unwrap_or_default()
                    }
                };
                return Some(valid.trim().trim_start_matches('\u{feff}'));
            }
        }
    }

    /// The next score.
    pub fn next_line(&mut self) -> Option<Line<'_>> {
        let columns = self.columns;
        let line = self.next_text()?;
        let cell = |at: usize| line.split(',').nth(at).map(unquoted);
        Some(Line {
            cve: cell(columns.cve).unwrap_or_default(),
            probability: cell(columns.probability).unwrap_or_default(),
            percentile: columns.percentile.map(|at| cell(at).unwrap_or_default()),
        })
    }
}

fn unpacked(bytes: Vec<u8>) -> Result<Vec<u8>, Fault> {
    if !bytes.starts_with(b"\x1f\x8b") {
        return Ok(bytes);
    }
    let mut text = Vec::new();
    let read = MultiGzDecoder::new(bytes.as_slice())
        .take(MOST_BYTES + 1)
        .read_to_end(&mut text);
    match read {
        Err(_) => Err(unreadable("it is cut or damaged")),
        Ok(_) if text.len() as u64 > MOST_BYTES => Err(unreadable("it is far too large")),
        Ok(_) => Ok(text),
    }
}

fn columns(header: &str) -> Option<Columns> {
    let place = |name: &str| {
        header
            .split(',')
            .position(|cell| unquoted(cell).eq_ignore_ascii_case(name))
    };
    Some(Columns {
        cve: place("cve")?,
        probability: place("epss")?,
        percentile: place("percentile"),
    })
}

fn unquoted(cell: &str) -> &str {
    cell.trim().trim_matches('"')
}

/// `score_date` of the comment: a moment with or without a colon in its zone, or a day.
fn day(comment: &str) -> Option<Time> {
    let (_, rest) = comment.split_once("score_date:")?;
    let date = rest.split(',').next()?.trim();
    let moment = DateTime::parse_from_rfc3339(date)
        .or_else(|_| DateTime::parse_from_str(date, "%Y-%m-%dT%H:%M:%S%z"));
    let day = match moment {
        Ok(moment) => moment.to_utc().date_naive(),
        Err(_) => NaiveDate::parse_from_str(date.get(..10)?, "%Y-%m-%d").ok()?,
    };
    Some(day.and_hms_opt(0, 0, 0)?.and_utc().into())
}

pub(super) fn unreadable(reason: &str) -> Fault {
    Fault::new(
        "epss_unreadable",
        format!("The file of EPSS scores cannot be used: {reason}. The scores that were known stay; it is tried again later."),
    )
    .with("reason", reason)
}

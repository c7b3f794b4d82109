//! Reads the file: what it says of itself, then batches of records, analysed on all cores.

use std::fs::File;
use std::io::{self, BufReader};
use std::path::Path;

use rayon::iter::{IntoParallelIterator, ParallelIterator};

use super::record;
use super::split::{Piece, Split};
use crate::analyse::{self, Analyser};
use crate::error::Fault;
use crate::export::json::{FORMAT, Origin};
use crate::model::{Alert, Finding, Problem, Time};
use crate::store::records::Carried;

/// Records of a batch: one transaction.
const MOST_RECORDS: usize = 500;
/// Bytes of a batch, so that large records come in small batches.
const MOST_BATCH_BYTES: usize = 16 << 20;
/// Bytes of a record. The largest that Tocsin writes has a text of 256 KB and its history.
const MOST_RECORD_BYTES: usize = 16 << 20;
/// Bytes of what a file says of itself, or of a name.
const MOST_HEADER_BYTES: usize = 64 << 10;
const BUFFER_BYTES: usize = 1 << 18;

/// Records that could be used, and what was wrong with the others.
#[derive(Debug, Default)]
pub struct Batch {
    /// Alerts as they would be stored.
    pub alerts: Vec<(Alert, Finding, Carried)>,
    /// Records that could not be used.
    pub problems: Vec<Problem>,
    /// What those that could lost.
    pub losses: Vec<Problem>,
}

/// An open file.
#[derive(Debug)]
pub struct Reader {
    split: Split<BufReader<File>>,
    size_bytes: u64,
    records: u32,
    is_first: bool,
    is_over: bool,
}

impl Reader {
    /// Opens a file and reads what it says of itself.
    ///
    /// # Errors
    /// `file_unreadable`, `import_foreign` where it is no JSON export of Tocsin's, `import_newer`.
    pub fn open(path: &Path) -> Result<Self, Fault> {
        let unreadable = |error: io::Error| {
            Fault::new(
                "file_unreadable",
                format!("{} could not be read: {error}", path.display()),
            )
            .with("path", path.display())
            .with("reason", error)
        };
        // Asked first: opening a pipe would wait for whoever writes to it.
        let found = std::fs::metadata(path).map_err(unreadable)?;
        if !found.is_file() {
            return Err(unreadable(io::Error::other("it is not a file")));
        }
        let file = File::open(path).map_err(unreadable)?;
        let mut reader = Self {
            split: Split::new(BufReader::with_capacity(BUFFER_BYTES, file)),
            size_bytes: found.len(),
            records: 0,
            is_first: true,
            is_over: false,
        };
        match reader.header().map_err(unreadable)? {
            Header::Ours => Ok(reader),
            Header::Foreign => Err(Fault::new(
                "import_foreign",
                format!(
                    "{} is not a JSON export of Tocsin's. Only that can be imported: CSV, STIX and Markdown do not hold enough of an alert.",
                    path.display()
                ),
            )
            .with("path", path.display())),
            Header::Newer(version) => Err(Fault::new(
                "import_newer",
                format!(
                    "{} was written by a newer Tocsin ({version}) in a form that this one does not know. Update Tocsin.",
                    path.display()
                ),
            )
            .with("path", path.display())
            .with("version", version)),
        }
    }

    /// Records read so far, and how many there may be in all: as many to a byte as up to now.
    #[must_use]
    pub fn progress(&self) -> (u32, u32) {
        let read = self.split.bytes_read().max(1);
        let all = u128::from(self.records) * u128::from(self.size_bytes) / u128::from(read);
        let all = u32::try_from(all).unwrap_or(u32::MAX);
        (self.records, all.max(self.records))
    }

    /// The next records, analysed; `None` after the last.
    ///
    /// # Errors
    /// `file_unreadable` where reading fails in the middle.
    pub fn batch(&mut self, analyser: &Analyser, now: Time) -> Result<Option<Batch>, Fault> {
        if self.is_over {
            return Ok(None);
        }
        let (pieces, mut problems) = self.pieces().map_err(|error| {
            Fault::new(
                "file_unreadable",
                format!("The file could not be read to its end: {error}"),
            )
        })?;
        let read: Vec<Result<_, Problem>> = pieces
            .into_par_iter()
            .map(|(place, bytes)| {
                let (alert, carried, lost) = record::read(&bytes, place, now)?;
                let finding = analyse::analyse(analyser, &alert);
                Ok(((alert, finding, carried), lost))
            })
            .collect();
        let mut alerts = Vec::with_capacity(read.len());
        let mut losses = Vec::new();
        for result in read {
            match result {
                Ok((alert, lost)) => {
                    alerts.push(alert);
                    losses.extend(lost);
                }
                Err(problem) => problems.push(problem),
            }
        }
        Ok(Some(Batch {
            alerts,
            problems,
            losses,
        }))
    }

    #[allow(clippy::type_complexity)] // Used once, and named where it is taken apart.
    fn pieces(&mut self) -> io::Result<(Vec<(u32, Vec<u8>)>, Vec<Problem>)> {
        let (mut pieces, mut problems, mut bytes) = (Vec::new(), Vec::new(), 0);
        while pieces.len() + problems.len() < MOST_RECORDS && bytes < MOST_BATCH_BYTES {
            if self.split.take(b']')? {
                self.is_over = true;
                break;
            }
            let is_next = self.is_first || self.split.take(b',')?;
            let piece = if is_next {
                self.split.value(MOST_RECORD_BYTES)?
            } else {
                Piece::Broken
            };
            self.is_first = false;
            self.records = self.records.saturating_add(1);
            let what = match piece {
                Piece::Value(value) => {
                    bytes += value.len();
                    pieces.push((self.records, value));
                    continue;
                }
                Piece::TooLarge => record::bad("The record is larger than any of Tocsin's.".into()),
                Piece::Broken => {
                    self.is_over = true;
                    Fault::new(
                        "import_cut_short",
                        "The file ends or is damaged here; what stands before was taken over.",
                    )
                }
            };
            problems.push(Problem {
                subject: format!("record {}", self.records),
                fault: what,
            });
            if self.is_over {
                break;
            }
        }
        Ok((pieces, problems))
    }

    /// Everything up to the first record.
    fn header(&mut self) -> io::Result<Header> {
        // A byte order mark that an editor left.
        if self.split.take(0xef)? && !(self.split.take(0xbb)? && self.split.take(0xbf)?) {
            return Ok(Header::Foreign);
        }
        if !self.split.take(b'{')? || !self.name(b"\"tocsin\"")? {
            return Ok(Header::Foreign);
        }
        let Piece::Value(origin) = self.split.value(MOST_HEADER_BYTES)? else {
            return Ok(Header::Foreign);
        };
        // The format first: what else a newer file says of itself may look otherwise.
        let format = serde_json::from_slice::<serde_json::Value>(&origin)
            .ok()
            .and_then(|origin| origin["format"].as_u64().zip(Some(origin)));
        match format {
            Some((format, origin)) if format > u64::from(FORMAT) => {
                let version = origin["version"].as_str().unwrap_or("?");
                Ok(Header::Newer(version.chars().take(40).collect()))
            }
            Some(_) if serde_json::from_slice::<Origin>(&origin).is_ok() => {
                let is_ours =
                    self.split.take(b',')? && self.name(b"\"alerts\"")? && self.split.take(b'[')?;
                Ok(if is_ours {
                    Header::Ours
                } else {
                    Header::Foreign
                })
            }
            _ => Ok(Header::Foreign),
        }
    }

    /// Takes a name and its colon; false where another stands there.
    fn name(&mut self, wanted: &[u8]) -> io::Result<bool> {
        let is = self.split.peek()? == Some(b'"')
            && self.split.value(MOST_HEADER_BYTES)? == Piece::Value(wanted.to_vec());
        Ok(is && self.split.take(b':')?)
    }
}

enum Header {
    Ours,
    Foreign,
    Newer(String),
}

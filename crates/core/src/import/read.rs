//! Reads the file: what it is packed in, what it says of itself, then batches of records, read on all cores.

use std::fs::File;
use std::io::{self, ErrorKind};
use std::path::Path;

use rayon::iter::{IntoParallelIterator, ParallelIterator};

use super::record;
use super::split::{Piece, Split};
use super::unpack::{Stream, Unpacked};
use crate::analyse::{self, Analyser};
use crate::error::Fault;
use crate::export::json::{FORMAT, Origin};
use crate::model::{Alert, Draft, Finding, Problem, SourceId, Time};
use crate::source::nvd;
use crate::store::records::Carried;

/// Records of a batch: one transaction.
const MOST_RECORDS: usize = 500;
/// The same of NVD's records: a page.
const MOST_NVD_RECORDS: usize = 2_000;
/// Things that a file says of itself.
const MOST_NAMES: usize = 1_000;
/// Bytes of a batch, so that large records come in small batches.
const MOST_BATCH_BYTES: usize = 16 << 20;
/// Bytes of a record. The largest that Tocsin writes has a text of 256 KB and its history.
const MOST_RECORD_BYTES: usize = 16 << 20;
/// Bytes of what a file says of itself, or of a name.
const MOST_HEADER_BYTES: usize = 64 << 10;

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

/// Records of NVD's, and what was wrong with the others.
#[derive(Debug, Default)]
pub struct NvdBatch {
    /// Records that could be read.
    pub drafts: Vec<Draft>,
    /// Records that could not.
    pub problems: Vec<Problem>,
    /// What those that could lost.
    pub losses: Vec<Problem>,
    /// When NVD made the file.
    pub as_of: Option<Time>,
}

/// A part of a file.
#[derive(Debug)]
pub enum Taken {
    /// Of an export of Tocsin's.
    Ours(Batch),
    /// Of a file of NVD's.
    Nvd(NvdBatch),
}

/// What a document is.
#[derive(Clone, Copy, Debug)]
enum Kind {
    Ours,
    Nvd(nvd::Form, Option<Time>),
}

/// An open file.
pub struct Reader {
    unpacked: Unpacked,
    split: Split<Stream>,
    kind: Kind,
    size_bytes: u64,
    records: u32,
    is_first: bool,
    /// Whether the present document is over.
    is_over: bool,
}

impl Reader {
    /// Opens a file and reads what it says of itself.
    ///
    /// # Errors
    /// `file_unreadable`, `import_foreign` where it is neither NVD's nor an export of Tocsin's,
    /// `import_newer`.
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
        let mut unpacked = Unpacked::open(file).map_err(unreadable)?;
        let first = unpacked.next_stream().map_err(unreadable)?;
        let first = first.unwrap_or_else(|| Box::new(io::empty()));
        let mut reader = Self {
            unpacked,
            split: Split::new(first),
            kind: Kind::Ours,
            size_bytes: found.len(),
            records: 0,
            is_first: true,
            is_over: false,
        };
        let path = path.display();
        match reader.header().map_err(unreadable)? {
            Header::Known(kind) => {
                reader.kind = kind;
                Ok(reader)
            }
            Header::Foreign => Err(Fault::new(
                "import_foreign",
                format!(
                    "{path} is neither a JSON file of NVD's (2.0 or 1.1) nor a JSON export of Tocsin's. Only these can be imported: CSV, STIX and Markdown do not hold enough of an alert.",
                ),
            )
            .with("path", path)),
            Header::Newer(version) => Err(Fault::new(
                "import_newer",
                format!(
                    "{path} was written by a newer Tocsin ({version}) in a form that this one does not know. Update Tocsin.",
                ),
            )
            .with("path", path)
            .with("version", version)),
        }
    }

    /// Records read so far, and how many there may be in all: as many to a byte as up to now.
    #[must_use]
    pub fn progress(&self) -> (u32, u32) {
        let read = self.unpacked.bytes_read().max(1);
        let all = u128::from(self.records) * u128::from(self.size_bytes) / u128::from(read);
        let all = u32::try_from(all).unwrap_or(u32::MAX);
        (self.records, all.max(self.records))
    }

    /// The next records, read and, where they are ours, analysed; `None` after the last.
    ///
    /// # Errors
    /// `file_unreadable` where reading fails in the middle.
    pub fn batch(&mut self, analyser: &Analyser, now: Time) -> Result<Option<Taken>, Fault> {
        let unreadable = |error| {
            Fault::new(
                "file_unreadable",
                format!("The file could not be read to its end: {error}"),
            )
        };
        if self.is_over && !self.next_document().map_err(unreadable)? {
            return Ok(None);
        }
        let most = match self.kind {
            Kind::Ours => MOST_RECORDS,
            Kind::Nvd(..) => MOST_NVD_RECORDS,
        };
        let (pieces, problems) = self.pieces(most).map_err(unreadable)?;
        Ok(Some(match self.kind {
            Kind::Ours => Taken::Ours(ours(pieces, problems, analyser, now)),
            Kind::Nvd(form, as_of) => Taken::Nvd(NvdBatch {
                as_of,
                ..nvds(pieces, problems, form)
            }),
        }))
    }

    /// Goes on with the next file of a ZIP; one that is of another kind is passed over.
    fn next_document(&mut self) -> io::Result<bool> {
        while let Some(stream) = self.unpacked.next_stream()? {
            self.split = Split::new(stream);
            self.is_first = true;
            self.is_over = false;
            if let Header::Known(kind) = self.header()? {
                self.kind = kind;
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn pieces(&mut self, most: usize) -> io::Result<(Pieces, Vec<Problem>)> {
        let (mut pieces, mut problems, mut bytes) = (Vec::new(), Vec::new(), 0);
        while !self.is_over && pieces.len() + problems.len() < most && bytes < MOST_BATCH_BYTES {
            let Some(piece) = self.piece().or_else(damaged)? else {
                self.is_over = true;
                break;
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

    /// The next record; `None` after the last.
    fn piece(&mut self) -> io::Result<Option<Piece>> {
        if self.split.take(b']')? {
            return Ok(None);
        }
        let is_next = self.is_first || self.split.take(b',')?;
        Ok(Some(if is_next {
            self.split.value(MOST_RECORD_BYTES)?
        } else {
            Piece::Broken
        }))
    }

    /// Everything up to the first record.
    fn header(&mut self) -> io::Result<Header> {
        // A byte order mark that an editor left.
        if self.split.take(0xef)? && !(self.split.take(0xbb)? && self.split.take(0xbf)?) {
            return Ok(Header::Foreign);
        }
        if !self.split.take(b'{')? {
            return Ok(Header::Foreign);
        }
        let (mut is_nvd, mut as_of) = (false, None);
        for place in 0..MOST_NAMES {
            let Some(name) = self.any_name()? else {
                return Ok(Header::Foreign);
            };
            match name.as_slice() {
                b"\"tocsin\"" if place == 0 => return self.our_header(),
                b"\"vulnerabilities\"" if self.split.take(b'[')? => {
                    return Ok(Header::Known(Kind::Nvd(nvd::Form::Present, as_of)));
                }
                b"\"CVE_Items\"" if self.split.take(b'[')? => {
                    // What is in the present form too is not undone: that says more.
                    return Ok(Header::Known(Kind::Nvd(nvd::Form::Legacy, None)));
                }
                name => {
                    let value = self.split.value(MOST_HEADER_BYTES)?;
                    let word = match &value {
                        Piece::Value(json) => serde_json::from_slice::<String>(json).ok(),
                        Piece::TooLarge => None,
                        Piece::Broken => return Ok(Header::Foreign),
                    };
                    match (name, word.as_deref()) {
                        (b"\"timestamp\"", Some(text)) => as_of = nvd::file_time(text),
                        (b"\"format\"", Some("NVD_CVE")) | (b"\"CVE_data_type\"", Some("CVE")) => {
                            is_nvd = true
                        }
                        _ => {}
                    }
                }
            }
            if !self.split.take(b',')? {
                // An answer without records: NVD leaves the list out.
                self.is_over = self.split.take(b'}')?;
                let kind = Kind::Nvd(nvd::Form::Present, as_of);
                return Ok(if is_nvd && self.is_over {
                    Header::Known(kind)
                } else {
                    Header::Foreign
                });
            }
        }
        Ok(Header::Foreign)
    }

    /// What an export says of itself.
    fn our_header(&mut self) -> io::Result<Header> {
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
                let is_ours = self.split.take(b',')?
                    && self.any_name()?.as_deref() == Some(b"\"alerts\"")
                    && self.split.take(b'[')?;
                Ok(if is_ours {
                    Header::Known(Kind::Ours)
                } else {
                    Header::Foreign
                })
            }
            _ => Ok(Header::Foreign),
        }
    }

    /// Takes a name and its colon; `None` where something else stands there.
    fn any_name(&mut self) -> io::Result<Option<Vec<u8>>> {
        if self.split.peek()? != Some(b'"') {
            return Ok(None);
        }
        let Piece::Value(name) = self.split.value(MOST_HEADER_BYTES)? else {
            return Ok(None);
        };
        Ok(self.split.take(b':')?.then_some(name))
    }
}

enum Header {
    Known(Kind),
    Foreign,
    Newer(String),
}

/// Records with their places, which count from 1.
type Pieces = Vec<(u32, Vec<u8>)>;

/// A file that is packed and damaged ends where it is damaged, as one that is not packed does.
fn damaged(error: io::Error) -> io::Result<Option<Piece>> {
    match error.kind() {
        ErrorKind::InvalidData | ErrorKind::InvalidInput | ErrorKind::UnexpectedEof => {
            Ok(Some(Piece::Broken))
        }
        _ => Err(error),
    }
}

fn ours(pieces: Pieces, problems: Vec<Problem>, analyser: &Analyser, now: Time) -> Batch {
    let read: Vec<Result<_, Problem>> = pieces
        .into_par_iter()
        .map(|(place, bytes)| {
            let (alert, carried, lost) = record::read(&bytes, place, now)?;
            let finding = analyse::analyse(analyser, &alert);
            Ok(((alert, finding, carried), lost))
        })
        .collect();
    let mut batch = Batch {
        problems,
        ..Batch::default()
    };
    for result in read {
        match result {
            Ok((alert, lost)) => {
                batch.alerts.push(alert);
                batch.losses.extend(lost);
            }
            Err(problem) => batch.problems.push(problem),
        }
    }
    batch
}

fn nvds(pieces: Pieces, problems: Vec<Problem>, form: nvd::Form) -> NvdBatch {
    let source = SourceId::new("nvd");
    let read: Vec<Result<_, Problem>> = pieces
        .into_par_iter()
        .map(|(place, bytes)| nvd::read_record(&source, form, &bytes, place as usize))
        .collect();
    let mut batch = NvdBatch {
        problems,
        ..NvdBatch::default()
    };
    for result in read {
        match result {
            Ok((draft, lost)) => {
                batch.drafts.push(draft);
                batch.losses.extend(lost);
            }
            Err(problem) => batch.problems.push(problem),
        }
    }
    batch
}

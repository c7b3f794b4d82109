//! Opens a file whatever it is packed in: as it is, gzip, XZ, or a ZIP with one or more JSON files. Told by
//! its first bytes and not by its name, and read as a stream.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use flate2::bufread::{DeflateDecoder, MultiGzDecoder};
use lzma_rust2::XzReader;

const BUFFER_BYTES: usize = 1 << 18;
/// The most that the dictionary of an XZ may take, in KiB: `xz -9` needs 64 MiB.
const MOST_XZ_KIB: u32 = 256 << 10;

/// A document in a file, as a stream.
pub(super) type Stream = Box<dyn BufRead + Send>;

/// A file taken apart.
pub(super) struct Unpacked {
    /// Its documents in their order: one, or those of a ZIP. The first is the last.
    rest: Vec<Part>,
    file: File,
    taken: Arc<AtomicU64>,
}

impl std::fmt::Debug for Unpacked {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Unpacked({} left)", self.rest.len())
    }
}

/// Where a document is in the file.
#[derive(Debug)]
struct Part {
    start: u64,
    bytes: u64,
    packing: Packing,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Packing {
    Plain,
    Gzip,
    Xz,
    Deflate,
}

impl Unpacked {
    /// Looks at a file's first bytes, and at a ZIP's directory.
    pub fn open(mut file: File) -> io::Result<Self> {
        let size = file.metadata()?.len();
        let packing = packing_of(&mut file)?;
        let mut rest = match packing {
            Some(packing) => vec![Part {
                start: 0,
                bytes: size,
                packing,
            }],
            None => zip_parts(&mut file, size)?,
        };
        rest.reverse();
        Ok(Self {
            rest,
            file,
            taken: Arc::default(),
        })
    }

    /// The next document; `None` after the last.
    pub fn next_stream(&mut self) -> io::Result<Option<Stream>> {
        let Some(part) = self.rest.pop() else {
            return Ok(None);
        };
        self.file.seek(SeekFrom::Start(part.start))?;
        let packed = Counted {
            from: BufReader::with_capacity(BUFFER_BYTES, self.file.try_clone()?.take(part.bytes)),
            taken: Arc::clone(&self.taken),
        };
        Ok(Some(match part.packing {
            Packing::Plain => Box::new(packed),
            Packing::Gzip => buffered(MultiGzDecoder::new(packed)),
            Packing::Deflate => buffered(DeflateDecoder::new(packed)),
            Packing::Xz => buffered(XzReader::new_mem_limit(packed, true, MOST_XZ_KIB)),
        }))
    }

    /// Bytes of the file that were used so far; what is only read ahead does not count.
    pub fn bytes_read(&self) -> u64 {
        self.taken.load(Ordering::Relaxed)
    }
}

fn buffered(from: impl Read + Send + 'static) -> Stream {
    Box::new(BufReader::with_capacity(BUFFER_BYTES, from))
}

/// Counts what is taken from the file and used.
struct Counted<R> {
    from: R,
    taken: Arc<AtomicU64>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.from.read(into)?;
        self.taken.fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}

impl<R: BufRead> BufRead for Counted<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.from.fill_buf()
    }

    fn consume(&mut self, used: usize) {
        self.taken.fetch_add(used as u64, Ordering::Relaxed);
        self.from.consume(used);
    }
}

/// How a file is packed; `None` for a ZIP.
fn packing_of(file: &mut File) -> io::Result<Option<Packing>> {
    let mut head = Vec::new();
    file.seek(SeekFrom::Start(0))?;
    file.by_ref().take(6).read_to_end(&mut head)?;
    Ok(match head.as_slice() {
        [0x1f, 0x8b, ..] => Some(Packing::Gzip),
        [0xfd, b'7', b'z', b'X', b'Z', 0] => Some(Packing::Xz),
        [b'P', b'K', 3 | 5, 4 | 6, ..] => None,
        _ => Some(Packing::Plain),
    })
}

/// The end of a ZIP's directory: 22 bytes and a comment.
const END: usize = 22;
const MOST_COMMENT: u64 = 0xffff;
/// Files in a ZIP, and bytes of its directory.
const MOST_FILES: usize = 1_000;
const MOST_DIRECTORY: u64 = 1 << 20;

/// The JSON files of a ZIP (APPNOTE.TXT 6.3, sections 4.3.7, 4.3.12 and 4.3.16). What NVD and its mirrors
/// give is one file, deflated; ZIP64, encryption and other methods are refused.
fn zip_parts(file: &mut File, size: u64) -> io::Result<Vec<Part>> {
    let tail_bytes = size.min(END as u64 + MOST_COMMENT);
    let tail = read_at(file, size - tail_bytes, tail_bytes)?;
    let end = (0..=tail.len().saturating_sub(END))
        .rev()
        .find(|at| tail[*at..].starts_with(b"PK\x05\x06"))
        .filter(|at| at + END <= tail.len())
        .ok_or_else(|| bad_zip("its directory is missing; it may be cut short"))?;
    let entries = usize::from(u16_at(&tail, end + 10)?);
    let (bytes, start) = (
        u64::from(u32_at(&tail, end + 12)?),
        u64::from(u32_at(&tail, end + 16)?),
    );
    if start == u64::from(u32::MAX) || entries == usize::from(u16::MAX) {
        return Err(bad_zip("it is of the form ZIP64; unpack it first"));
    }
    if entries > MOST_FILES || bytes > MOST_DIRECTORY || start + bytes > size {
        return Err(bad_zip("its directory makes no sense"));
    }
    let directory = read_at(file, start, bytes)?;
    let (mut at, mut parts) = (0, Vec::new());
    for _ in 0..entries {
        if directory.get(at..at + 4) != Some(b"PK\x01\x02") {
            return Err(bad_zip("its directory is damaged"));
        }
        let name_bytes = usize::from(u16_at(&directory, at + 28)?);
        let name = directory.get(at + 46..at + 46 + name_bytes);
        let name = name.ok_or_else(|| bad_zip("its directory is cut short"))?;
        if name.to_ascii_lowercase().ends_with(b".json") {
            parts.push(zip_part(file, &directory, at, size)?);
        }
        let more = usize::from(u16_at(&directory, at + 30)?);
        let comment = usize::from(u16_at(&directory, at + 32)?);
        at += 46 + name_bytes + more + comment;
    }
    if parts.is_empty() {
        return Err(bad_zip("there is no JSON file in it"));
    }
    Ok(parts)
}

fn zip_part(file: &mut File, directory: &[u8], at: usize, size: u64) -> io::Result<Part> {
    let is_encrypted = u16_at(directory, at + 8)? & 1 != 0;
    let packing = match u16_at(directory, at + 10)? {
        0 if !is_encrypted => Packing::Plain,
        8 if !is_encrypted => Packing::Deflate,
        _ => {
            return Err(bad_zip(
                "a file in it is encrypted or packed in a way that is not known; unpack it first",
            ));
        }
    };
    let bytes = u64::from(u32_at(directory, at + 20)?);
    let header = u64::from(u32_at(directory, at + 42)?);
    let local = read_at(file, header, 30)?;
    if !local.starts_with(b"PK\x03\x04") {
        return Err(bad_zip("a file in it is not where its directory says"));
    }
    let names = u64::from(u16_at(&local, 26)?) + u64::from(u16_at(&local, 28)?);
    let start = header + 30 + names;
    if start + bytes > size {
        return Err(bad_zip("a file in it is cut short"));
    }
    Ok(Part {
        start,
        bytes,
        packing,
    })
}

fn read_at(file: &mut File, at: u64, bytes: u64) -> io::Result<Vec<u8>> {
    let mut read = Vec::new();
    file.seek(SeekFrom::Start(at))?;
    file.by_ref().take(bytes).read_to_end(&mut read)?;
    Ok(read)
}

fn u16_at(bytes: &[u8], at: usize) -> io::Result<u16> {
    match bytes.get(at..at + 2) {
        Some([a, b]) => Ok(u16::from_le_bytes([*a, *b])),
        _ => Err(bad_zip("it is cut short")),
    }
}

fn u32_at(bytes: &[u8], at: usize) -> io::Result<u32> {
    Ok(u32::from(u16_at(bytes, at)?) | u32::from(u16_at(bytes, at + 2)?) << 16)
}

fn bad_zip(what: &str) -> io::Error {
    io::Error::new(
        io::ErrorKind::InvalidData,
        format!("the ZIP cannot be read: {what}"),
    )
}

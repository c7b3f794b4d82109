//! The first 100 bytes of an SQLite file, written anew where they are garbage: without them SQLite reads
//! nothing of a file whose pages may all be whole. (<https://sqlite.org/fileformat2.html>, 1.3.)

use std::fs::OpenOptions;
use std::io::{Seek as _, SeekFrom, Write as _};
use std::path::Path;

use super::StoreError;
use super::files::{self, LOG, beside, failed};

/// SQLite's default, which our files have.
const PAGE_BYTES: u64 = 4096;

/// Writes a header as ours have it: UTF-8, no reserved bytes, no free pages known.
pub(super) fn write_anew(path: &Path) -> Result<(), StoreError> {
    let pages = u32::try_from(files::size(path) / PAGE_BYTES).unwrap_or(u32::MAX);
    let has_log = files::size(&beside(path, LOG)) > 0;
    let mut file = OpenOptions::new()
        .write(true)
        .open(path)
        .map_err(failed("open", path))?;
    file.seek(SeekFrom::Start(0))
        .and_then(|_| file.write_all(&header(pages, has_log)))
        .and_then(|()| file.sync_all())
        .map_err(failed("write", path))
}

fn header(pages: u32, has_log: bool) -> [u8; 100] {
    let mut bytes = [0; 100];
    bytes[..16].copy_from_slice(b"SQLite format 3\0");
    bytes[16..18].copy_from_slice(&4096_u16.to_be_bytes());
    // Written and read with a log, or without.
    bytes[18..20].fill(if has_log { 2 } else { 1 });
    bytes[21..24].copy_from_slice(&[64, 32, 32]);
    let mut put = |at: usize, number: u32| {
        bytes[at..at + 4].copy_from_slice(&number.to_be_bytes());
    };
    put(24, 1);
    put(28, pages);
    put(40, 1);
    put(44, 4);
    put(56, 1);
    put(92, 1);
    bytes
}

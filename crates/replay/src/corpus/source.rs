//! A file of the corpus before anything is known about it: its path and where its bytes are.

use std::io::{self, Read, Write};
use std::path::PathBuf;

use flate2::Compression;
use flate2::bufread::MultiGzDecoder;
use flate2::write::GzEncoder;

/// Where the bytes of a file are. Files on disk are read when they are asked for.
#[derive(Debug, Clone)]
pub(crate) enum Source {
    Disk(PathBuf),
    Embedded(&'static [u8]),
}

/// A file and its path below the corpus' root, with `/` between the parts.
#[derive(Debug, Clone)]
pub(crate) struct CorpusFile {
    pub(crate) path: String,
    pub(crate) source: Source,
}

impl CorpusFile {
    pub(crate) fn is_under(&self, folder: &str) -> bool {
        self.path
            .strip_prefix(folder)
            .is_some_and(|rest| rest.starts_with('/'))
    }

    /// The path without the `.gz` that says how the file is stored.
    pub(crate) fn plain_path(&self) -> &str {
        self.path.strip_suffix(".gz").unwrap_or(&self.path)
    }

    pub(crate) fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(&self.path)
    }

    /// The bytes as the site sent them: decompressed where the corpus stores them as `.gz`.
    pub(crate) fn read(&self) -> io::Result<Vec<u8>> {
        let stored = self.read_stored()?;
        if self.path.ends_with(".gz") {
            decompress(&stored)
        } else {
            Ok(stored)
        }
    }

    /// The bytes in gzip, whether or not the corpus stores them so.
    pub(crate) fn read_packed(&self) -> io::Result<Vec<u8>> {
        let stored = self.read_stored()?;
        if is_gzip(&stored) {
            return Ok(stored);
        }
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(&stored)?;
        encoder.finish()
    }

    /// The bytes as they lie in the corpus.
    pub(crate) fn read_stored(&self) -> io::Result<Vec<u8>> {
        match &self.source {
            Source::Disk(path) => std::fs::read(path),
            Source::Embedded(bytes) => Ok(bytes.to_vec()),
        }
    }
}

/// By the magic bytes, whatever the name says.
pub(crate) fn is_gzip(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0x1f, 0x8b])
}

/// Decompresses gzip; what follows the last whole member is ignored.
pub(crate) fn decompress(stored: &[u8]) -> io::Result<Vec<u8>> {
    let mut plain = Vec::with_capacity(stored.len().saturating_mul(8));
    match MultiGzDecoder::new(stored).read_to_end(&mut plain) {
        Ok(_) => Ok(plain),
        Err(error) if plain.is_empty() => Err(error),
        // A broken tail: the caller sees by the content whether what came before it is whole.
        Err(_) => Ok(plain),
    }
}

/// The first bytes of gzip or plain text, enough to tell what a file is.
pub(crate) fn beginning(stored: &[u8], length: usize) -> Vec<u8> {
    if !is_gzip(stored) {
        return stored[..stored.len().min(length)].to_vec();
    }
    let mut head = Vec::new();
    let limit = u64::try_from(length).unwrap_or(u64::MAX);
    // What a broken file gives before it breaks is enough here.
    let _ = MultiGzDecoder::new(stored)
        .take(limit)
        .read_to_end(&mut head);
    head
}

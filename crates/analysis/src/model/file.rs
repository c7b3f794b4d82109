//! Reading a model file, in place where its bytes live as long as the program.

use std::borrow::Cow;
use std::ops::Range;

use serde::Deserialize;

use super::{CHECKED_FROM, FORMAT, MAGIC, ModelError, ModelInfo, PREFIX};

/// A model file that was checked: its header and where its sections are.
#[derive(Clone, Debug)]
pub struct ModelFile {
    bytes: Cow<'static, [u8]>,
    info: ModelInfo,
    sections: Vec<(String, Range<usize>)>,
}

#[derive(Deserialize)]
struct Header {
    info: ModelInfo,
    sections: Vec<Section>,
}

#[derive(Deserialize)]
struct Section {
    name: String,
    offset: u64,
    bytes: u64,
}

impl ModelFile {
    /// The most bytes that a file may have.
    pub const MOST_BYTES: usize = 64 << 20;

    /// Checks a file and finds its sections. Borrowed bytes (`include_bytes!`) are used in place.
    ///
    /// # Errors
    /// [`ModelError`], in this order: no model file, another format, cut off, damaged, malformed.
    pub fn read(bytes: impl Into<Cow<'static, [u8]>>) -> Result<Self, ModelError> {
        let bytes = bytes.into();
        let header_length = check(&bytes)?;
        let header = bytes
            .get(PREFIX..PREFIX + header_length)
            .ok_or_else(|| ModelError::malformed("header", "it is longer than the file"))?;
        let header: Header = serde_json::from_slice(header)
            .map_err(|e| ModelError::malformed("header", e.to_string()))?;
        let mut sections = Vec::with_capacity(header.sections.len());
        for Section {
            name,
            offset,
            bytes: length,
        } in header.sections
        {
            let range = usize::try_from(offset)
                .ok()
                .zip(
                    offset
                        .checked_add(length)
                        .and_then(|end| usize::try_from(end).ok()),
                )
                .filter(|(start, end)| *start >= PREFIX && *end <= bytes.len());
            let Some((start, end)) = range else {
                return Err(ModelError::malformed(&name, "it lies outside of the file"));
            };
            sections.push((name, start..end));
        }
        Ok(Self {
            bytes,
            info: header.info,
            sections,
        })
    }

    /// What the file says of itself.
    #[must_use]
    pub fn info(&self) -> &ModelInfo {
        &self.info
    }

    /// The bytes of a section.
    #[must_use]
    pub fn section(&self, name: &str) -> Option<&[u8]> {
        let (_, range) = self.sections.iter().find(|(n, _)| n == name)?;
        self.bytes.get(range.clone())
    }

    /// The sections' names and sizes, in the order of the file.
    pub fn sections(&self) -> impl Iterator<Item = (&str, usize)> {
        self.sections
            .iter()
            .map(|(n, range)| (n.as_str(), range.len()))
    }

    /// Bytes of the whole file.
    #[must_use]
    pub fn size_bytes(&self) -> usize {
        self.bytes.len()
    }
}

/// Checks all but the header's contents; the header's length.
fn check(bytes: &[u8]) -> Result<usize, ModelError> {
    let found = bytes.len() as u64;
    let begins = bytes.len().min(MAGIC.len());
    if bytes[..begins] != MAGIC[..begins] {
        return Err(ModelError::NotAModel);
    }
    let number = |at: usize| -> Option<u32> {
        Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
    };
    let short = ModelError::Truncated {
        found,
        expected: PREFIX as u64,
    };
    let format = number(8).ok_or_else(|| short.clone())?;
    if format != FORMAT {
        return Err(ModelError::Version {
            found: format,
            known: FORMAT,
        });
    }
    let (Some(expected), Some(header), Some(length)) = (number(12), number(16), number(20)) else {
        return Err(short);
    };
    if found < u64::from(length) {
        return Err(ModelError::Truncated {
            found,
            expected: u64::from(length),
        });
    }
    let sum = crc32fast::hash(&bytes[CHECKED_FROM..]);
    if sum != expected {
        return Err(ModelError::Checksum {
            found: sum,
            expected,
        });
    }
    Ok(header as usize)
}

//! Writing a model file. The same sections give the same bytes.

use serde::Serialize;

use super::{CHECKED_FROM, FORMAT, MAGIC, ModelInfo, Origin, PREFIX, aligned};

/// Collects sections and writes the file.
#[derive(Debug, Default)]
pub struct ModelWriter {
    info: ModelInfo,
    sections: Vec<(String, Vec<u8>)>,
}

#[derive(Serialize)]
struct Header<'a> {
    info: &'a ModelInfo,
    sections: Vec<Section<'a>>,
}

#[derive(Serialize)]
struct Section<'a> {
    name: &'a str,
    offset: u64,
    bytes: u64,
}

impl ModelWriter {
    /// A file without sections. `info.format` and `info.version` are filled in by [`Self::finish`].
    #[must_use]
    pub fn new(info: ModelInfo) -> Self {
        Self {
            info,
            sections: Vec::new(),
        }
    }

    /// Adds a section; one of the same name is replaced.
    pub fn section(&mut self, name: &str, bytes: Vec<u8>) {
        match self.sections.iter_mut().find(|(n, _)| n == name) {
            Some((_, old)) => *old = bytes,
            None => self.sections.push((name.to_string(), bytes)),
        }
    }

    /// What will be said of the file, to be filled in as tasks are done.
    pub fn info(&mut self) -> &mut ModelInfo {
        &mut self.info
    }

    /// Says that a task learnt from a source. A source that another task named already is listed once.
    pub fn origin(&mut self, origin: Origin) {
        let known = &mut self.info.made_from;
        match known
            .iter_mut()
            .find(|o| o.name == origin.name && o.licence == origin.licence)
        {
            Some(known) => {
                known.texts = known.texts.max(origin.texts);
                for task in origin.tasks {
                    if !known.tasks.contains(&task) {
                        known.tasks.push(task);
                    }
                }
            }
            None => known.push(origin),
        }
    }

    /// The file's bytes. `newest` is the date of the newest text that a model learnt from, as `2025-11-28`.
    #[must_use]
    pub fn finish(mut self, newest: &str) -> Vec<u8> {
        let mut sum = crc32fast::Hasher::new();
        for (name, bytes) in &self.sections {
            sum.update(name.as_bytes());
            sum.update(bytes);
        }
        self.info.format = FORMAT;
        self.info.version = format!("{newest}-{:08x}", sum.finalize());

        // The header says where sections begin, which depends on how long it is: twice is enough, because
        // it is padded to what the first guess needs and more.
        let room = aligned(PREFIX + self.header(u64::from(u32::MAX)).len());
        let mut header = self.header(room as u64);
        header.resize(room - PREFIX, b' ');

        let mut out = Vec::with_capacity(
            room + self
                .sections
                .iter()
                .map(|(_, b)| b.len() + 16)
                .sum::<usize>(),
        );
        out.extend_from_slice(&MAGIC);
        out.extend_from_slice(&FORMAT.to_le_bytes());
        out.extend_from_slice(&[0; 4]);
        out.extend_from_slice(
            &u32::try_from(header.len())
                .unwrap_or(u32::MAX)
                .to_le_bytes(),
        );
        out.extend_from_slice(&[0; 4]);
        out.extend_from_slice(&header);
        for (_, bytes) in &self.sections {
            out.resize(aligned(out.len()), 0);
            out.extend_from_slice(bytes);
        }
        let length = u32::try_from(out.len()).unwrap_or(u32::MAX);
        out[20..24].copy_from_slice(&length.to_le_bytes());
        let sum = crc32fast::hash(&out[CHECKED_FROM..]);
        out[12..16].copy_from_slice(&sum.to_le_bytes());
        out
    }

    /// The header where the first section begins at `first`.
    fn header(&self, first: u64) -> Vec<u8> {
        let mut at = first;
        let mut sections = Vec::with_capacity(self.sections.len());
        for (name, bytes) in &self.sections {
            at = at.next_multiple_of(super::ALIGNMENT as u64);
            sections.push(Section {
                name,
                offset: at,
                bytes: bytes.len() as u64,
            });
            at += bytes.len() as u64;
        }
        let header = Header {
            info: &self.info,
            sections,
        };
        // Numbers and strings are always JSON.
        serde_json::to_vec(&header).unwrap_or_default()
    }
}

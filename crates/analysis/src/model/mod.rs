//! The model file: one versioned container for everything that analysis learnt before it was shipped.
//!
//! It holds named sections of bytes behind a header that says what they were made from and how good they
//! are. The container knows nothing of what is in a section; whoever owns a section reads and writes it.
//! A file that is damaged, cut off or of another format is an error that says so, never a panic: the
//! keyword path goes on without models.

mod error;
mod file;
mod info;
mod write;

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests;

pub use error::ModelError;
pub use file::ModelFile;
pub use info::{Metric, ModelInfo, Origin, TaskInfo};
pub use write::ModelWriter;

/// The first bytes of a model file.
const MAGIC: [u8; 8] = *b"TOCSINML";
/// The format that this program writes and reads.
pub const FORMAT: u32 = 1;
/// Sections begin at multiples of this many bytes.
const ALIGNMENT: usize = 16;
/// Magic, format, checksum, length of the header, length of the whole file.
const PREFIX: usize = 8 + 4 + 4 + 4 + 4;
/// The checksum covers all behind it.
const CHECKED_FROM: usize = 16;

/// Rounds up to where a section may begin.
fn aligned(at: usize) -> usize {
    at.div_ceil(ALIGNMENT) * ALIGNMENT
}

//! Why a model file cannot be used.

use thiserror::Error;

/// Why a model file cannot be used. The words are for people; the keyword path goes on.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ModelError {
    /// It does not begin as a model file does.
    #[error("this is no model file")]
    NotAModel,
    /// It is shorter than it says.
    #[error("the model file is cut off: {found} bytes of {expected}")]
    Truncated {
        /// Bytes that are there.
        found: u64,
        /// Bytes that must be there at least.
        expected: u64,
    },
    /// Its bytes are not those that were written.
    #[error("the model file is damaged: its checksum is {found:08x}, not {expected:08x}")]
    Checksum {
        /// What its bytes add up to.
        found: u32,
        /// What it says.
        expected: u32,
    },
    /// It was written by a newer or a much older program.
    #[error("the model file has format {found}; this program reads format {known}")]
    Version {
        /// The file's format.
        found: u32,
        /// The format that this program reads.
        known: u32,
    },
    /// Its header or one of its sections says what cannot be.
    #[error("the model file's {section} is malformed: {what}")]
    Malformed {
        /// `header`, or the section's name.
        section: String,
        /// What is wrong.
        what: String,
    },
}

impl ModelError {
    /// An error about a section.
    #[must_use]
    pub fn malformed(section: &str, what: impl Into<String>) -> Self {
        Self::Malformed {
            section: section.to_string(),
            what: what.into(),
        }
    }
}

//! The user's model as bytes: one line that says what follows, then JSON. Read again, it is the same model;
//! a cut, changed or newer file is refused with its reason.

use serde::{Deserialize, Serialize};

use super::model::UserModel;

/// The version of the form that this version of Tocsin writes.
pub const FORMAT: u32 = 1;

/// Why bytes are no model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReadError {
    /// They are something else.
    NotAModel,
    /// They were made by a newer version of Tocsin.
    Version {
        /// Its number.
        found: u32,
    },
    /// They were cut or changed.
    Damaged,
}

#[derive(Serialize, Deserialize)]
struct Head {
    tocsin_user_model: u32,
    crc32: u32,
}

impl UserModel {
    /// A number that tells it from other models.
    #[must_use]
    pub fn fingerprint(&self) -> u32 {
        crc32fast::hash(&self.write())
    }

    /// The model as bytes.
    #[must_use]
    pub fn write(&self) -> Vec<u8> {
        // Strings and finite numbers: neither can fail.
        let body = serde_json::to_vec(self).unwrap_or_default();
        let head = Head {
            tocsin_user_model: FORMAT,
            crc32: crc32fast::hash(&body),
        };
        let mut bytes = serde_json::to_vec(&head).unwrap_or_default();
        bytes.push(b'\n');
        bytes.extend(body);
        bytes
    }

    /// Reads what [`UserModel::write`] wrote.
    ///
    /// # Errors
    /// [`ReadError`] where it is not that.
    pub fn read(bytes: &[u8]) -> Result<Self, ReadError> {
        let end = bytes.iter().take(200).position(|b| *b == b'\n');
        let end = end.ok_or(ReadError::NotAModel)?;
        let head: Head = serde_json::from_slice(&bytes[..end]).map_err(|_| ReadError::NotAModel)?;
        if head.tocsin_user_model != FORMAT {
            return Err(ReadError::Version {
                found: head.tocsin_user_model,
            });
        }
        let body = &bytes[end + 1..];
        if crc32fast::hash(body) != head.crc32 {
            return Err(ReadError::Damaged);
        }
        serde_json::from_slice(body).map_err(|_| ReadError::Damaged)
    }
}

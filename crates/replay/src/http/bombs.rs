//! Bodies that are small on the wire and large when they are unpacked, made without ever holding the large one.

use std::io::{self, Write};

use flate2::Compression;
use flate2::write::{GzEncoder, ZlibEncoder};
use serde::{Deserialize, Serialize};

/// How a bomb is packed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Packing {
    /// `Content-Encoding: gzip`.
    #[default]
    Gzip,
    /// `Content-Encoding: deflate`.
    Deflate,
    /// Packed twice, and said so: `Content-Encoding: gzip, gzip`.
    GzipTwice,
}

impl Packing {
    /// The value of `Content-Encoding`.
    pub(crate) fn header(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Deflate => "deflate",
            Self::GzipTwice => "gzip, gzip",
        }
    }

    /// So many zero bytes, packed.
    pub(crate) fn bomb(self, size: u64) -> io::Result<Vec<u8>> {
        match self {
            Self::Gzip => {
                let encoder = GzEncoder::new(Vec::new(), Compression::fast());
                fill(encoder, size)?.finish()
            }
            Self::Deflate => {
                let encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
                fill(encoder, size)?.finish()
            }
            Self::GzipTwice => {
                let outer = GzEncoder::new(Vec::new(), Compression::fast());
                let inner = GzEncoder::new(outer, Compression::fast());
                fill(inner, size)?.finish()?.finish()
            }
        }
    }
}

fn fill<W: Write>(mut encoder: W, size: u64) -> io::Result<W> {
    io::copy(&mut io::Read::take(io::repeat(0), size), &mut encoder)?;
    Ok(encoder)
}

/// So many bytes that mean nothing, the same each time.
pub(crate) fn garbage(size: usize) -> Vec<u8> {
    let mut state: u64 = 0x9e37_79b9_7f4a_7c15;
    let mut bytes = Vec::with_capacity(size.saturating_add(8));
    while bytes.len() < size {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.extend_from_slice(&state.to_le_bytes());
    }
    bytes.truncate(size);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bomb_is_small_and_garbage_is_the_same_each_time() {
        for packing in [Packing::Gzip, Packing::Deflate, Packing::GzipTwice] {
            let bomb = packing.bomb(20_000_000).unwrap();
            assert!(bomb.len() < 200_000, "{packing:?}: {}", bomb.len());
        }
        assert_eq!(garbage(1001).len(), 1001);
        assert_eq!(garbage(64), garbage(1001)[..64]);
    }
}

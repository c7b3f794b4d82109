//! Files as they are packed elsewhere.

use std::io::{Read, Write};
use std::path::Path;

pub fn unpacked(path: &Path) -> Vec<u8> {
    let bytes = std::fs::read(path).unwrap();
    if !bytes.starts_with(&[0x1f, 0x8b]) {
        return bytes;
    }
    let mut plain = Vec::new();
    let mut from = flate2::read::GzDecoder::new(bytes.as_slice());
    from.read_to_end(&mut plain).unwrap();
    plain
}

pub fn gz(bytes: &[u8]) -> Vec<u8> {
    let mut to = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    to.write_all(bytes).unwrap();
    to.finish().unwrap()
}

/// A ZIP of files, each deflated or stored.
pub fn zip(files: &[(&str, &[u8])]) -> Vec<u8> {
    let (mut all, mut directory) = (Vec::new(), Vec::new());
    for (i, (name, bytes)) in files.iter().enumerate() {
        let (method, packed) = if i % 2 == 0 {
            let level = flate2::Compression::fast();
            let mut to = flate2::write::DeflateEncoder::new(Vec::new(), level);
            to.write_all(bytes).unwrap();
            (8_u16, to.finish().unwrap())
        } else {
            (0, bytes.to_vec())
        };
        let at = u32::try_from(all.len()).unwrap();
        let mut common = Vec::new();
        common.extend(
            [20_u16, 0, method, 0, 0]
                .iter()
                .flat_map(|n| n.to_le_bytes()),
        );
        let sizes = [0, packed.len(), bytes.len()].map(|n| u32::try_from(n).unwrap());
        common.extend(sizes.iter().flat_map(|n| n.to_le_bytes()));
        common.extend(u16::try_from(name.len()).unwrap().to_le_bytes());
        all.extend(b"PK\x03\x04".iter().chain(&common).chain(&[3, 0]));
        all.extend(name.as_bytes().iter().chain(b"xtr").chain(&packed));
        directory.extend(b"PK\x01\x02\x14\x00".iter().chain(&common).chain(&[0; 12]));
        directory.extend(at.to_le_bytes().iter().chain(name.as_bytes()));
    }
    let start = u32::try_from(all.len()).unwrap();
    let count = u16::try_from(files.len()).unwrap();
    all.extend(&directory);
    all.extend(b"PK\x05\x06\0\0\0\0");
    all.extend([count, count].iter().flat_map(|n| n.to_le_bytes()));
    all.extend(u32::try_from(directory.len()).unwrap().to_le_bytes());
    all.extend(start.to_le_bytes());
    all.extend([0, 0]);
    all
}

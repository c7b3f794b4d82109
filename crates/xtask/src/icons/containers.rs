//! ICO and ICNS: both are a short header around PNG files.

/// A Windows icon. Layout: "ICO file format", directory of 16-byte entries, PNG since Windows Vista.
pub fn ico(pictures: &[(u32, Vec<u8>)]) -> Vec<u8> {
    let count = u16::try_from(pictures.len()).unwrap_or(u16::MAX);
    let mut out = Vec::new();
    out.extend(0u16.to_le_bytes());
    out.extend(1u16.to_le_bytes());
    out.extend(count.to_le_bytes());
    let mut offset = 6 + 16 * u32::from(count);
    for (width, png) in pictures {
        // 256 is written as 0.
        let side = u8::try_from(*width).unwrap_or(0);
        let length = length_of(png);
        out.extend([side, side, 0, 0]);
        out.extend(1u16.to_le_bytes());
        out.extend(32u16.to_le_bytes());
        out.extend(length.to_le_bytes());
        out.extend(offset.to_le_bytes());
        offset += length;
    }
    out.extend(pictures.iter().flat_map(|(_, png)| png.iter().copied()));
    out
}

/// A macOS icon: "icns", the whole length, then type, length and PNG of each picture. A width may have two types: one
/// for plain screens and one for twice as dense ones.
pub fn icns(pictures: &[(u32, Vec<u8>)]) -> Vec<u8> {
    let mut body = Vec::new();
    for (width, png) in pictures {
        for kind in icns_kinds(*width) {
            body.extend(kind.as_bytes());
            body.extend((length_of(png) + 8).to_be_bytes());
            body.extend(png);
        }
    }
    let mut out = b"icns".to_vec();
    out.extend((length_of(&body) + 8).to_be_bytes());
    out.extend(body);
    out
}

fn icns_kinds(width: u32) -> &'static [&'static str] {
    match width {
        16 => &["icp4"],
        32 => &["icp5", "ic11"],
        64 => &["ic12"],
        128 => &["ic07"],
        256 => &["ic08", "ic13"],
        512 => &["ic09", "ic14"],
        1024 => &["ic10"],
        _ => &[],
    }
}

fn length_of(bytes: &[u8]) -> u32 {
    u32::try_from(bytes.len()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ico_points_at_its_pictures() {
        let out = ico(&[(16, vec![1, 2, 3]), (256, vec![4, 5])]);
        assert_eq!(&out[..6], [0, 0, 1, 0, 2, 0]);
        assert_eq!((out[6], out[22]), (16, 0));
        assert_eq!(&out[18..22], 38u32.to_le_bytes());
        assert_eq!(&out[34..38], 41u32.to_le_bytes());
        assert_eq!(&out[38..], [1, 2, 3, 4, 5]);
    }

    #[test]
    fn an_icns_says_how_long_it_is() {
        let out = icns(&[(16, vec![9; 4]), (1024, vec![8; 2])]);
        assert_eq!(&out[..4], b"icns");
        assert_eq!(out[4..8], u32::try_from(out.len()).unwrap().to_be_bytes());
        assert_eq!(&out[8..12], b"icp4");
        assert_eq!(&out[20..24], b"ic10");
    }
}

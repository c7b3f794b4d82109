use super::*;

fn file() -> Vec<u8> {
    let mut writer = ModelWriter::new(ModelInfo::default());
    writer.info().made_from.push(Origin {
        name: "NVD".into(),
        licence: "public domain".into(),
        texts: 3,
        tasks: vec!["severity".into()],
    });
    writer.section("severity", vec![1, 2, 3]);
    writer.section("gazetteer", vec![7; 100]);
    writer.section("severity", vec![4, 5]);
    writer.finish("2024-10-24")
}

#[test]
fn a_file_is_read_as_it_was_written() {
    let read = ModelFile::read(file()).unwrap();
    assert_eq!(read.section("severity"), Some([4, 5].as_slice()));
    assert_eq!(read.section("gazetteer"), Some([7; 100].as_slice()));
    assert_eq!(read.section("crf"), None);
    assert_eq!(read.info().format, FORMAT);
    assert_eq!(read.info().made_from[0].name, "NVD");
    assert!(read.info().version.starts_with("2024-10-24-"));
    let sections: Vec<_> = read.sections().collect();
    assert_eq!(sections, [("severity", 2), ("gazetteer", 100)]);
    assert_eq!(file(), file(), "the same sections give the same bytes");
}

#[test]
fn whatever_is_cut_off_says_so() {
    let whole = file();
    for length in 0..whole.len() {
        let error = ModelFile::read(whole[..length].to_vec()).unwrap_err();
        assert!(
            matches!(error, ModelError::Truncated { .. }),
            "{length}: {error}"
        );
    }
}

#[test]
fn every_changed_byte_is_noticed() {
    let whole = file();
    for at in 0..whole.len() {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x20;
        let error = ModelFile::read(bytes).unwrap_err();
        let right = match at {
            0..8 => matches!(error, ModelError::NotAModel),
            8..12 => matches!(error, ModelError::Version { known: FORMAT, .. }),
            20..24 => matches!(
                error,
                ModelError::Truncated { .. } | ModelError::Checksum { .. }
            ),
            _ => matches!(error, ModelError::Checksum { .. }),
        };
        assert!(right, "{at}: {error}");
    }
}

#[test]
fn a_file_of_the_future_names_its_format() {
    let mut bytes = file();
    bytes[8..12].copy_from_slice(&9_u32.to_le_bytes());
    let error = ModelFile::read(bytes).unwrap_err();
    assert_eq!(
        error,
        ModelError::Version {
            found: 9,
            known: FORMAT
        }
    );
    assert!(error.to_string().contains("format 9"));
}

#[test]
fn a_section_outside_of_the_file_is_refused() {
    let mut bytes = file();
    let stated = b"\"bytes\":100";
    let at = bytes
        .windows(stated.len())
        .position(|w| w == stated)
        .unwrap();
    bytes[at + 8..at + 11].copy_from_slice(b"999");
    let sum = crc32fast::hash(&bytes[CHECKED_FROM..]);
    bytes[12..16].copy_from_slice(&sum.to_le_bytes());
    let error = ModelFile::read(bytes).unwrap_err();
    assert!(matches!(error, ModelError::Malformed { section, .. } if section == "gazetteer"));
}

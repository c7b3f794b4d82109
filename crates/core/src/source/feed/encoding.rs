//! The bytes of a feed -> text. The byte order mark decides, then the XML declaration where the HTTP
//! header says nothing, then the header, then UTF-8; text that claims to be something else but is sound
//! UTF-8 with characters beyond ASCII is UTF-8, for servers declare wrongly more often than not.

use encoding_rs::{Encoding, UTF_8};

/// The document as text, without byte order mark and without white space before its first character.
pub(super) fn decode(bytes: &[u8], content_type: Option<&str>) -> String {
    let text = match Encoding::for_bom(bytes) {
        Some((encoding, length)) => encoding.decode_without_bom_handling(&bytes[length..]).0,
        None => {
            let named = content_type
                .and_then(charset)
                .or_else(|| declared(bytes))
                .unwrap_or(UTF_8);
            match std::str::from_utf8(bytes) {
                Ok(sound) if named.is_ascii_compatible() && !is_escaped(named) => sound.into(),
                _ => named.decode_without_bom_handling(bytes).0,
            }
        }
    };
    text.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}' || c == '\0')
        .to_owned()
}

/// An encoding whose bytes are ASCII and still mean something else.
fn is_escaped(encoding: &'static Encoding) -> bool {
    encoding.name() == "ISO-2022-JP"
}

fn charset(content_type: &str) -> Option<&'static Encoding> {
    content_type.split(';').skip(1).find_map(|part| {
        let (name, value) = part.split_once('=')?;
        name.trim()
            .eq_ignore_ascii_case("charset")
            .then(|| Encoding::for_label(value.trim().trim_matches(['"', '\'']).as_bytes()))?
    })
}

/// The encoding that the XML declaration names; UTF-16 without a mark shows by its zero bytes.
fn declared(bytes: &[u8]) -> Option<&'static Encoding> {
    match bytes {
        [b'<', 0, ..] => return Some(encoding_rs::UTF_16LE),
        [0, b'<', ..] => return Some(encoding_rs::UTF_16BE),
        _ => {}
    }
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(512)]);
    let declaration = head.split_once("<?xml")?.1.split_once("?>")?.0;
    let value = declaration.split_once("encoding")?.1;
    let value = value.trim_start().strip_prefix('=')?.trim_start();
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    Encoding::for_label(value[1..].split(quote).next()?.trim().as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodings_come_from_mark_header_and_declaration() {
        let (cp1251, ..) = encoding_rs::WINDOWS_1251.encode("<?xml encoding='windows-1251'?>Да");
        assert!(decode(&cp1251, None).ends_with("Да"));
        let (bare, ..) = encoding_rs::WINDOWS_1251.encode("Да");
        assert_eq!(
            decode(&bare, Some("text/xml; charset=\"windows-1251\"")),
            "Да"
        );
        let utf16: Vec<u8> = "\u{feff}<a>é"
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        assert_eq!(decode(&utf16, Some("text/xml; charset=utf-8")), "<a>é");
        assert_eq!(decode("\u{feff}\n <a>é".as_bytes(), None), "<a>é");
        let wrong = "<?xml encoding=\"iso-8859-1\"?>é";
        assert!(decode(wrong.as_bytes(), None).ends_with("?>é"));
        assert!(decode(b"<?xml encoding=\"iso-8859-1\"?>\xe9", None).ends_with('é'));
        decode(b"<?xml encoding=", None);
        decode(b"", None);
    }
}

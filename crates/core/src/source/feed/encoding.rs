//! The bytes of a feed -> text: the byte order mark, the HTTP header, the XML declaration, then
//! detection. Each says what it believes, and the first whose belief fits every byte is taken; text that
//! claims to be something else but is sound UTF-8 is UTF-8, for servers declare wrongly more often than
//! not. Bytes that are gzip, whatever they are called, are unpacked first.

use std::borrow::Cow;
use std::io::Read;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};

use crate::http::DEFAULT_MAX_BYTES;

/// The document as text, without byte order mark and without white space before its first character.
pub(super) fn decode(bytes: &[u8], content_type: Option<&str>) -> String {
    let bytes = unpacked(bytes);
    let text = text(&bytes, content_type);
    let is_before = |c: char| c.is_whitespace() || c == '\u{feff}' || c.is_control();
    match text.trim_start_matches(is_before) {
        whole if whole.len() == text.len() => text.into_owned(),
        rest => rest.to_owned(),
    }
}

/// The bytes within, where they are gzip: some servers send a packed file as it is.
fn unpacked(bytes: &[u8]) -> Cow<'_, [u8]> {
    if !bytes.starts_with(&[0x1f, 0x8b]) {
        return bytes.into();
    }
    let mut out = Vec::new();
    let cap = u64::try_from(DEFAULT_MAX_BYTES).unwrap_or(u64::MAX);
    // What was unpacked before an error is kept: a cut file is a cut document.
    let read = flate2::read::MultiGzDecoder::new(bytes)
        .take(cap)
        .read_to_end(&mut out);
    match read {
        Err(_) if out.is_empty() => bytes.into(),
        _ => out.into(),
    }
}

fn text<'a>(bytes: &'a [u8], content_type: Option<&str>) -> Cow<'a, str> {
    if let Some(text) = utf32(bytes) {
        return text.into();
    }
    if let Some((encoding, length)) = Encoding::for_bom(bytes) {
        let rest = &bytes[length..];
        // A mark before bytes that are something else is a mistake.
        if let Some(text) = encoding.decode_without_bom_handling_and_without_replacement(rest) {
            return text;
        }
        return fitting(rest, content_type)
            .unwrap_or_else(|| encoding.decode_without_bom_handling(rest).0);
    }
    if let Some(wide) = wide(bytes) {
        return wide.decode_without_bom_handling(bytes).0;
    }
    fitting(bytes, content_type)
        .unwrap_or_else(|| guess(bytes).decode_without_bom_handling(bytes).0)
}

/// The text by the first belief that fits.
fn fitting<'a>(bytes: &'a [u8], content_type: Option<&str>) -> Option<Cow<'a, str>> {
    let header = content_type.and_then(charset);
    let declared = declared(bytes);
    let believed = [header, declared];
    let is_escaped = |e: &&'static Encoding| e.name() == "ISO-2022-JP";
    if !believed.iter().flatten().any(is_escaped)
        && let Ok(sound) = std::str::from_utf8(bytes)
    {
        return Some(sound.into());
    }
    believed
        .into_iter()
        .flatten()
        .filter(|e| e.is_ascii_compatible() || e.name() == "ISO-2022-JP")
        .find_map(|e| e.decode_without_bom_handling_and_without_replacement(bytes))
        .or_else(|| nearly_utf8(bytes, declared))
}

/// UTF-8 with a few broken bytes, as a cut or a careless join leaves: what is broken is replaced.
fn nearly_utf8<'a>(bytes: &'a [u8], declared: Option<&'static Encoding>) -> Option<Cow<'a, str>> {
    if declared.is_some_and(|d| d != UTF_8) {
        return None;
    }
    let (mut sound, mut broken) = (0_usize, 0_usize);
    for chunk in bytes.utf8_chunks() {
        sound += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        broken += usize::from(!chunk.invalid().is_empty());
    }
    (broken * 10 <= sound).then(|| String::from_utf8_lossy(bytes))
}

/// What bytes that nobody says anything true of look like.
fn guess(bytes: &[u8]) -> &'static Encoding {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(&bytes[..bytes.len().min(256 * 1024)], true);
    detector.guess(None, Utf8Detection::Allow)
}

/// UTF-16 without a mark shows by its zero bytes.
fn wide(bytes: &[u8]) -> Option<&'static Encoding> {
    match bytes {
        [b'<', 0, b, 0, ..] if *b != 0 => Some(UTF_16LE),
        [0, b'<', 0, b, ..] if *b != 0 => Some(UTF_16BE),
        _ => None,
    }
}

/// UTF-32, with or without a mark. The web forbids it; some old tools write it.
fn utf32(bytes: &[u8]) -> Option<String> {
    let is_big = match bytes {
        [0xff, 0xfe, 0, 0, ..] | [b'<', 0, 0, 0, ..] => false,
        [0, 0, 0xfe, 0xff, ..] | [0, 0, 0, b'<', ..] => true,
        _ => return None,
    };
    let one = |b: &[u8]| {
        let four: [u8; 4] = b.try_into().unwrap_or_default();
        let code = if is_big {
            u32::from_be_bytes(four)
        } else {
            u32::from_le_bytes(four)
        };
        char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER)
    };
    Some(bytes.chunks_exact(4).map(one).collect())
}

fn charset(content_type: &str) -> Option<&'static Encoding> {
    content_type.split(';').skip(1).find_map(|part| {
        let (name, value) = part.split_once('=')?;
        name.trim()
            .eq_ignore_ascii_case("charset")
            .then(|| Encoding::for_label(value.trim().trim_matches(['"', '\'']).as_bytes()))?
    })
}

/// The encoding that the XML declaration names.
fn declared(bytes: &[u8]) -> Option<&'static Encoding> {
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

    #[test]
    fn wide_packed_and_wrongly_declared_documents_are_read() {
        let wide = |c: char| u32::from(c).to_be_bytes();
        let utf32: Vec<u8> = "<a>é".chars().flat_map(wide).collect();
        assert_eq!(decode(&utf32, None), "<a>é");
        let bare: Vec<u8> = "<a>é".encode_utf16().flat_map(u16::to_be_bytes).collect();
        assert_eq!(decode(&bare, None), "<a>é");
        // Declared as UTF-8, and is not.
        let text = "<?xml version='1.0' encoding='utf-8'?><title>Критическая уязвимость в почтовом сервере</title>";
        let (cp1251, ..) = encoding_rs::WINDOWS_1251.encode(text);
        assert!(decode(&cp1251, None).contains("Критическая уязвимость"));
        // UTF-8 with one broken byte stays UTF-8.
        let mut broken = "Критическая уязвимость".as_bytes().to_vec();
        broken.push(0xd0);
        assert!(decode(&broken, None).starts_with("Критическая уязвимость"));
        let mut packed = Vec::new();
        let mut gz = flate2::read::GzEncoder::new(&b"<rss>"[..], flate2::Compression::fast());
        gz.read_to_end(&mut packed).unwrap();
        assert_eq!(decode(&packed, None), "<rss>");
        assert!(!decode(&[0x1f, 0x8b, 1], None).is_empty());
    }
}

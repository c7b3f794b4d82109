//! Addresses in percent code: `http%3A%2F%2Fevil.com%2Fa`, as in what a link leads on to.

use super::IndicatorKind;
use super::refang::{Whole, is_known_scheme, scheme_of};
use super::text::{Hit, Text};
use super::url;

/// Longer than any that is worth reading.
const MOST: usize = 2048;

/// The address whose scheme ends before the `%` at `end`.
pub(super) fn percent(t: Text, start: usize, end: usize) -> Option<Hit> {
    let is_address = t
        .text
        .get(end..end + 9)
        .is_some_and(|code| code.eq_ignore_ascii_case("%3A%2F%2F"));
    let (scheme, taken) = scheme_of(&t.text[start..end]).filter(|_| is_address)?;
    if !is_known_scheme(&scheme) {
        return None;
    }
    let start = end - taken;
    let limit = t.len().min(start + MOST);
    let is_code =
        |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'%' | b'.' | b'-' | b'_' | b'~' | b'+');
    let stop = end
        + t.bytes[end..limit]
            .iter()
            .take_while(|b| is_code(**b))
            .count();
    if stop == limit && limit < t.len() {
        // Too long to keep; read all the same, so that its text is not read again.
        return Some(Hit {
            kind: IndicatorKind::Url,
            start,
            end: stop,
            value: String::new(),
        });
    }
    let made = decode(&t.text[start..stop]);
    let whole = Whole::new(&made);
    let inner = Text::new(&whole);
    let hit = url::url(inner, inner.text.find("://")?, 0)?;
    // What is left over belongs to the code, not to the text around it.
    (hit.start == 0).then_some(Hit {
        kind: IndicatorKind::Url,
        start,
        end: stop,
        value: hit.value,
    })
}

/// With `%2F` and its like as what they stand for.
pub(super) fn decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut made = Vec::with_capacity(bytes.len());
    let mut i = 0;
    while i < bytes.len() {
        let code = (bytes[i] == b'%')
            .then(|| text.get(i + 1..i + 3))
            .flatten()
            .and_then(|hex| u8::from_str_radix(hex, 16).ok());
        made.push(code.unwrap_or(bytes[i]));
        i += if code.is_some() { 3 } else { 1 };
    }
    String::from_utf8_lossy(&made).into_owned()
}

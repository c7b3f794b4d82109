//! Percent-decoding of paths and queries, as a form-decoding server does it: in a query `+` is a space, which is why
//! an unencoded offset breaks a date.

/// The parameters in the order in which they stand. One without `=` has an empty value.
pub(crate) fn parse(query: &str) -> Vec<(String, String)> {
    query
        .split('&')
        .filter(|part| !part.is_empty())
        .map(|part| {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            let decode = |text: &str| decode(&text.replace('+', " "));
            (decode(name), decode(value))
        })
        .collect()
}

/// A path with its percent signs decoded.
pub(crate) fn decode_path(path: &str) -> String {
    decode(path)
}

fn decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let pair = text
            .get(at + 1..at + 3)
            .filter(|pair| pair.bytes().all(|digit| digit.is_ascii_hexdigit()));
        match pair.and_then(|pair| u8::from_str_radix(pair, 16).ok()) {
            Some(value) if byte == b'%' => {
                decoded.push(value);
                at += 3;
            }
            _ => {
                decoded.push(byte);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decodes_as_a_form_does() {
        let pairs = parse("a=1%2B2&b=1+2&noRejected&&c=%zz%4");
        let expect = [
            ("a", "1+2"),
            ("b", "1 2"),
            ("noRejected", ""),
            ("c", "%zz%4"),
        ];
        let expect = expect.map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(pairs, expect);
        assert_eq!(decode_path("/a+b/%C3%A9%"), "/a+b/é%");
    }
}

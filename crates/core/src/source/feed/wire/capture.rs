//! The text of one element while it is read, and what it is when it ends: plain words, HTML, markup that
//! stands in the document itself, or base64.

use super::content::{Words, escape_into};
use super::names::Field;

/// The longest text of one element that is kept, in bytes: what follows is passed over.
const MAX_BYTES: usize = 4 * 1024 * 1024;

/// The element whose text is being read.
#[derive(Debug)]
pub(super) struct Capture<'a> {
    /// What it is.
    pub(super) field: Field,
    /// Its name as written.
    pub(super) name: &'a str,
    /// How many of its own name are open in it.
    pub(super) nested: usize,
    /// How deep it stands.
    pub(super) depth: usize,
    /// What an attribute says it is: a category's term; whether a guid is an address.
    pub(super) stated: Option<String>,
    kind: String,
    is_base64: bool,
    /// Whether markup stands in it.
    is_markup: bool,
    text: String,
    /// Of an author: the element within that is open, and the name found.
    part: Part,
    author: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Own,
    Name,
    Passed,
}

impl<'a> Capture<'a> {
    pub(super) fn new(
        field: Field,
        name: &'a str,
        depth: usize,
        kind: Option<&str>,
        mode: Option<&str>,
    ) -> Self {
        let kind = match kind.map(|k| k.trim().to_ascii_lowercase()) {
            None => field.default_type().to_owned(),
            Some(kind) => match kind.as_str() {
                "text" | "plain" => "text/plain".to_owned(),
                "html" => "text/html".to_owned(),
                "xhtml" => "application/xhtml+xml".to_owned(),
                _ => kind,
            },
        };
        let is_binary =
            !kind.starts_with("text/") && !kind.ends_with("+xml") && !kind.ends_with("/xml");
        let is_base64 = mode.is_some_and(|m| m.eq_ignore_ascii_case("base64")) || is_binary;
        Self {
            field,
            name,
            nested: 0,
            depth,
            stated: None,
            is_markup: kind.ends_with("xhtml+xml"),
            is_base64: is_base64 && field.is_text(),
            kind,
            text: String::new(),
            part: Part::Own,
            author: String::new(),
        }
    }

    /// Text with its references resolved (`&lt;` is `<`), or what stood in a CDATA section.
    pub(super) fn words(&mut self, words: &str, is_data: bool) {
        let target = match self.part {
            Part::Own => &mut self.text,
            Part::Name => &mut self.author,
            Part::Passed => return,
        };
        if target.len() + words.len() > MAX_BYTES {
            return;
        }
        // HTML in a CDATA section is HTML, even beside markup.
        let is_html = is_data && self.kind == "text/html";
        if self.is_markup && self.field.is_text() && !is_html {
            escape_into(words, target);
        } else {
            target.push_str(words);
        }
    }

    /// A tag within it.
    pub(super) fn start(&mut self, local: &str, is_empty: bool) {
        if self.field == Field::Author {
            self.part = match local {
                _ if is_empty => self.part,
                l if l.eq_ignore_ascii_case("name") => Part::Name,
                _ => Part::Passed,
            };
        }
        if !self.field.is_text() || self.text.len() + local.len() > MAX_BYTES {
            return;
        }
        if !self.is_markup {
            self.is_markup = true;
            if self.kind != "text/html" && !self.text.trim().is_empty() {
                let text = std::mem::take(&mut self.text);
                escape_into(&text, &mut self.text);
            }
        }
        self.tag("<", local);
        if is_empty && !is_void(local) {
            self.tag("</", local);
        }
    }

    /// The end of a tag within it.
    pub(super) fn end(&mut self, local: &str) {
        self.part = Part::Own;
        if self.field.is_text() && self.is_markup && self.text.len() + local.len() <= MAX_BYTES {
            self.tag("</", local);
        }
    }

    fn tag(&mut self, open: &str, local: &str) {
        self.text.push_str(open);
        self.text.push_str(local);
        self.text.push('>');
    }

    /// What it says so far.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// What it says, of a field that is no text.
    pub(super) fn into_value(self) -> String {
        let own = if self.author.trim().is_empty() {
            self.text
        } else {
            self.author
        };
        let own = own.trim();
        if own.is_empty() {
            return self.stated.unwrap_or_default();
        }
        own.to_owned()
    }

    /// What it says. `guess` is whether plain text that looks like HTML is HTML, as in RSS.
    pub(super) fn into_words(self, guess: bool) -> Words {
        let text = if self.is_base64 && !self.is_markup {
            from_base64(&self.text).unwrap_or(self.text)
        } else {
            self.text
        };
        let text = text.trim().to_owned();
        let is_plain = self.kind.starts_with("text/") && self.kind != "text/html";
        if self.is_markup || !is_plain || (guess && looks_like_html(&text)) {
            Words::Html(text)
        } else {
            Words::Plain(text)
        }
    }
}

fn is_void(local: &str) -> bool {
    ["br", "hr", "img", "input", "wbr", "meta", "link", "col"]
        .iter()
        .any(|v| v.eq_ignore_ascii_case(local))
}

/// Whether a text that should be plain was meant as HTML: it closes an element, breaks a line or holds a
/// reference. A lone `<script>` in a title is the title's own word.
pub(super) fn looks_like_html(text: &str) -> bool {
    let is_name = |t: &str, ends: &[char]| {
        let end = t.find(|c: char| !(c.is_ascii_alphanumeric() || c == '#'));
        end.is_some_and(|end| end > 0 && t[end..].starts_with(ends))
    };
    let closes = |(at, _): (usize, &str)| is_name(&text[at + 2..], &['>', ' ']);
    let refers = |(at, _): (usize, &str)| is_name(&text[at + 1..], &[';']);
    let breaks = |(at, _): (usize, &str)| {
        let name = text[at + 1..].get(..2).unwrap_or_default();
        name.eq_ignore_ascii_case("br") && is_name(&text[at + 1..], &['>', ' ', '/'])
    };
    text.match_indices("</").any(closes)
        || text.match_indices('&').any(refers)
        || text.match_indices('<').any(breaks)
}

/// Base64, white space passed over. `None` where it is something else.
fn from_base64(text: &str) -> Option<String> {
    let mut out = Vec::with_capacity(text.len() / 4 * 3);
    let (mut bits, mut held) = (0_u32, 0_u8);
    for b in text.bytes().filter(|b| !b.is_ascii_whitespace()) {
        let value = match b {
            b'A'..=b'Z' => b - b'A',
            b'a'..=b'z' => b - b'a' + 26,
            b'0'..=b'9' => b - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            b'=' => break,
            _ => return None,
        };
        bits = bits << 6 | u32::from(value);
        held += 6;
        if held >= 8 {
            held -= 8;
            out.push(u8::try_from(bits >> held & 0xff).ok()?);
            bits &= (1 << held) - 1;
        }
    }
    String::from_utf8(out).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn html_is_told_from_plain_words() {
        for (text, expect) in [
            ("<b>bold</b>", true),
            ("AT&amp;T", true),
            ("a<br>b", true),
            ("a<BR />b", true),
            ("XSS by a <script> tag", false),
            ("1 < 2 & 3 > 2", false),
            ("AT&T; yes", true),
            ("a </ b", false),
            ("&;", false),
            ("<", false),
            ("</", false),
            ("&é;", false),
        ] {
            assert_eq!(looks_like_html(text), expect, "{text}");
        }
    }

    #[test]
    fn base64_is_read_or_left() {
        assert_eq!(
            from_base64("RXhhbXBs\n ZSA8Yj4=").as_deref(),
            Some("Example <b>")
        );
        assert_eq!(from_base64("not base64!"), None);
        assert_eq!(from_base64("/w=="), None);
        assert_eq!(from_base64("").as_deref(), Some(""));
    }

    #[test]
    fn text_keeps_its_kind() {
        let words = |kind: Option<&str>, parts: &[&str]| {
            let mut capture = Capture::new(Field::Title, "title", 1, kind, None);
            for part in parts {
                match part.strip_prefix('!') {
                    Some(tag) => {
                        capture.start(tag, false);
                        capture.end(tag);
                    }
                    None => capture.words(part, false),
                }
            }
            capture.into_words(true)
        };
        assert_eq!(words(None, &["a < b"]), Words::Plain("a < b".into()));
        assert_eq!(words(Some("html"), &["a"]), Words::Html("a".into()));
        assert_eq!(
            words(None, &["a < b", "!i", "&"]),
            Words::Html("a &lt; b<i></i>&amp;".into())
        );
        assert_eq!(words(Some("xhtml"), &["<"]), Words::Html("&lt;".into()));
        assert_eq!(
            words(Some("application/octet-stream"), &["aGk="]),
            Words::Html("hi".into())
        );
    }
}

//! XML as it is found: a tokenizer that never refuses. What is no tag is text, what is never closed ends
//! with the document, and what cannot be resolved stays as it is written. It borrows from the document,
//! looks at each byte a bounded number of times and holds no nesting, so its time is linear in whatever
//! comes. (quick-xml stops at the first mistake and cannot go on behind it, and the documents that come
//! here are those with mistakes.)

use std::borrow::Cow;

/// At most so many attributes of one tag are kept.
const MAX_ATTRIBUTES: usize = 64;
/// At most so many entities of a document's own are kept, each of at most `MAX_ENTITY_BYTES`.
const MAX_ENTITIES: usize = 200;
const MAX_ENTITY_BYTES: usize = 200;
/// A reference longer than this is none.
const MAX_REFERENCE_BYTES: usize = 40;

/// A piece of a document.
#[derive(Debug)]
pub(in crate::source::feed) enum Token<'a> {
    /// `<name a="b">`; its attributes are in [`Tokens::attributes`].
    Start {
        /// The name with its prefix.
        name: &'a str,
        /// Whether it ends at once (`/>`).
        is_empty: bool,
    },
    /// `</name>`.
    End(&'a str),
    /// Text with its references as written.
    Text(&'a str),
    /// Text that has none.
    Data(&'a str),
}

/// The pieces of a document.
#[derive(Debug)]
pub(in crate::source::feed) struct Tokens<'a> {
    text: &'a str,
    at: usize,
    /// Of the tag that came last: name, value with its references as written.
    pub(in crate::source::feed) attributes: Vec<(&'a str, &'a str)>,
    /// What the document itself declares.
    pub(in crate::source::feed) entities: Entities<'a>,
    /// Ends that are known not to come any more, so that none is looked for twice.
    missing: Missing,
    /// Whether something had to be guessed.
    pub(in crate::source::feed) is_salvaged: bool,
}

#[derive(Debug, Default)]
struct Missing {
    comment: bool,
    instruction: bool,
    doctype: bool,
    double: bool,
    single: bool,
}

impl<'a> Tokens<'a> {
    pub(in crate::source::feed) fn new(text: &'a str) -> Self {
        Self {
            text,
            at: 0,
            attributes: Vec::new(),
            entities: Entities::default(),
            missing: Missing::default(),
            is_salvaged: false,
        }
    }

    /// An attribute of the tag that came last, its references resolved.
    pub(in crate::source::feed) fn attribute(&self, name: &str) -> Option<Cow<'a, str>> {
        let (_, value) = self
            .attributes
            .iter()
            .find(|(n, _)| n.eq_ignore_ascii_case(name))?;
        Some(self.entities.decode(value))
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// Passes over what is no content; a token if what comes is text after all.
    fn passed(&mut self, rest: &'a str) -> Option<Token<'a>> {
        if let Some(body) = rest.strip_prefix("<!--") {
            let end = (!self.missing.comment)
                .then(|| body.find("-->"))
                .flatten()
                .map(|end| 4 + end + 3);
            if end.is_none() {
                self.missing.comment = true;
                self.is_salvaged = true;
            }
            self.at += end.or_else(|| tag_end(rest)).unwrap_or(rest.len());
        } else if rest.starts_with("<?") {
            let end = (!self.missing.instruction)
                .then(|| rest.find("?>"))
                .flatten()
                .map(|end| end + 2);
            if end.is_none() {
                self.missing.instruction = true;
                self.is_salvaged = true;
            }
            self.at += end.or_else(|| tag_end(rest)).unwrap_or(rest.len());
        } else if rest
            .get(..9)
            .is_some_and(|s| s.eq_ignore_ascii_case("<!DOCTYPE"))
        {
            self.at += self.doctype(rest);
        } else {
            self.at += 2;
            self.is_salvaged = true;
            return Some(Token::Data("<!"));
        }
        None
    }

    /// The length of a document type; the entities that it declares are taken over.
    fn doctype(&mut self, rest: &'a str) -> usize {
        let mut quote = None;
        let mut depth = 0_u32;
        let scanned = if self.missing.doctype { "" } else { rest };
        for (i, b) in scanned.bytes().enumerate().skip(2) {
            match (quote, b) {
                (Some(q), b) if q == b => quote = None,
                (Some(_), _) => {}
                (None, b'"' | b'\'') => quote = Some(b),
                (None, b'[') => depth += 1,
                (None, b']') => depth = depth.saturating_sub(1),
                (None, b'>') if depth == 0 => {
                    self.entities.declare(&rest[..i]);
                    return i + 1;
                }
                _ => {}
            }
        }
        self.missing.doctype = true;
        self.is_salvaged = true;
        tag_end(rest).unwrap_or(rest.len())
    }

    fn end_tag(&mut self, rest: &'a str) -> Token<'a> {
        let body = &rest[2..];
        let end = body.find(['>', '<']).unwrap_or(body.len());
        let closes = body[end..].starts_with('>');
        self.is_salvaged |= !closes;
        self.at += 2 + end + usize::from(closes);
        let name = body[..end].split(|c: char| c.is_ascii_whitespace()).next();
        Token::End(name.unwrap_or_default().trim_end_matches('/'))
    }

    fn start_tag(&mut self, rest: &'a str) -> Token<'a> {
        let bytes = rest.as_bytes();
        let mut i = 1 + name_length(&rest[1..]);
        let name = &rest[1..i];
        self.attributes.clear();
        let mut is_empty = false;
        loop {
            while bytes.get(i).is_some_and(u8::is_ascii_whitespace) {
                i += 1;
            }
            match bytes.get(i) {
                None | Some(b'<') => {
                    self.is_salvaged = true;
                    break;
                }
                Some(b'>') => {
                    i += 1;
                    break;
                }
                Some(b'/') => {
                    is_empty = bytes.get(i + 1) == Some(&b'>');
                    i += 1;
                }
                Some(_) => i = self.one_attribute(rest, i),
            }
        }
        self.at += i;
        Token::Start { name, is_empty }
    }

    /// Reads the attribute at `from`; where it ends.
    fn one_attribute(&mut self, rest: &'a str, from: usize) -> usize {
        let bytes = rest.as_bytes();
        let blank = |i: &mut usize| {
            while bytes.get(*i).is_some_and(u8::is_ascii_whitespace) {
                *i += 1;
            }
        };
        let ends = |b: &u8| b.is_ascii_whitespace() || matches!(b, b'=' | b'>' | b'<' | b'/');
        let mut i = from;
        while bytes.get(i).is_some_and(|b| !ends(b)) {
            i += 1;
        }
        if i == from {
            // A stray `=`.
            return from + 1;
        }
        let name = &rest[from..i];
        let mut after = i;
        blank(&mut after);
        if bytes.get(after) != Some(&b'=') {
            return i;
        }
        after += 1;
        blank(&mut after);
        let (value, end) = match bytes.get(after) {
            Some(q @ (b'"' | b'\'')) if self.closes(rest, after + 1, *q) => {
                let quote = if *q == b'"' { '"' } else { '\'' };
                let length = rest[after + 1..].find(quote).unwrap_or_default();
                (&rest[after + 1..after + 1 + length], after + 1 + length + 1)
            }
            _ => {
                self.is_salvaged = true;
                let ends = |b: &u8| b.is_ascii_whitespace() || matches!(b, b'>' | b'<');
                let mut end = after;
                while bytes.get(end).is_some_and(|b| !ends(b)) {
                    end += 1;
                }
                (rest[after..end].trim_start_matches(['"', '\'']), end)
            }
        };
        if self.attributes.len() < MAX_ATTRIBUTES {
            self.attributes.push((name, value));
        }
        end
    }

    /// Whether a quote comes again.
    fn closes(&mut self, rest: &str, from: usize, quote: u8) -> bool {
        let missing = if quote == b'"' {
            &mut self.missing.double
        } else {
            &mut self.missing.single
        };
        if !*missing && !rest[from..].contains(char::from(quote)) {
            *missing = true;
        }
        !*missing
    }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        loop {
            let rest = self.rest();
            if !rest.starts_with('<') {
                if rest.is_empty() {
                    return None;
                }
                let end = rest.find('<').unwrap_or(rest.len());
                self.at += end;
                return Some(Token::Text(&rest[..end]));
            }
            if let Some(body) = rest.strip_prefix("<![CDATA[") {
                let (data, length) = match body.find("]]>") {
                    Some(end) => (&body[..end], 9 + end + 3),
                    None => {
                        self.is_salvaged = true;
                        (body, rest.len())
                    }
                };
                self.at += length;
                return Some(Token::Data(data));
            }
            if rest.starts_with("<!") || rest.starts_with("<?") {
                match self.passed(rest) {
                    Some(token) => return Some(token),
                    None => continue,
                }
            }
            if rest.starts_with("</") {
                return Some(self.end_tag(rest));
            }
            if name_length(&rest[1..]) > 0 {
                return Some(self.start_tag(rest));
            }
            self.at += 1;
            self.is_salvaged = true;
            return Some(Token::Data("<"));
        }
    }
}

fn tag_end(rest: &str) -> Option<usize> {
    // Only looked for in a bounded part: it is called for each of many broken openings.
    let head = rest.as_bytes();
    let head = &head[..head.len().min(4096)];
    head.iter().position(|b| *b == b'>').map(|end| end + 1)
}

/// How long the name is that a text begins with; 0 where it begins with none.
fn name_length(text: &str) -> usize {
    let starts = text
        .chars()
        .next()
        .is_some_and(|c| c.is_alphabetic() || c == '_');
    if !starts {
        return 0;
    }
    text.find(|c: char| c.is_whitespace() || matches!(c, '>' | '<' | '/' | '=' | '"' | '\''))
        .unwrap_or(text.len())
}

/// The entities that a document declares itself: plain ones only, none that names another.
#[derive(Debug, Default)]
pub(in crate::source::feed) struct Entities<'a> {
    own: Vec<(&'a str, &'a str)>,
}

impl<'a> Entities<'a> {
    fn declare(&mut self, doctype: &'a str) {
        for declaration in doctype.split("<!ENTITY").skip(1).take(MAX_ENTITIES) {
            let declaration = declaration.trim_start();
            let Some((name, rest)) = declaration.split_once(|c: char| c.is_ascii_whitespace())
            else {
                continue;
            };
            let rest = rest.trim_start();
            let Some(quote) = rest.chars().next().filter(|c| matches!(c, '"' | '\'')) else {
                continue;
            };
            let Some((value, _)) = rest[1..].split_once(quote) else {
                continue;
            };
            let is_plain = !value.contains('&') || value.starts_with("&#");
            if is_plain && value.len() <= MAX_ENTITY_BYTES && !value.contains('<') {
                self.own.push((name, value));
            }
        }
    }

    /// A text with its references resolved: the five of XML, numbers, the document's own, and those of
    /// HTML, which many use without declaring them. What is none stays as it is.
    pub(super) fn decode(&self, raw: &'a str) -> Cow<'a, str> {
        if !raw.contains('&') {
            return Cow::Borrowed(raw);
        }
        let mut out = String::with_capacity(raw.len());
        self.decode_into(raw, &mut out);
        Cow::Owned(out)
    }

    pub(super) fn decode_into(&self, raw: &str, out: &mut String) {
        let mut rest = raw;
        while let Some(at) = rest.find('&') {
            out.push_str(&rest[..at]);
            rest = &rest[at..];
            let bytes = rest.as_bytes();
            let limit = bytes.len().min(MAX_REFERENCE_BYTES);
            let end = bytes[1..limit]
                .iter()
                .position(|b| !(b.is_ascii_alphanumeric() || *b == b'#' || *b == b'_'))
                .map(|end| end + 1)
                .filter(|end| bytes[*end] == b';');
            let resolved = end.is_some_and(|end| self.one(&rest[1..end], out));
            if resolved {
                rest = &rest[end.unwrap_or_default() + 1..];
            } else {
                out.push('&');
                rest = &rest[1..];
            }
        }
        out.push_str(rest);
    }

    /// Writes what a reference stands for; false where nobody knows.
    fn one(&self, name: &str, out: &mut String) -> bool {
        let known = match name {
            "amp" => Some('&'),
            "lt" => Some('<'),
            "gt" => Some('>'),
            "quot" => Some('"'),
            "apos" => Some('\''),
            _ => None,
        };
        if let Some(c) = known {
            out.push(c);
            return true;
        }
        if let Some(number) = name.strip_prefix('#') {
            return numbered(number).map(|c| out.push(c)).is_some();
        }
        if let Some((_, value)) = self.own.iter().find(|(n, _)| *n == name) {
            match value.strip_prefix("&#").and_then(|v| v.strip_suffix(';')) {
                Some(number) => out.extend(numbered(number)),
                None => out.push_str(value),
            }
            return true;
        }
        html_entity(name, out)
    }
}

/// A named entity of HTML.
pub(super) fn html_entity(name: &str, out: &mut String) -> bool {
    let key = [name, ";"].concat();
    let Some((first, second)) = html5ever::data::NAMED_ENTITIES.get(key.as_str()) else {
        return false;
    };
    let before = out.len();
    out.extend(char::from_u32(*first).filter(|c| *c != '\0'));
    out.extend(char::from_u32(*second).filter(|c| *c != '\0'));
    out.len() > before
}

/// A numbered character. 128 to 159 are meant as windows-1252, as in HTML.
fn numbered(number: &str) -> Option<char> {
    let code = match number.strip_prefix(['x', 'X']) {
        Some(hex) => u32::from_str_radix(hex, 16).ok()?,
        None => number.parse().ok()?,
    };
    if (128..160).contains(&code) {
        let byte = [u8::try_from(code).ok()?];
        let (text, _) = encoding_rs::WINDOWS_1252.decode_without_bom_handling(&byte);
        return text.chars().next();
    }
    char::from_u32(code).filter(|c| *c != '\0')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        let mut tokens = Tokens::new(text);
        let mut out = String::new();
        while let Some(token) = tokens.next() {
            match token {
                Token::Start { name, is_empty } => {
                    out.push_str(&format!("<{name}"));
                    for (n, v) in &tokens.attributes {
                        out.push_str(&format!(" {n}=[{}]", tokens.entities.decode(v)));
                    }
                    out.push_str(if is_empty { "/>" } else { ">" });
                }
                Token::End(name) => out.push_str(&format!("</{name}>")),
                Token::Text(text) => out.push_str(&tokens.entities.decode(text)),
                Token::Data(text) => out.push_str(&format!("[{text}]")),
            }
        }
        out
    }

    #[test]
    fn sound_xml_is_read_as_it_is() {
        for (text, expect) in [
            (
                "<a b='1' c = \"2&amp;3\"/>x</a >",
                "<a b=[1] c=[2&3]/>x</a>",
            ),
            ("<?xml version='1.0'?><!-- <b> --><a>", "<a>"),
            ("<![CDATA[<b>&amp;]]>", "[<b>&amp;]"),
            ("&lt;&#65;&#x42;&eacute;&#146;&copy;", "<ABé’©"),
            (
                "<!DOCTYPE r [<!ENTITY me \"I > you\"><!ENTITY x '&#66;'>]><r>&me;&x;",
                "<r>I > youB",
            ),
        ] {
            assert_eq!(shown(text), expect, "{text}");
        }
    }

    #[test]
    fn broken_xml_is_read_as_well_as_it_can_be() {
        for (text, expect) in [
            ("1 < 2 & 3 &nosuch; &amp", "1 [<] 2 & 3 &nosuch; &amp"),
            ("<a b=1 c d='x>y</a>", "<a b=[1] d=[x]>y</a>"),
            ("<a <b>x", "<a><b>x"),
            ("x<!-- never closed", "x"),
            ("x<![CDATA[never closed", "x[never closed]"),
            ("<!DOCTYPE never [ closed", ""),
            ("</a", "</a>"),
            ("<a", "<a>"),
            ("<!weird>", "[<!]weird>"),
            ("<a = '1'>", "<a>"),
            ("<é ö='ü'>", "<é ö=[ü]>"),
            ("<a b=\"", "<a b=[]>"),
            ("&#0;&#xD800;&#99999999999;", "&#0;&#xD800;&#99999999999;"),
            (
                "<!DOCTYPE r [<!ENTITY a \"&b;&b;\"><!ENTITY b \"x\">]>&a;&b;",
                "&a;x",
            ),
        ] {
            assert_eq!(shown(text), expect, "{text}");
        }
    }
}

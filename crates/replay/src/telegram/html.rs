//! Telegram's HTML, read as strictly as its servers do (TDLib's parser is the model of the refusals), and what becomes
//! of characters that no message may hold.

use serde::Serialize;

/// A marked part of a text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Entity {
    /// `bold`, `italic`, `text_link`, `code` ...
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// Where it begins, in UTF-16 units.
    pub offset: usize,
    /// How long it is, in UTF-16 units.
    pub length: usize,
    /// Where a link leads.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// What each tag marks.
const TAGS: [(&str, &str); 16] = [
    ("a", "text_link"),
    ("b", "bold"),
    ("blockquote", "blockquote"),
    ("code", "code"),
    ("del", "strikethrough"),
    ("em", "italic"),
    ("i", "italic"),
    ("ins", "underline"),
    ("pre", "pre"),
    ("s", "strikethrough"),
    ("span", "spoiler"),
    ("strike", "strikethrough"),
    ("strong", "bold"),
    ("tg-emoji", "custom_emoji"),
    ("tg-spoiler", "spoiler"),
    ("u", "underline"),
];

/// What Telegram makes of control characters and marks that turn the direction of a text.
pub(super) fn clean(text: &str) -> String {
    let kept = text.chars().filter_map(|letter| match letter {
        '\r' | '\u{2028}'..='\u{202e}' => None,
        '\n' => Some('\n'),
        '\0'..='\u{1f}' => Some(' '),
        letter => Some(letter),
    });
    kept.collect()
}

struct Open {
    tag: String,
    argument: Option<String>,
    offset: usize,
    at: usize,
}

/// The plain text and what is marked in it, or why it cannot be read.
pub(super) fn parse(html: &str) -> Result<(String, Vec<Entity>), String> {
    let mut text = String::new();
    let mut length = 0;
    let mut open: Vec<Open> = Vec::new();
    let mut entities = Vec::new();
    let mut at = 0;
    while let Some(letter) = html.get(at..).and_then(|rest| rest.chars().next()) {
        if letter != '<' {
            let (letter, size) = decoded(&html[at..]).unwrap_or((letter, letter.len_utf8()));
            text.push(letter);
            length += letter.len_utf16();
            at += size;
            continue;
        }
        if html[at + 1..].starts_with('/') {
            let Some(begun) = open.pop() else {
                return Err(format!("Unexpected end tag at byte offset {at}"));
            };
            at = end_tag(html, at, &begun.tag)?;
            entities.extend(entity(begun, &text, length));
        } else {
            let (begun, next) = start_tag(html, at, length)?;
            open.push(Open {
                at: text.len(),
                ..begun
            });
            at = next;
        }
    }
    if let Some(begun) = open.last() {
        return Err(format!(
            "Can't find end tag corresponding to start tag \"{}\"",
            begun.tag
        ));
    }
    entities.sort_by_key(|entity: &Entity| (entity.offset, usize::MAX - entity.length));
    Ok((text, entities))
}

/// A tag's end, and where the text goes on behind it.
fn end_tag(html: &str, at: usize, expected: &str) -> Result<usize, String> {
    let bytes = html.as_bytes();
    let mut end = at + 2;
    while bytes
        .get(end)
        .is_some_and(|b| !b.is_ascii_whitespace() && *b != b'>')
    {
        end += 1;
    }
    let found = html[at + 2..end].to_ascii_lowercase();
    while bytes.get(end).is_some_and(u8::is_ascii_whitespace) {
        end += 1;
    }
    if bytes.get(end) != Some(&b'>') {
        return Err(format!("Unclosed end tag at byte offset {at}"));
    }
    if !found.is_empty() && found != expected {
        return Err(format!(
            "Unmatched end tag at byte offset {at}, expected \"</{expected}>\", found \"</{found}>\""
        ));
    }
    Ok(end + 1)
}

/// A tag with its attributes, and where the text goes on behind it.
fn start_tag(html: &str, at: usize, offset: usize) -> Result<(Open, usize), String> {
    let bytes = html.as_bytes();
    let unclosed = || format!("Unclosed start tag at byte offset {at}");
    let mut end = at + 1;
    while bytes
        .get(end)
        .is_some_and(|b| !b.is_ascii_whitespace() && *b != b'>')
    {
        end += 1;
    }
    if end == bytes.len() {
        return Err(unclosed());
    }
    let tag = html[at + 1..end].to_ascii_lowercase();
    if !TAGS.iter().any(|(known, _)| *known == tag) {
        return Err(format!(
            "Unsupported start tag \"{tag}\" at byte offset {at}"
        ));
    }
    let mut argument = None;
    loop {
        while bytes.get(end).is_some_and(u8::is_ascii_whitespace) {
            end += 1;
        }
        match bytes.get(end) {
            None => return Err(unclosed()),
            Some(b'>') => break,
            Some(_) => {}
        }
        let (name, value, next) = attribute(html, end, &tag, at)?;
        end = next;
        let wanted = match tag.as_str() {
            "a" => name == "href",
            "span" | "code" => name == "class",
            "tg-emoji" => name == "emoji-id",
            _ => false,
        };
        if wanted {
            argument = Some(value);
        }
    }
    if tag == "span" && argument.as_deref() != Some("tg-spoiler") {
        return Err(format!(
            "Tag \"span\" must have class \"tg-spoiler\" at byte offset {at}"
        ));
    }
    let begun = Open {
        tag,
        argument,
        offset,
        at: 0,
    };
    Ok((begun, end + 1))
}

/// An attribute's name and value, and where the tag goes on.
fn attribute(
    html: &str,
    from: usize,
    tag: &str,
    tag_at: usize,
) -> Result<(String, String, usize), String> {
    let bytes = html.as_bytes();
    let unclosed = || format!("Unclosed start tag at byte offset {tag_at}");
    let ends_name = |b: &u8| b.is_ascii_whitespace() || b"=>/\"'".contains(b);
    let mut end = from;
    while bytes.get(end).is_some_and(|b| !ends_name(b)) {
        end += 1;
    }
    let name = html[from..end].to_ascii_lowercase();
    if name.is_empty() {
        return Err(format!(
            "Empty attribute name in the tag \"{tag}\" at byte offset {tag_at}"
        ));
    }
    while bytes.get(end).is_some_and(u8::is_ascii_whitespace) {
        end += 1;
    }
    match bytes.get(end) {
        None => return Err(unclosed()),
        Some(b'=') => end += 1,
        Some(_) => return Ok((name, String::new(), end)),
    }
    while bytes.get(end).is_some_and(u8::is_ascii_whitespace) {
        end += 1;
    }
    let quote = *bytes.get(end).ok_or_else(unclosed)?;
    if !matches!(quote, b'"' | b'\'') {
        let begun = end;
        while bytes
            .get(end)
            .is_some_and(|b| b.is_ascii_alphanumeric() || b".-".contains(b))
        {
            end += 1;
        }
        if !bytes
            .get(end)
            .is_some_and(|b| b.is_ascii_whitespace() || *b == b'>')
        {
            return Err(format!(
                "Unexpected end of name token at byte offset {begun}"
            ));
        }
        return Ok((name, html[begun..end].to_ascii_lowercase(), end));
    }
    end += 1;
    let mut value = String::new();
    loop {
        let rest = html.get(end..).unwrap_or_default();
        let letter = rest.chars().next().ok_or_else(unclosed)?;
        if letter == char::from(quote) {
            return Ok((name, value, end + 1));
        }
        let (letter, size) = decoded(rest).unwrap_or((letter, letter.len_utf8()));
        value.push(letter);
        end += size;
    }
}

/// What a closed tag marks; nothing where it is empty, or a link that leads nowhere.
fn entity(begun: Open, text: &str, length: usize) -> Option<Entity> {
    let (_, kind) = TAGS.iter().find(|(tag, _)| *tag == begun.tag)?;
    let size = length.checked_sub(begun.offset).filter(|size| *size > 0)?;
    let url = match *kind {
        "text_link" => {
            // Without an address the text is one.
            let inside = || text[begun.at..].to_owned();
            let url = begun
                .argument
                .filter(|url| !url.is_empty())
                .unwrap_or_else(inside);
            let is_address = ["http://", "https://", "tg://", "mailto:"]
                .iter()
                .any(|scheme| url.starts_with(scheme));
            Some(url).filter(|_| is_address)
        }
        _ => None,
    };
    if *kind == "text_link" && url.is_none() {
        return None;
    }
    Some(Entity {
        kind,
        offset: begun.offset,
        length: size,
        url,
    })
}

/// The character that an entity stands for, and how long the entity is. Only these are known; any other `&` is itself.
fn decoded(rest: &str) -> Option<(char, usize)> {
    let rest = rest.strip_prefix('&')?;
    let ends = |letter: char| !letter.is_ascii_alphanumeric() && letter != '#';
    let name_end = rest.find(ends).unwrap_or(rest.len());
    let (name, behind) = rest.split_at(name_end);
    let letter = if let Some(number) = name.strip_prefix('#') {
        let code = match number.strip_prefix(['x', 'X']) {
            Some(hex) => u32::from_str_radix(hex, 16).ok()?,
            None => number.parse().ok()?,
        };
        char::from_u32(code).filter(|letter| *letter != '\0')?
    } else {
        match name {
            "lt" => '<',
            "gt" => '>',
            "amp" => '&',
            "quot" => '"',
            _ => return None,
        }
    };
    let semicolon = usize::from(behind.starts_with(';'));
    Some((letter, 1 + name.len() + semicolon))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_telegram_reads_and_counts_in_utf_16() {
        let (text, entities) = parse(
            "🔥 <b>a &lt; b</b> &amp; &copy; <a href=\"https://e.example/?a=1&amp;b=2\">x</a>",
        )
        .unwrap();
        assert_eq!(text, "🔥 a < b & &copy; x");
        let found: Vec<_> = entities
            .iter()
            .map(|e| (e.kind, e.offset, e.length))
            .collect();
        assert_eq!(found, [("bold", 3, 5), ("text_link", 18, 1)]);
        assert_eq!(
            entities[1].url.as_deref(),
            Some("https://e.example/?a=1&b=2")
        );
        let (text, entities) =
            parse("<pre><code class=\"language-rust\">&#x41;&#66;</code></pre>").unwrap();
        assert_eq!((text.as_str(), entities.len()), ("AB", 2));
        assert_eq!(clean("a\r\n\0\u{202e}b\tc"), "a\n b c");
    }

    #[test]
    fn refuses_what_telegram_refuses() {
        let check = |html: &str, expect: &str| {
            assert_eq!(parse(html).unwrap_err(), expect, "{html}");
        };
        check(
            "<b>a",
            "Can't find end tag corresponding to start tag \"b\"",
        );
        check("a</b>", "Unexpected end tag at byte offset 1");
        check("a <3 b", "Unsupported start tag \"3\" at byte offset 2");
        check("é <", "Unclosed start tag at byte offset 3");
        check(
            "<script>x</script>",
            "Unsupported start tag \"script\" at byte offset 0",
        );
        check(
            "<b><i>a</b></i>",
            "Unmatched end tag at byte offset 7, expected \"</i>\", found \"</b>\"",
        );
        check("<b>a</b", "Unclosed end tag at byte offset 4");
        check("<a href=\"x>y</a>", "Unclosed start tag at byte offset 0");
        check(
            "<a href=x:y>z</a>",
            "Unexpected end of name token at byte offset 8",
        );
        check("<br/>", "Unsupported start tag \"br/\" at byte offset 0");
        check(
            "<b =\"\">a</b>",
            "Empty attribute name in the tag \"b\" at byte offset 0",
        );
        check(
            "<span>a</span>",
            "Tag \"span\" must have class \"tg-spoiler\" at byte offset 0",
        );
    }
}

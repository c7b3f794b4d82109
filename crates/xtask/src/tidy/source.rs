//! Looking at Rust source without a parser: code without comments, strings and tests, and the strings by themselves.
//! Good enough for rules about names; line numbers stay what they are in the file.

/// A Rust file, taken apart.
pub struct Source {
    /// The code; comments, contents of literals and `#[cfg(test)]` items are blanks.
    pub code: String,
    /// String literals outside tests: line (from 1) and contents.
    pub strings: Vec<(usize, String)>,
}

impl Source {
    /// Takes `text` apart.
    pub fn read(text: &str) -> Self {
        let (code, strings) = split(text);
        let (code, tests) = without_tests(&code);
        let strings = strings
            .into_iter()
            .filter(|(at, _)| !tests.iter().any(|range| range.contains(at)));
        let strings = strings
            .map(|(at, string)| (line_of(text, at), string))
            .collect();
        Self { code, strings }
    }

    /// Every place where `name` stands as a path of its own, not inside a longer name: the line, from 1.
    pub fn lines_with<'a>(&'a self, name: &'a str) -> impl Iterator<Item = usize> + 'a {
        self.code
            .match_indices(name)
            .filter(move |(at, _)| {
                let before = self.code[..*at].chars().next_back();
                let after = self.code[at + name.len()..].chars().next();
                let goes_on = name.ends_with(is_name) && after.is_some_and(is_name);
                !goes_on && !before.is_some_and(is_name)
            })
            .map(|(at, _)| line_of(&self.code, at))
    }
}

/// The line of a byte position, from 1.
pub fn line_of(text: &str, at: usize) -> usize {
    text.as_bytes()[..at]
        .iter()
        .filter(|byte| **byte == b'\n')
        .count()
        + 1
}

/// True for a letter of a Rust name.
pub fn is_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Blanks comments and literals, byte for byte; returns the code, and each string with its position.
fn split(text: &str) -> (String, Vec<(usize, String)>) {
    let bytes = text.as_bytes();
    let mut code = bytes.to_vec();
    let mut strings = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let rest = &bytes[at..];
        let end = if rest.starts_with(b"//") {
            at + rest.iter().position(|b| *b == b'\n').unwrap_or(rest.len())
        } else if rest.starts_with(b"/*") {
            at + block_comment(rest)
        } else if let Some((open, close)) =
            string_bounds(rest, at.checked_sub(1).map(|before| bytes[before]))
        {
            strings.push((
                at,
                text.get(at + open..at + close)
                    .unwrap_or_default()
                    .to_string(),
            ));
            at + close + (open - raw_prefix(rest))
        } else if let Some(length) = char_literal(rest) {
            at + length
        } else {
            at += 1;
            continue;
        };
        let end = end.min(bytes.len());
        for byte in &mut code[at..end] {
            if *byte != b'\n' {
                *byte = b' ';
            }
        }
        at = end;
    }
    // Only whole literals and comments were blanked, so this is still UTF-8; if not, the rule sees nothing.
    (String::from_utf8(code).unwrap_or_default(), strings)
}

/// The length of a block comment; they nest.
fn block_comment(rest: &[u8]) -> usize {
    let (mut depth, mut at) = (0, 0);
    while at < rest.len() {
        if rest[at..].starts_with(b"/*") {
            depth += 1;
            at += 2;
        } else if rest[at..].starts_with(b"*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += 1;
        }
    }
    rest.len()
}

/// Where the contents of a string that starts here begin and end; `None` if none starts here.
fn string_bounds(rest: &[u8], before: Option<u8>) -> Option<(usize, usize)> {
    let prefix = raw_prefix(rest);
    let inside_a_name = before.is_some_and(|b| b.is_ascii_alphanumeric() || b == b'_');
    if prefix > 0 && inside_a_name {
        return None;
    }
    let raw = rest[..prefix].contains(&b'r');
    let hashes = rest[prefix..].iter().take_while(|b| **b == b'#').count();
    if rest.get(prefix + hashes) != Some(&b'"') || (hashes > 0 && !raw) {
        return None;
    }
    let open = prefix + hashes + 1;
    let mut at = open;
    while at < rest.len() {
        match rest[at] {
            b'\\' if !raw => at += 2,
            b'"' if rest[at + 1..]
                .iter()
                .take(hashes)
                .filter(|b| **b == b'#')
                .count()
                == hashes =>
            {
                return Some((open, at));
            }
            _ => at += 1,
        }
    }
    Some((open, rest.len()))
}

/// The length of a literal's prefix: `r`, `b`, `br`, `c`, `cr`.
fn raw_prefix(rest: &[u8]) -> usize {
    [b"br".as_slice(), b"cr", b"r", b"b", b"c"]
        .into_iter()
        .find(|p| rest.starts_with(p) && matches!(rest.get(p.len()), Some(b'"' | b'#')))
        .map_or(0, <[u8]>::len)
}

/// The length of the character literal that starts here; `None` for a lifetime's tick or anything else.
fn char_literal(rest: &[u8]) -> Option<usize> {
    let text = String::from_utf8_lossy(&rest[..rest.len().min(12)]);
    let inside = text.strip_prefix('\'')?;
    let first = inside.chars().next()?;
    if first == '\\' {
        // The escaped character may itself be a tick.
        return Some(inside.get(2..)?.find('\'')? + 4);
    }
    inside[first.len_utf8()..]
        .starts_with('\'')
        .then(|| first.len_utf8() + 2)
}

/// Blanks each item under `#[cfg(test)]`; returns the ranges that were blanked.
fn without_tests(code: &str) -> (String, Vec<std::ops::Range<usize>>) {
    let mut out = code.as_bytes().to_vec();
    let mut ranges = Vec::new();
    let mut from = 0;
    while let Some(at) = code[from..].find("#[cfg(test)]").map(|at| at + from) {
        let end = item_end(code.as_bytes(), at + "#[cfg(test)]".len());
        for byte in &mut out[at..end] {
            if *byte != b'\n' {
                *byte = b' ';
            }
        }
        ranges.push(at..end);
        from = end;
    }
    (String::from_utf8(out).unwrap_or_default(), ranges)
}

/// Where the item that starts at `at` ends: at its `;`, or at the brace that closes its body.
fn item_end(code: &[u8], at: usize) -> usize {
    let mut depth = 0;
    for (offset, byte) in code[at..].iter().enumerate() {
        match byte {
            b'{' | b'(' | b'[' => depth += 1,
            b'}' | b')' | b']' => {
                depth -= 1;
                if depth == 0 && *byte == b'}' {
                    return at + offset + 1;
                }
            }
            b';' if depth == 0 => return at + offset + 1,
            _ => {}
        }
    }
    code.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_literals_are_blank() {
        let check = |text: &str, expect: &str| {
            assert_eq!(Source::read(text).code.trim_end(), expect, "{text}")
        };
        check("a; // crate::x", "a;");
        check("a /*/*b*/*/ d", "a           d");
        check(r#"f("x", b)"#, "f(   , b)");
        check(
            r##"f(r#"a " b"#, 'c', '\'', &'a str)"##,
            "f(          ,    ,     , &'a str)",
        );
        check("f('é', 'x')", "f(    ,    )");
        check(r#"for_("x")"#, "for_(   )");
        check(r#"f("\\", b"y")"#, "f(    ,     )");
    }

    #[test]
    fn strings_are_kept_with_their_lines() {
        let source = Source::read("a(\n\"one\\n\",\nr#\"two\"#)");
        assert_eq!(
            source.strings,
            [(2, "one\\n".to_string()), (3, "two".to_string())]
        );
    }

    #[test]
    fn tests_are_left_out() {
        let text = "fn a() {}\n#[cfg(test)]\nmod tests {\n    fn b() { call(\"SELECT 1\"); }\n}\nfn c() {}\n#[cfg(test)]\nuse x::y;\n";
        let source = Source::read(text);
        assert!(source.code.contains("fn a()") && source.code.contains("fn c()"));
        assert!(!source.code.contains("fn b") && !source.code.contains("use x"));
        assert!(source.strings.is_empty());
    }

    #[test]
    fn a_name_is_not_found_inside_a_longer_one() {
        let source = Source::read("MyUtc::now();\nUtc::now();\nUtc::nowhere();");
        assert_eq!(source.lines_with("Utc::now").collect::<Vec<_>>(), [2]);
    }
}

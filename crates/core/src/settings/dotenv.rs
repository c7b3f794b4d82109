//! Reading `.env`: what dotenvy makes of it, with the lines that each entry stands on, so that a broken
//! line can be named and an entry replaced. Never sets a variable of the process, never shows a value.

use std::cell::Cell;
use std::io::{self, Read};
use std::ops::Range;
use std::rc::Rc;

/// One `NAME=value`.
pub(crate) struct Entry {
    /// The name.
    pub name: String,
    /// The value, unquoted. May be a secret.
    pub value: String,
    /// The lines it stands on, counted from 0.
    pub lines: Range<usize>,
}

/// Stands behind a value that the window wrote and that counts as written by nobody else.
pub(crate) const BY_WINDOW: &str = " # set in the window";

impl Entry {
    /// Whether the window wrote it. `text` is the file's.
    pub(crate) fn is_by_window(&self, text: &str) -> bool {
        let last = self.lines.end.checked_sub(1);
        let line = last.and_then(|at| text.lines().nth(at));
        line.is_some_and(|line| line.ends_with(BY_WINDOW))
    }
}

/// What a `.env` holds.
pub(crate) struct Parsed {
    /// The entries in order.
    pub entries: Vec<Entry>,
    /// The lines that could not be read, counted from 1.
    pub bad_lines: Vec<usize>,
}

/// Reads a whole file.
pub(crate) fn parse(text: &str) -> Parsed {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let read = Rc::new(Cell::new(0));
    let reader = Lines {
        rest: text,
        open_end: !text.is_empty() && !text.ends_with('\n'),
        pending: Vec::new(),
        read: Rc::clone(&read),
    };
    let lines: Vec<&str> = text.lines().collect();
    let mut parsed = Parsed {
        entries: Vec::new(),
        bad_lines: Vec::new(),
    };
    let mut after = 0;
    for item in dotenvy::Iter::new(reader) {
        let end = read.get().min(lines.len());
        match item {
            Ok((name, value)) => {
                let start = (after..end)
                    .rev()
                    .find(|&i| assigned_name(lines[i]) == Some(&name))
                    .unwrap_or(end.saturating_sub(1));
                parsed.entries.push(Entry {
                    name,
                    value,
                    lines: start..end,
                });
            }
            Err(dotenvy::Error::LineParse(shown, _)) => {
                let above = shown.trim_end_matches('\n').matches('\n').count();
                parsed.bad_lines.push(end.saturating_sub(above).max(1));
            }
            Err(_) => parsed.bad_lines.push(end + 1),
        }
        after = end;
    }
    parsed
}

/// Writes a value so that dotenvy reads exactly the same back. The value must have no line break.
pub(crate) fn quote(value: &str) -> String {
    let mut quoted = String::with_capacity(value.len() + 2);
    quoted.push('"');
    for c in value.chars() {
        if matches!(c, '"' | '\\' | '$') {
            quoted.push('\\');
        }
        quoted.push(c);
    }
    quoted.push('"');
    quoted
}

/// The name that a line assigns to.
fn assigned_name(line: &str) -> Option<&str> {
    let line = line.trim_start();
    let line = line.strip_prefix("export ").unwrap_or(line).trim_start();
    let (name, _) = line.split_once('=')?;
    Some(name.trim_end())
}

/// Hands out one line at a time, so that how much was read tells which line dotenvy is at.
struct Lines<'a> {
    rest: &'a str,
    open_end: bool,
    pending: Vec<u8>,
    read: Rc<Cell<usize>>,
}

impl Read for Lines<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if self.pending.is_empty() && !self.rest.is_empty() {
            let end = self.rest.find('\n').map_or(self.rest.len(), |at| at + 1);
            self.pending = self.rest.as_bytes()[..end].to_vec();
            self.rest = &self.rest[end..];
            if self.rest.is_empty() && self.open_end {
                self.pending.push(b'\n');
            }
            self.read.set(self.read.get() + 1);
        }
        let count = self.pending.len().min(buf.len());
        buf[..count].copy_from_slice(&self.pending[..count]);
        self.pending.drain(..count);
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_know_their_lines() {
        let parsed = parse("# a\nA=1\n\nexport B = \"two\nlines\"\r\nC='x y' # c");
        let seen: Vec<_> = parsed
            .entries
            .iter()
            .map(|e| (e.name.as_str(), e.value.as_str(), e.lines.clone()))
            .collect();
        assert_eq!(
            seen,
            [
                ("A", "1", 1..2),
                ("B", "two\nlines", 3..5),
                ("C", "x y", 5..6)
            ]
        );
        assert!(parsed.bad_lines.is_empty());
    }

    #[test]
    fn a_broken_line_is_named_and_the_others_are_read() {
        let parsed = parse("A=1\nB=two words\nnonsense\nC=3\n");
        assert_eq!(parsed.bad_lines, [2, 3]);
        assert_eq!(parsed.entries.len(), 2);
    }

    #[test]
    fn an_open_quote_is_named_where_it_opens() {
        let parsed = parse("A=1\nB=\"open\nC=3\nD=4\n");
        assert_eq!(parsed.bad_lines, [2]);
        assert_eq!(parsed.entries.len(), 1);
    }

    #[test]
    fn an_empty_file_has_nothing() {
        for text in ["", "\n", "\u{feff}", "# only a comment", "  \n\t\n"] {
            let parsed = parse(text);
            assert!(parsed.entries.is_empty() && parsed.bad_lines.is_empty());
        }
    }

    #[test]
    fn what_is_quoted_is_read_back_exactly() {
        for value in [
            "plain",
            "",
            " spaces around ",
            "a#b # c",
            "$HOME ${HOME} $$ \\$",
            "quotes \" ' `",
            "back\\slash\\",
            "ü😀\u{202e}x",
            "=a=b",
            "tab\there",
            "\\n",
        ] {
            let text = format!("X={}\nY=1\n", quote(value));
            let parsed = parse(&text);
            assert_eq!(parsed.entries[0].value, value, "{text}");
            assert_eq!(parsed.entries.len(), 2, "{text}");
        }
    }
}

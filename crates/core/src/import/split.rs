//! Cuts a JSON document into its values without understanding them: brackets are counted, strings are
//! skipped over. So a value of any size or depth takes no more memory than is allowed for one, and what
//! is wrong within a value stays within it.

use std::io::{self, BufRead};

/// What stands where a value was expected.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// A value, whole.
    Value(Vec<u8>),
    /// A value of more bytes than are allowed; it was skipped.
    TooLarge,
    /// No value: the document ends or is damaged here.
    Broken,
}

/// Reads a document piece by piece.
pub(super) struct Split<R> {
    from: R,
}

impl<R: BufRead> Split<R> {
    pub fn new(from: R) -> Self {
        Self { from }
    }

    /// The next byte that is not white space, which stays; `None` at the end.
    pub fn peek(&mut self) -> io::Result<Option<u8>> {
        loop {
            let buffer = self.from.fill_buf()?;
            if buffer.is_empty() {
                return Ok(None);
            }
            match buffer.iter().position(|b| !b.is_ascii_whitespace()) {
                Some(at) => {
                    let byte = buffer[at];
                    self.consume(at);
                    return Ok(Some(byte));
                }
                None => {
                    let all = buffer.len();
                    self.consume(all);
                }
            }
        }
    }

    /// Takes the next byte that is not white space if it is this one.
    pub fn take(&mut self, wanted: u8) -> io::Result<bool> {
        let is = self.peek()? == Some(wanted);
        if is {
            self.consume(1);
        }
        Ok(is)
    }

    /// Takes a value of at most `most` bytes.
    pub fn value(&mut self, most: usize) -> io::Result<Piece> {
        match self.peek()? {
            None | Some(b',' | b':' | b']' | b'}') => return Ok(Piece::Broken),
            Some(_) => {}
        }
        let mut scan = Scan::default();
        let mut kept = Vec::new();
        let mut is_too_large = false;
        loop {
            let buffer = self.from.fill_buf()?;
            if buffer.is_empty() {
                // A number or a word may end with the document; brackets and strings may not.
                let is_whole = scan.is_word() && !kept.is_empty();
                return Ok(if is_whole {
                    Piece::Value(kept)
                } else {
                    Piece::Broken
                });
            }
            let end = buffer.iter().position(|byte| scan.ends_before(*byte));
            let taken = end.unwrap_or(buffer.len());
            if kept.len() + taken > most {
                is_too_large = true;
                kept = Vec::new();
            }
            if !is_too_large {
                kept.extend_from_slice(&buffer[..taken]);
            }
            self.consume(taken);
            if end.is_some() {
                return Ok(if is_too_large {
                    Piece::TooLarge
                } else {
                    Piece::Value(kept)
                });
            }
        }
    }

    fn consume(&mut self, bytes: usize) {
        self.from.consume(bytes);
    }
}

/// Where in a value the next byte is.
#[derive(Debug, Default)]
struct Scan {
    begun: bool,
    depth: u64,
    in_string: bool,
    escaped: bool,
    ended: bool,
}

impl Scan {
    /// Whether the value was complete before this byte; otherwise the byte is part of it.
    fn ends_before(&mut self, byte: u8) -> bool {
        if self.ended {
            return true;
        }
        if self.in_string {
            match byte {
                _ if self.escaped => self.escaped = false,
                b'\\' => self.escaped = true,
                b'"' => {
                    self.in_string = false;
                    self.ended = self.depth == 0;
                }
                _ => {}
            }
            return false;
        }
        let is_between = matches!(byte, b',' | b':' | b']' | b'}') || byte.is_ascii_whitespace();
        if self.depth == 0 && self.begun && is_between {
            return true;
        }
        self.begun = true;
        match byte {
            b'"' => self.in_string = true,
            b'{' | b'[' => self.depth += 1,
            b'}' | b']' => {
                self.depth = self.depth.saturating_sub(1);
                self.ended = self.depth == 0;
            }
            _ => {}
        }
        false
    }

    fn is_word(&self) -> bool {
        self.ended || (self.depth == 0 && !self.in_string)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::BufReader;

    fn split(text: &str, buffer: usize) -> Split<BufReader<&[u8]>> {
        Split::new(BufReader::with_capacity(buffer, text.as_bytes()))
    }

    #[test]
    fn values_come_whole_whatever_is_in_them() {
        for buffer in [1, 2, 3, 7, 4096] {
            for value in [
                "1",
                "-1.5e3",
                "true",
                "null",
                "\"\"",
                "\"a,]}\\\"b\\\\\"",
                "{}",
                "[]",
                "{\"a\":[1,{\"b\":\"}]\"}],\"c\":null}",
                "[[[[[]]]]]",
            ] {
                let text = format!(" {value} , 2");
                let mut split = split(&text, buffer);
                assert_eq!(
                    split.value(100).unwrap(),
                    Piece::Value(value.into()),
                    "{value}"
                );
                assert!(split.take(b',').unwrap());
                assert_eq!(split.value(100).unwrap(), Piece::Value(b"2".to_vec()));
                assert_eq!(split.value(100).unwrap(), Piece::Broken);
            }
        }
    }

    #[test]
    fn a_value_that_is_too_large_is_skipped_and_the_next_one_is_read() {
        let text = format!("[{}],7", "1,".repeat(1_000));
        let mut split = split(&text, 64);
        assert_eq!(split.value(100).unwrap(), Piece::TooLarge);
        assert!(split.take(b',').unwrap());
        assert_eq!(split.value(100).unwrap(), Piece::Value(b"7".to_vec()));
    }

    #[test]
    fn an_end_in_the_middle_is_seen() {
        for text in ["", " ", "{", "[1", "\"a", "\"a\\\"", ",", "]", "}"] {
            assert_eq!(split(text, 8).value(100).unwrap(), Piece::Broken, "{text}");
        }
    }
}

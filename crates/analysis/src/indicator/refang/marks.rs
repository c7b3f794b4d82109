//! Where a text is defanged: brackets around `.`, `:`, `/` and `@`, words for them, blanks around them.
//!
//! Each mark has a centre, the character or word that it stands for, and what was put around it: opening brackets to its
//! left, closing ones to its right, blanks among them. A mark on one side only counts where the other side touches the
//! indicator, because prose has brackets too.

use super::dots;

/// A piece of a text and what stands for it.
pub(super) struct Mark {
    pub start: usize,
    pub end: usize,
    pub with: &'static str,
}

/// How far what surrounds a centre is looked at, in bytes.
const REACH: usize = 16;

const CENTRE: [bool; 256] = {
    let mut table = [false; 256];
    let centres = b".,:/@-_dDaApP";
    let mut i = 0;
    while i < centres.len() {
        table[centres[i] as usize] = true;
        i += 1;
    }
    table
};

/// All marks of a text, in order, none within another.
pub(super) fn find(bytes: &[u8]) -> Vec<Mark> {
    let mut marks: Vec<Mark> = Vec::new();
    let mut reader = Reader {
        bytes,
        floor: 0,
        spaced: None,
    };
    let mut i = 0;
    while i < bytes.len() {
        if !CENTRE[bytes[i] as usize] {
            i += 1;
            continue;
        }
        match reader.mark(i) {
            Some(mark) => {
                i = mark.end.max(i + 1);
                reader.floor = mark.end;
                marks.push(mark);
            }
            None => i += 1,
        }
    }
    marks
}

/// A text that is read for marks from left to right.
pub(super) struct Reader<'a> {
    pub bytes: &'a [u8],
    /// The end of the last mark: none begins before.
    floor: usize,
    /// Where the address with blanks in it goes on: `http:// example .com /test`.
    spaced: Option<usize>,
}

/// What lies on one side of a centre.
#[derive(Clone, Copy, Default)]
pub(super) struct Side {
    /// Its outer end.
    pub to: usize,
    /// Brackets that open to the centre's left or close to its right; backslashes before them.
    pub brackets: usize,
    /// `[`, `{`, `]` and `}` among them.
    pub square: usize,
    pub slashes: usize,
    pub blanks: usize,
    /// Whether a letter or digit is what it ends at.
    pub is_held: bool,
}

impl Side {
    /// Whether it has brackets (or backslashes) and no blanks.
    pub fn is_tight(self) -> bool {
        self.blanks == 0
    }
}

impl Reader<'_> {
    fn mark(&mut self, i: usize) -> Option<Mark> {
        match self.bytes[i] {
            b'.' => self.dot(i),
            b',' => self.comma(i),
            b':' => self.colon(i),
            b'/' => self.slash(i),
            b'@' => self.at(i),
            b'-' => self.around(i, 1, "-").filter(|_| self.is_before(i, b'[')),
            b'_' => self.low_lines(i),
            b'd' | b'D' => dots::dot_word(self, i),
            b'a' | b'A' => dots::at_word(self, i),
            _ => dots::punkt_word(self, i),
        }
    }

    /// `[.]`, `(.)`, `{.}`, `[.`, `.]`, `\.`
    fn dot(&mut self, i: usize) -> Option<Mark> {
        let next = self.get(i + 1);
        if self.is_held(i) && (next.is_ascii_alphanumeric() || next.is_ascii_whitespace()) {
            return None;
        }
        let (left, right) = (self.left(i), self.right(i + 1));
        if !left.is_held || !right.is_held {
            return None;
        }
        if let Some(mark) = self.spaced_mark(i, left, ".") {
            return Some(mark);
        }
        let is_mark = match (left.brackets + left.slashes > 0, right.brackets > 0) {
            (true, true) => true,
            // `[.com`: it touches what follows; `(.NET` after a blank is prose.
            (true, false) if right.to == i + 1 => {
                if left.brackets == 0 {
                    left.is_tight() && !self.is_in_path(i)
                } else if left.is_tight() {
                    left.square > 0 || !self.closes_again(i + 1)
                } else {
                    left.square > 0 && !self.closes_again(i + 1)
                }
            }
            (false, true) => left.to == i && right.is_tight() && !self.is_before(right.to, b'>'),
            _ => false,
        };
        is_mark.then_some(Mark {
            start: left.to,
            end: right.to,
            with: ".",
        })
    }

    /// A blank before a centre in an address that had one behind its scheme already.
    fn spaced_mark(&mut self, i: usize, left: Side, with: &'static str) -> Option<Mark> {
        let from = self
            .spaced
            .filter(|from| *from <= left.to && i - from < 256)?;
        let is_one = left.blanks == 1
            && left.brackets + left.slashes == 0
            && self.is_word(i + 1)
            && !self.bytes[from..left.to]
                .iter()
                .any(u8::is_ascii_whitespace);
        is_one.then(|| {
            self.spaced = Some(i + 1);
            Mark {
                start: left.to,
                end: i + 1,
                with,
            }
        })
    }

    /// `[,]`: a slip for `[.]`.
    fn comma(&self, i: usize) -> Option<Mark> {
        (self.is_before(i, b'[') && self.get(i + 1) == b']')
            .then(|| self.around(i, 1, "."))
            .flatten()
    }

    /// `[:]//`, `[://]`, `:\\`, `:// ` before an address; `[:]` within one.
    fn colon(&mut self, i: usize) -> Option<Mark> {
        let is_drive = self.get(i + 1) == b'\\'
            && i > 0
            && self.bytes[i - 1].is_ascii_alphabetic()
            && (i < 2 || !self.bytes[i - 2].is_ascii_alphanumeric());
        if is_drive {
            return None;
        }
        let next = self.get(i + 1);
        if !matches!(
            next,
            b'/' | b'\\' | b']' | b')' | b'}' | b'_' | b'[' | b'(' | b' '
        ) {
            return None;
        }
        if let Some(end) = self.slashes(i + 1) {
            let left = self.left(i);
            let start = if left.brackets > 0 { left.to } else { i };
            let is_plain = start == i && end == i + 3 && &self.bytes[i..end] == b"://";
            if left.is_held && start > 0 && !is_plain && self.is_scheme(start) {
                self.spaced = (self.bytes[end - 1] == b' ').then_some(end);
                return Some(Mark {
                    start,
                    end,
                    with: "://",
                });
            }
            return None;
        }
        self.around(i, 1, ":")
    }

    /// The end of `//` behind a colon, however it is bracketed, with the blanks behind it.
    fn slashes(&self, from: usize) -> Option<usize> {
        let mut j = from;
        let mut seen = 0;
        while j < self.bytes.len() && j < from + REACH {
            match self.bytes[j] {
                b'/' => seen += 1,
                b'_' if self.get(j + 1) == b'_' => {
                    seen += 2;
                    j += 1;
                }
                b'\\' if self.get(j + 1) == b'/' => {}
                b'\\' => seen += 1,
                b']' | b')' | b'}' | b'[' | b'(' | b'{' if seen < 2 => {}
                b']' | b')' | b'}' => {}
                b' ' if seen == 0 && matches!(self.get(j + 1), b'/' | b' ') => {}
                b' ' if seen >= 2 && self.get(j + 1) != b' ' => {}
                _ => break,
            }
            j += 1;
        }
        // `http://` at the end of a sentence has nothing behind its blank.
        let is_followed = self.is_word(j) || self.get(j) == b'[';
        (seen >= 2 && is_followed).then_some(j)
    }

    /// Whether what ends before a place is the scheme of the web's or of files', disguised or not.
    fn is_scheme(&self, end: usize) -> bool {
        let from = end.saturating_sub(REACH);
        let Ok(before) = std::str::from_utf8(&self.bytes[from..end]) else {
            return false;
        };
        let word = super::schemes::word_before(before);
        super::scheme_of(word)
            .is_some_and(|(scheme, _)| super::is_known_scheme(&scheme) && word.len() > 1)
    }

    /// `http__example.com`
    fn low_lines(&self, i: usize) -> Option<Mark> {
        let is_pair = self.get(i + 1) == b'_' && self.is_word(i + 2);
        let from = i.saturating_sub(5);
        let before = self.bytes[from..i].to_ascii_lowercase();
        let is_web = [&b"http"[..], b"https", b"hxxp", b"hxxps"]
            .iter()
            .any(|s| before.ends_with(s));
        (is_pair && is_web).then_some(Mark {
            start: i,
            end: i + 2,
            with: "://",
        })
    }

    /// `[/]`, `(/)`, `com[/path`, `\/`
    fn slash(&mut self, i: usize) -> Option<Mark> {
        if i == 0 || self.is_held(i) {
            return None;
        }
        let (left, right) = (self.left(i), self.right(i + 1));
        if let Some(mark) = self.spaced_mark(i, left, "/") {
            return Some(mark);
        }
        let mut end = i + 1;
        while end < i + REACH && matches!(self.get(end), b']' | b')' | b'}') {
            end += 1;
        }
        let is_mark = left.is_tight()
            && left.is_held
            && match (left.brackets > 0, end > i + 1) {
                (true, true) => true,
                (true, false) => self.is_word(end) && left.square > 0,
                _ => left.slashes == 1 && right.to == end && !self.is_in_path(i),
            };
        is_mark.then_some(Mark {
            start: left.to,
            end,
            with: "/",
        })
    }

    /// `[@]`, `{ @ )`, ` @ `; a blank on one side only before a defanged name
    fn at(&self, i: usize) -> Option<Mark> {
        let (left, right) = (self.left(i), self.right(i + 1));
        if !left.is_held || !right.is_held || left.slashes > 0 {
            return None;
        }
        let is_mark = match (left.brackets > 0, right.brackets > 0) {
            (true, true) => true,
            (true, false) => left.is_tight() && right.to == i + 1,
            (false, true) => left.to == i,
            _ if left.blanks > 0 && right.blanks > 0 => true,
            _ => left.blanks + right.blanks > 0 && dots::is_defanged_behind(self, right.to),
        };
        is_mark.then_some(Mark {
            start: left.to,
            end: right.to,
            with: "@",
        })
    }

    /// A centre of a length with brackets on both of its sides.
    pub fn around(&self, i: usize, len: usize, with: &'static str) -> Option<Mark> {
        let (left, right) = (self.left(i), self.right(i + len));
        let is_mark = left.brackets > 0 && right.brackets > 0;
        // `[:][:]1` begins with a colon and `fe80[:][:]` ends with one.
        let is_pair = with == ":" && self.bytes[right.to..].starts_with(b"[:]");
        let is_held = left.is_held || is_pair;
        (is_mark && is_held && (right.is_held || with == ":")).then_some(Mark {
            start: left.to,
            end: right.to,
            with,
        })
    }

    /// What lies to the left of a centre.
    pub fn left(&self, i: usize) -> Side {
        let mut side = Side {
            to: i,
            ..Side::default()
        };
        let least = i.saturating_sub(REACH).max(self.floor);
        while side.to > least {
            match self.bytes[side.to - 1] {
                b'[' | b'{' => {
                    side.brackets += 1;
                    side.square += 1;
                }
                b'(' | b'<' => side.brackets += 1,
                b'\\' => side.slashes += 1,
                b' ' => side.blanks += 1,
                _ => break,
            }
            side.to -= 1;
        }
        side.is_held = self.is_held(side.to);
        side
    }

    /// What lies to the right of a centre that ends before `i`.
    pub fn right(&self, i: usize) -> Side {
        let mut side = Side {
            to: i,
            ..Side::default()
        };
        while side.to < self.bytes.len() && side.to < i + REACH {
            match self.bytes[side.to] {
                b']' | b'}' => {
                    side.brackets += 1;
                    side.square += 1;
                }
                b')' | b'>' => side.brackets += 1,
                b'\\' if matches!(self.get(side.to + 1), b')' | b']' | b'}') => side.slashes += 1,
                b' ' => side.blanks += 1,
                _ => break,
            }
            side.to += 1;
        }
        side.is_held = self.is_word(side.to);
        side
    }

    /// Whether no mark reaches beyond a place.
    pub fn is_free(&self, i: usize) -> bool {
        i >= self.floor
    }

    pub fn get(&self, i: usize) -> u8 {
        self.bytes.get(i).copied().unwrap_or(b'\n')
    }

    pub fn is_before(&self, i: usize, byte: u8) -> bool {
        i > 0 && self.bytes[i - 1] == byte
    }

    /// Whether a letter or digit stands at a place.
    pub fn is_word(&self, i: usize) -> bool {
        let b = self.get(i);
        b.is_ascii_alphanumeric() || b >= 0x80
    }

    /// Whether what a label ends with stands before a place, or the mark before ends there.
    pub fn is_held(&self, i: usize) -> bool {
        i > 0
            && (self.is_word(i - 1) || i == self.floor || matches!(self.bytes[i - 1], b'_' | b'-'))
    }

    /// Whether a place lies in a path of Windows or a key, whose backslashes are its own: another one before it in its line
    /// leads to a name.
    fn is_in_path(&self, i: usize) -> bool {
        // `C:\.x`, `%APPDATA%\.x`, `HKCU\.x`
        let end = i.saturating_sub(1);
        let root = self.bytes[end.saturating_sub(24)..end]
            .rsplit(|b| !b.is_ascii_uppercase() && *b != b'_');
        let is_hive = root
            .take(1)
            .any(|word| word.len() < 24 && word.starts_with(b"HK"));
        if is_hive || i > 1 && matches!(self.bytes[i - 2], b':' | b'%') {
            return true;
        }
        let least = i.saturating_sub(256);
        let line = self.bytes[least..i]
            .rsplit(|b| *b == b'\n')
            .next()
            .unwrap_or_default();
        line.windows(3).any(|w| {
            let is_led = w[0].is_ascii_alphanumeric() || matches!(w[0], b':' | b'%' | b'}' | b')');
            is_led && w[1] == b'\\' && w[2].is_ascii_alphanumeric()
        })
    }

    /// Whether the word at a place is followed by a closing bracket.
    fn closes_again(&self, i: usize) -> bool {
        let mut j = i;
        while j < i + 64 && self.is_word(j) {
            j += 1;
        }
        matches!(self.get(j), b']' | b')' | b'}')
    }
}

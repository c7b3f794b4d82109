//! The one pass over a text: it finds where an indicator can begin and asks the readers of what can begin there.
//!
//! Words without a dot, colon, slash, `@` or digit are passed by unless they are very long; they are nearly all of a text. Each
//! reader looks a bounded way ahead and back, or takes all that it has read, so the time grows with the length of the text
//! and with nothing else. Of what begins at one place the first reader that is sure has it, in the order below; the pass goes
//! on behind it, so nothing is ever found inside something else.

use super::refang::Whole;
use super::text::{Hit, Text, letter_at};
use super::{IndicatorKind, address, agent, coin, domain, encoded, hash, network, path, url};

const BLANK: u8 = 1;
const MARK: u8 = 2;
const DIGIT: u8 = 4;

/// What each byte says of its word.
const CLASS: [u8; 256] = {
    let mut table = [0; 256];
    let mut b = 0;
    while b < 256 {
        table[b] = match b as u8 {
            b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c => BLANK,
            b'.' | b'@' | b':' | b'/' | b'\\' => MARK,
            b'0'..=b'9' => DIGIT,
            _ => 0,
        };
        b += 1;
    }
    table
};

/// Shorter words of letters alone are no hash and no address of a coin.
const LONG: usize = 26;

/// Everything in a text, in order.
pub(super) fn scan(whole: &Whole) -> Vec<Hit> {
    let t = Text::new(whole);
    let mut scan = Scan {
        t,
        floor: 0,
        run_until: 0,
        version_end: None,
        hits: Vec::new(),
    };
    let mut i = 0;
    while i < t.len() {
        let mut seen = 0;
        let start = i;
        while i < t.len() {
            let class = CLASS[t.bytes[i] as usize];
            if class == BLANK {
                break;
            }
            seen |= class;
            i += 1;
        }
        if is_worth_it(t, start, i, seen) {
            i = scan.word(start, i);
        }
        while i < t.len() && CLASS[t.bytes[i] as usize] == BLANK {
            i += 1;
        }
    }
    scan.hits
}

/// Whether a word can have an indicator in it.
fn is_worth_it(t: Text, start: usize, end: usize, seen: u8) -> bool {
    if end - start >= LONG || seen == MARK | DIGIT {
        return true;
    }
    match seen {
        0 => false,
        // `1234`, `as1234`
        DIGIT => {
            let is_number = t.bytes[start].is_ascii_digit()
                && start > 2
                && matches!(t.bytes[start - 2], b'S' | b'N' | b'n' | b':');
            let length = end - start;
            length < 16 && (is_number || matches!(t.bytes[start], b'A' | b'a' | b'"' | b'\'' | b'(' | b'['))
                // Six pairs with hyphens.
                || (17..22).contains(&length)
        }
        // The end of a sentence has one mark, and it is last.
        _ => {
            let inner = &t.bytes[start..end - 1];
            inner.iter().any(|b| CLASS[*b as usize] == MARK)
                || matches!(t.bytes[start], b'/' | b'~')
        }
    }
}

struct Scan<'a> {
    t: Text<'a>,
    /// The end of the last find: nothing reaches back before it.
    floor: usize,
    /// The end of the run of labels that holds no name from here on.
    run_until: usize,
    /// Where the last four numbers that are a version end.
    version_end: Option<usize>,
    hits: Vec<Hit>,
}

impl Scan<'_> {
    /// Looks through one word and says where to go on: behind it, or behind what was found and reaches further.
    fn word(&mut self, start: usize, end: usize) -> usize {
        let t = self.t;
        let mut i = start;
        while i < end {
            let b = t.bytes[i];
            let found =
                if b.is_ascii_alphanumeric() || b == b'_' || b >= 0x80 && letter_at(t, i).is_some()
                {
                    if self.is_word_start(i) {
                        self.at_word(i)
                    } else {
                        None
                    }
                } else {
                    self.at_mark(i)
                };
            match found {
                Some(hit) => {
                    i = hit.end.max(i + 1);
                    self.floor = hit.end;
                    if !hit.value.is_empty() {
                        self.hits.push(hit);
                    }
                }
                None => i = self.behind(i),
            }
        }
        i
    }

    /// Where to look next when nothing begins at a place: behind the letters and digits there.
    fn behind(&self, i: usize) -> usize {
        let next = self.t.run(i, |b| b.is_ascii_alphanumeric());
        if next > i {
            return next;
        }
        i + letter_at(self.t, i).unwrap_or_else(|| {
            let rest = &self.t.bytes[i + 1..];
            1 + rest.iter().take_while(|b| (**b & 0xc0) == 0x80).count()
        })
    }

    fn is_word_start(&self, i: usize) -> bool {
        i == self.floor || !self.t.before(i).is_ascii_alphanumeric()
    }

    /// What begins with a letter, digit or `_`.
    fn at_word(&mut self, i: usize) -> Option<Hit> {
        let t = self.t;
        let end = t.run(i, |b| b.is_ascii_alphanumeric());
        let first = t.bytes[i];
        let found = match t.get(end) {
            b':' => self.before_colon(i, end),
            b'-' | b'.' if end - i <= 4 && first.is_ascii_hexdigit() => network::mac(t, i),
            b'/' => agent::agent(t, i),
            b'%' => encoded::percent(t, i, end),
            _ => None,
        };
        found
            .or_else(|| (first == b'H').then(|| path::registry(t, i)).flatten())
            .or_else(|| (t.get(end) == b'-').then(|| agent::agent(t, i)).flatten())
            .or_else(|| self.at_run(i, end))
    }

    /// What begins with a word before a colon.
    fn before_colon(&self, i: usize, end: usize) -> Option<Hit> {
        let t = self.t;
        let first = t.bytes[i];
        if t.starts(end, b"://") {
            return url::url(t, end, self.floor);
        }
        let is_drive = end == i + 1 && matches!(t.get(end + 1), b'\\' | b'/');
        if is_drive && first.is_ascii_alphabetic() {
            return path::windows(t, i, end + 1);
        }
        let fuzzy = || hash::ssdeep(t, i, end);
        let hex = || network::mac(t, i).or_else(|| address::ipv6(t, i));
        let is_hex = end - i <= 4 && first.is_ascii_hexdigit();
        let found = first.is_ascii_digit().then(fuzzy).flatten();
        found.or_else(|| is_hex.then(hex).flatten())
    }

    /// What letters, digits, dots and hyphens make up.
    fn at_run(&mut self, i: usize, end: usize) -> Option<Hit> {
        let t = self.t;
        let is_free_run = i >= self.run_until;
        if is_free_run {
            self.run_until = domain::run_end(t, i);
        }
        let until = self.run_until;
        let is_mailbox = t.get(until) == b'@' && until - i <= 64;
        let mailbox = is_mailbox.then(|| url::email(t, until, self.floor));
        if let Some(hit) = mailbox.flatten() {
            return Some(hit);
        }
        let quad = t.bytes[i].is_ascii_digit().then(|| self.quad(i));
        if let Some(hit) = quad.flatten() {
            return hit;
        }
        let name = (is_free_run && until > end).then(|| self.name(i, until));
        if let Some(hit) = name.flatten() {
            return Some(hit);
        }
        let length = end - i;
        if t.get(end) == b'_' {
            return None;
        }
        if (LONG..=129).contains(&length) {
            return hash::hash(t, i, end).or_else(|| coin::coin(t, i, end));
        }
        if (1..=13).contains(&length) && t.bytes[end - 1].is_ascii_digit() {
            return network::asn(t, i, end);
        }
        None
    }

    /// A name, or the address that it is the host of.
    fn name(&self, from: usize, until: usize) -> Option<Hit> {
        let t = self.t;
        let (start, end) = domain::domain(t, from, until)?;
        let hit = url::without_scheme(t, start, end);
        Some(hit.unwrap_or_else(|| Hit {
            kind: IndicatorKind::Domain,
            start,
            end,
            value: t.text[start..end].to_lowercase(),
        }))
    }

    /// Four numbers at a place: `Some(None)` says that they are there and no address.
    fn quad(&mut self, i: usize) -> Option<Option<Hit>> {
        let t = self.t;
        let (address, end) = address::quad(t, i)?;
        if !address::is_apart(t, i, end) {
            return None;
        }
        if let Some(until) = address::prefix(t, end, 32) {
            return Some(Some(Hit::of(t, IndicatorKind::Cidr, i, until)));
        }
        let is_defanged = t.is_marked(i, end);
        let is_nowhere = address.octets()[0] == 0 && !address.is_unspecified();
        let follows = self
            .version_end
            .is_some_and(|last| address::is_same_list(t, last, i));
        let is_version = follows || address::is_version(t, i, end);
        if !is_defanged && (is_nowhere || is_version) {
            self.version_end = is_version.then_some(end);
            self.run_until = self.run_until.max(end);
            return Some(None);
        }
        let hit = url::without_scheme(t, i, end)
            .unwrap_or_else(|| Hit::of(t, IndicatorKind::Ipv4, i, end));
        Some(Some(hit))
    }

    /// What begins with a sign.
    fn at_mark(&self, i: usize) -> Option<Hit> {
        let t = self.t;
        let before = t.before(i);
        match t.bytes[i] {
            b':' if t.starts(i, b"://") && i > self.floor => url::url(t, i, self.floor),
            b':' if t.get(i + 1) == b':' => address::ipv6(t, i),
            b'/' if is_path_start(before) => path::unix(t, i, i),
            b'~' if t.get(i + 1) == b'/' && is_path_start(before) => path::unix(t, i, i + 1),
            b'.' if is_path_start(before) => self.relative(i),
            b'%' if !t.is_word(i.wrapping_sub(1)) => self.variable(i),
            b'\\' if t.get(i + 1) == b'\\' && t.is_alnum(i + 2) && is_path_start(before) => {
                self.share(i)
            }
            b'@' => None,
            _ => None,
        }
    }

    /// `../../etc/passwd`, `./run.sh`
    fn relative(&self, start: usize) -> Option<Hit> {
        let t = self.t;
        let mut i = start;
        while (t.starts(i, b"../") || t.starts(i, b"..\\")) && i - start < 96 {
            i += 3;
        }
        if t.starts(i, b"./") {
            i += 2;
        }
        if i == start || !t.is_alnum(i) {
            return None;
        }
        match t.bytes[i - 1] {
            b'/' => path::unix(t, start, i - 1),
            _ => path::windows(t, start, i - 1),
        }
    }

    /// `%APPDATA%\...`
    fn variable(&self, start: usize) -> Option<Hit> {
        let t = self.t;
        let end = t.run(start + 1, |b| {
            b.is_ascii_alphanumeric() || matches!(b, b'_' | b'(' | b')')
        });
        let is_name =
            (3..40).contains(&(end - start)) && t.get(end) == b'%' && t.get(end + 1) == b'\\';
        is_name.then(|| path::windows(t, start, end + 1)).flatten()
    }

    /// `\\server\share\file`
    fn share(&self, start: usize) -> Option<Hit> {
        let t = self.t;
        let server = t.run(start + 2, |b| {
            b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_')
        });
        let is_share = t.get(server) == b'\\' && t.is_word(server + 1) && server - start < 256;
        is_share.then(|| path::windows(t, start, server)).flatten()
    }
}

fn is_path_start(before: u8) -> bool {
    before.is_ascii_whitespace()
        || matches!(
            before,
            b'"' | b'\'' | b'`' | b'(' | b'[' | b'{' | b'=' | b',' | b';' | b'|' | b'>'
        )
}

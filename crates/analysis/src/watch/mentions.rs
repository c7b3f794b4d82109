//! What a text says of the versions of a product that it has just named: `before 2.4.58`, `2.4.0 through
//! 2.4.57`, `1.2 and earlier`, `11.x before 11.0.21`. It is asked only where no source states versions, and
//! what it does not understand it leaves out: then the text says nothing, and a watch is not silenced by it.

use super::versions::Span;
use crate::fold::cut;

/// Characters behind a name that are read, in bytes.
const WINDOW: usize = 300;
/// Words that stand between a name and its version.
const BETWEEN: &[&str] = &[
    "version", "versions", "v", "release", "releases", "series", "all", "in", "from", "the",
    "server", "software", "plugin", "library", "package", "module",
];
/// What follows is no version that is affected.
const FIXED: &[&str] = &[
    "fixed",
    "fixes",
    "patched",
    "resolved",
    "upgrade",
    "upgrading",
    "update",
    "updating",
    "updated",
    "addressed",
    "mitigated",
    "unaffected",
];

/// The spans of versions that a text states right behind a product's name.
pub(super) fn behind(rest: &str) -> Vec<Span> {
    read(sentence(cut(rest, WINDOW)), true)
}

/// The spans in what a source wrote where a version was asked for: `1.0 and earlier`.
pub(super) fn worded(text: &str) -> Vec<Span> {
    read(cut(text, WINDOW), true)
}

/// Up to the end of the sentence: a full stop that no digit follows, or a new line.
fn sentence(text: &str) -> &str {
    let ends = |(at, c): (usize, char)| {
        let next = text[at + c.len_utf8()..].chars().next();
        match c {
            '\n' => Some(at),
            '.' | '!' | '?' if next.is_none_or(char::is_whitespace) => Some(at),
            _ => None,
        }
    };
    let end = text.char_indices().find_map(ends);
    &text[..end.unwrap_or(text.len())]
}

/// A word, its lower case, and whether a comma or a bracket ends its clause.
struct Words<'a> {
    all: Vec<(&'a str, String)>,
    at: usize,
}

impl<'a> Words<'a> {
    fn of(text: &'a str) -> Self {
        let trim = |c: char| {
            matches!(
                c,
                ',' | ';' | ':' | '(' | ')' | '[' | ']' | '"' | '\'' | '`'
            )
        };
        let words = text.split_whitespace().map(|word| word.trim_matches(trim));
        let words = words.map(|word| word.trim_end_matches('.'));
        let all = words
            .filter(|word| !word.is_empty())
            .map(|word| (word, word.to_lowercase()))
            .collect();
        Self { all, at: 0 }
    }

    fn peek(&self, ahead: usize) -> &str {
        self.all.get(self.at + ahead).map_or("", |(_, lower)| lower)
    }

    /// Goes on where the next words are these.
    fn take(&mut self, words: &[&str]) -> bool {
        let are = words
            .iter()
            .enumerate()
            .all(|(i, word)| self.peek(i) == *word);
        if are {
            self.at += words.len();
        }
        are
    }

    fn take_one_of(&mut self, words: &[&str]) -> bool {
        words.iter().any(|word| self.take(&[word]))
    }

    /// A version, where one is next, behind the word for it.
    fn version(&mut self) -> Option<&'a str> {
        let before = self.at;
        while self.take_one_of(&[
            "version",
            "versions",
            "v",
            "release",
            "the",
            "and",
            "including",
        ]) {}
        let found = self.all.get(self.at).and_then(|(word, _)| as_version(word));
        match found {
            Some(version) => {
                self.at += 1;
                Some(version)
            }
            None => {
                self.at = before;
                None
            }
        }
    }
}

fn read(text: &str, mut is_near: bool) -> Vec<Span> {
    const MOST: usize = 32;
    let mut words = Words::of(text);
    let mut spans = Vec::new();
    while words.at < words.all.len() && spans.len() < MOST {
        if FIXED.contains(&words.peek(0)) {
            break;
        }
        if let Some(span) = cued(&mut words) {
            spans.push(span);
            is_near = true;
            continue;
        }
        let is_named = matches!(words.peek(0), "version" | "versions");
        if let Some(span) = plain(&mut words, is_near || is_named) {
            spans.push(span);
            is_near = true;
            continue;
        }
        let word = words.peek(0);
        is_near &= BETWEEN.contains(&word) || matches!(word, "and" | "or" | "&");
        words.at += 1;
    }
    spans
}

/// A span that a word announces.
fn cued(words: &mut Words<'_>) -> Option<Span> {
    let before = words.at;
    let found = match announced(words) {
        Some(Cue::Until(is_in)) => words.version().map(|high| Span::until(high, is_in)),
        Some(Cue::From(is_in)) => {
            // `from 2.0 through 2.3`: the version begins a span of its own.
            let at = words.at;
            plain(words, true)
                .filter(|span| span.low != span.high)
                .or_else(|| {
                    words.at = at;
                    words.version().map(|low| Span::from(low, is_in))
                })
        }
        None => operated(words),
    };
    if found.is_none() {
        words.at = before;
    }
    found
}

enum Cue {
    Until(bool),
    From(bool),
}

fn announced(words: &mut Words<'_>) -> Option<Cue> {
    const THAN: &[&str] = &[
        "earlier", "older", "lower", "less", "below", "prior", "smaller",
    ];
    if words.take(&["up", "to"]) {
        return Some(Cue::Until(true));
    }
    if words.take(&["prior", "to"]) || words.take_one_of(&["before", "below", "under"]) {
        return Some(Cue::Until(false));
    }
    if THAN.contains(&words.peek(0)) && words.peek(1) == "than" {
        words.at += 2;
        return Some(Cue::Until(false));
    }
    if words.take_one_of(&["through", "thru", "until"]) {
        return Some(Cue::Until(true));
    }
    if words.take_one_of(&["from", "since"]) || words.take(&["starting", "with"]) {
        return Some(Cue::From(true));
    }
    words.take(&["after"]).then_some(Cue::From(false))
}

/// `< 2.4`, `>=2.0`, `>=2.0 <2.4`.
fn operated(words: &mut Words<'_>) -> Option<Span> {
    let is_operated = |word: &str| word.starts_with(['<', '>']) || word == "=";
    if !is_operated(words.peek(0)) {
        return None;
    }
    let mut text = String::new();
    let mut found = None;
    // Two ends at most, each of one or two words.
    for _ in 0..4 {
        let word = words.peek(0);
        if word.is_empty() || !(is_operated(word) || text.ends_with(['<', '>', '='])) {
            break;
        }
        text.push_str(word);
        words.at += 1;
        if let Some(span) = Span::of_team(&text) {
            found = Some((span, words.at));
        }
        if !text.ends_with(['<', '>', '=']) {
            text.push(' ');
        }
    }
    let (span, at) = found?;
    words.at = at;
    Some(span)
}

/// A span that begins with a version: a pair, an open end, or the version alone where it stands near.
fn plain(words: &mut Words<'_>, is_near: bool) -> Option<Span> {
    let before = words.at;
    let low = words.version()?;
    let pair = words.take_one_of(&["through", "thru", "to", "-", "\u{2013}", "until"])
        || words.take(&["up", "to"]);
    if pair && let Some(high) = words.version() {
        return Some(Span::between(beginning(low), high, true));
    }
    if (words.take(&["before"]) || words.take(&["prior", "to"]))
        && let Some(high) = words.version()
    {
        return Some(Span::between(beginning(low), high, false));
    }
    let at = words.at;
    if words.take_one_of(&["and", "or"]) || at == words.at {
        let _ = words.take(&["all"]);
        if words.take_one_of(&[
            "earlier", "prior", "below", "older", "lower", "previous", "before",
        ]) {
            return Some(Span::until(low, true));
        }
        if words.take_one_of(&[
            "later", "above", "newer", "higher", "onwards", "greater", "up",
        ]) {
            return Some(Span::from(low, true));
        }
        words.at = at;
    }
    // A number alone is more often part of a name: `Windows 10`.
    let is_sure = low.contains('.')
        || words
            .all
            .get(before)
            .is_some_and(|(_, w)| w.starts_with("version"));
    if is_near && is_sure {
        return Span::of_team(low);
    }
    words.at = before;
    None
}

/// Where a series begins: `11` of `11.x`.
fn beginning(version: &str) -> &str {
    let ends = [".x", ".X", ".*"];
    let series = ends.iter().find_map(|end| version.strip_suffix(end));
    series.unwrap_or(version)
}

fn as_version(word: &str) -> Option<&str> {
    let bare = word.trim_start_matches(['v', 'V']);
    let is_version = bare.starts_with(|c: char| c.is_ascii_digit())
        && bare.len() <= 40
        && bare
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '+' | '*'));
    is_version.then_some(bare)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_says_which_versions() {
        let one = Span::one;
        let check = |text: &str, expect: &[Span]| assert_eq!(behind(text), expect, "{text}");
        check(
            " before 2.4.58 allows remote",
            &[Span::until("2.4.58", false)],
        );
        check(
            " versions prior to 2.17.1.",
            &[Span::until("2.17.1", false)],
        );
        check(
            " 2.4.0 through 2.4.57 allows",
            &[Span::between("2.4.0", "2.4.57", true)],
        );
        check(" from 2.0 to 2.3", &[Span::between("2.0", "2.3", true)]);
        check(
            " from 2.0 before 2.3",
            &[Span::between("2.0", "2.3", false)],
        );
        check(" 1.2 and earlier", &[Span::until("1.2", true)]);
        check(" 1.2 or later", &[Span::from("1.2", true)]);
        check(
            " up to, and including, 2.1.3 due to",
            &[Span::until("2.1.3", true)],
        );
        check(
            " 11.x before 11.0.21 and 10.x before 10.1.3",
            &[
                Span::between("11", "11.0.21", false),
                Span::between("10", "10.1.3", false),
            ],
        );
        check(" 2.4.49 and 2.4.50 lets", &[one("2.4.49"), one("2.4.50")]);
        check(" 1.0, 1.1, or 1.2.", &[one("1.0"), one("1.1"), one("1.2")]);
        check(" < 3.2", &[Span::until("3.2", false)]);
        check(" >=2.0 <2.4", &[Span::between("2.0", "2.4", false)]);
        check(" >= 2.0, < 2.4", &[Span::between("2.0", "2.4", false)]);
        check(" v1.4.x has", &[Span::between("1.4", "1.5", false)]);
        check(
            " plugin for WordPress is vulnerable to XSS in versions up to, and including, 2.1.3 via the name",
            &[Span::until("2.1.3", true)],
        );
        check(" since version 5 lets", &[Span::from("5", true)]);
        check(" after 1.3", &[Span::from("1.3", false)]);
        // What is not about affected versions, or not understood, says nothing.
        check(" has a flaw. Version 2.0 of another", &[]);
        check(" has a flaw that is fixed in 2.4.58", &[]);
        check(" on Ubuntu 22.04 has", &[]);
        check(" 10 lets", &[]);
        check(" is bad", &[]);
        check("", &[]);
        check(" before", &[]);
        check(" >= <", &[]);
    }

    #[test]
    fn long_texts_are_cut_on_a_character() {
        assert_eq!(behind(&"é 1.0 ".repeat(1_000)), []);
        assert!(behind(&" 1.0".repeat(1_000)).len() <= 32);
    }
}

//! Watches: the terms that a team cares about, found in title, text and products.
//!
//! A term matches without regard to case, as a whole word or phrase: `java` is not in `javascript`, and
//! `http server` is in `HTTP_Server`. A term without a letter or digit matches nothing and is refused,
//! so an empty term can never match everything. A match that lies within one of the watch's exceptions
//! does not count (`apache` with the exception `apache license`). All watches are found in one scan.

use std::collections::HashSet;

use aho_corasick::{AhoCorasick, MatchKind};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::fold::{Folded, fold_term};

/// A keyword, phrase or product that the team cares about.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Watch {
    /// The term; it also names the watch.
    pub term: String,
    /// Other spellings that count as the term.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// Phrases that do not count, although the term is in them.
    #[serde(default)]
    pub exceptions: Vec<String>,
}

/// The part of an alert in which a watch was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "lowercase")]
pub enum Field {
    /// The title.
    Title,
    /// The description or article.
    Text,
    /// The affected products.
    Products,
}

/// One place at which a watch matched.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct WatchMatch {
    /// The watch's term.
    pub watch: String,
    /// What was found: the term or one of its aliases, as the user wrote it.
    pub term: String,
    /// Where it was found.
    pub field: Field,
    /// First character in that field, counted in Unicode scalar values.
    pub start: u32,
    /// One past the last character.
    pub end: u32,
}

/// Why a term cannot be watched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WatchProblem {
    /// It has no letter or digit, so it would match everything or nothing.
    Empty,
    /// It is longer than [`WatchSet::LONGEST_TERM`] characters.
    TooLong,
}

/// Says whether a term can be watched.
///
/// # Errors
/// [`WatchProblem`] where it cannot.
pub fn check_term(term: &str) -> Result<(), WatchProblem> {
    if !term.chars().any(char::is_alphanumeric) {
        return Err(WatchProblem::Empty);
    }
    if term.chars().count() > WatchSet::LONGEST_TERM {
        return Err(WatchProblem::TooLong);
    }
    Ok(())
}

#[derive(Debug, Clone, Copy)]
struct Pattern {
    watch: usize,
    /// Index of the spelling within the watch: 0 is the term, then the aliases; `None` is an exception.
    spelling: Option<usize>,
}

/// All watches, compiled for one scan.
#[derive(Debug, Default)]
pub struct WatchSet {
    watches: Vec<Watch>,
    patterns: Vec<Pattern>,
    automaton: Option<AhoCorasick>,
}

impl WatchSet {
    /// The longest term, in characters.
    pub const LONGEST_TERM: usize = 200;
    /// The most matches that are kept of one alert; every watch that matched keeps its first.
    pub const MOST_MATCHES: usize = 50;

    /// Compiles watches. Terms that [`check_term`] refuses are left out.
    #[must_use]
    pub fn new(watches: Vec<Watch>) -> Self {
        let mut patterns = Vec::new();
        let mut folded = Vec::new();
        for (watch, w) in watches.iter().enumerate() {
            let spellings = std::iter::once(&w.term)
                .chain(&w.aliases)
                .enumerate()
                .map(|(i, s)| (s, Some(i)));
            let exceptions = w.exceptions.iter().map(|s| (s, None));
            for (text, spelling) in spellings.chain(exceptions) {
                if check_term(text).is_ok() {
                    patterns.push(Pattern { watch, spelling });
                    folded.push(fold_term(text));
                }
            }
        }
        let automaton = if folded.is_empty() {
            None
        } else {
            AhoCorasick::builder()
                .match_kind(MatchKind::Standard)
                .build(&folded)
                .ok()
        };
        Self {
            watches,
            patterns,
            automaton,
        }
    }

    /// The watches as given.
    #[must_use]
    pub fn watches(&self) -> &[Watch] {
        &self.watches
    }

    /// Whether nothing is watched.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.patterns.is_empty()
    }

    /// Every place at which a watch matches, in the order title, text, products and by place.
    #[must_use]
    pub fn find(&self, title: &str, text: &str, products: &str) -> Vec<WatchMatch> {
        let Some(automaton) = &self.automaton else {
            return Vec::new();
        };
        let mut matches = Vec::new();
        let mut seen = HashSet::new();
        for (field, original) in [
            (Field::Title, title),
            (Field::Text, text),
            (Field::Products, products),
        ] {
            if original.is_empty() {
                continue;
            }
            self.find_in(automaton, field, original, &mut |found| {
                let first = seen.insert(found.watch);
                if first || matches.len() < Self::MOST_MATCHES {
                    matches.push(self.describe(&found));
                }
            });
        }
        matches
    }

    fn find_in(
        &self,
        automaton: &AhoCorasick,
        field: Field,
        original: &str,
        emit: &mut dyn FnMut(Found),
    ) {
        let folded = Folded::new(original);
        let mut hits = Vec::new();
        for m in automaton.find_overlapping_iter(&folded.text) {
            if !is_whole(&folded.text, m.start(), m.end()) {
                continue;
            }
            hits.push((m.start(), m.end(), self.patterns[m.pattern().as_usize()]));
        }
        if hits.is_empty() {
            return;
        }
        let excepted: Vec<_> = hits
            .iter()
            .filter(|(_, _, p)| p.spelling.is_none())
            .copied()
            .collect();
        hits.retain(|&(start, end, p)| {
            p.spelling.is_some()
                && !excepted
                    .iter()
                    .any(|&(s, e, x)| x.watch == p.watch && s <= start && end <= e)
        });
        // Of two spellings of one watch at one place the longer one is named.
        hits.sort_by(|a, b| (a.0, b.1, a.2.watch).cmp(&(b.0, a.1, b.2.watch)));
        let mut covered = std::collections::HashMap::new();
        for (start, end, pattern) in hits {
            let until = covered.entry(pattern.watch).or_insert(0);
            if end <= *until {
                continue;
            }
            *until = end;
            let (first, last) = folded.char_range(start, end);
            emit(Found {
                watch: pattern.watch,
                spelling: pattern.spelling.unwrap_or(0),
                field,
                start: first,
                end: last,
            });
        }
    }

    fn describe(&self, found: &Found) -> WatchMatch {
        let watch = &self.watches[found.watch];
        let term = match found.spelling {
            0 => &watch.term,
            n => &watch.aliases[n - 1],
        };
        WatchMatch {
            watch: watch.term.clone(),
            term: term.clone(),
            field: found.field,
            start: found.start,
            end: found.end,
        }
    }
}

struct Found {
    watch: usize,
    spelling: usize,
    field: Field,
    start: u32,
    end: u32,
}

/// Whether a match begins and ends at a word's edge. `c` is not in `c++` or `c#`.
fn is_whole(text: &str, start: usize, end: usize) -> bool {
    let inner_first = text[start..end].chars().next();
    let inner_last = text[start..end].chars().next_back();
    let before = text[..start].chars().next_back();
    let rest = &text[end..];
    let after = rest.chars().next();
    let is_word = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    if is_word(inner_first) && is_word(before) {
        return false;
    }
    if is_word(inner_last) && (is_word(after) || rest.starts_with("++") || rest.starts_with('#')) {
        return false;
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(term: &str, aliases: &[&str], exceptions: &[&str]) -> WatchSet {
        let own = |list: &[&str]| list.iter().map(ToString::to_string).collect();
        WatchSet::new(vec![Watch {
            term: term.into(),
            aliases: own(aliases),
            exceptions: own(exceptions),
        }])
    }

    fn hits(term: &str, text: &str) -> usize {
        set(term, &[], &[]).find("", text, "").len()
    }

    #[test]
    fn terms_match_whole_words_without_regard_to_case() {
        for (term, text, expect) in [
            ("nginx", "A flaw in NGINX 1.2", 1),
            ("java", "a JavaScript engine", 0),
            ("java", "Java, and java.", 2),
            ("c", "written in C++ and C#", 0),
            ("c++", "written in C++ and C#", 1),
            (".net", "the .NET runtime", 1),
            ("http server", "Apache HTTP_Server and http\nserver", 2),
            ("remote code", "remote-code execution", 1),
            (
                "Palo Alto - GlobalProtect",
                "a flaw in Palo Alto - GlobalProtect",
                1,
            ),
            ("foo bar", "foo\n\nbar", 1),
            ("straße", "In der STRASSE, der Straße", 1),
            ("кибератака", "Кибератака на банк", 1),
            ("log4j", "log4j2", 0),
        ] {
            assert_eq!(hits(term, text), expect, "{term} in {text}");
        }
    }

    #[test]
    fn an_empty_keyword_matches_nothing() {
        for term in ["", " ", "\t", "--", "++", "…"] {
            assert!(check_term(term).is_err(), "{term:?}");
            assert_eq!(hits(term, "anything at all -- ++ …"), 0, "{term:?}");
        }
    }

    #[test]
    fn exceptions_take_back_only_the_matches_inside_them() {
        let watches = set("apache", &[], &["apache license"]);
        assert!(
            watches
                .find("", "under the Apache License 2.0", "")
                .is_empty()
        );
        let found = watches.find("", "Apache httpd is under the Apache License", "");
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].start, found[0].end), (0, 6));
    }

    #[test]
    fn places_are_counted_in_characters_of_the_original() {
        let text = "İstanbul’da NGINX açığı";
        let found = set("nginx", &[], &[]).find("", text, "");
        let slice: String = text
            .chars()
            .skip(found[0].start as usize)
            .take((found[0].end - found[0].start) as usize)
            .collect();
        assert_eq!(slice, "NGINX");
    }

    #[test]
    fn an_alias_names_its_watch_and_the_longer_spelling_wins() {
        let watches = set("kubernetes", &["k8s", "kubernetes api server"], &[]);
        let found = watches.find("K8s", "the Kubernetes API server", "");
        assert_eq!(found.len(), 2);
        assert_eq!(found[0].watch, "kubernetes");
        assert_eq!(found[0].term, "k8s");
        assert_eq!(found[1].term, "kubernetes api server");
    }

    #[test]
    fn every_watch_keeps_its_first_match_however_often_another_matches() {
        let watches = WatchSet::new(vec![
            Watch {
                term: "a".into(),
                ..Watch::default()
            },
            Watch {
                term: "rare".into(),
                ..Watch::default()
            },
        ]);
        let text = format!("{} rare", "a ".repeat(500));
        let found = watches.find("", &text, "");
        assert_eq!(found.len(), WatchSet::MOST_MATCHES + 1);
        assert!(found.iter().any(|m| m.watch == "rare"));
    }
}

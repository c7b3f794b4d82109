//! Regexes: read and checked, compiled when their literals are first found in a text, and looked for in
//! linear time. What one may cost is bounded: its size, the text that it reads, the matches that are taken.

use std::sync::OnceLock;

use regex::{Regex, RegexBuilder};
use regex_syntax::ParserBuilder;
use regex_syntax::hir::Hir;

use super::{WatchProblem, WatchSet, literals};
use crate::fold::cut;

/// Memory that a compiled regex may take, bytes: room for a few counted repetitions of a class.
const SIZE_LIMIT: usize = 1 << 20;
/// How deep groups may be.
const NEST_LIMIT: u32 = 50;
/// Characters of a text that regexes read, in bytes. What stands behind is left to terms.
const LONGEST_TEXT: usize = 1_000_000;
/// Matches of one regex that are looked at in one text.
const MOST_LOOKED_AT: usize = 100;

/// One regex of a watch.
#[derive(Debug)]
pub(super) struct WatchedRegex {
    pub watch: u32,
    pub spelling: u32,
    pattern: String,
    compiled: OnceLock<Option<Regex>>,
}

impl WatchedRegex {
    /// With the literals of which one is in every text that it matches; `None` where it cannot be read.
    pub fn new(watch: u32, spelling: u32, pattern: &str) -> Option<(Self, Option<Vec<String>>)> {
        let hir = parse(pattern).ok()?;
        if pattern.chars().count() > WatchSet::LONGEST_REGEX || matches_nothing(&hir) {
            return None;
        }
        let regex = Self {
            watch,
            spelling,
            pattern: pattern.to_owned(),
            compiled: OnceLock::new(),
        };
        Some((regex, literals::required(&hir)))
    }

    /// Its matches, as bytes, in order and without overlaps.
    pub fn find(&self, text: &str, mut each: impl FnMut(usize, usize)) {
        let regex = self.compiled.get_or_init(|| compile(&self.pattern).ok());
        let Some(regex) = regex else { return };
        for found in regex
            .find_iter(cut(text, LONGEST_TEXT))
            .take(MOST_LOOKED_AT)
        {
            if !found.is_empty() {
                each(found.start(), found.end());
            }
        }
    }
}

/// Says whether a regex can be watched.
pub(super) fn check(pattern: &str) -> Result<(), WatchProblem> {
    if pattern.trim().is_empty() {
        return Err(WatchProblem::Empty);
    }
    if pattern.chars().count() > WatchSet::LONGEST_REGEX {
        return Err(WatchProblem::TooLong);
    }
    if matches_nothing(&parse(pattern)?) {
        return Err(WatchProblem::MatchesNothing);
    }
    compile(pattern).map(drop)
}

/// Reads a regex.
pub(super) fn parse(pattern: &str) -> Result<Hir, WatchProblem> {
    let parsed = ParserBuilder::new()
        .case_insensitive(true)
        .nest_limit(NEST_LIMIT)
        .build()
        .parse(pattern);
    parsed.map_err(|error| {
        let (at, reason) = match &error {
            regex_syntax::Error::Parse(error) => {
                (error.span().start.offset, error.kind().to_string())
            }
            regex_syntax::Error::Translate(error) => {
                (error.span().start.offset, error.kind().to_string())
            }
            _ => (0, error.to_string()),
        };
        let before = pattern.get(..at).unwrap_or(pattern);
        WatchProblem::BadRegex {
            at: u32::try_from(before.chars().count()).unwrap_or(u32::MAX),
            reason,
        }
    })
}

fn matches_nothing(hir: &Hir) -> bool {
    hir.properties().minimum_len() == Some(0)
}

fn compile(pattern: &str) -> Result<Regex, WatchProblem> {
    RegexBuilder::new(pattern)
        .case_insensitive(true)
        .size_limit(SIZE_LIMIT)
        .dfa_size_limit(SIZE_LIMIT)
        .nest_limit(NEST_LIMIT)
        .build()
        .map_err(|_| WatchProblem::RegexTooLarge)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_regex_that_cannot_be_watched_says_why_and_where() {
        let bad = |at, reason: &str| {
            Err(WatchProblem::BadRegex {
                at,
                reason: reason.into(),
            })
        };
        for (pattern, expect) in [
            (r"struts[0-9]+", Ok(())),
            (r"(?-i)Log4J", Ok(())),
            (r"[\w.]{1,20}@example", Ok(())),
            ("", Err(WatchProblem::Empty)),
            ("a*", Err(WatchProblem::MatchesNothing)),
            ("^|x", Err(WatchProblem::MatchesNothing)),
            (r"\b", Err(WatchProblem::MatchesNothing)),
            ("é(a", bad(1, "unclosed group")),
            ("a)", bad(1, "unopened group")),
            (
                "[z-a]",
                bad(
                    1,
                    "invalid character class range, the start must be <= the end",
                ),
            ),
            (
                r"(?=x)y",
                bad(
                    0,
                    "look-around, including look-ahead and look-behind, is not supported",
                ),
            ),
            (r"(x)\1", bad(3, "backreferences are not supported")),
            (r"(\w{100}){100}", Err(WatchProblem::RegexTooLarge)),
        ] {
            assert_eq!(check(pattern), expect, "{pattern}");
        }
        assert_eq!(check(&"x".repeat(1001)), Err(WatchProblem::TooLong));
        let deep = format!("{}x{}", "(".repeat(60), ")".repeat(60));
        assert!(matches!(check(&deep), Err(WatchProblem::BadRegex { .. })));
    }
}

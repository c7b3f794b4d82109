//! What kind of prose a text is, where nobody says: it decides which tagger reads it.

use std::collections::HashSet;
use std::sync::LazyLock;

use super::tag::hash::hash_bytes;
use super::tag::observe::word;
use super::words::{Cut, Gap, Word, words};

/// What kind of prose a text is: it decides which tagger reads it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// The description of a vulnerability.
    Advisory,
    /// A report or an article.
    Report,
}

/// How many words are read to tell the style of a text.
pub(crate) const HEAD: usize = 150;

/// What kind of prose a text is, by the words of its beginning.
#[must_use]
pub fn style_of(text: &str) -> Style {
    static CUES: LazyLock<HashSet<u64>> = LazyLock::new(|| {
        let words = ADVISORY_WORDS.split_ascii_whitespace();
        words.map(|w| hash_bytes(w.as_bytes())).collect()
    });
    let head = words(text, Cut::Fine, HEAD);
    let lower = |w: &Word| word(w.of(text), Gap::Blank).lower;
    let count = head.iter().filter(|w| CUES.contains(&lower(w))).count();
    if is_advisory(count, head.len()) {
        Style::Advisory
    } else {
        Style::Report
    }
}

/// Whether a text with so many words of advisories among so many is one.
pub(crate) fn is_advisory(count: usize, words: usize) -> bool {
    count >= 2 && count * 14 >= words
}

/// Words that advisories are made of. One word in fourteen of them tells nine tenths of the descriptions of
/// CVEs and mistakes one report in fifty.
pub(crate) const ADVISORY_WORDS: &str = "
    vulnerability vulnerabilities allows allow attacker attackers versions version before prior affected
    affects issue crafted arbitrary via remote execute authenticated unauthenticated injection overflow
    parameter plugin exploited privileges function component through fixed leads manipulation cve user
    users could malicious update upgrade patched patch exploit file leading lead bypass access service code
    discovered improper disclosure denial exists";

//! A text as taggers read it: words, what is seen of them, and where sequences begin. Training and
//! analysis both come here, so that a tagger reads what it learnt from.

use std::ops::Range;

use super::gazetteer::{Gazetteer, Hit};
use super::names::Style;
use super::tag::{Seen, observe};
use super::words::{Gap, Word};

/// Some words of a text as a tagger reads them.
#[derive(Debug)]
pub struct Read {
    /// What is seen of each word.
    pub seen: Vec<Seen>,
    /// Names of the lists.
    pub hits: Vec<Hit>,
    /// The sequences that are tagged apart: sentences of a report, the whole of an advisory.
    pub sequences: Vec<Range<usize>>,
}

/// Reads words of a text. In a report a sentence counts as a line, and blanks between words do not count:
/// the texts that it learnt from have lost them.
#[must_use]
pub fn read(text: &str, words: &mut [Word], style: Style, names: &Gazetteer) -> Read {
    if style == Style::Report {
        split_sentences(text, words);
    }
    let (mut seen, hits) = observe(text, words, names);
    let mut sequences = Vec::new();
    match style {
        Style::Advisory => sequences.push(0..seen.len()),
        Style::Report => {
            for s in &mut seen {
                s.gap = 0;
            }
            let mut from = 0;
            for at in 1..=words.len() {
                if at == words.len() || words[at].gap == Gap::Line {
                    sequences.push(from..at);
                    from = at;
                }
            }
        }
    }
    Read {
        seen,
        hits,
        sequences,
    }
}

/// Makes a line begin where a sentence does: behind a stop and a blank, with a capital.
fn split_sentences(text: &str, words: &mut [Word]) {
    for at in 1..words.len() {
        if words[at].gap == Gap::Blank
            && matches!(words[at - 1].of(text), "." | "!" | "?")
            && words[at].of(text).starts_with(char::is_uppercase)
        {
            words[at].gap = Gap::Line;
        }
    }
}

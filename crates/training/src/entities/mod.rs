//! Names in text: the lists and the two taggers, made into the sections `gazetteer`, `crf.advisory` and
//! `crf.report` of the model file.
//!
//! The advisory tagger learns from descriptions of CVEs whose labels were made from their products and
//! versions (`ner_nvd_silver_*`), the report tagger from sentences of threat reports (`ner_cyner_*`).
//! AnnoCTR is CC BY-SA: it measures and never trains what is shipped.

mod classes;
mod crf;
mod lists;
mod make;
mod nodes;
mod texts;

use tocsin_analysis::entity::gazetteer::Gazetteer;
use tocsin_analysis::entity::tag::{MOST_LABELS, features};
use tocsin_analysis::entity::words::{Cut, words};
use tocsin_analysis::entity::{Style, read};

use crate::corpus::Failure;
use crf::{Chain, Recipe, Sequence, mark, train};
use texts::Labelled;

pub use make::make;

/// Trains a tagger for a style.
fn chain(
    texts: &[Labelled],
    style: Style,
    names: &Gazetteer,
    recipe: Recipe,
) -> Result<Chain, Failure> {
    let mut kinds: Vec<&str> = texts
        .iter()
        .flat_map(|t| t.spans.iter().map(|s| s.2.as_str()))
        .collect();
    kinds.sort_unstable();
    kinds.dedup();
    let labels: Vec<String> = std::iter::once("O".to_string())
        .chain(kinds.iter().map(|k| format!("B-{k}")))
        .chain(kinds.iter().map(|k| format!("I-{k}")))
        .collect();
    if labels.len() > MOST_LABELS {
        return Err(format!("{} labels are too many for a tagger", labels.len()));
    }
    let sequences: Vec<Sequence> = texts
        .iter()
        .flat_map(|text| sequences(text, style, names, &kinds))
        .collect();
    Ok(train(labels, &sequences, recipe))
}

/// The sequences of a text, with features and labels.
fn sequences(text: &Labelled, style: Style, names: &Gazetteer, kinds: &[&str]) -> Vec<Sequence> {
    let mut words = words(&text.text, Cut::Fine, usize::MAX);
    let read = read(&text.text, &mut words, style, names);
    let mut gold = vec![0u8; words.len()];
    let mut spans = text.spans.iter().peekable();
    let mut begun = None;
    for (word, label) in words.iter().zip(&mut gold) {
        let (start, end) = (word.start as usize, word.end as usize);
        while spans.next_if(|s| s.1 <= start).is_some() {}
        let Some(span) = spans.peek().filter(|s| s.0 <= start && end <= s.1) else {
            continue;
        };
        let kind = kinds.iter().position(|k| *k == span.2).unwrap_or(0);
        let is_first = begun != Some(span.0);
        begun = Some(span.0);
        *label = (1 + kind + if is_first { 0 } else { kinds.len() }) as u8;
    }
    read.sequences
        .iter()
        .map(|range| Sequence {
            features: range
                .clone()
                .map(|at| {
                    let mut found = Vec::with_capacity(80);
                    features(&read.seen, at, |hash| found.push(mark(hash)));
                    found
                })
                .collect(),
            gold: gold[range.clone()].to_vec(),
        })
        .collect()
}

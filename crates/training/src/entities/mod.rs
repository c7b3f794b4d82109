//! Names in text: the lists and the two taggers, made into the sections `gazetteer`, `crf.advisory` and
//! `crf.report` of the model file.
//!
//! The advisory tagger learns from descriptions of CVEs whose labels were made from their products and
//! versions (`ner_nvd_silver_*`), the report tagger from sentences of threat reports (`ner_cyner_*`).
//! AnnoCTR is CC BY-SA: it measures and never trains what is shipped.

mod classes;
mod crf;
mod lists;
mod nodes;
mod texts;

use tocsin_analysis::entity::gazetteer::Gazetteer;
use tocsin_analysis::entity::tag::{MOST_LABELS, features};
use tocsin_analysis::entity::words::{Cut, words};
use tocsin_analysis::entity::{Style, read};

use crate::corpus::{Corpus, Failure};
use crf::{Recipe, Sequence, mark, train};
use texts::{Labelled, labelled};

pub use crf::Chain;

/// What was made.
pub struct Sections {
    /// Name and bytes of each section.
    pub sections: Vec<(&'static str, Vec<u8>)>,
    /// How many names the lists have: MISP's; vendors and products.
    pub names: (u32, u32),
    /// How many texts the taggers learnt from: advisories; sentences of reports, in articles.
    pub texts: (u32, u32),
}

/// The advisory tagger's recipe.
const ADVISORY: Recipe = Recipe {
    epochs: 8,
    rate: 0.03,
    pull: 1e-4,
    least: 2,
    most_rows: 150_000,
};
/// The report tagger's recipe.
const REPORT: Recipe = Recipe {
    epochs: 20,
    rate: 0.02,
    pull: 0.003,
    least: 2,
    most_rows: 90_000,
};

/// Makes the sections. With `all` the texts of the dev files train too: for what is shipped, after the
/// figures of dev were taken from a file made without them.
pub fn make(corpus: &Corpus, all: bool) -> Result<Sections, Failure> {
    let classes = classes::learn(&texts::plain(corpus)?);
    let learning = lists::make(corpus, &classes, 1)?;
    let gazetteer = Gazetteer::read(&learning.section).map_err(|e| e.to_string())?;
    let texts = |train: &str, dev: &str, style| -> Result<Vec<Labelled>, Failure> {
        let mut texts = labelled(corpus, train, style)?;
        if all {
            texts.extend(labelled(corpus, dev, style)?);
        }
        Ok(texts)
    };
    let advisories = texts(
        "ner_nvd_silver_train.jsonl",
        "ner_nvd_silver_dev.jsonl",
        Style::Advisory,
    )?;
    let reports = texts("ner_cyner_train.tsv", "ner_cyner_dev.tsv", Style::Report)?;
    let advisory = chain(&advisories, Style::Advisory, &gazetteer, ADVISORY)?;
    let report = chain(&reports, Style::Report, &gazetteer, REPORT)?;
    let shipped = lists::make(corpus, &classes, 0)?;
    Ok(Sections {
        names: (shipped.names, shipped.products),
        texts: (count(&advisories), count(&reports)),
        sections: vec![
            ("gazetteer", shipped.section),
            ("crf.advisory", advisory.section()),
            ("crf.report", report.section()),
        ],
    })
}

fn count(texts: &[Labelled]) -> u32 {
    u32::try_from(texts.len()).unwrap_or(u32::MAX)
}

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
pub fn make_report(corpus: &Corpus) -> Result<Vec<(&'static str, Vec<u8>)>, Failure> {
    let classes = classes::learn(&texts::plain(corpus)?);
    let learning = lists::make(corpus, &classes, 1)?;
    let gazetteer = Gazetteer::read(&learning.section).map_err(|e| e.to_string())?;
    let reports = labelled(corpus, "ner_cyner_train.tsv", Style::Report)?;
    let g = |k: &str, d: f32| std::env::var(k).ok().and_then(|x| x.parse().ok()).unwrap_or(d);
    let r = Recipe { epochs: g("EPOCHS", 20.) as usize, rate: g("LR", 0.02), pull: g("L2", 0.003), least: g("MIN", 2.) as u32, most_rows: g("ROWS", 90000.) as usize };
    let report = chain(&reports, Style::Report, &gazetteer, r)?;
    let shipped = lists::make(corpus, &classes, 0)?;
    Ok(vec![("gazetteer", shipped.section), ("crf.report", report.section())])
}

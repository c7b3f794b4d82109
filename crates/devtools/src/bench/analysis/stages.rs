//! Each stage of analysis on the same texts: texts, words and megabytes a second.

use std::hint::black_box;
use std::time::Instant;

use tocsin_analysis::Subject;
use tocsin_analysis::indicator::find;
use tocsin_analysis::text::Document;

use super::{Readers, everything};
use crate::bench::Figure;

/// A stage: the names of its three figures, and what it does with a text.
type Stage = ([&'static str; 3], fn(&Readers, &str));

const STAGES: [Stage; 9] = [
    (
        ["tokens.texts", "tokens.words", "tokens.bytes"],
        |_, text| {
            black_box(Document::new("", text));
        },
    ),
    (
        ["severity.texts", "severity.words", "severity.bytes"],
        |r, text| {
            let _ = black_box(r.models.severity(&Document::new("", text)));
        },
    ),
    (
        ["category.texts", "category.words", "category.bytes"],
        |r, text| {
            let _ = black_box(r.models.category(&Document::new("", text)));
        },
    ),
    (
        ["relevance.texts", "relevance.words", "relevance.bytes"],
        |r, text| {
            let _ = black_box(r.models.relevance(&Document::new("", text)));
        },
    ),
    (
        ["technique.texts", "technique.words", "technique.bytes"],
        |r, text| {
            let _ = black_box(r.models.techniques(&Document::new("", text)));
        },
    ),
    (
        ["classify.texts", "classify.words", "classify.bytes"],
        |r, text| {
            black_box(r.models.judge(&Document::new("", text)));
        },
    ),
    (
        ["entities.texts", "entities.words", "entities.bytes"],
        |r, text| {
            let subject = Subject {
                text,
                ..Subject::default()
            };
            black_box(r.names.find(&Document::new("", text), &subject, &[]));
        },
    ),
    (
        ["indicators.texts", "indicators.words", "indicators.bytes"],
        |_, text| {
            black_box(find(text));
        },
    ),
    (["all.texts", "all.words", "all.bytes"], |r, text| {
        everything(r, text)
    }),
];

/// Runs each stage over all texts.
pub(super) fn run(texts: &[String], readers: &Readers) -> Vec<Figure> {
    let words: usize = texts.iter().map(|t| t.split_whitespace().count()).sum();
    let bytes: usize = texts.iter().map(String::len).sum();
    let mut figures = Vec::new();
    for (names, stage) in STAGES {
        let start = Instant::now();
        for text in texts {
            stage(readers, text);
        }
        let seconds = start.elapsed().as_secs_f64();
        let all = [
            ("texts/s", texts.len() as f64),
            ("words/s", words as f64),
            ("MB/s", bytes as f64 / 1e6),
        ];
        figures.extend(
            names
                .into_iter()
                .zip(all)
                .map(|(name, (unit, count))| Figure {
                    name,
                    unit,
                    value: count / seconds,
                }),
        );
    }
    figures
}

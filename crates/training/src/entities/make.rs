//! Making the sections: once without dev, to measure, then with all that may train.

use std::time::Instant;

use tocsin_analysis::entity::eval::report;
use tocsin_analysis::entity::gazetteer::Gazetteer;
use tocsin_analysis::entity::{Names, Style};
use tocsin_analysis::eval::Options;
use tocsin_analysis::model::{Metric, ModelFile, ModelInfo, ModelWriter, Origin, TaskInfo};

use super::crf::Recipe;
use super::texts::{Labelled, labelled, plain};
use super::{chain, classes, lists};
use crate::corpus::{Corpus, Failure};

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

/// The files that are measured on, and their schemes.
const DEV: [(&str, &str); 3] = [
    ("ner_cyner_dev.tsv", "cyner"),
    ("ner_nvd_silver_dev.jsonl", "nvd"),
    ("ner_annoctr_dev.tsv", "annoctr"),
];

/// What was made: sections, and how many texts and names they were made from.
struct Made {
    sections: Vec<(&'static str, Vec<u8>)>,
    names: u32,
    products: u32,
    advisories: u32,
    reports: u32,
    plain: u32,
    labels: Vec<String>,
    rows: usize,
}

/// Makes the sections `gazetteer`, `crf.advisory` and `crf.report`.
pub fn make(corpus: &Corpus, with_dev: bool, writer: &mut ModelWriter) -> Result<(), Failure> {
    let measured = learn(corpus, false)?;
    let metrics = measure(corpus, &measured)?;
    let made = if with_dev { learn(corpus, true)? } else { measured };
    let bytes: usize = made.sections.iter().map(|(_, b)| b.len()).sum();
    writer.info().tasks.push(TaskInfo {
        task: "entities".into(),
        classes: made.labels,
        features: made.rows as u32,
        bytes: bytes as u32,
        metrics,
    });
    for (name, bytes) in made.sections {
        writer.section(name, bytes);
    }
    for (name, licence, texts) in [
        ("NVD and CISA vulnrichment, products marked", "CC0-1.0", made.advisories),
        ("CyNER", "MIT", made.reports),
        ("MISP galaxy, names", "CC0-1.0 OR BSD-2-Clause", made.names),
        ("CPE and CNA vendors and products", "CC0-1.0", made.products),
        ("Texts of the other tasks, for classes of words", "as there", made.plain),
    ] {
        writer.origin(Origin {
            name: name.into(),
            licence: licence.into(),
            texts,
            tasks: vec!["entities".into()],
        });
    }
    Ok(())
}

fn learn(corpus: &Corpus, with_dev: bool) -> Result<Made, Failure> {
    let plain = plain(corpus)?;
    let classes = classes::learn(&plain);
    let learning = lists::make(corpus, &classes, 1)?;
    let gazetteer = Gazetteer::read(&learning.section).map_err(|e| e.to_string())?;
    let texts = |train: &str, dev: &str, style| -> Result<Vec<Labelled>, Failure> {
        let mut texts = labelled(corpus, train, style)?;
        if with_dev {
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
    let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    Ok(Made {
        names: shipped.names,
        products: shipped.products,
        advisories: count(advisories.len()),
        reports: count(reports.len()),
        plain: count(plain.len()),
        labels: [advisory.labels(), report.labels()].concat(),
        rows: advisory.rows() + report.rows(),
        sections: vec![
            ("gazetteer", shipped.section),
            ("crf.advisory", advisory.section()),
            ("crf.report", report.section()),
        ],
    })
}

/// Prints the figures on dev, and gives those that are always the same.
fn measure(corpus: &Corpus, made: &Made) -> Result<Vec<Metric>, Failure> {
    let mut writer = ModelWriter::new(ModelInfo::default());
    for (name, bytes) in &made.sections {
        writer.section(name, bytes.clone());
    }
    let file = ModelFile::read(writer.finish("")).map_err(|e| e.to_string())?;
    let names = Names::read(&file).map_err(|e| e.to_string())?;
    let start = Instant::now();
    let stopwatch = || start.elapsed().as_secs_f64();
    let mut found = Vec::new();
    for (file, scheme) in DEV {
        let options = Options {
            is_title_only: false,
            scheme: Some(scheme),
            stopwatch: &stopwatch,
        };
        let lines = corpus.lines(file)?;
        let report = report(&names, &lines, &options).map_err(|e| format!("{file}: {e}"))?;
        eprintln!("{}", report.to_text());
        let metrics = report.metrics.iter();
        for metric in metrics.filter(|m| m.name != "words_per_second") {
            found.push(Metric {
                name: format!("dev.{scheme}.{}", metric.name),
                value: (metric.value * 10_000.0).round() / 10_000.0,
            });
        }
    }
    Ok(found)
}

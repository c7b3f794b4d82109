//! How the taggers grow with what they learn from, and how they do on what they did not: the learning
//! curve on dev, and cross-validation over the training texts. For `docs/analysis.md`; nothing is written.

use tocsin_analysis::entity::eval::{Scheme, measure, read_labelled};
use tocsin_analysis::entity::gazetteer::Gazetteer;
use tocsin_analysis::entity::{Names, Style};
use tocsin_analysis::model::{ModelFile, ModelInfo, ModelWriter};

use super::crf::Recipe;
use super::make::{ADVISORY, REPORT};
use super::texts::{Labelled, labelled, plain};
use super::{chain, classes, lists};
use crate::corpus::{Corpus, Failure};

/// One tagger's texts.
struct Subject {
    scheme: Scheme,
    section: &'static str,
    train: &'static str,
    dev: &'static str,
    recipe: Recipe,
    folds: usize,
}

/// Prints the curves and the folds.
pub fn print(corpus: &Corpus) -> Result<(), Failure> {
    let classes = classes::learn(&plain(corpus)?);
    let learning = lists::make(corpus, &classes, 1)?.section;
    let shipped = lists::make(corpus, &classes, 0)?.section;
    let gazetteer = Gazetteer::read(&learning).map_err(|e| e.to_string())?;
    for subject in [
        Subject {
            scheme: Scheme::Cyner,
            section: "crf.report",
            train: "ner_cyner_train.tsv",
            dev: "ner_cyner_dev.tsv",
            recipe: REPORT,
            folds: 5,
        },
        Subject {
            scheme: Scheme::Nvd,
            section: "crf.advisory",
            train: "ner_nvd_silver_train.jsonl",
            dev: "ner_nvd_silver_dev.jsonl",
            recipe: ADVISORY,
            folds: 3,
        },
    ] {
        study(corpus, &subject, &gazetteer, &shipped)?;
    }
    Ok(())
}

fn study(
    corpus: &Corpus,
    subject: &Subject,
    gazetteer: &Gazetteer,
    lists: &[u8],
) -> Result<(), Failure> {
    let style = subject.scheme.style();
    let texts = labelled(corpus, subject.train, style)?;
    let read = |name: &str| {
        read_labelled(&corpus.lines(name)?)
            .map_err(|(line, what)| format!("{name}, line {line}: {what}"))
    };
    let (train, dev) = (read(subject.train)?, read(subject.dev)?);
    for parts in [8, 4, 2, 1] {
        let some: Vec<Labelled> = texts.iter().step_by(parts).cloned().collect();
        let names = learn(&some, style, gazetteer, lists, subject)?;
        let scores = measure(&names, &dev, subject.scheme, &|| 0.0);
        println!(
            "{}: {} texts: dev {:.4}",
            subject.scheme.as_str(),
            some.len(),
            scores.micro().f1()
        );
    }
    let (mut hits, mut found, mut gold) = (0, 0, 0);
    for fold in 0..subject.folds {
        // Neighbours stay together: they are often of one report or one day.
        let is_held = |at: usize| at * subject.folds / texts.len() == fold;
        let pick = |held: bool| (0..texts.len()).filter(move |at| is_held(*at) == held);
        let some: Vec<Labelled> = pick(false).map(|at| texts[at].clone()).collect();
        let held: Vec<_> = pick(true).map(|at| train[at].clone()).collect();
        let names = learn(&some, style, gazetteer, lists, subject)?;
        let micro = measure(&names, &held, subject.scheme, &|| 0.0).micro();
        println!(
            "{}: fold {fold}: {:.4}",
            subject.scheme.as_str(),
            micro.f1()
        );
        hits += micro.hits;
        found += micro.found;
        gold += micro.gold;
    }
    let f1 = 2.0 * f64::from(hits) / f64::from(found + gold).max(1.0);
    println!("{}: cross-validated {f1:.4}", subject.scheme.as_str());
    Ok(())
}

fn learn(
    texts: &[Labelled],
    style: Style,
    gazetteer: &Gazetteer,
    lists: &[u8],
    subject: &Subject,
) -> Result<Names, Failure> {
    let mut writer = ModelWriter::new(ModelInfo::default());
    writer.section("gazetteer", lists.to_vec());
    let section = chain(texts, style, gazetteer, subject.recipe)?.section();
    writer.section(subject.section, section);
    let file = ModelFile::read(writer.finish("")).map_err(|e| e.to_string())?;
    Names::read(&file).map_err(|e| e.to_string())
}

//! The four classifiers, made together because they share one table of features.

mod make;
mod pack;
mod relevance;
mod shape;
mod technique;
mod vulnerability;

use rayon::join;
use tocsin_analysis::classify::{Calibration, Models, Scaling};
use tocsin_analysis::eval::{RelText, TramText, VulnText, read_lines};
use tocsin_analysis::model::{ModelFile, ModelInfo, ModelWriter};
use tocsin_analysis::text::Document;

use crate::corpus::{Corpus, Failure};
use crate::pieces::PieceVocabulary;
use crate::vocabulary::{Counter, Vocabulary};

pub use make::{NEWEST_TEXT, make};
pub use shape::Knobs;

/// Everything that is learnt from or measured on.
pub struct Texts {
    pub vuln_train: Vec<VulnText>,
    pub vuln_old: Vec<VulnText>,
    pub vuln_dev: Vec<VulnText>,
    pub rel_train: Vec<RelText>,
    pub rel_dev: Vec<RelText>,
    pub tram: Vec<TramText>,
    pub reports: Vec<String>,
    pub names: Vec<Named>,
}

/// A name of the gazetteer that texts are made from.
pub struct Named {
    pub name: String,
    pub kind: String,
    pub id: String,
    pub about: String,
}

impl Texts {
    /// Reads them.
    pub fn read(corpus: &Corpus) -> Result<Self, Failure> {
        let lines = |name: &str| corpus.lines(name);
        let wrong = |name: &'static str| move |e| format!("{name}: {e}");
        Ok(Self {
            vuln_train: corpus.vulnerabilities("vuln_train.jsonl")?,
            vuln_old: corpus.vulnerabilities("vuln_old.jsonl")?,
            vuln_dev: corpus.vulnerabilities("vuln_dev.jsonl")?,
            rel_train: read_lines(&lines("rel_train.jsonl")?).map_err(wrong("rel_train"))?,
            rel_dev: read_lines(&lines("rel_dev.jsonl")?).map_err(wrong("rel_dev"))?,
            tram: read_lines(&lines("tram_train.jsonl")?).map_err(wrong("tram_train"))?,
            reports: shape::sentences_of_tokens(&lines("ner_cyner_train.tsv")?),
            names: shape::names(&lines("gazetteer_misp.jsonl")?)?,
        })
    }
}

impl Texts {
    /// Keeps every `part`-th text of those that are learnt from, and all of dev.
    pub fn keep_every(&mut self, part: usize) {
        thin(&mut self.vuln_train, part);
        thin(&mut self.vuln_old, part);
        thin(&mut self.rel_train, part);
        thin(&mut self.tram, part);
        thin(&mut self.reports, part);
    }
}

fn thin<T>(texts: &mut Vec<T>, part: usize) {
    let mut number = 0;
    texts.retain(|_| {
        number += 1;
        part <= 1 || number % part == 1
    });
}

/// The classifiers' sections, without calibration where none is given.
pub struct Fitted {
    vocabulary: Vocabulary,
    pieces: PieceVocabulary,
    level: vulnerability::Fit,
    category: vulnerability::Categories,
    relevance: relevance::Fit,
    technique: technique::Fit,
}

/// How raw odds become probabilities, for all classifiers.
#[derive(Clone)]
pub struct Calibrations {
    pub severity: Calibration,
    pub category: Calibration,
    pub relevance: Calibration,
    pub technique: Calibration,
}

impl Calibrations {
    /// None: for measuring raw odds.
    pub fn none() -> Self {
        let none = |classes| Calibration {
            short_words: shape::SHORT_WORDS,
            short: Scaling::none(classes),
            long: Scaling::none(classes),
        };
        Self {
            severity: none(3),
            category: none(13),
            relevance: none(2),
            technique: none(51),
        }
    }
}

/// Learns all four; with the texts of dev, or without so that dev can be measured on.
pub fn fit(texts: &Texts, with_dev: bool, knobs: &Knobs) -> Result<Fitted, Failure> {
    let vulnerabilities = vulnerability::lessons(texts, with_dev, knobs);
    let stories = relevance::stories(texts, with_dev, true, knobs);
    let techniques = texts.names.iter().filter(|n| n.kind == "technique");
    let told = stories.iter().map(|s| s.text.as_str());
    let told = told.chain(texts.tram.iter().map(|t| t.text.as_str()));
    let told = told.chain(techniques.map(|n| n.about.as_str()));
    let pieces = PieceVocabulary::count(told, knobs.least_piece);
    let mut counter = Counter::default();
    for (text, _) in &vulnerabilities {
        counter.add(&Document::new("", &text.desc));
    }
    for text in &texts.rel_train {
        counter.add(&Document::new("", &text.text));
    }
    if with_dev {
        for text in &texts.rel_dev {
            counter.add(&Document::new("", &text.text));
        }
    }
    for text in &texts.tram {
        counter.add(&Document::new("", &text.text));
    }
    let vocabulary = counter.finish(knobs.least_texts, knobs.least_pair);
    eprintln!(
        "  {} features, {} pieces of words",
        vocabulary.len(),
        pieces.len()
    );
    let rows = vulnerability::rows(&vocabulary, &vulnerabilities);
    // Each fit has one thread; which of them runs when changes nothing.
    let ((level, category), (relevance, technique)) = join(
        || {
            join(
                || vulnerability::severity(&rows, &vulnerabilities, knobs),
                || vulnerability::category(&rows, &vulnerabilities, knobs),
            )
        },
        || {
            join(
                || relevance::fit(&vocabulary, &pieces, &stories, knobs),
                || technique::fit(&vocabulary, &pieces, texts, !with_dev, knobs),
            )
        },
    );
    Ok(Fitted {
        level: level?,
        category: category?,
        relevance: relevance?,
        technique: technique?,
        vocabulary,
        pieces,
    })
}

impl Fitted {
    /// Writes the sections.
    pub fn sections(
        &self,
        calibrations: &Calibrations,
        knobs: &Knobs,
        writer: &mut ModelWriter,
    ) -> Result<(), Failure> {
        pack::sections(self, calibrations, knobs, writer)
    }

    /// The models as they will be read from the file.
    pub fn models(&self, calibrations: &Calibrations, knobs: &Knobs) -> Result<Models, Failure> {
        let mut writer = ModelWriter::new(ModelInfo::default());
        self.sections(calibrations, knobs, &mut writer)?;
        let file = ModelFile::read(writer.finish("")).map_err(|e| e.to_string())?;
        Models::from_file(&file).map_err(|e| e.to_string())
    }
}

/// Calibrates models on texts that they did not learn from.
pub fn calibrate(fitted: &Fitted, texts: &Texts, knobs: &Knobs) -> Result<Calibrations, Failure> {
    let mut calibrations = Calibrations::none();
    calibrations.technique = fitted.technique.calibration.clone();
    let models = fitted.models(&calibrations, knobs)?;
    let vulnerabilities = vulnerability::calibrate(&models, &texts.vuln_dev, knobs)?;
    (calibrations.severity, calibrations.category) = vulnerabilities;
    calibrations.relevance =
        relevance::calibrate(&fitted.vocabulary, &fitted.pieces, texts, knobs)?;
    Ok(calibrations)
}

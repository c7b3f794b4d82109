//! From what was learnt to the file's sections: weights become bytes, each column with a scale of its own.

use serde::Serialize;
use tocsin_analysis::classify::{
    CategoryPart, Head, PARTS, RelevancePart, SeverityPart, TableWriter, TechniquePart,
};
use tocsin_analysis::model::{ModelWriter, TaskInfo};

use super::relevance::Shares;
use super::shape::Knobs;
use super::vulnerability::{CATEGORIES, LEVELS};
use super::{Calibrations, Fitted};
use crate::corpus::Failure;
use crate::regression::Learnt;

/// The columns of the table while they are filled.
struct Columns {
    /// For each column, each feature's byte.
    bytes: Vec<Vec<i8>>,
}

impl Columns {
    /// Adds what a regression learnt of the table's features; where it stands and what its bytes are worth.
    fn add(&mut self, learnt: &Learnt, features: usize, classes: &[&str]) -> Head {
        let first = self.bytes.len();
        let columns = learnt.columns();
        let mut scale = Vec::new();
        for column in 0..columns {
            let weights = (0..features).map(|feature| learnt.weights[feature * columns + column]);
            scale.push(self.column(weights));
        }
        Head {
            classes: classes.iter().map(ToString::to_string).collect(),
            first,
            scale,
            bias: learnt.bias.clone(),
        }
    }

    /// Adds one column; what its unit is worth.
    fn column(&mut self, weights: impl Iterator<Item = f32>) -> f32 {
        let (bytes, scale) = quantised(weights);
        self.bytes.push(bytes);
        scale
    }
}

/// Weights as bytes, and what one unit is worth.
pub(super) fn quantised(weights: impl Iterator<Item = f32>) -> (Vec<i8>, f32) {
    let weights: Vec<f32> = weights.collect();
    let most = weights.iter().map(|w| w.abs()).fold(0.0_f32, f32::max);
    let scale = if most > 0.0 { most / 127.0 } else { 1.0 };
    let bytes = weights.iter().map(|w| (w / scale).round() as i8).collect();
    (bytes, scale)
}

/// Writes all sections of the classifiers, and says of each task what it is.
pub fn sections(
    fitted: &Fitted,
    calibrations: &Calibrations,
    knobs: &Knobs,
    writer: &mut ModelWriter,
) -> Result<(), Failure> {
    let features = fitted.vocabulary.len();
    let mut columns = Columns { bytes: Vec::new() };
    let level = columns.add(&fitted.level.learnt[0], features, &LEVELS);
    let vector: Vec<Head> = PARTS
        .iter()
        .zip(&fitted.level.learnt[1..])
        .map(|((_, values), learnt)| columns.add(learnt, features, values))
        .collect();
    let kinds = &fitted.category.kinds;
    let names: Vec<&str> = kinds.iter().map(|kind| kind.name.as_str()).collect();
    let category = columns.add(&fitted.category.learnt, features, &names);

    let relevance = &fitted.relevance;
    let head = columns.add(&relevance.learnt, features, &["other", "security"]);
    let (piece_bytes, pieces_scale) =
        quantised(relevance.learnt.weights[features..].iter().copied());
    let value = |word: &Option<String>| -> f32 {
        let Some(word) = word.as_ref().filter(|w| has_letter(w)) else {
            return 0.0;
        };
        let pieces = fitted.pieces.word(word);
        let said: f32 = pieces
            .into_iter()
            .map(|(piece, v)| v * f32::from(piece_bytes[piece as usize]))
            .sum();
        said * relevance.shares.of(word) / Shares::WHOLE
    };
    let pieces = columns.bytes.len();
    let pieces_known = columns.column(fitted.vocabulary.words.iter().map(value));

    let technique = fitted
        .technique
        .pack(&fitted.vocabulary, &fitted.pieces, knobs);
    let mut table = TableWriter::new(columns.bytes.len());
    for (at, hash) in fitted.vocabulary.hashes.iter().enumerate() {
        let weights = columns.bytes.iter().map(|column| column[at]).collect();
        table.push(
            *hash,
            fitted.vocabulary.idf[at],
            technique.rows_of[at],
            weights,
        );
    }
    let features_section = table.finish().ok_or("two features have the same hash")?;
    let mut subwords = TableWriter::new(1);
    for (at, hash) in fitted.pieces.hashes.iter().enumerate() {
        subwords.push(
            *hash,
            fitted.pieces.idf[at],
            technique.rows_of_pieces[at],
            vec![piece_bytes[at]],
        );
    }
    let subwords = subwords
        .finish()
        .ok_or("two pieces of words have the same hash")?;

    let severity = SeverityPart {
        level,
        vector,
        share: knobs.vector_share,
        calibration: calibrations.severity.clone(),
    };
    let category = CategoryPart {
        classes: CATEGORIES.map(String::from).into(),
        kinds: category,
        category_of: kinds.iter().map(|kind| kind.category).collect(),
        calibration: calibrations.category.clone(),
    };
    let relevance_part = RelevancePart {
        head,
        pieces_scale: pieces_scale * Shares::WHOLE,
        pieces,
        pieces_known,
        calibration: calibrations.relevance.clone(),
    };
    let technique_part = TechniquePart {
        classes: fitted.technique.classes.clone(),
        names: fitted.technique.names.clone(),
        scale: technique.scale,
        bias: technique.bias,
        calibration: calibrations.technique.clone(),
        threshold: 0.5,
    };

    // The table serves all; each task is told its share of it.
    let share = |columns: usize| features_section.len() * columns / (pieces + 1);
    let tasks = [
        task("severity", &LEVELS, features, share(16)),
        task("category", &CATEGORIES, features, share(kinds.len() - 1)),
        task(
            "relevance",
            &["other", "security"],
            features + fitted.pieces.len(),
            share(2) + subwords.len(),
        ),
        TaskInfo {
            classes: fitted.technique.classes.clone(),
            ..task("technique", &[], technique.rows, technique.bytes.len())
        },
    ];
    for info in tasks {
        writer.info().tasks.retain(|task| task.task != info.task);
        writer.info().tasks.push(info);
    }
    writer.section("features", features_section);
    writer.section("subwords", subwords);
    writer.section("severity", json(&severity)?);
    writer.section("category", json(&category)?);
    writer.section("relevance", json(&relevance_part)?);
    writer.section("technique", json(&technique_part)?);
    writer.section("technique.weights", technique.bytes);
    Ok(())
}

fn task(name: &str, classes: &[&str], features: usize, bytes: usize) -> TaskInfo {
    TaskInfo {
        task: name.to_string(),
        classes: classes.iter().map(ToString::to_string).collect(),
        features: features as u32,
        bytes: bytes as u32,
        metrics: Vec::new(),
    }
}

/// Whether a word has a letter, as the models count words.
pub(super) fn has_letter(word: &str) -> bool {
    word.bytes()
        .any(|b| b.is_ascii_alphabetic() || !b.is_ascii())
}

fn json(part: &impl Serialize) -> Result<Vec<u8>, Failure> {
    serde_json::to_vec(part).map_err(|e| e.to_string())
}

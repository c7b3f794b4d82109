//! ATT&CK techniques, from sentences of reports; and sentences that describe none.

use rayon::prelude::*;
use tocsin_analysis::classify::{Calibration, NO_TECHNIQUE, Scaling, softmax};
use tocsin_analysis::eval::Answer;
use tocsin_analysis::text::Document;

use super::Texts;
use super::pack::{has_letter, quantised};
use super::shape::{Dice, Knobs, SHORT_WORDS, first_sentence};
use super::vulnerability::balanced;
use crate::calibrate::Raw;
use crate::corpus::Failure;
use crate::pieces::PieceVocabulary;
use crate::regression::{Learnt, Lesson};
use crate::sparse::Rows;
use crate::vocabulary::{Vocabulary, walk};

/// Sentences about something else that are learnt from.
const OTHERS: usize = 800;
/// The most rows of weights that are kept.
const MOST_ROWS: usize = 34_000;
/// Reports are parted into so many for cross-validation.
const FOLDS: usize = 3;

/// The model, and its calibration and figures by cross-validation over reports.
pub struct Fit {
    pub learnt: Learnt,
    pub classes: Vec<String>,
    /// ATT&CK's name of each class, as the gazetteer has it.
    pub names: Vec<String>,
    pub calibration: Calibration,
    /// Truths and calibrated answers of sentences, each by a model that did not learn from its report.
    pub crossed: Vec<Answer>,
}

struct Sentences {
    rows: Rows,
    truths: Vec<u32>,
    /// The report's fold; none for what is in every fold.
    folds: Vec<Option<usize>>,
}

/// The technique's sections, but for what belongs to the tables.
pub struct Packed {
    /// Rows of one byte for each class.
    pub bytes: Vec<u8>,
    /// How many rows there are.
    pub rows: usize,
    /// The row of each feature of the vocabulary.
    pub rows_of: Vec<Option<u16>>,
    /// The row of each piece of words.
    pub rows_of_pieces: Vec<Option<u16>>,
    pub scale: Vec<f32>,
    pub bias: Vec<f32>,
}

/// Learns.
///
/// Cross-validation is for the run that measures; the other learns alone.
pub fn fit(
    vocabulary: &Vocabulary,
    pieces: &PieceVocabulary,
    texts: &Texts,
    is_crossed: bool,
    knobs: &Knobs,
) -> Result<Fit, Failure> {
    let mut classes: Vec<String> = texts.tram.iter().map(|t| t.label.clone()).collect();
    classes.sort();
    classes.dedup();
    classes.push(NO_TECHNIQUE.to_string());
    let names = classes.iter().map(|id| name_of(texts, id)).collect();
    let sentences = sentences(vocabulary, pieces, texts, &classes, knobs);
    let mut raw = Raw::default();
    let folds = if is_crossed { FOLDS } else { 0 };
    // One more than there are folds: the model that is kept learns from all.
    let mut learnt = (0..=folds)
        .into_par_iter()
        .map(|fold| {
            learn(&sentences, classes.len(), knobs, |f| {
                fold == folds || f != Some(fold)
            })
        })
        .collect::<Result<Vec<_>, _>>()?;
    let kept = learnt.pop().ok_or("no model was learnt")?;
    for (fold, learnt) in learnt.iter().enumerate() {
        for at in (0..sentences.rows.len()).filter(|at| sentences.folds[*at] == Some(fold)) {
            let truth = sentences.truths[at];
            if truth as usize + 1 < classes.len() {
                raw.push(odds(learnt, &sentences.rows, at), truth, 1.0);
            }
        }
    }
    let scaling = if is_crossed {
        // One slope for all: fifty classes are too many for shifts of their own.
        raw.scaling(1e9)?
    } else {
        Scaling::none(classes.len())
    };
    let crossed = raw
        .odds
        .iter()
        .zip(&raw.truths)
        .map(|(odds, truth)| {
            let mut probabilities = odds.clone();
            scaling.apply(&mut probabilities);
            probabilities.pop();
            softmax(&mut probabilities);
            Answer {
                truth: *truth as usize,
                probabilities,
            }
        })
        .collect();
    Ok(Fit {
        learnt: kept,
        classes,
        names,
        calibration: Calibration {
            short_words: SHORT_WORDS,
            short: scaling.clone(),
            long: scaling,
        },
        crossed,
    })
}

/// ATT&CK's name of an id; the id itself where the gazetteer has none.
fn name_of(texts: &Texts, id: &str) -> String {
    let mut names = texts.names.iter().filter(|n| n.kind == "technique");
    let name = names.find_map(|n| n.name.strip_suffix(id)?.strip_suffix(" - "));
    name.unwrap_or(id).to_string()
}

fn sentences(
    vocabulary: &Vocabulary,
    pieces: &PieceVocabulary,
    texts: &Texts,
    classes: &[String],
    knobs: &Knobs,
) -> Sentences {
    let number = |label: &str| classes.iter().position(|class| class == label);
    let mut reports: Vec<&str> = texts.tram.iter().map(|t| t.doc_title.as_str()).collect();
    reports.sort_unstable();
    reports.dedup();
    // By size, as scikit-learn's GroupKFold does: the largest report goes to the smallest fold.
    let size = |report: &str| texts.tram.iter().filter(|t| t.doc_title == report).count();
    let mut by_size: Vec<(usize, &str)> = reports.iter().map(|r| (size(r), *r)).collect();
    by_size.sort_by(|a, b| b.cmp(a));
    let mut sizes = [0_usize; FOLDS];
    let mut fold_of: Vec<(&str, usize)> = Vec::new();
    for (size, report) in by_size {
        let fold = (0..FOLDS).min_by_key(|f| sizes[*f]).unwrap_or(0);
        sizes[fold] += size;
        fold_of.push((report, fold));
    }
    let mut found = Sentences {
        rows: Rows::new(vocabulary.len() + pieces.len()),
        truths: Vec::new(),
        folds: Vec::new(),
    };
    let mut add = |text: &str, class: usize, fold: Option<usize>| {
        found.rows.push(row(
            vocabulary,
            pieces,
            &Document::new("", text),
            knobs.technique_words,
        ));
        found.truths.push(class as u32);
        found.folds.push(fold);
    };
    for text in &texts.tram {
        if let Some(class) = number(&text.label) {
            let fold = fold_of.iter().find(|(report, _)| *report == text.doc_title);
            add(&text.text, class, fold.map(|(_, fold)| *fold));
        }
    }
    for name in texts.names.iter().filter(|n| n.kind == "technique") {
        let id = name.name.rsplit(" - ").next().unwrap_or_default();
        let class = number(id).or_else(|| number(&name.id));
        if let Some(class) = class.filter(|c| *c + 1 < classes.len()) {
            add(
                name.name.split(" - ").next().unwrap_or_default(),
                class,
                None,
            );
            if !name.about.is_empty() {
                add(&name.about, class, None);
            }
        }
    }
    let mut dice = Dice::new(11);
    let others: Vec<&str> = texts
        .rel_train
        .iter()
        .filter(|t| t.y == 0)
        .map(|t| t.text.as_str())
        .collect();
    for _ in 0..OTHERS {
        add(dice.pick::<&str>(&others), classes.len() - 1, None);
        let flaw = dice.pick(&texts.vuln_train);
        add(first_sentence(&flaw.desc), classes.len() - 1, None);
    }
    found
}

/// A text's features, each occurrence as it is: words and pairs by their frequency among texts, words' pieces of
/// length one together, all over the root of the number of words.
fn row(
    vocabulary: &Vocabulary,
    pieces: &PieceVocabulary,
    document: &Document<'_>,
    share: f32,
) -> Vec<(u32, f32)> {
    let mut words = 0_u32;
    let mut found: Vec<u32> = Vec::new();
    walk(document, |hash, word| {
        words += u32::from(word.is_some_and(has_letter));
        found.extend(vocabulary.number(hash));
    });
    found.sort_unstable();
    let root = (words.max(1) as f32).sqrt().recip();
    let mut row: Vec<(u32, f32)> = Vec::new();
    for feature in found {
        let value = share * vocabulary.idf[feature as usize] * root;
        match row.last_mut().filter(|(last, _)| *last == feature) {
            Some((_, sum)) => *sum += value,
            None => row.push((feature, value)),
        }
    }
    let first = vocabulary.len() as u32;
    row.extend(
        pieces
            .row(document, |_| 1.0)
            .into_iter()
            .map(|(piece, v)| (first + piece, v)),
    );
    row
}

impl Fit {
    /// Weights as bytes: a row for each feature that says something, words with what their pieces say, and a row
    /// for each piece.
    pub fn pack(&self, vocabulary: &Vocabulary, pieces: &PieceVocabulary, knobs: &Knobs) -> Packed {
        let columns = self.learnt.columns();
        let weights =
            |feature: usize| &self.learnt.weights[feature * columns..(feature + 1) * columns];
        // What a feature can move at most: the weakest have no row.
        let strength = |feature: usize| {
            let most = weights(feature)
                .iter()
                .map(|w| w.abs())
                .fold(0.0_f32, f32::max);
            let share = vocabulary
                .idf
                .get(feature)
                .map_or(1.0, |idf| idf * knobs.technique_words);
            most * share
        };
        let is_common = |feature: usize| {
            let word = vocabulary.words.get(feature).and_then(Option::as_ref);
            word.is_some_and(|w| has_letter(w)) && vocabulary.idf[feature] < knobs.rare_idf
        };
        let mut known: Vec<(bool, f32, usize)> = (0..vocabulary.len() + pieces.len())
            .map(|feature| (is_common(feature), strength(feature), feature))
            .filter(|(is_common, strength, _)| *is_common || *strength > 1e-4)
            .collect();
        known.sort_by(|a, b| {
            (b.0, b.1)
                .partial_cmp(&(a.0, a.1))
                .unwrap_or(std::cmp::Ordering::Equal)
                .then(a.2.cmp(&b.2))
        });
        known.truncate(MOST_ROWS);
        known.sort_by_key(|(_, _, feature)| *feature);

        let mut rows: Vec<Vec<f32>> = Vec::new();
        let mut rows_of = vec![None; vocabulary.len()];
        let mut rows_of_pieces = vec![None; pieces.len()];
        for (_, _, feature) in known {
            let number = u16::try_from(rows.len()).ok();
            let Some(idf) = vocabulary.idf.get(feature) else {
                rows_of_pieces[feature - vocabulary.len()] = number;
                rows.push(weights(feature).to_vec());
                continue;
            };
            let share = knobs.technique_words * idf;
            let mut row: Vec<f32> = weights(feature).iter().map(|w| w * share).collect();
            let word = vocabulary.words[feature].as_ref().filter(|w| has_letter(w));
            for (piece, value) in word.map(|w| pieces.word(w)).unwrap_or_default() {
                for (sum, weight) in row
                    .iter_mut()
                    .zip(weights(vocabulary.len() + piece as usize))
                {
                    *sum += value * weight;
                }
            }
            rows_of[feature] = number;
            rows.push(row);
        }
        // The first class has no weights: its column is noughts.
        let mut bytes = vec![0_u8; rows.len() * (columns + 1)];
        let mut scale = vec![1.0];
        for column in 0..columns {
            let (column_bytes, unit) = quantised(rows.iter().map(|row| row[column]));
            for (row, byte) in column_bytes.into_iter().enumerate() {
                bytes[row * (columns + 1) + column + 1] = byte.cast_unsigned();
            }
            scale.push(unit);
        }
        let mut bias = vec![0.0];
        bias.extend(&self.learnt.bias);
        Packed {
            rows: rows.len(),
            bytes,
            rows_of,
            rows_of_pieces,
            scale,
            bias,
        }
    }
}

fn learn(
    sentences: &Sentences,
    classes: usize,
    knobs: &Knobs,
    keep: impl Fn(Option<usize>) -> bool,
) -> Result<Learnt, Failure> {
    let picked: Vec<usize> = (0..sentences.rows.len())
        .filter(|at| keep(sentences.folds[*at]))
        .collect();
    let truths: Vec<u32> = picked.iter().map(|at| sentences.truths[*at]).collect();
    let mut counts = vec![1.0; picked.len()];
    balanced(&truths, &mut counts, classes, knobs.technique_balance);
    Lesson {
        rows: &sentences.rows.pick(&picked),
        truths: &truths,
        counts: &counts,
        classes,
        c: knobs.technique_c,
        rounds: knobs.technique_rounds,
    }
    .learn()
}

fn odds(learnt: &Learnt, rows: &Rows, at: usize) -> Vec<f32> {
    let columns = learnt.columns();
    let mut odds = vec![0.0];
    odds.extend(&learnt.bias);
    for (feature, value) in rows.row(at) {
        let weights = &learnt.weights[feature * columns..(feature + 1) * columns];
        for (odds, weight) in odds[1..].iter_mut().zip(weights) {
            *odds += value * weight;
        }
    }
    odds
}

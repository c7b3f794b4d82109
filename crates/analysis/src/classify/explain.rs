//! Why a model answered as it did: the terms that moved its answer most, with their places.
//!
//! A term's weight is how much it moves the log-odds of the label against the other classes, each of these
//! counted by its probability. For severity's second opinion, which is not linear, it is the slope at this
//! text. So the weights of one answer can be compared with each other.

use std::collections::HashMap;

use super::answer::WeightedTerm;
use super::cvss::PARTS;
use super::features::{Piece, frequency, pieces, subword_value};
use super::head::{Head, softmax};
use super::models::{Look, MOST_COLUMNS, Models, TaskName};
use super::section::SeverityPart;
use super::technique::root_of;
use crate::text::{Document, Span, Token};

const MOST_FOR: usize = 12;
const MOST_AGAINST: usize = 6;
const MOST_PLACES: usize = 8;
/// What moves the answer less is not worth saying.
const LEAST: f64 = 0.01;

/// How much one unit of each column, of each technique and of the pieces of words moves the answer.
struct Slopes {
    columns: [f32; MOST_COLUMNS],
    technique: Option<Vec<f32>>,
    pieces: f32,
}

#[derive(Default)]
struct Found {
    id: Option<u32>,
    order: usize,
    count: u32,
    places: Vec<(usize, usize)>,
    part: Option<String>,
    pieces: f32,
}

impl Models {
    /// The terms that spoke most for the model's answer (positive weights, at most 12, strongest first) and
    /// then those against it (negative, at most 6). Empty where the model abstains.
    #[must_use]
    pub fn explain(&self, task: TaskName, document: &Document<'_>) -> Vec<WeightedTerm> {
        let look = match task {
            TaskName::Technique => self.look_for_techniques(document),
            _ => self.look(document),
        };
        if look.reading.check().is_err() {
            return Vec::new();
        }
        let tokens = document.tokens();
        let tokens = &tokens[..tokens.len().min(Self::MOST_WORDS)];
        let slopes = match task {
            TaskName::Category => self.category_slopes(&look),
            TaskName::Severity => self.severity_slopes(&look),
            TaskName::Relevance => self.relevance_slopes(&look),
            TaskName::Technique => return self.explain_technique(document, &look, tokens),
        };
        slopes.map_or_else(Vec::new, |slopes| self.terms(document, tokens, &slopes))
    }

    fn category_slopes(&self, look: &Look) -> Option<Slopes> {
        let part = self.category.as_ref()?;
        let mut odds = self.category_odds(look)?;
        softmax(&mut odds);
        let mut columns = [0.0; MOST_COLUMNS];
        let slope = part.calibration.of(look.words).slope;
        // A category moves with each of its kinds as far as it consists of it.
        let mut kinds = part.kinds_of(look);
        let sums = part.sums(&kinds);
        let label = against_others(&odds);
        for (kind, category) in kinds.iter_mut().zip(&part.category_of) {
            *kind *= label[*category] / sums[*category].max(1e-6);
        }
        spread(&part.kinds, &kinds, slope, &mut columns);
        Some(Slopes::of(columns))
    }

    fn relevance_slopes(&self, look: &Look) -> Option<Slopes> {
        let part = self.relevance.as_ref()?;
        let odds = self.relevance_odds(look)?;
        let sign = if odds[1] > odds[0] { 1.0 } else { -1.0 };
        let slope = sign * part.calibration.of(look.words).slope;
        let mut slopes = Slopes::of([0.0; MOST_COLUMNS]);
        slopes.columns[part.head.first] = part.head.scale[0] * slope;
        slopes.pieces = part.pieces_scale * slope;
        Some(slopes)
    }

    fn severity_slopes(&self, look: &Look) -> Option<Slopes> {
        let part = self.severity.as_ref()?;
        let mut odds = self.severity_odds(look)?;
        softmax(&mut odds);
        let label = against_others(&odds);
        let slope = part.calibration.of(look.words).slope;
        let mut columns = [0.0; MOST_COLUMNS];
        spread(
            &part.level,
            &label,
            slope * (1.0 - part.share),
            &mut columns,
        );
        self.spread_vector(part, look, &label, slope * part.share, &mut columns);
        Some(Slopes::of(columns))
    }

    /// The slope of the levels' logarithms in each part of the vector: what the level says of the part's
    /// values, less what was thought of them before.
    fn spread_vector(
        &self,
        part: &SeverityPart,
        look: &Look,
        label: &[f32],
        slope: f32,
        columns: &mut [f32; MOST_COLUMNS],
    ) {
        let parts = part.vector_parts(look);
        let levels = self.bands.levels(&parts);
        let mut at = 0;
        for (head, (_, values)) in part.vector.iter().zip(PARTS) {
            let mut slopes = vec![0.0; values.len()];
            for (value, slope) in slopes.iter_mut().enumerate() {
                let mut given = parts;
                given[at..at + values.len()].fill(0.0);
                given[at + value] = 1.0;
                let given = self.bands.levels(&given);
                for ((label, given), all) in label.iter().zip(given).zip(levels) {
                    *slope += label * parts[at + value] * (given / all.max(1e-6) - 1.0);
                }
            }
            spread(head, &slopes, slope, columns);
            at += values.len();
        }
    }

    fn explain_technique(
        &self,
        document: &Document<'_>,
        look: &Look,
        tokens: &[Token],
    ) -> Vec<WeightedTerm> {
        let Some((part, _)) = &self.technique else {
            return Vec::new();
        };
        let found = self.techniques_of(document, look).unwrap_or_default();
        let Some(best) = found.first() else {
            return Vec::new();
        };
        let inside = |token: &&Token| {
            token.field == best.span.field
                && token.char_start >= best.span.start
                && token.char_end <= best.span.end
        };
        let tokens: Vec<Token> = tokens.iter().filter(inside).copied().collect();
        let label = part.classes.iter().position(|class| *class == best.id);
        let others = -1.0 / (part.classes.len() as f32 - 1.0);
        let slope = part.calibration.of(tokens.len()).slope;
        let slopes = part.scale.iter().enumerate().map(|(class, scale)| {
            let share = if Some(class) == label { 1.0 } else { others };
            share * scale * slope
        });
        let slopes = Slopes {
            columns: [0.0; MOST_COLUMNS],
            technique: Some(slopes.collect()),
            pieces: 0.0,
        };
        self.terms(document, &tokens, &slopes)
    }

    /// The strongest terms for and against.
    fn terms(
        &self,
        document: &Document<'_>,
        tokens: &[Token],
        slopes: &Slopes,
    ) -> Vec<WeightedTerm> {
        let mut found: HashMap<u64, Found> = HashMap::new();
        let mut singles = 0_u32;
        pieces(
            tokens,
            |token| document.word(token),
            |piece: Piece<'_>| {
                let id = self.table.find(piece.hash);
                let is_word = piece.is_single() && tokens[piece.last].shape.is_word();
                singles += u32::from(is_word);
                if id.is_none() && !is_word {
                    return;
                }
                let order = found.len();
                let entry = found.entry(piece.hash).or_insert_with(|| Found {
                    id,
                    order,
                    part: piece.part.map(str::to_string),
                    ..Found::default()
                });
                entry.count += 1;
                if entry.places.len() < MOST_PLACES {
                    entry.places.push((piece.first, piece.last));
                }
                let word = is_word.then(|| {
                    piece
                        .part
                        .unwrap_or_else(|| document.word(&tokens[piece.last]))
                });
                entry.pieces += self.by_pieces(id, word, slopes);
            },
        );
        let mut found: Vec<Found> = found.into_values().collect();
        found.sort_by_key(|found| found.order);
        let length: f32 = found
            .iter()
            .filter_map(|f| Some(self.value(f.id?, f.count).powi(2)))
            .sum();
        let norm = if length > 0.0 {
            length.sqrt().recip()
        } else {
            0.0
        };
        let root = root_of(singles);
        let mut terms: Vec<WeightedTerm> = found
            .into_iter()
            .filter_map(|found| {
                let by_word = found.id.map_or(0.0, |id| {
                    self.value(id, found.count) * norm * self.slope(id, slopes)
                });
                term(
                    document,
                    tokens,
                    &found,
                    f64::from(by_word + found.pieces * root),
                )
            })
            .collect();
        // A stable sort: of equals, the first in the text.
        terms.sort_by(|a, b| b.weight.total_cmp(&a.weight));
        let positive = terms.iter().filter(|t| t.weight > 0.0).count();
        let mut against = terms.split_off(positive);
        terms.truncate(MOST_FOR);
        against.reverse();
        against.truncate(MOST_AGAINST);
        terms.extend(against);
        terms
    }

    fn value(&self, id: u32, count: u32) -> f32 {
        frequency(count) * self.table.row(id).idf()
    }

    /// How much a feature's row moves the answer.
    fn slope(&self, id: u32, slopes: &Slopes) -> f32 {
        let weights = self.table.row(id);
        let times = |(slope, weight): (&f32, &u8)| slope * f32::from(weight.cast_signed());
        slopes
            .columns
            .iter()
            .zip(weights.weights())
            .map(times)
            .sum()
    }

    /// How much one occurrence moves what is counted by occurrences: the pieces of words, and techniques.
    fn by_pieces(&self, id: Option<u32>, word: Option<&str>, slopes: &Slopes) -> f32 {
        match (&slopes.technique, &self.technique, word) {
            (Some(slopes), Some((_, table)), _) => {
                let mut sums = [0.0; MOST_COLUMNS];
                table.take(self, id, word, &mut sums);
                slopes
                    .iter()
                    .zip(sums)
                    .map(|(slope, sum)| slope * sum)
                    .sum()
            }
            (None, _, Some(word)) if slopes.pieces != 0.0 => {
                slopes.pieces * subword_value(&self.subwords, word)
            }
            _ => 0.0,
        }
    }
}

impl Slopes {
    fn of(columns: [f32; MOST_COLUMNS]) -> Self {
        Self {
            columns,
            technique: None,
            pieces: 0.0,
        }
    }
}

/// The label's own class counts one; the others, by their probabilities among themselves, minus one.
fn against_others(probabilities: &[f32]) -> Vec<f32> {
    let mut label = 0;
    for (class, p) in probabilities.iter().enumerate() {
        if *p > probabilities[label] {
            label = class;
        }
    }
    let rest = (1.0 - probabilities[label]).max(1e-6);
    let share = |(class, p): (usize, &f32)| if class == label { 1.0 } else { -p / rest };
    probabilities.iter().enumerate().map(share).collect()
}

/// Gives a head's columns the slopes of its classes.
fn spread(head: &Head, classes: &[f32], slope: f32, columns: &mut [f32; MOST_COLUMNS]) {
    let columns = columns[head.first..].iter_mut();
    for ((column, scale), class) in columns.zip(&head.scale).zip(&classes[1..]) {
        *column += scale * class * slope;
    }
}

fn term(
    document: &Document<'_>,
    tokens: &[Token],
    found: &Found,
    weight: f64,
) -> Option<WeightedTerm> {
    if weight.abs() < LEAST {
        return None;
    }
    let (first, last) = *found.places.first()?;
    let term = match &found.part {
        Some(part) => part.clone(),
        None if first == last => document.word(&tokens[first]).to_string(),
        None => format!(
            "{} {}",
            document.word(&tokens[first]),
            document.word(&tokens[last])
        ),
    };
    // A pair from the title's last word to the text's first has no place of its own.
    let place = |(first, last): &(usize, usize)| -> Option<Span> {
        let (first, last) = (&tokens[*first], &tokens[*last]);
        (first.field == last.field).then(|| Document::span(first, last))
    };
    Some(WeightedTerm {
        term,
        weight,
        spans: found.places.iter().filter_map(place).collect(),
    })
}

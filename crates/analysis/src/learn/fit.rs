//! From labelled alerts to weights: which terms are read, the dense matrix, and linfa's fit.
//!
//! linfa-logistic knows no weights of samples, so a label that counts twice stands twice in the matrix. Its
//! "positive" class is the commoner one: the sign is put right by `labels()`. Its optimiser runs over the
//! matrix by columns, which is how it is laid out.

use std::collections::{BTreeMap, HashMap};

use linfa::Dataset;
use linfa::traits::Fit;
use linfa_logistic::LogisticRegression;
use ndarray::{Array1, Array2, ShapeBuilder};

use super::cross::mixed;
use super::traits::{Example, LabelFrom};

/// Terms of a model at most.
pub(super) const MOST_TERMS: usize = 768;
/// Rows of the matrix at most.
const MOST_ROWS: usize = 4_000;
/// How much weights are held back, for a label that counts fully.
const ALPHA: f64 = 1.0;
/// Steps of the optimiser at most.
const MOST_STEPS: u64 = 60;
/// Where the optimiser stops: the gradient's length, for each row. Ten times less changes no answer by a
/// hundredth and takes twice as long.
const TOLERANCE: f64 = 3e-4;
/// What the base model says is not forgotten at the first labels: so many labels' worth of examples say that
/// it is right. (Log-odds, and how many of ten labels there are relevant.)
const ANCHORS: [(f64, u32); 6] = [
    (-4.0, 0),
    (-2.0, 1),
    (-1.0, 3),
    (1.0, 7),
    (2.0, 9),
    (4.0, 10),
];
/// Labels that each anchor is worth, in tenths.
const ANCHOR_TENTHS: u32 = 2;

/// Features that are not terms, sources, kinds or categories.
pub(super) const PLAIN: usize = 5;

/// Which column of the matrix is what.
#[derive(Clone, Debug, Default)]
pub(super) struct Columns {
    pub sources: BTreeMap<String, usize>,
    pub kinds: BTreeMap<String, usize>,
    pub categories: BTreeMap<String, usize>,
    /// Column and inverse document frequency.
    pub terms: HashMap<u64, (usize, f32)>,
    pub count: usize,
}

/// A fitted regression: the log-odds are `intercept + weights . row`.
#[derive(Clone, Debug)]
pub(super) struct Fitted {
    pub columns: Columns,
    pub weights: Vec<f64>,
    pub intercept: f64,
}

impl Columns {
    /// What is in these examples; of their terms the ones that tell the two labels apart best.
    pub fn of(examples: &[&Example]) -> Self {
        let mut columns = Self {
            count: PLAIN,
            ..Self::default()
        };
        for example in examples {
            columns.add(example);
        }
        let (mut yes, mut no) = (0.0_f64, 0.0_f64);
        let mut seen: HashMap<u64, [u32; 2]> = HashMap::new();
        for example in examples {
            *(if example.is_relevant {
                &mut yes
            } else {
                &mut no
            }) += 1.0;
            for (hash, _) in &example.terms {
                seen.entry(*hash).or_default()[usize::from(example.is_relevant)] += 1;
            }
        }
        let total = yes + no;
        let mut ranked: Vec<(f64, u64, f32)> = seen
            .into_iter()
            .filter(|(_, [a, b])| a + b >= 2)
            .map(|(hash, [no_docs, yes_docs])| {
                let docs = f64::from(no_docs + yes_docs);
                let (p, q) = (
                    f64::from(yes_docs) / yes.max(1.0),
                    f64::from(no_docs) / no.max(1.0),
                );
                let mean = docs / total;
                // Chi-square of a 2x2 table, up to a factor that all terms share.
                let apart = (p - q).powi(2) / (mean * (1.0 - mean) + 1.0 / total);
                let idf = ((total + 1.0) / (docs + 1.0)).ln() + 1.0;
                (apart, hash, idf as f32)
            })
            .collect();
        ranked.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        ranked.truncate(MOST_TERMS);
        for (_, hash, idf) in ranked {
            columns.terms.insert(hash, (columns.count, idf));
            columns.count += 1;
        }
        columns
    }

    fn add(&mut self, example: &Example) {
        let mut number = |map: &mut BTreeMap<String, usize>, word: &str| {
            if !map.contains_key(word) {
                map.insert(word.to_owned(), self.count);
                self.count += 1;
            }
        };
        number(&mut self.sources, &example.source);
        number(&mut self.kinds, &example.kind);
        if let Some(category) = &example.category {
            number(&mut self.categories, category);
        }
    }

    /// Hears each column of an example that is not zero.
    pub fn row(&self, example: &Example, mut put: impl FnMut(usize, f64)) {
        plain(example, &mut put);
        for (map, word) in [
            (&self.sources, Some(&example.source)),
            (&self.kinds, Some(&example.kind)),
            (&self.categories, example.category.as_ref()),
        ] {
            if let Some(column) = word.and_then(|word| map.get(word)) {
                put(*column, ONE_OF);
            }
        }
        let known = || {
            let terms = example.terms.iter();
            terms.filter_map(|(hash, weight)| {
                let (column, idf) = self.terms.get(hash)?;
                Some((*column, f64::from(weight * idf)))
            })
        };
        let length = known().map(|(_, w)| w * w).sum::<f64>().sqrt();
        if length > 0.0 {
            for (column, weight) in known() {
                put(column, weight / length);
            }
        }
    }
}

/// The value of a source, a kind, a category that an alert has.
pub(super) const ONE_OF: f64 = 0.5;

/// The first columns: what the base says, the score, the watches.
pub(super) fn plain(example: &Example, put: &mut impl FnMut(usize, f64)) {
    if let Some(base) = example.base {
        put(0, 0.5 * log_odds(base));
        put(1, ONE_OF);
    }
    if let Some(score) = example.score {
        put(2, score / 10.0 - 0.5);
        put(3, ONE_OF);
    }
    if example.watch_hits > 0 {
        put(4, f64::from(example.watch_hits.min(3)) / 3.0);
    }
}

/// Log-odds, kept within what one answer may weigh.
pub(super) fn log_odds(probability: f64) -> f64 {
    let p = probability.clamp(1e-4, 1.0 - 1e-4);
    (p / (1.0 - p)).ln()
}

/// The logistic function.
pub(super) fn logistic(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

/// Fits weights to examples; `None` where they have one label only, or the optimiser gives up.
pub(super) fn fit(examples: &[&Example]) -> Option<Fitted> {
    let columns = Columns::of(examples);
    let repeated = repeated(examples);
    // Rows of a label that counts fully: what is held back grows with them.
    let full = repeated.full;
    let anchors: Vec<(f64, bool)> = ANCHORS
        .iter()
        .flat_map(|(x, of_ten)| (0..10).map(|i| (*x, i < *of_ten)))
        .collect();
    // Every fifth stands for the two tenths.
    let tenth = 10 / ANCHOR_TENTHS as usize;
    let anchors: Vec<(f64, bool)> = anchors
        .into_iter()
        .enumerate()
        .filter(|(i, _)| i % tenth == tenth / 2)
        .flat_map(|(_, anchor)| std::iter::repeat_n(anchor, full as usize))
        .collect();
    let rows = repeated.rows.len() + anchors.len();
    let mut x = Array2::<f64>::zeros((rows, columns.count).f());
    let mut y = Vec::with_capacity(rows);
    for (row, example) in repeated.rows.iter().enumerate() {
        let example = examples[*example];
        columns.row(example, |column, value| x[[row, column]] = value);
        y.push(example.is_relevant);
    }
    for (row, (odds, is_relevant)) in (repeated.rows.len()..).zip(anchors) {
        x[[row, 0]] = 0.5 * odds;
        x[[row, 1]] = ONE_OF;
        y.push(is_relevant);
    }
    let (weights, intercept) = regress(x, y, ALPHA * f64::from(full))?;
    Some(Fitted {
        columns,
        weights,
        intercept,
    })
}

/// linfa's fit: weights and intercept of the log-odds that it is relevant.
pub(super) fn regress(x: Array2<f64>, y: Vec<bool>, alpha: f64) -> Option<(Vec<f64>, f64)> {
    let is_one_sided = y.iter().all(|v| *v) || y.iter().all(|v| !*v);
    if is_one_sided {
        return None;
    }
    let tolerance = TOLERANCE * y.len() as f64;
    let data = Dataset::new(x, Array1::from(y));
    let model = LogisticRegression::default()
        .alpha(alpha)
        .max_iterations(MOST_STEPS)
        .gradient_tolerance(tolerance)
        .fit(&data)
        .ok()?;
    // Its positive class is the commoner one.
    let sign = if model.labels().pos.class { 1.0 } else { -1.0 };
    let weights: Vec<f64> = model.params().iter().map(|w| sign * w).collect();
    let intercept = sign * model.intercept();
    let is_usable = intercept.is_finite() && weights.iter().all(|w| w.is_finite());
    is_usable.then_some((weights, intercept))
}

struct Repeated {
    /// Which example each row is.
    rows: Vec<usize>,
    /// Rows of a label that counts fully.
    full: u32,
}

/// Each example as often as its label counts. More than [`MOST_ROWS`] are thinned out, always the same way.
fn repeated(examples: &[&Example]) -> Repeated {
    let least = examples
        .iter()
        .map(|e| e.from.quarters())
        .min()
        .unwrap_or(4);
    let full = LabelFrom::Said.quarters() / least;
    let mut rows = Vec::with_capacity(examples.len());
    for (i, example) in examples.iter().enumerate() {
        let times = example.from.quarters() / least;
        rows.extend(std::iter::repeat_n(i, times as usize));
    }
    if rows.len() > MOST_ROWS {
        let mut order: Vec<(u64, usize)> = (0..)
            .zip(&rows)
            .map(|(n, row): (u64, &usize)| (mixed(examples[*row].key ^ n), *row))
            .collect();
        order.sort_unstable();
        rows = order
            .into_iter()
            .take(MOST_ROWS)
            .map(|(_, row)| row)
            .collect();
        rows.sort_unstable();
    }
    Repeated { rows, full }
}

impl Fitted {
    /// The log-odds of an example.
    pub fn log_odds(&self, example: &Example) -> f64 {
        let mut sum = self.intercept;
        self.columns
            .row(example, |column, value| sum += self.weights[column] * value);
        sum
    }
}

/// Fits `probability = logistic(slope * log-odds + offset)` to answers that were held back.
pub(super) fn calibrate(held_back: &[(f64, bool)]) -> (f64, f64) {
    let x = Array2::from_shape_fn((held_back.len(), 1).f(), |(row, _)| held_back[row].0);
    let y = held_back.iter().map(|(_, y)| *y).collect();
    match regress(x, y, 0.1) {
        Some((slope, offset)) => (
            slope.first().copied().unwrap_or(1.0).clamp(0.3, 3.0),
            offset.clamp(-3.0, 3.0),
        ),
        None => (1.0, 0.0),
    }
}

//! Training of linear-chain taggers: stochastic gradients of the conditional likelihood with AdaGrad
//! steps, on one thread, in an order that a fixed seed draws, so that the same texts give the same bytes.
//!
//! The crate `crfs` was weighed: its attributes are strings, which is 40 million of them for the advisory
//! texts, and its tagger looks each up by name. The features here are hashes that the tagger makes in the
//! same code, and the weights go into a table of 8 bits each.

use std::collections::HashMap;

use tocsin_analysis::entity::tag::{mark_of, may_follow};

/// The words of one text: features of each word, and its label.
pub struct Sequence {
    /// Marks of the features, per word.
    pub features: Vec<Vec<u32>>,
    /// Places in the labels, per word.
    pub gold: Vec<u8>,
}

/// How to train.
#[derive(Clone, Copy)]
pub struct Recipe {
    /// Passes over the texts.
    pub epochs: usize,
    /// The first step's size.
    pub rate: f32,
    /// Pull of weights to zero.
    pub pull: f32,
    /// Features that fewer words have are left out.
    pub least: u32,
    /// The most features that are kept, those of the largest weights.
    pub most_rows: usize,
}

/// A trained chain: weights by feature and label, and steps between labels.
pub struct Chain {
    labels: Vec<String>,
    marks: Vec<u32>,
    weights: Vec<f32>,
    steps: Vec<f32>,
}

/// The mark of a feature.
pub fn mark(hash: u64) -> u32 {
    mark_of(hash)
}

/// Trains a chain.
pub fn train(labels: Vec<String>, sequences: &[Sequence], recipe: Recipe) -> Chain {
    let mut counts: HashMap<u32, u32> = HashMap::new();
    for feature in sequences.iter().flat_map(|s| s.features.iter().flatten()) {
        *counts.entry(*feature).or_default() += 1;
    }
    let mut marks: Vec<u32> = counts
        .into_iter()
        .filter(|(_, n)| *n >= recipe.least)
        .map(|(mark, _)| mark)
        .collect();
    marks.sort_unstable();
    let places: HashMap<u32, u32> = marks.iter().copied().zip(0..).collect();
    let known: Vec<Vec<Vec<u32>>> = sequences
        .iter()
        .map(|s| {
            let words = s.features.iter();
            words
                .map(|f| f.iter().filter_map(|m| places.get(m).copied()).collect())
                .collect()
        })
        .collect();
    let mut learner = Learner::new(&labels, marks.len(), recipe);
    let mut order: Vec<usize> = (0..sequences.len()).collect();
    let mut dice = 0x9e37_79b9_7f4a_7c15_u64;
    for epoch in 0..recipe.epochs {
        for i in (1..order.len()).rev() {
            dice ^= dice << 13;
            dice ^= dice >> 7;
            dice ^= dice << 17;
            order.swap(i, (dice % (i as u64 + 1)) as usize);
        }
        for &at in &order {
            learner.learn(&known[at], &sequences[at].gold);
        }
        if epoch * 2 >= recipe.epochs {
            learner.remember();
        }
    }
    learner.finish(labels, marks)
}

struct Learner {
    count: usize,
    recipe: Recipe,
    allowed: Vec<bool>,
    weights: Vec<f32>,
    squares: Vec<f32>,
    steps: Vec<f32>,
    step_squares: Vec<f32>,
    sums: Vec<f32>,
    step_sums: Vec<f32>,
    remembered: f32,
    touched: Vec<u32>,
    clock: u32,
}

impl Learner {
    fn new(labels: &[String], rows: usize, recipe: Recipe) -> Self {
        let count = labels.len();
        let steps = count * (count + 1);
        let allowed = (0..steps)
            .map(|at| {
                let before = (at / count)
                    .checked_sub(1)
                    .map(|b| labels[b].as_str());
                may_follow(before, &labels[at % count])
            })
            .collect();
        Self {
            count,
            recipe,
            allowed,
            weights: vec![0.0; rows * count],
            squares: vec![1e-6; rows * count],
            steps: vec![0.0; steps],
            step_squares: vec![1e-6; steps],
            sums: vec![0.0; rows * count],
            step_sums: vec![0.0; steps],
            remembered: 0.0,
            touched: vec![0; rows],
            clock: 0,
        }
    }

    /// One step along the gradient of one text (forward-backward with scaling).
    fn learn(&mut self, features: &[Vec<u32>], gold: &[u8]) {
        let (l, n) = (self.count, gold.len());
        if n == 0 {
            return;
        }
        let step: Vec<f32> = self
            .steps
            .iter()
            .zip(&self.allowed)
            .map(|(s, ok)| if *ok { s.exp() } else { 0.0 })
            .collect();
        let here = self.exponents(features);
        let (forward, scales) = forward(l, n, &step, &here);
        let backward = backward(l, n, &step, &here, &scales);
        self.clock += 1;
        let mut pull_steps = vec![0f32; step.len()];
        for at in 0..n {
            let row = if at == 0 { 0 } else { usize::from(gold[at - 1]) + 1 };
            pull_steps[row * l + usize::from(gold[at])] -= 1.0;
            for to in 0..l {
                let ahead = here[at * l + to] * backward[at * l + to] / scales[at];
                if at == 0 {
                    pull_steps[to] += step[to] * ahead;
                    continue;
                }
                for before in 0..l {
                    let edge = (before + 1) * l + to;
                    pull_steps[edge] += forward[(at - 1) * l + before] * step[edge] * ahead;
                }
            }
        }
        for at in 0..n {
            let mut gradient: Vec<f32> = (0..l)
                .map(|k| forward[at * l + k] * backward[at * l + k])
                .collect();
            gradient[usize::from(gold[at])] -= 1.0;
            if gradient.iter().any(|g| g.abs() >= 1e-4) {
                self.move_weights(&features[at], &gradient);
            }
        }
        for (at, pull) in pull_steps.into_iter().enumerate() {
            if self.allowed[at] {
                let gradient = pull + self.recipe.pull * self.steps[at];
                self.step_squares[at] += gradient * gradient;
                self.steps[at] -= self.recipe.rate * gradient / self.step_squares[at].sqrt();
            }
        }
    }

    fn move_weights(&mut self, features: &[u32], gradient: &[f32]) {
        for &feature in features {
            let row = feature as usize;
            let is_first = self.touched[row] != self.clock;
            self.touched[row] = self.clock;
            let pull = if is_first { self.recipe.pull } else { 0.0 };
            let range = row * self.count..(row + 1) * self.count;
            let weights = self.weights[range.clone()].iter_mut();
            for ((w, square), g) in weights.zip(&mut self.squares[range]).zip(gradient) {
                let g = g + pull * *w;
                *square += g * g;
                *w -= self.recipe.rate * g / square.sqrt();
            }
        }
    }

    /// e to the sum of weights, by word and label, each word's highest made 1.
    fn exponents(&self, features: &[Vec<u32>]) -> Vec<f32> {
        let l = self.count;
        let mut out = vec![0f32; features.len() * l];
        for (sums, features) in out.chunks_mut(l).zip(features) {
            for &feature in features {
                let row = feature as usize * l;
                for (sum, w) in sums.iter_mut().zip(&self.weights[row..row + l]) {
                    *sum += w;
                }
            }
            let most = sums.iter().copied().fold(f32::MIN, f32::max);
            for sum in sums {
                *sum = (*sum - most).exp();
            }
        }
        out
    }

    /// Adds the weights to the mean of the second half of the passes.
    fn remember(&mut self) {
        self.remembered += 1.0;
        for (sum, w) in self.sums.iter_mut().zip(&self.weights) {
            *sum += w;
        }
        for (sum, s) in self.step_sums.iter_mut().zip(&self.steps) {
            *sum += s;
        }
    }

    fn finish(self, labels: Vec<String>, marks: Vec<u32>) -> Chain {
        let mean = |sums: Vec<f32>| sums.into_iter().map(|s| s / self.remembered.max(1.0));
        let steps = mean(self.step_sums)
            .zip(&self.allowed)
            .map(|(s, ok)| if *ok { s } else { f32::MIN / 4.0 })
            .collect();
        let weights: Vec<f32> = mean(self.sums).collect();
        let l = self.count;
        let size = |row: usize| {
            let row = &weights[row * l..(row + 1) * l];
            row.iter().fold(0f32, |most, w| most.max(w.abs()))
        };
        let mut rows: Vec<usize> = (0..marks.len()).filter(|r| size(*r) > 0.0).collect();
        rows.sort_by(|a, b| size(*b).total_cmp(&size(*a)).then(marks[*a].cmp(&marks[*b])));
        rows.truncate(self.recipe.most_rows);
        rows.sort_unstable();
        Chain {
            labels,
            marks: rows.iter().map(|r| marks[*r]).collect(),
            weights: rows
                .iter()
                .flat_map(|r| weights[r * l..(r + 1) * l].iter().copied())
                .collect(),
            steps,
        }
    }
}

fn forward(l: usize, n: usize, step: &[f32], here: &[f32]) -> (Vec<f32>, Vec<f32>) {
    let mut out = vec![0f32; n * l];
    let mut scales = vec![0f32; n];
    for at in 0..n {
        for to in 0..l {
            let come: f32 = if at == 0 {
                step[to]
            } else {
                (0..l)
                    .map(|b| out[(at - 1) * l + b] * step[(b + 1) * l + to])
                    .sum()
            };
            out[at * l + to] = come * here[at * l + to];
        }
        let row = &mut out[at * l..(at + 1) * l];
        scales[at] = row.iter().sum::<f32>().max(f32::MIN_POSITIVE);
        for value in row {
            *value /= scales[at];
        }
    }
    (out, scales)
}

fn backward(l: usize, n: usize, step: &[f32], here: &[f32], scales: &[f32]) -> Vec<f32> {
    let mut out = vec![1f32; n * l];
    for at in (0..n - 1).rev() {
        for from in 0..l {
            let go: f32 = (0..l)
                .map(|k| {
                    step[(from + 1) * l + k] * here[(at + 1) * l + k] * out[(at + 1) * l + k]
                })
                .sum();
            out[at * l + from] = go / scales[at + 1];
        }
    }
    out
}

impl Chain {
    /// The labels.
    pub fn labels(&self) -> Vec<String> {
        self.labels.clone()
    }

    /// How many features have weights.
    pub fn rows(&self) -> usize {
        self.marks.len()
    }

    /// The section of the model file, as `Tagger::read` takes it: weights as 8 bits of one scale.
    pub fn section(&self) -> Vec<u8> {
        let most = self.weights.iter().fold(0f32, |most, w| most.max(w.abs()));
        let scale = most.max(f32::MIN_POSITIVE) / 127.0;
        let l = self.labels.len();
        let mut out = vec![l as u8];
        for label in &self.labels {
            out.push(label.len() as u8);
            out.extend_from_slice(label.as_bytes());
        }
        out.extend_from_slice(&scale.to_le_bytes());
        for step in &self.steps {
            out.extend_from_slice(&step.to_le_bytes());
        }
        out.extend_from_slice(&(self.marks.len() as u32).to_le_bytes());
        for (mark, weights) in self.marks.iter().zip(self.weights.chunks(l)) {
            out.extend_from_slice(&mark.to_le_bytes());
            out.extend(weights.iter().map(|w| ((w / scale).round() as i8).to_le_bytes()[0]));
        }
        out
    }
}

//! Weighted softmax regression over sparse rows: L2 on the weights but not on what classes start with, by L-BFGS.
//!
//! One thread in a fixed order, so the same rows give the same weights to the last bit.

use std::cell::RefCell;

use argmin::core::{CostFunction, Error, Executor, Gradient, State};
use argmin::solver::linesearch::MoreThuenteLineSearch;
use argmin::solver::quasinewton::LBFGS;

use crate::corpus::Failure;
use crate::sparse::Rows;

/// What is learnt from.
pub struct Lesson<'a> {
    /// Each text's features.
    pub rows: &'a Rows,
    /// Each text's class.
    pub truths: &'a [u32],
    /// How much each text counts.
    pub counts: &'a [f32],
    /// How many classes there are. Two classes share one column of weights.
    pub classes: usize,
    /// The inverse of the strength of regularisation, as scikit-learn's `C`.
    pub c: f64,
    /// The most rounds that are made.
    pub rounds: u64,
}

/// What was learnt: for each class but the first, weights relative to the first's.
#[derive(Clone, Debug)]
pub struct Learnt {
    /// `classes - 1` columns for each feature, feature after feature.
    pub weights: Vec<f32>,
    /// What each class but the first starts with.
    pub bias: Vec<f32>,
}

impl Learnt {
    /// Columns of weights.
    pub fn columns(&self) -> usize {
        self.bias.len()
    }
}

const MEMORY: usize = 6;
const SMALLEST_GRADIENT: f64 = 3e-5;

impl Lesson<'_> {
    /// Columns while learning: one for two classes, else one each.
    fn columns(&self) -> usize {
        if self.classes == 2 { 1 } else { self.classes }
    }

    /// Learns. What never occurs gets no weight.
    pub fn learn(&self) -> Result<Learnt, Failure> {
        let (rows, used) = self.rows.compact();
        let learnt = Lesson {
            rows: &rows,
            ..*self
        }
        .learn_all()?;
        let columns = learnt.columns();
        let mut weights = vec![0.0; self.rows.width * columns];
        for (from, to) in learnt.weights.chunks(columns).zip(used) {
            let to = to as usize * columns;
            weights[to..to + columns].copy_from_slice(from);
        }
        Ok(Learnt {
            weights,
            bias: learnt.bias,
        })
    }

    fn learn_all(&self) -> Result<Learnt, Failure> {
        let columns = self.columns();
        let start = vec![0.0_f64; (self.rows.width + 1) * columns];
        let search = MoreThuenteLineSearch::new();
        let solver = LBFGS::new(search, MEMORY)
            .with_tolerance_grad(SMALLEST_GRADIENT)
            .and_then(|solver| solver.with_tolerance_cost(1e-6))
            .map_err(|e| e.to_string())?;
        let problem = Problem {
            lesson: self,
            total: self.counts.iter().map(|c| f64::from(*c)).sum(),
            last: RefCell::new(None),
        };
        let result = Executor::new(problem, solver)
            .configure(|state| state.param(start).max_iters(self.rounds))
            .run()
            .map_err(|e| format!("the regression did not converge: {e}"))?;
        eprintln!(
            "  {} texts, {} features, {} classes: {} rounds",
            self.rows.len(),
            self.rows.width,
            self.classes,
            result.state().get_iter()
        );
        let state = result.state();
        let best = state
            .get_best_param()
            .ok_or("the regression has no result")?;
        Ok(self.relative(best))
    }

    fn relative(&self, best: &[f64]) -> Learnt {
        let columns = self.columns();
        let relative = |row: &[f64]| -> Vec<f32> {
            match row {
                [one] => vec![*one as f32],
                [first, others @ ..] => others.iter().map(|w| (w - first) as f32).collect(),
                [] => Vec::new(),
            }
        };
        let mut weights: Vec<f32> = best.chunks(columns).flat_map(relative).collect();
        let bias = weights.split_off(weights.len() - (self.classes - 1));
        Learnt { weights, bias }
    }
}

struct Problem<'a> {
    lesson: &'a Lesson<'a>,
    total: f64,
    /// The last place that was asked about, with its slope: a search asks for the loss and the slope of the same
    /// place, one after the other.
    last: RefCell<Option<(Vec<f64>, Vec<f64>)>>,
}

impl Problem<'_> {
    /// The mean loss with its penalty, and what it changes by with each parameter.
    fn walk(&self, param: &[f64]) -> (f64, Vec<f64>) {
        // The numbers of columns that occur; known to the compiler, so that it can take a row at once.
        match self.lesson.columns() {
            1 => self.walk_by::<1>(param),
            3 => self.walk_by::<3>(param),
            4 => self.walk_by::<4>(param),
            32 => self.walk_by::<32>(param),
            50 => self.walk_by::<50>(param),
            51 => self.walk_by::<51>(param),
            _ => self.walk_any(param),
        }
    }

    fn walk_by<const N: usize>(&self, param: &[f64]) -> (f64, Vec<f64>) {
        let lesson = self.lesson;
        let (params, _) = param.as_chunks::<N>();
        let mut gradient = vec![0.0; param.len()];
        let (slopes, _) = gradient.as_chunks_mut::<N>();
        let mut loss = 0.0;
        for at in 0..lesson.rows.len() {
            let mut odds = params[lesson.rows.width];
            for (column, value) in lesson.rows.row(at) {
                let (weights, value) = (&params[column], f64::from(value));
                for class in 0..N {
                    odds[class] += value * weights[class];
                }
            }
            let count = f64::from(lesson.counts[at]) / self.total;
            loss += count * slope(&mut odds, lesson.truths[at] as usize);
            for odds in &mut odds {
                *odds *= count;
            }
            for (column, value) in lesson.rows.row(at) {
                let (target, value) = (&mut slopes[column], f64::from(value));
                for class in 0..N {
                    target[class] += value * odds[class];
                }
            }
            for class in 0..N {
                slopes[lesson.rows.width][class] += odds[class];
            }
        }
        (loss + self.penalty(param, &mut gradient), gradient)
    }

    fn walk_any(&self, param: &[f64]) -> (f64, Vec<f64>) {
        let lesson = self.lesson;
        let columns = lesson.columns();
        let mut gradient = vec![0.0; param.len()];
        let place = |column: usize| column * columns..(column + 1) * columns;
        let mut loss = 0.0;
        for at in 0..lesson.rows.len() {
            let mut odds = param[place(lesson.rows.width)].to_vec();
            for (column, value) in lesson.rows.row(at) {
                for (odds, weight) in odds.iter_mut().zip(&param[place(column)]) {
                    *odds += f64::from(value) * weight;
                }
            }
            let count = f64::from(lesson.counts[at]) / self.total;
            loss += count * slope(&mut odds, lesson.truths[at] as usize);
            let bias = std::iter::once((lesson.rows.width, 1.0));
            for (column, value) in lesson.rows.row(at).chain(bias) {
                for (target, odds) in gradient[place(column)].iter_mut().zip(&odds) {
                    *target += f64::from(value) * odds * count;
                }
            }
        }
        (loss + self.penalty(param, &mut gradient), gradient)
    }

    /// What large weights cost; what classes start with costs nothing.
    fn penalty(&self, param: &[f64], gradient: &mut [f64]) -> f64 {
        let bias_at = self.lesson.rows.width * self.lesson.columns();
        let strength = 1.0 / (self.lesson.c * self.total);
        let mut squares = 0.0;
        for (weight, slope) in param[..bias_at].iter().zip(gradient) {
            squares += weight * weight;
            *slope += strength * weight;
        }
        0.5 * strength * squares
    }
}

/// The loss of one text; `odds` become its slope.
fn slope(odds: &mut [f64], truth: usize) -> f64 {
    if let [one] = odds {
        let sign = if truth == 1 { 1.0 } else { -1.0 };
        let margin = sign * *one;
        // ln(1 + e^-margin) without overflow.
        let loss = (-margin).max(0.0) + (-margin.abs()).exp().ln_1p();
        *one = -sign / (1.0 + margin.exp());
        return loss;
    }
    let most = odds.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let own = odds[truth] - most;
    let mut sum = 0.0;
    for odds in odds.iter_mut() {
        *odds = (*odds - most).exp();
        sum += *odds;
    }
    for odds in odds.iter_mut() {
        *odds /= sum;
    }
    odds[truth] -= 1.0;
    sum.ln() - own
}

impl CostFunction for Problem<'_> {
    type Param = Vec<f64>;
    type Output = f64;

    fn cost(&self, param: &Vec<f64>) -> Result<f64, Error> {
        let (loss, gradient) = self.walk(param);
        *self.last.borrow_mut() = Some((param.clone(), gradient));
        Ok(loss)
    }
}

impl Gradient for Problem<'_> {
    type Param = Vec<f64>;
    type Gradient = Vec<f64>;

    fn gradient(&self, param: &Vec<f64>) -> Result<Vec<f64>, Error> {
        if let Some((_, gradient)) = self
            .last
            .borrow()
            .as_ref()
            .filter(|(place, _)| place == param)
        {
            return Ok(gradient.clone());
        }
        Ok(self.walk(param).1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows() -> Rows {
        let mut rows = Rows::new(3);
        for at in 0..30_u32 {
            rows.push([(at % 3, 1.0)]);
        }
        rows
    }

    #[test]
    fn what_is_separable_is_learnt() {
        let truths: Vec<u32> = (0..30).map(|at| at % 3).collect();
        let lesson = Lesson {
            rows: &rows(),
            truths: &truths,
            counts: &[1.0; 30],
            classes: 3,
            c: 100.0,
            rounds: 100,
        };
        let learnt = lesson.learn().unwrap();
        assert_eq!(learnt.columns(), 2);
        // Feature 1 speaks for class 1, feature 0 against both.
        assert!(learnt.weights[2] > 2.0 && learnt.weights[0] < -2.0 && learnt.weights[5] > 2.0);
    }

    #[test]
    fn two_classes_reach_the_known_optimum() {
        // One feature, always one, ten of thirty positive: the bias alone tells, ln(1/2).
        let mut rows = Rows::new(1);
        let truths: Vec<u32> = (0..30).map(|at| u32::from(at < 10)).collect();
        for _ in 0..30 {
            rows.push([(0, 0.0)]);
        }
        let lesson = Lesson {
            rows: &rows,
            truths: &truths,
            counts: &[1.0; 30],
            classes: 2,
            c: 1.0,
            rounds: 100,
        };
        let learnt = lesson.learn().unwrap();
        assert!(
            (learnt.bias[0] - 0.5_f32.ln()).abs() < 1e-3,
            "{:?}",
            learnt.bias
        );
    }
}

//! Weighted softmax regression over sparse rows: L2 on the weights but not on what classes start with, by L-BFGS.
//!
//! One thread in a fixed order, so the same rows give the same weights to the last bit.

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

const MOST_ROUNDS: u64 = 250;
const MEMORY: usize = 6;
const SMALLEST_GRADIENT: f64 = 2e-5;

impl Lesson<'_> {
    /// Columns while learning: one for two classes, else one each.
    fn columns(&self) -> usize {
        if self.classes == 2 { 1 } else { self.classes }
    }

    /// Learns. What never occurs gets no weight.
    pub fn learn(&self) -> Result<Learnt, Failure> {
        let (rows, used) = self.rows.compact();
        let learnt = Lesson { rows: &rows, ..*self }.learn_all()?;
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
            .and_then(|solver| solver.with_tolerance_cost(1e-8))
            .map_err(|e| e.to_string())?;
        let problem = Problem {
            lesson: self,
            total: self.counts.iter().map(|c| f64::from(*c)).sum(),
        };
        let result = Executor::new(problem, solver)
            .configure(|state| state.param(start).max_iters(MOST_ROUNDS))
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
        let best = state.get_best_param().ok_or("the regression has no result")?;
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
        Learnt {
            weights,
            bias,
        }
    }
}

struct Problem<'a> {
    lesson: &'a Lesson<'a>,
    total: f64,
}

impl Problem<'_> {
    /// The mean loss with its penalty, and for each text and column what the loss changes by.
    fn walk(&self, param: &[f64], mut gradient: Option<&mut Vec<f64>>) -> f64 {
        let lesson = self.lesson;
        let columns = lesson.columns();
        let bias_at = lesson.rows.width * columns;
        let bias = &param[bias_at..];
        let mut loss = 0.0;
        let mut odds = vec![0.0_f64; columns];
        for at in 0..lesson.rows.len() {
            odds.copy_from_slice(bias);
            for (column, value) in lesson.rows.row(at) {
                let weights = &param[column * columns..(column + 1) * columns];
                let value = f64::from(value);
                for (odds, weight) in odds.iter_mut().zip(weights) {
                    *odds += value * weight;
                }
            }
            let count = f64::from(lesson.counts[at]) / self.total;
            loss += count * slope(&mut odds, lesson.truths[at] as usize);
            let Some(gradient) = gradient.as_deref_mut() else {
                continue;
            };
            for odds in &mut odds {
                *odds *= count;
            }
            for (column, value) in lesson.rows.row(at) {
                let target = &mut gradient[column * columns..(column + 1) * columns];
                let value = f64::from(value);
                for (target, odds) in target.iter_mut().zip(&odds) {
                    *target += value * odds;
                }
            }
            for (target, odds) in gradient[bias_at..].iter_mut().zip(&odds) {
                *target += odds;
            }
        }
        let strength = 1.0 / (lesson.c * self.total);
        let mut squares = 0.0;
        for (at, weight) in param[..bias_at].iter().enumerate() {
            squares += weight * weight;
            if let Some(gradient) = gradient.as_deref_mut() {
                gradient[at] += strength * weight;
            }
        }
        loss + 0.5 * strength * squares
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
        Ok(self.walk(param, None))
    }
}

impl Gradient for Problem<'_> {
    type Param = Vec<f64>;
    type Gradient = Vec<f64>;

    fn gradient(&self, param: &Vec<f64>) -> Result<Vec<f64>, Error> {
        let mut gradient = vec![0.0; param.len()];
        self.walk(param, Some(&mut gradient));
        Ok(gradient)
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
        };
        let learnt = lesson.learn().unwrap();
        assert!((learnt.bias[0] - 0.5_f32.ln()).abs() < 1e-3, "{:?}", learnt.bias);
    }
}

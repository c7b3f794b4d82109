//! From raw log-odds to probabilities that hold: a slope, and what is added to each class, of least log loss.

use argmin::core::{CostFunction, Error, Executor, Gradient, State};
use argmin::solver::linesearch::MoreThuenteLineSearch;
use argmin::solver::quasinewton::LBFGS;
use tocsin_analysis::classify::Scaling;

use crate::corpus::Failure;

/// Raw log-odds with their truths.
#[derive(Default)]
pub struct Raw {
    /// Each text's log-odds, by class.
    pub odds: Vec<Vec<f32>>,
    /// Each text's class.
    pub truths: Vec<u32>,
    /// How much each text counts.
    pub counts: Vec<f32>,
}

impl Raw {
    /// Adds a text.
    pub fn push(&mut self, odds: Vec<f32>, truth: u32, count: f32) {
        self.odds.push(odds);
        self.truths.push(truth);
        self.counts.push(count);
    }

    /// The scaling of least log loss. `stiffness` holds what is added near nought, in units of a text.
    pub fn scaling(&self, stiffness: f64) -> Result<Scaling, Failure> {
        let classes = self.odds.first().map_or(0, Vec::len);
        let mut start = vec![0.0; classes + 1];
        start[0] = 1.0;
        let solver = LBFGS::new(MoreThuenteLineSearch::new(), 5)
            .with_tolerance_grad(1e-7)
            .and_then(|solver| solver.with_tolerance_cost(1e-12))
            .map_err(|e| e.to_string())?;
        let problem = Problem {
            raw: self,
            stiffness,
            total: self.counts.iter().map(|c| f64::from(*c)).sum(),
        };
        let result = Executor::new(problem, solver)
            .configure(|state| state.param(start).max_iters(200))
            .run()
            .map_err(|e| format!("the calibration did not converge: {e}"))?;
        let best = result
            .state()
            .get_best_param()
            .ok_or("the calibration has no result")?;
        Ok(Scaling {
            slope: best[0] as f32,
            shift: best[1..].iter().map(|s| *s as f32).collect(),
        })
    }
}

struct Problem<'a> {
    raw: &'a Raw,
    stiffness: f64,
    total: f64,
}

impl Problem<'_> {
    fn walk(&self, param: &[f64], gradient: &mut [f64]) -> f64 {
        let (slope, shift) = (param[0], &param[1..]);
        let mut loss = 0.0;
        for ((odds, truth), count) in self
            .raw
            .odds
            .iter()
            .zip(&self.raw.truths)
            .zip(&self.raw.counts)
        {
            let count = f64::from(*count) / self.total;
            let scaled: Vec<f64> = odds
                .iter()
                .zip(shift)
                .map(|(o, s)| f64::from(*o) * slope + s)
                .collect();
            let most = scaled.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            let sum: f64 = scaled.iter().map(|s| (s - most).exp()).sum();
            loss += count * (sum.ln() - (scaled[*truth as usize] - most));
            for (class, (scaled, odds)) in scaled.iter().zip(odds).enumerate() {
                let mut error = (scaled - most).exp() / sum;
                if class == *truth as usize {
                    error -= 1.0;
                }
                gradient[0] += count * error * f64::from(*odds);
                gradient[class + 1] += count * error;
            }
        }
        let strength = self.stiffness / self.total;
        for (target, shift) in gradient[1..].iter_mut().zip(shift) {
            *target += strength * shift;
        }
        loss + 0.5 * strength * shift.iter().map(|s| s * s).sum::<f64>()
    }
}

impl CostFunction for Problem<'_> {
    type Param = Vec<f64>;
    type Output = f64;

    fn cost(&self, param: &Vec<f64>) -> Result<f64, Error> {
        Ok(self.walk(param, &mut vec![0.0; param.len()]))
    }
}

impl Gradient for Problem<'_> {
    type Param = Vec<f64>;
    type Gradient = Vec<f64>;

    fn gradient(&self, param: &Vec<f64>) -> Result<Vec<f64>, Error> {
        let mut gradient = vec![0.0; param.len()];
        self.walk(param, &mut gradient);
        Ok(gradient)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn too_sure_a_model_is_cooled_down() {
        let mut raw = Raw::default();
        // It says 98 %, and is right in 80 of 100.
        for at in 0..100 {
            raw.push(vec![0.0, 4.0], u32::from(at < 80), 1.0);
            raw.push(vec![4.0, 0.0], u32::from(at >= 80), 1.0);
        }
        let scaling = raw.scaling(1.0).unwrap();
        let sure = 1.0 / (1.0 + (-4.0 * scaling.slope).exp());
        assert!((sure - 0.8).abs() < 0.01, "{scaling:?}");
    }
}

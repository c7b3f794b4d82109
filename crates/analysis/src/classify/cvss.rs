//! A severity from the parts of a CVSS 3.1 vector, each with the probabilities that a model gives its values.
//!
//! Raters score a vulnerability by eight choices. What a text says of each choice is clearer than what it
//! says of the level that follows from all of them, and the level follows by the formula of the
//! specification (section 7.1). Given the parts as independent, the probability of each level is a sum over
//! all vectors, made cheap by what the formula shares: impact and exploitability apart, each in order.

/// The parts in the order of the specification and the values of each, as a vector spells them.
pub const PARTS: [(&str, &[&str]); 8] = [
    ("AV", &["N", "A", "L", "P"]),
    ("AC", &["L", "H"]),
    ("PR", &["N", "L", "H"]),
    ("UI", &["N", "R"]),
    ("S", &["U", "C"]),
    ("C", &["H", "L", "N"]),
    ("I", &["H", "L", "N"]),
    ("A", &["H", "L", "N"]),
];

const AV: [f64; 4] = [0.85, 0.62, 0.55, 0.2];
const AC: [f64; 2] = [0.77, 0.44];
const PR: [[f64; 3]; 2] = [[0.85, 0.62, 0.27], [0.85, 0.68, 0.5]];
const UI: [f64; 2] = [0.85, 0.62];
const IMPACT: [f64; 3] = [0.56, 0.22, 0.0];

/// All sums that do not hang on the text, made once.
#[derive(Clone, Debug)]
pub struct Bands {
    scopes: [Scope; 2],
}

#[derive(Clone, Debug)]
struct Scope {
    /// The choices of AV, AC, PR and UI, from the least exploitable on.
    order: Vec<[u8; 4]>,
    /// For each of the 27 impacts: how many of `order` make Low, and how many Low or Medium. A score of
    /// nought is no level: such an impact counts not at all.
    ends: Vec<Option<(u8, u8)>>,
}

impl Default for Bands {
    fn default() -> Self {
        Self {
            scopes: [scope(0), scope(1)],
        }
    }
}

fn scope(changed: usize) -> Scope {
    let mut choices = Vec::new();
    for av in 0..4_u8 {
        for ac in 0..2_u8 {
            for pr in 0..3_u8 {
                for ui in 0..2_u8 {
                    choices.push([av, ac, pr, ui]);
                }
            }
        }
    }
    let exploitability = |c: &[u8; 4]| {
        8.22 * AV[c[0] as usize]
            * AC[c[1] as usize]
            * PR[changed][c[2] as usize]
            * UI[c[3] as usize]
    };
    choices.sort_by(|a, b| exploitability(a).total_cmp(&exploitability(b)));
    let mut ends = Vec::new();
    for c in IMPACT {
        for i in IMPACT {
            for a in IMPACT {
                let base = 1.0 - (1.0 - c) * (1.0 - i) * (1.0 - a);
                let impact = if changed == 1 {
                    7.52 * (base - 0.029) - 3.25 * (base - 0.02_f64).powi(15)
                } else {
                    6.42 * base
                };
                let below = |level: f64| {
                    let of = |c: &[u8; 4]| round_up(total(changed, impact, exploitability(c)));
                    choices.iter().filter(|c| of(c) < level).count() as u8
                };
                ends.push((base > 0.0).then(|| (below(4.0), below(7.0))));
            }
        }
    }
    Scope {
        order: choices,
        ends,
    }
}

fn total(changed: usize, impact: f64, exploitability: f64) -> f64 {
    let sum = impact + exploitability;
    if changed == 1 {
        (1.08 * sum).min(10.0)
    } else {
        sum.min(10.0)
    }
}

/// The specification's `Roundup` (appendix A): up to one place, without the errors of binary fractions.
fn round_up(score: f64) -> f64 {
    let units = (score * 100_000.0).round() as i64;
    if units % 10_000 == 0 {
        units as f64 / 100_000.0
    } else {
        ((units / 10_000) + 1) as f64 / 10.0
    }
}

impl Bands {
    /// The probabilities of Low, Medium and High. `parts` holds each part's probabilities one after the
    /// other, in the order of [`PARTS`]: 22 numbers.
    #[must_use]
    pub fn levels(&self, parts: &[f32; 22]) -> [f32; 3] {
        let (av, ac, pr, ui) = (&parts[0..4], &parts[4..6], &parts[6..9], &parts[9..11]);
        let (s, c, i, a) = (
            &parts[11..13],
            &parts[13..16],
            &parts[16..19],
            &parts[19..22],
        );
        let mut impacts = [0.0_f32; 27];
        for (x, pc) in c.iter().enumerate() {
            for (y, pi) in i.iter().enumerate() {
                for (z, pa) in a.iter().enumerate() {
                    impacts[x * 9 + y * 3 + z] = pc * pi * pa;
                }
            }
        }
        let mut levels = [0.0_f32; 3];
        for (scope, weight) in self.scopes.iter().zip(s) {
            // upto[n]: the probability of the n least exploitable choices.
            let mut upto = [0.0_f32; 49];
            for (at, [v, k, p, u]) in scope.order.iter().enumerate() {
                upto[at + 1] = upto[at]
                    + av[*v as usize] * ac[*k as usize] * pr[*p as usize] * ui[*u as usize];
            }
            let all = upto[48];
            for (probability, ends) in impacts.iter().zip(&scope.ends) {
                let Some((low, medium)) = ends else { continue };
                let share = weight * probability;
                let (low, medium) = (upto[*low as usize], upto[*medium as usize]);
                levels[0] += share * low;
                levels[1] += share * (medium - low);
                levels[2] += share * (all - medium);
            }
        }
        let sum: f32 = levels.iter().sum();
        if sum > 0.0 {
            levels.map(|level| level / sum)
        } else {
            [0.0, 1.0, 0.0]
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The levels of one vector for certain, as `NLNNUHHH`.
    fn certain(vector: &str) -> [f32; 3] {
        let mut parts = [0.0; 22];
        let mut at = 0;
        for ((_, values), chosen) in PARTS.iter().zip(vector.chars()) {
            for value in *values {
                parts[at] = f32::from(value.starts_with(chosen));
                at += 1;
            }
        }
        Bands::default().levels(&parts)
    }

    #[test]
    fn a_certain_vector_has_the_level_of_its_score() {
        let check = |vector: &str, expect: usize| {
            assert!((certain(vector)[expect] - 1.0).abs() < 1e-6, "{vector}");
        };
        check("NLNNUHHH", 2); // 9.8
        check("NLNRCLLN", 1); // 6.1
        check("NLHRCLLN", 1); // 4.8
        check("NHNRULNN", 0); // 3.1
        check("LLLNUNNL", 0); // 3.3
        check("LLLNUHHH", 2); // 7.8
        check("NLLNULLL", 1); // 6.3
        check("NLNNULLL", 2); // 7.3
        check("PHHRULNN", 0); // 1.6
        check("NLNNUNHN", 2); // 7.5
        check("ALLNUHNN", 1); // 5.7
    }

    #[test]
    fn levels_of_an_uncertain_vector_add_up() {
        let mut parts = [0.0; 22];
        let mut at = 0;
        for (_, values) in PARTS {
            for _ in values {
                parts[at] = 1.0 / values.len() as f32;
                at += 1;
            }
        }
        let levels = Bands::default().levels(&parts);
        assert!((levels.iter().sum::<f32>() - 1.0).abs() < 1e-5);
        assert!(levels.iter().all(|level| *level > 0.05));
    }
}

//! Lines -> scores, some thousand at a time.

use super::wire::{File, Line};
use crate::error::Fault;
use crate::model::Problem;
use crate::source::cve::cve_id;

/// Lines that a part is made of.
const LINES_AT_ONCE: usize = 20_000;
/// Lines that are told one by one where they cannot be used.
const MOST_PROBLEMS: usize = 50;

/// Scores in the order of the file.
#[derive(Debug, Default)]
pub(super) struct Part {
    /// CVE, probability, percentile.
    pub scores: Vec<(String, f32, f32)>,
    /// Lines that say nothing, as far as they are told.
    pub problems: Vec<Problem>,
    /// Lines that say nothing.
    pub bad: u32,
    /// Whether the file ends here.
    pub is_last: bool,
}

/// Reads the next lines.
pub(super) fn next(file: &mut File) -> Part {
    let mut part = Part::default();
    for _ in 0..LINES_AT_ONCE {
        let Some(line) = file.next_line() else {
            part.is_last = true;
            break;
        };
        match score(&line) {
            Some(score) => part.scores.push(score),
            None => {
                part.bad += 1;
                if part.problems.len() < MOST_PROBLEMS {
                    part.problems.push(problem(&line));
                }
            }
        }
    }
    part
}

fn score(line: &Line<'_>) -> Option<(String, f32, f32)> {
    let share = |text: &str| {
        let value: f32 = text.parse().ok()?;
        (0.0..=1.0).contains(&value).then_some(value)
    };
    let percentile = match line.percentile {
        Some(text) => share(text)?,
        None => 0.0,
    };
    Some((cve_id(line.cve)?, share(line.probability)?, percentile))
}

fn problem(line: &Line<'_>) -> Problem {
    let shown: String = line
        .cve
        .chars()
        .filter(|c| !c.is_control())
        .take(60)
        .collect();
    Problem {
        fault: Fault::new(
            "bad_score",
            format!("The line of \"{shown}\" holds no CVE with a probability from 0 to 1; it was left out. Only FIRST can mend it."),
        )
        .with("id", &shown),
        subject: shown,
    }
}

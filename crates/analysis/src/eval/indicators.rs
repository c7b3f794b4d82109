//! Indicators: exact cases, precision and recall, and how fast a text is read. The formats are those of
//! [`crate::indicator::eval`].

use super::{ClassScore, EvalError, Options, Report};
use crate::indicator::eval::{Cases, Counts};
use crate::indicator::find;
use crate::model::Metric;

/// Text to read for a figure of speed; short files are read again and again.
const BYTES: usize = 20_000_000;

pub(super) fn indicators(lines: &str, options: &Options<'_>) -> Result<Report, EvalError> {
    let cases = Cases::read(lines).map_err(|what| EvalError::Malformed { line: 1, what })?;
    if cases.texts().next().is_none() {
        return Err(EvalError::Empty);
    }
    let scored = cases.score();
    let sum = scored.kinds.values().fold(Counts::default(), |mut sum, c| {
        sum.right += c.right;
        sum.wrong += c.wrong;
        sum.missing += c.missing;
        sum
    });
    let (seconds, bytes, words) = read_all(&cases, options);
    let metrics = [
        ("exact_cases", scored.exact_rate),
        ("precision", share(sum.right, sum.wrong)),
        ("recall", share(sum.right, sum.missing)),
        ("cases_left_out", count(scored.left_out)),
        ("mb_per_second", bytes / 1e6 / seconds),
        ("words_per_second", words / seconds),
    ];
    Ok(Report {
        worst: Vec::new(),
        task: "indicators".into(),
        texts: u32::try_from(scored.cases).unwrap_or(u32::MAX),
        metrics: metrics
            .map(|(name, value)| Metric {
                name: name.into(),
                value,
            })
            .into(),
        classes: scored
            .kinds
            .iter()
            .map(|(kind, c)| ClassScore {
                class: (*kind).into(),
                texts: u32::try_from(c.right + c.missing).unwrap_or(u32::MAX),
                precision: c.precision,
                recall: c.recall,
                f1: harmonic(c.precision, c.recall),
            })
            .collect(),
    })
}

/// Seconds, bytes and words of reading all texts.
fn read_all(cases: &Cases, options: &Options<'_>) -> (f64, f64, f64) {
    let bytes: usize = cases.texts().map(str::len).sum();
    let words: usize = cases.texts().map(|t| t.split_whitespace().count()).sum();
    let rounds = (BYTES / bytes.max(1)).clamp(1, 100_000);
    let start = (options.stopwatch)();
    for _ in 0..rounds {
        for text in cases.texts() {
            std::hint::black_box(find(text));
        }
    }
    let seconds = ((options.stopwatch)() - start).max(1e-9);
    (seconds, count(bytes * rounds), count(words * rounds))
}

fn share(right: usize, other: usize) -> f64 {
    if right + other == 0 {
        1.0
    } else {
        count(right) / count(right + other)
    }
}

fn harmonic(a: f64, b: f64) -> f64 {
    if a + b == 0.0 {
        0.0
    } else {
        2.0 * a * b / (a + b)
    }
}

fn count(n: usize) -> f64 {
    n as f64
}

//! The figures as a report of `cargo xtask eval` and `tocsind eval`.

use super::{Scheme, Scores, measure, read_labelled};
use crate::entity::Names;
use crate::eval::{ClassScore, EvalError, Options, Report};
use crate::model::Metric;

/// Measures names on the text of a file in either format. Without a scheme in `options` the labels of the
/// file say which it is.
///
/// # Errors
/// [`EvalError`] where the file cannot be read, has no names, or is of no scheme that is known.
pub fn report(names: &Names, lines: &str, options: &Options<'_>) -> Result<Report, EvalError> {
    let texts =
        read_labelled(lines).map_err(|(line, what)| EvalError::Malformed { line, what })?;
    let mut labels = texts.iter().flat_map(|t| t.spans.iter().map(|s| s.2.as_str()));
    let scheme = match options.scheme {
        Some(word) => word
            .parse()
            .map_err(|what| EvalError::Malformed { line: 1, what })?,
        None => {
            let scheme = labels.find_map(Scheme::of);
            scheme.ok_or(EvalError::Empty)?
        }
    };
    if texts.iter().all(|t| t.spans.is_empty()) {
        return Err(EvalError::Empty);
    }
    Ok(to_report(scheme, &measure(names, &texts, scheme, options.stopwatch)))
}

/// The figures with their names.
#[must_use]
pub fn to_report(scheme: Scheme, scores: &Scores) -> Report {
    let micro = scores.micro();
    let metric = |name: &str, value: f64| Metric {
        name: name.to_string(),
        value,
    };
    let classes = scores.labels.iter().map(|(label, counts)| ClassScore {
        class: label.clone(),
        texts: counts.gold,
        precision: counts.precision(),
        recall: counts.recall(),
        f1: counts.f1(),
    });
    Report {
        task: format!("entities ({})", scheme.as_str()),
        texts: scores.texts,
        metrics: vec![
            metric("micro_f1", micro.f1()),
            metric("micro_precision", micro.precision()),
            metric("micro_recall", micro.recall()),
            metric("macro_f1", scores.macro_f1()),
            metric("words_per_second", scores.words_per_second()),
        ],
        classes: classes.collect(),
    }
}

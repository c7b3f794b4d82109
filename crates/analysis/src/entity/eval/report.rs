//! The figures as a report of `cargo xtask eval` and `tocsind eval`.

use std::collections::BTreeMap;

use super::{Scheme, Scores, measure, read_labelled};
use crate::entity::Names;
use crate::eval::{ClassScore, EvalError, Mistake, Options, Report};
use crate::model::Metric;

/// Measures names on the text of a file in either format. Without a scheme in `options` the labels of the
/// file say which it is.
///
/// # Errors
/// [`EvalError`] where the file cannot be read, has no names, or is of no scheme that is known.
pub fn report(names: &Names, lines: &str, options: &Options<'_>) -> Result<Report, EvalError> {
    let texts = read_labelled(lines).map_err(|(line, what)| EvalError::Malformed { line, what })?;
    let mut labels = texts
        .iter()
        .flat_map(|t| t.spans.iter().map(|s| s.2.as_str()));
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
    let scores = measure(names, &texts, scheme, options.stopwatch);
    let mut report = to_report(scheme, &scores);
    report.worst = worst(&scores, options.worst);
    Ok(report)
}

/// The names that are wrong most often, each with its first place. A tagger gives no probability; what
/// stands for it is the share of all mistakes.
fn worst(scores: &Scores, most: usize) -> Vec<Mistake> {
    let mut counts: BTreeMap<(bool, &str, &str), (u32, &str)> = BTreeMap::new();
    for mistake in &scores.mistakes {
        let name = mistake.context.split(['⟦', '⟧']).nth(1).unwrap_or_default();
        let key = (mistake.was_found, mistake.label.as_str(), name);
        counts.entry(key).or_insert((0, &mistake.context)).0 += 1;
    }
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by(|a, b| b.1.0.cmp(&a.1.0).then(a.0.cmp(&b.0)));
    let all = scores.mistakes.len().max(1) as f64;
    let of = |is_it: bool, label: &str| if is_it { label } else { "O" }.to_string();
    counts
        .into_iter()
        .take(most)
        .map(|((was_found, label, _), (count, context))| Mistake {
            text: context.to_string(),
            truth: of(!was_found, label),
            answer: of(was_found, label),
            probability: f64::from(count) / all,
        })
        .collect()
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
        worst: Vec::new(),
    }
}

//! Measuring the classifiers.
//!
//! A text on which a model abstains is scored by what it would have said, so that figures can be compared with
//! tools that always answer; how many these are is a figure of its own.

use super::metrics::{Answer, average_precision, metric, score};
use super::records::{RelText, TramText, VulnText};
use super::report::{Mistake, Report};
use super::{EvalError, Options, Task};
use crate::classify::{Look, Models, softmax};
use crate::text::Document;

/// Texts are read so often that the stopwatch has something to measure.
const LEAST_SECONDS: f64 = 0.5;

pub(super) fn severity(
    models: &Models,
    texts: &[VulnText],
    options: &Options<'_>,
) -> Result<Report, EvalError> {
    let labelled = texts
        .iter()
        .filter_map(|t| Some(("", t.desc.as_str(), t.severity.as_deref()?)));
    let classes = models.classes(Task::Severity);
    vulnerabilities(
        Task::Severity,
        models,
        classes,
        labelled.collect(),
        options,
        &|look| models.severity_odds(look),
    )
}

pub(super) fn category(
    models: &Models,
    texts: &[VulnText],
    options: &Options<'_>,
) -> Result<Report, EvalError> {
    let labelled = texts
        .iter()
        .filter_map(|t| Some(("", t.desc.as_str(), t.category.as_deref()?)));
    let classes = models.classes(Task::Category);
    vulnerabilities(
        Task::Category,
        models,
        classes,
        labelled.collect(),
        options,
        &|look| models.category_odds(look),
    )
}

pub(super) fn relevance(
    models: &Models,
    texts: &[RelText],
    options: &Options<'_>,
) -> Result<Report, EvalError> {
    let classes = models.classes(Task::Relevance);
    let label = |t: &RelText| if t.y == 1 { "security" } else { "other" };
    let of = |t| {
        let t: &RelText = t;
        if options.is_title_only {
            (t.title(), "", label(t))
        } else {
            (t.title.as_str(), t.text.as_str(), label(t))
        }
    };
    let labelled: Vec<_> = texts.iter().map(of).collect();
    let odds = |look: &Look| models.relevance_odds(look);
    let answers = answers(Task::Relevance, models, &classes, &labelled, &odds)?;
    let mut report = report(
        Task::Relevance,
        models,
        &classes,
        &answers,
        &labelled,
        options,
    );
    if options.is_title_only {
        report.task += " (title only)";
    }
    let scored: Vec<(f32, bool)> = answers
        .iter()
        .map(|a| (a.probabilities[1], a.truth == 1))
        .collect();
    let f1 = report
        .classes
        .iter()
        .find(|c| c.class == "security")
        .map_or(0.0, |c| c.f1);
    report.metrics.insert(0, metric("f1", f1));
    report
        .metrics
        .insert(1, metric("pr_auc", average_precision(&scored)));
    Ok(report)
}

pub(super) fn technique(
    models: &Models,
    texts: &[TramText],
    options: &Options<'_>,
) -> Result<Report, EvalError> {
    let classes = models.classes(Task::Technique);
    let labelled: Vec<_> = texts
        .iter()
        .map(|t| ("", t.text.as_str(), t.label.as_str()))
        .collect();
    let mut answers = Vec::with_capacity(labelled.len());
    for (at, (title, text, label)) in labelled.iter().enumerate() {
        let guess = models.technique_of_sentence(&Document::new(title, text));
        let probabilities = match guess {
            Ok(guess) => guess.all.iter().map(|(_, p)| *p as f32).collect(),
            Err(_) => vec![0.0; classes.len()],
        };
        answers.push(Answer {
            truth: class_of(Task::Technique, &classes, label, at)?,
            probabilities,
        });
    }
    if answers.is_empty() {
        return Err(EvalError::Empty);
    }
    Ok(report(
        Task::Technique,
        models,
        &classes,
        &answers,
        &labelled,
        options,
    ))
}

type Labelled<'a> = (&'a str, &'a str, &'a str);
type Odds<'a> = dyn Fn(&Look) -> Option<Vec<f32>> + 'a;

fn vulnerabilities(
    task: Task,
    models: &Models,
    classes: Vec<String>,
    labelled: Vec<Labelled<'_>>,
    options: &Options<'_>,
    odds: &Odds<'_>,
) -> Result<Report, EvalError> {
    let answers = answers(task, models, &classes, &labelled, odds)?;
    Ok(report(task, models, &classes, &answers, &labelled, options))
}

fn answers(
    task: Task,
    models: &Models,
    classes: &[String],
    labelled: &[Labelled<'_>],
    odds: &Odds<'_>,
) -> Result<Vec<Answer>, EvalError> {
    let mut answers = Vec::with_capacity(labelled.len());
    for (at, (title, text, label)) in labelled.iter().enumerate() {
        let truth = class_of(task, classes, label, at)?;
        let look = models.look(&Document::new(title, text));
        let mut probabilities = odds(&look).ok_or(EvalError::NoModel(task))?;
        softmax(&mut probabilities);
        answers.push(Answer {
            truth,
            probabilities,
        });
    }
    if answers.is_empty() {
        return Err(EvalError::Empty);
    }
    Ok(answers)
}

fn class_of(task: Task, classes: &[String], label: &str, at: usize) -> Result<usize, EvalError> {
    if classes.is_empty() {
        return Err(EvalError::NoModel(task));
    }
    classes
        .iter()
        .position(|class| class == label)
        .ok_or_else(|| EvalError::Malformed {
            line: at + 1,
            what: format!("`{label}` is no class of the model"),
        })
}

fn report(
    task: Task,
    models: &Models,
    classes: &[String],
    answers: &[Answer],
    labelled: &[Labelled<'_>],
    options: &Options<'_>,
) -> Report {
    let worst = worst(classes, answers, labelled, options.worst);
    let (mut metrics, classes) = score(classes, answers);
    let abstained = labelled
        .iter()
        .filter(|(title, text, _)| {
            models
                .look(&Document::new(title, text))
                .reading
                .check()
                .is_err()
        })
        .count();
    metrics.push(metric(
        "abstained",
        abstained as f64 / labelled.len() as f64,
    ));
    metrics.push(metric("texts_per_second", speed(models, labelled, options)));
    Report {
        task: task.to_string(),
        texts: labelled.len() as u32,
        metrics,
        classes,
        worst,
    }
}

/// The surest wrong answers; of equals, the first of the file.
fn worst(
    classes: &[String],
    answers: &[Answer],
    labelled: &[Labelled<'_>],
    most: usize,
) -> Vec<Mistake> {
    let mut wrong: Vec<(&Answer, &Labelled<'_>)> = answers
        .iter()
        .zip(labelled)
        .filter(|(answer, _)| answer.class() != answer.truth)
        .collect();
    wrong.sort_by(|(a, _), (b, _)| b.confidence().total_cmp(&a.confidence()));
    wrong.truncate(most);
    wrong
        .into_iter()
        .map(|(answer, (title, text, _))| Mistake {
            text: format!("{title} {text}").trim().chars().take(160).collect(),
            truth: classes[answer.truth].clone(),
            answer: classes[answer.class()].clone(),
            probability: answer.confidence(),
        })
        .collect()
}

/// Texts a second on this thread, with the answers of all models.
fn speed(models: &Models, labelled: &[Labelled<'_>], options: &Options<'_>) -> f64 {
    let start = (options.stopwatch)();
    let mut texts = 0_u32;
    loop {
        for (title, text, _) in labelled {
            std::hint::black_box(models.judge(&Document::new(title, text)));
        }
        texts += labelled.len() as u32;
        let seconds = (options.stopwatch)() - start;
        if seconds >= LEAST_SECONDS {
            return f64::from(texts) / seconds;
        }
    }
}

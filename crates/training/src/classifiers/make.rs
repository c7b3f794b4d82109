//! Making the classifiers' sections: once without dev, to measure and to calibrate, then with all that may train.

use std::time::Instant;

use tocsin_analysis::classify::Models;
use tocsin_analysis::eval::{Options, Task, run, score};
use tocsin_analysis::model::{Metric, ModelWriter, Origin};

use super::shape::Knobs;
use super::{Fitted, Texts, calibrate, fit};
use crate::corpus::{Corpus, Failure};

/// The date of the newest text that a model learnt from: the last of `vuln_dev` and `vuln_old` before the border.
pub const NEWEST_TEXT: &str = "2025-11";

/// Makes the sections.
pub fn make(corpus: &Corpus, with_dev: bool, writer: &mut ModelWriter) -> Result<(), Failure> {
    let knobs = Knobs::from_words()?;
    let mut texts = Texts::read(corpus)?;
    texts.keep_every(knobs.part);
    let measured = fit(&texts, false, &knobs)?;
    let calibrations = calibrate(&measured, &texts, &knobs)?;
    let models = measured.models(&calibrations, &knobs)?;
    let metrics = measure(&models, &measured, &texts)?;
    let shipped = if with_dev {
        fit(&texts, true, &knobs)?
    } else {
        measured
    };
    shipped.sections(&calibrations, &knobs, writer)?;
    for (task, name, value) in metrics {
        let tasks = &mut writer.info().tasks;
        if let Some(info) = tasks.iter_mut().find(|info| info.task == task) {
            info.metrics.push(Metric { name, value });
        }
    }
    for origin in origins(&texts, with_dev) {
        writer.origin(origin);
    }
    Ok(())
}

/// Prints the figures, and gives them as task, name and value.
fn measure(
    models: &Models,
    fitted: &Fitted,
    texts: &Texts,
) -> Result<Vec<(String, String, f64)>, Failure> {
    let start = Instant::now();
    let stopwatch = || start.elapsed().as_secs_f64();
    let mut found = Vec::new();
    let vulnerabilities = lines(&texts.vuln_dev)?;
    let stories = lines(&texts.rel_dev)?;
    for (task, lines, is_title_only) in [
        (Task::Severity, &vulnerabilities, false),
        (Task::Category, &vulnerabilities, false),
        (Task::Relevance, &stories, false),
        (Task::Relevance, &stories, true),
    ] {
        let options = Options {
            is_title_only,
            scheme: None,
            worst: 0,
            stopwatch: &stopwatch,
        };
        let report = run(task, models, lines, &options).map_err(|e| e.to_string())?;
        eprintln!("{}", report.to_text());
        let of = if is_title_only { "dev.title" } else { "dev" };
        for metric in report
            .metrics
            .iter()
            .filter(|m| m.name != "texts_per_second")
        {
            found.push((
                task.to_string(),
                format!("{of}.{}", metric.name),
                rounded(metric.value),
            ));
        }
    }
    let crossed = &fitted.technique.crossed;
    let classes = &fitted.technique.classes[..fitted.technique.classes.len() - 1];
    let (metrics, _) = score(classes, crossed);
    for metric in metrics {
        eprintln!(
            "  technique, cross-validated: {} {:.4}",
            metric.name, metric.value
        );
        found.push((
            "technique".into(),
            format!("cross.{}", metric.name),
            rounded(metric.value),
        ));
    }
    Ok(found)
}

/// Four places, so that the file does not hang on the last bits of an exponential.
fn rounded(value: f64) -> f64 {
    (value * 10_000.0).round() / 10_000.0
}

fn lines<T: serde::Serialize>(texts: &[T]) -> Result<String, Failure> {
    let lines: Result<Vec<String>, _> = texts.iter().map(serde_json::to_string).collect();
    lines
        .map(|lines| lines.join("\n"))
        .map_err(|e| e.to_string())
}

/// What the classifiers were made from.
fn origins(texts: &Texts, with_dev: bool) -> Vec<Origin> {
    let dev = |count: usize| if with_dev { count } else { 0 };
    let of = |src: &str| {
        let all = texts
            .rel_train
            .iter()
            .chain(texts.rel_dev.iter().filter(|_| with_dev));
        all.filter(|t| t.src == src).count()
    };
    let names = texts.names.len();
    let both: &[&str] = &["severity", "category", "relevance", "technique"];
    let rows: [(&str, &str, usize, &[&str]); 9] = [
        (
            "CISA vulnrichment",
            "CC0-1.0",
            texts.vuln_train.len() + dev(texts.vuln_dev.len()),
            both,
        ),
        (
            "NVD",
            "public domain",
            texts.vuln_old.len(),
            &["severity", "category"],
        ),
        (
            "MISP galaxy, descriptions",
            "CC0-1.0 OR BSD-2-Clause",
            of("misp"),
            &["relevance"],
        ),
        (
            "MISP galaxy, names",
            "CC0-1.0 OR BSD-2-Clause",
            names,
            &["relevance", "technique"],
        ),
        (
            "CTI-ANN (bigbases)",
            "CC-BY-4.0",
            of("ctiann"),
            &["relevance"],
        ),
        (
            "News Category Dataset (R. Misra)",
            "CC-BY-4.0",
            of("huffpost"),
            &["relevance", "technique"],
        ),
        (
            "Hacker News titles",
            "public API",
            of("hn"),
            &["relevance", "technique"],
        ),
        ("CyNER", "MIT", texts.reports.len(), &["relevance"]),
        (
            "TRAM (MITRE)",
            "Apache-2.0",
            texts.tram.len(),
            &["technique", "relevance"],
        ),
    ];
    let origin = |(name, licence, texts, tasks): (&str, &str, usize, &[&str])| Origin {
        name: name.to_string(),
        licence: licence.to_string(),
        texts: texts as u32,
        tasks: tasks.iter().map(ToString::to_string).collect(),
    };
    rows.map(origin).into()
}

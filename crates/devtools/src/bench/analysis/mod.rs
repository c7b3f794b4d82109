//! Analysis by itself, on one thread: each stage on the texts of 10,000 CVEs, 10,000 watches against them, and what
//! loading the models costs. The model file is the one that is shipped, from the checkout.

mod stages;
mod watches;

use std::path::Path;
use std::time::Instant;

use serde::Deserialize;
use tocsin_analysis::Subject;
use tocsin_analysis::classify::Models;
use tocsin_analysis::entity::Names;
use tocsin_analysis::indicator::indicators;
use tocsin_analysis::model::ModelFile;
use tocsin_analysis::text::Document;

use super::memory;
use super::{Benchmark, Context, Figure};
use crate::corpus;

/// Texts of one run.
const TEXTS: usize = 10_000;

/// The shipped model, from the root of the checkout, where `cargo xtask` runs things.
const MODEL: &str = "crates/analysis/models/base.tocsin";

/// What everything is measured with.
struct Readers {
    models: Models,
    names: Names,
}

struct Analysis {
    texts: Vec<String>,
    model: Vec<u8>,
    watches: watches::Watches,
    /// Before any model was loaded.
    resident_mib: Option<f64>,
    /// The most memory that loading and a first answer took, in the first run.
    memory_mib: Option<f64>,
}

pub fn set_up(context: &Context) -> Result<Box<dyn Benchmark>, String> {
    let texts = texts(&context.corpus)?;
    let watches = watches::Watches::read(&context.corpus)?;
    let model = std::fs::read(MODEL).map_err(|e| format!("{MODEL}: {e}"))?;
    Ok(Box::new(Analysis {
        texts,
        model,
        watches,
        resident_mib: memory::now_mib(),
        memory_mib: None,
    }))
}

impl Benchmark for Analysis {
    fn run(&mut self) -> Result<Vec<Figure>, String> {
        let (readers, load_ms) = self.load()?;
        let mut figures = vec![Figure {
            name: "load_to_first_answer",
            unit: "ms",
            value: load_ms,
        }];
        if let Some(mib) = self.memory_mib {
            figures.push(Figure {
                name: "load_memory",
                unit: "MiB",
                value: mib,
            });
        }
        figures.extend(stages::run(&self.texts, &readers));
        figures.extend(self.watches.run(&self.texts));
        Ok(figures)
    }
}

impl Analysis {
    /// Loads all models and has the first answer of each; milliseconds.
    fn load(&mut self) -> Result<(Readers, f64), String> {
        let start = Instant::now();
        let file = ModelFile::read(self.model.clone()).map_err(|e| format!("{MODEL}: {e}"))?;
        let readers = Readers {
            models: Models::from_file(&file).map_err(|e| format!("{MODEL}: {e}"))?,
            names: Names::read(&file).map_err(|e| format!("{MODEL}: {e}"))?,
        };
        everything(&readers, &self.texts[0]);
        let load_ms = start.elapsed().as_secs_f64() * 1e3;
        if self.memory_mib.is_none() {
            let now = memory::now_mib();
            self.memory_mib = now.zip(self.resident_mib).map(|(now, before)| now - before);
        }
        Ok((readers, load_ms))
    }
}

/// What the pipeline asks of one text: classes, indicators, names.
fn everything(readers: &Readers, text: &str) {
    let document = Document::new("", text);
    std::hint::black_box(readers.models.judge(&document));
    std::hint::black_box(indicators("", text));
    let subject = Subject {
        text,
        ..Subject::default()
    };
    std::hint::black_box(readers.names.find(&document, &subject, &[]));
}

/// The descriptions of CVEs.
fn texts(corpus: &Path) -> Result<Vec<String>, String> {
    #[derive(Deserialize)]
    struct Line {
        desc: String,
    }
    let path = corpus.join("ml/vuln_dev.jsonl.gz");
    let lines = corpus::read(&path).ok_or_else(|| format!("{} cannot be read", path.display()))?;
    let texts: Vec<String> = String::from_utf8_lossy(&lines)
        .lines()
        .filter_map(|line| serde_json::from_str::<Line>(line).ok())
        .map(|line| line.desc)
        .take(TEXTS)
        .collect();
    match texts.is_empty() {
        true => Err(format!("there are no texts in {}", path.display())),
        false => Ok(texts),
    }
}

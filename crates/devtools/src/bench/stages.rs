//! What the stages before the store cost, each by itself and on one thread, beside parsing the same bytes
//! into a generic value. Says where to look when `ingest` grows slower.

use std::hint::black_box;
use std::time::{Duration, Instant};

use tocsin_core::analyse::{self, Analyser, Current};
use tocsin_core::model::{Alert, SourceId};
use tocsin_core::normalise::normalise;
use tocsin_core::source::nvd::read_page;

use super::ingest::watches;
use super::{Benchmark, Context, Figure};
use crate::corpus::nvd_pages;

/// Records of one run.
const RECORDS: usize = 20_000;

struct Stages {
    pages: Vec<Vec<u8>>,
}

pub fn set_up(context: &Context) -> Result<Box<dyn Benchmark>, String> {
    Ok(Box::new(Stages {
        pages: nvd_pages(&context.corpus, RECORDS)?,
    }))
}

/// What each stage took of a run.
#[derive(Default)]
struct Took {
    records: u32,
    value: Duration,
    read: Duration,
    normalise: Duration,
    analyse: Duration,
}

impl Benchmark for Stages {
    fn run(&mut self) -> Result<Vec<Figure>, String> {
        let current = Current::default();
        current.set(watches(), Vec::new());
        let mut took = Took::default();
        for page in &self.pages {
            measure(page, &current.get(), &mut took)?;
        }
        let figure = |name, time: Duration| Figure {
            name,
            unit: "us/record",
            value: time.as_secs_f64() * 1e6 / f64::from(took.records.max(1)),
        };
        Ok(vec![
            figure("parse_to_value", took.value),
            figure("read_page", took.read),
            figure("normalise", took.normalise),
            figure("analyse", took.analyse),
        ])
    }
}

fn measure(page: &[u8], analyser: &Analyser, took: &mut Took) -> Result<(), String> {
    let start = Instant::now();
    let value: serde_json::Value = serde_json::from_slice(page).map_err(|e| e.to_string())?;
    black_box(value);
    took.value += start.elapsed();

    let start = Instant::now();
    let read = read_page(&SourceId::new("nvd"), page).map_err(|fault| fault.message)?;
    took.read += start.elapsed();
    took.records += read.records;

    let start = Instant::now();
    let alerts: Vec<Alert> = read
        .drafts
        .into_iter()
        .filter_map(|draft| normalise(draft).ok())
        .collect();
    took.normalise += start.elapsed();

    let start = Instant::now();
    for alert in &alerts {
        black_box(analyse::analyse(analyser, alert));
    }
    took.analyse += start.elapsed();
    Ok(())
}

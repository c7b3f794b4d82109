//! The home of every benchmark: a warm-up, several runs, median with minimum and maximum, peak memory; a
//! table for people, one JSON object `{name: value}` for machines. `store` is large: it runs once, and only
//! where it is asked for by name.

mod analysis;
mod floor;
mod ingest;
mod memory;
mod notify;
mod sources;
mod stages;
mod store;

use std::collections::BTreeMap;
use std::path::PathBuf;

pub use store::{Options as StoreOptions, start_up};

/// One measured value of one run.
pub struct Figure {
    /// `ingest.records_per_s`.
    pub name: &'static str,
    /// `records/s`.
    pub unit: &'static str,
    /// The value.
    pub value: f64,
}

/// A benchmark: set up once, run several times.
trait Benchmark {
    /// One run.
    fn run(&mut self) -> Result<Vec<Figure>, String>;
}

/// A benchmark's name, what it measures, and how it is set up.
struct Entry {
    name: &'static str,
    about: &'static str,
    set_up: fn(&Context) -> Result<Box<dyn Benchmark>, String>,
}

const BENCHMARKS: &[Entry] = &[
    Entry {
        name: "analysis",
        about: "analysis by itself on one thread, by stage; 10,000 watches against 10,000 CVEs; loading the models",
        set_up: analysis::set_up,
    },
    Entry {
        name: "ingest",
        about: "the whole pipeline on recorded CVEs, beside parsing the same bytes and inserting the same rows",
        set_up: ingest::set_up,
    },
    Entry {
        name: "notify",
        about: "from an alert's commit to its hand-over (the bar: p99 below 50 ms), and deliveries routed a second (10,000)",
        set_up: notify::set_up,
    },
    Entry {
        name: "sources.feeds",
        about: "documents of feeds to alerts on one thread, beside feedparser reading the same documents",
        set_up: sources::feeds::set_up,
    },
    Entry {
        name: "sources.nvd",
        about: "NVD's pages to alerts, beside parsing the same bytes into a generic value",
        set_up: sources::nvd::set_up,
    },
    Entry {
        name: "stages",
        about: "the stages before the store, each by itself on one thread",
        set_up: stages::set_up,
    },
];

/// What benchmarks get.
struct Context {
    corpus: PathBuf,
}

/// Runs where it is asked for by name.
const STORE: &str = "store";

/// Runs benchmarks and prints what they measured.
pub fn bench(
    names: &[String],
    json: bool,
    runs: usize,
    store: &StoreOptions,
) -> Result<(), String> {
    let chosen: Vec<&Entry> = BENCHMARKS
        .iter()
        .filter(|b| names.is_empty() || names.iter().any(|n| is_named(b, n)))
        .collect();
    for name in names {
        if name != STORE && !BENCHMARKS.iter().any(|b| is_named(b, name)) {
            let mut known: Vec<&str> = BENCHMARKS.iter().map(|b| b.name).collect();
            known.push(STORE);
            return Err(format!(
                "there is no benchmark {name}; known: {}",
                known.join(", ")
            ));
        }
    }
    let Some(corpus) = std::env::var_os("TOCSIN_CORPUS") else {
        return Err("set TOCSIN_CORPUS to a folder of recorded material first".into());
    };
    let context = Context {
        corpus: corpus.into(),
    };
    let mut all = BTreeMap::new();
    for entry in chosen {
        let table = measure(entry, &context, runs.max(1))?;
        if !json {
            print_table(entry, &table, runs);
        }
        all.extend(table.into_iter().map(|row| (row.name, row.median)));
    }
    if names.iter().any(|n| n == STORE) {
        let report = store::run(&context.corpus, store)?;
        if !json {
            report.print();
        }
        all.extend(report.to_json());
    }
    if json {
        println!("{}", serde_json::to_string(&all).unwrap_or_default());
    }
    Ok(())
}

/// `sources` names `sources.nvd` and its like.
fn is_named(entry: &Entry, name: &str) -> bool {
    let rest = entry.name.strip_prefix(name);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// One figure over all runs.
struct Row {
    name: String,
    unit: &'static str,
    median: f64,
    min: f64,
    max: f64,
}

fn measure(entry: &Entry, context: &Context, runs: usize) -> Result<Vec<Row>, String> {
    let mut benchmark = (entry.set_up)(context)?;
    benchmark.run()?;
    memory::reset_peak();
    let mut values: BTreeMap<&'static str, (&'static str, Vec<f64>)> = BTreeMap::new();
    for _ in 0..runs {
        for figure in benchmark.run()? {
            let entry = values
                .entry(figure.name)
                .or_insert((figure.unit, Vec::new()));
            entry.1.push(figure.value);
        }
    }
    let mut rows: Vec<Row> = values
        .into_iter()
        .map(|(name, (unit, mut values))| {
            values.sort_by(f64::total_cmp);
            Row {
                name: format!("{}.{name}", entry.name),
                unit,
                median: values[values.len() / 2],
                min: values[0],
                max: values[values.len() - 1],
            }
        })
        .collect();
    if let Some(peak) = memory::peak_mib() {
        rows.push(Row {
            name: format!("{}.peak_memory", entry.name),
            unit: "MiB",
            median: peak,
            min: peak,
            max: peak,
        });
    }
    Ok(rows)
}

fn print_table(entry: &Entry, rows: &[Row], runs: usize) {
    println!("{}: {}", entry.name, entry.about);
    println!("  {runs} runs after a warm-up; median, then minimum to maximum\n");
    for row in rows {
        println!(
            "  {:<28} {:>12.2} {:<10} {:>12.2} to {:.2}",
            row.name, row.median, row.unit, row.min, row.max
        );
    }
    println!();
}

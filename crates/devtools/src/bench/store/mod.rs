//! `bench store`: a database of 360,000 CVEs and 50,000 articles, and one of a tenth: filling, queries,
//! growth, and what a team does with it. It is made once and kept under target/; no run is repeated.

mod fill;
mod ingest;
mod queries;
mod report;
mod start;
mod updates;
mod window;

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use fill::{Filled, Material, Plan, Size, fill};
pub use report::Report;
pub use start::start_up;

/// Articles for so many CVEs ...
const ARTICLES: usize = 50_000;
/// ... and the CVEs that they are for.
const CVES: usize = 360_000;

/// What `bench store` measures, and on how much.
#[derive(Args)]
pub struct Options {
    /// `store`: CVEs of the large database; articles come on top, one for seven CVEs
    #[arg(long, default_value_t = CVES, value_name = "N")]
    alerts: usize,
    /// `store`: fill the databases anew
    #[arg(long)]
    fresh: bool,
    /// `store`: measurements of each kind of a query, where they are quick
    #[arg(long, default_value_t = 20, value_name = "N")]
    times: usize,
    /// `store`: only these parts [default: all; ingest only where a database was filled]
    #[arg(long, value_delimiter = ',', value_name = "PARTS")]
    parts: Vec<Part>,
}

/// A part of it.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    /// The ratio to the floor and the share of each stage.
    Ingest,
    /// Pages and counts of 60 queries.
    Queries,
    /// The window's commands.
    Window,
    /// Updates while lists are read.
    Updates,
    /// Start-up.
    Start,
}

impl Options {
    fn has(&self, part: Part) -> bool {
        self.parts.is_empty() || self.parts.contains(&part)
    }
}

/// Measures everything.
pub fn run(corpus: &Path, options: &Options) -> Result<Report, String> {
    let home = home();
    let runtime = tokio::runtime::Runtime::new().map_err(|e| e.to_string())?;
    let material = Material::open(corpus, &home)?;
    let count = options.alerts.max(1_000);
    let large = size(Plan::new(&material.records, count));
    let small = size(large.plan.sample(count / 10));
    let mut report = Report::default();
    report.part(format!(
        "store: {} CVEs ({} real, the others real ones under new ids) and {} articles; small: a tenth",
        count,
        material.records.len().min(count),
        large.articles
    ));

    let mut filled = Vec::new();
    for (name, size) in [("small", &small), ("large", &large)] {
        let one = fill(&runtime, &material, size, options.fresh)?;
        note_filling(&mut report, name, &one);
        filled.push((name, one));
    }
    let is_filled = filled.iter().any(|(_, one)| one.filling.is_some());
    if options.parts.contains(&Part::Ingest) || (options.has(Part::Ingest) && is_filled) {
        let done = ingest::ratio(&runtime, &material, &large.plan, &mut report);
        go_on(&mut report, "ingest", done);
    }
    let mut found = Vec::new();
    for (name, one) in &filled {
        if options.has(Part::Queries) {
            let database = one.database();
            let done = queries::measure(&runtime, name, &database, options.times, &mut report);
            found.extend(go_on(&mut report, "queries", done));
        }
        if options.has(Part::Window) {
            let done = window::measure(&runtime, name, &one.dir, options.times, &mut report);
            go_on(&mut report, "window", done);
        }
    }
    if let [small, large] = found.as_slice() {
        queries::growth(small, large, &mut report);
    }
    if let Some((name, one)) = filled.last() {
        if options.has(Part::Updates) {
            let (plan, path) = (&large.plan, one.database());
            let done = updates::measure(&runtime, &material, plan, name, &path, &mut report);
            go_on(&mut report, "updates", done);
        }
        if options.has(Part::Start) {
            let done = start::measure(name, &one.dir, &mut report);
            go_on(&mut report, "start", done);
        }
    }
    Ok(report)
}

/// A part that fails does not take the others with it.
fn go_on<T>(report: &mut Report, part: &str, done: Result<T, String>) -> Option<T> {
    done.map_err(|why| report.fault(part, &why)).ok()
}

fn size(plan: Plan) -> Size {
    Size {
        articles: plan.len() * ARTICLES / CVES,
        plan,
    }
}

fn note_filling(report: &mut Report, name: &str, one: &Filled) {
    match &one.filling {
        Some(filling) => ingest::filling(report, name, filling, one.file_mib()),
        None => {
            report.note(format!("{name}: filled by an earlier run"));
            report.value(format!("{name}.file"), "MiB", one.file_mib());
        }
    }
}

/// Where databases are kept between runs.
fn home() -> PathBuf {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).parent();
    let root = crates.and_then(Path::parent).unwrap_or(Path::new("."));
    root.join("target")
}

//! `cargo xtask eval`: scores labelled files, packed or not.

use std::path::PathBuf;
use std::time::Instant;

use tocsin_analysis::classify::Models;
use tocsin_analysis::entity::{self, Names};
use tocsin_analysis::eval::{Options, Task, run};
use tocsin_analysis::model::ModelFile;

use crate::corpus::{Failure, read_text};

/// What is scored, and how.
#[derive(clap::Args)]
pub struct Arguments {
    /// Files in the documented formats (docs/analysis.md), plain or .gz
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// severity, category, relevance, technique, entities, indicators; without it, what the file is for
    #[arg(long)]
    task: Option<Task>,
    /// The file's labels for entities: cyner, nvd, annoctr
    #[arg(long)]
    scheme: Option<String>,
    /// Relevance: look at each text's title only
    #[arg(long)]
    title_only: bool,
    /// Another model file than the one that is built in
    #[arg(long)]
    model: Option<PathBuf>,
    /// Print JSON, one report a line
    #[arg(long)]
    json: bool,
}

/// Scores.
pub fn main(arguments: &Arguments) -> Result<(), Failure> {
    let (models, names) = match &arguments.model {
        Some(path) => {
            let bytes = std::fs::read(path).map_err(|e| format!("{}: {e}", path.display()))?;
            let file = ModelFile::read(bytes).map_err(|e| format!("{}: {e}", path.display()))?;
            let models = Models::from_file(&file).map_err(|e| format!("{}: {e}", path.display()))?;
            let names = Names::read(&file).map_err(|e| format!("{}: {e}", path.display()))?;
            (models.into(), names.into())
        }
        None => (
            Models::embedded().map_err(|e| e.to_string())?,
            Names::embedded().map_err(|e| e.to_string())?,
        ),
    };
    let start = Instant::now();
    let stopwatch = || start.elapsed().as_secs_f64();
    for file in &arguments.files {
        let lines = read_text(file)?;
        let found = arguments.task.or_else(|| Task::of(&lines));
        let task = found.ok_or_else(|| format!("{}: say with --task what it is for", file.display()))?;
        let both = arguments.task.is_none() && task == Task::Severity;
        let tasks = if both { vec![Task::Severity, Task::Category] } else { vec![task] };
        for task in tasks {
            let options = Options {
                is_title_only: arguments.title_only,
                scheme: arguments.scheme.as_deref(),
                stopwatch: &stopwatch,
            };
            let report = match task {
                Task::Entities => entity::eval::report(&names, &lines, &options),
                task => run(task, &models, &lines, &options),
            };
            let report = report.map_err(|e| format!("{}: {e}", file.display()))?;
            if arguments.json {
                let line = serde_json::to_string(&report).map_err(|e| e.to_string())?;
                println!("{line}");
            } else {
                println!("{}\n{}", file.display(), report.to_text());
            }
        }
    }
    Ok(())
}

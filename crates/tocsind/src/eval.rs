//! `tocsind eval`: how good the built-in models are on a labelled file. Reads nothing but that file.

use std::io::Read;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

use flate2::read::MultiGzDecoder;
use tocsin_core::error::Fault;
use tocsin_core::model::entity::{self, Names};
use tocsin_core::model::{ModelError, ModelFile, Models};
use tocsin_core::model::eval::{Options, Task, run};

/// What is scored, and how.
#[derive(clap::Args)]
pub struct Args {
    /// severity, category, relevance, technique, entities or indicators
    #[arg(long)]
    task: Task,
    /// The file's labels for entities: cyner, nvd or annoctr
    #[arg(long)]
    scheme: Option<String>,
    /// Relevance: look at each text's title only
    #[arg(long)]
    title_only: bool,
    /// Score another model file than the one that is built in
    #[arg(long, value_name = "FILE")]
    model: Option<PathBuf>,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
    /// Labelled texts in the task's format (docs/analysis.md), plain or gzip
    file: PathBuf,
}

/// Scores and prints.
pub fn eval(args: &Args) -> Result<ExitCode, Fault> {
    let (models, names) = open(args.model.as_deref())?;
    let text = String::from_utf8(read(&args.file)?)
        .map_err(|_| Fault::new("not_text", format!("{} is no text in UTF-8.", args.file.display())))?;
    let start = Instant::now();
    let options = Options {
        is_title_only: args.title_only,
        scheme: args.scheme.as_deref(),
        stopwatch: &|| start.elapsed().as_secs_f64(),
    };
    let report = match args.task {
        Task::Entities => entity::eval::report(&names, &text, &options),
        task => run(task, &models, &text, &options),
    };
    let report = report
        .map_err(|e| Fault::new("not_scored", format!("{} was not scored: {e}.", args.file.display())))?;
    if args.json {
        let json = serde_json::to_string(&report)
            .map_err(|e| Fault::new("not_scored", format!("The report is no JSON: {e}.")))?;
        println!("{json}");
    } else {
        print!("{}", report.to_text());
    }
    Ok(ExitCode::SUCCESS)
}

/// The models of a file, or those that are built in.
fn open(path: Option<&std::path::Path>) -> Result<(Arc<Models>, Arc<Names>), Fault> {
    let unusable = |e: ModelError| Fault::new("model_unusable", format!("The models cannot be read: {e}."));
    let Some(path) = path else {
        return Ok((Models::embedded().map_err(unusable)?, Names::embedded().map_err(unusable)?));
    };
    let file = ModelFile::read(read(path)?).map_err(unusable)?;
    let models = Models::from_file(&file).map_err(unusable)?;
    let names = Names::read(&file).map_err(unusable)?;
    Ok((models.into(), names.into()))
}

/// A file's bytes, unpacked if it begins as gzip does.
fn read(path: &std::path::Path) -> Result<Vec<u8>, Fault> {
    let unreadable =
        |e: std::io::Error| Fault::new("file_unreadable", format!("{} cannot be read: {e}.", path.display()));
    let bytes = std::fs::read(path).map_err(unreadable)?;
    if !bytes.starts_with(&[0x1f, 0x8b]) {
        return Ok(bytes);
    }
    let mut unpacked = Vec::new();
    MultiGzDecoder::new(bytes.as_slice()).read_to_end(&mut unpacked).map_err(unreadable)?;
    Ok(unpacked)
}

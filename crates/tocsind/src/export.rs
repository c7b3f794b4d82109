//! `tocsind export` and `tocsind import`: alerts as files. An export takes no lock; an import does.

use std::io::{IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Args as ClapArgs, ValueEnum};
use serde_json::{Value, json};
use tocsin_core::app::App;
use tocsin_core::commands::export::export_to;
use tocsin_core::error::Fault;
use tocsin_core::export::ExportFormat;

use crate::Place;

/// Between two lines of progress.
const PAUSE: Duration = Duration::from_millis(200);

#[derive(ClapArgs)]
pub struct ExportArgs {
    /// Words, "quoted phrases" and fields (severity:high kev:true product:nginx cvss:7..9 published:<7d);
    /// all must be found, A OR B one of them, -state:closed must not; relevant or not [default: everything]
    query: Vec<String>,
    /// json is complete and can be imported again; csv is for spreadsheets; stix is a bundle of STIX
    /// 2.1; markdown is a report
    #[arg(long, value_enum, default_value_t = Format::Json)]
    format: Format,
    /// Write to this file instead of standard output
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Replace the file if it is there already
    #[arg(long, requires = "output")]
    overwrite: bool,
    /// Say as a JSON object what was written (on standard error where the export is on standard output)
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    Csv,
    Json,
    Stix,
    Markdown,
}

#[derive(ClapArgs)]
pub struct ImportArgs {
    /// Files of NVD's (JSON 2.0 or 1.1; plain, gz, xz or zip, whatever they are called) or JSON exports of
    /// Tocsin's
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Print a JSON object a file of what was taken over
    #[arg(long)]
    json: bool,
}

pub async fn export(place: &Place, args: ExportArgs) -> Result<ExitCode, Fault> {
    if !place.paths.database.exists() {
        return Err(crate::alerts::no_database(place));
    }
    let app = place.start(false, true).await?;
    let format = match args.format {
        Format::Csv => ExportFormat::Csv,
        Format::Json => ExportFormat::Json,
        Format::Stix => ExportFormat::Stix,
        Format::Markdown => ExportFormat::Markdown,
    };
    let query = args.query.join(" ");
    let result = match &args.output {
        Some(file) => {
            let request = json!({
                "target": { "kind": "query", "query": query },
                "format": format,
                "path": absolute(file)?,
                "overwrite": args.overwrite,
            });
            watched(&app, app.call("export_run", request)).await
        }
        None => {
            let out = Box::new(std::io::stdout());
            watched(&app, async {
                Ok(json!(export_to(&app, &query, format, out).await?))
            })
            .await
        }
    };
    app.stop().await;
    let written = match result {
        // A reader that closes the pipe early (head) is no error.
        Err(fault) if fault.code == "reader_gone" => return Ok(ExitCode::SUCCESS),
        result => result?,
    };
    let line = match args.json {
        true => written.to_string(),
        false => format!(
            "{} alerts written to {}",
            written["alerts"],
            text(&written["path"])
        ),
    };
    match (&args.output, args.json) {
        (Some(_), _) => say(&mut std::io::stdout(), &line),
        (None, true) => say(&mut std::io::stderr(), &line),
        (None, false) => {}
    }
    Ok(ExitCode::SUCCESS)
}

/// 0 = all was taken over, 1 = some records or files could not be used.
pub async fn import(place: &Place, args: ImportArgs) -> Result<ExitCode, Fault> {
    let paths: Vec<String> = args
        .files
        .iter()
        .map(|file| absolute(file))
        .collect::<Result<_, _>>()?;
    place.start_logs()?;
    let app = place.start(false, false).await?;
    crate::say_notices(&app);
    let mut code = ExitCode::SUCCESS;
    let mut failed = None;
    for path in &paths {
        match watched(&app, app.call("import_run", json!({ "path": path }))).await {
            Ok(done) => {
                if done["refused"] != 0 {
                    code = ExitCode::FAILURE;
                }
                say_imported(path, &done, paths.len() > 1, args.json);
            }
            // A file that cannot be read is told, and the next one is read.
            Err(fault) if paths.len() > 1 && fault.code != "import_cancelled" => {
                eprintln!("tocsind: {path}: {fault}");
                code = ExitCode::FAILURE;
            }
            Err(fault) => {
                failed = Some(fault);
                break;
            }
        }
    }
    app.stop().await;
    match failed {
        Some(fault) => Err(fault),
        None => Ok(code),
    }
}

fn say_imported(path: &str, done: &Value, is_one_of_many: bool, json: bool) {
    let mut out = std::io::stdout();
    if json {
        let mut done = done.clone();
        if is_one_of_many {
            done["path"] = path.into();
        }
        return say(&mut out, &done.to_string());
    }
    let name = match is_one_of_many {
        true => format!("{path}: "),
        false => String::new(),
    };
    let line = format!(
        "{name}{} added, {} changed, {} known already, {} refused",
        done["added"], done["changed"], done["known"], done["refused"]
    );
    say(&mut out, &line);
    for problem in done["problems"].as_array().into_iter().flatten() {
        eprintln!(
            "tocsind: {}: {}",
            text(&problem["subject"]),
            text(&problem["fault"]["message"])
        );
    }
}

/// Waits for work, shows how far it is on a terminal, and stops it when the user or the system does.
pub async fn watched<T>(
    app: &App,
    work: impl Future<Output = Result<T, Fault>>,
) -> Result<T, Fault> {
    let shows = std::io::stderr().is_terminal();
    let mut pause = tokio::time::interval(PAUSE);
    let mut work = std::pin::pin!(work);
    let mut stopped = std::pin::pin!(crate::run::stopped());
    let mut is_stopping = false;
    let result = loop {
        tokio::select! {
            result = &mut work => break result,
            () = &mut stopped, if !is_stopping => {
                is_stopping = true;
                app.work().iter().for_each(|work| app.cancel_work(work.id));
            }
            _ = pause.tick(), if shows => {
                if let Some(work) = app.work().first() {
                    let of = work.total.map(|t| format!(" of {t}")).unwrap_or_default();
                    eprint!("\r\x1b[K{}{of}", work.done);
                }
            }
        }
    };
    if shows {
        eprint!("\r\x1b[K");
    }
    result
}

fn absolute(path: &std::path::Path) -> Result<String, Fault> {
    let whole = std::path::absolute(path).ok();
    let whole = whole.and_then(|path| path.into_os_string().into_string().ok());
    whole.ok_or_else(|| {
        Fault::new(
            "bad_path",
            format!("{} cannot be used as a path.", path.display()),
        )
    })
}

/// Whoever reads it may have gone: that is no error.
fn say(out: &mut dyn Write, line: &str) {
    let _ = writeln!(out, "{line}");
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

//! Export and import: alerts as files.

use std::io::Write;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::app::{App, Destination, Export, Target, resolve, suggest};
use crate::error::Fault;
use crate::export::ExportFormat;
use crate::import::Imported;

/// Writes alerts into a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ExportRun {
    /// Which alerts.
    pub target: Target,
    /// In which form.
    pub format: ExportFormat,
    /// Where: absolute, in a folder that exists.
    pub path: String,
    /// Whether a file that is there already is replaced; otherwise it is the fault `file_exists`.
    #[serde(default)]
    #[ts(optional)]
    pub overwrite: Option<bool>,
    /// What was chosen, for people: the view's name. A report has it as its title.
    #[serde(default)]
    #[ts(optional)]
    pub name: Option<String>,
}

/// What was exported.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Exported {
    /// The file.
    pub path: String,
    /// Alerts in it. (A STIX bundle also has the stored CVEs that these name.)
    pub alerts: u32,
    /// Its size.
    pub bytes: u64,
}

/// Asks for a path to suggest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SuggestExport {
    /// What is to be exported, for people: a view's name, a query.
    pub name: String,
    /// In which form.
    pub format: ExportFormat,
}

/// A path.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SuggestedPath {
    /// In the user's folder for downloads, or at home; free.
    pub path: String,
}

/// Takes over a JSON export of Tocsin's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ImportRun {
    /// The file: absolute.
    pub path: String,
}

pub(super) async fn export_run(app: &App, request: ExportRun) -> Result<Exported, Fault> {
    let destination = Destination::File {
        path: PathBuf::from(&request.path),
        overwrite: request.overwrite.unwrap_or(false),
    };
    // Ids are of the file that they were read from.
    let _hold = app.hold().await;
    let export = chosen(app, &request.target, request.format, request.name).await?;
    let written = app.export(export, destination).await?;
    Ok(Exported {
        path: request.path,
        alerts: written.alerts,
        bytes: written.bytes,
    })
}

/// Writes what a query finds to a stream instead of a file: for the command line.
///
/// # Errors
/// `reader_gone` where the stream was closed, `export_cancelled`, or that the database fails.
pub async fn export_to(
    app: &App,
    query: &str,
    format: ExportFormat,
    out: Box<dyn Write + Send>,
) -> Result<Exported, Fault> {
    let target = Target::Query {
        query: query.to_owned(),
    };
    // Ids are of the file that they were read from.
    let _hold = app.hold().await;
    let export = chosen(app, &target, format, None).await?;
    let written = app.export(export, Destination::Stream(out)).await?;
    Ok(Exported {
        path: String::from("-"),
        alerts: written.alerts,
        bytes: written.bytes,
    })
}

pub(super) async fn export_suggest(
    app: &App,
    request: SuggestExport,
) -> Result<SuggestedPath, Fault> {
    let downloads = dirs::download_dir().filter(|dir| dir.is_dir());
    let dir = downloads.or_else(dirs::home_dir).ok_or_else(|| {
        Fault::new(
            "no_home",
            "The system names no home folder for this user; choose a folder.",
        )
    })?;
    let path = suggest(&dir, &request.name, request.format, app.now());
    Ok(SuggestedPath {
        path: path.to_string_lossy().into_owned(),
    })
}

pub(super) async fn import_run(app: &App, request: ImportRun) -> Result<Imported, Fault> {
    app.import(Path::new(&request.path)).await
}

async fn chosen(
    app: &App,
    target: &Target,
    format: ExportFormat,
    name: Option<String>,
) -> Result<Export, Fault> {
    let named = name.filter(|name| !name.trim().is_empty());
    let title = named.unwrap_or_else(|| match target {
        Target::Query { query } if !query.trim().is_empty() => format!("Alerts: {query}"),
        Target::Ids { .. } => "Selected alerts".into(),
        _ => "Alerts".into(),
    });
    Ok(Export {
        ids: resolve(app, target).await?,
        format,
        title,
    })
}

//! `tocsind backup`, `restore` and `salvage`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args as ClapArgs;
use tocsin_core::error::Fault;
use tocsin_core::store::restore::Replaced;

use crate::Place;

#[derive(ClapArgs)]
pub struct BackupArgs {
    /// Write it here; a file that exists is never overwritten [default: a new file in the data folder's
    /// backups]
    path: Option<PathBuf>,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

#[derive(ClapArgs)]
pub struct RestoreArgs {
    /// The backup
    file: PathBuf,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

#[derive(ClapArgs)]
pub struct SalvageArgs {
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// Works beside a running Tocsin: it only reads.
pub async fn backup(place: &Place, args: BackupArgs) -> Result<ExitCode, Fault> {
    place.need_database()?;
    let app = place.start(false, true).await?;
    let target = args.path.as_deref().map(whole).transpose()?;
    let made = crate::export::watched(&app, app.back_up(target)).await;
    app.stop().await;
    let made = made?;
    if args.json {
        print_json(&made)?;
    } else {
        println!("{} ({} bytes, verified)", made.path, made.size_bytes);
    }
    Ok(ExitCode::SUCCESS)
}

/// Needs the folder for itself. What is there now, whole or damaged, is kept.
pub async fn restore(place: &Place, args: RestoreArgs) -> Result<ExitCode, Fault> {
    place.start_logs()?;
    let file = whole(&args.file)?;
    let app = place.start_even_damaged(false).await?;
    let restored = app.restore(file).await;
    app.stop().await;
    say(&restored?, args.json)
}

pub async fn salvage(place: &Place, args: SalvageArgs) -> Result<ExitCode, Fault> {
    place.need_database()?;
    place.start_logs()?;
    let app = place.start_even_damaged(false).await?;
    let salvaged = app.salvage().await;
    app.stop().await;
    say(&salvaged?, args.json)
}

fn say(replaced: &Replaced, json: bool) -> Result<ExitCode, Fault> {
    let kept = replaced.kept.display().to_string();
    if json {
        print_json(&serde_json::json!({
            "alerts": replaced.alerts,
            "lost": replaced.lost,
            "kept": kept,
        }))?;
        return Ok(ExitCode::SUCCESS);
    }
    println!("{} alerts are in place.", replaced.alerts);
    if let Some(lost) = replaced.lost {
        println!("Of {lost} something could not be read.");
    }
    println!("The database from before is kept: {kept}");
    Ok(ExitCode::SUCCESS)
}

fn print_json(value: &impl serde::Serialize) -> Result<(), Fault> {
    let text = serde_json::to_string(value)
        .map_err(|e| Fault::new("bad_response", format!("The answer cannot be written: {e}")))?;
    println!("{text}");
    Ok(())
}

fn whole(path: &Path) -> Result<PathBuf, Fault> {
    std::path::absolute(path).map_err(|error| {
        Fault::new(
            "file_unreadable",
            format!("{} cannot be read: {error}.", path.display()),
        )
    })
}

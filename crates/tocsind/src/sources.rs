//! `tocsind sources`: how each source does, beside a running Tocsin or without one. It takes no lock.

use std::io::Write;
use std::process::ExitCode;

use clap::Args as ClapArgs;
use tocsin_core::commands::sources::SourceRow;
use tocsin_core::error::Fault;
use tocsin_core::schedule::condition::is_warning;

use crate::Place;

#[derive(ClapArgs)]
pub struct Args {
    /// Print a JSON array with everything that is known of them
    #[arg(long)]
    json: bool,
}

pub async fn sources(place: &Place, args: &Args) -> Result<ExitCode, Fault> {
    place.need_database()?;
    let app = place.start(false, true).await?;
    let found = app.call("sources_list", serde_json::json!({})).await;
    app.stop().await;
    let rows: Vec<SourceRow> = serde_json::from_value(found?)
        .map_err(|e| Fault::new("bad_response", format!("The sources cannot be read: {e}")))?;
    // A reader that closes the pipe early (head) is no error.
    let _ = print(&rows, args.json);
    Ok(ExitCode::SUCCESS)
}

fn print(rows: &[SourceRow], json: bool) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    if json {
        serde_json::to_writer_pretty(&mut out, rows)?;
        return writeln!(out);
    }
    let width = rows.iter().map(|row| row.id.as_str().len()).max();
    let width = width.unwrap_or(0);
    for row in rows {
        let mark = if is_warning(&row.condition) {
            '!'
        } else if row.health.fault.is_some() && row.enabled {
            '?'
        } else {
            ' '
        };
        let rate = match row.per_day {
            Some(n) if n >= 10.0 => format!(" {n:.0} a day."),
            Some(n) => format!(" {n:.1} a day."),
            None => String::new(),
        };
        writeln!(
            out,
            "{mark} {:<width$}  {}: {}{rate}",
            row.id, row.name, row.sentence
        )?;
    }
    Ok(())
}

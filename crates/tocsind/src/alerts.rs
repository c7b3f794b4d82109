//! `tocsind alerts`: what is stored, beside a running Tocsin or without one. It takes no lock.

use std::io::Write;
use std::process::ExitCode;

use clap::Args as ClapArgs;
use tocsin_core::commands::api::{AlertsRequest, PublicAlert, Relevant, alerts_page};
use tocsin_core::error::Fault;

use crate::Place;

#[derive(ClapArgs)]
pub struct Args {
    /// Words, "quoted phrases" and fields (severity:high kev:true product:nginx cvss:7..9 published:<7d);
    /// all must be found, A OR B one of them, -state:closed must not [default: everything]
    query: Vec<String>,
    /// Also alerts that are not relevant
    #[arg(long)]
    any: bool,
    /// At most this many
    #[arg(long, default_value_t = 100, value_name = "N")]
    limit: u32,
    /// Print a JSON array in the shape of GET /alerts
    #[arg(long)]
    json: bool,
}

pub async fn alerts(place: &Place, args: Args) -> Result<ExitCode, Fault> {
    place.need_database()?;
    let app = place.start(false, true).await?;
    let mut found: Vec<PublicAlert> = Vec::new();
    let mut cursor = None;
    while found.len() < args.limit as usize {
        let wanted = u32::try_from(args.limit as usize - found.len()).unwrap_or(u32::MAX);
        let page = alerts_page(
            &app,
            AlertsRequest {
                q: Some(args.query.join(" ")),
                relevant: args.any.then_some(Relevant::Any),
                limit: Some(wanted.min(1_000)),
                cursor,
                ..AlertsRequest::default()
            },
        )
        .await?;
        found.extend(page.alerts);
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    // A reader that closes the pipe early (head) is no error.
    let _ = print(&found, args.json);
    app.stop().await;
    Ok(ExitCode::SUCCESS)
}

/// What to do where nothing was collected yet.
pub fn no_database(place: &Place) -> Fault {
    Fault::new(
        "no_database",
        format!(
            "There is no database at {} yet. Collect first: tocsind collect",
            place.paths.database.display()
        ),
    )
}

fn print(found: &[PublicAlert], json: bool) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    if json {
        serde_json::to_writer_pretty(&mut out, found)?;
        return writeln!(out);
    }
    for alert in found {
        let severity = match alert.severity {
            Some(severity) => format!("{severity:?}").to_uppercase(),
            None => "-".into(),
        };
        let day = alert.published_at.to_rfc3339();
        let day = day.get(..10).unwrap_or(&day);
        let muted = if alert.is_muted { "  (muted)" } else { "" };
        writeln!(
            out,
            "{day}  {severity:<6}  {:<18}  {}{muted}",
            alert.id, alert.title
        )?;
    }
    Ok(())
}

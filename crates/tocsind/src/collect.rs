//! `tocsind collect`: once, now.

use std::process::ExitCode;

use clap::Args as ClapArgs;
use tocsin_core::error::Fault;
use tocsin_core::model::{RunOutcome, SourceId};

use crate::Place;

#[derive(ClapArgs)]
pub struct Args {
    /// Collect only this source (may be repeated) [default: all that are enabled]
    #[arg(long, value_name = "ID")]
    source: Vec<String>,
    /// Print one JSON object a source
    #[arg(long)]
    json: bool,
}

pub async fn collect(place: &Place, args: &Args) -> Result<ExitCode, Fault> {
    place.start_logs()?;
    let app = place.start(false, false).await?;
    crate::say_notices(&app);
    let sources: Vec<SourceId> = if args.source.is_empty() {
        let in_force = app.in_force();
        let enabled = in_force.sources.iter().filter(|(_, s)| s.enabled);
        enabled.map(|(id, _)| id.clone()).collect()
    } else {
        args.source.iter().map(|id| SourceId::new(id)).collect()
    };
    let mut all_well = true;
    for source in sources {
        // A source that fails stops no other.
        let ended = match app.collect(&source, true).await {
            Ok(ended) => ended,
            Err(fault) => {
                eprintln!("tocsind: {fault}");
                all_well = false;
                continue;
            }
        };
        all_well &= ended.outcome == RunOutcome::Succeeded;
        let counts = ended.counts;
        if args.json {
            let line = serde_json::json!({
                "source": source,
                "outcome": ended.outcome,
                "counts": counts,
                "fault": ended.fault,
            });
            println!("{line}");
        } else if let Some(fault) = ended.fault {
            println!("{source}: failed. {fault}");
        } else {
            println!(
                "{source}: {} read, {} new, {} changed, {} unchanged, {} with problems",
                counts.read, counts.new, counts.changed, counts.unchanged, counts.problems
            );
        }
    }
    app.drain_outbox().await.map_err(Fault::from)?;
    app.stop().await;
    Ok(if all_well {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

//! `tocsind backfill`: all years of NVD, in the foreground, with a line of progress after each page.

use std::cell::RefCell;
use std::process::ExitCode;

use clap::Args as ClapArgs;
use tocsin_core::error::Fault;
use tocsin_core::model::{Backfill, BackfillState, SourceId};

use crate::Place;

#[derive(ClapArgs)]
pub struct Args {
    /// Only what was published from this year on [default: all years; where one was interrupted, that
    /// goes on]
    #[arg(long, value_name = "YEAR")]
    from_year: Option<u16>,
    /// Print one JSON object a page
    #[arg(long)]
    json: bool,
}

/// 0 = everything was read, 1 = it was stopped or NVD refused for good; what was read stays, and the next call
/// goes on there.
pub async fn backfill(place: &Place, args: &Args) -> Result<ExitCode, Fault> {
    place.start_logs()?;
    let app = place.start(false, false).await?;
    crate::say_notices(&app);
    let result = async {
        let found = app
            .backfill(&SourceId::new("nvd"))
            .await
            .map_err(Fault::from)?;
        match found.map(|b| b.state) {
            // Interrupted: nobody ended it.
            Some(BackfillState::Running | BackfillState::Waiting) if args.from_year.is_none() => {}
            Some(BackfillState::Paused | BackfillState::Failed) if args.from_year.is_none() => {
                app.backfill_resume().await?;
            }
            Some(state) => {
                if state.goes_on() {
                    app.backfill_cancel().await?;
                }
                app.backfill_start(args.from_year).await?;
            }
            None => app.backfill_start(args.from_year).await?,
        }
        let before = RefCell::new(None);
        let tell = |now: &Backfill| {
            let line = line(now, args.json);
            if before.borrow().as_ref() != Some(&line) {
                println!("{line}");
                before.replace(Some(line));
            }
        };
        tokio::select! {
            ended = app.backfill_to_the_end(tell) => ended.map(Some),
            () = crate::run::stopped() => Ok(None),
        }
    }
    .await;
    app.stop().await;
    Ok(match result? {
        Some(ended) if ended.state == BackfillState::Done => ExitCode::SUCCESS,
        Some(ended) => {
            if let Some(fault) = ended.fault {
                eprintln!("tocsind: {fault}");
            }
            ExitCode::FAILURE
        }
        None => {
            eprintln!("tocsind: stopped; what was read stays, and the next call goes on there");
            ExitCode::FAILURE
        }
    })
}

fn line(now: &Backfill, json: bool) -> String {
    if json {
        return serde_json::to_string(now).unwrap_or_default();
    }
    let mut line = now.done.to_string();
    if let Some(total) = now.total {
        line.push_str(&format!(" of {total}"));
    }
    let day = now.at.to_rfc3339();
    line.push_str(&format!(" read, up to {}", day.get(..10).unwrap_or(&day)));
    if let Some(per_min) = now.per_min {
        line.push_str(&format!(", {per_min} a minute"));
    }
    if let Some(eta_s) = now.eta_s {
        line.push_str(&format!(", {} left", duration(eta_s)));
    }
    match (now.state, &now.fault) {
        (BackfillState::Waiting, Some(fault)) => line.push_str(&format!(" (waiting: {fault})")),
        (BackfillState::Done, _) => line.push_str(": done"),
        _ => {}
    }
    line
}

fn duration(seconds: u32) -> String {
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3600 => format!("{} min", seconds / 60),
        _ => format!("{} h {} min", seconds / 3600, seconds % 3600 / 60),
    }
}

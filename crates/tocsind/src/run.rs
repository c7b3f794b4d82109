//! `tocsind run`: the daemon.

use std::io::Write;
use std::process::ExitCode;

use clap::Args as ClapArgs;
use tocsin_core::app::App;
use tocsin_core::error::Fault;
use tocsin_core::server::{ServerOptions, serve};

use crate::{Place, assets};

#[derive(ClapArgs)]
pub struct Args {
    /// Serve on this port of localhost; 0 takes any free one [default: the setting, 8000]
    #[arg(long, value_name = "PORT")]
    port: Option<u16>,
}

pub async fn run(place: &Place, args: &Args) -> Result<ExitCode, Fault> {
    place.start_logs()?;
    let app = place.start_even_damaged(true).await?;
    crate::say_notices(&app);
    let damage = app.damage();
    if let Some(fault) = &damage {
        eprintln!("tocsind: {}", crate::advised(fault.clone()));
        eprintln!("Or choose in the browser; nothing is collected until then.");
    }
    let is_served = open_server(&app, args).await;
    if let (Some(fault), false) = (damage, is_served) {
        // Nobody could choose.
        app.stop().await;
        return Err(fault);
    }
    stopped().await;
    tracing::info!("stopping");
    app.stop().await;
    Ok(ExitCode::SUCCESS)
}

/// A port that is taken is said and the engine runs on. Says whether there is a server.
async fn open_server(app: &App, args: &Args) -> bool {
    let usual = app.in_force().settings.api.port;
    let options = |port| ServerOptions {
        port,
        assets: Some(assets::find),
    };
    let mut served = serve(app, options(args.port.unwrap_or(usual))).await;
    if let (Err(fault), None) = (&served, args.port) {
        // Whoever named no port is better served on another one than not at all.
        eprintln!("tocsind: {fault} Another port is taken for now.");
        served = serve(app, options(0)).await;
    }
    match served {
        Ok(server) => {
            // Whoever started it may have closed its end: that is no reason to stop.
            let mut out = std::io::stdout().lock();
            let _ = writeln!(out, "Tocsin is at {}", server.address_with_token());
            let _ = writeln!(out, "Alerts for other tools: {}/alerts", server.address());
            true
        }
        Err(fault) => {
            tracing::error!(code = %fault.code, "{fault}");
            eprintln!("tocsind: {fault} Collecting goes on without it.");
            false
        }
    }
}

/// Waits for Ctrl-C or the service manager.
pub async fn stopped() {
    let interrupted = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminated) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = interrupted => {}
                _ = terminated.recv() => {}
            }
            return;
        }
    }
    let _ = interrupted.await;
}

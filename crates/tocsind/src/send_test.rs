//! `tocsind send-test`: whether a channel works, by a real message, and the exact cause where it does not.

use std::process::ExitCode;
use std::sync::Arc;

use clap::Args as ClapArgs;
use serde_json::json;
use tocsin_core::app::App;
use tocsin_core::commands::channels::TestResult;
use tocsin_core::error::Fault;
use tocsin_core::events::Events;
use tocsin_core::http::{Http, HttpOptions};
use tocsin_core::model::ChannelId;
use tocsin_core::notify::{self, TestStep};
use tocsin_core::secrets::Secrets;
use tocsin_core::settings::Settings;

use crate::Place;

#[derive(ClapArgs)]
pub struct Args {
    /// The channel's id in settings.toml: email, slack, telegram, or one that was added
    channel: String,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

pub async fn send_test(place: &Place, args: &Args) -> Result<ExitCode, Fault> {
    place.start_logs()?;
    let id = ChannelId(args.channel.clone());
    let (result, enabled) = match place.start(false, false).await {
        Ok(app) => {
            crate::say_notices(&app);
            let result = through(&app, &id).await;
            let enabled = is_on(&app.in_force().settings, &id);
            app.stop().await;
            (result?, enabled)
        }
        // Whoever runs here need not stop for it: a test asks nothing of the database.
        Err(fault) if fault.code == "database_locked" => beside(place, &id).await?,
        Err(fault) => return Err(fault),
    };
    if args.json {
        let line = json!({
            "channel": id,
            "ok": result.fault.is_none(),
            "steps": result.steps,
            "fault": result.fault,
            "enabled": enabled,
            "switched_on": result.switched_on,
        });
        println!("{line}");
    } else {
        say(&id, &result, enabled);
    }
    Ok(match result.fault {
        None => ExitCode::SUCCESS,
        Some(_) => ExitCode::FAILURE,
    })
}

/// As the window does it: a good test starts a stopped channel again, and switches on one that is new.
async fn through(app: &App, id: &ChannelId) -> Result<TestResult, Fault> {
    if let Some(fault) = broken(app) {
        return Err(fault);
    }
    let answer = app.call("channel_test", json!({ "channel": id })).await?;
    serde_json::from_value(answer)
        .map_err(|e| Fault::new("bad_response", format!("The answer cannot be read: {e}")))
}

/// The fault of a settings file that could not be read: what it says of the channel is not known.
fn broken(app: &App) -> Option<Fault> {
    let in_force = app.in_force();
    match &in_force.file_state {
        tocsin_core::settings::FileState::Broken { fault } => Some(fault.clone()),
        _ => None,
    }
}

/// Beside a running Tocsin, which keeps what it knows of the channel.
async fn beside(place: &Place, id: &ChannelId) -> Result<(TestResult, bool), Fault> {
    let paths = place.paths.clone();
    let (settings, secrets) = tokio::task::spawn_blocking(move || {
        let environment = crate::environment(&paths);
        let settings = Settings::load(&paths, &environment).settings;
        let secrets = Secrets::load(&paths, &environment, &settings);
        (settings, secrets)
    })
    .await
    .map_err(|_| Fault::new("start_failed", "The settings could not be read."))?;
    let Some(set) = settings.channels.get(id) else {
        return Err(
            Fault::new("channel_unknown", format!("There is no channel {id}.")).with("channel", id),
        );
    };
    let (events, http) = (
        Events::default(),
        Arc::new(Http::new(HttpOptions::default())?),
    );
    let steps = match notify::unfinished_channel(id, set, &secrets, &events, &http) {
        Ok(channel) => channel.check().await,
        Err(fault) => vec![TestStep {
            step: "connect".to_owned(),
            found: None,
            fault: Some(fault),
        }],
    };
    let result = TestResult {
        fault: steps.iter().find_map(|step| step.fault.clone()),
        steps,
        switched_on: false,
    };
    Ok((result, is_on(&settings, id)))
}

fn is_on(settings: &Settings, id: &ChannelId) -> bool {
    settings.channels.get(id).is_some_and(|set| set.enabled)
}

fn say(id: &ChannelId, result: &TestResult, enabled: bool) {
    for step in result.steps.iter().filter(|step| step.fault.is_none()) {
        let found = step.found.as_deref().map(|f| format!(": {f}"));
        println!("{} {}{}", id, done(&step.step), found.unwrap_or_default());
    }
    match &result.fault {
        Some(fault) => println!("{id} does not work. {fault}"),
        None if result.switched_on => println!("{id} works, and is on from now on."),
        None if enabled => println!("{id} works."),
        None => println!("{id} works and is off: nothing is sent there until it is switched on."),
    }
}

/// What a step that went well did.
fn done(step: &str) -> &str {
    match step {
        "connect" => "was reached",
        "log_in" => "took the log-in",
        "destination" => "knows the destination",
        "message" => "took the message",
        other => other,
    }
}

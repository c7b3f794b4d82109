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
use tocsin_core::secrets::{SecretKey, SecretName, Secrets};
use tocsin_core::settings::Settings;

use crate::Place;

/// How many places are listed where the destination is missing or wrong.
const MOST_PLACES: usize = 30;

/// What a test found.
struct Tested {
    result: TestResult,
    enabled: bool,
    /// Where messages could go, asked where the destination is what is wrong.
    places: Vec<notify::Place>,
}

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
    let tested = match place.start(false, false).await {
        Ok(app) => {
            crate::say_notices(&app);
            let tested = through(&app, &id).await;
            app.stop().await;
            tested?
        }
        // Whoever runs here need not stop for it: a test asks nothing of the database.
        Err(fault) if fault.code == "database_locked" => beside(place, &id).await?,
        Err(fault) => return Err(fault),
    };
    let result = &tested.result;
    if args.json {
        let line = json!({
            "channel": id,
            "ok": result.fault.is_none(),
            "steps": result.steps,
            "fault": result.fault,
            "places": tested.places,
            "enabled": tested.enabled,
            "switched_on": result.switched_on,
        });
        println!("{line}");
    } else {
        say(&id, &tested);
    }
    Ok(match result.fault {
        None => ExitCode::SUCCESS,
        Some(_) => ExitCode::FAILURE,
    })
}

/// As the window does it: a good test starts a stopped channel again, and switches on one that is new.
async fn through(app: &App, id: &ChannelId) -> Result<Tested, Fault> {
    if let Some(fault) = broken(app) {
        return Err(fault);
    }
    if !app.in_force().settings.channels.contains_key(id) {
        return Err(unknown(&app.in_force().settings, id));
    }
    let unreadable = |e| Fault::new("bad_response", format!("The answer cannot be read: {e}"));
    let answer = app.call("channel_test", json!({ "channel": id })).await?;
    let result: TestResult = serde_json::from_value(answer).map_err(unreadable)?;
    let mut places = Vec::new();
    if asks_where(&result) {
        let answer = app.call("channel_places", json!({ "channel": id })).await;
        places = answer
            .map_or(Ok(Vec::new()), serde_json::from_value)
            .map_err(unreadable)?;
    }
    Ok(Tested {
        result,
        enabled: is_on(&app.in_force().settings, id),
        places,
    })
}

/// Whether what is wrong is the destination, so that it helps to know which there are.
fn asks_where(result: &TestResult) -> bool {
    let code = result.fault.as_ref().map(|fault| fault.code.as_str());
    matches!(
        code,
        Some(
            "slack_no_channel"
                | "slack_channel_not_found"
                | "telegram_no_chat"
                | "telegram_chat_not_found"
        )
    )
}

fn unknown(settings: &Settings, id: &ChannelId) -> Fault {
    let all: Vec<&str> = settings.channels.keys().map(|id| id.0.as_str()).collect();
    let message = format!("There is no channel {id}. There are: {}.", all.join(", "));
    Fault::new("channel_unknown", message).with("channel", id)
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
async fn beside(place: &Place, id: &ChannelId) -> Result<Tested, Fault> {
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
        return Err(unknown(&settings, id));
    };
    let (events, http) = (
        Events::default(),
        Arc::new(Http::new(HttpOptions::default())?),
    );
    let channel = notify::unfinished_channel(id, set, &secrets, &events, &http);
    let steps = match &channel {
        Ok(channel) => channel.check().await,
        Err(fault) => vec![TestStep {
            step: "connect".to_owned(),
            found: None,
            fault: Some(fault.clone()),
        }],
    };
    let result = TestResult {
        fault: steps.iter().find_map(|step| step.fault.clone()),
        steps,
        switched_on: false,
    };
    let places = match &channel {
        Ok(channel) if asks_where(&result) => channel.places().await.unwrap_or_default(),
        _ => Vec::new(),
    };
    Ok(Tested {
        result,
        enabled: is_on(&settings, id),
        places,
    })
}

fn is_on(settings: &Settings, id: &ChannelId) -> bool {
    settings.channels.get(id).is_some_and(|set| set.enabled)
}

fn say(id: &ChannelId, tested: &Tested) {
    let Tested {
        result,
        enabled,
        places,
    } = tested;
    for step in result.steps.iter().filter(|step| step.fault.is_none()) {
        let found = step.found.as_deref().map(|f| format!(": {f}"));
        println!("{} {}{}", id, done(&step.step), found.unwrap_or_default());
    }
    if !places.is_empty() {
        println!("{id} can write to:");
        for place in places.iter().take(MOST_PLACES) {
            println!("    {}  {} ({})", place.id, place.name, place.what);
        }
        let left = places.len().saturating_sub(MOST_PLACES);
        if left > 0 {
            println!("    and {left} more");
        }
    }
    match &result.fault {
        Some(fault) => {
            let hint = without_window(id, fault).map(|hint| format!(" {hint}"));
            println!("{id} does not work. {fault}{}", hint.unwrap_or_default());
        }
        None if result.switched_on => println!("{id} works, and is on from now on."),
        None if *enabled => println!("{id} works."),
        None => println!("{id} works and is off: nothing is sent there until it is switched on."),
    }
}

/// Where something is missing: what to set where there is no window.
fn without_window(id: &ChannelId, fault: &Fault) -> Option<String> {
    let secret = |name| SecretKey::new(name, Some(id)).variable();
    // The variables of places are those of the channels that Tocsin has from the start.
    let place = |variable: &str, key: &str, name: SecretName| {
        let file = format!("{key} under [channels.{id}] in settings.toml");
        if secret(name) == name.variable() {
            format!("{variable} in .env, or {file}")
        } else {
            file
        }
    };
    let what = match fault.code.as_str() {
        "slack_no_token" => format!(
            "{} or {} in .env",
            secret(SecretName::SlackToken),
            secret(SecretName::SlackWebhook)
        ),
        "telegram_no_token" => format!("{} in .env", secret(SecretName::TelegramToken)),
        "email_no_password" => format!("{} in .env", secret(SecretName::EmailPassword)),
        "slack_no_channel" => place("SLACK_CHANNEL", "channel", SecretName::SlackToken),
        "telegram_no_chat" => place("TELEGRAM_CHAT_ID", "chat_id", SecretName::TelegramToken),
        "email_no_recipients" => place("EMAIL_RECIPIENTS", "recipients", SecretName::EmailPassword),
        "email_no_sender" => place("EMAIL_SENDER", "sender", SecretName::EmailPassword),
        _ => return None,
    };
    Some(format!("Without a window: {what}."))
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

//! Notifications: how long it takes from the commit of an alert until the service has its message, and how many
//! deliveries a second the rules put into the outbox. A whole app against the replay, as a user would set it up.

mod hand_over;
mod routed;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::json;
use tocsin_core::app::{App, Host, Options};
use tocsin_core::error::Fault;
use tocsin_core::events::Event;
use tocsin_core::model::SourceId;
use tocsin_core::settings::{Environment, Paths};
use tocsin_replay::{ChatLimits, Replay, SlackOptions};

use super::{Benchmark, Context, Figure};

/// What is there without any channel: nothing pops up, and nothing but NVD is read.
const QUIET: &str = r#"
[channels.desktop]
enabled = false

[sources.thehackernews]
enabled = false

[sources.cisa]
enabled = false

[sources.owasp]
enabled = false

[sources.kev]
enabled = false

[sources.epss]
enabled = false
"#;

struct Notify {
    runtime: tokio::runtime::Runtime,
}

pub fn set_up(_context: &Context) -> Result<Box<dyn Benchmark>, String> {
    Ok(Box::new(Notify {
        runtime: tokio::runtime::Runtime::new().map_err(|e| e.to_string())?,
    }))
}

impl Benchmark for Notify {
    fn run(&mut self) -> Result<Vec<Figure>, String> {
        let mut figures = self.runtime.block_on(hand_over::measure())?;
        figures.extend(self.runtime.block_on(routed::measure())?);
        Ok(figures)
    }
}

/// Slack without a limit, so that nothing but the app is measured.
async fn replay() -> Result<Replay, String> {
    let options = tocsin_replay::Options {
        slack: SlackOptions {
            limits: ChatLimits::NONE,
            ..SlackOptions::default()
        },
        ..tocsin_replay::Options::default()
    };
    let started = tokio::task::spawn_blocking(|| Replay::start(options)).await;
    started
        .map_err(|e| e.to_string())?
        .map_err(|e| e.to_string())
}

/// A data folder and its variables.
struct Home {
    dir: tempfile::TempDir,
    variables: Vec<(&'static str, String)>,
}

impl Home {
    fn new(replay: &Replay, settings: &str) -> Result<Self, String> {
        let dir = tempfile::tempdir().map_err(|e| e.to_string())?;
        let path = dir.path().join("settings.toml");
        std::fs::write(path, format!("{QUIET}\n{settings}")).map_err(|e| e.to_string())?;
        Ok(Self {
            dir,
            variables: vec![
                ("TOCSIN_REPLAY", replay.base_url()),
                ("TOCSIN_CLOCK_START", replay.now().to_rfc3339()),
                ("SLACK_TOKEN", replay.slack().token().to_owned()),
                ("TELEGRAM_TOKEN", replay.telegram().token().to_owned()),
                ("EMAIL_PASS", replay.smtp().password().to_owned()),
                ("KEYWORDS", "router".to_owned()),
            ],
        })
    }

    fn path(&self) -> &Path {
        self.dir.path()
    }

    fn database(&self) -> PathBuf {
        self.path().join("tocsin.db")
    }

    async fn start(&self, background: bool) -> Result<App, String> {
        let variables = self.variables.clone();
        let started = App::start(Options {
            paths: Paths::in_dir(self.path()),
            environment: Arc::new(move |_| {
                let pairs = variables.iter().map(|(n, v)| (*n, v.as_str()));
                Environment::from_pairs(pairs)
            }),
            host: Arc::new(NoHost),
            background,
            read_only: false,
        });
        started.await.map_err(|fault| fault.message)
    }
}

struct NoHost;

impl Host for NoHost {
    fn is_desktop(&self) -> bool {
        false
    }

    fn open_url(&self, _url: &str) -> Result<(), Fault> {
        Err(Fault::new("no_browser", "A benchmark opens no browser."))
    }
}

/// Collects NVD; a run that the schedule has begun is waited for.
async fn collect(app: &App) -> Result<(), String> {
    let mut events = app.events().subscribe();
    loop {
        match app.collect(&SourceId::new("nvd"), true).await {
            Ok(ended) => return ended.fault.map_or(Ok(()), |fault| Err(fault.message)),
            Err(fault) if fault.code == "already_collecting" => loop {
                match events.recv().await {
                    Ok(Event::SourceChanged { .. }) => break,
                    Ok(_) | Err(tokio::sync::broadcast::error::RecvError::Lagged(_)) => {}
                    Err(error) => return Err(error.to_string()),
                }
            },
            Err(fault) => return Err(fault.message),
        }
    }
}

/// News that the watch matches, published just now: a second ago, for the app's clock is a little behind that of the
/// replay and asks for nothing that lies ahead of it.
fn put(replay: &Replay, n: u32) -> Result<(), String> {
    let now = replay.now() - std::time::Duration::from_secs(1);
    let now = now.format("%Y-%m-%dT%H:%M:%S.000").to_string();
    let record = json!({ "cve": {
        "id": format!("CVE-2026-{}", 900_000 + n), "sourceIdentifier": "cna@example.org",
        "published": now, "lastModified": now, "vulnStatus": "Received", "references": [],
        "descriptions": [{ "lang": "en", "value": format!(
            "Acme Router {n}.0 allows a remote attacker to run commands by a crafted request."
        ) }],
        "metrics": { "cvssMetricV31": [{
            "source": "cna@example.org", "type": "Secondary",
            "cvssData": {
                "version": "3.1", "vectorString": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
                "baseScore": 9.8, "baseSeverity": "CRITICAL",
            },
        }] },
    } });
    replay.put_nvd(&record).map_err(|e| e.to_string())
}

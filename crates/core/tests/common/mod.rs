//! A whole app against a replay server: its own folder, its own ports, its own clock.

#![allow(dead_code, clippy::unwrap_used, clippy::expect_used)]

pub mod made;
pub mod pack;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tocsin_core::app::{App, Host, Options};
use tocsin_core::error::Fault;
use tocsin_core::events::Event;
use tocsin_core::model::SourceId;
use tocsin_core::pipeline::Ended;
use tocsin_core::settings::{Environment, Paths};
use tocsin_replay::Replay;

/// Long enough for a slow machine; a test that waits this long has failed.
const PATIENCE: Duration = Duration::from_secs(60);

pub struct NoDesktop;

impl Host for NoDesktop {
    fn is_desktop(&self) -> bool {
        false
    }

    fn open_url(&self, _url: &str) -> Result<(), Fault> {
        Ok(())
    }
}

/// A folder of its own for a test: in memory where the machine has a place for that. What is stored is what it would
/// be on a disk, and no test asks whether a disk keeps it without power; waiting for it took most of their time. The
/// issues' full counts go to the disk.
pub fn folder() -> tempfile::TempDir {
    let memory = Path::new("/dev/shm");
    let is_full = std::env::var_os("TOCSIN_FULL").is_some();
    if !is_full
        && memory.is_dir()
        && let Ok(folder) = tempfile::tempdir_in(memory)
    {
        return folder;
    }
    tempfile::tempdir().unwrap()
}

/// A data folder and the variables of its environment.
pub struct Home {
    pub dir: tempfile::TempDir,
    pub variables: Vec<(String, String)>,
}

impl Home {
    /// An empty folder whose sources are all the replay's.
    pub fn against(replay: &Replay) -> Self {
        let mut home = Self {
            dir: folder(),
            variables: Vec::new(),
        };
        home.set("TOCSIN_REPLAY", &replay.base_url());
        home.set("TOCSIN_CLOCK_START", &replay.now().to_rfc3339());
        // Nothing pops up on the desktop of whoever runs the tests.
        home.settings("[channels.desktop]\nenabled = false\n");
        home
    }

    pub fn set(&mut self, name: &str, value: &str) {
        self.variables.retain(|(n, _)| n != name);
        self.variables.push((name.to_owned(), value.to_owned()));
    }

    pub fn settings(&self, text: &str) {
        std::fs::write(self.path().join("settings.toml"), text).unwrap();
    }

    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    /// E-mail to the replay's sink, set as a user would set it.
    pub fn mail_to_sink(&mut self, replay: &Replay) {
        let sink = replay.smtp();
        let ca = self.path().join("ca.pem");
        sink.write_ca_pem(&ca).unwrap();
        self.settings(&format!(
            "[channels.desktop]\nenabled = false\n\n[channels.email]\nenabled = true\nsmtp_host = \"localhost\"\nsmtp_port = {}\nsmtp_tls = \"starttls\"\nuser = \"{}\"\nsender = \"tocsin@example.org\"\nrecipients = [\"soc@example.org\"]\nca_file = \"{}\"\n",
            sink.address().port(),
            sink.user(),
            ca.display(),
        ));
        self.set("EMAIL_PASS", sink.password());
    }

    /// An app on this folder, with or without its schedule and outbox.
    pub async fn start(&self, background: bool) -> App {
        self.try_start(background).await.unwrap()
    }

    pub async fn try_start(&self, background: bool) -> Result<App, Fault> {
        let variables = self.variables.clone();
        App::start(Options {
            paths: Paths::in_dir(self.path()),
            environment: Arc::new(move |paths| {
                let pairs = variables.iter().map(|(n, v)| (n.as_str(), v.as_str()));
                Environment::from_pairs(pairs).with_file(&paths.env_file)
            }),
            host: Arc::new(NoDesktop),
            background,
            read_only: false,
        })
        .await
    }
}

/// Whatever a test did, no secret may be left in the folder: in the database, a log, a backup, the settings.
impl Drop for Home {
    fn drop(&mut self) {
        let found = tocsin_replay::files_with_secrets(self.path());
        if !std::thread::panicking() {
            assert!(found.is_empty(), "a secret is in {found:?}");
        }
    }
}

/// The replay of the project's own fixtures.
pub fn fixtures() -> Replay {
    Replay::start(tocsin_replay::Options::default()).unwrap()
}

/// Collects one source and expects it to end well. A run that the schedule has begun is waited for.
pub async fn collect(app: &App, source: &str) -> Ended {
    let mut events = app.events().subscribe();
    let ended = loop {
        match app.collect(&SourceId::new(source), true).await {
            Err(fault) if fault.code == "already_collecting" => {
                wait_for(&mut events, |e| matches!(e, Event::SourceChanged { .. })).await;
            }
            result => break result.unwrap(),
        }
    };
    assert_eq!(ended.fault, None, "{source}");
    ended
}

pub async fn call(app: &App, name: &str, request: Value) -> Value {
    app.call(name, request)
        .await
        .unwrap_or_else(|fault| panic!("{name}: {fault:?}"))
}

/// All rows of a view, newest first.
pub async fn rows(app: &App, view: &str, query: &str) -> Vec<Value> {
    let list = call(app, "list_open", json!({ "view": view, "query": query })).await;
    let mut all = Vec::new();
    while all.len() < list["count"].as_u64().unwrap() as usize {
        let page = json!({ "list": list["list"], "offset": all.len(), "limit": 500 });
        let page = call(app, "list_rows", page).await;
        let page = page.as_array().unwrap();
        assert!(!page.is_empty());
        all.extend(page.iter().cloned());
    }
    all
}

/// The row of an alert.
pub async fn row(app: &App, uid: &str) -> Value {
    let found = rows(app, "all", "").await;
    found
        .into_iter()
        .find(|r| r["uid"] == uid)
        .unwrap_or_else(|| panic!("{uid} is not stored"))
}

/// One alert in full.
pub async fn detail(app: &App, uid: &str) -> Value {
    let id = row(app, uid).await["id"].clone();
    call(app, "alert_get", json!({ "id": id })).await
}

/// How many alerts a view has and how many of them are unread.
pub async fn counts(app: &App, view: &str) -> (u64, u64) {
    let status = call(app, "status", json!({})).await;
    let views = status["views"].as_array().unwrap();
    let found = views.iter().find(|v| v["id"] == view).unwrap();
    (
        found["count"].as_u64().unwrap(),
        found["unread"].as_u64().unwrap(),
    )
}

/// Does something to alerts, as one act.
pub async fn act(app: &App, ids: &[&Value], act: Value) -> Value {
    let target = json!({ "kind": "ids", "ids": ids });
    call(app, "triage_act", json!({ "target": target, "act": act })).await
}

/// The request that gives alerts a state.
pub fn set_state(ids: Value, state: &str) -> Value {
    json!({
        "target": { "kind": "ids", "ids": ids },
        "act": { "kind": "set_state", "state": state, "reason": null, "until": null },
    })
}

/// Adds a watch and waits until the stored alerts were looked through for it.
pub async fn watch(app: &App, term: &str) -> u64 {
    let mut events = app.events().subscribe();
    let edit =
        json!({ "kind": "add_watch", "watch": { "term": term, "aliases": [], "exceptions": [] } });
    call(app, "settings_edit", json!({ "edit": edit })).await;
    loop {
        let watches = call(app, "watches_list", json!({})).await;
        let found = watches.as_array().unwrap().iter();
        let found = found.clone().find(|w| w["watch"]["term"] == term).unwrap();
        if let Some(alerts) = found["alerts"].as_u64() {
            return alerts;
        }
        let heard = tokio::time::timeout(PATIENCE, events.recv()).await;
        heard.expect("the watch was never counted").ok();
    }
}

/// Waits for an event.
pub async fn wait_for(
    events: &mut tokio::sync::broadcast::Receiver<Event>,
    wanted: impl Fn(&Event) -> bool,
) {
    let found = async {
        loop {
            match events.recv().await {
                Ok(event) if wanted(&event) => return,
                Ok(_) | Err(tokio::sync::broadcast::error::RecvError::Lagged(_)) => {}
                Err(error) => panic!("{error}"),
            }
        }
    };
    tokio::time::timeout(PATIENCE, found)
        .await
        .expect("the event never came");
}

/// A record in NVD's form.
pub fn record(id: &str, modified: &str, extra: Value) -> Value {
    let mut cve = json!({
        "id": id,
        "sourceIdentifier": "cna@example.org",
        "published": "2026-06-29T10:00:00.000",
        "lastModified": modified,
        "vulnStatus": "Received",
        "descriptions": [{ "lang": "en", "value": "Acme Router 1.0 allows a remote attacker to run commands." }],
        "references": [],
    });
    for (key, value) in extra.as_object().unwrap() {
        cve[key] = value.clone();
    }
    json!({ "cve": cve })
}

/// Scored by its CNA.
pub fn score(value: f64) -> Value {
    json!({ "metrics": { "cvssMetricV31": [{
        "source": "cna@example.org",
        "type": "Secondary",
        "cvssData": { "version": "3.1", "vectorString": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", "baseScore": value, "baseSeverity": "X" },
    }] } })
}

/// RFC 3339 without a zone, as NVD writes it, `seconds` after the replay's now.
pub fn soon(replay: &Replay, seconds: i64) -> String {
    (replay.now() + Duration::from_secs(u64::try_from(seconds).unwrap()))
        .format("%Y-%m-%dT%H:%M:%S.000")
        .to_string()
}

/// Lets an hour pass, for the replay and for the app.
pub fn an_hour_passes(replay: &Replay, app: &App) {
    replay.advance(Duration::from_secs(3600));
    app.clock().advance_ms(3_600_000);
}

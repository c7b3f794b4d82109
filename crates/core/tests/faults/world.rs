//! Three sources on three sites of the replay, which are known by name only to this app's client: a test
//! can have a name fail and come back.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use serde_json::{Value, json};
use tocsin_core::app::App;
use tocsin_core::model::{RunOutcome, SourceId, Time};
use tocsin_core::pipeline::Ended;
use tocsin_replay::{Options, Replay};

use crate::common::{self, Home, call};

pub const NEWS: &str = "/TheHackersNews";
pub const NVD: &str = "/rest/json/cves/2.0";
const OWASP: &str = "/Top10/2025/";

/// Long enough for an answer of the replay, and for a dripping one too short.
pub const HURRY: Duration = Duration::from_secs(6);
/// A test that waits so long has failed.
const PATIENCE: Duration = Duration::from_secs(60);

pub struct World {
    pub replay: Replay,
    pub app: App,
    _home: Home,
}

/// The names of the sites, by source.
pub const SITES: [(&str, &str); 3] = [
    ("nvd", "nvd.example"),
    ("thehackernews", "news.example"),
    ("owasp", "owasp.example"),
];

impl World {
    pub async fn new(background: bool) -> Self {
        Self::with(background, "", |_| {}).await
    }

    /// With more settings, and something done to the replay before the app starts.
    pub async fn with(background: bool, more: &str, before: impl FnOnce(&Replay)) -> Self {
        let replay = Replay::start(Options::default()).unwrap();
        before(&replay);
        let home = Home::against(&replay);
        home.settings(&settings(&replay, more));
        let app = home.start(false).await;
        let world = Self {
            replay,
            app,
            _home: home,
        };
        world.app.http().hurry(HURRY);
        world.all_sites(true);
        if background {
            world.app.run_schedule();
        }
        world
    }

    /// Has all sites' names lead to the replay, or nowhere.
    pub fn all_sites(&self, is_there: bool) {
        for (_, name) in SITES {
            self.site(name, is_there);
        }
    }

    pub fn site(&self, name: &str, is_there: bool) {
        let here = [IpAddr::V4(Ipv4Addr::LOCALHOST)];
        self.app
            .http()
            .names()
            .set(name, if is_there { &here } else { &[] });
    }

    /// Collects a source that is to fail, and says how.
    pub async fn fails(&self, source: &str) -> Ended {
        let ended = self
            .app
            .collect(&SourceId::new(source), true)
            .await
            .unwrap();
        assert_eq!(ended.outcome, RunOutcome::Failed, "{ended:?}");
        ended
    }

    /// Collects the other sources, which is to go well, and finds them healthy.
    pub async fn others_work(&self, failing: &str) {
        for (source, _) in SITES.iter().filter(|(source, _)| *source != failing) {
            common::collect(&self.app, source).await;
            let row = self.row(source).await;
            assert_eq!(row["condition"]["kind"], "fine", "{row}");
            assert_eq!(row["health"]["fault"], Value::Null);
        }
    }

    pub async fn row(&self, source: &str) -> Value {
        let rows = call(&self.app, "sources_list", json!({})).await;
        let rows = rows.as_array().unwrap().iter();
        rows.clone()
            .find(|row| row["id"] == source)
            .unwrap()
            .clone()
    }

    pub async fn runs(&self, source: &str) -> Vec<Value> {
        let runs = call(&self.app, "source_runs", json!({ "source": source })).await;
        runs.as_array().unwrap().clone()
    }

    /// The kinds of notes in a source's log, newest first.
    pub async fn notes(&self, source: &str) -> Vec<String> {
        let runs = self.runs(source).await;
        let kinds = runs.iter().filter_map(|run| run["note"]["kind"].as_str());
        kinds.map(str::to_owned).collect()
    }

    /// Lets the clock of the app run, half a second at a time, until something is so.
    pub async fn until(&self, what: &str, mut is_so: impl AsyncFnMut(&Self) -> bool) {
        let waiting = async {
            let mut events = self.app.events().subscribe();
            while !is_so(self).await {
                // The clock stands while something happens, so that a busy machine is not late by it.
                let quiet = tokio::time::timeout(Duration::from_millis(20), events.recv()).await;
                if quiet.is_err() {
                    let before = self.app.now();
                    self.app.clock().advance_ms(500);
                    let after = Time(before.ms() + 500);
                    self.app.schedule_has_looked(after).await;
                }
            }
        };
        let done = tokio::time::timeout(PATIENCE, waiting).await;
        if done.is_err() {
            panic!(
                "never: {what}; at {:?}{}",
                self.app.now(),
                self.said().await
            );
        }
    }

    /// What is known of the sources, for whoever looks for what went wrong.
    async fn said(&self) -> String {
        let mut said = String::new();
        for (source, _) in SITES {
            let row = self.row(source).await;
            said += &format!(
                "\n{source}: {} due {}",
                row["condition"], row["health"]["next_attempt"]
            );
            for run in self.runs(source).await {
                said += &format!(
                    "\n  {} {} {} {}",
                    run["started"], run["trigger"], run["outcome"], run["note"]
                );
            }
        }
        said
    }

    /// Lets minutes pass, one at a time: a machine that is awake.
    pub async fn minutes(&self, minutes: u32) {
        let mut events = self.app.events().subscribe();
        for _ in 0..minutes {
            self.app.clock().advance_ms(60_000);
            let _ = tokio::time::timeout(Duration::from_millis(20), events.recv()).await;
        }
    }

    /// Until every source has ended a run that was made for this reason.
    pub async fn until_all(&self, trigger: &str) {
        self.until(trigger, async |world: &Self| {
            for (source, _) in SITES {
                let runs = world.runs(source).await;
                let is_done =
                    |run: &Value| run["trigger"] == trigger && run["outcome"] == "succeeded";
                if !runs.iter().any(is_done) {
                    return false;
                }
            }
            true
        })
        .await;
    }

    pub async fn stop(self) {
        self.app.stop().await;
    }
}

fn settings(replay: &Replay, more: &str) -> String {
    let port = replay.address().port();
    let mut text = "[channels.desktop]\nenabled = false\n".to_owned();
    for ((source, name), path) in SITES.iter().zip([NVD, NEWS, OWASP]) {
        text.push_str(&format!(
            "\n[sources.{source}]\nurl = \"http://{name}:{port}{path}\"\nallow_private = true\n"
        ));
        if *source == "nvd" {
            text.push_str("pause_ms = 0\nbackoff_ms = 0\n");
        }
    }
    text.push_str(more);
    text
}

//! From what sources say to rows of the outbox, through the real app: which change goes where, when, once.

#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "../common/mod.rs"]
mod common;

mod backtest;
mod quietly;
mod times;
mod triggers;

use std::time::Duration;

use common::{Home, collect, fixtures, record, score, soon};
use rusqlite::Connection;
use serde_json::{Value, json};
use tocsin_core::app::App;
use tocsin_core::model::Time;
use tocsin_replay::Replay;

const KEV: &str = "/sites/default/files/feeds/known_exploited_vulnerabilities.json";
const EPSS: &str = "/epss_scores-current.csv.gz";
const FEED: &str = "/TheHackersNews";

const ONE: &str = "CVE-2026-91000";
const TWO: &str = "CVE-2026-91001";

/// One change on its way to one channel.
#[derive(Debug, PartialEq)]
struct Row {
    channel: String,
    form: String,
    slot: Option<String>,
    due: Time,
    delivery: i64,
    uid: String,
    change: String,
    rules: Vec<String>,
}

impl Row {
    /// `email CVE-2026-91000 new a+b`
    fn text(&self) -> String {
        let rules = self.rules.join("+");
        format!("{} {} {} {rules}", self.channel, self.uid, self.change)
    }
}

/// The database of a folder, beside the app.
fn beside(home: &Home) -> Connection {
    Connection::open(home.path().join("tocsin.db")).unwrap()
}

/// What is in the outbox, by channel, alert and change.
fn outbox(home: &Home) -> Vec<Row> {
    let conn = beside(home);
    let mut statement = conn
        .prepare("SELECT s.channel, d.form, d.slot, d.due, d.id, a.uid, s.change, s.rules FROM delivery_alerts s JOIN deliveries d ON d.id = s.delivery JOIN alerts a ON a.id = s.alert ORDER BY s.channel, a.uid, s.at, s.change")
        .unwrap();
    let rows = statement.query_map([], |row| {
        Ok(Row {
            channel: row.get(0)?,
            form: row.get(1)?,
            slot: row.get(2)?,
            due: Time(row.get(3)?),
            delivery: row.get(4)?,
            uid: row.get(5)?,
            change: row.get(6)?,
            rules: serde_json::from_str(&row.get::<_, String>(7)?).unwrap(),
        })
    });
    rows.unwrap().map(Result::unwrap).collect()
}

fn texts(home: &Home) -> Vec<String> {
    outbox(home).iter().map(Row::text).collect()
}

/// Settings with the channels `email` and `night` on, the built-in rules off, and these.
fn set(home: &Home, more: &str) {
    home.settings(&format!(
        "[channels.desktop]\nenabled = true\n[channels.email]\nenabled = true\nrecipients = [\"soc@example.org\"]\n[channels.night]\nkind = \"email\"\nenabled = true\nrecipients = [\"night@example.org\"]\n[rules.desktop]\nenabled = false\n[rules.default]\nenabled = false\n{more}"
    ));
}

/// A rule for one change, named after it.
fn rule(change: &str, channels: &str) -> String {
    format!("[rules.{change}]\nchannels = [{channels}]\nchanges = [\"{change}\"]\n")
}

/// Stores a record as of the replay's next second.
fn put(replay: &Replay, id: &str, more: Value) {
    let record = record(id, &soon(replay, 1), more);
    replay.put_nvd(&record).unwrap();
}

fn put_kev(replay: &Replay, ids: &[&str]) {
    let entries: Vec<Value> = ids
        .iter()
        .map(|id| {
            json!({
                "cveID": id, "vulnerabilityName": format!("Flaw {id}"), "dateAdded": "2026-06-01",
                "requiredAction": "Apply updates.", "dueDate": "2026-07-01", "knownRansomwareCampaignUse": "Known",
            })
        })
        .collect();
    let released = replay.now().to_rfc3339();
    let body =
        json!({ "dateReleased": released, "count": entries.len(), "vulnerabilities": entries });
    replay.put_page(KEV, "application/json", body.to_string());
}

fn put_epss(replay: &Replay, day: &str, scores: &[(&str, &str)]) {
    let mut text = format!("#model_version:v1,score_date:{day}T12:00:00Z\ncve,epss,percentile\n");
    for (id, score) in scores {
        text.push_str(&format!("{id},{score},0.5\n"));
    }
    replay.put_page(EPSS, "application/gzip", text);
}

fn put_article(replay: &Replay, title: &str) {
    let date = replay.now().to_rfc2822();
    let item = format!(
        "<item><title>{title}</title><link>https://example.org/1</link><guid>1</guid><pubDate>{date}</pubDate><description>About {title}.</description></item>"
    );
    let feed = format!(
        "<rss version=\"2.0\"><channel><title>t</title><link>https://example.org</link><description>d</description>{item}</channel></rss>"
    );
    replay.put_page(FEED, "application/rss+xml", feed);
}

/// An app that has had its first collection of all these, with two records of Medium.
async fn after_first(replay: &Replay, home: &Home, sources: &[&str]) -> App {
    put(replay, ONE, score(5.0));
    put(replay, TWO, score(5.0));
    passes(replay, None, 60);
    let app = home.start(false).await;
    let behind = replay.now().timestamp_millis() - app.now().ms();
    app.clock().advance_ms(behind.max(0));
    for source in sources {
        collect(&app, source).await;
    }
    assert_eq!(texts(home), Vec::<String>::new());
    app
}

/// Lets time pass, for the replay and for the app.
fn passes(replay: &Replay, app: Option<&App>, seconds: i64) {
    replay.advance(Duration::from_secs(seconds.unsigned_abs()));
    if let Some(app) = app {
        app.clock().advance_ms(seconds * 1000);
    }
}

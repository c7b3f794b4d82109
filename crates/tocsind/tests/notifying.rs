//! A burst of alerts to channels that are throttled and fail at random, with `kill -9` on the way: every alert is
//! accounted for, nothing goes out twice, the order and the limits are kept.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod burst;
mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use common::{Daemon, Dice, Folder, is_full, number};
use rusqlite::{Connection, OpenFlags};
use tocsin_replay::{Fault, Replay};

/// Alerts, and how often the daemon is killed.
fn size() -> (usize, usize) {
    if is_full() { (10_000, 50) } else { (600, 5) }
}

/// The burst's CVEs.
const LIKE: &str = "a.uid LIKE 'CVE-2026-9_____'";

/// Longer than NVD's interval, so that it is read at the next start; and what passes between two kills else. All
/// together stays below the three days after which a message expires.
const UNTIL_COLLECTED: Duration = Duration::from_secs(3 * 3600);
const STEP: Duration = Duration::from_secs(30 * 60);
const LAST_STEP: Duration = Duration::from_secs(2 * 3600);

/// How long all that is due may take on a slow machine.
const PATIENCE: Duration = Duration::from_secs(1_200);

fn arrived(replay: &Replay) -> usize {
    replay.slack().arrived() + replay.telegram().arrived() + replay.smtp().arrived()
}

/// The daemon's database, beside it.
fn beside(folder: &Folder) -> Connection {
    let path = folder.path().join("tocsin.db");
    let conn = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    conn.busy_timeout(Duration::from_secs(10)).unwrap();
    conn
}

fn stored(conn: &Connection) -> usize {
    let count = number(conn, &format!("SELECT count(*) FROM alerts a WHERE {LIKE}"));
    usize::try_from(count).unwrap()
}

/// Whether something is not decided yet: at all, or of what is due at some moment. Asked all the time, so it ends at
/// the first that is found.
fn is_open(conn: &Connection, due: Option<i64>) -> bool {
    let until = due.unwrap_or(i64::MAX);
    let sql = format!(
        "SELECT EXISTS (SELECT 1 FROM deliveries WHERE state = 'sending' OR (state IN ('waiting', 'retrying') AND next_attempt <= {until}))"
    );
    number(conn, &sql) == 1
}

/// Starts the daemon and kills it somewhere in its work; what is killed may be reading a page, or sending.
async fn kill_once(folder: &Folder, replay: &Replay, dice: &mut Dice, per_round: usize) {
    let (alerts, _) = size();
    let conn = beside(folder);
    let is_read = stored(&conn) == alerts;
    replay.advance(if is_read { STEP } else { UNTIL_COLLECTED });
    replay.clear_requests();
    let before = arrived(replay);
    // The first pages are read slowly enough to be killed between two of them.
    let pages = 1 + usize::try_from(dice.below(5)).unwrap();
    let is_at_page = stored(&conn) < alerts / 2;
    replay.clear_faults();
    if is_at_page {
        replay.set_fault(Fault::at("/rest/json/cves/2.0").delay_ms(40));
    }
    let due = replay.now().timestamp_millis();
    let more = usize::try_from(dice.below(2 * per_round as u64)).unwrap();
    let mut daemon = Daemon::start(folder, replay);
    let has_read = || {
        let asked = replay.requests();
        asked
            .iter()
            .filter(|r| r.path.starts_with("/rest/"))
            .count()
            >= pages
    };
    let has_sent = || {
        let enough = arrived(replay) >= before + more;
        enough || (!is_open(&conn, Some(due)) && stored(&conn) == alerts)
    };
    daemon
        .until_within(
            PATIENCE,
            || if is_at_page { has_read() } else { has_sent() },
        )
        .await;
    daemon.kill();
}

/// Lets hours pass until nothing waits any more.
async fn drain(folder: &Folder, replay: &Replay) {
    let (alerts, _) = size();
    replay.clear_faults();
    // As many as a message is tried, and what it takes to read the rest.
    for _ in 0..14 {
        let conn = beside(folder);
        if !is_open(&conn, None) && stored(&conn) == alerts {
            return;
        }
        let is_read = stored(&conn) == alerts;
        replay.advance(if is_read { LAST_STEP } else { UNTIL_COLLECTED });
        let due = replay.now().timestamp_millis();
        let mut daemon = Daemon::start(folder, replay);
        daemon
            .until_within(PATIENCE, || {
                !is_open(&conn, Some(due)) && stored(&conn) == alerts
            })
            .await;
        let (_, status) = daemon.terminate();
        assert!(status.success(), "{status}");
    }
    let conn = beside(folder);
    assert!(!is_open(&conn, None), "something waits for ever");
}

/// What became of one alert on one channel.
#[derive(Debug, Clone)]
struct Fate {
    uid: String,
    channel: String,
    delivery: i64,
    form: String,
    state: String,
    fault: Option<String>,
    due: i64,
}

fn fates(conn: &Connection) -> Vec<Fate> {
    let sql = format!(
        "SELECT a.uid, da.channel, d.id, d.form, d.state, d.fault, d.due FROM delivery_alerts da JOIN deliveries d ON d.id = da.delivery JOIN alerts a ON a.id = da.alert WHERE {LIKE} ORDER BY d.due, d.id"
    );
    let mut statement = conn.prepare(&sql).unwrap();
    let rows = statement.query_map([], |row| {
        Ok(Fate {
            uid: row.get(0)?,
            channel: row.get(1)?,
            delivery: row.get(2)?,
            form: row.get(3)?,
            state: row.get(4)?,
            fault: row.get(5)?,
            due: row.get(6)?,
        })
    });
    rows.unwrap().map(Result::unwrap).collect()
}

/// The burst's CVEs that a message names.
fn named(text: &str) -> BTreeSet<String> {
    const STEM: &str = "CVE-2026-9";
    let found = text.match_indices(STEM).filter_map(|(at, _)| {
        let name = text.get(at..at + STEM.len() + 5)?;
        let digits = &name[STEM.len()..];
        digits
            .bytes()
            .all(|b| b.is_ascii_digit())
            .then(|| name.to_owned())
    });
    found.collect()
}

/// By channel, what each message that its sink took names.
fn taken(replay: &Replay) -> BTreeMap<&'static str, Vec<BTreeSet<String>>> {
    let slack = replay.slack().messages().into_iter();
    let telegram = replay.telegram().messages().into_iter();
    let mail = replay.smtp().messages().into_iter();
    BTreeMap::from([
        (
            "slack",
            slack.map(|m| named(&m.payload.to_string())).collect(),
        ),
        ("telegram", telegram.map(|m| named(&m.text)).collect()),
        // Lines that were too long for a mail are joined again.
        (
            "email",
            mail.map(|m| named(&m.text().replace("=\r\n", "")))
                .collect(),
        ),
    ])
}

#[tokio::test(flavor = "multi_thread")]
async fn a_burst_to_failing_channels_with_kills_on_the_way_loses_and_doubles_nothing() {
    let (alerts, kills) = size();
    let replay = burst::sinks();
    let mut folder = Folder::against(&replay);
    folder.mail_to_sink(&replay, &burst::settings(alerts));
    folder.set("SLACK_TOKEN", replay.slack().token());
    folder.set("TELEGRAM_TOKEN", replay.telegram().token());
    folder.set("KEYWORDS", "router");
    folder.collect(&replay);
    assert_eq!(arrived(&replay), 0, "a first collection notified");

    burst::put(&replay, alerts);
    let mut dice = Dice(6);
    // Three channels, and some messages more than once.
    let per_round = alerts * 3 * 14 / 10 / kills;
    for _ in 0..kills {
        kill_once(&folder, &replay, &mut dice, per_round).await;
    }
    drain(&folder, &replay).await;

    let conn = common::whole(&folder.path().join("tocsin.db"));
    let fates = fates(&conn);
    every_alert_is_accounted_for(&fates, alerts);
    nothing_came_twice(&replay, &fates);
    first_attempts_were_in_order(&replay, &conn, &fates);
    let exceeded = [
        replay.slack().exceeded(),
        replay.telegram().exceeded(),
        replay.smtp().exceeded(),
    ];
    assert_eq!(exceeded, [0, 0, 0], "a limit was exceeded");
    let attempts = number(&conn, "SELECT count(*) FROM attempts");
    let deliveries = number(&conn, "SELECT count(*) FROM deliveries");
    assert!(attempts > deliveries, "nothing was tried again");
    let mut counted: BTreeMap<String, usize> = BTreeMap::new();
    for fate in &fates {
        let key = format!("{} {} {}", fate.channel, fate.form, fate.state);
        *counted.entry(key).or_default() += 1;
    }
    println!(
        "measured: {alerts} alerts, {kills} kills, {deliveries} messages, {attempts} attempts: {counted:?}"
    );
}

/// Each alert once on each channel, and each of them sent, in a digest, failed with a reason or "unknown".
fn every_alert_is_accounted_for(fates: &[Fate], alerts: usize) {
    for channel in ["slack", "telegram", "email"] {
        let here: Vec<&Fate> = fates.iter().filter(|f| f.channel == channel).collect();
        let uids: BTreeSet<&str> = here.iter().map(|f| f.uid.as_str()).collect();
        assert_eq!(uids.len(), alerts, "{channel}: an alert was not routed");
        assert_eq!(here.len(), alerts, "{channel}: an alert was routed twice");
        for fate in &here {
            match fate.state.as_str() {
                "sent" => {}
                "failed" | "unknown" => assert!(fate.fault.is_some(), "{fate:?}"),
                _ => panic!("{fate:?}"),
            }
        }
        let count = |state: &str| here.iter().filter(|f| f.state == state).count();
        assert!(count("sent") > alerts / 2, "{channel}: {}", count("sent"));
        // Connections that ended without an answer leave nothing else to say.
        assert!(count("unknown") > 0, "{channel}");
    }
    let capped = |f: &&Fate| f.channel == "telegram" && f.form == "digest";
    assert!(fates.iter().filter(capped).count() > alerts / 4);
}

/// What is sent was seen once, what failed was not seen, what is unknown was seen once at most.
fn nothing_came_twice(replay: &Replay, fates: &[Fate]) {
    let taken = taken(replay);
    let mut seen: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for (channel, messages) in &taken {
        for uid in messages.iter().flatten() {
            *seen.entry((channel, uid)).or_default() += 1;
        }
    }
    for fate in fates {
        let key = (fate.channel.as_str(), fate.uid.as_str());
        let times = seen.get(&key).copied().unwrap_or(0);
        let is_right = match (fate.state.as_str(), fate.form.as_str()) {
            ("sent", "alerts") => times == 1,
            // A digest lists its first ones and counts the rest.
            ("sent", _) | ("unknown", _) => times <= 1,
            _ => times == 0,
        };
        assert!(is_right, "seen {times} times: {fate:?}");
    }
    let doubled = [
        replay.slack().duplicates(),
        replay.telegram().duplicates(),
        replay.smtp().duplicates(),
    ];
    assert_eq!(doubled, [0, 0, 0]);
}

/// By what the daemon noted, and by what the chat services saw first, be it refused.
fn first_attempts_were_in_order(replay: &Replay, conn: &Connection, fates: &[Fate]) {
    let noted = "SELECT d.channel, d.due, d.id FROM deliveries d JOIN (SELECT delivery, min(id) AS first FROM attempts GROUP BY delivery) t ON t.delivery = d.id ORDER BY t.first";
    let mut statement = conn.prepare(noted).unwrap();
    let rows = statement.query_map([], |row| {
        Ok((
            row.get::<_, String>(0)?,
            (row.get::<_, i64>(1)?, row.get::<_, i64>(2)?),
        ))
    });
    let mut last: BTreeMap<String, (i64, i64)> = BTreeMap::new();
    for (channel, place) in rows.unwrap().map(Result::unwrap) {
        let before = last.insert(channel.clone(), place);
        assert!(
            before.is_none_or(|b| b < place),
            "{channel}: {place:?} after {before:?}"
        );
    }
    let slack = replay.slack().arrivals().into_iter();
    let telegram = replay.telegram().arrivals().into_iter();
    let arrivals: [(&str, Vec<BTreeSet<String>>); 2] = [
        (
            "slack",
            slack.map(|m| named(&m.payload.to_string())).collect(),
        ),
        ("telegram", telegram.map(|m| named(&m.sent)).collect()),
    ];
    for (channel, arrivals) in arrivals {
        // `fates` are in the order of time and number.
        let alone = fates
            .iter()
            .filter(|f| f.channel == channel && f.form == "alerts");
        let places = alone.map(|f| (f.uid.as_str(), (f.due, f.delivery)));
        let places: BTreeMap<&str, (i64, i64)> = places.collect();
        let mut known = BTreeSet::new();
        let mut last = None;
        for message in arrivals.iter().filter(|m| m.len() == 1) {
            let Some((uid, place)) = message
                .first()
                .and_then(|uid| places.get_key_value(uid.as_str()))
            else {
                continue;
            };
            if known.insert(*uid) {
                assert!(last < Some(*place), "{channel}: {uid} came too late");
                last = Some(*place);
            }
        }
        assert!(known.len() > places.len() / 2, "{channel}: {}", known.len());
    }
}

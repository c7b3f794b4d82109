//! How SQLite answers what the interface asks: by a key or an index, never by walking a table that grows
//! with what is collected. (What lists count and order comes from the index in memory.)

use std::cell::RefCell;
use std::collections::BTreeSet;

use rusqlite::Connection;

use super::deliveries::{Folder, Wanted};
use super::{
    Db, Open, Read, StoreError, alerts, attempts, changes, channels, db, deliveries, enrich, list,
    news, notes, search, sources, tags, triage, watches,
};
use crate::model::{
    Alert, AlertId, ChangeKind, ChannelId, DeliveryForm, DeliveryId, Facts, Finding, Kind, Reason,
    Relevance, SeverityBasis, Sort, SourceId, Subject, Time,
};
use crate::query;

thread_local! {
    static PREPARED: RefCell<BTreeSet<String>> = const { RefCell::new(BTreeSet::new()) };
}

/// Called with every statement that is prepared on this thread.
pub(super) fn note(sql: &str) {
    PREPARED.with_borrow_mut(|all| all.insert(sql.to_owned()));
}

/// Tables that do not grow with what is collected, and the user's tags: those that exist are read whole.
const SMALL: [&str; 6] = ["sources", "watches", "mutes", "tags", "meta", "channels"];

/// Words, fields, dates, negations, alone and together.
const QUERIES: [&str; 24] = [
    "",
    "nginx",
    "\"remote code\"",
    "vuln*",
    "title:nginx",
    "text:overflow -nginx",
    "nginx OR apache",
    "nginx severity:high kev:true",
    "(nginx severity:high) OR (apache -kev:true)",
    "CVE-2026-1000",
    "CVE-2026",
    "id:feed:x:1",
    "-CVE-2026-1000",
    "severity>=medium",
    "state:open relevant:true",
    "product:windows",
    "vendor=microsoft",
    "cwe:79 -tag:done",
    "watch:*",
    "cvss:7..9 epss>0.5",
    "published:<7d",
    "added:2026-11-01..",
    "-updated:<30d nginx",
    "kind:article source:thn category:malware",
];

#[test]
fn nothing_that_the_interface_asks_walks_a_table() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("tocsin.db");
    let db = Db::open(&path, Open::Write).unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let id = runtime
        .block_on(db.write(|w| {
            let (alert, finding) = alert();
            let id = alerts::insert(w, &alert, &finding, Time(0), true)?;
            let entry = deliveries::Entry {
                channel: &ChannelId("email".into()),
                subject: Subject {
                    alert: id,
                    change: ChangeKind::New,
                    at: Time(0),
                },
                rules: &[],
                form: DeliveryForm::Alerts,
                due: Time(0),
                slot: None,
            };
            deliveries::enqueue(w, &[entry], Time(0))?;
            Ok(id)
        }))
        .unwrap();
    db::read_here(&path, |r, conn| {
        PREPARED.take();
        ask_everything(r, id)?;
        let all = PREPARED.take();
        assert!(all.len() > 20, "{all:?}");
        let walks: Vec<String> = all.iter().flat_map(|sql| walks(conn, sql)).collect();
        assert!(walks.is_empty(), "{}", walks.join("\n"));
        Ok(())
    })
    .unwrap();
}

#[test]
fn a_walk_over_a_table_is_noticed() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("tocsin.db");
    drop(Db::open(&path, Open::Write).unwrap());
    db::read_here(&path, |_, conn| {
        for sql in [
            "SELECT count(*) FROM contents WHERE title LIKE '%x%'",
            "SELECT id FROM alerts WHERE state = 'new' ORDER BY id DESC",
            "SELECT title FROM search",
        ] {
            assert_eq!(walks(conn, sql).len(), 1, "{sql}");
        }
        assert!(walks(conn, "SELECT id FROM alerts WHERE uid = 'x'").is_empty());
        Ok(())
    })
    .unwrap();
}

/// What each command of the interface reads.
fn ask_everything(r: &Read<'_>, id: AlertId) -> Result<(), StoreError> {
    for text in QUERIES {
        let node = query::parse(text).unwrap().lower(Time(0));
        for sort in Sort::ALL {
            list::ids(r, &node, sort)?;
            list::page(r, &node, sort, None, 50)?;
        }
        list::count(r, &node)?;
        list::added_after(r, &node, Time(-1))?;
        let texts: Vec<_> = node.texts().into_iter().cloned().collect();
        search::marks(r, &texts, id, "nginx")?;
    }
    alerts::summaries(r, &[id])?;
    alerts::get(r, id)?;
    alerts::id_of(r, "CVE-2026-1000")?;
    enrich::epss::of(r, "CVE-2026-1000")?;
    let facts = Facts {
        cwes: vec!["CWE-79".into()],
        ..Facts::default()
    };
    enrich::owasp::shown(r, &facts)?;
    changes::of(r, id)?;
    notes::of(r, id)?;
    tags::of(r, id)?;
    tags::counts(r)?;
    triage::of(r, id)?;
    triage::last(r)?;
    messages(r, id)?;
    news::since(r, Time(-1), Time(1))?;
    news::at_once(r, &ChannelId("email".into()), "a rule", Time(-1), Time(1))?;
    news::first_run(r)?;
    deliveries::slots_that_are_over(r, Time(0))?;
    let source = SourceId::new("nvd");
    sources::health(r, &source)?;
    sources::last_ended(r, &source)?;
    sources::runs(r, &source, 50)?;
    for which in watches::Which::ALL {
        watches::hits(r, which, "nginx", id)?;
        watches::alerts_of(r, which, "nginx")?;
        watches::complete(r, which)?;
    }
    watches::told(r, &[id])?;
    watches::told_between(r, id, AlertId(i64::MAX), 100)?;
    watches::products(r, "nginx")?;
    search::candidates(r, &["nginx"], id, 100)?;
    Ok(())
}

/// What the outbox and the screen Notifications read.
fn messages(r: &Read<'_>, id: AlertId) -> Result<(), StoreError> {
    let channel = ChannelId("email".into());
    deliveries::of(r, id)?;
    deliveries::undelivered(r)?;
    for channel in [None, Some(channel.clone())] {
        for folder in [
            Folder::All,
            Folder::OUTBOX,
            Folder::DELIVERED,
            Folder::FAILED,
            Folder::Digests,
        ] {
            deliveries::counts(r, folder, channel.as_ref())?;
            for alert in [None, Some(id)] {
                let wanted = Wanted {
                    folder,
                    channel: channel.clone(),
                    alert,
                    before: Some(DeliveryId(9)),
                    limit: 50,
                };
                deliveries::list(r, &wanted)?;
            }
        }
        deliveries::failed(r, channel.as_ref())?;
    }
    if let Some(delivery) = deliveries::get(r, DeliveryId(1))? {
        deliveries::listed(r, delivery)?;
    }
    deliveries::spoken(r, DeliveryId(1))?;
    deliveries::about(r, DeliveryId(1))?;
    deliveries::message(r, DeliveryId(1))?;
    deliveries::reference_of(r, &channel, id)?;
    changes::entry(r, id, ChangeKind::Scored, Time(0))?;
    deliveries::next(r, &channel, Time(0))?;
    deliveries::next_due(r, &channel)?;
    deliveries::next_digest(r, &channel, Time(0))?;
    deliveries::waiting(r, &channel, Time(0))?;
    deliveries::undelivered_of(r, &channel)?;
    deliveries::waiting_channels(r)?;
    deliveries::slots_that_are_over(r, Time(0))?;
    deliveries::has_slot(r, &channel, "test 2026-W48")?;
    deliveries::expired_before(r, &channel, DeliveryForm::Digest, Time(0))?;
    deliveries::has_old_messages(r, Time(0))?;
    deliveries::bell(r, 50)?;
    deliveries::unseen(r, Time(0), Time(1))?;
    deliveries::placed_ahead(r, &channel, Time(0))?;
    attempts::of(r, DeliveryId(1))?;
    attempts::ended_after(r, &channel, Time(0))?;
    channels::get(r, &channel)?;
    channels::all(r)?;
    Ok(())
}

/// Steps of a statement's plan that walk something that grows.
fn walks(conn: &Connection, sql: &str) -> Vec<String> {
    let mut statement = conn.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
    let steps = statement
        .raw_query()
        .mapped(|row| row.get::<_, String>("detail"))
        .collect::<Result<Vec<_>, _>>()
        .unwrap();
    let is_walk = |step: &String| {
        let Some(what) = step.strip_prefix("SCAN ") else {
            return false;
        };
        // FTS5 names what it was given: M for words, = for a rowid.
        let given = what
            .split_once("VIRTUAL TABLE INDEX ")
            .map(|(_, given)| given);
        let asks_words = given.is_some_and(|given| given.contains(['M', '=']));
        // The newest entries of a table, by its key, up to a limit.
        let is_newest = sql.contains("LIMIT") && sql.contains("DESC") && !sql.contains("MATCH");
        let is_small = SMALL
            .iter()
            .any(|table| sql.contains(&format!("FROM {table}")));
        // The ids that were asked for; what is inside a subquery is a step of its own.
        let is_asked = what.starts_with("wanted ") || what.starts_with("(subquery");
        !(is_asked || asks_words || is_newest || is_small || what.starts_with("CONSTANT"))
    };
    let walking = steps.into_iter().filter(is_walk);
    walking.map(|step| format!("{step}: {sql}")).collect()
}

fn alert() -> (Alert, Finding) {
    let alert = Alert {
        uid: "CVE-2026-1000".into(),
        source: SourceId::new("nvd"),
        kind: Kind::Vulnerability,
        title: "nginx: overflow".into(),
        text: "A remote code execution in nginx.".into(),
        url: None,
        published: Some(Time(0)),
        updated: None,
        facts: Facts::default(),
        hash: [0; 32],
    };
    let finding = Finding {
        severity: None,
        severity_basis: SeverityBasis::Unscored,
        relevance: Relevance {
            is_relevant: false,
            reason: Reason::NoWatch,
            matches: Vec::new(),
            ..Relevance::default()
        },
        ..Finding::default()
    };
    (alert, finding)
}

//! How SQLite answers what the interface asks: by a key or an index, never by walking a table that grows
//! with what is collected. (What lists count and order comes from the index in memory.)

use std::cell::RefCell;
use std::collections::BTreeSet;

use rusqlite::Connection;

use super::{
    Db, Open, Read, StoreError, alerts, changes, db, deliveries, enrich, list, notes, search,
    sources, tags, triage, watches,
};
use crate::model::{
    Alert, AlertId, Facts, Finding, Kind, Reason, Relevance, SeverityBasis, Sort, SourceId, Time,
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
const SMALL: [&str; 5] = ["sources", "watches", "mutes", "tags", "meta"];

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
            alerts::insert(w, &alert, &finding, Time(0), true)
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
    deliveries::of(r, id)?;
    deliveries::undelivered(r)?;
    deliveries::newest(r, 200)?;
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
        // The ids that were asked for.
        let is_asked = what.starts_with("wanted ");
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
            muted_by: Vec::new(),
        },
        category: None,
        entities: Vec::new(),
        estimate: None,
    };
    (alert, finding)
}

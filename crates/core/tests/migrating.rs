//! A database of an earlier version is brought up to date with everything in it, or left as it was.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::path::{Path, PathBuf};

use rusqlite::{Connection, params};
use serde_json::json;
use tocsin_core::model::{
    Act, AlertId, Change, CvssVersion, ExploitedBy, Happened, Product, Rating, Severity, State,
    Time, Wording,
};
use tocsin_core::store::triage::{self, unheard};
use tocsin_core::store::{Db, Open, StoreError, alerts, changes};

const FORMAT_1: &str = include_str!("../src/store/migrations/0001_first.sql");
const FORMAT_2: &str = include_str!("../src/store/migrations/0002_search.sql");

const ROUTER: AlertId = AlertId(1_790_000_000 << 20);
const SERVER: AlertId = AlertId(ROUTER.0 + 1);
const ARTICLE: AlertId = AlertId(ROUTER.0 + 2);
const GUIDANCE: AlertId = AlertId(ROUTER.0 + 3);

/// A database as format 1 left it, with something in every table.
fn format_1(dir: &Path) -> PathBuf {
    let path = dir.join("tocsin.db");
    let conn = Connection::open(&path).unwrap();
    conn.pragma_update(None, "journal_mode", "WAL").unwrap();
    conn.pragma_update(None, "foreign_keys", true).unwrap();
    conn.execute_batch(FORMAT_1).unwrap();
    conn.pragma_update(None, "user_version", 1).unwrap();
    let product = |vendor: &str, product: &str| json!({ "vendor": vendor, "product": product, "versions": "1.0" });
    let router = json!({
        "status": "Analyzed", "cwes": ["CWE-79"], "products": [product("acme", "router_os")],
        "kev": { "added": null, "due": null, "name": "Acme flaw", "action": null }, "tags": ["disputed"],
    });
    let server =
        json!({ "ssvc_exploitation": "active", "products": [product("apache", "http_server")] });
    let article = json!({ "cves": ["CVE-2026-10001"] });
    let owasp = json!({ "owasp": { "list": "top10", "edition": "2025", "code": "A01" } });
    for (id, uid, source, kind, state, facts) in [
        (
            ROUTER,
            "CVE-2026-10001",
            "nvd",
            "vulnerability",
            "done",
            &router,
        ),
        (
            SERVER,
            "CVE-2026-10002",
            "nvd",
            "vulnerability",
            "new",
            &server,
        ),
        (
            ARTICLE,
            "feed:thehackernews:abc",
            "thehackernews",
            "article",
            "done",
            &article,
        ),
        (
            GUIDANCE,
            "owasp:top10:2025:A01",
            "owasp",
            "guidance",
            "new",
            &owasp,
        ),
    ] {
        store_alert(&conn, id, uid, source, kind, state, &facts.to_string());
    }
    conn.execute_batch(&format!(
        "INSERT INTO search (search) VALUES ('rebuild');
         INSERT INTO mentions VALUES ('CVE-2026-10001', {article});
         INSERT INTO watch_hits VALUES ('router', {router});
         INSERT INTO watches VALUES ('router', '{{}}');
         INSERT INTO sources (id, memory, last_success, first_done) VALUES ('nvd', '{{\"checkpoint\":1}}', 5, 1);
         INSERT INTO runs (source, started, finished, outcome, read, new) VALUES ('nvd', 1, 2, 'succeeded', 4, 4);
         INSERT INTO deliveries (id, channel, state, created) VALUES (1, 'email', 'sent', 3);
         INSERT INTO delivery_alerts VALUES (1, {router}, 'email', 'new', 3);
         INSERT INTO triage VALUES (1, 100, 'reviewing', NULL), (2, 200, 'done', NULL), (3, 300, 'not_applicable', 400);
         INSERT INTO triage_entries VALUES (1, {router}, 'new', 1), (2, {router}, 'reviewing', 0), (2, {article}, 'new', 1), (3, {guidance}, 'new', 0);",
        router = ROUTER.0, article = ARTICLE.0, guidance = GUIDANCE.0,
    ))
    .unwrap();
    for (at, (kind, before, after)) in (1..).zip(OLD_CHANGES) {
        conn.execute(
            "INSERT INTO changes (alert, at, kind, before, after) VALUES (?1, ?2, ?3, ?4, ?5)",
            params![ROUTER.0, at, kind, before, after],
        )
        .unwrap();
    }
    path
}

/// Every kind of change, as format 1 worded it.
const OLD_CHANGES: [(&str, Option<&str>, Option<&str>); 11] = [
    ("new", None, None),
    ("scored", None, Some("5.0 v3.1")),
    ("severity_raised", Some("5.0 v3.1"), Some("9.8 v3.1")),
    ("severity_lowered", Some("high"), Some("medium")),
    ("exploited", None, None),
    (
        "products_changed",
        Some("acme router\nacme hub"),
        Some("acme router\nacme switch"),
    ),
    ("text_changed", Some("Old"), Some("New")),
    ("text_changed", None, None),
    ("rejected", Some("Received"), Some("Rejected")),
    ("severity_raised", Some("low"), Some("high")),
    ("of another age", None, None),
];

fn store_alert(
    conn: &Connection,
    id: AlertId,
    uid: &str,
    source: &str,
    kind: &str,
    state: &str,
    facts: &str,
) {
    conn.execute(
        "INSERT INTO alerts (id, uid, source, kind, title, url, published, added, hash, severity, estimated, exploited, relevant, state, unread) VALUES (?1, ?2, ?3, ?4, ?5, 'https://example.org/', 1790000000000, 1, x'00', 3, 0, 1, 1, ?6, 0)",
        params![id.0, uid, source, kind, format!("Title of {uid}"), state],
    )
    .unwrap();
    conn.execute(
        "INSERT INTO contents (id, body, products, facts) VALUES (?1, ?2, 'acme router', ?3)",
        params![id.0, format!("A gateway flaw, {kind}."), facts],
    )
    .unwrap();
    let finding = json!({
        "severity": "high", "severity_basis": { "kind": "unscored" }, "category": null, "entities": [], "estimate": null,
        "relevance": { "is_relevant": true, "reason": "watch", "matches": [
            { "watch": "router", "term": "router", "field": "products", "start": 5, "end": 11 },
        ] },
    });
    conn.execute(
        "INSERT INTO findings (id, finding) VALUES (?1, ?2)",
        params![id.0, finding.to_string()],
    )
    .unwrap();
}

fn number(conn: &Connection, sql: &str) -> i64 {
    conn.query_row(sql, [], |row| row.get(0)).unwrap()
}

fn texts(conn: &Connection, sql: &str) -> Vec<String> {
    let mut statement = conn.prepare(sql).unwrap();
    let rows = statement.query_map([], |row| row.get(0)).unwrap();
    rows.map(Result::unwrap).collect()
}

/// The facets of an alert, `facet:value`.
fn facets(conn: &Connection, id: AlertId) -> Vec<String> {
    let sql = format!("SELECT facets FROM alerts WHERE id = {}", id.0);
    let numbers: Vec<u8> = conn.query_row(&sql, [], |row| row.get(0)).unwrap();
    // Fewer than 128 values: each number is one byte.
    let mut all: Vec<String> = numbers
        .iter()
        .map(|n| {
            let sql = format!("SELECT facet || ':' || value FROM terms WHERE id = {n}");
            texts(conn, &sql).remove(0)
        })
        .collect();
    all.sort();
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_of_format_1_is_there_afterwards() {
    let dir = tempfile::tempdir().unwrap();
    let path = format_1(dir.path());
    let db = Db::open(&path, Open::Write).unwrap();
    let conn = Connection::open(&path).unwrap();
    for (table, rows) in [
        ("alerts", 4),
        ("contents", 4),
        ("findings", 4),
        ("mentions", 1),
        ("watch_hits", 1),
        ("watches", 1),
        ("sources", 1),
        ("runs", 1),
        ("deliveries", 1),
        ("delivery_alerts", 1),
        ("triage", 3),
        ("triage_entries", 4),
        ("changes", 10),
        ("alerts WHERE kev = 1", 1),
        ("search WHERE search MATCH 'gateway'", 4),
        ("search WHERE search MATCH 'title : feed'", 1),
        ("search WHERE search MATCH 'products : router'", 4),
    ] {
        let found = number(&conn, &format!("SELECT count(*) FROM {table}"));
        assert_eq!(found, rows, "{table}");
    }
    assert_eq!(texts(&conn, "PRAGMA integrity_check"), ["ok"]);
    let mut broken = conn.prepare("PRAGMA foreign_key_check").unwrap();
    assert!(broken.query([]).unwrap().next().unwrap().is_none());
    conn.execute(
        "INSERT INTO search (search, rank) VALUES ('integrity-check', 1)",
        [],
    )
    .unwrap();
    assert_eq!(
        facets(&conn, ROUTER),
        [
            "12:disputed",
            "13:router",
            "4:cwe 79",
            "6:acme",
            "7:router os"
        ]
    );
    assert_eq!(
        facets(&conn, GUIDANCE),
        ["13:router", "5:a01", "5:a01 2025"]
    );

    let server = db.read(|r| alerts::get(r, SERVER)).await.unwrap().unwrap();
    assert_eq!(server.summary.title, "Title of CVE-2026-10002");
    assert_eq!(server.summary.url.as_deref(), Some("https://example.org/"));
    assert_eq!(server.facts.exploited(), Some(ExploitedBy::Ssvc));
    db.close().await;

    let copy = Connection::open(backup_of(dir.path())).unwrap();
    assert_eq!(number(&copy, "PRAGMA user_version"), 1);
    assert_eq!(number(&copy, "SELECT count(*) FROM triage_entries"), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_history_of_format_1_is_typed() {
    let dir = tempfile::tempdir().unwrap();
    let db = Db::open(&format_1(dir.path()), Open::Write).unwrap();
    let mut history = db.read(|r| changes::of(r, ROUTER)).await.unwrap();
    history.reverse();
    let rating = |score| {
        Some(Rating {
            score,
            version: CvssVersion::V31,
        })
    };
    let level = Some;
    let products = |product: &str| {
        vec![Product {
            vendor: String::new(),
            product: product.to_owned(),
            versions: String::new(),
        }]
    };
    let title = |title: &str| Wording {
        title: Some(title.to_owned()),
        text: None,
    };
    let word = |word: &str| Some(word.to_owned());
    let (high, medium) = (level(Severity::High), level(Severity::Medium));
    #[rustfmt::skip]
    let expect = [
        (2, Happened::Scored { before: None, after: rating(5.0) }),
        (3, Happened::Scored { before: rating(5.0), after: rating(9.8) }),
        (3, Happened::SeverityRaised { before: medium, after: high }),
        (4, Happened::SeverityLowered { before: high, after: medium }),
        (5, Happened::Exploited { before: None, after: Some(ExploitedBy::Kev) }),
        (6, Happened::ProductsChanged { added: products("acme switch"), removed: products("acme hub") }),
        (7, Happened::TextChanged { before: title("Old"), after: title("New") }),
        (8, Happened::TextChanged { before: Wording::default(), after: Wording::default() }),
        (9, Happened::Rejected { before: word("Received"), after: word("Rejected") }),
        (10, Happened::SeverityRaised { before: level(Severity::Low), after: high }),
    ];
    let mut all = vec![Change {
        at: Time(1),
        what: Happened::New,
    }];
    all.extend(expect.map(|(at, what)| Change { at: Time(at), what }));
    assert_eq!(history, all);
}

#[tokio::test(flavor = "multi_thread")]
async fn acts_of_format_1_are_undone_one_by_one() {
    let dir = tempfile::tempdir().unwrap();
    let path = format_1(dir.path());
    let db = Db::open(&path, Open::Write).unwrap();
    let states = || {
        let conn = Connection::open(&path).unwrap();
        texts(
            &conn,
            "SELECT state || ' ' || unread FROM alerts ORDER BY id",
        )
    };
    let set = |state| Act::SetState {
        state,
        reason: None,
        until: None,
    };
    let last = db.read(triage::last).await.unwrap().unwrap();
    assert_eq!((last.act, last.alerts), (set(State::Done), 2));
    assert_eq!(last.label, "CVE-2026-10001");
    let entries = db.read(|r| triage::of(r, ROUTER)).await.unwrap();
    let before: Vec<Option<State>> = entries.iter().map(|e| e.before).collect();
    assert_eq!(before, [Some(State::Reviewing), Some(State::New)]);
    for (act, expect) in [
        (
            Some(set(State::Done)),
            ["reviewing 0", "new 0", "new 1", "new 0"],
        ),
        (
            Some(set(State::Reviewing)),
            ["new 1", "new 0", "new 1", "new 0"],
        ),
        (None, ["new 1", "new 0", "new 1", "new 0"]),
    ] {
        let undone = db
            .write(|w| triage::undo(w, None, Time(500), &unheard))
            .await
            .unwrap();
        assert_eq!(undone.map(|u| u.act), act);
        assert_eq!(states(), expect);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_record_that_cannot_be_read_does_not_stop_the_others() {
    let dir = tempfile::tempdir().unwrap();
    let path = format_1(dir.path());
    let conn = Connection::open(&path).unwrap();
    let broken = AlertId(ROUTER.0 + 9);
    store_alert(
        &conn,
        broken,
        "CVE-2026-10009",
        "nvd",
        "vulnerability",
        "new",
        "{broken",
    );
    conn.execute("INSERT INTO search (search) VALUES ('rebuild')", [])
        .unwrap();
    let change = "INSERT INTO changes (alert, at, kind) VALUES (?1, 20, 'exploited')";
    conn.execute(change, [broken.0]).unwrap();
    drop(conn);
    let db = Db::open(&path, Open::Write).unwrap();
    let conn = Connection::open(&path).unwrap();
    assert!(facets(&conn, broken).is_empty());
    assert_eq!(facets(&conn, ROUTER).len(), 5);
    let history = db.read(move |r| changes::of(r, broken)).await.unwrap();
    assert_eq!(history.len(), 2);
}

#[test]
fn a_migration_that_fails_says_why_and_leaves_the_file_as_it_was() {
    let dir = tempfile::tempdir().unwrap();
    let path = format_1(dir.path());
    let conn = Connection::open(&path).unwrap();
    conn.execute_batch("CREATE TABLE terms (mine)").unwrap();
    let content = |conn: &Connection| {
        let mut all = texts(
            conn,
            "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name",
        );
        all.extend(texts(
            conn,
            "SELECT json_array(id, title, state) FROM alerts",
        ));
        all.extend(texts(
            conn,
            "SELECT json_array(id, kind, before, after) FROM changes",
        ));
        all.extend(texts(
            conn,
            "SELECT json_array(triage, alert, before, unread) FROM triage_entries",
        ));
        all
    };
    let before = content(&conn);
    for _ in 0..2 {
        let refused = Db::open(&path, Open::Write).unwrap_err();
        assert!(
            matches!(
                refused,
                StoreError::NotMigrated {
                    step: "0002_search",
                    ..
                }
            ),
            "{refused}"
        );
        assert!(
            refused.to_string().contains("terms already exists"),
            "{refused}"
        );
        assert_eq!(number(&conn, "PRAGMA user_version"), 1);
        assert_eq!(content(&conn), before);
    }
    conn.execute_batch("DROP TABLE terms").unwrap();
    drop(conn);
    drop(Db::open(&path, Open::Write).unwrap());
}

/// The copy that is made before a migration.
fn backup_of(dir: &std::path::Path) -> std::path::PathBuf {
    dir.join("backups/tocsin-before-format-2.db")
}

#[cfg(unix)]
#[test]
fn the_copy_from_before_is_for_this_user_alone_and_whole() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    let path = format_1(dir.path());
    drop(Db::open(&path, Open::Write).unwrap());
    let copy = backup_of(dir.path());
    let mode = std::fs::metadata(&copy).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let copy = Connection::open(&copy).unwrap();
    assert_eq!(texts(&copy, "PRAGMA integrity_check"), ["ok"]);
}

/// Format 2 is what Tocsin 0.2 left: sources' tables of their own came after it.
#[tokio::test(flavor = "multi_thread")]
async fn everything_of_format_2_is_there_afterwards() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("tocsin.db");
    let conn = Connection::open(&path).unwrap();
    conn.pragma_update(None, "journal_mode", "WAL").unwrap();
    conn.execute_batch(FORMAT_1).unwrap();
    conn.execute_batch(FORMAT_2).unwrap();
    conn.execute_batch("DROP TABLE changes_old").unwrap();
    conn.pragma_update(None, "user_version", 2).unwrap();
    let facts = json!({ "cwes": ["CWE-79"], "kev": { "added": null, "due": null, "name": "Acme flaw", "action": null } });
    let finding = json!({
        "severity": "high", "severity_basis": { "kind": "unscored" }, "category": null, "entities": [], "estimate": null,
        "relevance": { "is_relevant": false, "reason": "no_watch", "matches": [] },
    });
    conn.execute(
        "INSERT INTO alerts (id, uid, source, kind, published, added, hash, severity, estimated, exploited, relevant, state, unread, kev, epss) VALUES (?1, 'CVE-2026-10001', 'nvd', 'vulnerability', 1790000000000, 1, ?2, 3, 0, 1, 0, 'done', 0, 1, 0.5)",
        params![ROUTER.0, [0_u8; 32]],
    )
    .unwrap();
    conn.execute(
        "INSERT INTO contents (id, title, products, body, facts) VALUES (?1, 'Acme flaw', '', 'Text.', ?2)",
        params![ROUTER.0, facts.to_string()],
    )
    .unwrap();
    conn.execute(
        "INSERT INTO findings (id, finding) VALUES (?1, ?2)",
        params![ROUTER.0, finding.to_string()],
    )
    .unwrap();
    drop(conn);
    let db = Db::open(&path, Open::Write).unwrap();
    let stored = db.read(|r| alerts::get(r, ROUTER)).await.unwrap().unwrap();
    assert_eq!(
        (stored.summary.state, stored.summary.epss),
        (State::Done, Some(0.5))
    );
    assert_eq!(stored.facts.kev.unwrap().name.as_deref(), Some("Acme flaw"));
    let conn = Connection::open(&path).unwrap();
    for table in ["kev", "kev_own", "epss", "owasp_editions", "owasp_map"] {
        assert_eq!(number(&conn, &format!("SELECT count(*) FROM {table}")), 0);
    }
    assert_eq!(texts(&conn, "PRAGMA integrity_check"), ["ok"]);
}

//! A database of format 3 is brought to format 4: what watches matched is kept, nothing is muted yet.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use rusqlite::{Connection, params};
use serde_json::json;
use tocsin_core::model::AlertId;
use tocsin_core::store::watches::{self, Which};
use tocsin_core::store::{Db, Open, alerts};

const FORMATS: [&str; 3] = [
    include_str!("../src/store/migrations/0001_first.sql"),
    include_str!("../src/store/migrations/0002_search.sql"),
    include_str!("../src/store/migrations/0003_sources.sql"),
];

const ROUTER: AlertId = AlertId(1_790_000_000 << 20);

#[tokio::test(flavor = "multi_thread")]
async fn everything_of_format_3_is_there_afterwards() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("tocsin.db");
    let conn = Connection::open(&path).unwrap();
    conn.pragma_update(None, "journal_mode", "WAL").unwrap();
    for format in FORMATS {
        conn.execute_batch(format).unwrap();
    }
    conn.execute_batch("DROP TABLE changes_old").unwrap();
    conn.pragma_update(None, "user_version", 3).unwrap();
    let finding = json!({
        "severity": "high", "severity_basis": { "kind": "unscored" }, "category": null, "entities": [], "estimate": null,
        "relevance": { "is_relevant": true, "reason": "watch", "matches": [
            { "watch": "router", "term": "router", "field": "title", "start": 5, "end": 11 },
        ] },
    });
    conn.execute(
        "INSERT INTO alerts (id, uid, source, kind, published, added, hash, severity, estimated, exploited, relevant, state, unread) VALUES (?1, 'CVE-2026-10001', 'nvd', 'vulnerability', 1790000000000, 1, ?2, 3, 0, 0, 1, 'reviewing', 1)",
        params![ROUTER.0, [0_u8; 32]],
    )
    .unwrap();
    conn.execute(
        "INSERT INTO contents (id, title, products, body, facts) VALUES (?1, 'Acme router', '', 'Text.', '{}')",
        params![ROUTER.0],
    )
    .unwrap();
    conn.execute(
        "INSERT INTO findings (id, finding) VALUES (?1, ?2)",
        params![ROUTER.0, finding.to_string()],
    )
    .unwrap();
    conn.execute_batch(&format!(
        "INSERT INTO search (search) VALUES ('rebuild');
         INSERT INTO watch_hits VALUES ('router', {});
         INSERT INTO watches VALUES ('router', '{{\"term\":\"router\",\"aliases\":[],\"exceptions\":[]}}');",
        ROUTER.0
    ))
    .unwrap();
    drop(conn);

    let db = Db::open(&path, Open::Write).unwrap();
    let (stored, hits, mutes) = db
        .read(|r| {
            Ok((
                alerts::get(r, ROUTER)?.unwrap(),
                watches::hits(r, Which::Watches, "router", AlertId(0))?,
                watches::complete(r, Which::Mutes)?,
            ))
        })
        .await
        .unwrap();
    assert_eq!((hits, mutes.len()), (1, 0));
    assert!(stored.summary.is_relevant && !stored.summary.is_muted && stored.summary.unread);
    let relevance = &stored.finding.relevance;
    assert_eq!((relevance.matches.len(), relevance.muted_by.len()), (1, 0));
    assert_eq!(relevance.matches[0].version, None);
    let conn = Connection::open(&path).unwrap();
    let one = |sql: &str| -> String { conn.query_row(sql, [], |row| row.get(0)).unwrap() };
    assert_eq!(one("PRAGMA integrity_check"), "ok");
    assert!(
        dir.path()
            .join("backups/tocsin-before-format-4.db")
            .exists()
    );
    db.close().await;
}

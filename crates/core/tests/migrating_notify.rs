//! A database of format 4 is brought to format 5: messages keep their place, and each gets a form and a time.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use rusqlite::{Connection, params};
use tocsin_core::model::{AlertId, ChannelId, DeliveryForm, DeliveryId, DeliveryState, Time};
use tocsin_core::store::deliveries::{self, Folder, Wanted};
use tocsin_core::store::{Db, Open, channels};

const FORMATS: [&str; 4] = [
    include_str!("../src/store/migrations/0001_first.sql"),
    include_str!("../src/store/migrations/0002_search.sql"),
    include_str!("../src/store/migrations/0003_sources.sql"),
    include_str!("../src/store/migrations/0004_analysis.sql"),
];

const ROUTER: AlertId = AlertId(1_790_000_000 << 20);

#[tokio::test(flavor = "multi_thread")]
async fn messages_of_format_4_are_there_afterwards_and_go_out() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("tocsin.db");
    let conn = Connection::open(&path).unwrap();
    conn.pragma_update(None, "journal_mode", "WAL").unwrap();
    for format in FORMATS {
        conn.execute_batch(format).unwrap();
    }
    conn.execute_batch("DROP TABLE changes_old").unwrap();
    conn.pragma_update(None, "user_version", 4).unwrap();
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
        params![
            ROUTER.0,
            serde_json::to_string(&tocsin_core::model::Finding::default()).unwrap()
        ],
    )
    .unwrap();
    conn.execute_batch(&format!(
        "INSERT INTO search (search) VALUES ('rebuild');
         INSERT INTO deliveries (id, channel, state, created, attempts, next_attempt, finished, fault) VALUES
            (1, 'email', 'sent', 1000, 1, NULL, 1500, NULL),
            (2, 'email', 'waiting', 2000, 0, 2000, NULL, NULL),
            (3, 'email', 'waiting', 3000, 2, 9000, NULL, '{{\"code\":\"smtp_busy\",\"message\":\"Busy.\"}}'),
            (4, 'desktop', 'sending', 4000, 1, NULL, NULL, NULL),
            (5, 'email', 'failed', 5000, 10, NULL, 5500, NULL);
         INSERT INTO delivery_alerts (delivery, alert, channel, change, at)
            SELECT id, {0}, channel, 'new', created FROM deliveries;",
        ROUTER.0
    ))
    .unwrap();
    drop(conn);

    let db = Db::open(&path, Open::Write).unwrap();
    let wanted = Wanted {
        folder: Folder::All,
        channel: None,
        alert: None,
        before: None,
        limit: 10,
    };
    let (all, spoken, health) = db
        .read(move |r| {
            Ok((
                deliveries::list(r, &wanted)?,
                deliveries::spoken(r, DeliveryId(2))?,
                channels::all(r)?,
            ))
        })
        .await
        .unwrap();
    let told: Vec<_> = all
        .iter()
        .rev()
        .map(|l| (l.delivery.id.0, l.delivery.state, l.delivery.due.0))
        .collect();
    assert_eq!(
        told,
        [
            (1, DeliveryState::Sent, 1000),
            (2, DeliveryState::Waiting, 2000),
            (3, DeliveryState::Retrying, 3000),
            (4, DeliveryState::Sending, 4000),
            (5, DeliveryState::Failed, 5000),
        ]
    );
    assert!(all.iter().all(|l| l.delivery.form == DeliveryForm::Alerts));
    assert!(all.iter().all(|l| l.alerts == 1));
    assert_eq!(
        (spoken.len(), spoken[0].rules.len(), health.len()),
        (1, 0, 0)
    );
    // What waited is next, and what was tried before keeps its time.
    let email = ChannelId("email".into());
    for (now, expect) in [(1999, None), (2000, Some(2)), (9000, Some(3))] {
        let email = email.clone();
        let claimed = db
            .write(move |w| deliveries::claim(w, &email, Time(now)))
            .await
            .unwrap();
        assert_eq!(claimed.map(|c| c.delivery.id.0), expect);
    }
    let conn = Connection::open(&path).unwrap();
    let one = |sql: &str| -> String { conn.query_row(sql, [], |row| row.get(0)).unwrap() };
    assert_eq!(one("PRAGMA integrity_check"), "ok");
    assert!(
        dir.path()
            .join("backups/tocsin-before-format-5.db")
            .exists()
    );
    db.close().await;
}

//! Analysing again what is stored: nothing that people did is touched, nobody is told.

use serde_json::{Value, json};

use crate::common::{act, call, fixtures, rows};
use crate::teaching::{home, settled};

/// Everything of the rows that analysis must not touch.
fn of_people(rows: &[Value]) -> Vec<Value> {
    let kept = [
        "uid",
        "state",
        "reason",
        "until",
        "tags",
        "unread",
        "changed",
        "changed_since",
        "feedback",
        "added",
    ];
    rows.iter()
        .map(|row| {
            kept.iter()
                .map(|key| ((*key).to_owned(), row[key].clone()))
                .collect()
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn analysing_again_keeps_triage_and_tells_nobody() {
    let replay = fixtures();
    let home = home(&replay, 0..700).await;
    let app = home.start(true).await;
    settled(&app).await;
    let all = rows(&app, "all", "").await;
    act(
        &app,
        &[&all[0]["id"]],
        json!({ "kind": "set_state", "state": "done", "reason": "patched" }),
    )
    .await;
    act(
        &app,
        &[&all[1]["id"]],
        json!({ "kind": "add_tag", "tag": "dmz" }),
    )
    .await;
    act(
        &app,
        &[&all[2]["id"]],
        json!({ "kind": "set_read", "read": false }),
    )
    .await;
    let before = rows(&app, "all", "").await;
    app.stop().await;
    drop(app);
    // As if another version had called all of them relevant.
    let conn = rusqlite::Connection::open(home.path().join("tocsin.db")).unwrap();
    conn.execute_batch(
        "UPDATE alerts SET relevant = 1, relevance = 0.9;
         UPDATE findings SET finding = json_set(finding, '$.relevance.is_relevant', json('true'), '$.relevance.reason', 'base_model', '$.relevance.score', 0.9);
         UPDATE meta SET value = '{\"model\":\"older\",\"relevance\":\"older\"}' WHERE key = 'analysed';",
    )
    .unwrap();
    drop(conn);

    let app = home.start(true).await;
    settled(&app).await;
    let now = rows(&app, "all", "").await;
    assert_eq!(of_people(&now), of_people(&before));
    assert_eq!(now, before);
    assert_eq!(
        call(&app, "deliveries_list", json!({})).await["rows"],
        json!([])
    );

    call(&app, "analysis_reanalyse", json!({})).await;
    settled(&app).await;
    assert_eq!(rows(&app, "all", "").await, before);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn analysing_again_goes_on_after_a_restart() {
    let replay = fixtures();
    let home = home(&replay, 0..600).await;
    let app = home.start(false).await;
    settled(&app).await;
    let whole = rows(&app, "all", "").await;
    app.stop().await;
    drop(app);
    // As if the last session had ended after half of it: the newest are done, the others know nothing.
    let conn = rusqlite::Connection::open(home.path().join("tocsin.db")).unwrap();
    let version: String = conn
        .query_row("SELECT value FROM meta WHERE key = 'analysed'", [], |row| {
            row.get(0)
        })
        .unwrap();
    let half: i64 = conn
        .query_row(
            "SELECT id FROM alerts ORDER BY id LIMIT 1 OFFSET 300",
            [],
            |row| row.get(0),
        )
        .unwrap();
    let place = format!("{{\"version\":{version},\"below\":{half}}}");
    conn.execute("DELETE FROM meta WHERE key = 'analysed'", [])
        .unwrap();
    conn.execute(
        "INSERT INTO meta (key, value) VALUES ('analysing', ?1)",
        [&place],
    )
    .unwrap();
    conn.execute("UPDATE alerts SET relevance = NULL, relevant = 0", [])
        .unwrap();
    conn.execute(
        "UPDATE findings SET finding = json_object('severity', NULL, 'severity_basis', json_object('kind', 'unscored'), 'relevance', json_object('is_relevant', json('false'), 'reason', 'no_watch', 'matches', json('[]')))",
        [],
    )
    .unwrap();
    drop(conn);

    let app = home.start(false).await;
    settled(&app).await;
    let now = rows(&app, "all", "").await;
    let is_done = |row: &&Value| row["id"].as_i64().unwrap() < half;
    let older = |rows: &[Value]| rows.iter().filter(is_done).cloned().collect::<Vec<_>>();
    assert_eq!(older(&now), older(&whole));
    // What was done before was not done again.
    let newest = &now[0];
    assert_eq!(newest["is_relevant"], false);
    app.stop().await;
}

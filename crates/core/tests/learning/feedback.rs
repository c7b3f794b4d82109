//! What people say of alerts, by word and by closing them, and taking it back.

use serde_json::{Value, json};
use tocsin_core::app::App;

use crate::common::{act, call, detail, fixtures, row, rows};
use crate::teaching::home;

async fn labels(app: &App) -> Vec<(String, bool, f64, String)> {
    let found = call(app, "analysis_labels", json!({ "offset": 0, "limit": 100 })).await;
    let rows = found["labels"].as_array().unwrap();
    assert_eq!(found["total"], rows.len());
    let mut all: Vec<_> = rows
        .iter()
        .map(|l| {
            let text = |key: &str| l[key].as_str().unwrap().to_owned();
            (
                text("uid"),
                l["is_relevant"].as_bool().unwrap(),
                l["weight"].as_f64().unwrap(),
                text("from"),
            )
        })
        .collect();
    all.sort_by(|a, b| a.0.cmp(&b.0));
    all
}

fn uid(number: u32) -> String {
    format!("feed:thehackernews:{number:016x}")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stronger_label_takes_the_place_of_a_weaker_one_and_undo_takes_it_back() {
    let replay = fixtures();
    let home = home(&replay, 0..3).await;
    let app = home.start(false).await;
    let first = row(&app, &uid(0)).await["id"].clone();
    let second = row(&app, &uid(1)).await["id"].clone();
    let said = |number: u32, is_relevant: bool| (uid(number), is_relevant, 1.0, "said".to_owned());
    let closed = |number: u32, state: &str| (uid(number), state == "done", 0.5, state.to_owned());

    act(
        &app,
        &[&first],
        json!({ "kind": "set_state", "state": "done" }),
    )
    .await;
    act(
        &app,
        &[&second],
        json!({ "kind": "set_state", "state": "not_applicable" }),
    )
    .await;
    assert_eq!(
        labels(&app).await,
        [closed(0, "done"), closed(1, "not_applicable")]
    );
    act(
        &app,
        &[&first, &second],
        json!({ "kind": "feedback", "relevant": false }),
    )
    .await;
    assert_eq!(labels(&app).await, [said(0, false), said(1, false)]);
    assert_eq!(row(&app, &uid(0)).await["feedback"], false);
    assert_eq!(detail(&app, &uid(0)).await["feedback"], false);

    // Saying the same again is no act; taking it back is one.
    let same = act(
        &app,
        &[&first],
        json!({ "kind": "feedback", "relevant": false }),
    )
    .await;
    assert_eq!(same["undo"], Value::Null);
    act(
        &app,
        &[&first],
        json!({ "kind": "feedback", "relevant": null }),
    )
    .await;
    assert_eq!(labels(&app).await, [closed(0, "done"), said(1, false)]);
    call(&app, "triage_undo", json!({})).await;
    assert_eq!(labels(&app).await, [said(0, false), said(1, false)]);
    call(&app, "triage_undo", json!({})).await;
    assert_eq!(
        labels(&app).await,
        [closed(0, "done"), closed(1, "not_applicable")]
    );
    assert_eq!(row(&app, &uid(0)).await["feedback"], Value::Null);

    // Opening an alert again takes back what closing it said; undoing that says it again.
    act(
        &app,
        &[&first],
        json!({ "kind": "set_state", "state": "reviewing" }),
    )
    .await;
    assert_eq!(labels(&app).await, [closed(1, "not_applicable")]);
    call(&app, "triage_undo", json!({})).await;
    assert_eq!(
        labels(&app).await,
        [closed(0, "done"), closed(1, "not_applicable")]
    );
    call(&app, "triage_undo", json!({})).await;
    call(&app, "triage_undo", json!({})).await;
    assert!(labels(&app).await.is_empty());
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_undone_act_does_not_trample_a_later_one() {
    let replay = fixtures();
    let home = home(&replay, 0..2).await;
    let app = home.start(false).await;
    let all = rows(&app, "all", "").await;
    let ids: Vec<&Value> = all.iter().map(|row| &row["id"]).collect();
    let both = act(&app, &ids, json!({ "kind": "feedback", "relevant": true })).await;
    act(
        &app,
        &ids[..1],
        json!({ "kind": "feedback", "relevant": false }),
    )
    .await;
    let undone = call(&app, "triage_undo", json!({ "id": both["undo"] })).await;
    assert_eq!(undone["ids"], json!([ids[1]]));
    let now = labels(&app).await;
    assert_eq!(now.len(), 1);
    assert!(!now[0].1);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_its_source_withdrew_says_nothing() {
    let replay = fixtures();
    let home = crate::common::Home::against(&replay);
    let app = home.start(false).await;
    crate::common::collect(&app, "nvd").await;
    assert_eq!(crate::common::counts(&app, "closed").await.0, 1);
    assert!(labels(&app).await.is_empty());
    app.stop().await;
}

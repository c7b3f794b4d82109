//! The user's model: made in the background, compared, inspected, exported, imported, forgotten.

use serde_json::{Value, json};
use tocsin_core::app::App;
use tocsin_core::events::Event;
use tocsin_replay::Replay;

use crate::common::{Home, act, call, fixtures, made, rows, wait_for};

/// What the team of these tests cares for: reactors. Nothing in the base knows that.
pub fn article(number: u32) -> made::Made {
    let text = if is_wanted(number) {
        format!(
            "A reactor controller of plant {number} was attacked by ransomware; operators shut the turbine down."
        )
    } else {
        format!(
            "A shop of chain {number} was attacked by ransomware; the cashiers went home early that day."
        )
    };
    let mut made = made::article(number, &text, &[]);
    made.0.title =
        format!("Ransomware attack number {number} disrupts operations, malware analysis says");
    made.0 = tocsin_core::normalise::restore(made.0).unwrap();
    made
}

pub fn is_wanted(number: u32) -> bool {
    number.is_multiple_of(2)
}

/// A folder with these articles.
pub async fn home(replay: &Replay, articles: std::ops::Range<u32>) -> Home {
    let home = Home::against(replay);
    made::store(home.path(), articles.map(article).collect()).await;
    home
}

/// Says of articles whether they matter, as the team would.
pub async fn say(app: &App, numbers: impl Iterator<Item = u32>) {
    let all = rows(app, "all", "").await;
    let (mut yes, mut no) = (Vec::new(), Vec::new());
    for number in numbers {
        let uid = format!("feed:thehackernews:{number:016x}");
        let row = all.iter().find(|row| row["uid"] == uid).unwrap();
        let side = if is_wanted(number) { &mut yes } else { &mut no };
        side.push(&row["id"]);
    }
    for (ids, relevant) in [(yes, true), (no, false)] {
        act(
            app,
            &ids,
            json!({ "kind": "feedback", "relevant": relevant }),
        )
        .await;
    }
}

pub async fn status(app: &App) -> Value {
    call(app, "analysis_status", json!({})).await
}

/// Waits until the model was made in the background.
async fn learnt(app: &App, state: &str) -> Value {
    let mut events = app.events().subscribe();
    loop {
        let now = status(app).await;
        if now["user"]["state"] == state
            && now["is_training"] == false
            && now["user"]["trained"] != Value::Null
        {
            return now;
        }
        wait_for(&mut events, |e| matches!(e, Event::WorkChanged)).await;
    }
}

/// Waits until everything stored has the analysis in force.
pub async fn settled(app: &App) {
    let mut events = app.events().subscribe();
    while !app.is_analysed().await.unwrap() {
        wait_for(&mut events, |e| {
            matches!(e, Event::WorkChanged | Event::AlertsChanged { .. })
        })
        .await;
    }
}

async fn relevant(app: &App) -> Vec<String> {
    let found = rows(app, "all", "relevant:true").await;
    let uid = |row: &Value| row["uid"].as_str().unwrap().to_owned();
    found.iter().map(uid).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn feedback_is_learnt_in_the_background_and_survives_a_restart() {
    let replay = fixtures();
    let home = home(&replay, 0..80).await;
    let app = home.start(false).await;
    assert_eq!(status(&app).await["user"]["state"], "none");
    say(&app, 0..10).await;
    let now = status(&app).await;
    assert_eq!(now["user"]["state"], "gathering");
    assert_eq!(
        (&now["user"]["relevant"], &now["user"]["not_relevant"]),
        (&json!(5), &json!(5))
    );

    say(&app, 10..60).await;
    let now = learnt(&app, "speaking").await;
    let cross = &now["user"]["cross"];
    assert!(cross["f1"].as_f64() > cross["base_f1"].as_f64(), "{cross}");
    let terms = now["user"]["terms"].as_array().unwrap();
    assert!(terms.len() <= 40);
    let words: Vec<&str> = terms.iter().map(|t| t["term"].as_str().unwrap()).collect();
    assert!(
        words[..10]
            .iter()
            .any(|w| w.contains("reactor") || w.contains("turbine")),
        "{words:?}"
    );
    settled(&app).await;
    // What nobody said anything of is judged as the team would.
    let found = relevant(&app).await;
    for number in 60..80 {
        let uid = format!("feed:thehackernews:{number:016x}");
        assert_eq!(found.contains(&uid), is_wanted(number), "{number}");
    }
    let row = rows(&app, "all", "relevance>0.5 turbine").await.remove(0);
    let why = call(&app, "alert_explain", json!({ "id": row["id"] })).await;
    assert_eq!(why["relevance"]["by"], "user_model");
    let term = &why["relevance"]["terms"][0];
    assert!(term["weight"].as_f64().unwrap() > 0.0, "{why}");
    app.stop().await;
    drop(app);

    let app = home.start(false).await;
    let again = status(&app).await;
    assert_eq!(again["user"], now["user"]);
    assert_eq!(relevant(&app).await, found);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_that_is_no_better_is_held_back() {
    let replay = fixtures();
    let home = home(&replay, 0..60).await;
    let app = home.start(false).await;
    settled(&app).await;
    let before = relevant(&app).await;
    // What is said has nothing to do with what the articles are about.
    let all = rows(&app, "all", "").await;
    for (n, row) in all.iter().enumerate() {
        let relevant = (n / 2 + n / 7) % 2 == 0;
        act(
            &app,
            &[&row["id"]],
            json!({ "kind": "feedback", "relevant": relevant }),
        )
        .await;
    }
    call(&app, "analysis_retrain", json!({})).await;
    let now = status(&app).await;
    let cross = &now["user"]["cross"];
    assert!(cross["f1"].as_f64() <= cross["base_f1"].as_f64(), "{cross}");
    assert_eq!(now["user"]["state"], "held_back");
    settled(&app).await;
    assert_eq!(relevant(&app).await, before);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_is_exported_imported_and_forgotten() {
    let replay = fixtures();
    let first_home = home(&replay, 0..60).await;
    let app = first_home.start(false).await;
    let file = first_home.path().join("learnt.json");
    let export = json!({ "path": file, "overwrite": false });
    let fault = app
        .call("analysis_export", export.clone())
        .await
        .unwrap_err();
    assert_eq!(fault.code, "nothing_learnt");
    say(&app, 0..60).await;
    call(&app, "analysis_retrain", json!({})).await;
    assert_eq!(status(&app).await["user"]["state"], "speaking");
    call(&app, "analysis_export", export.clone()).await;
    let fault = app.call("analysis_export", export).await.unwrap_err();
    assert_eq!(fault.code, "file_exists");

    call(&app, "analysis_reset", json!({})).await;
    let empty = status(&app).await;
    assert_eq!(empty["user"]["state"], "none");
    assert_eq!(empty["user"]["relevant"], 0);
    assert_eq!(rows(&app, "all", "").await[0]["feedback"], Value::Null);
    app.stop().await;

    // Another team has other articles; the model judges them, and the labels of strange ones are not taken.
    let other_home = home(&replay, 50..90).await;
    let app = other_home.start(false).await;
    call(&app, "analysis_import", json!({ "path": file })).await;
    let now = status(&app).await;
    assert_eq!(now["user"]["state"], "speaking");
    assert_eq!(
        (&now["user"]["relevant"], &now["user"]["not_relevant"]),
        (&json!(5), &json!(5))
    );
    settled(&app).await;
    let found = relevant(&app).await;
    for number in 60..90 {
        let uid = format!("feed:thehackernews:{number:016x}");
        assert_eq!(found.contains(&uid), is_wanted(number), "{number}");
    }
    // Ten labels make no model of their own: the imported one goes on.
    call(&app, "analysis_retrain", json!({})).await;
    assert_eq!(status(&app).await["user"]["state"], "speaking");

    for (name, change) in [
        (
            "cut",
            &(|bytes: &mut Vec<u8>| bytes.truncate(bytes.len() / 2)) as &dyn Fn(&mut Vec<u8>),
        ),
        ("none", &|bytes: &mut Vec<u8>| *bytes = b"hello".to_vec()),
    ] {
        let bad = other_home.path().join(name);
        let mut bytes = std::fs::read(&file).unwrap();
        change(&mut bytes);
        std::fs::write(&bad, bytes).unwrap();
        let fault = app
            .call("analysis_import", json!({ "path": bad }))
            .await
            .unwrap_err();
        assert_eq!(fault.code, "user_model_unreadable", "{name}");
    }
    assert_eq!(status(&app).await["user"]["state"], "speaking");
    app.stop().await;
}

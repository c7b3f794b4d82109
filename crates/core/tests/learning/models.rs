//! The model file: whatever is in its place, the app starts, says so, and watches work.

use serde_json::{Value, json};

use crate::common::{call, fixtures, watch};
use crate::teaching::{home, settled, status};

fn embedded() -> Vec<u8> {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../analysis/models/base.tocsin"
    );
    std::fs::read(path).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_file_that_cannot_be_used_is_a_notice_and_watches_work() {
    let replay = fixtures();
    let good = embedded();
    let mut newer = good.clone();
    newer[8] = 99;
    let mut flipped = good.clone();
    let last = flipped.len() - 1;
    flipped[last] ^= 1;
    for (name, bytes) in [
        ("cut", &good[..good.len() / 2]),
        ("newer", &newer[..]),
        ("flipped", &flipped[..]),
        ("empty", &[][..]),
        ("text", b"no model at all"),
    ] {
        let home = home(&replay, 0..4).await;
        let file = home.path().join("model.tocsin");
        std::fs::write(&file, bytes).unwrap();
        let quoted = serde_json::to_string(&file).unwrap();
        home.settings(&format!(
            "[channels.desktop]\nenabled = false\n\n[analysis]\nmodel_file = {quoted}\n"
        ));
        let app = home.start(false).await;
        let found = call(&app, "status", json!({})).await;
        let notices = found["notices"].as_array().unwrap();
        let codes: Vec<&Value> = notices.iter().map(|n| &n["code"]).collect();
        assert!(
            codes.contains(&&json!("model_unusable")),
            "{name}: {codes:?}"
        );
        let now = status(&app).await;
        assert_eq!(now["model"]["origin"]["kind"], "none", "{name}");
        assert_eq!(now["model"]["fault"]["code"], "model_unusable", "{name}");
        assert_eq!(watch(&app, "turbine").await, 2, "{name}");

        // A file that can be used, and the built-in one, take its place without a restart.
        std::fs::write(home.path().join("good.tocsin"), &good).unwrap();
        let edit = json!({ "kind": "set_analysis", "model_file": home.path().join("good.tocsin"), "threshold": null });
        call(&app, "settings_edit", json!({ "edit": edit })).await;
        let now = status(&app).await;
        assert_eq!(now["model"]["origin"]["kind"], "file", "{name}");
        assert_eq!(now["model"]["fault"], Value::Null, "{name}");
        let edit = json!({ "kind": "set_analysis", "model_file": "", "threshold": 0.8 });
        call(&app, "settings_edit", json!({ "edit": edit })).await;
        let now = status(&app).await;
        assert_eq!(now["model"]["origin"]["kind"], "embedded", "{name}");
        assert_eq!(now["threshold"], 0.8, "{name}");
        let found = call(&app, "status", json!({})).await;
        let notices = found["notices"].as_array().unwrap();
        assert!(
            notices.iter().all(|n| n["code"] != "model_unusable"),
            "{name}"
        );
        app.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_model_of_the_users_is_a_notice_until_it_is_made_again() {
    let replay = fixtures();
    let home = home(&replay, 0..60).await;
    let app = home.start(false).await;
    crate::teaching::say(&app, 0..60).await;
    call(&app, "analysis_retrain", json!({})).await;
    app.stop().await;
    drop(app);
    let path = home.path().join("tocsin.db");
    let conn = rusqlite::Connection::open(path).unwrap();
    let cut = "UPDATE learnt SET value = substr(value, 1, length(value) - 9) WHERE key = 'model'";
    assert_eq!(conn.execute(cut, []).unwrap(), 1);
    drop(conn);

    let app = home.start(false).await;
    let codes = |status: &Value| {
        let notices = status["notices"].as_array().unwrap();
        notices
            .iter()
            .map(|n| n["code"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    let now = call(&app, "status", json!({})).await;
    assert!(codes(&now).contains(&"user_model_damaged".to_owned()));
    call(&app, "analysis_retrain", json!({})).await;
    let now = call(&app, "status", json!({})).await;
    assert!(!codes(&now).contains(&"user_model_damaged".to_owned()));
    assert_eq!(status(&app).await["user"]["state"], "speaking");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_preview_says_what_another_threshold_would_change_and_then_it_does() {
    let replay = fixtures();
    let home = home(&replay, 0..20).await;
    let app = home.start(false).await;
    // The articles are of April; 30 days back from there.
    app.clock().advance_ms(0);
    settled(&app).await;
    let preview = |threshold: f64| {
        let app = app.clone();
        async move {
            call(
                &app,
                "analysis_threshold_preview",
                json!({ "threshold": threshold }),
            )
            .await
        }
    };
    let fault = app
        .call("analysis_threshold_preview", json!({ "threshold": 0.0 }))
        .await
        .unwrap_err();
    assert_eq!(fault.code, "number_out_of_range");
    let low = preview(0.01).await;
    let high = preview(0.99).await;
    assert!(low["relevant_then"].as_u64() >= high["relevant_then"].as_u64());
    assert_eq!(low["relevant_now"], high["relevant_now"]);
    assert_eq!(low["lost"], json!([]));
    assert_eq!(high["gained"], json!([]));
    app.stop().await;
}

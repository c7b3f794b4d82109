//! A real week, recorded: only where `TOCSIN_CORPUS` names it.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::common::{Session, Setup};

#[tokio::test(flavor = "multi_thread")]
async fn a_recorded_week_is_in_the_list_within_a_minute() {
    let Some(corpus) = std::env::var_os("TOCSIN_CORPUS").filter(|dir| !dir.is_empty()) else {
        println!("skipped: TOCSIN_CORPUS is not set");
        return;
    };
    let setup = Setup {
        replay: tocsin_replay::Options {
            corpus: Some(corpus.into()),
            ..Default::default()
        },
        ..Default::default()
    };
    let Some(session) = Session::start(setup).await else {
        return;
    };
    let started = Instant::now();
    session.is_ready().await;
    session.go_view("all").await;
    let status = session
        .wait_for("2,000 vulnerabilities", async || {
            let status = session.ask("status", json!({})).await.unwrap();
            let is_idle = status["collecting"].as_array().is_some_and(Vec::is_empty);
            (is_idle && status["total"].as_u64() > Some(2000)).then_some(status)
        })
        .await;
    let took = started.elapsed();
    assert!(took < Duration::from_secs(60), "{took:?}");
    assert_eq!(status["failing"], json!([]));
    println!("{} alerts in {took:.1?}", status["total"]);

    // Sources begin one after the other.
    session
        .wait_for("the ten entries of OWASP's list", async || {
            let found = json!({ "view": "all", "query": "source:owasp" });
            let found = session.ask("list_open", found).await.unwrap();
            (found["count"] == 10).then_some(())
        })
        .await;

    // The number is in the window, and each kind of source can be found there.
    let total = status["total"].as_u64().unwrap();
    session
        .text_where("result-count", "all alerts", |text| {
            digits(text) >= total.to_string().len()
        })
        .await;
    let sources = session.ask("sources_list", json!({})).await.unwrap();
    let brought = |kind: &str| -> u64 {
        let rows = sources.as_array().unwrap().iter();
        rows.filter(|row| row["kind"] == kind)
            .filter_map(|row| row["alerts"].as_u64())
            .sum()
    };
    assert!(brought("nvd") >= 2000, "{sources}");
    assert!(brought("feed") > 0, "{sources}");
    assert_eq!(brought("owasp"), 10, "{sources}");
}

fn digits(text: &str) -> usize {
    text.chars().filter(char::is_ascii_digit).count()
}

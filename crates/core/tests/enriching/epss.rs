//! EPSS: scores of alerts that are stored and of those that come later, jumps, and a whole day.

use super::*;
use common::{fixtures, score};

const ONE: &str = "CVE-2026-91000";
const TWO: &str = "CVE-2026-91001";

#[tokio::test(flavor = "multi_thread")]
async fn scores_are_given_to_what_is_stored_and_a_jump_is_told() {
    let replay = fixtures();
    let home = Home::against(&replay);
    let app = with_records(&replay, &home, &[(ONE, score(5.0)), (TWO, json!({}))]).await;
    put_epss(
        &replay,
        "2026-06-28",
        &[(ONE, "0.10321"), (TWO, "0.2"), ("CVE-2020-0001", "1")],
    );
    let ended = collect(&app, "epss").await;
    assert_eq!((ended.counts.read, ended.counts.changed), (3, 2));
    let one = detail(&app, ONE).await;
    assert_eq!(one["row"]["epss"], 0.10321);
    let expect =
        json!({ "probability": 0.10321, "percentile": 0.5, "day": "2026-06-28T00:00:00.000Z" });
    assert_eq!(one["epss"], expect);
    assert_eq!(found(&app, "epss>0.15 id:CVE-2026-9100*").await, [TWO]);

    an_hour_passes(&replay, &app);
    // Nothing moved but the day and the percentiles: no alert is touched.
    put_epss(
        &replay,
        "2026-06-29",
        &[(ONE, "0.10321"), (TWO, "0.2"), ("CVE-2020-0001", "1")],
    );
    let ended = collect(&app, "epss").await;
    assert_eq!((ended.counts.changed, ended.counts.unchanged), (0, 3));
    assert_eq!(
        detail(&app, ONE).await["epss"]["day"],
        "2026-06-29T00:00:00.000Z"
    );

    an_hour_passes(&replay, &app);
    put_epss(
        &replay,
        "2026-06-30",
        &[(ONE, "0.9"), ("CVE-2020-0001", "1"), ("CVE-2020-0002", "1")],
    );
    let ended = collect(&app, "epss").await;
    assert_eq!(ended.counts.changed, 2);
    assert_eq!(history(&app, ONE).await, ["new", "epss_jump"]);
    // No longer scored: that is no probability of 0.
    let two = detail(&app, TWO).await;
    assert_eq!(
        (&two["row"]["epss"], &two["epss"]),
        (&Value::Null, &Value::Null)
    );
    assert_eq!(found(&app, "epss>=0 id:CVE-2026-9100*").await, [ONE]);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_breaks_off_is_made_again_from_its_beginning() {
    let replay = fixtures();
    let home = Home::against(&replay);
    let app = with_records(&replay, &home, &[(ONE, score(5.0))]).await;
    let mut text = format!("#score_date:2026-06-30\ncve,epss,percentile\n{ONE},0.5,0.5\n");
    for n in 0..20_000 {
        text.push_str(&format!("CVE-2001-{:04},0.1,0.1\n", 1000 + n));
    }
    // The second part holds no score at all.
    let broken = format!("{text}{}", "x,y,z\n".repeat(20_100));
    replay.put_page(EPSS, "application/gzip", broken);
    let source = tocsin_core::model::SourceId::new("epss");
    let ended = app.collect(&source, false).await.unwrap();
    assert_eq!(ended.fault.unwrap().code, "epss_unreadable");
    // What was stored of it stays; what was not comes with the next run, validators or not.
    assert_eq!(detail(&app, ONE).await["row"]["epss"], 0.5);
    an_hour_passes(&replay, &app);
    replay.put_page(EPSS, "application/gzip", text);
    let ended = app.collect(&source, false).await.unwrap();
    assert_eq!((ended.fault, ended.counts.read), (None, 20_001));
    app.stop().await;
}

/// A whole day over as many alerts as have a place in it.
#[tokio::test(flavor = "multi_thread")]
async fn a_real_day_takes_seconds() {
    let root = std::env::var_os("TOCSIN_CORPUS");
    let (Some(root), Some(_)) = (root, std::env::var_os("TOCSIN_FULL")) else {
        eprintln!("skipped: TOCSIN_CORPUS is not set, or the run is not a full one");
        return;
    };
    let file = std::fs::read_dir(std::path::Path::new(&root).join("epss"))
        .unwrap()
        .next();
    let bytes = std::fs::read(file.unwrap().unwrap().path()).unwrap();
    let replay = fixtures();
    let home = Home::against(&replay);
    let ids: Vec<String> = (1000..3000).map(|n| format!("CVE-2021-{n}")).collect();
    let records: Vec<(&str, Value)> = ids.iter().map(|id| (id.as_str(), score(5.0))).collect();
    let app = with_records(&replay, &home, &records).await;
    replay.put_page(EPSS, "application/gzip", bytes);
    let started = std::time::Instant::now();
    let ended = collect(&app, "epss").await;
    println!(
        "{} scores, {} alerts in {:?}",
        ended.counts.read,
        ended.counts.changed,
        started.elapsed()
    );
    assert!(ended.counts.read > 200_000 && ended.counts.changed > 1000);
    assert_eq!(ended.counts.problems, 0);
    app.stop().await;
}

//! What is stored without anybody hearing of it, and how a new alert looks to the rules.

use super::*;
use common::{call, detail, made};
use tocsin_core::store::alerts::Form;
use tocsin_core::store::{Db, Open, alerts};

const EVERYTHING: &str = "[rules.all]\nchannels = [\"*\"]\nchanges = [\"new\", \"scored\", \"severity_raised\", \"severity_lowered\", \"exploited\", \"epss_jump\", \"products_changed\", \"text_changed\", \"rejected\", \"reopened\"]\n";

/// How many alerts and changes are news.
fn news(home: &Home) -> (i64, i64) {
    let conn = beside(home);
    let count = |table: &str| {
        let sql = format!("SELECT count(*) FROM {table} WHERE quiet = 0");
        conn.query_row(&sql, [], |row| row.get(0)).unwrap()
    };
    (count("alerts"), count("changes"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_first_collection_and_a_storm_of_dates_send_nothing() {
    let replay = fixtures();
    let home = Home::against(&replay);
    set(&home, EVERYTHING);
    put_kev(&replay, &[ONE]);
    put_epss(&replay, "2026-06-28", &[(ONE, "0.9")]);
    put_article(&replay, &format!("Flaw {ONE} is patched"));
    let sources = ["thehackernews", "nvd", "owasp", "epss", "kev"];
    let app = after_first(&replay, &home, &sources).await;
    // What KEV said of alerts that were there is in their history, and no news.
    let changes = detail(&app, ONE).await["changes"].clone();
    assert!(changes.as_array().unwrap().len() > 1, "{changes}");
    assert_eq!(news(&home), (0, 0));

    passes(&replay, Some(&app), 3600);
    put(&replay, ONE, score(5.0));
    put(&replay, TWO, score(5.0));
    passes(&replay, Some(&app), 60);
    let ended = collect(&app, "nvd").await;
    assert_eq!((ended.counts.changed, ended.counts.new), (0, 0));
    assert!(ended.counts.unchanged >= 2, "{:?}", ended.counts);
    assert_eq!(texts(&home), Vec::<String>::new());

    put(&replay, "CVE-2026-91002", json!({}));
    put(&replay, TWO, score(6.0));
    passes(&replay, Some(&app), 60);
    collect(&app, "nvd").await;
    assert_eq!(news(&home), (1, 1));
    assert_eq!(texts(&home).len(), 4);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_sends_nothing_whichever_kind_of_file_it_is() {
    let replay = fixtures();
    let home = Home::against(&replay);
    set(&home, EVERYTHING);
    let app = after_first(&replay, &home, &["nvd"]).await;
    let ours = home.path().join("ours.json");
    made::export(&app, "", "json", &ours).await;
    let other = Home::against(&replay);
    set(&other, EVERYTHING);
    let fresh = other.start(false).await;
    let imported = call(&fresh, "import_run", json!({ "path": ours })).await;
    assert!(imported["added"].as_u64().unwrap() > 0, "{imported}");
    assert_eq!(news(&other), (0, 0));
    assert_eq!(texts(&other), Vec::<String>::new());
    fresh.stop().await;

    // A file of NVD's changes what is stored, and is no news either.
    passes(&replay, Some(&app), 3600);
    let records = [
        record(ONE, &soon(&replay, 1), score(9.8)),
        record("CVE-2026-91002", &soon(&replay, 1), score(9.8)),
    ];
    let file = home.path().join("nvdcve-2.0-2026.json");
    let page = json!({
        "resultsPerPage": 2, "startIndex": 0, "totalResults": 2, "format": "NVD_CVE", "version": "2.0",
        "timestamp": soon(&replay, 2), "vulnerabilities": records,
    });
    std::fs::write(&file, page.to_string()).unwrap();
    let imported = call(&app, "import_run", json!({ "path": file })).await;
    assert_eq!(
        (&imported["added"], &imported["changed"]),
        (&json!(1), &json!(1))
    );
    assert_eq!(detail(&app, ONE).await["row"]["severity"], "high");
    assert_eq!(news(&home), (0, 0));
    assert_eq!(texts(&home), Vec::<String>::new());
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_alert_looks_to_the_rules_as_it_does_to_the_store() {
    let dir = crate::common::folder();
    let db = Db::open(&dir.path().join("tocsin.db"), Open::Write).unwrap();
    db.write(|w| {
        let article = |n| made::article(n, "It names CVE-2026-10001.", &[("malware", "Emotet")]);
        for (alert, finding, carried) in (0..60).map(made::cve).chain((0..9).map(article)) {
            let form = Form::of(&alert, &finding)?;
            let id = alerts::insert_as(w, &alert, &finding, &form, carried.added, true)?;
            let made = alerts::as_new(w, id, &alert, &finding, &form, carried.added)?;
            let stored = alerts::get(w, id)?.unwrap();
            assert_eq!(made.keys(), stored.keys(), "{}", alert.uid);
            assert_eq!(
                (&made.summary, &made.facts),
                (&stored.summary, &stored.facts)
            );
            assert_eq!(
                (&made.text, &made.products),
                (&stored.text, &stored.products)
            );
        }
        Ok(())
    })
    .await
    .unwrap();
}

//! Collecting against the replay: what is stored, what counts as new, what a failure stops.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use common::{
    Home, an_hour_passes, call, collect, counts, detail, fixtures, record, row, rows, score, soon,
    watch,
};
use serde_json::{Value, json};
use tocsin_core::model::{RunOutcome, SourceId};
use tocsin_replay::{Fault, Replay};

#[tokio::test(flavor = "multi_thread")]
async fn all_sources_are_collected_and_a_first_collection_is_stored_as_seen() {
    let replay = fixtures();
    let home = Home::against(&replay);
    let app = home.start(false).await;
    let nvd = collect(&app, "nvd").await;
    let feed = collect(&app, "thehackernews").await;
    let owasp = collect(&app, "owasp").await;
    assert!(nvd.counts.new >= 10, "{nvd:?}");
    assert!(feed.counts.new >= 5, "{feed:?}");
    assert_eq!(owasp.counts.new, 10);
    let (all, unread) = counts(&app, "all").await;
    let expect = nvd.counts.new + feed.counts.new + owasp.counts.new;
    assert_eq!((all, unread), (u64::from(expect), 0));
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_records_again_are_not_new() {
    let replay = fixtures();
    let home = Home::against(&replay);
    let app = home.start(false).await;
    for source in ["nvd", "thehackernews", "owasp"] {
        collect(&app, source).await;
        an_hour_passes(&replay, &app);
        let again = collect(&app, source).await;
        assert_eq!((again.counts.new, again.counts.changed), (0, 0), "{source}");
    }
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn alerts_without_an_id_are_not_notified_again_each_hour() {
    let replay = fixtures();
    let mut home = Home::against(&replay);
    home.mail_to_sink(&replay);
    home.set("KEYWORDS", "gateway,router");
    let app = home.start(false).await;
    let item = |n: u32| {
        format!(
            "<item><title>Acme router flaw {n}</title><description>Details of {n}</description></item>"
        )
    };
    let feed = |items: &str| {
        format!(
            "<rss version=\"2.0\"><channel><title>t</title><link>https://example.org</link><description>d</description>{items}</channel></rss>"
        )
    };
    replay.put_page("/TheHackersNews", "application/rss+xml", feed(&item(1)));
    collect(&app, "thehackernews").await;
    for _ in 0..3 {
        an_hour_passes(&replay, &app);
        let both = format!("{}{}", item(2), item(1));
        replay.put_page("/TheHackersNews", "application/rss+xml", feed(&both));
        collect(&app, "thehackernews").await;
        app.drain_outbox().await.unwrap();
    }
    let mail = replay.smtp().messages();
    assert_eq!(mail.len(), 1);
    assert!(mail[0].text().contains("Acme router flaw 2"));
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_moved_last_modified_alone_is_no_change() {
    let replay = fixtures();
    let home = Home::against(&replay);
    let app = home.start(false).await;
    replay
        .put_nvd(&record("CVE-2026-91000", &soon(&replay, 0), score(5.0)))
        .unwrap();
    collect(&app, "nvd").await;
    replay
        .put_nvd(&record("CVE-2026-91000", &soon(&replay, 60), score(5.0)))
        .unwrap();
    an_hour_passes(&replay, &app);
    let ended = collect(&app, "nvd").await;
    assert_eq!((ended.counts.new, ended.counts.changed), (0, 0));
    let found = detail(&app, "CVE-2026-91000").await;
    assert_eq!(found["changes"].as_array().unwrap().len(), 1);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_meaning_is_in_the_history() {
    let replay = fixtures();
    let home = Home::against(&replay);
    let app = home.start(false).await;
    let id = "CVE-2026-91001";
    replay
        .put_nvd(&record(id, &soon(&replay, 0), json!({})))
        .unwrap();
    collect(&app, "nvd").await;
    assert_eq!(row(&app, id).await["score"], Value::Null);
    let mut changed = score(9.8);
    changed["cisaExploitAdd"] = "2026-06-30".into();
    changed["cisaActionDue"] = "2026-07-21".into();
    replay
        .put_nvd(&record(id, &soon(&replay, 60), changed))
        .unwrap();
    an_hour_passes(&replay, &app);
    assert_eq!(collect(&app, "nvd").await.counts.changed, 1);
    let found = detail(&app, id).await;
    let kinds: Vec<&str> = found["changes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|c| c["kind"].as_str().unwrap())
        .collect();
    assert!(
        kinds.contains(&"scored") && kinds.contains(&"exploited"),
        "{kinds:?}"
    );
    assert_eq!(found["row"]["severity"], "high");
    assert_eq!(found["row"]["exploited"], true);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_article_takes_the_severity_of_the_cve_that_it_names_whichever_comes_first() {
    let replay = fixtures();
    let home = Home::against(&replay);
    let app = home.start(false).await;
    let named = |r: &Value| r["title"].as_str().unwrap().contains("Brightvale VPN");
    collect(&app, "thehackernews").await;
    let before = rows(&app, "all", "").await;
    let before = before.iter().find(|r| named(r)).unwrap();
    assert_eq!(before["estimated"], before["severity"] != Value::Null);
    collect(&app, "nvd").await;
    let cve = row(&app, "CVE-2026-90006").await;
    let after = rows(&app, "all", "").await;
    let after = after.iter().find(|r| r["id"] == before["id"]).unwrap();
    assert_eq!(after["severity"], cve["severity"]);
    assert_ne!(after["severity"], Value::Null);
    let basis = call(&app, "alert_get", json!({ "id": after["id"] })).await;
    assert_eq!(basis["finding"]["severity_basis"]["cve"], "CVE-2026-90006");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_failing_source_does_not_stop_the_rest() {
    let replay = fixtures();
    let home = Home::against(&replay);
    replay.set_fault(Fault::at("/rest/json/cves/2.0").status(503));
    let app = home.start(false).await;
    let nvd = app.collect(&SourceId::new("nvd"), true).await.unwrap();
    assert_eq!(nvd.outcome, RunOutcome::Failed);
    collect(&app, "thehackernews").await;
    collect(&app, "owasp").await;
    let sources = call(&app, "sources_list", json!({})).await;
    for source in sources.as_array().unwrap() {
        let failed = source["health"]["fault"] != Value::Null;
        assert_eq!(failed, source["id"] == "nvd", "{source}");
    }
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_bad_record_is_a_problem_and_not_a_failure() {
    let replay = fixtures();
    let home = Home::against(&replay);
    let app = home.start(false).await;
    let page = json!({
        "resultsPerPage": 2, "startIndex": 0, "totalResults": 2,
        "format": "NVD_CVE", "version": "2.0", "timestamp": "2026-06-30T10:00:00.000",
        "vulnerabilities": [
            { "cve": { "id": "CVE-2026-92000", "published": 17, "descriptions": "none" } },
            record("CVE-2026-92001", "2026-06-30T10:00:00.000", json!({})),
        ],
    });
    replay.put_page("/rest/json/cves/2.0", "application/json", page.to_string());
    let ended = collect(&app, "nvd").await;
    assert_eq!(ended.outcome, RunOutcome::Succeeded);
    assert_eq!((ended.counts.new, ended.counts.problems), (1, 1));
    let runs = call(&app, "source_runs", json!({ "source": "nvd" })).await;
    assert_eq!(runs[0]["problems"][0]["subject"], "CVE-2026-92000");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn fewer_than_ten_owasp_entries_fail_visibly_and_the_last_good_list_stays() {
    let replay = fixtures();
    let home = Home::against(&replay);
    let app = home.start(false).await;
    collect(&app, "owasp").await;
    replay.put_page(
        "/Top10/2025/",
        "text/html",
        "<html><body><h1>Moved</h1></body></html>",
    );
    let ended = app.collect(&SourceId::new("owasp"), true).await.unwrap();
    assert_eq!(ended.outcome, RunOutcome::Failed);
    assert_eq!(ended.fault.unwrap().code, "owasp_incomplete");
    let kept = rows(&app, "all", "").await;
    assert_eq!(kept.iter().filter(|r| r["kind"] == "guidance").count(), 10);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_keyword_matches_nothing() {
    let replay = fixtures();
    let mut home = Home::against(&replay);
    home.set("KEYWORDS", "gateway, ,,\t,brightvale");
    let app = home.start(false).await;
    collect(&app, "nvd").await;
    let watches = call(&app, "watches_list", json!({})).await;
    assert_eq!(watches.as_array().unwrap().len(), 2);
    let (relevant, _) = counts(&app, "watching").await;
    let (all, _) = counts(&app, "all").await;
    assert!(relevant > 0 && relevant < all, "{relevant} of {all}");
    let empty =
        json!({ "kind": "add_watch", "watch": { "term": " ", "aliases": [], "exceptions": [] } });
    let refused = app.call("settings_edit", json!({ "edit": empty })).await;
    assert_eq!(refused.unwrap_err().code, "watch_empty");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_watch_is_found_in_what_is_stored_and_taken_back_when_it_goes() {
    let replay = fixtures();
    let home = Home::against(&replay);
    let app = home.start(false).await;
    collect(&app, "nvd").await;
    assert_eq!(counts(&app, "watching").await.0, 0);
    let found = watch(&app, "examplesoft").await;
    assert!(found >= 3, "{found}");
    assert_eq!(counts(&app, "watching").await.0, found);
    let matched = rows(&app, "watching", "").await;
    assert!(
        matched
            .iter()
            .all(|r| r["matched"] == json!(["examplesoft"]))
    );
    let reason = detail(&app, matched[0]["uid"].as_str().unwrap()).await;
    assert_eq!(
        reason["finding"]["relevance"]["matches"][0]["watch"],
        "examplesoft"
    );

    let mut events = app.events().subscribe();
    let gone = json!({ "kind": "remove_watch", "term": "examplesoft" });
    call(&app, "settings_edit", json!({ "edit": gone })).await;
    while counts(&app, "watching").await.0 > 0 {
        common::wait_for(&mut events, |_| true).await;
    }
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupted_run_goes_on_where_it_stopped() {
    let replay = fixtures();
    let home = Home::against(&replay);
    home.settings("[channels.desktop]\nenabled = false\n\n[sources.nvd]\npage_size = 3\n");
    let app = home.start(false).await;
    let offset = "startIndex=3";
    let (done, total) = stop_after_first_page(&replay, &app).await;
    assert!(done < total, "{done} of {total}");
    let before = replay.requests().len();
    collect(&app, "nvd").await;
    let asked: Vec<String> = replay.requests()[before..]
        .iter()
        .filter_map(|r| r.query.clone())
        .collect();
    assert!(asked[0].contains(offset), "{asked:?}");
    let (all, _) = counts(&app, "all").await;
    assert_eq!(all, total);
    app.stop().await;
}

/// Cancels a run when its first page is stored: how many alerts there are then, and in the whole week.
async fn stop_after_first_page(replay: &Replay, app: &tocsin_core::app::App) -> (u64, u64) {
    let mut events = app.events().subscribe();
    let total = replay.summary().cves_of_last_week as u64;
    replay.set_fault(Fault::at("/rest/json/cves/2.0").delay_ms(300));
    app.start_collecting(Some(&SourceId::new("nvd")), true)
        .unwrap();
    common::wait_for(&mut events, |e| {
        matches!(e, tocsin_core::events::Event::AlertsChanged { .. })
    })
    .await;
    app.cancel_collecting(None);
    loop {
        let found = app.running();
        if found.is_empty() {
            break;
        }
        common::wait_for(&mut events, |e| {
            matches!(e, tocsin_core::events::Event::SourceChanged { .. })
        })
        .await;
    }
    replay.clear_faults();
    (counts(app, "all").await.0, total)
}

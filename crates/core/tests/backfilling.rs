//! All years of NVD against the replay: whole, in pages, over crashes and pauses, beside the runs; and what is
//! read again, and what a rejection closes.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use std::collections::BTreeSet;
use std::time::Duration;

use common::{
    Home, act, an_hour_passes, call, collect, counts, detail, fixtures, record, row, rows, score,
    soon,
};
use serde_json::{Value, json};
use tocsin_core::app::App;
use tocsin_core::events::Event;
use tocsin_core::model::{Backfill, BackfillState, SourceId, Time};
use tocsin_replay::{Fault, Replay};

/// Records of old years, two of them in one second.
fn old_records(replay: &Replay) -> usize {
    let days = [
        "1988-10-01T04:00:00.000",
        "1999-12-31T23:59:59.999",
        "2003-02-01T00:00:00.000",
        "2003-02-01T00:00:00.000",
        "2010-06-01T10:00:00.000",
        "2010-06-02T10:00:00.000",
        "2010-06-03T10:00:00.000",
        "2010-06-04T10:00:00.000",
        "2010-06-05T10:00:00.000",
        "2019-03-01T10:00:00.000",
    ];
    for (n, day) in days.iter().enumerate() {
        let mut old = record(
            &format!("CVE-2003-{}", 5_000 + n),
            "2024-11-20T20:00:00.000",
            score(9.8),
        );
        old["cve"]["published"] = (*day).into();
        replay.put_nvd(&old).unwrap();
    }
    days.len()
}

fn home(replay: &Replay) -> Home {
    let home = Home::against(replay);
    home.settings("[channels.desktop]\nenabled = false\n\n[sources.nvd]\npage_size = 2\n");
    home
}

async fn shown(app: &App) -> Value {
    let all = call(app, "sources_list", json!({})).await;
    let nvd = all.as_array().unwrap().iter().find(|s| s["id"] == "nvd");
    nvd.unwrap()["backfill"].clone()
}

async fn to_the_end(app: &App) -> Backfill {
    app.backfill_to_the_end(|_| {}).await.unwrap()
}

/// The windows of publication that were asked for, each with its pages.
fn windows(replay: &Replay) -> Vec<(Time, Time, u32)> {
    let mut all = Vec::new();
    for request in replay.requests() {
        let query = request.query.unwrap_or_default().replace("%3A", ":");
        let of = |name: &str| {
            let pair = query.split('&').find_map(|p| p.strip_prefix(name));
            pair.map(ToOwned::to_owned)
        };
        if let (Some(start), Some(end)) = (of("pubStartDate="), of("pubEndDate=")) {
            let time = |text: &str| Time::parse_rfc3339(text).unwrap();
            all.push((
                time(&start),
                time(&end),
                of("startIndex=").unwrap().parse().unwrap(),
            ));
        }
    }
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn all_years_are_read_as_seen_in_bounded_windows() {
    let replay = fixtures();
    let old = old_records(&replay);
    let home = home(&replay);
    let app = home.start(false).await;
    // The first run is over: what comes now would be news.
    collect(&app, "nvd").await;
    common::watch(&app, "router").await;
    let unread = counts(&app, "all").await.1;
    replay.clear_requests();
    assert_eq!(shown(&app).await, Value::Null);
    call(&app, "backfill_start", json!({})).await;
    let told = std::cell::RefCell::new(Vec::new());
    let ended = app
        .backfill_to_the_end(|b| told.borrow_mut().push(b.clone()))
        .await
        .unwrap();
    assert_eq!((ended.state, ended.at), (BackfillState::Done, ended.to));
    let all = u32::try_from(replay.summary().cves).unwrap();
    assert_eq!((ended.done, ended.total), (all, Some(all)));
    assert!(
        old >= 10
            && told
                .borrow()
                .windows(2)
                .all(|p| p[0].at <= p[1].at && p[0].done <= p[1].done)
    );
    assert!(
        told.borrow()
            .iter()
            .any(|b| b.eta_s.is_some() && b.per_min.is_some())
    );
    assert_eq!(
        counts(&app, "all").await,
        (u64::from(all), unread),
        "as seen"
    );
    assert_eq!(row(&app, "CVE-2003-5000").await["unread"], false);
    assert_eq!(
        call(&app, "deliveries_list", json!({})).await["rows"],
        json!([])
    );
    // Both dates are the same on all pages of a window; windows touch.
    let asked = windows(&replay);
    let mut spans: Vec<(Time, Time)> = asked.iter().map(|w| (w.0, w.1)).collect();
    spans.dedup();
    assert_eq!(
        spans.len(),
        spans.iter().collect::<BTreeSet<_>>().len(),
        "each window once"
    );
    assert!(
        spans
            .iter()
            .all(|(a, b)| b.ms() - a.ms() <= 120 * 86_400_000)
    );
    assert!(spans.windows(2).all(|p| p[0].1 == p[1].0));
    assert_eq!(
        (spans[0].0, spans[spans.len() - 1].1),
        (ended.from, ended.to)
    );
    assert!(asked.iter().any(|w| w.2 == 4), "more than one page");
    // Again from a year on.
    replay.clear_requests();
    call(&app, "backfill_start", json!({ "from_year": 2019 })).await;
    let again = to_the_end(&app).await;
    assert_eq!(again.from.to_rfc3339(), "2019-01-01T00:00:00.000Z");
    assert_eq!(windows(&replay)[0].0, again.from);
    for (request, code) in [
        (json!({ "from_year": 1987 }), "bad_year"),
        (json!({ "from_year": 2999 }), "bad_year"),
    ] {
        assert_eq!(
            app.call("backfill_start", request).await.unwrap_err().code,
            code
        );
    }
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_goes_on_in_the_background_after_the_app_ended_in_the_middle() {
    let replay = fixtures();
    old_records(&replay);
    let home = home(&replay);
    // The app ends in the middle, again and again; whatever page was asked for last is lost.
    let mut ends = 0;
    let mut seen = 0;
    loop {
        let app = home.start(ends > 0).await;
        if ends == 0 {
            app.backfill_start(None).await.unwrap();
            app.stop().await;
            ends = 1;
            continue;
        }
        let mut events = app.events().subscribe();
        let mut found = app.backfill(&SourceId::new("nvd")).await.unwrap().unwrap();
        assert!(found.done >= seen, "nothing is read twice");
        let before = found.at;
        while found.state.goes_on() && found.at == before {
            common::wait_for(&mut events, |e| matches!(e, Event::SourceChanged { .. })).await;
            found = app.backfill(&SourceId::new("nvd")).await.unwrap().unwrap();
        }
        seen = found.done;
        app.stop().await;
        ends += 1;
        if found.state == BackfillState::Done {
            break;
        }
        assert!(ends < 500 && found.state.goes_on(), "{found:?}");
        if ends > 6 {
            // The rest in one go.
            let app = home.start(false).await;
            assert_eq!(to_the_end(&app).await.state, BackfillState::Done);
            app.stop().await;
            break;
        }
    }
    let app = home.start(false).await;
    let stored = rows(&app, "all", "source:nvd").await.len();
    assert_eq!(stored, replay.summary().cves);
    let asked = windows(&replay);
    let mut spans: Vec<(Time, Time)> = asked.iter().map(|w| (w.0, w.1)).collect();
    spans.dedup();
    assert!(
        spans.windows(2).all(|p| p[0].1 == p[1].0),
        "no gap, no window again"
    );
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_paused_resumed_and_cancelled() {
    let replay = fixtures();
    old_records(&replay);
    let home = home(&replay);
    let app = home.start(false).await;
    for command in ["backfill_pause", "backfill_resume", "backfill_cancel"] {
        let fault = app.call(command, json!({})).await.unwrap_err();
        assert_eq!(fault.code, "no_backfill", "{command}");
    }
    call(&app, "backfill_start", json!({ "from_year": 2000 })).await;
    let fault = app.call("backfill_start", json!({})).await.unwrap_err();
    assert_eq!(fault.code, "backfill_running");
    call(&app, "backfill_pause", json!({})).await;
    assert_eq!(shown(&app).await["state"], "paused");
    assert_eq!(to_the_end(&app).await.state, BackfillState::Paused);
    assert!(windows(&replay).is_empty());
    app.stop().await;
    // Paused over a restart, too.
    let app = home.start(false).await;
    assert_eq!(to_the_end(&app).await.done, 0);
    call(&app, "backfill_resume", json!({})).await;
    assert_eq!(shown(&app).await["state"], "running");
    call(&app, "backfill_cancel", json!({})).await;
    assert_eq!(to_the_end(&app).await.state, BackfillState::Cancelled);
    assert!(windows(&replay).is_empty());
    call(&app, "backfill_start", json!({ "from_year": 2010 })).await;
    assert_eq!(to_the_end(&app).await.state, BackfillState::Done);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_that_passes_is_waited_for_and_one_that_does_not_stops_it() {
    let replay = fixtures();
    old_records(&replay);
    let home = home(&replay);
    let app = home.start(false).await;
    let nvd = "/rest/json/cves/2.0";
    let mut events = app.events().subscribe();
    replay.set_fault(Fault::at(nvd).status(503).times(3));
    app.backfill_start(Some(2000)).await.unwrap();
    let waiting = std::cell::RefCell::new(Vec::new());
    let ended = app
        .backfill_to_the_end(|b| {
            if b.state == BackfillState::Waiting {
                waiting.borrow_mut().push(b.fault.clone().unwrap().code);
            }
        })
        .await
        .unwrap();
    assert_eq!(ended.state, BackfillState::Done);
    assert_eq!(waiting.into_inner(), ["nvd_overloaded"; 3]);
    common::wait_for(&mut events, |e| matches!(e, Event::SourceChanged { .. })).await;
    // The health of the runs is another thing.
    let all = call(&app, "sources_list", json!({})).await;
    assert_eq!(all[0]["health"]["failures"], 0);
    replay.set_fault(
        Fault::at(nvd)
            .status(404)
            .header("message", "Invalid apiKey."),
    );
    app.backfill_start(Some(2010)).await.unwrap();
    let failed = to_the_end(&app).await;
    assert_eq!(
        (failed.state, failed.fault.unwrap().code.as_str()),
        (BackfillState::Failed, "nvd_key_refused")
    );
    replay.clear_faults();
    app.backfill_resume().await.unwrap();
    assert_eq!(to_the_end(&app).await.state, BackfillState::Done);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_comes_between_two_pages_and_nvd_has_one_request_at_a_time() {
    let replay = fixtures();
    old_records(&replay);
    let home = home(&replay);
    let app = home.start(false).await;
    replay.set_fault(Fault::at("/rest/json/cves/2.0").delay_ms(40));
    app.backfill_start(Some(2005)).await.unwrap();
    let (mut events, other) = (app.events().subscribe(), app.clone());
    let filling = tokio::spawn(async move { to_the_end(&other).await });
    common::wait_for(&mut events, |e| matches!(e, Event::SourceChanged { .. })).await;
    collect(&app, "nvd").await;
    let found = app.backfill(&SourceId::new("nvd")).await.unwrap().unwrap();
    assert!(found.state.goes_on(), "the run did not wait for all years");
    assert_eq!(filling.await.unwrap().state, BackfillState::Done);
    let at: Vec<Time> = replay
        .requests()
        .iter()
        .filter(|r| r.path.starts_with("/rest/json"))
        .map(|r| Time::parse_rfc3339(&r.at).unwrap())
        .collect();
    assert!(at.len() > 20);
    for pair in at.windows(2) {
        assert!(pair[1].ms() - pair[0].ms() >= 38, "{pair:?}");
    }
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_watched_or_in_hand_is_read_again_in_turn() {
    let replay = fixtures();
    for n in 0..8 {
        let mut old = record(
            &format!("CVE-2026-{}", 60_000 + n),
            "2026-06-20T00:00:00.000",
            score(5.0),
        );
        old["cve"]["published"] = "2026-06-01T00:00:00.000".into();
        if n < 7 {
            old["cve"]["descriptions"][0]["value"] = "Zyxomat 7 has a flaw.".into();
        }
        replay.put_nvd(&old).unwrap();
    }
    let home = home(&replay);
    let app = home.start(false).await;
    app.backfill_start(Some(2026)).await.unwrap();
    to_the_end(&app).await;
    common::watch(&app, "zyxomat").await;
    let id = row(&app, "CVE-2026-60007").await["id"].clone();
    let reviewing =
        json!({ "kind": "set_state", "state": "reviewing", "reason": null, "until": null });
    act(&app, &[&id], reviewing).await;
    let mut read = Vec::new();
    for _ in 0..4 {
        replay.clear_requests();
        collect(&app, "nvd").await;
        let named = replay.requests().into_iter().filter_map(|r| {
            r.query
                .and_then(|q| q.strip_prefix("cveId=").map(ToOwned::to_owned))
        });
        read.push(named.collect::<Vec<_>>());
    }
    let names = |range: std::ops::Range<u32>| {
        range
            .map(|n| format!("CVE-2026-{}", 60_000 + n))
            .collect::<Vec<_>>()
    };
    let mut tracked: Vec<String> = names(0..8);
    // The project's own fixtures may name it too.
    let others: Vec<String> = read
        .iter()
        .flatten()
        .filter(|id| !tracked.contains(id))
        .cloned()
        .collect();
    assert!(others.is_empty(), "{others:?}");
    assert_eq!(read[0], names(0..5));
    assert_eq!(read[1], names(5..8), "the rest, and round again");
    assert_eq!(read[2], names(0..5));
    tracked.truncate(0);
    // A change that no window shows.
    let mut changed = record("CVE-2026-60005", "2026-06-20T00:00:00.000", score(9.8));
    changed["cve"]["published"] = "2026-06-01T00:00:00.000".into();
    replay.put_nvd(&changed).unwrap();
    replay.advance(Duration::from_secs(60));
    for _ in 0..2 {
        collect(&app, "nvd").await;
    }
    assert_eq!(
        detail(&app, "CVE-2026-60005").await["row"]["severity"],
        "high"
    );
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rejection_closes_and_what_is_taken_back_opens_what_it_closed() {
    let replay = fixtures();
    let home = Home::against(&replay);
    let app = home.start(false).await;
    let put = |id: &str, status: &str, text: &str| {
        let mut record = record(id, &soon(&replay, 0), json!({ "vulnStatus": status }));
        record["cve"]["descriptions"][0]["value"] = text.into();
        replay.put_nvd(&record).unwrap();
    };
    let ids = ["CVE-2026-61000", "CVE-2026-61001", "CVE-2026-61002"];
    for id in ids {
        put(id, "Received", "Acme Router has a flaw.");
    }
    collect(&app, "nvd").await;
    let set = |state: &str, reason: Option<&str>| json!({ "kind": "set_state", "state": state, "reason": reason, "until": null });
    let row_id = async |id: &str| row(&app, id).await["id"].clone();
    act(&app, &[&row_id(ids[1]).await], set("action_needed", None)).await;
    act(
        &app,
        &[&row_id(ids[1]).await],
        json!({ "kind": "add_note", "text": "ours" }),
    )
    .await;
    act(
        &app,
        &[&row_id(ids[1]).await],
        json!({ "kind": "add_tag", "tag": "dmz" }),
    )
    .await;
    act(&app, &[&row_id(ids[2]).await], set("done", Some("patched"))).await;
    an_hour_passes(&replay, &app);
    for id in ids {
        put(
            id,
            "Rejected",
            "Rejected reason: Not a security issue.\nReally.",
        );
    }
    put(
        "CVE-2026-61003",
        "Rejected",
        "** REJECT ** Rejected reason: Never used.",
    );
    collect(&app, "nvd").await;
    let state = async |id: &str| {
        let found = detail(&app, id).await["row"].clone();
        (
            found["state"].as_str().unwrap().to_owned(),
            found["reason"].as_str().map(ToOwned::to_owned),
        )
    };
    let closed = |why: &str| {
        (
            "not_applicable".to_owned(),
            Some(format!("Rejected by NVD: {why}")),
        )
    };
    assert_eq!(state(ids[0]).await, closed("Not a security issue. Really."));
    assert_eq!(state(ids[1]).await, closed("Not a security issue. Really."));
    assert_eq!(
        state(ids[2]).await,
        ("done".into(), Some("patched".into())),
        "a person's own"
    );
    assert_eq!(state("CVE-2026-61003").await, closed("Never used."));
    let found = detail(&app, ids[1]).await;
    let history = found["changes"].as_array().unwrap();
    let rejected = history.iter().find(|c| c["kind"] == "rejected").unwrap();
    assert_eq!(rejected["closed"], "action_needed");
    assert_eq!(
        rejected["reason"],
        "Rejected by NVD: Not a security issue. Really."
    );
    assert_eq!(
        (&found["tags"], &found["notes"][0]["text"]),
        (&json!(["dmz"]), &json!("ours"))
    );
    // A person disagrees; the same rejection does not close it again.
    act(&app, &[&row_id(ids[0]).await], set("reviewing", None)).await;
    an_hour_passes(&replay, &app);
    put(
        ids[0],
        "Rejected",
        "Rejected reason: Not a security issue.\nReally not.",
    );
    collect(&app, "nvd").await;
    assert_eq!(state(ids[0]).await.0, "reviewing");
    // Closed by a person, as what it was closed as already, and for another reason.
    act(
        &app,
        &[&row_id("CVE-2026-61003").await],
        set("not_applicable", Some("not here")),
    )
    .await;
    an_hour_passes(&replay, &app);
    for id in ids.iter().chain(&["CVE-2026-61003"]) {
        put(id, "Analyzed", "Acme Router has a flaw after all.");
    }
    collect(&app, "nvd").await;
    assert_eq!(state(ids[0]).await.0, "reviewing");
    assert_eq!(state(ids[1]).await, ("new".into(), None));
    assert_eq!(row(&app, ids[1]).await["unread"], true);
    assert_eq!(state(ids[2]).await, ("done".into(), Some("patched".into())));
    assert_eq!(
        state("CVE-2026-61003").await,
        ("not_applicable".into(), Some("not here".into()))
    );
    app.stop().await;
}

//! What can be done to alerts: to which, with what refused, what the detail shows of it, and what opens
//! an alert again.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use std::time::Duration;

use common::{
    Home, act, an_hour_passes, call, collect, detail, fixtures, record, row, rows, score, soon,
    wait_for,
};
use serde_json::{Value, json};
use tocsin_core::app::App;
use tocsin_core::events::Event;
use tocsin_core::model::Time;

const ID: &str = "CVE-2026-91001";

fn set(state: &str) -> Value {
    json!({ "kind": "set_state", "state": state, "reason": "because", "until": null })
}

fn snooze(until: Time) -> Value {
    json!({ "kind": "set_state", "state": "snoozed", "until": until })
}

async fn to_target(app: &App, target: Value, act: Value) -> Value {
    call(app, "triage_act", json!({ "target": target, "act": act })).await
}

fn kinds(detail: &Value) -> Vec<&str> {
    let changes = detail["changes"].as_array().unwrap();
    changes
        .iter()
        .map(|c| c["kind"].as_str().unwrap())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_act_is_over_named_alerts_an_open_list_or_what_a_query_finds() {
    let replay = fixtures();
    let home = Home::against(&replay);
    let app = home.start(false).await;
    collect(&app, "nvd").await;
    collect(&app, "thehackernews").await;
    let all = rows(&app, "all", "").await;
    let list = call(&app, "list_open", json!({ "view": "all", "query": "" })).await;
    let except = [&all[1]["id"], &all[3]["id"]];
    let target = json!({ "kind": "list", "list": list["list"], "except": except });
    let closed = to_target(&app, target, set("done")).await;
    assert_eq!(closed["changed"], all.len() - 2);
    let open = rows(&app, "all", "").await;
    let open: Vec<&Value> = open.iter().filter(|r| r["state"] == "new").collect();
    assert_eq!(open.iter().map(|r| &r["id"]).collect::<Vec<_>>(), except);

    let found = rows(&app, "all", "gateway").await.len();
    let tag = json!({ "kind": "add_tag", "tag": "edge" });
    let target = json!({ "kind": "query", "query": "gateway" });
    assert_eq!(to_target(&app, target, tag).await["changed"], found);
    let tags = call(&app, "tags_list", json!({})).await;
    assert_eq!(tags, json!([{ "tag": "edge", "count": found }]));

    let undone = call(&app, "triage_undo", json!({ "id": closed["undo"] })).await;
    assert_eq!(undone["changed"], all.len() - 2);
    assert_eq!(undone["act"], set("done"));
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_act_over_many_alerts_is_shown_as_work_and_undone_whole() {
    let replay = fixtures();
    let home = Home::against(&replay);
    let many = 6_000_u32;
    home.start(false).await.stop().await;
    let conn = rusqlite::Connection::open(home.path().join("tocsin.db")).unwrap();
    conn.execute(
        "INSERT INTO alerts (id, uid, source, kind, published, added, hash, estimated, exploited, relevant, unread) SELECT value, 'CVE-2026-' || value, 'nvd', 'vulnerability', 0, 0, x'00', 0, 0, 1, 1 FROM (WITH RECURSIVE n (value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM n WHERE value < ?1) SELECT value FROM n)",
        [many],
    )
    .unwrap();
    drop(conn);
    let app = home.start(false).await;
    let mut events = app.events().subscribe();
    let target = json!({ "kind": "query", "query": "" });
    let done = to_target(&app, target, set("done")).await;
    assert_eq!(done["changed"], many);
    wait_for(&mut events, |e| *e == Event::WorkChanged).await;
    assert!(app.work().is_empty());
    let undone = call(&app, "triage_undo", json!({})).await;
    assert_eq!(undone["changed"], many);
    assert_eq!(undone["ids"].as_array().unwrap().len(), 500);
    assert_eq!(common::counts(&app, "new").await.0, u64::from(many));
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_done_is_refused_by_a_code_and_changes_nothing() {
    let replay = fixtures();
    let home = Home::against(&replay);
    let app = home.start(false).await;
    collect(&app, "nvd").await;
    let all = rows(&app, "all", "").await;
    let one = json!({ "kind": "ids", "ids": [all[0]["id"]] });
    let two = json!({ "kind": "ids", "ids": [all[0]["id"], all[1]["id"]] });
    let gone = json!({ "kind": "ids", "ids": [1] });
    let many = json!({ "kind": "ids", "ids": (0..10_001).collect::<Vec<_>>() });
    let closed = json!({ "kind": "list", "list": 999, "except": [] });
    let tag = |tag: &str| json!({ "kind": "add_tag", "tag": tag });
    let note = |text: &str| json!({ "kind": "add_note", "text": text });
    let reason = json!({ "kind": "set_state", "state": "done", "reason": "x".repeat(501) });
    for (target, act, code) in [
        (
            &one,
            json!({ "kind": "set_state", "state": "snoozed" }),
            "snooze_needs_until",
        ),
        (&one, snooze(app.now()), "snooze_in_the_past"),
        (&one, reason, "reason_too_long"),
        (&one, tag(" \n "), "tag_empty"),
        (&one, tag(&"ä".repeat(51)), "tag_too_long"),
        (&one, note(""), "note_empty"),
        (&one, note(&"x".repeat(10_001)), "note_too_long"),
        (&two, note("x"), "note_needs_one_alert"),
        (&gone, note("x"), "unknown_alert"),
        (
            &one,
            json!({ "kind": "remove_note", "note": 7 }),
            "unknown_note",
        ),
        (
            &one,
            json!({ "kind": "edit_note", "note": 7, "text": "x" }),
            "unknown_note",
        ),
        (&many, set("done"), "too_many_alerts"),
        (&closed, set("done"), "list_closed"),
        (&one, json!({ "kind": "explode" }), "bad_request"),
    ] {
        let request = json!({ "target": target, "act": act });
        let fault = app.call("triage_act", request).await.unwrap_err();
        assert_eq!(fault.code, code, "{act}");
    }
    let nothing = to_target(&app, gone, set("done")).await;
    assert_eq!(nothing, json!({ "undo": null, "changed": 0 }));
    let status = call(&app, "status", json!({})).await;
    assert_eq!(status["undo"], Value::Null);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_detail_shows_tags_notes_and_what_was_done() {
    let replay = fixtures();
    let home = Home::against(&replay);
    let app = home.start(false).await;
    collect(&app, "nvd").await;
    let id = &row(&app, "CVE-2026-90001").await["id"];
    let long = format!("  {} ", "ä".repeat(50));
    act(&app, &[id], json!({ "kind": "add_tag", "tag": long })).await;
    act(&app, &[id], json!({ "kind": "add_tag", "tag": "to\nask" })).await;
    act(
        &app,
        &[id],
        json!({ "kind": "add_note", "text": " first " }),
    )
    .await;
    act(&app, &[id], json!({ "kind": "add_note", "text": "second" })).await;
    act(
        &app,
        &[id],
        json!({ "kind": "edit_note", "note": 1, "text": "mended" }),
    )
    .await;
    act(&app, &[id], set("not_applicable")).await;
    let shown = detail(&app, "CVE-2026-90001").await;
    assert_eq!(shown["tags"], json!(["to ask", "ä".repeat(50)]));
    assert_eq!(shown["row"]["tags"], shown["tags"]);
    let notes = shown["notes"].as_array().unwrap();
    assert_eq!(
        (&notes[0]["text"], &notes[0]["edited"]),
        (&json!("second"), &Value::Null)
    );
    assert_eq!(
        (&notes[1]["text"], &notes[1]["id"]),
        (&json!("mended"), &json!(1))
    );
    assert_ne!(notes[1]["edited"], Value::Null);
    let triage = shown["triage"].as_array().unwrap();
    assert_eq!(triage.len(), 6);
    assert_eq!(triage[0]["act"], set("not_applicable"));
    assert_eq!(
        (&triage[0]["before"], &triage[0]["alerts"]),
        (&json!("new"), &json!(1))
    );
    assert_eq!(triage[1]["before"], Value::Null);
    assert_eq!(shown["row"]["reason"], "because");

    // A state that has no reason takes it away.
    act(&app, &[id], set("reviewing")).await;
    assert_eq!(row(&app, "CVE-2026-90001").await["reason"], Value::Null);
    call(&app, "triage_undo", json!({})).await;
    let shown = detail(&app, "CVE-2026-90001").await;
    assert_eq!(shown["triage"][0]["undone"], true);
    assert_eq!(shown["row"]["reason"], "because");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_after_somebody_looked_is_marked_until_they_look_again() {
    let replay = fixtures();
    let home = Home::against(&replay);
    let app = home.start(false).await;
    replay
        .put_nvd(&record(ID, &soon(&replay, 0), json!({})))
        .unwrap();
    collect(&app, "nvd").await;
    let id = &row(&app, ID).await["id"];
    assert_eq!(detail(&app, ID).await["looked"], Value::Null);
    let looked = app.now();
    act(&app, &[id], json!({ "kind": "set_read", "read": true })).await;
    assert_eq!(row(&app, ID).await["changed_since"], false);
    replay
        .put_nvd(&record(ID, &soon(&replay, 60), score(5.0)))
        .unwrap();
    an_hour_passes(&replay, &app);
    collect(&app, "nvd").await;
    let shown = detail(&app, ID).await;
    assert_eq!(shown["row"]["changed_since"], true);
    let at = |value: &Value| Time::parse_rfc3339(value.as_str().unwrap()).unwrap();
    assert!(at(&shown["looked"]) >= looked);
    assert!(at(&shown["changes"][0]["at"]) > at(&shown["looked"]));
    let read = act(&app, &[id], json!({ "kind": "set_read", "read": true })).await;
    assert_eq!(row(&app, ID).await["changed_since"], false);
    // What is opened is marked as read by itself: undo without a number is for what was decided.
    let nothing = call(&app, "triage_undo", json!({})).await;
    assert_eq!(nothing["changed"], 0);
    call(&app, "triage_undo", json!({ "id": read["undo"] })).await;
    assert_eq!(row(&app, ID).await["changed_since"], true);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_snoozed_alert_comes_back_by_itself_when_its_time_has_come() {
    let replay = fixtures();
    let home = Home::against(&replay);
    let app = home.start(false).await;
    collect(&app, "nvd").await;
    let all = rows(&app, "all", "").await;
    let (first, later) = (&all[0]["id"], &all[1]["id"]);
    act(&app, &[later], snooze(app.now().plus_s(3_600))).await;
    let mut events = app.events().subscribe();
    act(&app, &[first], snooze(app.now().plus_s(1))).await;
    assert_eq!(rows(&app, "snoozed", "").await.len(), 2);
    for _act_then_waking in 0..2 {
        wait_for(&mut events, |e| *e == Event::TriageChanged).await;
    }
    let now = rows(&app, "all", "").await;
    assert_eq!(
        (&now[0]["state"], &now[0]["unread"]),
        (&json!("new"), &json!(true))
    );
    assert_eq!(now[0]["until"], Value::Null);
    assert_eq!(now[1]["state"], "snoozed");
    let shown = call(&app, "alert_get", json!({ "id": first })).await;
    assert_eq!(shown["changes"][0]["kind"], "reopened");
    assert_eq!(shown["changes"][0]["before"], "snoozed");
    assert_eq!(shown["triage"].as_array().unwrap().len(), 1);

    // The act that put it to sleep is over: undoing it does not put it to sleep again.
    let undone = call(&app, "triage_undo", json!({})).await;
    assert_eq!(undone["changed"], 0);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_passed_while_the_app_was_closed_is_made_up_for_once() {
    let replay = fixtures();
    let mut home = Home::against(&replay);
    let app = home.start(false).await;
    collect(&app, "nvd").await;
    let all = rows(&app, "all", "").await;
    let ids: Vec<&Value> = all.iter().map(|r| &r["id"]).collect();
    let until = app.now().plus_s(60);
    act(&app, &ids, snooze(until)).await;
    act(&app, &ids[..1], snooze(until.plus_s(3_600))).await;
    act(&app, &ids[1..2], set("done")).await;
    app.stop().await;
    drop(app);

    home.set("TOCSIN_CLOCK_START", &until.plus_s(60).to_rfc3339());
    let app = home.start(false).await;
    let (one, other) = tokio::join!(app.wake_snoozed(), app.wake_snoozed());
    assert_eq!(
        (one.unwrap(), other.unwrap()),
        (Duration::from_secs(60), Duration::from_secs(60))
    );
    let now = rows(&app, "all", "").await;
    let states: Vec<&str> = now.iter().map(|r| r["state"].as_str().unwrap()).collect();
    assert_eq!(&states[..3], ["snoozed", "done", "new"]);
    assert!(states[2..].iter().all(|s| *s == "new"));
    for id in &ids[2..] {
        let shown = call(&app, "alert_get", json!({ "id": id })).await;
        let reopened = kinds(&shown).iter().filter(|k| **k == "reopened").count();
        assert_eq!(reopened, 1);
    }
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_alert_that_got_worse_is_open_again() {
    let replay = fixtures();
    let home = Home::against(&replay);
    let app = home.start(false).await;
    replay
        .put_nvd(&record(ID, &soon(&replay, 0), score(5.0)))
        .unwrap();
    collect(&app, "nvd").await;
    let id = &row(&app, ID).await["id"];
    let mut exploited = score(9.8);
    exploited["cisaExploitAdd"] = "2026-06-30".into();
    let mut withdrawn = exploited.clone();
    withdrawn["vulnStatus"] = "Rejected".into();
    let steps = [
        // What was said, the state before and after, what the history says of it.
        (score(6.0), "done", "done", None),
        (
            score(7.0),
            "accepted_risk",
            "new",
            Some(json!("accepted_risk")),
        ),
        (exploited.clone(), "snoozed", "new", Some(json!("snoozed"))),
        (withdrawn, "not_applicable", "not_applicable", None),
        (
            exploited,
            "not_applicable",
            "not_applicable",
            Some(Value::Null),
        ),
    ];
    for (second, (said, before, after, reopened)) in (1..).zip(steps) {
        let until = app.now().plus_s(1_000_000);
        let put_away = if before == "snoozed" {
            snooze(until)
        } else {
            set(before)
        };
        act(&app, &[id], put_away).await;
        replay
            .put_nvd(&record(ID, &soon(&replay, second), said))
            .unwrap();
        an_hour_passes(&replay, &app);
        assert_eq!(collect(&app, "nvd").await.counts.changed, 1);
        let shown = detail(&app, ID).await;
        assert_eq!(shown["row"]["state"], after, "{before}");
        assert_eq!(shown["row"]["unread"], after == "new");
        let reason = if after == "new" {
            Value::Null
        } else {
            json!("because")
        };
        assert_eq!(shown["row"]["reason"], reason);
        let found = shown["changes"].as_array().unwrap();
        let found = found.iter().find(|c| c["kind"] == "reopened");
        match reopened {
            Some(before) => assert_eq!(found.unwrap()["before"], before),
            None if found.is_some() => assert_ne!(found, shown["changes"].get(0)),
            None => {}
        }
    }
    let shown = detail(&app, ID).await;
    assert_eq!(shown["triage"][2]["act"], set("accepted_risk"));
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_article_is_open_again_where_a_cve_that_it_names_is_high() {
    let replay = fixtures();
    let home = Home::against(&replay);
    let app = home.start(false).await;
    collect(&app, "thehackernews").await;
    let all = rows(&app, "all", "").await;
    let article = all
        .iter()
        .find(|r| r["title"].as_str().unwrap().contains("Brightvale VPN"))
        .unwrap();
    act(&app, &[&article["id"]], set("done")).await;
    collect(&app, "nvd").await;
    let shown = call(&app, "alert_get", json!({ "id": article["id"] })).await;
    assert_eq!(shown["row"]["severity"], "high");
    assert_eq!(shown["row"]["state"], "new");
    assert_eq!(kinds(&shown), ["reopened", "severity_raised", "new"]);
    app.stop().await;
}

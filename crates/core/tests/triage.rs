//! Triage: states, undo across restarts, lists that stay where they are.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use common::{Home, act, call, collect, counts, fixtures, row, rows};
use serde_json::{Value, json};
use tocsin_core::app::App;

async fn set_state(app: &App, ids: &[&Value], state: &str) -> Value {
    act(app, ids, json!({ "kind": "set_state", "state": state })).await
}

#[tokio::test(flavor = "multi_thread")]
async fn undo_brings_the_state_before_back_also_after_a_restart() {
    let replay = fixtures();
    let home = Home::against(&replay);
    let app = home.start(false).await;
    collect(&app, "nvd").await;
    let first = row(&app, "CVE-2026-90001").await;
    set_state(&app, &[&first["id"]], "reviewing").await;
    let done = set_state(&app, &[&first["id"]], "done").await;
    assert_eq!(done["changed"], 1);
    // The other one is what NVD rejected.
    assert_eq!(counts(&app, "closed").await.0, 2);
    app.stop().await;
    drop(app);

    let app = home.start(false).await;
    let status = call(&app, "status", json!({})).await;
    assert_eq!(status["undo"]["label"], "CVE-2026-90001");
    let undone = call(&app, "triage_undo", json!({})).await;
    assert_eq!(undone["ids"], json!([first["id"]]));
    assert_eq!(row(&app, "CVE-2026-90001").await["state"], "reviewing");
    call(&app, "triage_undo", json!({})).await;
    assert_eq!(row(&app, "CVE-2026-90001").await["state"], "new");
    let nothing = call(&app, "triage_undo", json!({})).await;
    assert_eq!(nothing, json!({ "act": null, "changed": 0, "ids": [] }));
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn many_alerts_are_one_act_and_an_unchanged_one_is_no_part_of_it() {
    let replay = fixtures();
    let home = Home::against(&replay);
    let app = home.start(false).await;
    collect(&app, "nvd").await;
    let all = rows(&app, "all", "").await;
    // What NVD rejected is closed already.
    let open = all.iter().filter(|r| r["state"] == "new");
    let ids: Vec<&Value> = open.map(|r| &r["id"]).collect();
    set_state(&app, &ids[..1], "done").await;
    let act = set_state(&app, &ids, "done").await;
    assert_eq!(act["changed"], ids.len() - 1);
    let same = set_state(&app, &ids, "done").await;
    assert_eq!(same["undo"], Value::Null);
    call(&app, "triage_undo", json!({ "id": act["undo"] })).await;
    assert_eq!(counts(&app, "closed").await.0, 2);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_open_list_stays_put_while_collecting_and_counts_what_came() {
    let replay = fixtures();
    let home = Home::against(&replay);
    let app = home.start(false).await;
    collect(&app, "nvd").await;
    let list = call(&app, "list_open", json!({ "view": "all", "query": "" })).await;
    let page = json!({ "list": list["list"], "offset": 0, "limit": 100 });
    let before = call(&app, "list_rows", page.clone()).await;
    app.clock().advance_ms(1_000);
    let owasp = collect(&app, "owasp").await;
    assert_eq!(call(&app, "list_rows", page).await, before);
    let fresh = call(&app, "list_fresh", json!({ "list": list["list"] })).await;
    assert_eq!(fresh["count"], owasp.counts.new);

    let anchor = &before[3];
    let again = json!({ "view": "all", "query": "", "anchor": anchor["id"] });
    let again = call(&app, "list_open", again).await;
    let at = again["anchor_index"].as_u64().unwrap() as usize;
    let now = rows(&app, "all", "").await;
    assert_eq!(now[at]["id"], anchor["id"]);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn search_finds_words_phrases_products_and_cve_ids() {
    let replay = fixtures();
    let home = Home::against(&replay);
    let app = home.start(false).await;
    collect(&app, "nvd").await;
    collect(&app, "thehackernews").await;
    for (query, least) in [
        ("gateway", 2),
        ("GATEW", 2),
        ("\"session token\"", 1),
        ("\"token session\"", 0),
        ("CVE-2026-90006", 2),
        ("cve-2026-900", 8),
        ("groesse", 0),
        ("größe", 1),
        ("x' or 1=1 --drop", 0),
        ("\") ( * NEAR\"", 0),
        ("severity:high -kev:true", 1),
        ("severity:high kev:true -severity:high", 0),
    ] {
        let found = rows(&app, "all", query).await.len();
        let holds = if least == 0 {
            found == 0
        } else {
            found >= least
        };
        assert!(holds, "{query}: {found}");
    }
    for query in ["OR nginx", "(nginx", "a:b ^x {y}", "cvss:9..7", "kev>1"] {
        let request = json!({ "view": "all", "query": query });
        let fault = app.call("list_open", request).await.unwrap_err();
        assert_eq!(fault.code, "query_invalid", "{query}");
        let place = ["start", "end"].map(|at| fault.params[at].parse::<usize>().unwrap());
        assert!(place[0] <= place[1] && place[1] <= query.chars().count());
    }
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_is_not_of_its_form_says_so() {
    let replay = fixtures();
    let home = Home::against(&replay);
    let app = home.start(false).await;
    for (name, request, code) in [
        ("no_such", json!({}), "unknown_command"),
        ("list_open", json!({ "view": 7 }), "bad_request"),
        ("list_open", json!({ "view": "nope" }), "view_unknown"),
        (
            "list_open",
            json!({ "view": "all", "query": "severity:huge" }),
            "query_invalid",
        ),
        (
            "list_rows",
            json!({ "list": 99, "offset": 0, "limit": 1 }),
            "list_closed",
        ),
        ("alert_get", json!({ "id": 1 }), "unknown_alert"),
        (
            "open_url",
            json!({ "url": "javascript:alert(1)" }),
            "link_refused",
        ),
        (
            "open_url",
            json!({ "url": "file:///etc/passwd" }),
            "link_refused",
        ),
        (
            "channel_test",
            json!({ "channel": "pigeon" }),
            "channel_unknown",
        ),
        (
            "collect_start",
            json!({ "source": "nowhere" }),
            "unknown_source",
        ),
    ] {
        let fault = app.call(name, request).await.unwrap_err();
        assert_eq!(fault.code, code, "{name}");
    }
    app.stop().await;
}

//! Watches and mutes over what is stored: previews, recounts, products, mutes that end.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use common::made::{self, Made, export, time};
use common::{Home, call, counts, detail, fixtures, rows, set_state, wait_for};
use serde_json::{Value, json};
use tocsin_core::app::App;
use tocsin_core::commands::api::{AlertsRequest, Relevant, alerts_page};
use tocsin_core::events::Event;
use tocsin_core::model::{Product, ProductRanges, VersionRange};

const NOW: &str = "2026-06-30T08:00:00Z";

/// A CVE with this text, published so many days before now; `before` is NVD's end of the affected versions
/// of Apache's HTTP server.
fn cve(number: u32, days: i64, title: &str, before: Option<&str>) -> Made {
    let mut made = made::cve(number);
    let (alert, _, carried) = &mut made;
    alert.title = title.into();
    alert.text = format!("{title}. It goes on.");
    alert.facts.products = Vec::new();
    alert.facts.kev = None;
    alert.facts.status = Some("Analyzed".into());
    alert.published = Some(time(NOW).plus_s(-days * 86_400));
    carried.added = time(NOW).plus_s(-days * 86_400 + 60);
    if let Some(before) = before {
        alert.facts.products = vec![Product {
            vendor: "apache".into(),
            product: "http_server".into(),
            versions: format!("before {before}"),
        }];
        alert.facts.ranges = vec![
            ProductRanges {
                vendor: "apache".into(),
                product: "http_server".into(),
                source: None,
                ranges: vec![VersionRange {
                    before: Some(before.into()),
                    ..VersionRange::default()
                }],
            },
            // The CNA's own name for it is in no text.
            ProductRanges {
                vendor: "Apache Software Foundation".into(),
                product: "Web Daemon".into(),
                source: Some("security@apache.org".into()),
                ranges: Vec::new(),
            },
        ];
    }
    made
}

fn all() -> Vec<Made> {
    let mut article = made::article(
        1,
        "A Struts2 flaw, and struts 3. Acme Router is not affected.",
        &[],
    );
    article.0.title = "Attackers love routers".into();
    article.0.published = Some(time(NOW).plus_s(-86_400));
    article.2.added = time(NOW).plus_s(-86_000);
    vec![
        cve(1, 2, "Acme Router lets attackers in", None),
        cve(2, 3, "Acme Switch lets attackers in", None),
        cve(3, 60, "Acme Router of old", None),
        cve(4, 4, "A flaw in the server", Some("2.4.0")),
        cve(5, 5, "Another flaw in the server", Some("2.4.59")),
        article,
    ]
}

async fn home() -> Home {
    let replay = fixtures();
    let mut home = Home::against(&replay);
    home.set("TOCSIN_CLOCK_START", NOW);
    made::store(home.path(), all()).await;
    home
}

/// A start that has analysed what was stored without an analysis, so that nothing changes beside the test.
async fn start(home: &Home) -> App {
    let app = home.start(false).await;
    let mut events = app.events().subscribe();
    while !app.is_analysed().await.unwrap() {
        wait_for(&mut events, |_| true).await;
    }
    app
}

async fn edit(app: &App, edit: Value) {
    call(app, "settings_edit", json!({ "edit": edit })).await;
}

/// The lists of watches and mutes, when everything is counted.
async fn counted(app: &App) -> (Vec<Value>, Vec<Value>) {
    let mut events = app.events().subscribe();
    loop {
        let list = |name| async move {
            let rows = call(app, name, json!({})).await;
            rows.as_array().unwrap().clone()
        };
        let (watches, mutes) = (list("watches_list").await, list("mutes_list").await);
        if watches
            .iter()
            .chain(&mutes)
            .all(|row| row["alerts"].is_u64())
        {
            return (watches, mutes);
        }
        wait_for(&mut events, |_| true).await;
    }
}

async fn uids(app: &App, view: &str, query: &str) -> Vec<String> {
    let found = rows(app, view, query).await;
    let mut all: Vec<String> = found
        .iter()
        .map(|r| r["uid"].as_str().unwrap().to_owned())
        .collect();
    all.sort();
    all
}

fn term(text: &str) -> Value {
    json!({ "term": text, "aliases": [], "exceptions": [] })
}

fn product(name: &str, versions: &[&str]) -> Value {
    json!({
        "term": format!("our {name} {}", versions.join(" ")), "kind": "product",
        "product": { "vendor": "apache", "product": name, "versions": versions },
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_preview_says_what_is_found_after_saving() {
    let home = home().await;
    let app = start(&home).await;
    let regex = json!({ "term": r"struts[0-9]\b|acme\s+s\w+", "kind": "regex" });
    let scoped =
        json!({ "term": "acme", "scope": { "kinds": ["article"], "sources": [], "fields": [] } });
    let in_title =
        json!({ "term": "lets", "scope": { "kinds": [], "sources": [], "fields": ["title"] } });
    let excepted = json!({ "term": "attackers", "exceptions": ["attackers love"] });
    for (watch, recent, total) in [
        (term("router"), 2, 3),
        (regex, 2, 2),
        (scoped, 1, 1),
        (in_title, 2, 2),
        (excepted, 2, 2),
        (product("http_server", &[]), 2, 2),
        // In the CNA's data alone, whose words no search index has.
        (product("web daemon", &[]), 2, 2),
        (product("http server", &["2.4.1"]), 1, 1),
        (term("nowhere"), 0, 0),
    ] {
        let preview = call(&app, "watch_preview", json!({ "watch": watch })).await;
        assert_eq!(preview["count"], recent, "{watch}");
        assert_eq!((&preview["days"], &preview["of"]), (&json!(30), &json!(5)));
        assert_eq!(preview["is_complete"], true);
        assert_eq!(preview["examples"].as_array().unwrap().len(), recent);
        // A mute finds the same.
        let muted = call(&app, "mute_preview", json!({ "mute": watch })).await;
        assert_eq!(muted, preview, "{watch}");

        edit(&app, json!({ "kind": "add_watch", "watch": watch })).await;
        let (watches, _) = counted(&app).await;
        let row = watches.last().unwrap();
        assert_eq!(
            (&row["alerts"], &row["recent"]),
            (&json!(total), &json!(recent)),
            "{watch}"
        );
        let name = watch["term"].as_str().unwrap().trim();
        let query = format!("watch=\"{}\"", name.replace('\\', " "));
        assert_eq!(rows(&app, "all", &query).await.len(), total, "{query}");
        let example = &preview["examples"][0];
        if recent > 0 {
            let stored = detail(&app, example["uid"].as_str().unwrap()).await;
            let matches = stored["finding"]["relevance"]["matches"]
                .as_array()
                .unwrap();
            let own: Vec<&Value> = matches.iter().filter(|m| m["watch"] == name).collect();
            let shown: Vec<&Value> = example["matches"].as_array().unwrap().iter().collect();
            assert_eq!(own, shown, "{watch}");
            assert!(
                stored["finding"]["relevance"]["is_relevant"]
                    .as_bool()
                    .unwrap()
            );
        }
    }
    assert_eq!(
        call(&app, "deliveries_list", json!({})).await["rows"],
        json!([])
    );
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_product_says_which_version_is_affected() {
    let home = home().await;
    let app = start(&home).await;
    edit(
        &app,
        json!({ "kind": "add_watch", "watch": product("http server", &["2.4.1", "2.4.60"]) }),
    )
    .await;
    counted(&app).await;
    // 2.4.1 is outside of < 2.4.0.
    assert_eq!(uids(&app, "all", "watch:*").await, ["CVE-2026-10005"]);
    let stored = detail(&app, "CVE-2026-10005").await;
    let found = &stored["finding"]["relevance"]["matches"][0];
    assert_eq!(
        (&found["version"], &found["field"]),
        (&json!("2.4.1"), &json!("products"))
    );
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_preview_says_what_would_be_lost() {
    let home = home().await;
    let app = start(&home).await;
    edit(&app, json!({ "kind": "add_watch", "watch": term("acme") })).await;
    edit(&app, json!({ "kind": "add_mute", "mute": term("router") })).await;
    let request = json!({ "watch": term("router"), "instead_of": "acme" });
    let preview = call(&app, "watch_preview", request).await;
    // The switch is lost; "routers" is another word.
    assert_eq!(
        (&preview["count"], &preview["would_lose"]),
        (&json!(2), &json!(1))
    );
    let request = json!({ "mute": term("switch"), "instead_of": "router" });
    let preview = call(&app, "mute_preview", request).await;
    assert_eq!(
        (&preview["count"], &preview["would_lose"]),
        (&json!(1), &json!(2))
    );
    let bad = json!({ "watch": { "term": "é(", "kind": "regex" } });
    let fault = app.call("watch_preview", bad).await.unwrap_err();
    assert_eq!((&*fault.code, &*fault.params["at"]), ("regex_invalid", "1"));
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mute_silences_and_touches_nothing_that_people_did() {
    let home = home().await;
    let app = start(&home).await;
    edit(&app, json!({ "kind": "add_watch", "watch": term("acme") })).await;
    counted(&app).await;
    let router = common::row(&app, "CVE-2026-10001").await["id"].clone();
    call(&app, "triage_act", set_state(json!([router]), "reviewing")).await;
    let before = detail(&app, "CVE-2026-10001").await;

    edit(&app, json!({ "kind": "add_mute", "mute": term("router") })).await;
    let (watches, mutes) = counted(&app).await;
    assert_eq!(
        watches[0]["alerts"], 4,
        "a watch still matches what is silent"
    );
    assert_eq!(
        (&mutes[0]["alerts"], &mutes[0]["recent"]),
        (&json!(3), &json!(2))
    );
    let after = detail(&app, "CVE-2026-10001").await;
    let relevance = &after["finding"]["relevance"];
    assert_eq!(
        (&relevance["is_relevant"], &relevance["reason"]),
        (&json!(false), &json!("mute"))
    );
    assert_eq!(relevance["muted_by"][0]["watch"], "router");
    assert_eq!(after["row"]["is_muted"], true);
    assert_eq!(after["row"]["matched"], json!(["acme"]));
    for same in ["state", "unread", "changed", "tags"] {
        assert_eq!(after["row"][same], before["row"][same], "{same}");
    }
    assert_eq!(
        (&after["triage"], &after["changes"]),
        (&before["triage"], &before["changes"])
    );

    let silent = [
        "CVE-2026-10001",
        "CVE-2026-10003",
        "feed:thehackernews:0000000000000001",
    ];
    assert_eq!(uids(&app, "muted", "").await, silent);
    assert_eq!(counts(&app, "muted").await.0, 3);
    assert_eq!(uids(&app, "all", "muted:yes").await, silent);
    assert_eq!(uids(&app, "all", "mute:router").await, silent);
    assert_eq!(uids(&app, "watching", "").await, ["CVE-2026-10002"]);
    assert_eq!(uids(&app, "new", "").await, ["CVE-2026-10002"]);
    assert_eq!(
        uids(&app, "all", "-muted:yes acme").await,
        ["CVE-2026-10002"]
    );

    let request = AlertsRequest {
        relevant: Some(Relevant::Any),
        ..AlertsRequest::default()
    };
    let page = alerts_page(&app, request).await.unwrap();
    let muted: Vec<bool> = page.alerts.iter().map(|alert| alert.is_muted).collect();
    assert_eq!(muted.iter().filter(|is| **is).count(), 3);
    let dir = common::folder();
    let path = dir.path().join("a.json");
    export(&app, "mute:router", "json", &path).await;
    let file: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    assert_eq!(
        file["alerts"][0]["finding"]["relevance"]["muted_by"][0]["watch"],
        "router"
    );

    edit(&app, json!({ "kind": "remove_mute", "term": "router" })).await;
    let mut events = app.events().subscribe();
    while counts(&app, "muted").await.0 > 0 {
        wait_for(&mut events, |_| true).await;
    }
    let lifted = detail(&app, "CVE-2026-10001").await;
    assert_eq!(lifted["finding"], before["finding"]);
    assert_eq!(
        call(&app, "deliveries_list", json!({})).await["rows"],
        json!([])
    );
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mute_ends_when_its_time_has_come() {
    let home = home().await;
    let app = start(&home).await;
    edit(&app, json!({ "kind": "add_watch", "watch": term("acme") })).await;
    let mute = json!({ "term": "router", "until": "2026-06-30T09:00:00Z" });
    edit(&app, json!({ "kind": "add_mute", "mute": mute })).await;
    counted(&app).await;
    assert_eq!(counts(&app, "muted").await.0, 3);
    let mut events = app.events().subscribe();
    app.clock().advance_ms(3_600_000);
    while counts(&app, "muted").await.0 > 0 {
        wait_for(&mut events, |_| true).await;
    }
    let (_, mutes) = counted(&app).await;
    assert_eq!(
        (&mutes[0]["has_ended"], &mutes[0]["alerts"]),
        (&json!(true), &json!(0))
    );
    assert_eq!(counts(&app, "watching").await.0, 4);

    // One that ends while nothing runs is over at the next start.
    let mute = json!({ "term": "router", "until": "2026-06-30T20:00:00Z" });
    edit(
        &app,
        json!({ "kind": "replace_mute", "term": "router", "mute": mute }),
    )
    .await;
    counted(&app).await;
    assert_eq!(counts(&app, "muted").await.0, 3);
    app.stop().await;
    drop(app);
    let mut home = home;
    home.set("TOCSIN_CLOCK_START", "2026-07-01T08:00:00Z");
    let app = start(&home).await;
    let mut events = app.events().subscribe();
    while counts(&app, "muted").await.0 > 0 {
        wait_for(&mut events, |e| {
            matches!(e, Event::AlertsChanged { .. } | Event::WorkChanged)
        })
        .await;
    }
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn many_changes_by_hand_are_counted_in_one_pass() {
    let home = home().await;
    home.settings(
        r#"[channels.desktop]
enabled = false
[[watches]]
term = "acme"
[[watches]]
term = "struts\\d"
kind = "regex"
[[watches]]
term = "httpd"
kind = "product"
vendor = "apache"
product = "http_server"
versions = ["2.3", "2.4.1"]
[[watches]]
term = "off"
enabled = false
[[mutes]]
term = "switch"
fields = ["title"]
[[mutes]]
term = "flaw"
until = 2026-06-01
"#,
    );
    let app = start(&home).await;
    let (watches, mutes) = counted(&app).await;
    let counts_of = |rows: &[Value]| -> Vec<u64> {
        rows.iter()
            .map(|row| row["alerts"].as_u64().unwrap())
            .collect()
    };
    assert_eq!(counts_of(&watches), [4, 1, 2, 0]);
    assert_eq!(counts_of(&mutes), [1, 0]);
    assert_eq!(uids(&app, "muted", "").await, ["CVE-2026-10002"]);
    let both = detail(&app, "CVE-2026-10005").await;
    assert_eq!(
        both["finding"]["relevance"]["matches"][0]["version"],
        "2.3, 2.4.1"
    );
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn stored_products_are_offered_with_their_counts() {
    let home = home().await;
    let app = start(&home).await;
    let ask = async |text: &str| call(&app, "product_suggest", json!({ "text": text })).await;
    let httpd = json!([{ "vendor": "apache", "product": "http_server", "alerts": 2 }]);
    for text in ["apa", "http", "server apache", "HTTP_Se"] {
        assert_eq!(ask(text).await, httpd, "{text}");
    }
    for text in ["", " ", "\"", "nginx", "apache ngi"] {
        assert_eq!(ask(text).await, json!([]), "{text}");
    }
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_look_through_everything_is_shown_and_can_be_stopped() {
    let replay = fixtures();
    let mut home = Home::against(&replay);
    home.set("TOCSIN_CLOCK_START", NOW);
    let many = (0..3_000).map(|n| cve(n, 1, &format!("Flaw {n} lets attackers in"), None));
    made::store(home.path(), many.collect()).await;
    let app = start(&home).await;
    let mut events = app.events().subscribe();
    // No word of it is in the search index, and every seventh hundred has it.
    let watch = json!({ "term": r"\b[0-6]?7\d\d\b", "kind": "regex" });
    edit(&app, json!({ "kind": "add_watch", "watch": watch })).await;
    let row = async || call(&app, "watches_list", json!({})).await[0].clone();
    while row().await["alerts"].is_null() {
        let status = call(&app, "status", json!({})).await;
        let work = status["work"].as_array().unwrap();
        if let Some(work) = work.iter().find(|work| work["kind"] == "recount") {
            assert_eq!(work["can_cancel"], true);
            call(&app, "work_cancel", json!({ "id": work["id"] })).await;
            break;
        }
        wait_for(&mut events, |_| true).await;
    }
    // Whoever stops it has what was found until then; the next change goes on with it.
    edit(&app, json!({ "kind": "add_mute", "mute": term("2701") })).await;
    while row().await["alerts"].is_null() {
        wait_for(&mut events, |_| true).await;
    }
    let found = row().await;
    assert_eq!(found["alerts"], 300, "{found}");
    assert_eq!(counted(&app).await.1[0]["alerts"], 1);
    app.stop().await;
}

//! OWASP's lists: guidance with its text, and the alerts that belong to each entry.

use super::*;
use common::fixtures;

const XSS: &str = "CVE-2026-91000";
const OTHER: &str = "CVE-2026-91001";

fn weak(cwe: &str) -> Value {
    json!({ "weaknesses": [{ "source": "nvd@nist.gov", "type": "Primary", "description": [{ "lang": "en", "value": cwe }] }] })
}

fn entry_page(code: &str, cwes: &str) -> String {
    format!(
        "<article><h1>{code}:2025 X</h1><h2>Description</h2><p>Words.</p><h2>List of Mapped CWEs</h2><p>{cwes}</p></article>"
    )
}

/// An older edition, with other entries for the same weaknesses.
fn put_2021(replay: &Replay) {
    let links: String = (1..=10)
        .map(|n| format!("<li><a href='A{n:02}_2021-Old_{n}/'>A{n:02}:2021 Old {n}</a></li>"))
        .collect();
    replay.put_page("/Top10/2021/", "text/html", format!("<ul>{links}</ul>"));
    for n in 1..=10 {
        let cwes = if n == 3 { "CWE-79" } else { "CWE-5" };
        let page = entry_page(&format!("A{n:02}"), cwes).replace("2025", "2021");
        replay.put_page(
            &format!("/Top10/2021/A{n:02}_2021-Old_{n}/"),
            "text/html",
            page,
        );
    }
}

const INJECTION: &str = "/Top10/2025/A05_2025-Injection/";

#[tokio::test(flavor = "multi_thread")]
async fn alerts_follow_the_map_and_their_weaknesses() {
    let replay = fixtures();
    let home = Home::against(&replay);
    let app = with_records(
        &replay,
        &home,
        &[(XSS, weak("CWE-79")), (OTHER, weak("CWE-4711"))],
    )
    .await;
    assert!(found(&app, "owasp:a05").await.is_empty());
    let ended = collect(&app, "owasp").await;
    assert_eq!(ended.counts.new, 10);
    let mine = "(id:CVE-2026-91000 OR id:CVE-2026-91001)";
    assert_eq!(found(&app, &format!("owasp:a05 {mine}")).await, [XSS]);
    let shown = detail(&app, XSS).await["owasp"].clone();
    let entry = detail(&app, "owasp:top10:2025:A05").await;
    let expect = json!([{
        "list": "top10", "edition": "2025", "code": "A05", "is_newest": true,
        "title": "OWASP Top 10: Injection", "alert": entry["row"]["id"],
    }]);
    assert_eq!(shown, expect);
    // The entry itself has its text, with its licence, and its weaknesses.
    let text = entry["text"].as_str().unwrap();
    for part in [
        "Description\n\nWhat a user typed",
        "How to prevent",
        "Scenario #1",
        "CC BY-SA 4.0",
    ] {
        assert!(text.contains(part), "{text}");
    }
    assert_eq!(entry["facts"]["cwes"], json!(["CWE-79", "CWE-89"]));
    assert_eq!(
        entry["facts"]["references"][0]["url"],
        "https://www.examplesoft.example/guides/a05"
    );
    assert_eq!(
        found(&app, "owasp:a05:2025 kind:guidance").await,
        ["owasp:top10:2025:A05"]
    );

    // The map changes.
    an_hour_passes(&replay, &app);
    replay.put_page(INJECTION, "text/html", entry_page("A05", "CWE-4711"));
    collect(&app, "owasp").await;
    assert_eq!(found(&app, &format!("owasp:a05 {mine}")).await, [OTHER]);
    assert_eq!(found(&app, &format!("owasp:* {mine}")).await, [OTHER]);
    // The weaknesses of an alert change; one comes later.
    for (id, cwe) in [(OTHER, "CWE-79"), ("CVE-2026-91002", "CWE-4711")] {
        let record = record(id, &soon(&replay, 60), weak(cwe));
        replay.put_nvd(&record).unwrap();
    }
    an_hour_passes(&replay, &app);
    collect(&app, "nvd").await;
    let both = found(&app, "owasp:a05 id:CVE-2026-9100*").await;
    assert_eq!(both, ["CVE-2026-91002"]);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_newest_edition_is_meant_and_older_ones_are_named() {
    let replay = fixtures();
    let home = Home::against(&replay);
    home.settings(
        "[channels.desktop]\nenabled = false\n\n[sources.owasp]\neditions = [\"2021\", \"2025\"]\n",
    );
    put_2021(&replay);
    let app = with_records(
        &replay,
        &home,
        &[(XSS, weak("CWE-79")), (OTHER, weak("CWE-5"))],
    )
    .await;
    let ended = collect(&app, "owasp").await;
    assert_eq!(ended.counts.new, 20);
    for (query, expect) in [
        ("owasp:a05", vec![XSS]),
        ("owasp:a05:2025", vec![XSS]),
        ("owasp:a03:2021", vec![XSS]),
        ("owasp:a03", vec![]),
        ("owasp:a10:2021", vec![OTHER]),
    ] {
        let query = format!("{query} id:CVE-2026-9100*");
        assert_eq!(found(&app, &query).await, expect, "{query}");
    }
    let codes = |shown: &Value| -> Vec<String> {
        let all = shown["owasp"].as_array().unwrap().iter();
        all.map(|r| {
            format!(
                "{}:{}",
                r["code"].as_str().unwrap(),
                r["edition"].as_str().unwrap()
            )
        })
        .collect()
    };
    assert_eq!(codes(&detail(&app, XSS).await), ["A05:2025", "A03:2021"]);
    let typed = json!({ "text": "owasp:a03", "cursor": 9 });
    let offered = call(&app, "query_complete", typed).await;
    let labels: Vec<&str> = offered["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["insert"].as_str().unwrap())
        .collect();
    assert!(labels.contains(&"a03:2021"), "{labels:?}");

    // The older one alone: it is the newest then, and the other is forgotten.
    let edit = json!({ "kind": "set_source", "id": "owasp", "fields": { "editions": ["2021"] } });
    call(&app, "settings_edit", json!({ "edit": edit })).await;
    collect(&app, "owasp").await;
    assert_eq!(found(&app, "owasp:a03 id:CVE-2026-9100*").await, [XSS]);
    assert!(
        found(&app, "owasp:a05:2025 kind:vulnerability")
            .await
            .is_empty()
    );
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_lost_entries_is_a_fault_and_the_good_one_stays() {
    let replay = fixtures();
    let home = Home::against(&replay);
    let app = with_records(&replay, &home, &[(XSS, weak("CWE-79"))]).await;
    collect(&app, "owasp").await;
    an_hour_passes(&replay, &app);
    replay.put_page(
        "/Top10/2025/",
        "text/html",
        "<a href='A01_2025-X/'>A01:2025 X</a>",
    );
    let source = tocsin_core::model::SourceId::new("owasp");
    let ended = app.collect(&source, true).await.unwrap();
    assert_eq!(ended.fault.unwrap().code, "owasp_incomplete");
    assert_eq!(found(&app, "kind:guidance").await.len(), 10);
    assert_eq!(found(&app, "owasp:a05 id:CVE-2026-91000").await, [XSS]);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_api_list_is_a_source_of_its_own_and_off_at_first() {
    let replay = fixtures();
    let home = Home::against(&replay);
    let app = with_records(&replay, &home, &[(XSS, weak("CWE-639"))]).await;
    let sources = call(&app, "sources_list", json!({})).await;
    let row = sources
        .as_array()
        .unwrap()
        .iter()
        .find(|s| s["id"] == "owasp-api");
    assert_eq!(row.unwrap()["enabled"], false);
    let ended = collect(&app, "owasp-api").await;
    assert_eq!((ended.counts.new, ended.counts.problems), (10, 0));
    assert_eq!(found(&app, "owasp:api1 id:CVE-2026-9100*").await, [XSS]);
    assert_eq!(
        found(&app, "owasp:api1:2023 kind:guidance").await,
        ["owasp:api:2023:API1"]
    );
    let first = detail(&app, "owasp:api:2023:API1").await;
    assert_eq!(
        first["row"]["title"],
        "OWASP API Security Top 10: Broken Object Level Authorization"
    );
    app.stop().await;
}

//! Imports: what comes back, and what hostile files cannot do.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use std::path::{Path, PathBuf};

use common::made::{self, export};
use common::{Home, call, collect, counts, detail, fixtures, watch};
use serde_json::{Value, json};
use tocsin_core::app::App;

async fn import(app: &App, path: &Path) -> Value {
    call(app, "import_run", json!({ "path": path })).await
}

/// The file without the moment in which it was written.
fn content(path: &Path) -> String {
    let text = std::fs::read_to_string(path).unwrap();
    let (head, alerts) = text.split_once(",\"alerts\":").unwrap();
    assert!(head.contains("exported_at"));
    alerts.to_owned()
}

fn write(dir: &Path, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
    let path = dir.join(name);
    std::fs::write(&path, text).unwrap();
    path
}

const HEAD: &str =
    r#"{"tocsin":{"version":"0.1.0","format":1,"exported_at":"2026-01-01T00:00:00Z"},"alerts":["#;

/// A record that is right, with some fields replaced.
fn record(number: u32, with: Value) -> Value {
    let mut record = json!({
        "uid": format!("CVE-2026-{number}"), "source": "nvd", "kind": "vulnerability",
        "title": "A title", "text": "A text.", "url": "https://site.example/",
        "published": "2026-01-01T00:00:00Z", "updated": null, "added": "2026-01-02T00:00:00Z",
        "changed": null, "looked": null, "facts": {}, "epss": null, "state": "new",
        "reason": null, "until": null,
    });
    for (name, value) in with.as_object().unwrap() {
        record[name] = value.clone();
    }
    record
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_comes_back_as_it_was() {
    let replay = fixtures();
    let first = Home::against(&replay);
    // Articles before and after the CVEs that they name, and everything that people can add.
    let mut all: Vec<_> = (0..1_200).map(made::cve).collect();
    all.iter_mut().step_by(7).for_each(made::triaged);
    for number in 0..30 {
        let text = format!("It names CVE-2026-{:05}.", 10_000 + number * 40);
        let mut article = made::article(number, &text, &[]);
        made::triaged(&mut article);
        all.push(article);
    }
    made::store(first.path(), all).await;
    let app = first.start(false).await;
    for source in ["nvd", "owasp", "thehackernews"] {
        collect(&app, source).await;
    }
    watch(&app, "server").await;
    let dir = common::folder();
    let early = dir.path().join("early.json");
    export(&app, "", "json", &early).await;
    app.stop().await;
    drop(app);
    // What was stored without analysis gets it by an import; from then on nothing changes.
    let mut before = early;
    for round in 0..2 {
        let home = Home::against(&replay);
        let settings = std::fs::read_to_string(first.path().join("settings.toml")).unwrap();
        home.settings(&settings);
        let app = home.start(false).await;
        let done = import(&app, &before).await;
        assert_eq!(done["refused"], 0, "{done}");
        assert!(done["added"].as_u64().unwrap() > 1_230);
        assert_eq!(counts(&app, "all").await.1, 0);
        assert_eq!(
            call(&app, "deliveries_list", json!({})).await["rows"],
            json!([])
        );
        let again = import(&app, &before).await;
        assert_eq!(
            (&again["added"], &again["known"]),
            (&json!(0), &done["added"])
        );
        let after = dir.path().join(format!("{round}.json"));
        export(&app, "", "json", &after).await;
        if round == 1 {
            assert!(
                content(&before) == content(&after),
                "the second export differs"
            );
        }
        let found = detail(&app, "CVE-2026-10007").await;
        assert_eq!(found["row"]["state"], "accepted_risk");
        assert_eq!(found["changes"][0]["kind"], "severity_raised");
        // Collecting what was imported is no news.
        let ended = collect(&app, "thehackernews").await;
        assert_eq!((ended.counts.new, ended.counts.changed), (0, 0));
        app.stop().await;
        before = after;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_collected_comes_back_byte_for_byte() {
    let replay = fixtures();
    let first = Home::against(&replay);
    let app = first.start(false).await;
    for source in ["nvd", "owasp", "thehackernews"] {
        collect(&app, source).await;
    }
    let dir = common::folder();
    let (before, after) = (dir.path().join("a.json"), dir.path().join("b.json"));
    export(&app, "", "json", &before).await;
    app.stop().await;
    let second = Home::against(&replay);
    let app = second.start(false).await;
    import(&app, &before).await;
    export(&app, "", "json", &after).await;
    for (a, b) in content(&before).lines().zip(content(&after).lines()) {
        assert_eq!(a, b);
    }
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_record_is_a_problem_and_the_others_are_stored() {
    let replay = fixtures();
    let home = Home::against(&replay);
    let app = home.start(false).await;
    let article = json!({ "kind": "article", "source": "thehackernews" });
    let with = |uid: &str| {
        let mut with = article.clone();
        with["uid"] = json!(uid);
        with
    };
    let bad = [
        json!(7).to_string(),
        "not_json".into(),
        json!({ "uid": "CVE-2026-5000" }).to_string(),
        record(5001, json!({ "title": 5 })).to_string(),
        record(5002, json!({ "title": " \u{202e} " })).to_string(),
        record(5003, json!({ "added": "2026-13-01T00:00:00Z" })).to_string(),
        record(5004, json!({ "until": "0000-01-01T00:00:00+23:00" })).to_string(),
        record(5005, json!({ "state": "gone" })).to_string(),
        record(5006, json!({ "epss": 2.5 })).to_string(),
        record(5007, json!({ "epss": 0 })).to_string().replace("\"epss\":0", "\"epss\":1e999"),
        record(5008, json!({ "uid": "GHSA-1" })).to_string(),
        record(5009, json!({ "uid": "cve-2026-5009" })).to_string(),
        record(5010, json!({ "source": "" })).to_string(),
        record(5011, with("feed:other:0123456789abcdef")).to_string(),
        record(5012, with("CVE-2026-5012")).to_string(),
        record(5013, with("feed:thehackernews:../../x")).to_string(),
        record(5014, json!({ "kind": "guidance", "uid": "owasp:top10:2025:A01" })).to_string(),
        record(5015, json!({ "facts": { "scores": [{ "version": "3.1", "issuer": "nvd", "source": "", "primary": true, "score": 11, "vector": "" }] } })).to_string(),
        record(5016, json!({ "tags": vec!["x"; 100_000] })).to_string(),
        record(5017, json!({ "changes": [{ "at": "2026-01-01T00:00:00Z", "kind": "exploded" }] })).to_string(),
        format!("{{\"uid\":\"CVE-2026-5018\",\"facts\":{}{}}}", "[".repeat(200_000), "]".repeat(200_000)),
        record(5019, json!({ "text": "x".repeat(17 << 20) })).to_string(),
    ];
    let good = [
        record(
            6000,
            json!({ "text": "x".repeat(1 << 20), "tags": ["a", " ", "a"] }),
        ),
        record(
            6001,
            json!({ "added": "2126-01-01T00:00:00Z", "published": "2126-01-01T00:00:00Z" }),
        ),
        record(
            6002,
            json!({ "url": "javascript:alert(1)", "unread": true, "unheard_of": [[{}]] }),
        ),
        record(6000, json!({ "title": "Another one of the same name" })),
        record(
            6003,
            json!({ "finding": { "severity": "high" }, "until": "2030-01-01T00:00:00Z" }),
        ),
    ];
    let long = [record(
        6004,
        json!({
            "state": "snoozed", "until": "2020-01-01T00:00:00Z",
            "tags": [" dmz \n\t edge ", "t".repeat(60), "\u{7}"],
            "notes": [{ "at": "2026-01-01T00:00:00Z", "edited": null, "text": "n".repeat(20_000) }],
        }),
    )];
    let good = good.iter().chain(&long);
    let mut all: Vec<String> = bad.to_vec();
    all.extend(good.map(Value::to_string));
    let dir = common::folder();
    let path = write(
        dir.path(),
        "a.json",
        format!("\u{feff} {HEAD}\n{}\n]}}", all.join(",\n")),
    );
    let done = import(&app, &path).await;
    let problems = done["problems"].as_array().unwrap();
    assert_eq!(done["refused"], bad.len(), "{done:#}");
    assert_eq!((&done["added"], &done["known"]), (&json!(5), &json!(1)));
    assert_eq!(problems.len(), 20);
    for code in [
        "import_bad_record",
        "bad_cve_id",
        "bad_uid",
        "bad_score",
        "nothing_to_show",
    ] {
        assert!(
            problems.iter().any(|p| p["fault"]["code"] == code),
            "{code}: {problems:#?}"
        );
    }
    let kept = detail(&app, "CVE-2026-6000").await;
    assert!(kept["text"].as_str().unwrap().len() <= 256 << 10);
    assert_eq!(kept["row"]["title"], "A title");
    let future = detail(&app, "CVE-2026-6001").await;
    assert!(future["row"]["added"].as_str().unwrap() < "2126");
    assert!(future["row"]["published"].as_str().unwrap() < "2126");
    let linked = detail(&app, "CVE-2026-6002").await;
    assert_eq!(
        (&linked["url"], &linked["row"]["unread"]),
        (&Value::Null, &json!(false))
    );
    let long = detail(&app, "CVE-2026-6004").await;
    assert_eq!(long["row"]["state"], "new");
    assert_eq!(long["row"]["tags"], json!(["dmz edge", "t".repeat(50)]));
    let note = long["notes"][0]["text"].as_str().unwrap();
    assert_eq!(note.chars().count(), 10_000);
    let unscored = detail(&app, "CVE-2026-6003").await;
    assert_eq!(unscored["row"]["score"], Value::Null);
    // What the file says of its level is not believed; what it is estimated as is said to be so.
    assert_eq!(
        unscored["row"]["estimated"],
        unscored["row"]["severity"] != Value::Null
    );
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_export_is_refused_and_one_cut_short_is_taken_as_far_as_it_goes() {
    let replay = fixtures();
    let home = Home::against(&replay);
    let app = home.start(false).await;
    let dir = common::folder();
    let newer = HEAD.replace("\"format\":1", "\"format\":2");
    for (text, code) in [
        (String::new(), "import_foreign"),
        ("id,kind\r\n1,2".into(), "import_foreign"),
        (
            "{\"type\":\"bundle\",\"objects\":[]}".into(),
            "import_foreign",
        ),
        ("[]".into(), "import_foreign"),
        ("{\"tocsin\":7,\"alerts\":[]}".into(), "import_foreign"),
        ("{\"alerts\":[],\"tocsin\":{}}".into(), "import_foreign"),
        (
            format!("{{\"tocsin\":{}", "[".repeat(1 << 20)),
            "import_foreign",
        ),
        ("\u{0}".repeat(1 << 20), "import_foreign"),
        (format!("{newer}]}}"), "import_newer"),
    ] {
        let path = write(dir.path(), "a.json", &text);
        let fault = app
            .call("import_run", json!({ "path": path }))
            .await
            .unwrap_err();
        assert_eq!(fault.code, code, "{:?}", &text[..text.len().min(40)]);
    }
    for (path, code) in [
        (dir.path().join("no.json"), "file_unreadable"),
        (dir.path().to_owned(), "file_unreadable"),
        (PathBuf::from("a.json"), "path_not_absolute"),
    ] {
        let fault = app
            .call("import_run", json!({ "path": path }))
            .await
            .unwrap_err();
        assert_eq!(fault.code, code);
    }
    let records = [7000, 7001].map(|n| record(n, json!({})).to_string());
    let whole = format!("{HEAD}{}]}}", records.join(","));
    for (number, end) in [whole.len() - 2, whole.len() - 30].into_iter().enumerate() {
        let path = write(dir.path(), "a.json", &whole[..end]);
        let done = import(&app, &path).await;
        assert_eq!(done["refused"], 1, "{number}");
        assert_eq!(done["problems"][0]["fault"]["code"], "import_cut_short");
    }
    assert_eq!(counts(&app, "all").await.0, 2);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_that_is_stopped_keeps_what_it_stored() {
    let replay = fixtures();
    let home = Home::against(&replay);
    let app = home.start(false).await;
    let dir = common::folder();
    let records: Vec<String> = (10_000..30_000)
        .map(|n| record(n, json!({})).to_string())
        .collect();
    let path = write(
        dir.path(),
        "a.json",
        format!("{HEAD}{}]}}", records.join(",\n")),
    );
    let running = app.clone();
    let task =
        tokio::spawn(async move { running.call("import_run", json!({ "path": path })).await });
    loop {
        if let Some(work) = app.work().first().filter(|work| work.done > 0) {
            assert!(work.total.unwrap() > 15_000, "{work:?}");
            call(&app, "work_cancel", json!({ "id": work.id })).await;
            break;
        }
        assert!(!task.is_finished());
        tokio::task::yield_now().await;
    }
    let fault = task.await.unwrap().unwrap_err();
    assert_eq!(fault.code, "import_cancelled");
    let stored = counts(&app, "all").await.0;
    assert_eq!(fault.params["added"], stored.to_string());
    assert!((500..20_000).contains(&stored));
    app.stop().await;
}

//! What a rule would have sent is what it does send.

use super::*;
use common::call;
use tocsin_core::model::{Alert, Facts, Finding, Kind, SourceId};
use tocsin_core::store::{Db, Open, alerts};

async fn backtest(app: &App, rule: Value) -> Value {
    call(app, "rule_backtest", backtest_of(rule)).await
}

fn backtest_of(rule: Value) -> Value {
    let mut whole = json!({
        "name": "tried", "enabled": true, "query": "", "watches": [], "min_severity": null,
        "changes": ["new", "exploited", "raised_to_high"], "channels": ["email"],
        "when": { "kind": "now" }, "per_hour": 0, "per_day": 0,
    });
    for (key, value) in rule.as_object().unwrap() {
        whole[key] = value.clone();
    }
    json!({ "rule": whole })
}

/// A first collection, and then on three days: 4 new ones (one of them High), one raised to High, one new.
async fn three_days(replay: &Replay, home: &Home) -> App {
    let app = after_first(replay, home, &["nvd"]).await;
    passes(replay, Some(&app), 86_400);
    for number in 92_001..92_005 {
        let value = if number == 92_001 { 9.8 } else { 4.0 };
        put(replay, &format!("CVE-2026-{number}"), score(value));
    }
    passes(replay, Some(&app), 60);
    collect(&app, "nvd").await;
    passes(replay, Some(&app), 86_400);
    put(replay, ONE, score(9.0));
    passes(replay, Some(&app), 60);
    collect(&app, "nvd").await;
    passes(replay, Some(&app), 86_400);
    put(replay, "CVE-2026-92005", score(4.0));
    passes(replay, Some(&app), 60);
    collect(&app, "nvd").await;
    app
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backtest_says_what_the_rule_does() {
    let replay = fixtures();
    let home = Home::against(&replay);
    set(
        &home,
        "[rules.high]\nname = \"High\"\nchannels = [\"email\"]\nmin_severity = \"high\"\n",
    );
    let app = three_days(&replay, &home).await;
    assert_eq!(
        texts(&home),
        [
            "email CVE-2026-91000 severity_raised High",
            "email CVE-2026-92001 new High",
        ]
    );

    let all = backtest(&app, json!({})).await;
    assert_eq!(
        (&all["days"], &all["alerts"], &all["changes"], &all["alone"]),
        (&json!(30), &json!(6), &json!(6), &json!(4)),
        "{all}"
    );
    assert_eq!(
        all["channels"],
        json!([{ "name": "E-mail", "messages": 3, "digests": 0, "capped": 0, "quiet": 0 }])
    );
    let days = all["per_day"].as_array().unwrap();
    assert_eq!(days.len(), 30);
    let told: u64 = days.iter().map(|day| day["alerts"].as_u64().unwrap()).sum();
    assert_eq!(told, 6);
    let newest = &all["examples"][0];
    assert_eq!(
        (&newest["uid"], &newest["change"], &newest["severity"]),
        (&json!("CVE-2026-92005"), &json!("new"), &json!("medium"))
    );
    let since = Time::parse_rfc3339(all["since"].as_str().unwrap()).unwrap();
    assert!(since < app.now().plus_s(-3 * 86_400), "{since}");
    // The same rule tried in its own place: nobody else says it.
    let rule = json!({
        "name": "High", "enabled": true, "query": "", "watches": [], "min_severity": "high",
        "changes": ["new"], "channels": ["email"], "when": { "kind": "now" }, "per_hour": 0, "per_day": 0,
    });
    let request = json!({ "rule": rule, "instead_of": "high" });
    let own = call(&app, "rule_backtest", request).await;
    assert_eq!(
        (&own["alerts"], &own["alone"]),
        (&json!(1), &json!(1)),
        "{own}"
    );
    // Nothing of it is in the outbox.
    assert_eq!(texts(&home).len(), 2);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn caps_digests_and_quiet_hours_are_in_it_and_channels_that_are_off() {
    let replay = fixtures();
    let home = Home::against(&replay);
    set(
        &home,
        "[channels.away]\nkind = \"email\"\nname = \"Away\"\nenabled = false\n[channels.night.quiet]\nfrom = \"00:00\"\nto = \"23:59\"\nzone = \"UTC\"\n",
    );
    let app = three_days(&replay, &home).await;
    let channel = |tested: &Value, place: usize| {
        let seen = &tested["channels"][place];
        let of = |key: &str| seen[key].as_u64().unwrap();
        (
            seen["name"].as_str().unwrap().to_owned(),
            [of("messages"), of("digests"), of("capped"), of("quiet")],
        )
    };
    let capped = backtest(&app, json!({ "per_hour": 1 })).await;
    assert_eq!(channel(&capped, 0), ("E-mail".into(), [3, 1, 3, 0]));
    let times = json!({ "kind": "digest", "at": ["08:00"], "days": [], "zone": "UTC" });
    let digests = backtest(&app, json!({ "when": times, "channels": ["away"] })).await;
    assert_eq!(channel(&digests, 0), ("Away".into(), [0, 3, 0, 0]));
    // High rings all the same.
    let night = backtest(&app, json!({ "channels": ["night"] })).await;
    assert_eq!(channel(&night, 0), ("night".into(), [2, 2, 0, 4]));
    let words = backtest(
        &app,
        json!({ "query": "router commands", "channels": ["*"] }),
    )
    .await;
    assert_eq!(
        (
            &words["alerts"],
            words["channels"].as_array().unwrap().len()
        ),
        (&json!(6), 2)
    );
    let nothing = backtest(&app, json!({ "query": "nginx" })).await;
    assert_eq!(
        (&nothing["alerts"], &nothing["examples"]),
        (&json!(0), &json!([]))
    );
    let bad = json!({ "rule": {
        "name": "x", "enabled": true, "query": "severity:(", "watches": [], "min_severity": null,
        "changes": ["new"], "channels": [], "when": { "kind": "now" }, "per_hour": 0, "per_day": 0,
    } });
    let fault = app.call("rule_backtest", bad).await.unwrap_err();
    assert_eq!(fault.code, "query_invalid");
    app.stop().await;
}

/// A month in which much changed: what the rule asks for is looked up first, and the rest is read together.
#[tokio::test(flavor = "multi_thread")]
async fn a_month_of_many_changes_is_looked_through_soon() {
    let is_full = std::env::var_os("TOCSIN_FULL").is_some();
    let many = if is_full { 100_000 } else { 3_000 };
    let replay = fixtures();
    let home = Home::against(&replay);
    set(&home, "");
    let now = replay.now().timestamp_millis();
    let db = Db::open(&home.path().join("tocsin.db"), Open::Write).unwrap();
    let whole: Vec<i64> = (0..many).collect();
    for some in whole.chunks(5_000) {
        let some = some.to_vec();
        let stored = db.write(move |w| {
            for n in some {
                // Pages of a hundred, over 29 days.
                let at = Time(now - 29 * 86_400_000 + n / 100 * 100 * (28 * 86_400_000 / many));
                let (alert, finding) = made(n, at);
                alerts::insert(w, &alert, &finding, at, true)?;
            }
            Ok(())
        });
        stored.await.unwrap();
    }
    db.close().await;
    let app = home.start(false).await;
    for (query, found) in [("", many), ("gadget", many / 4), ("nothing", 0)] {
        let begun = std::time::Instant::now();
        let told = backtest(&app, json!({ "query": query, "changes": ["new"] })).await;
        println!(
            "measured: {query:?} over {many} changes: {} ms",
            begun.elapsed().as_millis()
        );
        assert_eq!(told["alerts"], found, "{query}");
    }
    // Whoever asks again has no use for the first answer.
    let ask = |query: &str| backtest_of(json!({ "query": query }));
    let (first, second) = tokio::join!(
        app.call("rule_backtest", ask("")),
        app.call("rule_backtest", ask("gadget")),
    );
    assert!(first.is_ok() || first.unwrap_err().code == "backtest_superseded");
    assert_eq!(second.unwrap()["alerts"], many / 4);
    app.stop().await;
}

fn made(n: i64, at: Time) -> (Alert, Finding) {
    let what = if n % 4 == 0 { "Gadget" } else { "Router" };
    let alert = Alert {
        uid: format!("CVE-2026-{}", 1_000_000 + n),
        source: SourceId::new("nvd"),
        kind: Kind::Vulnerability,
        title: format!("Acme {what} {n}: overflow"),
        text: "A flaw in the parser of the web interface lets remote attackers run commands. "
            .repeat(6),
        url: None,
        published: Some(at),
        updated: None,
        facts: Facts {
            cwes: vec!["CWE-79".into()],
            ..Facts::default()
        },
        hash: [0; 32],
    };
    (alert, Finding::default())
}

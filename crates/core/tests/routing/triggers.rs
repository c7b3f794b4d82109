//! Which rule hears of which change.

use super::*;
use common::{call, detail, set_state};

/// The same record, scored otherwise and with a product.
fn worse(value: f64) -> Value {
    let mut more = score(value);
    more["configurations"] = json!([{ "nodes": [{ "operator": "OR", "negate": false, "cpeMatch": [{
        "vulnerable": true, "criteria": "cpe:2.3:a:acme:router:1.0:*:*:*:*:*:*:*",
        "matchCriteriaId": "00000000-0000-0000-0000-000000000001",
    }] }] }]);
    more
}

#[tokio::test(flavor = "multi_thread")]
async fn each_change_goes_by_the_rule_that_waits_for_it() {
    let replay = fixtures();
    let home = Home::against(&replay);
    let changes = [
        "new",
        "scored",
        "severity_raised",
        "raised_to_high",
        "exploited",
        "epss_jump",
        "products_changed",
        "reopened",
        "severity_lowered",
        "text_changed",
        "rejected",
    ];
    let rules = changes.map(|change| rule(change, "\"email\""));
    set(&home, &rules.concat());
    put_kev(&replay, &[]);
    put_epss(&replay, "2026-06-28", &[(ONE, "0.2"), (TWO, "0.2")]);
    put_article(&replay, &format!("Flaw {TWO} is patched"));
    let app = after_first(&replay, &home, &["nvd", "kev", "epss", "thehackernews"]).await;
    let article = common::rows(&app, "all", "kind:article").await[0]["uid"].clone();
    let article = article.as_str().unwrap();
    let mut known = 0;
    let mut fresh = || {
        // Each step is a message of its own.
        let mut all = outbox(&home);
        all.retain(|row| row.delivery > known);
        known = all.iter().map(|row| row.delivery).max().unwrap_or(known);
        all.iter().map(Row::text).collect::<Vec<_>>()
    };

    // A new one, and one that got worse.
    passes(&replay, Some(&app), 3600);
    put(&replay, "CVE-2026-91002", json!({}));
    put(&replay, ONE, worse(7.0));
    passes(&replay, Some(&app), 60);
    collect(&app, "nvd").await;
    assert_eq!(
        fresh(),
        [
            "email CVE-2026-91000 products_changed products_changed",
            "email CVE-2026-91000 scored scored",
            "email CVE-2026-91000 severity_raised raised_to_high+severity_raised",
            "email CVE-2026-91002 new new",
        ]
    );
    // Read again, nothing is told again.
    passes(&replay, Some(&app), 3600);
    collect(&app, "nvd").await;
    assert_eq!(fresh(), Vec::<String>::new());

    // The catalogue lists one that was closed: it is open again, and what names it got worse, too.
    let id = detail(&app, TWO).await["row"]["id"].clone();
    call(&app, "triage_act", set_state(json!([id]), "done")).await;
    put_kev(&replay, &[TWO]);
    collect(&app, "kev").await;
    assert_eq!(
        fresh(),
        [
            "email CVE-2026-91001 exploited exploited".to_owned(),
            "email CVE-2026-91001 reopened reopened".to_owned(),
            "email CVE-2026-91001 severity_raised raised_to_high+severity_raised".to_owned(),
            format!("email {article} severity_raised raised_to_high+severity_raised"),
        ]
    );

    // Drifting is no news, a jump is.
    passes(&replay, Some(&app), 3600);
    put_epss(&replay, "2026-06-29", &[(ONE, "0.25"), (TWO, "0.9")]);
    collect(&app, "epss").await;
    assert_eq!(fresh(), ["email CVE-2026-91001 epss_jump epss_jump"]);

    // Other words, a lower level, no longer exploited (of which there is no news); withdrawn.
    passes(&replay, Some(&app), 3600);
    put_kev(&replay, &["CVE-2020-0001"]);
    collect(&app, "kev").await;
    let mut said = worse(5.0);
    said["descriptions"] = json!([{ "lang": "en", "value": "Acme Router, in other words." }]);
    put(&replay, ONE, said);
    put(
        &replay,
        "CVE-2026-91002",
        json!({ "vulnStatus": "Rejected" }),
    );
    passes(&replay, Some(&app), 60);
    collect(&app, "nvd").await;
    assert_eq!(
        fresh(),
        [
            "email CVE-2026-91000 scored scored".to_owned(),
            "email CVE-2026-91000 severity_lowered severity_lowered".to_owned(),
            "email CVE-2026-91000 text_changed text_changed".to_owned(),
            "email CVE-2026-91001 severity_lowered severity_lowered".to_owned(),
            "email CVE-2026-91002 rejected rejected".to_owned(),
            format!("email {article} severity_lowered severity_lowered"),
        ]
    );
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_that_names_no_changes_hears_of_no_quiet_ones_and_every_rule_is_listed() {
    let replay = fixtures();
    let home = Home::against(&replay);
    set(
        &home,
        "[rules.all]\nchannels = [\"*\"]\n[rules.high]\nchannels = [\"email\", \"desktop\"]\nmin_severity = \"high\"\n[rules.words]\nchannels = [\"night\"]\nquery = \"router commands -kind:article\"\n[rules.other]\nchannels = [\"night\"]\nquery = \"nginx\"\n",
    );
    let app = after_first(&replay, &home, &["nvd"]).await;
    passes(&replay, Some(&app), 3600);
    let mut said = score(3.0);
    said["descriptions"] = json!([{ "lang": "en", "value": "Other words, and a lower level." }]);
    put(&replay, ONE, said);
    put(&replay, TWO, score(5.5));
    passes(&replay, Some(&app), 60);
    collect(&app, "nvd").await;
    assert_eq!(texts(&home), Vec::<String>::new());

    put(&replay, "CVE-2026-91002", score(9.8));
    passes(&replay, Some(&app), 60);
    collect(&app, "nvd").await;
    // There is no desktop here.
    assert_eq!(
        texts(&home),
        [
            "email CVE-2026-91002 new all+high",
            "night CVE-2026-91002 new all+words",
        ]
    );
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_snooze_that_is_over_is_told_to_those_who_wait_for_it() {
    let replay = fixtures();
    let home = Home::against(&replay);
    set(&home, &rule("reopened", "\"email\""));
    let app = after_first(&replay, &home, &["nvd"]).await;
    let id = detail(&app, ONE).await["row"]["id"].clone();
    let until = app.now().plus_s(3600);
    let act = json!({ "kind": "set_state", "state": "snoozed", "until": until });
    common::act(&app, &[&id], act).await;
    app.clock().advance_ms(3_700_000);
    app.wake_snoozed().await.unwrap();
    assert_eq!(texts(&home), ["email CVE-2026-91000 reopened reopened"]);
    app.wake_snoozed().await.unwrap();
    assert_eq!(texts(&home).len(), 1);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_rule_is_in_force_from_the_next_run_on() {
    let replay = fixtures();
    let home = Home::against(&replay);
    set(&home, "");
    let app = after_first(&replay, &home, &["nvd"]).await;
    for (id, text, expect) in [
        ("CVE-2026-91002", "", vec![]),
        (
            "CVE-2026-91003",
            "[rules.new]\nchannels = [\"night\"]\n",
            vec!["night CVE-2026-91003 new new"],
        ),
    ] {
        set(&home, text);
        call(
            &app,
            "settings_edit",
            json!({ "edit": { "kind": "set_theme", "theme": "dark" } }),
        )
        .await;
        passes(&replay, Some(&app), 3600);
        put(&replay, id, json!({}));
        passes(&replay, Some(&app), 60);
        collect(&app, "nvd").await;
        assert_eq!(texts(&home), expect);
    }
    app.stop().await;
}

//! CISA's catalogue: what it says is shown, told once, and taken back.

use super::*;
use common::{fixtures, score};

const ONE: &str = "CVE-2026-91000";
const TWO: &str = "CVE-2026-91001";

#[tokio::test(flavor = "multi_thread")]
async fn a_first_load_is_quiet_and_a_later_entry_opens_what_was_closed() {
    let replay = fixtures();
    let home = Home::against(&replay);
    let app = with_records(&replay, &home, &[(ONE, score(5.0)), (TWO, score(5.0))]).await;
    close(&app, &[ONE, TWO]).await;
    put_kev(&replay, &[(ONE, "2026-07-01")]);
    let ended = collect(&app, "kev").await;
    assert_eq!((ended.counts.read, ended.counts.changed), (1, 1));
    let one = detail(&app, ONE).await;
    let row = &one["row"];
    assert_eq!(
        (&row["state"], &row["unread"], &row["changed"]),
        (&json!("done"), &json!(false), &Value::Null)
    );
    assert_eq!(
        (&row["exploited"], &row["severity"]),
        (&json!(true), &json!("high"))
    );
    assert_eq!(one["facts"]["kev"]["due"], "2026-07-01T00:00:00.000Z");
    assert_eq!(one["facts"]["kev"]["name"], format!("Flaw {ONE}"));
    assert_eq!(
        found(&app, "kev:true ransomware:true id:CVE-2026-91000").await,
        [ONE]
    );
    assert_eq!(
        history(&app, ONE).await,
        ["new", "exploited", "severity_raised"]
    );

    an_hour_passes(&replay, &app);
    put_kev(&replay, &[(ONE, "2026-07-01"), (TWO, "2026-07-01")]);
    let ended = collect(&app, "kev").await;
    assert_eq!((ended.counts.changed, ended.counts.unchanged), (1, 1));
    let two = detail(&app, TWO).await;
    let row = &two["row"];
    assert_eq!(
        (&row["state"], &row["unread"]),
        (&json!("new"), &json!(true))
    );
    assert!(row["changed"].is_string());
    assert_eq!(
        history(&app, TWO).await,
        ["new", "exploited", "severity_raised", "reopened"]
    );
    // Nothing more is said of what was said before.
    assert_eq!(history(&app, ONE).await.len(), 3);

    an_hour_passes(&replay, &app);
    put_kev(&replay, &[(ONE, "2026-07-01")]);
    assert_eq!(collect(&app, "kev").await.counts.changed, 1);
    let two = detail(&app, TWO).await;
    assert_eq!(
        (&two["row"]["exploited"], &two["facts"]["kev"]),
        (&json!(false), &Value::Null)
    );
    assert_eq!(two["row"]["severity"], "medium");
    let last = history(&app, TWO).await;
    assert_eq!(last[4..], ["exploited", "severity_lowered"]);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_catalogue_wins_over_nvd_and_nothing_flaps() {
    let replay = fixtures();
    let home = Home::against(&replay);
    let own = |due: &str| {
        let mut more = score(5.0);
        more["cisaExploitAdd"] = "2026-05-01".into();
        more["cisaActionDue"] = due.into();
        more
    };
    let app = with_records(
        &replay,
        &home,
        &[(ONE, own("2026-05-22")), (TWO, score(5.0))],
    )
    .await;
    put_kev(&replay, &[(ONE, "2026-07-01"), (TWO, "2026-07-01")]);
    collect(&app, "kev").await;
    let due = async || detail(&app, ONE).await["facts"]["kev"]["due"].clone();
    assert_eq!(due().await, "2026-07-01T00:00:00.000Z");
    let told = (history(&app, ONE).await, history(&app, TWO).await);
    // It was exploited before: only the catalogue's words are new.
    assert_eq!(told.0, ["new"]);

    for (seconds, day) in [(60, "2026-05-23"), (120, "2026-05-24")] {
        for (id, more) in [(ONE, own(day)), (TWO, own(day))] {
            let record = record(id, &soon(&replay, seconds), more);
            replay.put_nvd(&record).unwrap();
        }
        an_hour_passes(&replay, &app);
        assert_eq!(collect(&app, "nvd").await.counts.changed, 0);
        assert_eq!(collect(&app, "kev").await.counts.changed, 0);
        assert_eq!(due().await, "2026-07-01T00:00:00.000Z");
    }
    // NVD's record of the second came to carry it too: it stays exploited when CISA takes it back.
    an_hour_passes(&replay, &app);
    put_kev(&replay, &[("CVE-2026-99999", "2026-07-01")]);
    collect(&app, "kev").await;
    assert_eq!(due().await, "2026-05-24T00:00:00.000Z");
    assert_eq!((history(&app, ONE).await, history(&app, TWO).await), told);
    assert_eq!(found(&app, "kev:true id:CVE-2026-9100*").await, [ONE, TWO]);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_mirror_stands_in_where_cisa_refuses() {
    let replay = fixtures();
    let home = Home::against(&replay);
    let app = with_records(&replay, &home, &[]).await;
    replay.set_fault(tocsin_replay::Fault::at(KEV).status(403));
    let ended = collect(&app, "kev").await;
    assert_eq!(ended.counts.read, 2);
    // NVD's own record of it says nothing of ransomware.
    assert_eq!(found(&app, "ransomware:true").await, ["CVE-2026-90006"]);
    let asked = replay.requests();
    let mirror = asked.iter().filter(|r| r.path.starts_with("/cisagov/"));
    assert_eq!(mirror.count(), 1);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_article_takes_the_level_of_the_cve_that_it_names() {
    let replay = fixtures();
    let home = Home::against(&replay);
    let app = with_records(&replay, &home, &[(ONE, score(5.0))]).await;
    let feed = format!(
        "<rss version=\"2.0\"><channel><title>t</title><item><title>Flaw</title><guid>1</guid><description>{ONE}</description></item></channel></rss>"
    );
    replay.put_page("/TheHackersNews", "application/rss+xml", feed);
    collect(&app, "thehackernews").await;
    put_kev(&replay, &[(ONE, "2026-07-01")]);
    collect(&app, "kev").await;
    let article = &rows(&app, "all", "kind:article").await[0];
    assert_eq!(
        (&article["severity"], &article["unread"]),
        (&json!("high"), &json!(false))
    );
    app.stop().await;
}

/// The catalogues of a year, one after the other, over records of all their CVEs.
#[tokio::test(flavor = "multi_thread")]
async fn a_year_of_real_catalogues_tells_exactly_what_changed() {
    let Some(root) = std::env::var_os("TOCSIN_CORPUS") else {
        eprintln!("skipped: TOCSIN_CORPUS is not set");
        return;
    };
    let folder = std::path::Path::new(&root).join("kev");
    let mut series: Vec<Value> = std::fs::read_dir(folder)
        .unwrap()
        .filter_map(|file| serde_json::from_slice(&std::fs::read(file.unwrap().path()).ok()?).ok())
        .filter(|document: &Value| document["vulnerabilities"].is_array())
        .collect();
    series.sort_by_key(|document| document["dateReleased"].as_str().unwrap().to_owned());
    assert!(series.len() >= 3);
    let replay = fixtures();
    let home = Home::against(&replay);
    let listed = |document: &Value| -> std::collections::BTreeMap<String, Value> {
        let entries = document["vulnerabilities"].as_array().unwrap().iter();
        let said = |e: &Value| {
            let fields = [
                "dateAdded",
                "dueDate",
                "vulnerabilityName",
                "requiredAction",
                "knownRansomwareCampaignUse",
            ];
            let said = fields.map(|field| match e[field].as_str() {
                Some(text) => json!(text.split_whitespace().collect::<Vec<_>>().join(" ")),
                None => Value::Null,
            });
            json!(said)
        };
        entries
            .map(|e| (e["cveID"].as_str().unwrap().to_owned(), said(e)))
            .collect()
    };
    let newest = listed(series.last().unwrap());
    let records: Vec<(&str, Value)> = newest.keys().map(|id| (id.as_str(), score(5.0))).collect();
    let app = with_records(&replay, &home, &records).await;
    // A record of the fixtures carries NVD's own fields.
    let others = found(&app, "kev:true").await.len();
    let mut before = std::collections::BTreeMap::new();
    for (place, document) in series.iter().enumerate() {
        an_hour_passes(&replay, &app);
        replay.put_page(KEV, "application/json", document.to_string());
        let now = listed(document);
        let differ = now
            .iter()
            .filter(|(id, said)| before.get(*id) != Some(*said))
            .count();
        let gone = before.keys().filter(|id| !now.contains_key(*id)).count();
        let added = now.keys().filter(|id| !before.contains_key(*id)).count();
        let ended = collect(&app, "kev").await;
        println!(
            "{}: {} entries, {added} added, {differ} say something else, {gone} taken back",
            document["dateReleased"],
            now.len()
        );
        assert_eq!(ended.counts.read as usize, now.len());
        assert_eq!(ended.counts.changed as usize, differ + gone);
        assert_eq!(found(&app, "kev:true").await.len(), now.len() + others);
        // Only what came after the first load is marked as changed.
        let marked = rows(&app, "all", "kev:true").await;
        let marked = marked.iter().filter(|row| row["changed"].is_string());
        assert_eq!(
            marked.count(),
            if place == 0 {
                0
            } else {
                now.len() - listed(&series[0]).len()
            }
        );
        before = now;
    }
    // Each was told once, whatever was edited since.
    for id in newest.keys().step_by(97) {
        assert_eq!(
            history(&app, id).await,
            ["new", "exploited", "severity_raised"],
            "{id}"
        );
    }
    app.stop().await;
}

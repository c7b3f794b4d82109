//! Sources, as a user meets them in the window: a feed by the address of its site, well-known feeds, lists of
//! feeds, taking one away and putting it back; how each does in a sentence, its run log, NVD's key and years.

use std::path::Path;

use serde_json::{Value, json};
use tocsin_replay::Fault;

use crate::common::{Session, Setup, axe};

const SITE: &str = r#"<!doctype html><html><head><title>A site</title>
<link rel="alternate" type="application/rss+xml" title="Site news" href="/site/feed.xml"></head><body>News</body></html>"#;

/// A feed with so many entries.
fn feed(title: &str, entries: u32) -> String {
    let items: String = (1..=entries)
        .map(|n| {
            format!(
                "<item><title>{title}: advisory {n}</title><link>https://site.example/{n}</link><guid>{title}-{n}</guid><pubDate>Mon, 29 Jun 2026 1{n}:00:00 GMT</pubDate></item>"
            )
        })
        .collect();
    format!(
        "<?xml version=\"1.0\"?><rss version=\"2.0\"><channel><title>{title}</title><link>https://site.example/</link>{items}</channel></rss>"
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_feed_is_found_by_the_address_of_its_site_removed_and_put_back() {
    let Some(session) = Session::start(Setup::default()).await else {
        return;
    };
    let replay = &session.replay;
    replay.put_page("/site/", "text/html; charset=utf-8", SITE);
    replay.put_page(
        "/site/feed.xml",
        "application/rss+xml",
        feed("Site news", 2),
    );
    session.is_ready().await;
    session.is_collected().await;
    session.click("nav-sources").await;

    // What is wrong with an address stands at its field.
    session.click("feed-add").await;
    look_at(&session, &replay.url("/nothing-here")).await;
    session
        .text_where("feed-fault", "why it is refused", |text| !text.is_empty())
        .await;

    // The site is on this machine: that must be allowed.
    look_at(&session, &replay.url("/site/")).await;
    session.click("feed-private").await;
    session.click("feed-look").await;
    let found = session.find("feed-found").await;
    let url = found.attr("data-url").await.unwrap().unwrap();
    assert_eq!(url, replay.url("/site/feed.xml"));
    assert_eq!(session.value("feed-name").await, "Site news");
    axe::check(&session, "a feed that was found").await;
    session.fill("feed-name", "Our site").await;
    session.fill("feed-group", "Ours").await;
    session.click("feed-run").await;

    // It is collected at once, and stands under its heading.
    state_where(&session, "our-site", "what it brought", |state| {
        state.contains("2 new")
    })
    .await;
    assert_eq!(alerts_of(&session, "our-site").await, 2);
    let text = session.settings();
    assert!(
        text.contains("[sources.our-site]") && text.contains("group = \"Ours\""),
        "{text}"
    );

    // The same address is no second source.
    session.click("feed-add").await;
    look_at(&session, &replay.url("/site/")).await;
    session.click("feed-private").await;
    session.click("feed-look").await;
    session
        .wait_for("that it is known", async || {
            let text = session
                .run("return document.querySelector('dialog').innerText", vec![])
                .await;
            text.as_str()?.contains("Our site").then_some(())
        })
        .await;
    session.press("\u{e00c}").await;

    // Taken away, its alerts stay; put back, it knows them as its own.
    session.click("source-our-site-more").await;
    session.click("source-our-site-edit").await;
    axe::check(&session, "a feed's settings").await;
    session.click("source-our-site-remove").await;
    session.is_gone("source-our-site").await;
    assert!(!session.settings().contains("our-site"));
    assert_eq!(alerts_of(&session, "our-site").await, 2);
    session.click("undo").await;
    session.find("source-our-site").await;
    assert_eq!(session.settings(), text);
    session.click("source-our-site-collect").await;
    state_where(&session, "our-site", "that nothing is new", |state| {
        state.contains("nothing")
    })
    .await;
    assert_eq!(alerts_of(&session, "our-site").await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn well_known_feeds_are_chosen_and_lists_of_feeds_go_out_and_in() {
    let Some(session) = Session::start(Setup::default()).await else {
        return;
    };
    let replay = &session.replay;
    for (id, title) in [("debian", "Debian Security"), ("schneier", "Schneier")] {
        let path = format!("/presets/{id}");
        replay.put_page(&path, "application/rss+xml", feed(title, 3));
    }
    session.is_ready().await;
    session.is_collected().await;
    session.click("nav-sources").await;

    session.click("presets").await;
    let built_in = session.find("preset-thehackernews").await;
    assert!(!built_in.is_enabled().await.unwrap(), "it is there already");
    session.click("preset-debian").await;
    session.type_into("preset-find", "bruce").await;
    session.click("preset-schneier").await;
    axe::check(&session, "well-known feeds").await;
    session.click("presets-run").await;
    for id in ["debian", "schneier"] {
        state_where(&session, id, "what it brought", |state| {
            state.contains("3 new")
        })
        .await;
    }

    // A list of them is written, and read again where one is missing.
    let path = session.data_dir().with_file_name("feeds.opml");
    session.click("opml-export").await;
    write_path(&session, &path).await;
    session.click("opml-run").await;
    let said = session
        .text_where("opml-result", "what was written", |text| !text.is_empty())
        .await;
    assert!(said.starts_with("4 feeds"), "{said}");
    session.press("\u{e00c}").await;
    let list = std::fs::read_to_string(&path).unwrap();
    assert!(
        list.contains("<opml") && list.contains("Debian security (DSA)"),
        "{list}"
    );

    let edit = json!({ "edit": { "kind": "remove_source", "id": "debian" } });
    session.ask("settings_edit", edit).await.unwrap();
    session.is_gone("source-debian").await;
    session.click("opml-import").await;
    write_path(&session, &path).await;
    session.click("opml-run").await;
    let said = session
        .text_where("opml-result", "what was read", |text| !text.is_empty())
        .await;
    assert!(
        said.starts_with("1 feed added") && said.contains("3 known already, 0 refused"),
        "{said}"
    );
    axe::check(&session, "a list that was read").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failing_source_says_why_and_nvd_takes_its_key() {
    let Some(session) = Session::start(Setup::default()).await else {
        return;
    };
    session.is_ready().await;
    session.is_collected().await;
    session.click("nav-sources").await;
    state_where(&session, "thehackernews", "that it is well", |state| {
        state.starts_with("Collected")
    })
    .await;

    // It fails alone, says why in words, and its run log keeps it.
    let refusal = Fault::at("/TheHackersNews").status(403);
    session.replay.set_fault(refusal);
    session.click("source-thehackernews-collect").await;
    let said = state_where(&session, "thehackernews", "why it fails", |state| {
        state.contains("403")
    })
    .await;
    assert!(said.ends_with('.') && said.contains(' '), "{said}");
    session.click("source-thehackernews-more").await;
    session.click("source-thehackernews-runs").await;
    let newest = session.find("run").await;
    assert_eq!(
        newest.attr("data-outcome").await.unwrap().as_deref(),
        Some("failed")
    );
    axe::check(&session, "a failing source").await;
    let status = session.ask("status", json!({})).await.unwrap();
    assert_eq!(status["failing"], json!(["thehackernews"]));
    session.replay.clear_faults();
    session.click("source-thehackernews-collect").await;
    state_where(
        &session,
        "thehackernews",
        "that it is well again",
        |state| !state.contains("403"),
    )
    .await;

    // The key goes in, is used, and never comes out.
    session.type_into("nvd-key", "tocsin-test-secret-key").await;
    session.click("nvd-key-save").await;
    session
        .text_where("source-nvd", "that a key is set", |text| {
            text.contains("kept in the secrets file")
        })
        .await;
    let page = session
        .run("return document.documentElement.outerHTML", vec![])
        .await;
    assert!(!page.as_str().unwrap().contains("tocsin-test-secret"));
    let secrets = std::fs::read_to_string(session.data_dir().join(".env")).unwrap();
    assert!(secrets.contains("NVD_API_KEY"));
    session.replay.clear_requests();
    session.click("source-nvd-collect").await;
    session
        .wait_for("a request with the key", async || {
            let with_key = |request: &tocsin_replay::Request| request.header("apikey").is_some();
            session.replay.requests().iter().any(with_key).then_some(())
        })
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn all_years_of_nvd_are_read_and_that_outlives_a_restart() {
    let Some(mut session) = Session::start(Setup::default()).await else {
        return;
    };
    session.is_ready().await;
    session.is_collected().await;
    session.click("nav-sources").await;
    session.choose("backfill-year", "2025").await;
    session.click("backfill-start").await;
    backfill_is(&session, "done").await;
    axe::check(&session, "all years").await;
    session.restart().await;
    session.is_ready().await;
    session.click("nav-sources").await;
    backfill_is(&session, "done").await;
}

async fn look_at(session: &Session, address: &str) {
    session.type_into("feed-address", address).await;
    session.click("feed-look").await;
}

async fn write_path(session: &Session, path: &Path) {
    session.fill("opml-path", &path.to_string_lossy()).await;
}

/// Waits until the sentence of a source passes; returns it.
async fn state_where(
    session: &Session,
    id: &str,
    what: &str,
    passes: impl Fn(&str) -> bool,
) -> String {
    let script = "return document.querySelector(arguments[0])?.textContent ?? ''";
    let css = format!("[data-testid='source-{id}'] [data-testid='source-state']");
    session
        .wait_for(&format!("{id}: {what}"), async || {
            let text = session.run(script, vec![json!(css)]).await;
            text.as_str().filter(|text| passes(text)).map(str::to_owned)
        })
        .await
}

async fn backfill_is(session: &Session, state: &str) {
    session
        .wait_for(&format!("the backfill is {state}"), async || {
            let part = session.find("backfill").await;
            let now = part.attr("data-state").await.ok()??;
            (now == state).then_some(())
        })
        .await;
}

async fn alerts_of(session: &Session, source: &str) -> u64 {
    let request = json!({ "view": "all", "query": format!("source:{source}") });
    let opened: Value = session.ask("list_open", request).await.unwrap();
    opened["count"].as_u64().unwrap()
}

//! Searching, saved views, bulk acts, exporting and a backup, as a user meets them in the window.

use serde_json::json;

use crate::common::{Session, Setup, axe};

#[tokio::test(flavor = "multi_thread")]
async fn a_search_becomes_a_view_is_closed_as_one_undone_exported_and_backed_up() {
    let Some(mut session) = Session::start(Setup::default()).await else {
        return;
    };
    session.is_ready().await;
    session.collect().await;
    session.go_view("all").await;

    // A field narrows it down; the count is that of the backend.
    let high = count(&session, "severity:high").await;
    assert!(high > 0);
    session.type_into("search", "severity:high ").await;
    shows(&session, high).await;

    // A mistake is marked at its character, and the list stays.
    session.type_into("search", "severity:high cvss:9..7").await;
    session
        .text_where("query-fault", "what is wrong and where", |text| {
            text.contains("Character 20")
        })
        .await;
    shows(&session, high).await;
    axe::check(&session, "a query with a mistake").await;

    // What is worth keeping becomes a view, with a live count, also after a restart.
    session.type_into("search", "severity:high ").await;
    shows(&session, high).await;
    session.click("save-view").await;
    session.type_into("view-name", "Worst").await;
    axe::check(&session, "saving a view").await;
    session.click("view-confirm").await;
    session.find("view-view:Worst").await;
    session.type_into("search", "").await;
    session.go_view("view:Worst").await;
    shows(&session, high).await;

    // All of it is done at once, and undone as one.
    session.press("x").await;
    session.find("selection-bar").await;
    session.click("selection-all").await;
    session.click("bulk-done").await;
    // One was rejected by NVD, and is closed from the start.
    closed(&session, high + 1).await;
    session.click("undo").await;
    closed(&session, 1).await;

    // The same list as a file.
    let path = session.data_dir().with_file_name("worst.csv");
    session.go_view("view:Worst").await;
    session.click("export").await;
    session.click("export-csv").await;
    session.fill("export-path", &path.to_string_lossy()).await;
    axe::check(&session, "exporting").await;
    session.click("export-run").await;
    session.find("export-result").await;
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.starts_with('\u{feff}'));
    assert!(text.matches("\r\n").count() as u64 > high, "{}", text.len());
    session.press("\u{e00c}").await;

    // A backup that can be listed.
    session.go_settings("data").await;
    session.click("data-backup").await;
    session.find("backup").await;
    axe::check(&session, "settings, data").await;

    session.restart().await;
    session.is_ready().await;
    session.click("nav-inbox").await;
    session.go_view("view:Worst").await;
    shows(&session, high).await;
}

/// How many alerts a query finds, by the backend.
async fn count(session: &Session, query: &str) -> u64 {
    let request = json!({ "view": "all", "query": query });
    let opened = session.ask("list_open", request).await.unwrap();
    opened["count"].as_u64().unwrap()
}

async fn shows(session: &Session, count: u64) {
    let wanted = count.to_string();
    session
        .text_where("result-count", "the number of alerts", |text| {
            text.replace(',', "").contains(&wanted)
        })
        .await;
}

/// Waits until so many alerts are closed.
async fn closed(session: &Session, wanted: u64) {
    session
        .wait_for("closed alerts", async || {
            (count(session, "state:closed").await == wanted).then_some(())
        })
        .await;
}

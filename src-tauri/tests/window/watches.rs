//! Watches and mutes, as a user meets them in the window: a look at what one would match before it is saved,
//! products with versions, expressions with a mistake, mutes from an alert, and what the environment sets.

use serde_json::{Value, json};

use crate::common::{Session, Setup, axe};
use crate::records::cve;

/// Two alerts of one made-up product, and one of another.
fn put_records(session: &Session) {
    let at = session.replay.now() - chrono::TimeDelta::minutes(5);
    for (id, text) in [
        (
            "CVE-2026-99000",
            "Zebra Gateway before 1.0 has a flaw in its parser.",
        ),
        (
            "CVE-2026-99001",
            "Zebra Gateway Plus 2.4 allows remote attackers to run code.",
        ),
        (
            "CVE-2026-99002",
            "Okapi Relay 3.1 discloses memory to remote attackers.",
        ),
    ] {
        session.replay.put_nvd(&cve(id, text, at)).unwrap();
    }
}

async fn start(setup: Setup) -> Option<Session> {
    let mut session = Session::prepare(setup).await?;
    put_records(&session);
    session.open().await;
    session.is_ready().await;
    session.is_collected().await;
    Some(session)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_watch_is_seen_before_it_is_added_edited_with_what_it_loses_and_removed_with_undo() {
    let Some(session) = start(Setup::default()).await else {
        return;
    };
    session.click("nav-watches").await;
    axe::check(&session, "no watches").await;

    session.type_into("watch-term", "zebra gateway").await;
    preview_counts(&session, 2).await;
    axe::check(&session, "a watch that is typed").await;
    session.click("watch-add").await;
    hits(&session, "watch-zebra gateway", 2).await;
    assert!(session.settings().contains("term = \"zebra gateway\""));

    // Narrowed down, it says what it would lose.
    click_in(&session, "watch-zebra gateway", "watch-edit").await;
    let field = "[data-testid='watch-zebra gateway'] input[id$='-term']";
    fill_css(&session, field, "zebra gateway plus").await;
    session
        .wait_for("what would be lost", async || {
            let text = text_of(&session, "[data-testid='watch-zebra gateway'] .lost").await?;
            text.starts_with('1').then_some(())
        })
        .await;
    let save = "[data-testid='watch-zebra gateway'] button.primary";
    session.click_css(save).await;
    hits(&session, "watch-zebra gateway plus", 1).await;

    // What it matches is one click away.
    session
        .click_css("[data-testid='watch-zebra gateway plus'] .hits")
        .await;
    session
        .rows_where("the alert of the watch", |rows| {
            rows.len() == 1 && rows[0].uid == "CVE-2026-99001"
        })
        .await;

    let before = session.settings();
    session.click("nav-watches").await;
    click_in(&session, "watch-zebra gateway plus", "watch-remove").await;
    session.is_gone("watch-zebra gateway plus").await;
    session.click("undo").await;
    hits(&session, "watch-zebra gateway plus", 1).await;
    assert_eq!(session.settings(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expression_says_where_it_is_wrong_and_a_product_takes_versions() {
    let Some(session) = start(Setup::default()).await else {
        return;
    };
    session.click("nav-watches").await;
    click_choice(&session, "watch-kind-regex").await;
    session.type_into("watch-term", "okapi (relay").await;
    session
        .text_where("watch-fault", "the character", |text| text.contains('7'))
        .await;
    session.click("watch-add").await;
    assert!(!session.settings().contains("okapi"));
    session
        .type_into("watch-term", "okapi (relay|router)")
        .await;
    preview_counts(&session, 1).await;
    session.click("watch-add").await;
    hits(&session, "watch-okapi (relay|router)", 1).await;

    click_choice(&session, "watch-kind-product").await;
    session
        .type_into("watch-field-product", "zebra_gateway")
        .await;
    assert_eq!(session.value("watch-term").await, "zebra gateway");
    session
        .type_into("watch-field-versions", "two point oh")
        .await;
    session.find("watch-fault").await;
    session.type_into("watch-field-versions", "2.4").await;
    session
        .wait_for("a preview", async || {
            let preview = session.find("watch-preview").await;
            preview.attr("data-count").await.ok().flatten()
        })
        .await;
    axe::check(&session, "a watched product").await;
    session.click("watch-add").await;
    session.find("watch-zebra gateway").await;
    let text = session.settings();
    assert!(
        text.contains("kind = \"product\"") && text.contains("2.4"),
        "{text}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mute_from_an_alert_silences_it_and_is_undone() {
    let setup = Setup {
        settings: Some("[[watches]]\nterm = \"okapi\"\n".to_owned()),
        ..Default::default()
    };
    let Some(session) = start(setup).await else {
        return;
    };
    session.go_view("new").await;
    session.open_row("CVE-2026-99002").await;
    session
        .text_where("why", "the watch", |text| text.contains("okapi"))
        .await;
    session.press("m").await;
    session.type_into("watch-term", "okapi relay").await;
    preview_counts(&session, 1).await;
    axe::check(&session, "muting from an alert").await;
    session.click("watch-add").await;
    reason_is(&session, "mute").await;
    session.click("view-muted").await;
    session
        .rows_where("the muted one", |rows| {
            rows.iter().any(|row| row.uid == "CVE-2026-99002")
        })
        .await;
    session.click("nav-watches").await;
    session.click("watch-part-mutes").await;
    hits(&session, "mute-okapi relay", 1).await;
    axe::check(&session, "mutes").await;
    click_in(&session, "mute-okapi relay", "watch-remove").await;
    session.is_gone("mute-okapi relay").await;
    reason_is(&session, "watch").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_watch_of_the_environment_is_read_only() {
    let setup = Setup {
        environment: vec![("KEYWORDS", "zebra".to_owned())],
        ..Default::default()
    };
    let Some(session) = start(setup).await else {
        return;
    };
    session.click("nav-watches").await;
    hits(&session, "watch-zebra", 2).await;
    session
        .text_where("watch-zebra", "where it is from", |text| {
            text.contains("KEYWORDS")
        })
        .await;
    let buttons = "return document.querySelectorAll(\"[data-testid='watch-zebra'] [data-testid='watch-remove']\").length";
    assert_eq!(session.run(buttons, vec![]).await, json!(0));
}

/// Waits until the preview says so many.
async fn preview_counts(session: &Session, count: u32) {
    session
        .wait_for(&format!("a preview of {count}"), async || {
            let preview = session.find("watch-preview").await;
            let said = preview.attr("data-count").await.ok().flatten()?;
            (said == count.to_string()).then_some(())
        })
        .await;
}

/// Waits until a row says how many alerts it matches.
async fn hits(session: &Session, row: &str, count: u32) {
    let css = format!("[data-testid='{row}'] .hits");
    session
        .wait_for(&format!("{row}: {count} alerts"), async || {
            let text = text_of(session, &css).await?;
            text.starts_with(&format!("{count} ")).then_some(())
        })
        .await;
}

/// Waits until the backend says why an alert is relevant, or not.
async fn reason_is(session: &Session, reason: &str) {
    session
        .wait_for(&format!("the reason {reason}"), async || {
            let opened = json!({ "view": "all", "query": "id:CVE-2026-99002" });
            let list = session.ask("list_open", opened).await.ok()?["list"].clone();
            let rows = json!({ "list": list, "offset": 0, "limit": 1 });
            let rows = session.ask("list_rows", rows).await.ok()?;
            let detail = json!({ "id": rows[0]["id"] });
            let detail = session.ask("alert_get", detail).await.ok()?;
            (detail["finding"]["relevance"]["reason"] == reason).then_some(())
        })
        .await;
}

async fn click_in(session: &Session, row: &str, what: &str) {
    let css = format!("[data-testid='{row}'] [data-testid='{what}']");
    session.click_css(&css).await;
}

/// Clicks the label of a choice: its box itself cannot be seen.
async fn click_choice(session: &Session, id: &str) {
    session
        .click_css(&format!("label:has([data-testid='{id}'])"))
        .await;
}

async fn fill_css(session: &Session, css: &str, text: &str) {
    let script = "const field = document.querySelector(arguments[0]);
        field.value = arguments[1];
        field.dispatchEvent(new Event('input', { bubbles: true }));";
    session.find_css(css).await;
    session.run(script, vec![json!(css), json!(text)]).await;
}

async fn text_of(session: &Session, css: &str) -> Option<String> {
    let script = "return document.querySelector(arguments[0])?.textContent?.trim() ?? null";
    let text: Value = session.run(script, vec![json!(css)]).await;
    text.as_str().map(str::to_owned)
}

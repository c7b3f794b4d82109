//! The main job from end to end, as issue 2 names it.

use serde_json::json;

use crate::common::page::PATIENCE;
use crate::common::{Page, Session, Setup, axe};

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_folder_becomes_a_triaged_inbox_that_survives_a_restart() {
    let Some(mut session) = Session::start(Setup::default()).await else {
        return;
    };
    session.is_ready().await;
    axe::check(&session, "first start").await;

    let count = collect(&session).await;
    let title = search_open_close_and_undo(&session).await;
    add_watch(&session, "injection").await;
    set_up_mail(&session).await;
    let before = Seen::of(&session).await;
    assert_eq!(before.total, count);

    session.restart().await;
    session.is_ready().await;
    assert_eq!(Seen::of(&session).await, before, "after the restart");
    session.click("nav-inbox").await;
    session.go_view("all").await;
    session
        .rows_where(&title, |rows| {
            rows.iter().any(|row| row.text.contains(&title))
        })
        .await;
    axe::check(&session, "inbox after the restart").await;
}

/// Collects everything from the button; returns how many alerts there are.
async fn collect(session: &Session) -> u64 {
    let status = session.collect().await;
    assert_eq!(status["failing"], json!([]), "{status}");
    let total = status["total"].as_u64().unwrap();
    let expected = session.replay.summary();
    assert!(
        total as usize >= expected.cves_of_last_week + 10,
        "{total} alerts of {expected:?}"
    );
    session.go_view("all").await;
    session.rows_where("filled", |rows| rows.len() > 5).await;
    session
        .text_where("result-count", "the number of alerts", |text| {
            text.contains(&total.to_string())
        })
        .await;
    axe::check(session, "collected inbox").await;
    total
}

/// Finds one alert, reads it, closes it and takes that back; returns its title.
async fn search_open_close_and_undo(session: &Session) -> String {
    session.type_into("search", "kind:vulnerability").await;
    let wanted = session
        .rows_where("vulnerabilities", |rows| {
            !rows.is_empty() && rows.iter().all(|row| row.uid.starts_with("CVE-"))
        })
        .await
        .into_iter()
        .find(|row| row.uid.starts_with("CVE-"))
        .unwrap();
    session.type_into("search", &wanted.uid).await;
    session
        .rows_where("only what was searched", |rows| {
            !rows.is_empty() && rows.len() < 5 && rows.iter().any(|row| row.uid == wanted.uid)
        })
        .await;
    session.open_row(&wanted.uid).await;
    let title = session
        .text_where("detail-title", "a title", |text| !text.is_empty())
        .await;
    assert!(
        wanted.text.contains(&title),
        "{title:?} is not in the row {:?}",
        wanted.text
    );
    axe::check(session, "search and detail").await;

    session.click("act-done").await;
    state_becomes(session, &wanted.uid, "done").await;
    session.find("snackbar").await;
    axe::check(session, "snackbar").await;
    session.click("undo").await;
    state_becomes(session, &wanted.uid, "new").await;
    session.type_into("search", "").await;
    title
}

/// Waits until the window shows this state of an alert. A closed alert may leave the list.
async fn state_becomes(session: &Page, uid: &str, state: &str) {
    session
        .rows_where(&format!("{uid} is {state}"), |rows| {
            let row = rows.iter().find(|row| row.uid == uid);
            row.map_or(state == "done", |row| row.state == state)
        })
        .await;
}

async fn add_watch(session: &Session, term: &str) {
    session.click("nav-watches").await;
    session.type_into("watch-term", term).await;
    session.click("watch-add").await;
    let id = format!("watch-{term}");
    session
        .text_where(&id, "how many alerts it matches", |text| {
            text.chars().any(|c| c.is_ascii_digit())
        })
        .await;
    axe::check(session, "a watch").await;
}

/// Connects e-mail to the replay's mail sink and sends a test.
async fn set_up_mail(session: &Session) {
    let smtp = session.replay.smtp();
    let ca_file = session.data_dir().join("test-ca.pem");
    smtp.write_ca_pem(&ca_file).unwrap();
    session.go_settings("channels").await;
    session.fill("email-smtp_host", "localhost").await;
    session
        .fill("email-smtp_port", &smtp.address().port().to_string())
        .await;
    session.choose("email-smtp_tls", "starttls").await;
    session.fill("email-user", smtp.user()).await;
    session.fill("email-sender", "tocsin@example.org").await;
    session.fill("email-recipients", "soc@example.org").await;
    session
        .fill("email-ca_file", &ca_file.display().to_string())
        .await;
    session.type_into("email-password", smtp.password()).await;
    session.click("email-password-save").await;
    session.switch("email-enabled", true).await;
    session.click("email-test").await;
    let result = session
        .text_where("test-result", "an answer", |text| !text.is_empty())
        .await;
    let messages = smtp.messages_reach(1, PATIENCE).await;
    assert_eq!(messages.len(), 1, "the window says: {result}");
    assert!(messages[0].over_tls);
    assert_eq!(messages[0].user.as_deref(), Some(smtp.user()));
    assert_eq!(messages[0].to, ["soc@example.org"]);
    axe::check(session, "settings with e-mail").await;
    // The password went in and does not come out again.
    let page = session
        .run("return document.documentElement.outerHTML", vec![])
        .await;
    assert!(!page.as_str().unwrap().contains(smtp.password()));
}

/// What must be the same after a restart.
#[derive(Debug, PartialEq)]
struct Seen {
    total: u64,
    watch: String,
    fields: Vec<String>,
}

impl Seen {
    async fn of(session: &Session) -> Self {
        let total = session.is_collected().await["total"].as_u64().unwrap();
        session.click("nav-watches").await;
        let has_number = |text: &str| text.chars().any(|c| c.is_ascii_digit());
        let watch = session
            .text_where("watch-injection", "its count", has_number)
            .await;
        session.go_settings("channels").await;
        let mut fields = Vec::new();
        for name in [
            "smtp_host",
            "smtp_port",
            "smtp_tls",
            "user",
            "sender",
            "recipients",
            "ca_file",
        ] {
            fields.push(session.value(&format!("email-{name}")).await);
        }
        Self {
            total,
            watch,
            fields,
        }
    }
}

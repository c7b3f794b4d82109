//! Rules and messages, as a user meets them in the window: a rule that is seen before it is saved, a desktop
//! notification and the click on it, a message that can be read as it went out, and the bell.

use fantoccini::Locator;
use serde_json::json;

use crate::common::bus::{Desktop, Shown};
use crate::common::page::hook;
use crate::common::{Session, Setup, axe};
use crate::records::put;

/// Nothing is gathered: what comes goes out at once.
const WATCH: &str = "[[watches]]\nterm = \"zebra\"\n\n[channels.desktop]\ngroup_s = 0\n";

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_shows_what_it_would_have_sent_and_is_saved_switched_and_deleted_with_undo() {
    let Some(session) = Session::collected(watched()).await else {
        return;
    };
    put(
        &session,
        "CVE-2026-99000",
        "Zebra Gateway 2.4 lets remote attackers run code.",
    );
    session.collect().await;

    session.go_settings("routing").await;
    session.find("rule-desktop").await;
    session.find("rule-default").await;
    axe::check(&session, "the built-in rules").await;

    session.click("rule-add").await;
    session.type_into("rule-field-name", "Zebras").await;
    session.click("rule-channel-email").await;
    session.type_into("rule-field-query", "zebra (").await;
    session.find("query-fault").await;
    session.type_into("rule-field-query", "zebra").await;
    session
        .wait_for("a backtest", async || {
            let backtest = session.find("backtest").await;
            let alerts = backtest.attr("data-alerts").await.ok()??;
            (alerts == "1").then_some(())
        })
        .await;
    session.says("backtest-example", "Zebra").await;
    axe::check(&session, "a rule with its backtest").await;
    session.click("rule-save").await;
    session.find("rule-zebras").await;
    assert!(session.settings().contains("query = \"zebra\""));

    session.click("rule-default-enabled").await;
    session.says("rule-default", "changed").await;
    session.click("rule-default-reset").await;
    session.is_gone("rule-default-reset").await;

    session.click("rule-zebras-remove").await;
    session.is_gone("rule-zebras").await;
    session.click("undo").await;
    session.find("rule-zebras").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_notification_the_bell_and_the_message_as_it_went_out_lead_to_the_alert() {
    let Some(mut session) = Session::prepare(watched()).await else {
        return;
    };
    let mut desktop = Desktop::start(&session.bus).await;
    put(
        &session,
        "CVE-2026-99000",
        "Zebra Gateway before 1.0 has a flaw.",
    );
    session.open_collected().await;
    let shown = desktop.waiting();
    assert!(shown.is_empty(), "the first collection rang: {shown:?}");
    session.press("gn").await;
    session.find("folder-all").await;
    let rows = session
        .run(
            "return document.querySelectorAll('[data-testid=delivery]').length",
            vec![],
        )
        .await;
    assert_eq!(rows, json!(0), "the first collection sent something");
    axe::check(&session, "no notification").await;

    put(
        &session,
        "CVE-2026-99002",
        "Zebra Gateway 2.4 allows remote attackers to run code.",
    );
    session.collect().await;
    let shown = desktop.next().await;
    assert!(
        format!("{} {}", shown.summary, shown.body).contains("Zebra"),
        "{shown:?}"
    );
    opens_its_alert(&session, &desktop, &shown).await;

    session.click("nav-notifications").await;
    session.click("folder-delivered").await;
    session
        .click_css("[data-testid='delivery'][data-state='sent']")
        .await;
    session
        .text_where("delivery-detail", "the message", |text| {
            text.contains(&shown.summary)
        })
        .await;
    axe::check(&session, "a message").await;

    session
        .wait_for("the bell to ring", async || {
            let label = session.find("bell").await.attr("aria-label").await.ok()??;
            label.contains("1 new").then_some(())
        })
        .await;
    session.click("bell").await;
    session.find("ring").await;
    axe::check(&session, "the bell").await;
    session.click("ring").await;
    session
        .text_where("detail", "the alert", |text| {
            text.contains("CVE-2026-99002")
        })
        .await;
    // The alert tells its own messages, and leads back to them.
    session
        .click_css("[data-testid='notified-entry'] button")
        .await;
    session
        .text_where("delivery-detail", "the message again", |text| {
            text.contains(&shown.summary)
        })
        .await;
    let label = session
        .find("bell")
        .await
        .attr("aria-label")
        .await
        .unwrap()
        .unwrap_or_default();
    assert!(!label.contains("new"), "{label}");
}

/// A click on what the desktop shows opens the alert.
async fn opens_its_alert(session: &Session, desktop: &Desktop, shown: &Shown) {
    let action = shown.actions.first();
    let action = action.expect("a notification without an action cannot be clicked");
    // The app listens for clicks a moment after it has shown; a person is never that quick.
    session
        .wait_for("the alert of the notification", async || {
            desktop.click(shown.id, action).await;
            let title = hook("detail-title");
            let title = session.client().find(Locator::Css(&title)).await.ok()?;
            let title = title.text().await.ok()?;
            title.contains("Zebra").then_some(())
        })
        .await;
    session.says("detail", "CVE-2026-99002").await;
}

fn watched() -> Setup {
    Setup {
        settings: Some(WATCH.to_owned()),
        ..Default::default()
    }
}

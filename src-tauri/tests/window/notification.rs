//! A desktop notification, and the click on it.

use fantoccini::Locator;

use crate::common::bus::Desktop;
use crate::common::page::hook;
use crate::common::{Session, Setup};
use crate::records::cve;

#[tokio::test(flavor = "multi_thread")]
async fn a_click_on_a_notification_opens_its_alert() {
    let setup = Setup {
        settings: Some("[[watches]]\nterm = \"zebra\"\n".to_owned()),
        ..Default::default()
    };
    let Some(mut session) = Session::prepare(setup).await else {
        return;
    };
    let mut desktop = Desktop::start(&session.bus).await;
    session
        .replay
        .put_nvd(&cve(
            "CVE-2026-99000",
            "Zebra Gateway before 1.0 has a flaw.",
            session.replay.now(),
        ))
        .unwrap();
    session.open().await;
    session.is_ready().await;
    session.is_collected().await;
    let shown = desktop.waiting();
    assert!(shown.is_empty(), "the first collection rang: {shown:?}");

    let text = "Zebra Gateway 2.4 allows remote attackers to run code via a crafted packet.";
    // The app's clock runs a little behind the replay's, so the record is a minute old.
    let minute_ago = session.replay.now() - chrono::TimeDelta::minutes(1);
    session
        .replay
        .put_nvd(&cve("CVE-2026-99002", text, minute_ago))
        .unwrap();
    session.click("nav-settings").await;
    session.collect().await;
    let shown = desktop.next().await;
    assert!(
        format!("{} {}", shown.summary, shown.body).contains("Zebra"),
        "{shown:?}"
    );
    let action = shown
        .actions
        .first()
        .cloned()
        .expect("a notification without an action cannot be clicked");
    // The app listens for clicks a moment after it has shown; a person is never that quick.
    session
        .wait_for("the alert of the notification", async || {
            desktop.click(shown.id, &action).await;
            let title = session
                .client()
                .find(Locator::Css(&hook("detail-title")))
                .await;
            let title = title.ok()?.text().await.ok()?;
            title.contains("Zebra").then_some(())
        })
        .await;
    session
        .text_where("detail", "the alert's id", |text| {
            text.contains("CVE-2026-99002")
        })
        .await;
}

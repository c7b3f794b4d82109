//! Channels, rules and messages, as a user meets them in the window: a channel that is added and told when to be
//! quiet, a rule that is seen before it is saved, a message that can be read as it went out, and the bell.

use serde_json::{Value, json};

use crate::common::bus::Desktop;
use crate::common::{Session, Setup, axe};
use crate::records::cve;

/// Nothing is gathered: what comes goes out at once.
const WATCH: &str = "[[watches]]\nterm = \"zebra\"\n\n[channels.desktop]\ngroup_s = 0\n";

#[tokio::test(flavor = "multi_thread")]
async fn a_channel_is_added_told_when_to_be_quiet_and_says_what_it_lacks() {
    let Some(session) = Session::start(Setup::default()).await else {
        return;
    };
    session.is_ready().await;
    session.go_settings("channels").await;
    session.find("channel-telegram").await;

    session.click("channel-add").await;
    session.choose("channel-add-kind", "slack").await;
    session.type_into("channel-add-name", "Night shift").await;
    axe::check(&session, "adding a channel").await;
    session.click("channel-add-run").await;
    session.find("channel-night-shift").await;
    assert!(settings(&session).contains("Night shift"));

    session.click("night-shift-test").await;
    session
        .text_where("test-result", "what is missing", |text| {
            text.contains("token")
        })
        .await;

    session.click("night-shift-part-quiet").await;
    session.click("night-shift-quiet-on").await;
    session.find("night-shift-quiet-from").await;
    session.fill("night-shift-quiet-from", "21:30").await;
    session
        .fill("night-shift-quiet-zone", "Europe/Berlin")
        .await;
    session
        .wait_for("quiet hours in the file", async || {
            let text = settings(&session);
            (text.contains("21:30") && text.contains("Europe/Berlin")).then_some(())
        })
        .await;
    axe::check(&session, "quiet hours").await;

    // A secret goes in and does not come out again.
    session
        .type_into("night-shift-token", "xoxb-tocsin-test-secret-1")
        .await;
    session.click("night-shift-token-save").await;
    session.says("channel-night-shift", "Set, kept in").await;
    let page = session
        .run("return document.documentElement.outerHTML", vec![])
        .await;
    assert!(!page.as_str().unwrap().contains("tocsin-test-secret"));
    assert!(!settings(&session).contains("tocsin-test-secret"));

    session.click("night-shift-remove").await;
    session.click("confirm").await;
    is_gone(&session, "channel-night-shift").await;
    assert!(!settings(&session).contains("Night shift"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_shows_what_it_would_have_sent_and_is_saved_switched_and_deleted_with_undo() {
    let Some(mut session) = Session::prepare(watched()).await else {
        return;
    };
    session.open().await;
    session.is_ready().await;
    session.is_collected().await;
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
    assert!(settings(&session).contains("query = \"zebra\""));

    session.click("rule-default-enabled").await;
    session.says("rule-default", "changed").await;
    session.click("rule-default-reset").await;
    is_gone(&session, "rule-default-reset").await;

    session.click("rule-zebras-remove").await;
    is_gone(&session, "rule-zebras").await;
    session.click("undo").await;
    session.find("rule-zebras").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_can_be_read_as_it_went_out_and_the_bell_leads_to_its_alert() {
    let Some(mut session) = Session::prepare(watched()).await else {
        return;
    };
    let mut desktop = Desktop::start(&session.bus).await;
    session.open().await;
    session.is_ready().await;
    session.is_collected().await;
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

#[tokio::test(flavor = "multi_thread")]
async fn an_e_mail_is_previewed_under_the_windows_own_policy() {
    let Some(session) = Session::start(Setup::default()).await else {
        return;
    };
    session.is_ready().await;
    session.is_collected().await;
    session
        .run(
            "window.refused = [];
             document.addEventListener('securitypolicyviolation', e =>
                 window.refused.push(`${e.effectiveDirective} ${e.blockedURI} ${e.sample}`))",
            vec![],
        )
        .await;
    session.go_settings("channels").await;
    session.click("email-part-preview").await;
    let script = "const mail = document.querySelector('[data-testid=channel-email] .mail')?.shadowRoot?.firstElementChild;
        return mail ? { text: mail.innerText, links: mail.querySelectorAll('a[href], img, script').length,
            padding: getComputedStyle(mail).paddingTop } : null";
    let mail = session
        .wait_for("the drawn mail", async || {
            let mail = session.run(script, vec![]).await;
            mail.is_object().then_some(mail)
        })
        .await;
    assert!(
        !mail["text"].as_str().unwrap().trim().is_empty(),
        "an empty mail"
    );
    assert_eq!(mail["links"], json!(0));
    assert_ne!(
        mail["padding"],
        json!("0px"),
        "the mail's own look is missing"
    );
    axe::check(&session, "a preview").await;
    let refused: Value = session
        .run(
            "return window.refused.filter(r => !r.includes('axe'))",
            vec![],
        )
        .await;
    assert_eq!(refused, json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_not_delivered_is_told_with_its_cause_and_can_be_given_up() {
    let settings = format!(
        "{WATCH}
[channels.email]
enabled = true
group_s = 0
smtp_host = \"localhost\"
smtp_port = 1
user = \"tocsin@example.org\"
recipients = [\"soc@example.org\"]
"
    );
    let setup = Setup {
        settings: Some(settings),
        environment: vec![("EMAIL_PASS", "tocsin-test-secret".to_owned())],
        ..Default::default()
    };
    let Some(mut session) = Session::prepare(setup).await else {
        return;
    };
    session.open().await;
    session.is_ready().await;
    session.is_collected().await;
    put(
        &session,
        "CVE-2026-99003",
        "Zebra Gateway 2.4 discloses memory to remote attackers.",
    );
    session.collect().await;
    // Nothing answers at that port: a passing fault, so the message is tried again.
    session.click("nav-notifications").await;
    session.click("folder-outbox").await;
    session
        .click_css("[data-testid='delivery'][data-state='retrying']")
        .await;
    session
        .text_where("delivery-detail", "the cause", |text| {
            text.contains("cannot be reached")
        })
        .await;
    axe::check(&session, "a message that is tried again").await;
    session.click("delivery-drop").await;
    session
        .wait_for("the message to be given up", async || {
            let detail = session.find("delivery-detail").await;
            let state = detail.attr("data-state").await.ok()??;
            (state == "dropped").then_some(())
        })
        .await;
    session.go_settings("channels").await;
    session
        .wait_for("the channel to tell that it fails", async || {
            let state = session.find("email-state").await;
            let state = state.attr("data-state").await.ok()??;
            (state == "failing").then_some(())
        })
        .await;
}

fn watched() -> Setup {
    Setup {
        settings: Some(WATCH.to_owned()),
        ..Default::default()
    }
}

/// A record of a minute ago: the app's clock runs a little behind the replay's.
fn put(session: &Session, id: &str, text: &str) {
    let at = session.replay.now() - chrono::TimeDelta::minutes(1);
    session.replay.put_nvd(&cve(id, text, at)).unwrap();
}

async fn is_gone(session: &Session, id: &str) {
    session
        .wait_for(&format!("{id} to go"), async || {
            (!session.has(id).await).then_some(())
        })
        .await;
}

fn settings(session: &Session) -> String {
    std::fs::read_to_string(session.data_dir().join("settings.toml")).unwrap_or_default()
}
